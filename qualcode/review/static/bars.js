// The thin lines around the work: progress above, keys or reasons below, what waits to be sent.

import { counted, element, fill } from "./draw.js";
import { ACTIONS, keyName } from "./keys.js";

const TICKS = { done: "done", skipped: "skipped", refused: "skipped" };

export function drawTicks(bar, { ids, at, states, isVisit }) {
  const done = ids.filter((id) => states[id] === "done").length;
  bar.setAttribute("aria-valuemax", String(Math.max(ids.length, 1)));
  bar.setAttribute("aria-valuenow", String(done));
  bar.setAttribute("aria-valuetext", `${done} of ${ids.length} done`);
  while (bar.children.length > ids.length) bar.lastChild.remove();
  while (bar.children.length < ids.length) bar.append(element("span"));
  ids.forEach((id, index) => {
    const isHere = index === at && !isVisit;
    const name = `${TICKS[states[id]] ?? "open"}${isHere ? " here" : ""}`;
    if (bar.children[index].className !== name) bar.children[index].className = name;
  });
}

const ASSISTED = ["accept", "reject", "acceptAll", "done", "change", "add", "spanStart", "spanEnd", "flag", "note", "skip", "undo", "transcript", "help"];
const BLIND = ["add", "done", "choose", "spanStart", "spanEnd", "flag", "note", "skip", "undo", "search", "transcript", "help"];
const REVEALABLE = ["reveal", "done", "undo", "previous", "transcript", "help"];
const OVER = ["done", "undo", "search", "help"];
const HINTS = { assisted: ASSISTED, blind: BLIND, revealable: REVEALABLE, over: OVER };

const hintName = (key) => (key === " " ? "␣" : keyName(key));

// kind: which keys matter now. Every key is a button too, for the mouse and for screen readers.
export function drawHints(bar, kind, { keys, run }) {
  const state = `${kind}${keys.isOff}`;
  if (bar.dataset.state === state) return;
  bar.dataset.state = state;
  bar.hidden = keys.areHintsOff && !keys.isOff;
  // Without single keys every action needs its button.
  const ids = keys.isOff && kind !== "over" ? ACTIONS.map(({ id }) => id).filter((id) => id !== "hints") : HINTS[kind];
  const buttons = ids.map((id) => {
    const { name, does } = ACTIONS.find((action) => action.id === id);
    return element(
      "button",
      { type: "button", class: "hint", title: does, "data-action": id, onclick: () => run(id), "aria-keyshortcuts": keys.spoken(id) },
      !keys.isOff && element("kbd", { "aria-hidden": "true" }, hintName(keys.of(id)[0] ?? "")),
      kind === "over" && id === "done" ? "next batch" : name,
    );
  });
  if (!keys.isOff && kind !== "over") {
    const at = buttons.findIndex((button) => button.dataset.action === "spanStart");
    buttons.splice(at < 0 ? 2 : at, 0, element("span", { class: "hint" }, element("kbd", {}, "1–9"), "set"));
  }
  fill(bar, ...buttons);
}

// The question why, after a rejection; the next key of any other kind makes it go.
export function drawReasons(bar, reasons, { choose }) {
  bar.dataset.state = "reasons";
  bar.hidden = false;
  fill(
    bar,
    element("span", { class: "asked" }, "Why?"),
    ...reasons.map((reason, index) =>
      element(
        "button",
        { type: "button", class: "hint", onclick: () => choose(index) },
        element("kbd", { "aria-hidden": "true" }, index + 1),
        reason.name,
      ),
    ),
  );
}

export function drawSpanHelp(bar, text) {
  bar.dataset.state = "span";
  bar.hidden = false;
  fill(bar, element("span", { class: "asked" }, text));
}

// ---- what waits ----------------------------------------------------------------------------

// Says nothing while decisions leave as they should; a decision that waits a moment is no news.
export class WaitingSign {
  constructor(sign, notice, outbox, reviewer) {
    Object.assign(this, { sign, notice, outbox, reviewer });
    outbox.addEventListener("change", () => this.#change());
    this.#change();
  }

  #change() {
    const { outbox } = this;
    if (outbox.state === "calm" && outbox.count) {
      this.timer ??= setTimeout(() => this.#show(), 800);
      return;
    }
    clearTimeout(this.timer);
    this.timer = null;
    this.#show();
  }

  #show() {
    const { outbox, sign, notice } = this;
    this.timer = null;
    const waits = `${counted(outbox.count, "decision")} ${outbox.count === 1 ? "waits" : "wait"}`;
    sign.hidden = !outbox.count;
    sign.textContent = outbox.state === "away" ? `${waits}, the server is away` : waits;
    sign.title = "Nothing is lost: decisions are kept in this browser until the server has them.";
    const text = this.#noticeText(waits);
    if (notice.dataset.text === text) return;
    notice.dataset.text = text;
    notice.hidden = !text;
    fill(
      notice,
      ...(text
        ? [element("p", {}, text), element("button", { type: "button", class: "small", onclick: () => location.reload() }, "Reload")]
        : []),
    );
  }

  #noticeText(waits) {
    const { outbox, reviewer } = this;
    if (outbox.state === "ended") {
      const way = `Your session has ended. Open a new link for ${reviewer} in this browser to go on.`;
      return outbox.count ? `${way} ${waits} here and will be sent then; nothing is lost.` : way;
    }
    if (outbox.state === "stale") {
      const told = "Somebody else is signed in in this browser now.";
      return outbox.count ? `${told} ${waits} here until a link for ${reviewer} is opened.` : told;
    }
    return "";
  }
}
