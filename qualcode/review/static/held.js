// What I hold of a segment: what the server last told, and what I did since. The same rules as
// `qualcode/analysis/reviewed.py`, so that a key shows at once what will be stored.

const APPLIES = new Set(["accept", "change", "add", "span"]);
export const keyOf = (family, code) => `${family}/${code}`;

// Events that nobody took back, in their order, without the undoings.
function standing(events) {
  const gone = new Set();
  for (const event of [...events].reverse()) {
    if (event.action === "undo" && !gone.has(event.uid)) gone.add(event.undoes);
  }
  return events.filter((event) => event.action !== "undo" && !gone.has(event.uid));
}

export function heldOf(mine, events) {
  const held = {
    marks: new Map(mine.marks.map((mark) => [keyOf(mark.family, mark.code), mark])),
    complete: new Set(mine.complete),
    isFlagged: mine.is_flagged,
    isSkipped: mine.is_skipped,
    notes: [...mine.notes],
  };
  for (const event of standing(events)) apply(held, event);
  return held;
}

function apply(held, event) {
  held.isSkipped = event.action === "skip";
  const key = keyOf(event.family, event.code);
  switch (event.action) {
    case "flag":
    case "unflag":
      held.isFlagged = event.action === "flag";
      break;
    case "note":
      if (held.notes.at(-1) !== event.value.text) held.notes.push(event.value.text);
      break;
    case "done":
      for (const family of event.value.families) held.complete.add(family);
      break;
    case "clear":
      held.marks.delete(key);
      break;
    case "accept":
    case "reject":
    case "change":
    case "add":
    case "span": {
      mark(held, event, event.code, APPLIES.has(event.action), held.marks.get(key));
      const instead = event.value?.instead_of;
      if (event.action === "change" && instead && instead !== event.code) {
        mark(held, event, instead, false, undefined);
      }
    }
  }
}

function mark(held, event, code, applies, before) {
  held.marks.set(keyOf(event.family, code), {
    family: event.family,
    code,
    applies,
    start_char: applies ? event.start_char : null,
    end_char: applies ? event.end_char : null,
    coding_id: event.value?.coding_id ?? before?.coding_id ?? null,
    reason: event.reason ?? "",
    is_bulk: false,
  });
}

export const isDone = (held, families) => families.every((family) => held.complete.has(family));

// The lines of a segment, by family in the order of the book: what machines suggest and what I set.
// A code that several machines suggest is one line; its first coding is the strongest.
export function rowsOf(item, held, families) {
  const rows = new Map();
  const strongest = [...item.suggestions].sort((a, b) => b.score - a.score);
  for (const coding of strongest) {
    const key = keyOf(coding.family, coding.code);
    if (rows.has(key)) rows.get(key).codings.push(coding);
    else rows.set(key, { key, family: coding.family, code: coding.code, codings: [coding] });
  }
  for (const mark of held.marks.values()) {
    const key = keyOf(mark.family, mark.code);
    if (!rows.has(key) && mark.applies) rows.set(key, { key, family: mark.family, code: mark.code, codings: [] });
  }
  const found = families.flatMap((family) => [...rows.values()].filter((row) => row.family === family));
  for (const row of found) {
    row.coding = row.codings[0] ?? null;
    row.mark = held.marks.get(row.key) ?? null;
    row.state = row.mark ? (row.mark.applies ? "yes" : "no") : held.complete.has(row.family) ? "absent" : "open";
    const at = row.mark?.applies ? row.mark : row.coding;
    row.span = at ? { start: at.start_char, end: at.end_char } : null;
  }
  return found;
}
