// The map as elements: the menu of sections, and a section's rows.

import { counted, element, fill, isolated, listed } from "./draw.js";
import { deedsOf, nameOf } from "./map_rows.js";

const people = (n) => counted(n, "person", "people");

// ---- the menu ------------------------------------------------------------------------------

export function drawMenu(pane, sections, current) {
  const line = (one) =>
    element(
      "li",
      {},
      element(
        "a",
        { href: `#${encodeURIComponent(one.id)}`, "aria-current": one.id === current ? "true" : null, class: one.kind },
        isolated(one.name, "name"),
        one.n_decided > 0 && element("span", { class: "count" }, String(one.n_decided), element("span", { class: "vh" }, " decided")),
      ),
    );
  fill(pane, element("ul", {}, sections.map(line)));
}

// ---- a section -----------------------------------------------------------------------------

const INTRO = {
  criteria: "What customers need, drafted from what they said. Take a statement as it is, word it better, or set it aside.",
  personas: "Who the people are, from what they told. Take a description as it is, word it better, or take it away.",
  stages: "The journey in the order in which customers live it. Names are theirs, not ours.",
};

// isKept: whether something of the section is kept back from this person.
export function drawHead(pane, section, { map, isKept }) {
  const sub =
    section.kind === "stage"
      ? [section.goal && isolated(section.goal, "goal"), element("span", { class: "n" }, people(section.people))]
      : INTRO[section.kind];
  const wasOpen = pane.querySelector("details")?.open ?? false;
  fill(
    pane,
    element("h1", { tabIndex: -1 }, isolated(section.name)),
    element("p", { class: "sub" }, sub),
    section.reason && element("p", { class: "notice-line" }, capital(section.reason)),
    isKept && element("p", { class: "n" }, KEPT),
    section.choice && element("details", { open: wasOpen }, element("summary", {}, "How their number was chosen"), element("p", { class: "n" }, section.choice)),
    map.is_fresh === false && element("p", { class: "n drafting" }, "Codings have changed: a newer draft is being made."),
  );
}

const KEPT =
  "Kept back are quotes of segments that you are to judge without suggestions first, and others' codings of " +
  "segments that you have not judged.";

const capital = (text) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

// view: {rows, focused, editor, troubles, keys, act, me, map}
export function drawRows(pane, view) {
  const cursor = view.editor?.cursor;
  fill(pane, ...view.rows.map((row) => (row.key ? drawRow(row, view) : drawStanding(row, view))));
  view.editor?.restore(cursor);
}

function drawStanding(row, view) {
  if (row.kind === "heading") return element("h2", { class: "lane" }, row.text);
  const { item, all } = row;
  const trouble = view.troubles.get(`cell/${item.cell}`);
  const counts = [];
  if (item.people !== null) counts.push(`${item.people} of ${people(item.of)}`);
  counts.push(counted(item.n_quotes, "quote"));
  if (item.n_kept_back) counts.push(`${item.n_kept_back} kept back`);
  return element(
    "div",
    { class: `cell${all ? " opened" : ""}` },
    item.name && element("h3", {}, isolated(item.name)),
    element("p", { class: "n" }, counts.join(" · ")),
    trouble && element("p", { class: "warn" }, trouble.message),
  );
}

function drawRow(row, view) {
  const { key, kind, item } = row;
  const isFocused = key === view.focused;
  const editor = view.editor?.key === key ? view.editor : null;
  const isInPlace = editor?.place === "whole";
  const body = BODIES[kind](row, { ...view, isFocused, form: isInPlace ? editor.form : null });
  const trouble = view.troubles.get(key);
  return element(
    "div",
    {
      class: ["line", `of-${kind}`, item?.isPending && "pending", item?.status, item?.hidden !== undefined && item.hidden !== null && "hidden-quote", item?.is_pinned && "pinned"]
        .filter(Boolean)
        .join(" "),
      role: "group",
      tabIndex: isFocused ? 0 : -1,
      "data-key": key,
      "aria-current": isFocused ? "true" : null,
      "aria-label": labelOf(row),
      onclick: (event) => {
        const isOther = event.target.closest("a, button, form") || !getSelection().isCollapsed;
        if (!isOther && !isFocused) view.act.focus(key);
      },
    },
    body,
    trouble && drawTrouble(trouble, view),
    editor ? !isInPlace && editor.form : isFocused && drawDeeds(row, view),
  );
}

