// The adjudicator's page: what people said of a segment side by side. What they agree on is merged,
// the rest is chosen by keys. A case leaves the page as a whole, through the same outbox as any
// other decision.

import { Failure, ask } from "./api.js";
import { drawConversation, settle, stretchOf, transcriptAddress } from "./conversation.js";
import { counted, element, isolated, listed } from "./draw.js";
import { pressed } from "./keys.js";
import { Outbox, newUid } from "./outbox.js";
import { shortened } from "./text.js";

const { reviewer, part, store } = document.body.dataset;
const at = (id) => document.getElementById(id);
const NOBODY = { isFlagged: false, isSkipped: false, notes: [] };

const page = {
  outbox: new Outbox([store, part, reviewer].map(encodeURIComponent).join("/"), reviewer),
  names: new Map(), // family/code to names
  reasons: new Map(),
  ids: [],
  agreed: [],
  at: 0,
  decided: 0,
  settled: new Set(), // ids decided since the page was opened
  cases: new Map(), // segment id to a promise of its case
  case: null,
  chosen: new Map(), // row number to option number
  taken: [], // row numbers in the order of choosing, for undo
  row: 0,
};

const rows = () => page.case.rows;
const openRows = () => rows().map((row, index) => [row, index]).filter(([row]) => row.state !== "same");
const isOpen = (index) => page.chosen.get(index) === undefined;
const tell = (text) => {
  at("told").textContent = text;
};
const nameOf = (row) => page.names.get(`${row.family}/${row.code}`) ?? { family: row.family, code: row.code };

async function begin() {
  page.outbox.addEventListener("change", showSent);
  page.outbox.addEventListener("refused", ({ detail }) => tell(`Not stored: ${detail.reason}`));
  showSent();
  await page.outbox.flush(); // what waits decides what is left
  const [book, cases] = await Promise.all([ask("/api/book"), ask("/api/cases")]);
  for (const family of book.families) {
    for (const code of family.codes) {
      page.names.set(`${family.id}/${code.id}`, { family: family.name, code: code.name });
    }
  }
  for (const { id, name } of book.reasons) page.reasons.set(id, name);
  page.ids = cases.differing;
  page.agreed = cases.agreed;
  page.decided = cases.n_decided;
  await show(0);
}

function fetched(id) {
  if (!page.cases.has(id)) {
    const asked = ask(`/api/cases/${encodeURIComponent(id)}`);
    asked.catch(() => page.cases.delete(id));
    page.cases.set(id, asked);
  }
  return page.cases.get(id);
}

async function show(index) {
  page.at = Math.max(0, Math.min(index, page.ids.length));
  const id = page.ids[page.at];
  at("case").hidden = id === undefined;
  at("end").hidden = id !== undefined;
  if (id === undefined) {
    page.case = null;
    showEnd();
    return;
  }
  for (const ahead of page.ids.slice(page.at + 1, page.at + 3)) fetched(ahead).catch(() => {});
  page.case = await fetched(id);
  page.chosen = new Map();
  page.taken = [];
  rows().forEach((row, number) => {
    if (row.chosen !== null) page.chosen.set(number, row.chosen);
  });
  const first = openRows().find(([, number]) => isOpen(number)) ?? openRows()[0];
  page.row = first ? first[1] : -1;
  draw();
  settle(at("conversation"));
  const { people } = page.case;
  tell(`Segment ${page.at + 1} of ${page.ids.length}, judged by ${listed(people)}`);
}

function showEnd() {
  const [heading, line] = at("end").querySelectorAll("h2, p");
  const left = page.ids.filter((id) => !page.settled.has(id)).length;
  heading.textContent = left ? `${counted(left, "segment")} left for later` : "Nothing is left to decide";
  line.textContent =
    page.decided || left
      ? `${counted(page.decided, "segment")} decided.`
      : "Segments come here once two people have judged them and differ.";
  at("later").hidden = !left;
  at("agreed").hidden = !page.agreed.length;
  at("agreed").textContent = `Confirm ${counted(page.agreed.length, "segment")} on which all agree`;
  at("place").textContent = "";
}

