// The small forms that open in the place of what they change: Enter saves, Escape leaves things as
// they are. A form keeps what was typed until it is saved or left, whatever is drawn around it.

import { element } from "./draw.js";

let number = 0;

// fields: [{name, label, value, kind, options, hint, isNeeded}], kind "text", "line" or "choice".
export class Editor {
  // place: "whole" for a form that stands in the place of what it changes, else it stands below.
  constructor({ key, title, fields, verb, save, leave, place = "below" }) {
    Object.assign(this, { key, fields, save, leave, place });
    this.id = `editor-${(number += 1)}`;
    this.inputs = fields.map((field) => this.#input(field));
    this.told = element("p", { class: "warn", role: "alert" });
    this.form = element(
      "form",
      { class: "editor", "aria-label": title, onsubmit: (event) => this.#submit(event), onkeydown: (event) => this.#key(event) },
      fields.map((field, at) => [
        element("label", { htmlFor: this.inputs[at].id }, field.label),
        this.inputs[at],
        field.options && field.kind === "line" && this.#suggestions(field, this.inputs[at]),
      ]).flat(),
      this.told,
      element(
        "p",
        { class: "acts" },
        element("button", { type: "submit", class: "primary" }, verb, element("kbd", { "aria-hidden": "true" }, "⏎")),
        element("button", { type: "button", class: "small", onclick: () => this.leave() }, "Leave", element("kbd", { "aria-hidden": "true" }, "Esc")),
      ),
    );
  }

  focus() {
    const [first] = this.inputs;
    first.focus({ preventScroll: true });
    first.select?.();
    this.form.scrollIntoView({ block: "nearest" });
  }

  // Where the cursor is, so that drawing anew does not lose it.
  get cursor() {
    const on = document.activeElement;
    return this.inputs.includes(on) ? { on, start: on.selectionStart, end: on.selectionEnd } : null;
  }

  restore(cursor) {
    if (!cursor) return;
    cursor.on.focus({ preventScroll: true });
    cursor.on.setSelectionRange?.(cursor.start, cursor.end);
  }

  #input({ name, kind, value = "", options = [], isNeeded = false }) {
    const id = `${this.id}-${name}`;
    if (kind === "choice") {
      const choices = options.map((option) => element("option", { value: option.id, selected: option.id === value }, option.name));
      return element("select", { id, name }, choices);
    }
    const made = element(kind === "text" ? "textarea" : "input", { id, name, value, maxLength: 2000, autocomplete: "off", dir: "auto" });
    if (isNeeded) made.setAttribute("aria-required", "true");
    if (kind === "text") {
      made.rows = 1;
      const grow = () => {
        made.style.height = "auto";
        made.style.height = `${made.scrollHeight + 2}px`;
      };
      made.addEventListener("input", grow);
      made.addEventListener("focus", grow);
    }
    return made;
  }

  #suggestions({ options }, input) {
    const id = `${input.id}-known`;
    input.setAttribute("list", id);
    return element("datalist", { id }, options.map((option) => element("option", { value: option })));
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.leave();
    } else if (event.key === "Enter" && event.target.matches("textarea, select")) {
      event.preventDefault();
      this.form.requestSubmit();
    }
  }

  #submit(event) {
    event.preventDefault();
    const values = Object.fromEntries(this.inputs.map((input) => [input.name, input.value.trim()]));
    const missing = this.fields.findIndex((field, at) => field.isNeeded && !this.inputs[at].value.trim());
    if (missing >= 0) {
      this.told.textContent = `${this.fields[missing].label}: something has to stand here.`;
      this.inputs[missing].focus();
      return;
    }
    this.save(values);
  }
}
