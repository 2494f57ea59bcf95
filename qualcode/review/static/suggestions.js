// What is suggested and what is set, by family; one line of it has the focus.

import { counted, element, fill, isolated } from "./draw.js";

const STATES = { yes: "accepted", no: "rejected", absent: "judged absent", open: "undecided" };
const SIGNS = { yes: "✓", no: "✕", absent: "–", open: "" };

// The lines that j and k go through: codings, and families where nothing is suggested.
export function linesOf(rows, families, { isBlind, focused }) {
  return families.flatMap((family) => {
    const own = rows.filter((row) => row.family === family);
    const key = `family:${family}`;
    const line = { key, family, code: null, isFamily: true };
    return isBlind || (!own.length && focused === key) ? [line, ...own] : own;
  });
}

export function drawSuggestions(pane, view) {
  const { lines, focused, names, act, isBlind } = view;
  const groups = [];
  for (const family of new Set(lines.map((line) => line.family))) {
    const own = lines.filter((line) => line.family === family);
    const title = element("h2", {}, names.family(family));
    const head = own.find((line) => line.isFamily);
    const codings = own.filter((line) => !line.isFamily);
    groups.push(
      element(
        "section",
        { class: head ? "family plain" : "family" },
        head ? drawFamilyLine(head, focused, title, codings, act) : title,
        codings.length
          ? element("ul", {}, codings.map((line) => drawLine(line, view)))
          : !isBlind && element("p", { class: "empty" }, "nothing is suggested"),
      ),
    );
  }
  fill(pane, ...intro(view), ...groups, ...behind(view));
}

function intro({ isBlind, wasBlind, isDone, lines, keys }) {
  if (isBlind && isDone) {
    return [
      element(
        "p",
        { class: "why-blind" },
        "You are done with this one. ",
        element("kbd", {}, keys.first("reveal")),
        " shows what was suggested; what you change then is kept apart.",
      ),
    ];
  }
  if (isBlind) {
    return [
      element(
        "p",
        { class: "why-blind" },
        "No suggestions here: this segment is part of the random sample that shows how often the " +
          "machine is right. Set what applies, then ",
        element("kbd", {}, keys.first("done")),
        ".",
      ),
    ];
  }
  const told = [];
  if (wasBlind) told.push(element("p", { class: "why-blind" }, "You coded this one without suggestions first."));
  if (!lines.length) {
    told.push(element("p", { class: "empty" }, "Nothing is suggested here. Add a code, or be done with it."));
  }
  return told;
}

function drawFamilyLine(line, focused, title, codings, act) {
  const made = element(
    "div",
    {
      class: "line family-line",
      tabIndex: line.key === focused ? 0 : -1,
      "data-key": line.key,
      "aria-current": line.key === focused ? "true" : null,
      role: "group",
      "aria-label": `${title.textContent}: ${codings.length ? counted(codings.length, "code") : "no code"} set`,
      onclick: () => act.focus(line.key),
    },
    title,
    !codings.length && element("span", { class: "empty" }, "none"),
  );
  return made;
}

function drawLine(row, view) {
  const { focused, names, act } = view;
  const isFocused = row.key === focused;
  const name = names.code(row.family, row.code);
  const score = row.coding ? row.coding.score.toFixed(2) : null;
  const said = row.coding ? STATES[row.state] : "set by you";
  const label = `${name}, ${score === null ? "" : `score ${score}, `}${said}`;
  return element(
    "li",
    {
      class: `line ${row.state}${row.coding ? "" : " own"}`,
      tabIndex: isFocused ? 0 : -1,
      "data-key": row.key,
      "aria-current": isFocused ? "true" : null,
      "aria-label": label,
      // A click on one of its buttons has done its work.
      onclick: (event) => event.target.closest("button") || act.focus(row.key),
    },
    element(
      "p",
      { class: "what" },
      element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[row.state]),
      element("span", { class: "name" }, name),
      row.mark?.reason && element("span", { class: "n" }, names.reason(row.mark.reason)),
      score === null
        ? element("span", { class: "n by" }, "yours")
        : element("span", { class: "score" }, meter(row.coding.score), score),
    ),
    isFocused && drawWhy(row, view),
  );
}

// A bar of the score; drawn, because a policy without inline styles allows no width in the markup.
function meter(score) {
  const space = "http://www.w3.org/2000/svg";
  const bar = document.createElementNS(space, "svg");
  bar.setAttribute("viewBox", "0 0 40 4");
  bar.setAttribute("class", "meter");
  bar.setAttribute("aria-hidden", "true");
  for (const [name, width] of [["track", 40], ["fill", 40 * Math.min(Math.max(score, 0), 1)]]) {
    const part = document.createElementNS(space, "rect");
    part.setAttribute("class", name);
    part.setAttribute("width", width.toFixed(1));
    part.setAttribute("height", "4");
    part.setAttribute("rx", "2");
    bar.append(part);
  }
  return bar;
}

function drawWhy(row, { keys, act, isWhole }) {
  const { coding } = row;
  const button = (id, text, run) =>
    element(
      "button",
      { type: "button", class: "small", onclick: run, "aria-keyshortcuts": keys.spoken(id) },
      text,
      !keys.isOff && element("kbd", { "aria-hidden": "true" }, keys.first(id)),
    );
  const told = coding && [
    element("p", { class: "note" }, coding.basis === "model" && "A language model: ", isolated(coding.note || coding.basis)),
    // A definition stands in the codebook beside it.
    coding.basis === "example" &&
      coding.reference &&
      element("p", { class: "reference", dir: "auto" }, coding.reference),
    row.codings.length > 1 && element("p", { class: "n" }, row.codings.map((one) => one.coder).join(", ")),
  ];
  return element(
    "div",
    { class: "why" },
    told,
    !isWhole(row) && row.span && element("p", { class: "n" }, "On part of the segment."),
    element(
      "p",
      { class: "acts" },
      coding && row.state !== "yes" && button("accept", "Accept", () => act.run("accept")),
      row.state !== "no" && button("reject", coding ? "Reject" : "Take away", () => act.run("reject")),
      button("change", "Change", () => act.run("change")),
    ),
  );
}

function behind({ item, names }) {
  const blocks = [];
  if (item.others.length) {
    const line = (other) =>
      element(
        "li",
        {},
        isolated(other.author, "who"),
        other.part === "adjudicator" ? ", adjudicator" : "",
        element("span", {}, ": ", listOf(other.marks.filter((mark) => mark.applies), names)),
      );
    blocks.push(
      element(
        "section",
        { class: "others" },
        element("h2", {}, "Others judged"),
        element("ul", {}, item.others.map(line)),
      ),
    );
  }
  return blocks;
}

const listOf = (marks, names) =>
  marks.length ? marks.map((mark) => names.code(mark.family, mark.code)).join(", ") : "no code applies";
