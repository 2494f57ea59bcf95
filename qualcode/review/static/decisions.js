// What keys and clicks decide on the segment before the person.

import { accept, acceptAll, change, done, move, reject, set, toggle } from "./acts.js";
import { PER_PAGE } from "./codes.js";
import { isDone, keyOf } from "./held.js";
import { newUid } from "./outbox.js";
import { draw, overFor, refresh, say, show } from "./screen.js";
import { chooseCode, writeNote } from "./sheet.js";
import { desk, focusedFamily, focusedRow, journal, keys, names, rowOf, segmentSpan, state } from "./state.js";
import { shortened } from "./text.js";
import { takeSelection } from "./words.js";

const SUMMARY_PAUSE = 500; // milliseconds in which a key that was meant for a segment does not go on
const ASIDE = ["flag", "unflag", "note", "skip"]; // say nothing of codes

// Makes events one step that undo takes back.
export function decide(decision, name, key = state.focused) {
  const segment = desk.id;
  const label = `${decision.verb} ${name}`.trim();
  const uids = decision.events.map((event) => made(segment, event));
  say(label);
  return journal.add({ segment, label, key, uids });
}

function made(segment, event) {
  const is_blind = desk.entry?.item?.is_blind ?? null; // as it was before the person's eyes
  const whole = { uid: newUid(), segment_id: segment, is_blind, ...event };
  desk.did(desk.entry, whole);
  return whole.uid;
}

const quoted = (row) => names.quoted(row.family, row.code);

// After a decision the next line that is undecided has the focus.
function focusNextOpen(key) {
  refresh();
  const { rows } = state.view;
  const index = rows.findIndex((row) => row.key === key);
  const isOpen = (row) => row.state === "open" && row.key !== key;
  const next = rows.slice(index + 1).find(isOpen) ?? rows.find(isOpen);
  if (next) state.focused = next.key;
  draw();
}

export function runAccept() {
  const row = focusedRow();
  if (!row) return say("No suggestion has the focus");
  const decision = accept(row);
  if (decision) decide(decision, quoted(row));
  else say(row.coding ? "Accepted already" : "You set it yourself");
  return focusNextOpen(row.key);
}

export function runReject() {
  const row = focusedRow();
  if (!row) return say("No suggestion has the focus");
  const decision = reject(row);
  const record = decision ? decide(decision, quoted(row)) : null;
  if (!decision) say("Rejected already");
  if (row.coding) state.rejected = { row, record };
  return focusNextOpen(row.key);
}

// The reason of the rejection just made; undo takes both back at once.
export function giveReason(index) {
  const reason = state.book.reasons[index];
  const { row, record } = state.rejected;
  state.rejected = null;
  const decision = reject(row, reason.id);
  const label = `Rejected ${quoted(row)}: ${reason.name}`;
  if (record) {
    journal.extend(record, made(desk.id, decision.events[0]), label);
    say(label);
  } else {
    decide({ ...decision, verb: label }, "", row.key);
  }
  draw();
}

export function runAcceptAll() {
  const decision = acceptAll(state.view.rows);
  if (!decision) return say(state.view.item.is_blind ? "No suggestions are shown here" : "Nothing is undecided");
  const { length } = decision.events;
  decide(decision, length === 1 ? "1 suggestion" : `${length} suggestions`);
  return draw();
}

// nextBatch runs at the end of the batch.
export function runDone(nextBatch) {
  if (desk.isOver) {
    if (desk.ids.length && overFor() > SUMMARY_PAUSE) nextBatch();
    return;
  }
  const { view } = state;
  if (!view.item) return;
  if (!view.isDone || hasChanged(desk.entry)) {
    decide(done(desk.families, state.book.fingerprint), doneText());
  }
  leave();
}

// Whether codes were decided on since the person was done with them.
function hasChanged(entry) {
  const last = entry.events.findLastIndex((event) => event.action === "done");
  return entry.events.slice(last + 1).some((event) => !ASIDE.includes(event.action));
}

