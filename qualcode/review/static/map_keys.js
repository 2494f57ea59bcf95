// Keys of the map's page. Where an action is one of the review's too, it has the key that the person
// chose there; numbers, Tab and Escape stay as they are.

import { element } from "./draw.js";
import { Keys, keyName, spokenKey } from "./keys.js";
import { DOES } from "./map_rows.js";

const SHARED = {
  accept: "accept",
  reject: "reject",
  edit: "change",
  undo: "undo",
  redo: "redo",
  next: "next",
  previous: "previous",
  nextPart: "nextFamily",
  previousPart: "previousFamily",
  transcript: "transcript",
  help: "help",
};

const HELP = [
  [["next", "previous"], "Next and previous"],
  [["nextPart", "previousPart"], "Next and previous part of the map"],
  [["accept"], "Accept: a criterion or a summary as it is worded; agree with the stages"],
  [["edit"], "Edit in place: word a criterion or a summary, name a stage, change an opportunity"],
  [["reject"], "Reject a criterion or summary, hide a quote, remove an opportunity; say why"],
  [["restore"], "Bring back a criterion that was rejected, show a hidden quote again"],
  [["pin"], "Pin a quote, so that it stands first in its cell; again to unpin it"],
  [["swap"], "Let a quote take the place of the first one"],
  [["more"], "More: all quotes of a cell, the evidence of a criterion, and back"],
  [["write"], "Write an opportunity"],
  [["owner"], "Say who answers for it"],
  [["need"], "Move a need to another criterion"],
  [["up", "down"], "Move a stage earlier or later"],
  [["transcript"], "The quote in its transcript"],
  [["undo"], "Take back what you decided last, as often as you like"],
  [["redo"], "Do again what you took back last"],
  [["help"], "All keys"],
];

const HINTS = [
  ["next", "next"],
  ["previous", "back"],
  ["nextPart", "next part"],
  ["previousPart", "previous part"],
  ["write", "write an opportunity"],
  ["undo", "undo"],
  ["redo", "redo"],
  ["help", "keys"],
];

export class MapKeys {
  constructor() {
    this.shared = new Keys();
    this.isOff = this.shared.isOff;
    this.actions = new Map();
    for (const [id, [key]] of Object.entries(DOES)) if (!(id in SHARED)) this.actions.set(key, id);
    for (const [id, named] of Object.entries(SHARED)) {
      for (const key of this.shared.of(named)) this.actions.set(key, id);
    }
  }

  of(id) {
    if (id in SHARED) return this.shared.of(SHARED[id]);
    const [key] = DOES[id];
    return this.actions.get(key) === id ? [key] : [];
  }

  action(key) {
    return this.isOff ? undefined : this.actions.get(key);
  }

  printed(id) {
    return keyName(this.of(id)[0] ?? "");
  }

  spoken(id) {
    return this.isOff ? null : this.of(id).map(spokenKey).join(" ") || null;
  }

  // The line of keys that hold everywhere; each is a button too.
  drawHints(bar, run) {
    bar.hidden = this.shared.areHintsOff && !this.isOff;
    bar.replaceChildren(
      ...HINTS.map(([id, name]) =>
        element(
          "button",
          { type: "button", class: "hint", onclick: () => run(id), "aria-keyshortcuts": this.spoken(id) },
          !this.isOff && element("kbd", { "aria-hidden": "true" }, this.printed(id)),
          name,
        ),
      ),
    );
  }

  showHelp(onClose) {
    const rows = HELP.map(([ids, does]) =>
      element("div", {}, element("dt", {}, ids.flatMap((id) => this.of(id).slice(0, 1)).map((key) => element("kbd", {}, keyName(key)))), element("dd", {}, does)),
    );
    const sheet = element(
      "dialog",
      { class: "sheet keys-sheet", "aria-label": "Keys" },
      element("h2", {}, "Keys"),
      this.isOff && element("p", { class: "warn" }, "Single keys are switched off. Every button still works."),
      element("dl", { class: "key-list" }, rows),
      element(
        "p",
        { class: "acts" },
        element("button", { type: "button", class: "primary", onclick: () => sheet.close() }, "Close", element("kbd", { "aria-hidden": "true" }, "Esc")),
        element("a", { href: "/help" }, "Change keys"),
      ),
    );
    sheet.addEventListener("close", () => {
      sheet.remove();
      onClose();
    });
    sheet.addEventListener("keydown", (event) => event.key === "?" && sheet.close());
    document.body.append(sheet);
    sheet.showModal();
  }
}
