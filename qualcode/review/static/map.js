// The page where the draft map is judged: a key decides on the row that has the focus, the screen
// shows it at once, the deed leaves by the desk.

import { element, fill } from "./draw.js";
import { isElsewhere, pressed } from "./keys.js";
import { LOG, MapDesk } from "./map_desk.js";
import { drawHead, drawMenu, drawRows, proofOf } from "./map_draw.js";
import { Editor } from "./map_editor.js";
import { formFor } from "./map_forms.js";
import { MapKeys } from "./map_keys.js";
import { drawLog } from "./map_log.js";
import { deedsOf, nameOf, rowsOf } from "./map_rows.js";

const at = (id) => document.getElementById(id);
const { reviewer, part, store } = document.body.dataset;
const desk = new MapDesk([store, part, reviewer].map(encodeURIComponent).join("/"), reviewer);
const keys = new MapKeys();
const here = ["qualcode/map-part", store, part, reviewer].map(encodeURIComponent).join("/");
const focusOf = new Map(); // section to the key of the row that has, or had, the focus
const opened = new Set(); // rows that show more
const act = { run, focus: focusRow, again: doAgain, forget };

let view = { sections: [], items: {}, quotes: new Map() };
let rows = [];
let current = ""; // id of the section
let editor = null;
let isSheetOpen = false;

// ---- on the screen -------------------------------------------------------------------------

function say(text) {
  at("said").textContent = text;
  at("said").title = text;
}

const sectionOf = (id) => view.sections.find((one) => one.id === id);
const rowOf = (key) => rows.find((row) => row.key === key);
const focused = () => rowOf(focusOf.get(current));

function show() {
  if (!desk.map) return showWaiting();
  at("waiting-map").hidden = true;
  at("map").hidden = false;
  view = desk.shown;
  if (!sectionOf(current)) current = view.sections[0].id;
  const section = sectionOf(current);
  const before = rows.findIndex((row) => row.key === focusOf.get(current));
  rows = rowsOf(section, view, opened);
  keepFocused(before);
  if (editor && !rowOf(editor.key)) editor = null;
  const hadFocus = at("rows").contains(document.activeElement) || document.activeElement === document.body;
  drawMenu(at("parts"), view.sections, current);
  const isKept = rows.some(({ item }) => item?.n_kept_back > 0);
  drawHead(at("part-head"), section, { map: desk.map, isKept });
  drawRows(at("rows"), { rows, focused: focusOf.get(current), editor, troubles: desk.troubles, keys, act, me: reviewer });
  drawLog(at("log"), { map: desk.map, waiting: desk.waiting.length, trouble: desk.troubles.get(LOG), keys, act });
  if (hadFocus && !editor && !isSheetOpen) element_(focusOf.get(current))?.focus({ preventScroll: true });
  remember();
  return showState();
}

// A transcript leads back to where the person was, and so does a reload.
function remember() {
  try {
    sessionStorage.setItem(here, JSON.stringify([current, focusOf.get(current)]));
  } catch {
    // Then it begins anew.
  }
}

function recall() {
  try {
    const [id, key] = JSON.parse(sessionStorage.getItem(here)) ?? [];
    current = decodeURIComponent(location.hash.slice(1)) || id || "";
    if (key && current === id) focusOf.set(id, key);
  } catch {
    current = ""; // no address of ours
  }
}

const element_ = (key) => [...at("rows").children].find((one) => one.dataset.key === key);

// A row that is gone hands the focus to the one that stands in its place now.
function keepFocused(before) {
  const key = focusOf.get(current);
  const known = rows.filter((row) => row.key);
  if (key && known.some((row) => row.key === key)) return;
  const near = rows.slice(Math.max(0, before)).find((row) => row.key) ?? known.at(-1);
  const first = known.find((row) => row.kind !== "summary" || row.item.text) ?? known[0];
  focusOf.set(current, (before < 0 ? first : near)?.key);
}

function showWaiting() {
  at("map").hidden = true;
  at("waiting-map").hidden = false;
  const isWaiting = desk.state === "drafting";
  at("waiting-map").querySelector("p").textContent = isWaiting
    ? "The map is being drafted. On a large study this takes some seconds."
    : `The map is not there: ${desk.message}`;
  at("try").hidden = isWaiting;
}

function showState() {
  const n = desk.waiting.length;
  const waits = `${n} ${n === 1 ? "decision waits" : "decisions wait"}`;
  at("waiting").hidden = desk.state !== "away" || !n;
  at("waiting").textContent = `${waits}, the server is away`;
  const text = {
    ended: `Your session has ended. ${n ? `${waits} in this browser; nothing is lost. ` : ""}Open a new link for ${reviewer} here, then reload.`,
    stale: `Somebody else is signed in in this browser now. ${n ? `${waits} for ${reviewer}. ` : ""}Open a link for ${reviewer} here, then reload.`,
    failed: desk.message,
  }[desk.state];
  at("notice").hidden = !text;
  if (text) fill(at("notice"), element("p", {}, text), element("button", { type: "button", class: "small", onclick: () => location.reload() }, "Reload"));
}

// ---- moving about --------------------------------------------------------------------------

