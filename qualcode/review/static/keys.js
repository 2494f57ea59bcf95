// Which key does what: the defaults, what a person chose instead, and which action a press means.
// Choices are of this browser (localStorage).

import { storage } from "./outbox.js";

const CHOSEN = "qualcode/keys";
const OFF = "qualcode/keys-off";
const NO_HINTS = "qualcode/hints-off";

// id, default keys, short name (the line of hints), what it does (help). The order is that of help.
export const ACTIONS = [
  ["accept", ["a"], "accept", "Accept the suggestion that has the focus"],
  ["reject", ["x"], "reject", "Reject it; a number straight after says why"],
  ["acceptAll", ["A"], "all", "Accept every suggestion of the segment that is undecided"],
  ["done", ["Enter"], "done", "Done: every code that is not set is judged absent; on to the next"],
  ["change", ["e"], "change", "Change the code to another of its family: type and choose"],
  ["add", ["c"], "code", "Code the chosen words, or the segment: type and choose"],
  ["choose", ["w"], "words", "Choose words: arrows move, Shift + arrows widen; then code them"],
  ["spanStart", ["s"], "begin", "Move where the words begin: arrows by word, Shift + arrows by character"],
  ["spanEnd", ["d"], "end", "Move where the words end"],
  ["flag", ["f"], "flag", "Flag the segment for later, or take the flag away"],
  ["note", ["n"], "note", "Write a note on the segment"],
  ["skip", [" "], "skip", "Skip the segment for now"],
  ["undo", ["u"], "undo", "Take back what you did last, as often as you like"],
  ["redo", ["U"], "redo", "Do again what you took back last"],
  ["next", ["j", "ArrowDown"], "next", "Next suggestion, then next segment"],
  ["previous", ["k", "ArrowUp"], "back", "Previous suggestion, then previous segment"],
  ["nextItem", ["ArrowRight"], "next segment", "Next segment"],
  ["previousItem", ["ArrowLeft"], "previous segment", "Previous segment"],
  ["nextFamily", ["l"], "next family", "Next family of codes, for the number keys"],
  ["previousFamily", ["h"], "previous family", "Previous family of codes"],
  ["moreCodes", ["0"], "more codes", "The family's next nine codes, where it has more"],
  ["reveal", ["r"], "reveal", "Show the suggestions of a segment that you finished without them"],
  ["search", ["/"], "search", "Search the study"],
  ["transcript", ["t"], "transcript", "The whole transcript, and back"],
  ["hints", ["."], "hints", "Hide or show the line of keys"],
  ["help", ["?"], "keys", "All keys"],
].map(([id, keys, name, does]) => ({ id, keys, name, does }));

// Not to be given to an action: numbers set codes, the others move about in the page.
const RESERVED = /^([1-9]|Tab|Escape|Shift|Control|Alt|AltGraph|Meta|CapsLock|Dead|Unidentified|F\d+)$/;

const NAMES = {
  " ": "Space",
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Enter: "⏎",
  Backspace: "⌫",
  Delete: "Del",
};
const SPOKEN = {  "↓": "Down", "↑": "Up", "←": "Left", "→": "Right", "⏎": "Enter" };

export const keyName = (key) => NAMES[key] ?? key;
// The same for screen readers and aria-keyshortcuts.
export const spokenKey = (key) => {
  const name = SPOKEN[keyName(key)] ?? keyName(key);
  return /^\p{Lu}$/u.test(name) ? `Shift+${name}` : name;
};

function read(name, otherwise) {
  try {
    return JSON.parse(storage()?.getItem(name) ?? "null") ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(name, value) {
  try {
    if (value === null) storage()?.removeItem(name);
    else storage()?.setItem(name, JSON.stringify(value));
  } catch {
    // Full or forbidden: the choice holds until the page is left.
  }
}

export class Keys {
  constructor() {
    this.reload();
  }

  reload() {
    this.chosen = read(CHOSEN, {});
    this.isOff = read(OFF, false) === true;
    this.areHintsOff = read(NO_HINTS, false) === true;
    this.actions = new Map();
    for (const action of ACTIONS) {
      for (const key of this.of(action.id)) this.actions.set(key, action.id);
    }
  }

  // The keys of an action; a person's choice stands for all of them.
  of(id) {
    const chosen = this.chosen[id];
    if (typeof chosen === "string" && !RESERVED.test(chosen)) return [chosen];
    const taken = new Set(Object.values(this.chosen));
    return ACTIONS.find((action) => action.id === id).keys.filter((key) => !taken.has(key));
  }

  // The first key of an action as it is printed, and its keys as screen readers say them.
  first(id) {
    return keyName(this.of(id)[0] ?? "");
  }

  spoken(id) {
    return this.isOff ? null : this.of(id).map(spokenKey).join(" ") || null;
  }

  // The action of a pressed key; undefined for none.
  action(key) {
    return this.isOff ? undefined : this.actions.get(key);
  }

  // Gives an action another key; returns why not, or "".
  choose(id, key) {
    if (RESERVED.test(key)) return `${keyName(key)} has a fixed use`;
    const other = this.actions.get(key);
    if (other && other !== id && this.of(other).length === 1) {
      return `${keyName(key)} is “${ACTIONS.find((a) => a.id === other).name}”: give that another key first`;
    }
    this.#save({ ...this.chosen, [id]: key });
    return "";
  }

  reset(id) {
    const { [id]: _, ...others } = this.chosen;
    this.#save(id ? others : {});
  }

  #save(chosen) {
    write(CHOSEN, Object.keys(chosen).length ? chosen : null);
    this.reload();
  }

  turn(isOff) {
    write(OFF, isOff || null);
    this.reload();
  }

  showHints(isShown) {
    write(NO_HINTS, !isShown || null);
    this.reload();
  }
}

// What a press means whatever the keyboard: Caps Lock must not turn "accept" into "accept all", and
// where letters are not Latin the place of the key counts.
export function pressed(event) {
  let { key } = event;
  const place = /^Key([A-Z])$/.exec(event.code);
  if (place && !/^[\u0000-\u024f]$/.test(key) && key.length === 1) key = place[1].toLowerCase();
  if (key.length === 1 && event.getModifierState("CapsLock")) {
    return event.shiftKey ? key.toUpperCase() : key.toLowerCase();
  }
  return key;
}

// Whether a press belongs to the element that has the focus, or to the browser.
export function isElsewhere(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const on = event.target;
  if (on.closest?.("input, textarea, select, [contenteditable], dialog")) return true;
  const activates = event.key === "Enter" || event.key === " ";
  return activates && Boolean(on.closest?.("a[href], button, summary"));
}
