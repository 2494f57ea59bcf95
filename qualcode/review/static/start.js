// The start page: how far the work is, and accepting many suggestions at once. Everything else on it
// comes from the server and works without scripts.

import { ask } from "./api.js";
import { WaitingSign } from "./bars.js";
import { drawBulk } from "./bulk.js";
import { counted, element, fill, isolated, listed } from "./draw.js";
import { Outbox, waitingOfOthers } from "./outbox.js";

const at = (id) => document.getElementById(id);
const { reviewer, part, store } = document.body.dataset;
const owner = [store, part, reviewer].map(encodeURIComponent).join("/");
const outbox = new Outbox(owner, reviewer);
new WaitingSign(at("waiting"), at("notice"), outbox, reviewer);

async function begin() {
  tellOfOthers();
  await outbox.flush(); // what a closed page left here
  try {
    const [book, progress] = await Promise.all([ask("/api/book"), ask("/api/progress")]);
    drawProgress(progress);
    drawCodes(book, progress.codes);
    drawBulk(at("bulk"), { book, codes: progress.codes, owner, onChange: refresh });
  } catch (failure) {
    fill(at("progress"), element("p", { class: "warn" }, `${failure.message}.`));
  }
}

async function refresh() {
  const [book, progress] = await Promise.all([ask("/api/book"), ask("/api/progress")]);
  drawProgress(progress);
  drawCodes(book, progress.codes);
}

// Decisions of another person wait in this browser; only a link of that person sends them.
function tellOfOthers() {
  const others = waitingOfOthers(owner).filter((other) => other.owner.startsWith(`${encodeURIComponent(store)}/`));
  if (!others.length || outbox.count) return;
  const told = others.map(({ owner: name, count }) => `${counted(count, "decision")} of ${decodeURIComponent(name.split("/").at(-1))}`);
  at("notice").hidden = false;
  at("notice").textContent = `${listed(told)} wait in this browser. They are sent when that person opens a link here.`;
}

// ---- progress ------------------------------------------------------------------------------

const figure = (value, name) =>
  element("p", { class: "figure" }, element("b", {}, value.toLocaleString("en")), element("span", {}, name));

function drawProgress({ mine, team, people, sample }) {
  const total = team.done + team.left;
  const isTeam = people.length > 1;
  const row = [
    figure(mine.done, `done by me`),
    isTeam && figure(team.done, `done by ${counted(people.length, "person", "people")}`),
    figure(team.left, "left"),
    figure(mine.flagged, "flagged"),
    team.contested > 0 && figure(team.contested, "contested"),
  ];
  fill(
    at("progress"),
    element("div", { class: "progress-row" }, row),
    shareBar(total, mine.done, team.done),
    element("p", { class: "n" }, sampleLine(sample)),
    isTeam && element("p", { class: "n" }, peopleLine(people)),
    mine.n_bulk + team.n_bulk > 0 &&
      element("p", { class: "n" }, `${counted(team.n_bulk, "coding")} accepted in bulk; nobody looked at them one by one.`),
  );
}

function sampleLine(sample) {
  const judged = counted(sample.n_judged, "segment");
  const beyond = sample.n_beyond_gaps ? ` ${sample.n_beyond_gaps} more count once those before them are judged.` : "";
  return `Random sample: ${judged} judged without suggestions so far; the share of a code is estimated from these.${beyond}`;
}

function peopleLine(people) {
  const line = document.createDocumentFragment();
  people.forEach(([name, count], index) => line.append(index ? " · " : "", isolated(name), ` ${count.toLocaleString("en")}`));
  return line;
}

function shareBar(total, mine, team) {
  const space = "http://www.w3.org/2000/svg";
  const bar = document.createElementNS(space, "svg");
  bar.setAttribute("viewBox", "0 0 1000 7");
  bar.setAttribute("preserveAspectRatio", "none");
  bar.setAttribute("role", "img");
  bar.setAttribute("aria-label", `${team} of ${total} segments are done, ${mine} by me`);
  for (const [name, count] of [["team", Math.max(team, mine)], ["me", mine]]) {
    const part = document.createElementNS(space, "rect");
    part.setAttribute("class", name);
    part.setAttribute("width", String(total ? (1000 * count) / total : 0));
    part.setAttribute("height", "7");
    bar.append(part);
  }
  return element("div", { class: "share" }, bar);
}

// ---- by code -------------------------------------------------------------------------------

const COLUMNS = [
  ["left", "left"],
  ["accepted", "accepted"],
  ["rejected", "rejected"],
  ["added", "added"],
  ["contested", "contested"],
];

function drawCodes(book, codes) {
  const known = codes.filter((code) => code.proposed || code.added);
  if (!known.length) return fill(at("by-code-progress"), element("p", { class: "empty" }, "Nothing is suggested yet: run qualcode code first."));
  const columns = COLUMNS.filter(([name]) => name !== "contested" || known.some((code) => code.contested));
  const rows = book.families.flatMap((family) => {
    const own = known.filter((code) => code.family === family.id);
    if (!own.length) return [];
    const title = element("tr", { class: "family" }, element("th", { colSpan: columns.length + 1, scope: "colgroup" }, family.name));
    return [title, ...own.map((code) => codeRow(code, columns))];
  });
  fill(
    at("by-code-progress"),
    element(
      "details",
      {},
      element("summary", {}, `${counted(known.length, "code")} with suggestions or codings`),
      element(
        "div",
        { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Progress by code" },
        element(
          "table",
          { class: "code-table" },
          element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Code"), columns.map(([, name]) => element("th", { scope: "col" }, name)))),
          element("tbody", {}, rows),
        ),
      ),
    ),
  );
  return undefined;
}

function codeRow(code, columns) {
  const link = element("a", { href: `/review?queue=${encodeURIComponent(`code:${code.code}`)}` }, code.name);
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, link),
    columns.map(([name]) => element("td", { class: code[name] ? null : "zero" }, code[name].toLocaleString("en"))),
  );
}

begin();