function showSent() {
  const { count, state, message } = page.outbox;
  at("sent").textContent = !count
    ? ""
    : state === "calm"
      ? "saving …"
      : `${counted(count, "decision")} not saved yet: ${message}`;
}

// ---- drawing -------------------------------------------------------------------------------

function draw() {
  const { item } = page.case;
  const stretch = stretchOf(item);
  at("place").textContent = `Segment ${page.at + 1} of ${page.ids.length}`;
  drawConversation(at("conversation-text"), item, {
    held: NOBODY,
    marked: markedWords(),
    stretch,
    transcriptKey: "t",
  });
  at("rows").replaceChildren(...openRows().map(([row, number]) => drawRow(row, number, stretch)));
  drawMerged(stretch);
  at("open").href = `/review?queue=${encodeURIComponent(`segments:${item.segment_id}`)}`;
  at("done").disabled = openRows().some(([, number]) => isOpen(number));
}

function markedWords() {
  const row = rows()[page.row];
  if (!row) return [];
  const chosen = page.chosen.get(page.row);
  return row.options
    .map((option, number) => ({ option, name: number === chosen ? "answer taken" : "answer" }))
    .filter(({ option }) => option.applies && option.start_char !== null)
    .map(({ option, name }) => ({ start: option.start_char, end: option.end_char, name }));
}

function drawRow(row, number, stretch) {
  const { family, code } = nameOf(row);
  const isFocused = number === page.row;
  const options = row.options.map((option, index) => drawOption(option, index, number, stretch));
  return element(
    "fieldset",
    {
      class: `row${isFocused ? " focused" : ""}`,
      "aria-current": isFocused ? "true" : null,
      onclick: () => focusRow(number, false),
    },
    element(
      "legend",
      {},
      isolated(code, "code"),
      element("span", { class: "n" }, family),
      row.state === "words" && element("span", { class: "badge" }, "other words"),
    ),
    options,
    row.unsaid.length > 0 && element("p", { class: "n" }, "Not judged by ", listed(row.unsaid)),
  );
}

function drawOption(option, index, number, stretch) {
  const isTaken = page.chosen.get(number) === index;
  const radio = element("input", {
    type: "radio",
    name: `row-${number}`,
    checked: isTaken,
    onchange: () => take(number, index),
  });
  const who = option.by.length ? listed(option.by) : "nobody";
  const reasons = option.reasons.map((reason) => page.reasons.get(reason) ?? reason);
  const why = reasons.length ? `: ${reasons.join("; ")}` : "";
  return element(
    "label",
    { class: `option${isTaken ? " taken" : ""}` },
    radio,
    element("kbd", { "aria-hidden": "true" }, String(index + 1)),
    element("span", { class: "says" }, said(option, stretch)),
    element("bdi", { class: "n who" }, who + why),
  );
}

function said(option, stretch) {
  if (!option.applies) return "does not apply";
  const { segment } = page.case.item;
  if (option.start_char === segment.start_char && option.end_char === segment.end_char) {
    return "applies to the segment";
  }
  const words = shortened(stretch.slice(option.start_char, option.end_char));
  return ["applies to ", element("q", { dir: "auto" }, words)];
}

function drawMerged(stretch) {
  const merged = rows().filter((row) => row.state === "same");
  const [summary, list] = at("merged").children;
  at("merged").hidden = !merged.length;
  summary.textContent = `All agree on ${counted(merged.length, "code")}`;
  list.replaceChildren(
    ...merged.map((row) => {
      const option = row.options[row.chosen ?? 0];
      return element("li", {}, isolated(nameOf(row).code, "code"), " ", said(option, stretch));
    }),
  );
  if (!openRows().length) at("merged").open = true;
}

// ---- deciding ------------------------------------------------------------------------------

function focusRow(number, isMoved = true) {
  if (number === page.row) return;
  page.row = number;
  draw();
  if (!isMoved) return;
  at("rows").querySelector(".focused")?.scrollIntoView({ block: "nearest" });
  const row = rows()[number];
  const options = row.options.map((o, i) => `${i + 1}: ${o.applies ? "applies" : "does not apply"}`);
  tell(`${nameOf(row).code}. ${options.join(", ")}`);
}

