// Accepting many suggestions at once: only of a filter, only after random ones of exactly that filter
// were judged, with the bound of the error in sight, and with one undo.

import { ask } from "./api.js";
import { counted, element, fill } from "./draw.js";
import { storage } from "./outbox.js";

// onChange runs when counts of the study have changed.
export function drawBulk(pane, { book, codes, owner, onChange }) {
  const open = codes.filter((code) => code.left > 0);
  if (!open.length) {
    fill(pane, element("p", { class: "empty" }, "No suggestion is undecided."));
    return;
  }
  const code = element(
    "select",
    { id: "bulk-code" },
    book.families.flatMap((family) => {
      const own = open.filter((one) => one.family === family.id);
      if (!own.length) return [];
      const options = own.map((one) => element("option", { value: `${one.family}/${one.code}` }, `${one.name} (${one.left})`));
      return [element("optgroup", { label: family.name }, options)];
    }),
  );
  const least = element("input", { id: "bulk-score", type: "number", min: "0", max: "1", step: "0.05", value: "0.8" });
  const told = element("div", { role: "status" });
  const form = element(
    "form",
    { class: "bulk-form" },
    element("label", { htmlFor: "bulk-code" }, "Code"),
    code,
    element("label", { htmlFor: "bulk-score" }, "Score at least"),
    least,
    element("p", { class: "acts" }, element("button", { type: "submit", class: "small" }, "See what that would be")),
  );
  const show = new Bulk({ told, owner, onChange, filter: () => filterOf(code.value, least.value) });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show.preview();
  });
  fill(
    pane,
    element("p", { class: "n" }, "Suggestions of one code from a score upwards, once you have judged ten random ones of them. They are never counted as looked at."),
    form,
    told,
    show.undoLine,
  );
}

function filterOf(value, least) {
  const [family, code] = value.split("/");
  return { family, code, min_score: Math.min(Math.max(Number(least) || 0, 0), 1) };
}

class Bulk {
  constructor({ told, owner, onChange, filter }) {
    Object.assign(this, { told, onChange, filter });
    this.key = `qualcode/bulk/${owner}`;
    this.undoLine = element("div");
    this.#showUndo();
  }

  async preview() {
    await this.#try(async () => this.#show(await ask("/api/bulk/preview", { filter: this.filter() })));
  }

  #show(preview) {
    const { n_codings: count, n_judged: judged, n_wrong: wrong, n_needed: needed } = preview;
    const bound = preview.highest_error === null ? null : Math.ceil(100 * preview.highest_error);
    const link = (text, name) =>
      element("a", { href: `/review?queue=${encodeURIComponent(`bulk:${preview.filter}`)}`, class: name }, text);
    const accept = element("button", { type: "button", class: "small", onclick: () => this.#accept(count) }, `Accept ${counted(count, "coding")} unseen`);
    fill(
      this.told,
      element(
        "div",
        { class: "bulk-told" },
        element("p", { class: "title" }, `${preview.title}: ${counted(count, "undecided coding")}`),
        element(
          "p",
          {},
          judged === 0
            ? "None of them was judged by you yet."
            : `${wrong} wrong of ${judged} random ones that you judged: up to ${bound} % may be wrong (95 %, one-sided).`,
        ),
        preview.refused && needed === 0 && element("p", { class: "warn" }, `${preview.refused}.`),
        element(
          "p",
          { class: "acts" },
          needed > 0 ? link(`Judge ${needed} random ones first`, "small") : !preview.refused && accept,
          needed === 0 && link("Judge more of them", "small"),
        ),
      ),
    );
  }

  async #accept(count) {
    await this.#try(async () => {
      const result = await ask("/api/bulk/accept", { filter: this.filter() });
      storage()?.setItem(this.key, JSON.stringify({ batch: result.batch, count: result.n_codings ?? count }));
      fill(this.told, element("p", { class: "bulk-told" }, `${counted(result.n_codings, "coding")} accepted in bulk.`));
      this.#showUndo();
      this.onChange();
    });
  }

  #showUndo() {
    let last = null;
    try {
      last = JSON.parse(storage()?.getItem(this.key) ?? "null");
    } catch {
      // Nothing of ours.
    }
    fill(
      this.undoLine,
      last &&
        element(
          "p",
          { class: "acts" },
          element("span", { class: "n" }, `Your last bulk acceptance: ${counted(last.count, "coding")}.`),
          element("button", { type: "button", class: "small", onclick: () => this.#undo(last) }, "Take it back"),
        ),
    );
  }

  async #undo(last) {
    await this.#try(async () => {
      const result = await ask("/api/bulk/undo", { batch: last.batch });
      fill(this.told, element("p", { class: "bulk-told" }, `${counted(result.n_codings, "coding")} undecided again.`));
      storage()?.removeItem(this.key);
      this.#showUndo();
      this.onChange();
    });
  }

  async #try(work) {
    try {
      await work();
    } catch (failure) {
      fill(this.told, element("p", { class: "bulk-told warn" }, `${failure.message}.`));
    }
  }
}
