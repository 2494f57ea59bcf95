// The sheets that come over the page for a moment: type-ahead for codes, search, a note, the keys.
// Each is a <dialog>: Escape closes it, the focus stays inside and goes back afterwards.

import { ask } from "./api.js";
import { element } from "./draw.js";
import { ACTIONS, keyName } from "./keys.js";

const SHOWN = 9;

// Opens a sheet; `onClose` runs when it is gone, whatever closed it. The sheet's own `shut` closes it
// at once: the browser tells of a closed dialog only later, when the next key may be down already.
function open(name, label, children, onClose) {
  const sheet = element("dialog", { class: `sheet ${name}`, "aria-label": label }, children);
  let isOpen = true;
  sheet.shut = () => {
    if (!isOpen) return;
    isOpen = false;
    sheet.close();
    sheet.remove();
    onClose?.();
  };
  sheet.addEventListener("close", sheet.shut);
  sheet.addEventListener("cancel", sheet.shut);
  sheet.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    sheet.shut();
  });
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet) sheet.shut(); // beside it
  });
  document.body.append(sheet);
  sheet.showModal();
  return sheet;
}

// Does what a key would have done that was pressed before the sheet could open: letters and Backspace go
// where the focus is, Escape and Enter mean what they mean there. Nothing else does.
export function feed({ sheet }, { key, isShifted }) {
  const field = sheet.contains(document.activeElement) ? document.activeElement : sheet;
  const press = { key, shiftKey: isShifted, bubbles: true, cancelable: true };
  if (!field.dispatchEvent(new KeyboardEvent("keydown", press)) || !field.setRangeText) return;
  const { selectionStart: start, selectionEnd: end } = field;
  if (key.length === 1) field.setRangeText(key, start, end, "end");
  else if (key === "Backspace") field.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end");
  else return;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// ---- type and choose -----------------------------------------------------------------------

class Chooser {
  // find: query to [{label, detail, …}], or a promise of them; pick gets what was chosen.
  constructor({ name, label, intro, placeholder, find, pick, onClose, empty, delay = 0 }) {
    Object.assign(this, { find, pick, empty, delay });
    this.found = [];
    this.at = 0;
    this.asked = 0;
    this.list = element("ul", { role: "listbox", id: "choices", "aria-label": label });
    this.told = element("p", { class: "n told", role: "status" });
    this.input = element("input", {
      type: "text",
      role: "combobox",
      placeholder,
      autocomplete: "off",
      spellcheck: false,
      "aria-label": label,
      "aria-expanded": "true",
      "aria-controls": "choices",
      "aria-autocomplete": "list",
      oninput: () => this.#search(),
      onkeydown: (event) => this.#key(event),
    });
    this.sheet = open(name, label, [intro, this.input, this.list, this.told], onClose);
    this.input.focus();
    this.#search();
  }

  #search() {
    clearTimeout(this.timer);
    if (!this.delay) return this.#show(this.find(this.input.value));
    this.isStale = true; // what is listed answers an earlier text
    this.timer = setTimeout(() => this.#ask(), this.delay);
    return undefined;
  }

  async #ask() {
    const number = ++this.asked;
    this.told.textContent = "";
    let found;
    try {
      found = await this.find(this.input.value);
    } catch (failure) {
      found = [];
      this.told.textContent = `${failure.message}.`;
    }
    if (number !== this.asked || !this.sheet.open) return;
    this.isStale = false;
    this.#show(found);
    if (this.isAwaited) this.#take(0);
    this.isAwaited = false;
  }

  #show(found) {
    this.found = found;
    this.at = 0;
    this.list.replaceChildren(...found.map((one, index) => this.#option(one, index)));
    if (!this.told.textContent || found.length) {
      this.told.textContent = found.length || !this.input.value.trim() ? "" : this.empty;
    }
    this.#mark();
  }

  #option(one, index) {
    return element(
      "li",
      {
        role: "option",
        id: `choice-${index}`,
        onpointermove: () => this.#move(index),
        onclick: () => this.#take(index),
      },
      element("span", { class: "label", dir: "auto" }, one.label),
      one.detail && element("span", { class: "n", dir: "auto" }, one.detail),
    );
  }

  #key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 };
    if (event.key in steps) {
      const last = this.found.length - 1;
      this.#move(Math.max(0, Math.min(last, this.at + steps[event.key])));
      event.preventDefault();
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.#take(this.at);
    }
  }

  #move(index) {
    if (index === this.at) return;
    this.at = index;
    this.#mark();
  }

  #mark() {
    [...this.list.children].forEach((option, index) => {
      option.setAttribute("aria-selected", index === this.at ? "true" : "false");
      if (index === this.at) option.scrollIntoView({ block: "nearest" });
    });
    if (this.found.length) this.input.setAttribute("aria-activedescendant", `choice-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  #take(index) {
    if (this.isStale) {
      this.isAwaited = true;
      return;
    }
    const chosen = this.found[index];
    if (!chosen) return;
    this.sheet.shut();
    this.pick(chosen);
  }
}

// options: [{family, code, label, detail, first, more}]: those with `first` stand before the others
// while nothing is typed.
export function chooseCode({ label, words, options, pick, onClose }) {
  return new Chooser({
    name: "choose",
    label,
    intro: element("p", { class: "for-words", dir: "auto" }, words),
    placeholder: label,
    empty: "No code of this name.",
    find: (query) => matching(options, query),
    pick,
    onClose,
  });
}

function matching(options, query) {
  const wanted = plain(query).split(/\s+/).filter(Boolean);
  if (!wanted.length) return [...options].sort((a, b) => Number(b.first) - Number(a.first)).slice(0, SHOWN);
  const scored = [];
  for (const option of options) {
    const score = fits(option, wanted);
    if (score > 0) scored.push([score + (option.first ? 0.5 : 0), option]);
  }
  return scored.sort((a, b) => b[0] - a[0]).slice(0, SHOWN).map(([, option]) => option);
}

// How well all words fit: the beginning of a name before the beginnings of its words, before the
// inside of its words, before its family and what it includes.
function fits(option, wanted) {
  const name = plain(option.label);
  const more = plain(`${option.detail} ${option.more}`);
  let total = 0;
  for (const word of wanted) {
    const at = name.indexOf(word);
    if (at === 0) total += 8;
    else if (at > 0 && /[^\p{L}\p{N}]/u.test(name[at - 1])) total += 6;
    else if (at > 0) total += 3;
    else if (` ${more}`.includes(` ${word}`)) total += 1;
    else return 0;
  }
  return total / wanted.length - name.length / 1000;
}

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// pick gets segment ids: of one hit, or of all.
export function search({ pick, onClose }) {
  return new Chooser({
    name: "search",
    label: "Search the study",
    intro: null,
    placeholder: "Search by words and by meaning",
    empty: "Nothing found.",
    delay: 180,
    find: async (query) => {
      if (query.trim().length < 2) return [];
      const { hits } = await ask(`/api/search?q=${encodeURIComponent(query.trim())}`);
      const found = hits.map((hit) => ({ label: hit.excerpt, detail: hit.source, ids: [hit.segment_id] }));
      if (hits.length < 2) return found;
      const all = { label: `Go through all ${hits.length}`, detail: "", ids: hits.map((hit) => hit.segment_id) };
      return [...found, all];
    },
    pick: (chosen) => pick(chosen.ids),
    onClose,
  });
}

// ---- a note --------------------------------------------------------------------------------

export function writeNote({ save, onClose }) {
  const text = element("textarea", {
    rows: 4,
    maxLength: 4000,
    "aria-label": "Note on the segment",
    placeholder: "Note on the segment",
    dir: "auto",
  });
  const keep = () => {
    if (text.value.trim()) save(text.value.trim());
    sheet.shut();
  };
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      keep();
    }
  });
  const buttons = element(
    "p",
    { class: "acts" },
    element("button", { type: "button", class: "primary", onclick: keep }, "Save", element("kbd", {}, "⏎")),
    element("button", { type: "button", class: "small", onclick: () => sheet.shut() }, "Cancel", element("kbd", {}, "Esc")),
    element("span", { class: "n" }, "Shift + ⏎ begins a new line."),
  );
  const sheet = open("note-sheet", "Note", [text, buttons], onClose);
  text.focus();
  return { sheet };
}

// ---- all keys ------------------------------------------------------------------------------

function keyRows(keys) {
  const rows = ACTIONS.map(({ id, does }) => [keys.of(id).map(keyName), does]);
  const at = ACTIONS.findIndex(({ id }) => id === "flag");
  rows.splice(at, 0, [["1–9"], "Set the nth code of the focused family, or take it away"]);
  return rows;
}

export function showKeys({ keys, onClose }) {
  const rows = keyRows(keys).map(([names, does]) =>
    element("div", {}, element("dt", {}, names.map((name) => element("kbd", {}, name))), element("dd", {}, does)),
  );
  const sheet = open(
    "keys-sheet",
    "Keys",
    [
      element("h2", {}, "Keys"),
      keys.isOff && element("p", { class: "warn" }, "Single keys are switched off. Every button still works."),
      element("dl", { class: "key-list" }, rows),
      element(
        "p",
        { class: "acts" },
        element("button", { type: "button", class: "primary", onclick: () => sheet.shut() }, "Close", element("kbd", {}, "Esc")),
        element("a", { href: "/help" }, "Change keys, read more"),
      ),
    ],
    onClose,
  );
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "?") sheet.shut();
  });
  return { sheet };
}
