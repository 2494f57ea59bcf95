// The conversation with the segment in it, always at the same height of the screen.

import { counted, element, fill, isolated, listed } from "./draw.js";
import { Stretch, pieces } from "./text.js";

const ROLES = { interviewer: "interviewer", unknown: "voice not assigned" };

export function stretchOf(item) {
  const turn = item.turns.find((one) => one.is_current);
  return new Stretch(turn.text, turn.start_char);
}

// marked: [{start, end, name}], names of the classes that the words get.
export function drawConversation(pane, item, { held, marked, stretch, transcriptKey }) {
  const current = item.turns.findIndex((turn) => turn.is_current);
  const before = item.turns.slice(0, current).map((turn) => drawTurn(turn));
  const behind = item.turns.slice(current + 1).map((turn) => drawTurn(turn));
  const segment = { start: item.segment.start_char, end: item.segment.end_char, name: "segment" };
  const own = drawTurn(item.turns[current], pieces(stretch, [segment, ...marked]));
  fill(
    pane,
    drawSource(item, held, transcriptKey),
    element("div", { class: "turns-before" }, before),
    own,
    element("div", { class: "turns-after" }, behind),
    ...drawNotes(held),
  );
}

// Puts the segment where the eye is, or its beginning where it is long.
export function settle(pane) {
  const mark = pane.querySelector(".segment");
  if (!mark) return;
  const box = pane.getBoundingClientRect();
  const first = mark.getBoundingClientRect();
  const marks = pane.querySelectorAll(".segment");
  const height = marks[marks.length - 1].getBoundingClientRect().bottom - first.top;
  const head = pane.querySelector(".conversation-head")?.offsetHeight ?? 0;
  const share = height > box.height * 0.5 ? 0 : 0.34;
  pane.scrollTop += first.top - box.top - Math.max(box.height * share, head + 6);
}

function drawSource(item, held, transcriptKey) {
  const { source } = item;
  const facts = [isolated(source.path, "path")];
  if (source.row !== null) facts.push(`row ${source.row}`);
  if (source.participant) facts.push(isolated(source.participant));
  for (const [name, value] of Object.entries(source.attributes).slice(0, 3)) {
    if (!value) continue;
    const fact = element("span", { title: name }, isolated(value));
    facts.push(source.attributes.persona === value ? isolated(value) : element("span", {}, `${name} `, fact));
  }
  const line = element("p", { class: "source" });
  facts.forEach((fact, index) => line.append(index ? " · " : "", fact));
  const link = element(
    "a",
    { href: transcriptAddress(item), class: "quiet-link", "aria-keyshortcuts": transcriptKey },
    "whole transcript",
  );
  return element(
    "header",
    { class: "conversation-head" },
    line,
    held.isFlagged && element("span", { class: "badge flagged" }, "flagged"),
    held.isSkipped && element("span", { class: "badge" }, "skipped"),
    link,
  );
}

export const transcriptAddress = (item) =>
  `/transcript/${encodeURIComponent(item.document_id)}?segment=${encodeURIComponent(item.segment_id)}`;

function drawTurn(turn, parts = null) {
  const kind = turn.is_speech ? turn.role : "aside";
  const isToldAlready = turn.speaker?.toLowerCase().startsWith(turn.role);
  const role = isToldAlready ? null : ROLES[turn.role];
  const who = turn.is_speech && turn.speaker;
  const voice = element(
    "p",
    { class: "voice" },
    who && isolated(turn.speaker),
    turn.is_speech && role && element("span", { class: "role" }, who ? `, ${role}` : role),
    turn.time && element("time", {}, turn.time),
  );
  const words = element("p", { class: "words", dir: "auto" });
  if (parts === null) words.append(turn.text);
  else words.append(...parts.map(drawPiece));
  const made = element("div", { class: `turn ${kind}${turn.is_current ? " current" : ""}` });
  if (voice.childNodes.length) made.append(voice);
  made.append(words);
  return made;
}

function drawPiece({ text, names }) {
  if (!names.size) return element("span", { class: "around" }, text);
  return element(names.has("segment") ? "mark" : "span", { class: [...names].join(" ") }, text);
}

function drawNotes(held) {
  if (!held.notes.length) return [];
  return [
    element(
      "section",
      { class: "notes", "aria-label": "Your notes" },
      element("h2", {}, counted(held.notes.length, "note")),
      element("ul", {}, held.notes.map((note) => element("li", { dir: "auto" }, note))),
    ),
  ];
}

// Segments that mean the like and are decided; never there while an item is blind.
export function drawSimilar(pane, item, names) {
  if (!item.similar.length) return fill(pane);
  const line = (one) =>
    element(
      "li",
      {},
      element("p", { class: "words", dir: "auto" }, one.text),
      element(
        "p",
        { class: "decided" },
        one.codes.length
          ? one.codes.map((code) => element("span", { class: "tag" }, names(code.family, code.code)))
          : "no code applies",
        element("span", { class: "n" }, whoOf(one)),
      ),
    );
  fill(
    pane,
    element("h2", {}, "Like this one, and decided"),
    element("ul", {}, item.similar.map(line)),
  );
  return undefined;
}

function whoOf(one) {
  const people = [...new Set(one.codes.map((code) => code.author))].filter(Boolean);
  const named = people.map((name) => (name === document.body.dataset.reviewer ? "you" : name));
  return named.length ? ` by ${listed(named)}` : "";
}
