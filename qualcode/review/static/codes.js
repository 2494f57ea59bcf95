// The codebook beside the suggestions: the focused family's codes under number keys, and what the
// focused code means. A number always means the same code of a family, whatever was suggested.

import { element, fill, listed } from "./draw.js";

export const PER_PAGE = 9;

export function drawCodes(pane, { family, code, page, held, keys, act }) {
  if (!family) return fill(pane);
  const first = page * PER_PAGE;
  // With keys, the nine that the numbers mean now; without, all of them.
  const shown = keys.isOff ? family.codes : family.codes.slice(first, first + PER_PAGE);
  const chips = shown.map((one, index) => {
    const mark = held.marks.get(`${family.id}/${one.id}`);
    return element(
      "button",
      {
        type: "button",
        class: `chip${mark?.applies ? " set" : ""}${code?.id === one.id ? " shown" : ""}`,
        "aria-pressed": mark?.applies ? "true" : "false",
        "aria-keyshortcuts": keys.isOff ? null : String(index + 1),
        title: one.definition || null,
        onclick: () => act.toggle(family.id, one.id),
      },
      !keys.isOff && element("kbd", { "aria-hidden": "true" }, index + 1),
      element("span", {}, one.name),
    );
  });
  const pages = Math.ceil(family.codes.length / PER_PAGE);
  fill(
    pane,
    element(
      "header",
      { class: "codes-head" },
      element("h2", {}, `Codes of ${family.name}`),
      pages > 1 &&
        !keys.isOff &&
        element(
          "button",
          { type: "button", class: "link", onclick: () => act.run("moreCodes") },
          element("kbd", { "aria-hidden": "true" }, keys.first("moreCodes")),
          ` more (${page + 1} of ${pages})`,
        ),
    ),
    element("div", { class: "chips" }, chips),
    code ? drawCode(code) : drawList(family),
  );
  return undefined;
}

function drawCode(code) {
  const list = (title, entries, name) =>
    entries.length > 0 &&
    element(
      "section",
      { class: name },
      element("h4", {}, title),
      element("ul", {}, entries.map((entry) => element("li", { dir: "auto" }, entry))),
    );
  return element(
    "article",
    { class: "code-card", "aria-label": code.name },
    element("h3", {}, code.name),
    code.definition && element("p", { class: "definition" }, code.definition),
    list("Include", code.include, "include"),
    list("Exclude", code.exclude, "exclude"),
    list("Examples", code.examples, "examples"),
    list("Counter-examples", code.counter_examples, "examples"),
    code.id && element("p", { class: "n" }, element("code", {}, code.id)),
  );
}

function drawList(family) {
  return element(
    "dl",
    { class: "code-list" },
    family.codes.flatMap((code) => [
      element("dt", {}, code.name),
      element("dd", {}, firstSentence(code.definition) || listed(code.include.slice(0, 3))),
    ]),
  );
}

const firstSentence = (text) => /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