function doneText() {
  const { rows, item } = state.view;
  const yes = rows.filter((row) => row.state === "yes").length;
  const no = rows.length - yes;
  const told = [yes ? `${yes} set` : "no code set", no ? `${no} absent` : ""].filter(Boolean).join(", ");
  return `· ${told}${item.is_blind ? `; ${keys.first("reveal")} shows what was suggested` : ""}`;
}

function leave() {
  desk.held(desk.entry); // notes that it is done or skipped
  desk.left = desk.id;
  desk.nextOpen();
  show();
}

export function runSkip() {
  if (!state.view.isDone) decide({ verb: "Skipped", events: [{ action: "skip" }] }, "");
  leave();
}

export function runFlag() {
  const { isFlagged } = state.view.held;
  const action = isFlagged ? "unflag" : "flag";
  decide({ verb: isFlagged ? "Flag taken away" : "Flagged", events: [{ action }] }, "");
  draw();
}

// ---- setting codes -------------------------------------------------------------------------

export function setOrTakeAway(family, code) {
  takeSelection();
  const { chosen } = state;
  finish(toggle(family, code, rowOf(family, code), { segment: segmentSpan(), chosen }), family, code);
}

function finish(decision, family, code) {
  const key = keyOf(family, code);
  if (decision) decide(decision, names.quoted(family, code), key);
  else say("It stands on these words already");
  Object.assign(state, { chosen: null, shownCode: key });
  refresh();
  // Without suggestions the family keeps the focus, so that the numbers go on meaning its codes.
  if (!state.view.item.is_blind && rowOf(family, code)) state.focused = key;
  draw();
}

export function runNumber(number) {
  const family = focusedFamily();
  const code = family?.codes[state.page * PER_PAGE + number - 1];
  if (code) setOrTakeAway(family.id, code.id);
  else say(`${family?.name ?? "This family"} has no code ${number} here`);
}

export function runMoreCodes() {
  const pages = Math.ceil((focusedFamily()?.codes.length ?? 0) / PER_PAGE);
  state.page = pages ? (state.page + 1) % pages : 0;
  draw();
}

const closed = () => {
  state.sheet = null;
  if (state.view.item) draw();
};

function codeOptions(isWanted, isFirst) {
  return state.book.families.flatMap((family) =>
    family.codes
      .filter((code) => isWanted(family, code))
      .map((code) => ({
        family: family.id,
        code: code.id,
        label: code.name,
        detail: family.name,
        more: `${code.id} ${code.include.join(" ")} ${code.definition}`,
        first: isFirst(family),
      })),
  );
}

export function runAdd() {
  takeSelection();
  const { chosen, view } = state;
  const segment = segmentSpan();
  const { start, end } = chosen ?? segment;
  const here = focusedFamily()?.id;
  state.sheet = chooseCode({
    label: chosen ? "Code these words" : "Code the segment",
    words: `“${shortened(view.stretch.slice(start, end), 140)}”`,
    options: codeOptions(() => true, (family) => family.id === here),
    pick: ({ family, code }) => finish(set(family, code, rowOf(family, code), { segment, chosen }), family, code),
    onClose: closed,
  });
}

export function runChange() {
  const row = focusedRow();
  if (!row?.span) return say("No coding has the focus");
  state.sheet = chooseCode({
    label: `Instead of ${quoted(row)}`,
    words: names.family(row.family),
    options: codeOptions((family, code) => family.id === row.family && code.id !== row.code, () => true),
    pick: ({ code }) => {
      const key = keyOf(row.family, code);
      decide(change(row, code), names.quoted(row.family, code), key);
      state.focused = key;
      focusNextOpen(key);
    },
    onClose: closed,
  });
  return undefined;
}

export function runNote() {
  state.sheet = writeNote({
    save: (text) => decide({ verb: "Noted", events: [{ action: "note", value: { text } }] }, ""),
    onClose: closed,
  });
}

// Keeps what arrows made of the words of a coding.
export function keepWords(row, span) {
  decide(move(row, span), `the words of ${quoted(row)}`, row.key);
}

export const isFinishedBlind = (entry) =>
  Boolean(entry?.item?.is_blind) && isDone(desk.held(entry), desk.families);
