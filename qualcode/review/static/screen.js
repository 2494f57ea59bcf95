// Draws what is before the person. Every key draws the whole segment anew: that takes a few
// milliseconds, and what is on the screen never differs from what is held.

import { drawHints, drawReasons, drawSpanHelp, drawTicks } from "./bars.js";
import { drawCodes } from "./codes.js";
import { drawConversation, drawSimilar, settle, stretchOf } from "./conversation.js";
import { element, fill } from "./draw.js";
import { isDone, rowsOf } from "./held.js";
import { at, desk, focusedCode, focusedFamily, focusedRow, freshStart, keys, names, segmentSpan, state } from "./state.js";
import { drawSuggestions, linesOf } from "./suggestions.js";
import { countBatch, drawSummary } from "./summary.js";
import { shortened } from "./text.js";

// What clicks do; set by the part that knows.
export const act = { run: null, focus: null, toggle: null, reason: null, ready: null };

let overSince = 0;
let missingTimer = null;

export function say(text, isBad = false) {
  at("said").textContent = text;
  at("said").classList.toggle("bad", isBad);
}

// How long the end of the batch has been in sight, in milliseconds.
export const overFor = () => performance.now() - overSince;

// Shows the segment before the person, or the end of the batch. A segment that was not on the screen
// begins anew; `focus` is the line that has the focus then.
export function show({ focus = null } = {}) {
  const { id, entry } = desk;
  if (entry) setTimeout(() => desk.want()); // first the screen, then what comes after it
  else desk.want();
  if (entry?.refused) return passOver(entry.refused);
  drawHead();
  const { isOver } = desk;
  at("panes").hidden = isOver;
  at("summary").hidden = !isOver;
  if (isOver) return showSummary();
  overSince = 0;
  if (!entry) return showMissing(id);
  const { view } = state;
  if (view.id === id && view.item === entry.item && focus === null) {
    draw();
    return act.ready();
  }
  if (view.id !== id) Object.assign(state, freshStart());
  if (focus !== null) state.focused = focus;
  state.view = { id, item: entry.item, stretch: stretchOf(entry.item) };
  draw();
  settle(at("conversation"));
  announce();
  tellOfOthers(entry);
  return act.ready();
}

// What others judged is told once the person is done, so a segment that he or she comes back to is
// read anew.
function tellOfOthers(entry) {
  const { mine } = entry.item;
  if (entry.isAsked || !state.view.isDone || desk.families.every((one) => mine.complete.includes(one))) return;
  entry.isAsked = true;
  desk.refresh(desk.id);
}

function passOver(reason) {
  say(`Passed over: ${reason}`, true);
  desk.nextOpen();
  return show();
}

function drawHead() {
  const isVisit = desk.visit !== null;
  drawTicks(at("ticks"), { ids: desk.ids, at: desk.at, states: desk.states, isVisit });
  at("place").textContent = placeText();
}

function placeText() {
  if (desk.visit !== null) return "an earlier segment";
  return desk.ids.length && !desk.isOver ? `${desk.at + 1} of ${desk.ids.length}` : "";
}

// Reads anew what is held of the segment; the focus stays where there is still a line for it.
export function refresh() {
  const { view } = state;
  view.held = desk.held(desk.entry);
  view.rows = rowsOf(view.item, view.held, desk.families);
  view.isDone = isDone(view.held, desk.families);
  const lines = () => linesOf(view.rows, desk.families, { isBlind: view.item.is_blind, focused: state.focused });
  view.lines = lines();
  if (view.lines.some((line) => line.key === state.focused)) return;
  const first = view.lines.find((line) => line.state === "open") ?? view.lines[0];
  state.focused = first?.key ?? `family:${desk.families[0]}`;
  view.lines = lines();
}

export function draw() {
  refresh();
  const { view, focused, page } = state;
  const { item, held, lines, stretch } = view;
  drawConversation(at("conversation-text"), item, {
    held,
    stretch,
    marked: marked(focusedRow()),
    transcriptKey: keys.spoken("transcript"),
  });
  const segment = segmentSpan();
  drawSuggestions(at("suggestions"), {
    item,
    lines,
    focused,
    names,
    keys,
    act,
    isBlind: item.is_blind,
    wasBlind: item.arm === "blind" && !item.is_blind,
    isDone: view.isDone,
    isWhole: ({ span }) => span?.start === segment.start && span?.end === segment.end,
  });
  drawCodes(at("codes"), { family: focusedFamily(), code: focusedCode(), page, held, keys, act });
  drawSimilar(at("similar"), item, names.code);
  drawHead();
  drawBar();
  keepFocus();
}

// The classes that words of the turn get.
function marked(row) {
  const { span, chosen } = state;
  const ranges = [];
  const coded = span?.row ? span.span : row?.span;
  if (coded && coded.start < coded.end) ranges.push({ ...coded, name: "coded" });
  if (!span) for (const [start, end] of row?.coding?.words ?? []) ranges.push({ start, end, name: "carried" });
  const picked = span && !span.row ? span.span : chosen;
  if (picked) ranges.push({ ...picked, name: "chosen" });
  return ranges;
}

export function drawBar() {
  const bar = at("hints");
  const { span, rejected, view, book } = state;
  if (span) return drawSpanHelp(bar, span.help);
  if (rejected) return drawReasons(bar, book.reasons, { choose: act.reason });
  return drawHints(bar, kindOf(view), { keys, run: act.run });
}

function kindOf(view) {
  if (desk.isOver) return "over";
  if (!view.item?.is_blind) return "assisted";
  return view.isDone ? "revealable" : "blind";
}

// The line with the focus has the browser's focus too, unless the person is elsewhere on the page.
function keepFocus() {
  if (state.sheet) return;
  const active = document.activeElement;
  const isFree = !active || active === document.body || active.closest("#main");
  const line = document.querySelector(`[data-key="${CSS.escape(state.focused ?? "")}"]`);
  if (isFree && active !== line) (line ?? at("suggested")).focus({ preventScroll: true });
  line?.scrollIntoView({ block: "nearest" });
}

// What a screen reader hears of a new segment.
function announce() {
  const { item, stretch } = state.view;
  const turn = item.turns.find((one) => one.is_current);
  const { start, end } = segmentSpan();
  const how = item.is_blind ? ", without suggestions" : "";
  at("here").textContent = `${placeText()}${how}. ${turn.speaker ?? ""}: ${shortened(stretch.slice(start, end), 400)}`;
}

function showMissing(id) {
  state.view = {};
  clearTimeout(missingTimer);
  // Only where it lasts: a segment that comes at once must not flicker.
  missingTimer = setTimeout(() => {
    if (desk.id !== id || desk.entry) return;
    const text = desk.failure ? "The server does not answer. The page goes on by itself." : "Fetching …";
    fill(at("conversation-text"), element("p", { class: "fetching" }, text));
    for (const pane of ["suggestions", "codes", "similar"]) fill(at(pane));
  }, 250);
}

async function showSummary() {
  state.view = {};
  if (!overSince) overSince = performance.now();
  const sum = countBatch(desk);
  drawSummary(at("summary"), { desk, sum, keys, act, interrupted: desk.interrupted });
  drawBar();
  if (!state.sheet) at("summary").querySelector("h1").focus({ preventScroll: true });
  act.ready();
  if (!sum.missing) return;
  await desk.wantAll();
  if (desk.isOver && countBatch(desk).missing < sum.missing) showSummary();
}

addEventListener("resize", () => {
  if (state.view.item) settle(at("conversation"));
});
