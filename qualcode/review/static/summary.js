// The end of a batch: what came of it, in a few words, and one key to go on.

import { counted, element, fill, isolated, listed } from "./draw.js";
import { rowsOf } from "./held.js";

export function countBatch(desk) {
  const sum = { done: 0, skipped: 0, flagged: 0, blind: 0, accepted: 0, rejected: 0, added: 0, setBlind: 0, missing: 0 };
  for (const id of desk.ids) {
    const entry = desk.entries.get(id);
    if (!entry?.item) {
      sum.missing += 1;
      continue;
    }
    const held = desk.held(entry);
    if (desk.states[id] === "done") sum.done += 1;
    if (desk.states[id] === "skipped") sum.skipped += 1;
    if (held.isFlagged) sum.flagged += 1;
    const isBlind = entry.item.arm === "blind";
    if (isBlind) sum.blind += 1;
    for (const row of rowsOf(entry.item, held, desk.families)) {
      if (isBlind) sum.setBlind += row.state === "yes" ? 1 : 0;
      else if (!row.coding) sum.added += row.state === "yes" ? 1 : 0;
      else if (row.state === "yes") sum.accepted += 1;
      else if (row.state === "no" || row.state === "absent") sum.rejected += 1;
    }
  }
  sum.minutes = desk.spent / 60_000;
  return sum;
}

export function drawSummary(pane, { desk, sum, keys, act, interrupted }) {
  const { batch } = desk;
  if (!desk.ids.length) return drawEmpty(pane, batch);
  const left = Math.max(0, batch.n_in_queue - (desk.ids.length - batch.n_drawn));
  const figures = [
    ["accepted", sum.accepted],
    ["rejected", sum.rejected],
    ["added", sum.added],
    ["minutes", sum.minutes < 0.95 ? "< 1" : Math.round(sum.minutes)],
  ];
  const more = [];
  if (sum.blind) more.push(`${counted(sum.blind, "segment")} without suggestions, ${counted(sum.setBlind, "code")} set there`);
  if (sum.skipped) more.push(`${sum.skipped} skipped`);
  if (sum.flagged) more.push(`${sum.flagged} flagged`);
  if (sum.missing) more.push(`${sum.missing} not here to count`);
  const isLast = !interrupted && (left === 0 || batch.asked.startsWith("segments:"));
  fill(
    pane,
    element("h1", { tabIndex: -1 }, `${counted(sum.done, "segment")} done`),
    element("p", { class: "sub" }, isolated(batch.title)),
    element(
      "dl",
      { class: "figures" },
      figures.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, String(value)))),
    ),
    more.length > 0 && element("p", { class: "n" }, `${listed(more)}.`),
    element(
      "p",
      { class: "acts" },
      !isLast &&
        element(
          "button",
          { type: "button", class: "primary", onclick: () => act.run("done") },
          interrupted ? "Back to where you were" : "Next batch",
          !keys.isOff && element("kbd", { "aria-hidden": "true" }, keys.first("done")),
        ),
      element("a", { href: "/", class: isLast ? "primary" : "button" }, "Start page"),
    ),
    element(
      "p",
      { class: "n" },
      isLast ? "Nothing more is left in this queue." : interrupted ? "" : `${counted(left, "segment")} left in this queue.`,
    ),
  );
  return undefined;
}

function drawEmpty(pane, batch) {
  fill(
    pane,
    element("h1", { tabIndex: -1 }, "Nothing is left here"),
    element("p", { class: "sub" }, isolated(batch.title)),
    element("p", {}, "You have judged what this queue held, or others have it before them now."),
    element("p", { class: "acts" }, element("a", { href: "/", class: "primary" }, "Start page")),
  );
}
