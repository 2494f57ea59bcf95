// The page where segments are judged: a key decides, the screen shows it at once, the decision leaves
// by the outbox. Nothing here waits for the server but what was not fetched yet.

import { ask } from "./api.js";
import { WaitingSign } from "./bars.js";
import { transcriptAddress } from "./conversation.js";
import { giveReason, keepWords, runAccept, runAcceptAll, runAdd, runChange, runDone, runFlag, runMoreCodes, runNote, runNumber, runReject, runSkip, setOrTakeAway } from "./decisions.js";
import { element, fill } from "./draw.js";
import { runRedo, runReveal, runUndo } from "./history.js";
import { isElsewhere, pressed } from "./keys.js";
import { act, draw, drawBar, say, show } from "./screen.js";
import { feed, search, showKeys } from "./sheet.js";
import { at, desk, focusedFamily, freshStart, indexed, journal, keys, outbox, reviewer, state } from "./state.js";
import { selectChosen, startSpan, takeSelection } from "./words.js";

const REPEATED = new Set(["next", "previous", "nextItem", "previousItem"]);
const ARROWS = /^Arrow(Left|Right)$/;
const MOST_PENDING = 500;
const HOPELESS = [400, 401, 403, 404, 409];

const { queue } = document.body.dataset;
const size = Number(document.body.dataset.size) || undefined;
const pending = []; // keys that were pressed before their segment was there

// ---- going about ---------------------------------------------------------------------------

const familyOfKey = (key) => (key.startsWith("family:") ? key.slice("family:".length) : key.split("/")[0]);

function focusOn(key) {
  endSpan();
  state.rejected = null;
  if (familyOfKey(key) !== focusedFamily()?.id) state.page = 0;
  state.focused = key;
  draw();
}

function stepLine(by) {
  const { lines } = state.view;
  const next = lines[lines.findIndex((line) => line.key === state.focused) + by];
  return next ? focusOn(next.key) : stepItem(by);
}

function stepItem(by) {
  if (desk.step(by)) show();
  else say(by < 0 ? "This is the first segment" : "This is the end of the batch");
}

function stepFamily(by) {
  const { families } = desk;
  const { view } = state;
  const family = families[(families.indexOf(focusedFamily()?.id) + by + families.length) % families.length];
  const own = view.rows.find((row) => row.family === family);
  focusOn(view.item.is_blind || !own ? `family:${family}` : own.key);
}

function runStartSpan(end) {
  if (state.span && !state.span.row) endSpan();
  startSpan(end);
  draw();
}

// Leaves arrows' work on words and keeps what they made, unless told otherwise.
function endSpan({ isKept = true } = {}) {
  const mode = state.span;
  state.span = null;
  if (!mode) return;
  if (!mode.row) state.chosen = isKept ? mode.span : null;
  else if (isKept && mode.isChanged) keepWords(mode.row, mode.span);
}

const closed = () => {
  state.sheet = null;
  if (state.view.item) draw();
};

function runSearch() {
  // One segment that was looked for comes alone, without any of the random sample before it.
  const pick = (ids) => {
    const wanted = new URLSearchParams({ queue: `segments:${ids.join(",")}` });
    if (ids.length === 1) wanted.set("size", "1");
    location.assign(`/review?${wanted}`);
  };
  state.sheet = search({ pick, onClose: closed });
}

function runHints() {
  keys.showHints(keys.areHintsOff);
  at("hints").dataset.state = "";
  drawBar();
  say(keys.areHintsOff ? `${keys.first("hints")} shows the line of keys again` : "");
}

// ---- keys ----------------------------------------------------------------------------------

const ANYWHERE = {
  undo: runUndo,
  redo: runRedo,
  done: () => runDone(nextBatch),
  search: runSearch,
  reveal: runReveal,
  previous: () => (desk.isOver ? stepItem(-1) : stepLine(-1)),
  previousItem: () => stepItem(-1),
  help: () => {
    state.sheet = showKeys({ keys, onClose: closed });
  },
  hints: runHints,
};

const ON_SEGMENT = {
  accept: runAccept,
  reject: runReject,
  acceptAll: runAcceptAll,
  change: runChange,
  add: runAdd,
  choose: () => runStartSpan("both"),
  spanStart: () => runStartSpan("start"),
  spanEnd: () => runStartSpan("end"),
  flag: runFlag,
  note: runNote,
  skip: runSkip,
  next: () => stepLine(1),
  nextItem: () => stepItem(1),
  nextFamily: () => stepFamily(1),
  previousFamily: () => stepFamily(-1),
  moreCodes: runMoreCodes,
  transcript: () => location.assign(transcriptAddress(state.view.item)),
};

// Runs an action, of a key or of a button.
function run(id) {
  desk.tick();
  const isOfSpan = state.span?.row && (id === "spanStart" || id === "spanEnd");
  if (!isOfSpan) endSpan();
  state.rejected = null;
  const work = ANYWHERE[id] ?? (state.view.item ? ON_SEGMENT[id] : undefined);
  work?.();
  if (state.view.item && !state.sheet) drawBar();
}

