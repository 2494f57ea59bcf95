// What j and k go through in one part of the map, and what can be done to each: the same list makes
// buttons, keys and help.

const FIRST_CELLS = 3; // cells of a lane that are shown before the others are asked for

export const DOES = {
  accept: ["a", "Accept"],
  edit: ["e", "Edit"],
  reject: ["x", "Reject"],
  restore: ["r", "Bring back"],
  pin: ["p", "Pin"],
  swap: ["s", "Swap"],
  owner: ["o", "Owner"],
  need: ["m", "Move a need"],
  up: ["K", "Earlier"],
  down: ["J", "Later"],
  write: ["n", "Write an opportunity"],
  transcript: ["t", "Transcript"],
  more: ["Enter", "More"],
};

// Rows of a section: {key, kind, item, …} in the order of the page; those that only stand there to
// be read have no key.
export function rowsOf(section, view, opened) {
  if (!section) return [];
  if (section.kind === "stage") return stageRows(section, view, opened);
  const rows = [];
  for (const key of section.items) {
    const item = view.items[key];
    if (!item) continue;
    if (item.is_set_aside && !rows.some((row) => row.kind === "heading")) rows.push({ kind: "heading", text: "Set aside" });
    rows.push({ key, kind: item.kind, item, isOpen: opened.has(key) });
  }
  return rows;
}

function stageRows(section, view, opened) {
  const rows = [];
  for (const lane of section.lanes) {
    rows.push({ key: lane.summary, kind: "summary", item: view.items[lane.summary] });
    const more = `more/${lane.lane}`;
    const isOpen = opened.has(more);
    const cells = lane.cells.map((key) => view.items[key]).filter(Boolean);
    const shown = isOpen ? cells : cells.filter((cell, at) => at < FIRST_CELLS || cell.quotes.some((quote) => quote.is_pinned));
    for (const cell of shown) rows.push(...cellRows(cell, view));
    if (cells.length > shown.length || isOpen) rows.push({ key: more, kind: "more", isOpen, n: cells.length - shown.length, lane });
  }
  rows.push({ kind: "heading", text: "Opportunities" });
  for (const key of section.opportunities) {
    const item = view.items[key];
    if (item && !item.isGone) rows.push({ key, kind: "opportunity", item });
  }
  rows.push({ key: "opportunity/new", kind: "new", stage: section.id });
  return rows;
}

function cellRows(item, view) {
  const all = view.quotes.get(item.cell);
  const quotes = all?.quotes ?? item.quotes;
  const head = { kind: "cell", item, all };
  return [
    head,
    ...quotes.map((quote, at) => ({
      key: `quote/${item.cell}/${quote.coding_id}`,
      kind: "quote",
      item: quote,
      cell: item,
      lead: quotes[0],
      isLead: at === 0,
      all,
    })),
  ];
}

// Ids of what can be done to a row, in the order of its buttons.
export function deedsOf(row, me) {
  const { kind, item } = row;
  switch (kind) {
    case "criterion":
      if (item.status === "rejected") return ["restore", "accept", "more"];
      return [canAccept(item, me) && "accept", "edit", "reject", "owner", item.needs.length > 0 && "need", "more"].filter(Boolean);
    case "stage":
      return ["edit", item.before && "up", item.after && "down", "owner"].filter(Boolean);
    case "sign":
      return ["accept", "reject"];
    case "summary":
      return [item.status === "draft" && "accept", "edit", item.text && "reject"].filter(Boolean);
    case "quote":
      if (item.hidden !== null) return ["restore", "transcript", "more"];
      return ["pin", !row.isLead && !item.is_pinned && "swap", "reject", "transcript", "more"].filter(Boolean);
    case "opportunity":
      return ["edit", "owner", "reject"];
    case "new":
      return ["write"];
    default:
      return ["more"];
  }
}

const canAccept = (item, me) => item.status === "draft" || item.author !== me || item.is_set_aside;

// What a button says where its action is called otherwise for this row.
export function nameOf(id, row) {
  const { kind, item } = row;
  if (id === "edit") return { stage: "Rename", summary: item.text ? "Edit" : "Write" }[kind] ?? "Edit";
  if (id === "reject") return { sign: "Do not agree", quote: "Hide", opportunity: "Remove" }[kind] ?? "Reject";
  if (id === "accept" && kind === "sign") return "Agree";
  if (id === "pin" && item.is_pinned) return "Unpin";
  if (id === "swap") return "Put first instead";
  if (id === "restore" && kind === "quote") return "Show again";
  if (id === "more" && kind === "quote") return row.all ? "Fewer quotes" : `All ${row.cell.n_quotes} quotes`;
  if (id === "more" && kind === "criterion") return row.isOpen ? "Less" : "Evidence";
  return DOES[id][1];
}
