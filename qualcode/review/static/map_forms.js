// What each action asks before it is done: fields to fill in, or nothing.

const IN_PLACE = "whole";

const text = (label, value = "", more = {}) => ({ name: "text", kind: "text", label, value, isNeeded: true, ...more });
const reasonField = (label, isNeeded = false) => ({ name: "reason", kind: "line", label, isNeeded });

// Returns {deed} for what is done at once, else {title, fields, verb, place, make}, where make turns
// what was filled in into a deed, or null where that changes nothing.
export function formFor(id, row, around) {
  return FORMS[`${row.kind}/${id}`](row, around);
}

const reject = (subject, targetOf, title, verb, isNeeded = false) => (row) => ({
  title,
  fields: [reasonField(isNeeded ? "Why" : "Why (may stay empty)", isNeeded)],
  verb,
  make: ({ reason }) => ({ subject, action: VERBS[subject], target: targetOf(row), reason, ...valueOf(row) }),
});

const VERBS = { criterion: "reject", summary: "reject", quote: "hide", opportunity: "remove" };
const valueOf = (row) => (row.kind === "quote" ? { value: { cell: row.cell.cell } } : {});
const ownId = ({ item }) => item.id;
const at_once = (subject, action, targetOf, value) => (row) => ({
  deed: { subject, action, target: targetOf(row), ...(value ? { value: value(row) } : {}) },
});

const worded = (subject, action, targetOf, label, was) => (row) => ({
  title: label,
  place: IN_PLACE,
  fields: [text(label, was(row))],
  verb: "Save",
  make: ({ text: value }) => (value === was(row) ? null : { subject, action, target: targetOf(row), value }),
});

const setOwner = ({ item }, { owners, reviewer }) => ({
  title: "Owner",
  fields: [{ name: "owner", kind: "line", label: "Who answers for it (empty for nobody)", value: item.owner, options: [...new Set([...owners, reviewer])] }],
  verb: "Save",
  make: ({ owner }) => (owner === item.owner ? null : { subject: "owner", action: "set", target: item.id, value: owner }),
});

const cellOf = ({ item }) => item.cell;
const codingOf = ({ item }) => item.coding_id;
const inCell = ({ cell }) => ({ cell: cell.cell });

const FORMS = {
  "criterion/accept": at_once("criterion", "accept", ownId),
  "criterion/restore": at_once("criterion", "restore", ownId),
  "criterion/edit": worded("criterion", "edit", ownId, "Statement", ({ item }) => item.statement),
  "criterion/reject": reject("criterion", ownId, "Reject the criterion", "Reject"),
  "criterion/owner": setOwner,
  "criterion/need"({ item }, { view }) {
    const others = Object.values(view.items).filter((one) => one.kind === "criterion" && one.status !== "rejected" && one.id !== item.id);
    return {
      title: "Move a need",
      fields: [
        { name: "need", kind: "choice", label: "Need", options: item.needs },
        { name: "to", kind: "choice", label: "To the criterion", options: others.map((one) => ({ id: one.id, name: `${one.number} ${one.statement}` })) },
      ],
      verb: "Move",
      make: ({ need, to }) => (need && to ? { subject: "need", action: "move", target: need, value: to } : null),
    };
  },
  "stage/edit": worded("stage", "rename", ownId, "Name in the customer's words", ({ item }) => item.name),
  "stage/up": at_once("stage", "move", ownId, ({ item }) => ({ before: item.before })),
  "stage/down": at_once("stage", "move", ownId, ({ item }) => ({ after: item.after })),
  "stage/owner": setOwner,
  "sign/accept": (row, { reviewer }) => ({
    title: "Sign the stages",
    fields: [{ name: "role", kind: "line", label: "As what (may stay empty)", value: roleOf(row, reviewer) }],
    verb: "Sign",
    make: ({ role }) => ({ subject: "stages", action: "sign", target: "stages", value: { agrees: true, role } }),
  }),
  "sign/reject": (row, { reviewer }) => ({
    title: "Do not agree with the stages",
    fields: [
      { name: "note", kind: "text", label: "Why they do not stand", isNeeded: true },
      { name: "role", kind: "line", label: "As what (may stay empty)", value: roleOf(row, reviewer) },
    ],
    verb: "Save",
    make: ({ note, role }) => ({ subject: "stages", action: "sign", target: "stages", value: { agrees: false, note, role } }),
  }),
  "summary/accept": at_once("summary", "accept", cellOf),
  "summary/edit": (row) => ({
    ...worded("summary", "write", cellOf, `${row.item.lane}, in a sentence`, ({ item }) => item.text)(row),
  }),
  "summary/reject": reject("summary", cellOf, "Take the summary away", "Reject"),
  "quote/pin": (row) => ({
    deed: { subject: "quote", action: row.item.is_pinned ? "unpin" : "pin", target: row.item.coding_id, value: inCell(row) },
  }),
  "quote/swap": at_once("quote", "swap", codingOf, (row) => ({ ...inCell(row), for: row.lead.coding_id })),
  "quote/reject": reject("quote", codingOf, "Hide the quote", "Hide", true),
  "quote/restore": at_once("quote", "show", codingOf),
  "opportunity/edit": ({ item }) => ({
    title: "Opportunity",
    place: IN_PLACE,
    fields: [text("What could be done", item.text)],
    verb: "Save",
    make: ({ text: value }) => (value === item.text ? null : { subject: "opportunity", action: "edit", target: item.id, value: { text: value } }),
  }),
  "opportunity/owner": setOwner,
  "opportunity/reject": reject("opportunity", ownId, "Remove the opportunity", "Remove"),
  "new/write": ({ stage }, { owners, reviewer }) => ({
    title: "New opportunity",
    place: IN_PLACE,
    fields: [
      text("What could be done here"),
      { name: "owner", kind: "line", label: "Who answers for it (may stay empty)", options: [...new Set([...owners, reviewer])] },
    ],
    verb: "Save",
    make: ({ text: value, owner }) => ({ subject: "opportunity", action: "write", target: stage, value: { text: value, owner } }),
  }),
};

const roleOf = ({ item }, me) => item.said.findLast((one) => one.author === me)?.role ?? "";