function drawDeeds(row, { keys, act, me }) {
  const deeds = deedsOf(row, me);
  const button = (id) =>
    element(
      "button",
      { type: "button", class: "small", "data-deed": id, onclick: () => act.run(id), "aria-keyshortcuts": keys.spoken(id) },
      nameOf(id, row),
      !keys.isOff && element("kbd", { "aria-hidden": "true" }, keys.printed(id)),
    );
  return element("p", { class: "acts" }, deeds.map(button));
}

// What was refused, with the words that the person had written, and the way to insist.
export function drawTrouble({ message, deed }, { act }) {
  const text = textOf(deed);
  return element(
    "div",
    { class: "trouble" },
    element("p", {}, `Not saved: ${message}`),
    text && element("p", { class: "kept-text", dir: "auto" }, text),
    deed && element(
      "p",
      { class: "acts" },
      element("button", { type: "button", class: "small", onclick: () => act.again(deed) }, text ? "Save mine all the same" : "Do it all the same"),
      element("button", { type: "button", class: "small", onclick: () => act.forget(deed.key) }, "Leave it"),
    ),
  );
}

function textOf(deed) {
  if (!deed) return "";
  const { value } = deed;
  if (["need", "quote"].includes(deed.subject) || deed.action === "move") return "";
  return typeof value === "string" ? value : (value?.text ?? value?.note ?? "");
}

// ---- rows by kind --------------------------------------------------------------------------

// A form in the place of what it changes, else that.
const inPlace = (form, shown) => form ?? shown;

const BODIES = {
  criterion(row, view) {
    const { item } = row;
    const counts = [people(item.people), counted(item.segments, "segment"), item.stability];
    if (item.n_kept_back) counts.push(`${item.n_kept_back} kept back`);
    return element(
      "div",
      { class: "body" },
      element("p", { class: "tagline" }, element("span", { class: "number" }, item.number), status(item, view.me), item.owner && owner(item.owner)),
      inPlace(view.form, element("p", { class: "statement", dir: "auto" }, item.statement)),
      element("p", { class: "n" }, counts.join(" · ")),
      item.words && quoteLine(item.words),
      (view.isFocused || row.isOpen) && drawEvidence(row),
    );
  },
  stage(row, { form }) {
    const { item } = row;
    return element(
      "div",
      { class: "body with-place" },
      element("span", { class: "place-number", "aria-hidden": "true" }, String(item.place)),
      element(
        "div",
        {},
        inPlace(form, element("p", { class: "statement", dir: "auto" }, item.name)),
        item.goal && element("p", { class: "goal", dir: "auto" }, item.goal),
        element("p", { class: "n" }, `${people(item.people)} · ${counted(item.segments, "segment")}`),
        item.owner && element("p", {}, owner(item.owner)),
      ),
    );
  },
  sign({ item }) {
    return element(
      "div",
      { class: "body" },
      element("p", { class: "statement" }, "Do these stages stand?"),
      item.said.length
        ? element("ul", { class: "said-list" }, item.said.map(drawSign))
        : element("p", { class: "n" }, "Nobody has put a name under them yet."),
    );
  },
  summary(row, view) {
    const { item } = row;
    const text = item.text
      ? element("p", { class: "summary-text", dir: "auto" }, item.text)
      : element("p", { class: "empty" }, "No summary yet");
    return element(
      "div",
      { class: "body" },
      element("h2", { class: "lane-name" }, item.lane),
      inPlace(view.form, text),
      item.text && element("p", { class: "tagline" }, status(item, view.me), item.note && element("span", { class: "n" }, item.note)),
    );
  },
  quote({ item }) {
    return element(
      "div",
      { class: "body" },
      quoteLine(item),
      (item.is_pinned || item.hidden !== null) && element(
        "p",
        { class: "tagline" },
        item.is_pinned && element("span", { class: "badge pin" }, "pinned"),
        item.hidden !== null && element("span", { class: "badge" }, "hidden"),
        item.hidden && isolated(item.hidden, "n"),
      ),
    );
  },
  opportunity({ item }, { form }) {
    return element(
      "div",
      { class: "body" },
      inPlace(form, element("p", { class: "summary-text", dir: "auto" }, item.text)),
      element("p", { class: "tagline" }, element("span", { class: "n" }, "by ", isolated(item.author)), item.owner && owner(item.owner)),
    );
  },
  new: (_, { form }) => element("div", { class: "body" }, inPlace(form, element("p", { class: "empty" }, "What could be done here?"))),
  more: (row) => element("p", { class: "body empty" }, row.isOpen ? "Show fewer" : `${counted(row.n, "more code")} in ${row.lane.name}`),
};