// Returns whether the key meant something here.
function handle({ key, isShifted }) {
  if (state.rejected && /^[1-9]$/.test(key) && Number(key) <= state.book.reasons.length) {
    giveReason(Number(key) - 1);
    return true;
  }
  if (state.span && handleInSpan(key, isShifted)) return true;
  if (key === "Escape") return escape();
  if (key === "PageDown" || key === "PageUp") return scroll(key === "PageDown" ? 1 : -1);
  if (state.view.item && !keys.isOff && /^[1-9]$/.test(key)) {
    desk.tick();
    endSpan();
    state.rejected = null;
    runNumber(Number(key));
    return true;
  }
  const action = keys.action(key);
  if (!action) return false;
  run(action);
  return true;
}

function handleInSpan(key, isShifted) {
  const { span } = state;
  if (span.arrow(key, isShifted)) {
    draw();
    return true;
  }
  if (key === "Enter" && !span.row) {
    run("add");
    return true;
  }
  if (key !== "Escape" && key !== "Enter") return false; // ends the mode and goes on as ever
  endSpan({ isKept: key === "Enter" });
  draw();
  return true;
}

function escape() {
  const isSomething = Boolean(state.chosen || state.rejected);
  Object.assign(state, { chosen: null, rejected: null });
  getSelection().removeAllRanges();
  if (isSomething && state.view.item) draw();
  return isSomething;
}

// The conversation scrolls while the focus is at a suggestion.
function scroll(way) {
  if (!document.activeElement?.closest(".line")) return false;
  const pane = at("conversation");
  pane.scrollBy({ top: way * pane.clientHeight * 0.6 });
  return true;
}

function isReady() {
  const { book, isBusy, sheet, view } = state;
  return book !== null && !isBusy && !sheet && (desk.isOver || Boolean(view.item && view.id === desk.id));
}

// Keys that came before their segment wait for it, in their order.
function drainKeys() {
  while (pending.length && !state.isBusy) {
    if (state.sheet) feed(state.sheet, pending.shift());
    else if (!isReady()) return;
    else if (desk.isOver) pending.length = 0; // they were meant for segments, not for what follows
    else handle(pending.shift());
  }
}

const meansSomething = (key) => Boolean(keys.action(key)) || /^([1-9]|Escape|Arrow\w+)$/.test(key);

document.addEventListener("keydown", (event) => {
  if (isElsewhere(event)) return;
  const key = pressed(event);
  const action = keys.action(key);
  if (event.repeat && !REPEATED.has(action) && !(state.span && ARROWS.test(key))) {
    if (action) event.preventDefault(); // a key held down is one decision
    return;
  }
  if (!pending.length && isReady()) {
    if (handle({ key, isShifted: event.shiftKey })) event.preventDefault();
    return;
  }
  if (state.sheet || !(pending.length || meansSomething(key))) return;
  if (pending.length < MOST_PENDING) pending.push({ key, isShifted: event.shiftKey });
  event.preventDefault();
});

Object.assign(act, { run, focus: focusOn, toggle: setOrTakeAway, reason: giveReason, ready: drainKeys });

// ---- what happens besides ------------------------------------------------------------------

at("conversation").addEventListener("pointerup", () => {
  if (!state.view.item || state.span) return;
  const before = state.chosen;
  state.chosen = null;
  takeSelection();
  if (!state.chosen && !before) return;
  draw();
  selectChosen();
});

addEventListener("pagehide", () => endSpan());
addEventListener("storage", (event) => {
  if (!event.key?.startsWith("qualcode/keys") && event.key !== "qualcode/hints-off") return;
  keys.reload();
  at("hints").dataset.state = "";
  if (state.view.item) draw();
});

outbox.addEventListener("refused", ({ detail: { event, reason } }) => {
  journal.forget(event.uid);
  desk.forget(event);
  show();
  say(`Not stored: ${reason}`, true);
});
desk.addEventListener("change", () => {
  if (desk.failure?.status === 401) outbox.ended(desk.failure);
  const isInSight = state.view.id === desk.id && state.view.item === desk.entry?.item;
  if (state.book && desk.batch && !isInSight) show();
});

// ---- batches -------------------------------------------------------------------------------

async function nextBatch() {
  state.isBusy = true;
  const { interrupted } = desk;
  try {
    await desk.begin(interrupted ?? desk.batch.asked, { size, isNew: !interrupted });
  } catch (failure) {
    say(`${failure.message}.`, true);
    return;
  } finally {
    state.isBusy = false;
  }
  say("");
  showBatch();
}

function showBatch() {
  document.title = `${desk.batch.title} · qualcode`;
  at("title").textContent = desk.batch.title;
  at("queue").textContent = desk.batch.title;
  Object.assign(state, { view: {}, ...freshStart() });
  show();
}

async function start() {
  new WaitingSign(at("waiting"), at("notice"), outbox, reviewer);
  outbox.retry();
  for (let delay = 500; ; delay = Math.min(delay * 2, 5000)) {
    try {
      const [told] = await Promise.all([ask("/api/book"), desk.begin(queue, { size })]);
      state.book = indexed(told);
      desk.families = told.families.map((family) => family.id);
      say("");
      showBatch();
      return;
    } catch (failure) {
      if (HOPELESS.includes(failure.status)) {
        stop(failure);
        return;
      }
      say("The server does not answer. The page goes on by itself.", true);
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}

function stop(failure) {
  say(`${failure.message}.`, true);
  const way = element("a", { href: "/" }, "Start page");
  fill(at("conversation-text"), element("p", { class: "fetching" }, `${failure.message}. `, way));
}

start();