function take(number, index) {
  const row = rows()[number];
  if (!row?.options[index]) return;
  page.chosen.set(number, index);
  page.taken.push(number);
  const order = openRows().map(([, one]) => one);
  const from = order.indexOf(number);
  const next = [...order.slice(from + 1), ...order.slice(0, from)].find(isOpen);
  page.row = next ?? number;
  const answer = row.options[index].applies ? "applies" : "does not apply";
  draw();
  tell(`${nameOf(row).code} ${answer}. ${next === undefined ? "Enter is done" : `Next: ${nameOf(rows()[next]).code}`}`);
}

function takeBack() {
  const last = page.taken.pop();
  if (last === undefined) {
    step(-1);
    return;
  }
  page.chosen.delete(last);
  page.row = last;
  draw();
  tell(`${nameOf(rows()[last]).code} is open again`);
}

function choose(wanted) {
  const row = rows()[page.row];
  if (!row) return;
  const index = row.options.findIndex((option) => option.applies === wanted);
  if (index >= 0) take(page.row, index);
}

function done() {
  const open = openRows().find(([, number]) => isOpen(number));
  if (open) {
    focusRow(open[1]);
    tell(`${nameOf(open[0]).code} is still open`);
    return;
  }
  const { item, families, codebook } = page.case;
  const segment_id = item.segment_id;
  rows().forEach((row, number) => {
    page.outbox.add(asEvent(segment_id, row, row.options[page.chosen.get(number) ?? 0]));
  });
  page.outbox.add({ uid: newUid(), segment_id, action: "done", value: { families, codebook } });
  page.cases.delete(segment_id);
  if (!page.case.is_decided && !page.settled.has(segment_id)) page.decided += 1;
  page.settled.add(segment_id);
  show(page.at + 1).catch(fail);
}

function asEvent(segment_id, row, option) {
  const { family, code } = row;
  const event = { uid: newUid(), segment_id, family, code };
  if (!option.applies) return { ...event, action: "reject", reason: option.reasons[0] ?? "" };
  const { start_char, end_char, coding_id } = option;
  return coding_id
    ? { ...event, action: "accept", start_char, end_char, value: { coding_id } }
    : { ...event, action: "add", start_char, end_char };
}

function step(by) {
  const to = page.at + by;
  if (to >= 0 && to <= page.ids.length) show(to).catch(fail);
}

function move(by) {
  const order = openRows().map(([, number]) => number);
  const to = order.indexOf(page.row) + by;
  if (to >= 0 && to < order.length) focusRow(order[to]);
}

// ---- keys ----------------------------------------------------------------------------------

const KEYS = {
  a: () => choose(true),
  x: () => choose(false),
  j: () => move(1),
  k: () => move(-1),
  u: takeBack,
  Enter: done,
  " ": () => step(1),
  ArrowRight: () => step(1),
  ArrowLeft: () => step(-1),
  t: () => location.assign(transcriptAddress(page.case.item)),
  o: () => location.assign(at("open").href),
};

function isElsewhere(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const on = event.target;
  if (on.closest?.("textarea, select, dialog, [contenteditable], input:not([type=radio])")) return true;
  if (on.matches?.("input[type=radio]")) return event.key === " " || event.key.startsWith("Arrow");
  return (event.key === "Enter" || event.key === " ") && Boolean(on.closest?.("a[href], button, summary"));
}

document.addEventListener("keydown", (event) => {
  if (!page.case || isElsewhere(event)) return;
  const key = pressed(event);
  if (/^[1-9]$/.test(key)) take(page.row, Number(key) - 1);
  else if (KEYS[key]) KEYS[key]();
  else return;
  event.preventDefault();
});
at("done").addEventListener("click", done);
at("skip").addEventListener("click", () => step(1));
at("later").addEventListener("click", () => {
  page.ids = page.ids.filter((id) => !page.settled.has(id));
  show(0).catch(fail);
});
at("agreed").addEventListener("click", () => {
  page.ids = page.agreed;
  page.agreed = [];
  show(0).catch(fail);
});
at("rows").addEventListener("submit", (event) => event.preventDefault());

function fail(failure) {
  const message = failure instanceof Failure ? failure.message : "Something went wrong: reload the page";
  at("place").textContent = message;
  tell(message);
}

begin().catch(fail);