const owner = (name) => element("span", { class: "badge owner" }, element("span", { class: "vh" }, "Owner: "), isolated(name));

function status(item, me) {
  const by = item.author ? [" by ", item.author === me ? "you" : isolated(item.author)] : [];
  return element("span", { class: `badge status ${item.status}` }, item.status || "draft", by);
}

function quoteLine(quote) {
  const who = [quote.who, quote.persona].filter(Boolean);
  const place = [quote.place, quote.time].filter(Boolean).join(", ");
  return element(
    "figure",
    {},
    element("blockquote", { dir: "auto" }, quote.text),
    element(
      "figcaption",
      { class: "n" },
      who.flatMap((one) => [isolated(one), " · "]),
      element("a", { href: proofOf(quote), "aria-label": `${place}: the transcript` }, isolated(place)),
    ),
  );
}

export const proofOf = (quote) =>
  `/transcript/${encodeURIComponent(quote.document_id)}?segment=${encodeURIComponent(quote.segment_id)}&from=map`;

function drawEvidence({ item, isOpen }) {
  const others = item.quotes.filter((quote) => quote.coding_id !== item.words?.coding_id);
  const shown = isOpen ? others : others.slice(0, 2);
  const stages = item.stages.map((stage) => `${stage.name} (${stage.people})`);
  return element(
    "div",
    { class: "evidence" },
    item.note && element("p", { class: "note" }, item.note),
    item.needs.length > 0 && element("p", { class: "needs" }, element("span", { class: "n" }, "Needs "), item.needs.map((need) => element("span", { class: "tag" }, isolated(need.name)))),
    shown.map(quoteLine),
    isOpen && element("p", { class: "n" }, item.basis),
    isOpen && stages.length > 0 && element("p", { class: "n" }, `People by stage: ${stages.join(" · ")}`),
    isOpen && item.n_against > 0 && [
      element("h3", {}, `What speaks against it: ${counted(item.n_against, "segment")}`),
      item.against.map(quoteLine),
    ].flat(),
  );
}

function drawSign(one) {
  const who = [isolated(one.author), one.role && [", ", isolated(one.role)]];
  return element(
    "li",
    { class: one.is_current ? null : "past" },
    element("span", { class: `badge ${one.agrees ? "accepted" : "rejected"}` }, one.agrees ? "agrees" : "does not agree"),
    " ",
    who.flat(2),
    one.note && [": ", isolated(one.note)],
    !one.is_current && element("span", { class: "n" }, " · the stages changed since"),
  );
}

// What a screen reader says of a row before its content.
function labelOf({ kind, item, lane, cell }) {
  switch (kind) {
    case "criterion":
      return `Criterion ${item.number}, ${item.status}`;
    case "stage":
      return `Stage ${item.place}: ${item.name}`;
    case "sign":
      return "Sign-off of the stages";
    case "summary":
      return `Summary of ${item.lane}`;
    case "quote":
      return listed([`Quote of ${item.who}`, cell.name ? `under ${cell.name}` : "", item.is_pinned ? "pinned" : "", item.hidden !== null ? "hidden" : ""].filter(Boolean));
    case "opportunity":
      return "Opportunity";
    case "new":
      return "New opportunity";
    default:
      return `More of ${lane.name}`;
  }
}
