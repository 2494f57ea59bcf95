// What the page where segments are judged holds: one place, so that every part of it means the same.

import { Desk } from "./desk.js";
import { keyOf } from "./held.js";
import { Journal } from "./journal.js";
import { Keys } from "./keys.js";
import { Outbox } from "./outbox.js";

const { reviewer, part, store } = document.body.dataset;
const owner = [store, part, reviewer].map(encodeURIComponent).join("/");

export const at = (id) => document.getElementById(id);
export const outbox = new Outbox(owner, reviewer);
export const journal = new Journal(owner);
export const keys = new Keys();
export const desk = new Desk(outbox);
export { reviewer };

export const state = {
  book: null, // as the API tells it, with familyOf and codeOf
  view: {}, // what is on the screen: {id, item, stretch, held, rows, lines, isDone}
  sheet: null,
  isBusy: false, // while the server is asked for something that the next key waits for
  ...freshStart(),
};

// What a person builds up on one segment and what must not go on to the next.
export function freshStart() {
  return {
    focused: null, // key of the line that has the focus
    chosen: null, // words for the next code
    shownCode: null, // key of the code looked at where no coding has the focus
    page: 0, // which nine codes the numbers mean
    span: null, // a SpanMode while arrows move words
    rejected: null, // {row, record} while a number says why
  };
}

export const names = {
  family: (id) => state.book.familyOf.get(id)?.name ?? id,
  code: (family, id) => state.book.codeOf.get(keyOf(family, id))?.name ?? id,
  reason: (id) => state.book.reasons.find((reason) => reason.id === id)?.name ?? id,
  quoted: (family, id) => `“${names.code(family, id)}”`,
};

const focusedLine = () => state.view.lines.find((line) => line.key === state.focused) ?? null;
export const focusedRow = () => state.view.rows.find((row) => row.key === state.focused) ?? null;
export const rowOf = (family, code) => state.view.rows.find((row) => row.key === keyOf(family, code)) ?? null;
export const focusedFamily = () => state.book.familyOf.get(focusedLine()?.family ?? desk.families[0]) ?? null;

export function segmentSpan() {
  const { start_char: start, end_char: end } = state.view.item.segment;
  return { start, end };
}

// What the codebook says of the code in question; of a code that the book lost, its id alone.
export function focusedCode() {
  const row = focusedRow();
  const nothing = { definition: "", include: [], exclude: [], examples: [], counter_examples: [] };
  if (row) return state.book.codeOf.get(row.key) ?? { id: row.code, name: row.code, ...nothing };
  const shown = state.book.codeOf.get(state.shownCode ?? "");
  return shown && shown.family === focusedFamily()?.id ? shown : null;
}

// The book with its families and codes to look up.
export function indexed(told) {
  const nameOf = new Map(told.families.flatMap((family) => family.codes.map((code) => [code.id, code.name])));
  // A codebook points at other codes by their ids; people read names.
  const readable = (entry) => entry.replace(/[a-z][a-z0-9]*(_[a-z0-9]+)+/g, (id) => nameOf.get(id) ?? id);
  const codes = told.families.flatMap((family) =>
    family.codes.map((code) => ({
      ...code,
      family: family.id,
      include: code.include.map(readable),
      exclude: code.exclude.map(readable),
    })),
  );
  return {
    ...told,
    familyOf: new Map(told.families.map((family) => [family.id, family])),
    codeOf: new Map(codes.map((code) => [keyOf(code.family, code.id), code])),
  };
}