function focusRow(key, { isScrolled = true } = {}) {
  if (editor && editor.key !== key) editor = null;
  focusOf.set(current, key);
  show();
  const on = element_(key);
  if (!editor) on?.focus({ preventScroll: true });
  if (isScrolled) on?.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const known = rows.filter((row) => row.key);
  const to = known.findIndex((row) => row.key === focusOf.get(current)) + by;
  if (known[to]) return focusRow(known[to].key);
  return turn(by, by < 0);
}

function turn(by, toEnd = false) {
  const to = view.sections[view.sections.findIndex((one) => one.id === current) + by];
  if (!to) return;
  if (toEnd) {
    const last = rowsOf(to, view, opened).filter((row) => row.key).at(-1);
    if (last) focusOf.set(to.id, last.key);
  }
  goTo(to.id);
}

function goTo(id) {
  if (id !== current) editor = null;
  current = id;
  history.replaceState(null, "", `#${encodeURIComponent(id)}`);
  at("rows-pane").scrollTop = 0;
  rows = [];
  show();
  const on = element_(focusOf.get(current));
  on?.focus({ preventScroll: true });
  on?.scrollIntoView({ block: "nearest" });
}

// ---- deciding ------------------------------------------------------------------------------

const ALWAYS = {
  next: () => move(1),
  previous: () => move(-1),
  nextPart: () => turn(1),
  previousPart: () => turn(-1),
  undo: () => takeBack("undo"),
  redo: () => takeBack("redo"),
  write: writeOpportunity,
  help: showHelp,
};

function run(id) {
  if (!desk.map) return;
  const row = focused();
  if (ALWAYS[id] && !(id === "write" && row?.kind === "new")) return ALWAYS[id]();
  const wanted = row?.kind === "new" && ["edit", "more"].includes(id) ? "write" : id;
  if (!row || !deedsOf(row, reviewer).includes(wanted)) return undefined;
  return decide(wanted, row);
}

function decide(id, row) {
  if (id === "more") return toggleMore(row);
  if (id === "transcript") return location.assign(proofOf(row.item));
  const form = formFor(id, row, { view, reviewer, owners: desk.map.owners });
  if (form.deed) return send(row, id, form.deed);
  editor = new Editor({
    key: row.key,
    ...form,
    save: (values) => {
      const deed = form.make(values);
      editor = null;
      if (deed) send(row, id, deed);
      else backTo(row.key);
    },
    leave: () => {
      editor = null;
      backTo(row.key);
    },
  });
  show();
  return editor.focus();
}

function backTo(key) {
  show();
  element_(key)?.focus({ preventScroll: true });
}

function send(row, id, deed) {
  say(`${nameOf(id, row)}: on its way`);
  desk.add({ key: row.key, ...deed });
  backTo(focusOf.get(current));
}

function takeBack(action) {
  const isThere = action === "undo" ? desk.map.undo || desk.waiting.length : desk.map.redo || desk.waiting.length;
  if (!isThere) return say(action === "undo" ? "Nothing of yours is left to take back" : "Nothing to do again");
  say(action === "undo" ? "Taking back" : "Doing again");
  return desk.add({ key: LOG, subject: "log", action });
}

function toggleMore(row) {
  if (row.kind === "quote") {
    if (!row.all) return desk.open(row.cell.cell);
    focusOf.set(current, `quote/${row.cell.cell}/${row.cell.quotes[0]?.coding_id}`);
    return desk.close(row.cell.cell);
  }
  const wasOpen = opened.delete(row.key);
  if (!wasOpen) opened.add(row.key);
  return show();
}

function writeOpportunity() {
  const section = sectionOf(current);
  if (section?.kind !== "stage") return say("Opportunities are written at a stage");
  focusRow("opportunity/new");
  return decide("write", focused());
}

// What was refused, once more, now that the person has seen why.
function doAgain(deed) {
  const { uid: _, seen: __, at: ___, after: ____, ...again } = deed;
  desk.add(again);
  say("Once more: on its way");
}

function forget(key) {
  desk.troubles.delete(key);
  show();
}

function showHelp() {
  isSheetOpen = true;
  keys.showHelp(() => {
    isSheetOpen = false;
    element_(focusOf.get(current))?.focus({ preventScroll: true });
  });
}

// ---- what happens --------------------------------------------------------------------------

desk.addEventListener("change", show);
desk.addEventListener("done", ({ detail: { reply } }) => {
  const made = reply.log.find((entry) => entry.id === reply.decision);
  say(made ? made.said.replace(`${reviewer} `, "You ") : "Saved");
});
desk.addEventListener("refused", ({ detail: { message } }) => say(`Not saved: ${message}`));
document.addEventListener("keydown", (event) => {
  if (isElsewhere(event) || isSheetOpen) return;
  const id = keys.action(pressed(event));
  if (!id) return;
  const repeats = ["next", "previous"].includes(id);
  if (event.repeat && !repeats) return;
  event.preventDefault();
  run(id);
});
addEventListener("hashchange", () => {
  const id = decodeURIComponent(location.hash.slice(1));
  if (sectionOf(id) && id !== current) goTo(id);
});
at("parts").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  goTo(decodeURIComponent(link.hash.slice(1)));
});
at("try").addEventListener("click", () => desk.load());

recall();
keys.drawHints(at("hints"), run);
show();
desk.load();
