// What the keys do to the segment before the person: each function returns the events that a key
// makes and how the page tells of them, or null where there is nothing to decide.

const spanOf = ({ start, end }) => ({ start_char: start, end_char: end });
const answers = (coding) => (coding ? { value: { coding_id: coding.coding_id } } : {});

export function accept(row) {
  if (!row.coding || row.state === "yes") return null;
  return { verb: "Accepted", events: [acceptance(row)] };
}

const acceptance = (row) => ({
  action: "accept",
  family: row.family,
  code: row.code,
  ...spanOf({ start: row.coding.start_char, end: row.coding.end_char }),
  ...answers(row.coding),
});

// A suggestion is rejected; what the person set is taken away.
export function reject(row, reason = "") {
  const { family, code } = row;
  if (!row.coding) return { verb: "Took away", events: [{ action: "clear", family, code }] };
  if (row.state === "no" && !reason) return null;
  return { verb: "Rejected", events: [{ action: "reject", family, code, reason, ...answers(row.coding) }] };
}

export function acceptAll(rows) {
  const open = rows.filter((row) => row.coding && ["open", "absent"].includes(row.state));
  return open.length ? { verb: "Accepted", events: open.map(acceptance) } : null;
}

export function done(families, fingerprint) {
  return { verb: "Done", events: [{ action: "done", value: { families, codebook: fingerprint } }] };
}

// One press sets a code, the next takes it away; with words chosen it moves to them.
export function toggle(family, code, row, { segment, chosen }) {
  const wasSet = row?.mark?.applies === true;
  if (wasSet && !chosen) return { verb: "Took away", events: [{ action: "clear", family, code }] };
  return set(family, code, row, { segment, chosen });
}

export function set(family, code, row, { segment, chosen }) {
  if (row?.mark?.applies) {
    const span = chosen ?? segment;
    if (row.mark.start_char === span.start && row.mark.end_char === span.end) return null;
    return move(row, span);
  }
  if (row?.coding) {
    if (chosen) return move(row, chosen);
    return { verb: "Accepted", events: [acceptance(row)] };
  }
  return { verb: "Set", events: [{ action: "add", family, code, ...spanOf(chosen ?? segment) }] };
}

// A code that applies, on other words.
export function move(row, span) {
  const { family, code, coding } = row;
  return { verb: "Moved", events: [{ action: "span", family, code, ...spanOf(span), ...answers(coding) }] };
}

export function change(row, code) {
  const value = { instead_of: row.code, ...(row.coding ? { coding_id: row.coding.coding_id } : {}) };
  return {
    verb: "Changed to",
    events: [{ action: "change", family: row.family, code, ...spanOf(row.span), value }],
  };
}
