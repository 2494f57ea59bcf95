// The log of the map: who decided what and when, and what can be taken back next.

import { counted, element, fill } from "./draw.js";
import { drawTrouble } from "./map_draw.js";

// trouble: of a taking back that was refused, if there is any
export function drawLog(pane, { map, waiting, trouble, keys, act }) {
  const days = [];
  for (const entry of map.log) {
    const when = new Date(entry.at);
    const day = when.toLocaleDateString("en-GB", { day: "numeric", month: "long" });
    if (days.at(-1)?.day !== day) days.push({ day, entries: [] });
    days.at(-1).entries.push(drawEntry(entry, when));
  }
  fill(
    pane,
    element("h2", {}, "Decisions"),
    element(
      "p",
      { class: "acts" },
      button("undo", "Take back", map.undo, { keys, act }),
      map.redo && button("redo", "Again", map.redo, { keys, act }),
    ),
    trouble && drawTrouble(trouble, { act }),
    waiting > 0 && element("p", { class: "n" }, `${counted(waiting, "decision")} on the way`),
    days.map(({ day, entries }) => [element("h3", {}, day), element("ol", {}, entries)]).flat(),
    !map.log.length && element("p", { class: "empty" }, "Nobody has decided anything yet."),
    map.n_log > map.log.length && element("p", { class: "n" }, `${counted(map.n_log - map.log.length, "older one")}: qualcode edit log`),
  );
}

const button = (id, text, next, { keys, act }) =>
  element(
    "button",
    { type: "button", class: "small", "data-deed": id, disabled: !next, title: next?.said, "aria-label": next && `${text}: ${next.said}`, onclick: () => act.run(id), "aria-keyshortcuts": keys.spoken(id) },
    text,
    !keys.isOff && element("kbd", { "aria-hidden": "true" }, keys.printed(id)),
  );

function drawEntry(entry, when) {
  const time = when.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return element(
    "li",
    { class: [entry.stands ? "" : "gone", entry.is_undoing ? "undoing" : ""].join(" ").trim() || null },
    element("time", { dateTime: entry.at }, time),
    element("p", { dir: "auto" }, element("b", {}, entry.author), entry.said.slice(entry.author.length)),
    entry.reason && !entry.said.endsWith(entry.reason) && element("p", { class: "n", dir: "auto" }, entry.reason),
    !entry.stands && element("span", { class: "vh" }, "taken back"),
  );
}
