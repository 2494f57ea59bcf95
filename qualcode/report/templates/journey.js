// The page: filters that count again, and the panel with the quotes behind a cell. Every text is
// set by textContent: participants' words are never parsed as markup. The quotes were cut on the
// server; nothing here computes an offset.

const data = JSON.parse(document.getElementById("evidence").textContent);
const facts = data.facts;
const panel = document.getElementById("panel");
const announced = document.getElementById("status");
const narrow = matchMedia("(max-width: 700px)");
const everyone = groupOf({ attributes: [] }, {}, false);
let shown = [everyone];
let apart = true;
let opener = null;

const text = (index) => (index === undefined ? "" : data.texts[index]);
const cellOf = (key) => (Object.hasOwn(data.cells, key) ? data.cells[key] : null);
const isIn = (quote, group) => group.has(quote.person) && (!group.checked || quote.checked);

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-")) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const isolated = (value, className = "") =>
  element("bdi", { textContent: value, className });

// ---- the panel ---------------------------------------------------------------------------

function contextLine(context) {
  const role = text(context.role);
  const line = element("p", { className: "turn " + role });
  const time = text(context.time);
  const voice = element("span", { className: "voice" }, isolated(text(context.who)));
  if (time) voice.append(" ", element("time", { textContent: time }));
  const words = element("span", { className: "words", dir: "auto" });
  if (context.quote === undefined) words.append(text(context.text));
  else {
    const mark = element("mark", { textContent: text(context.quote) });
    words.append(text(context.before), mark, text(context.after));
  }
  line.append(voice, words);
  return line;
}

function quoteBlock(quote, isPinned) {
  const because = quote.because.map(text);
  const why = element("p", { className: "why" }, element("bdi", { textContent: text(quote.why) }));
  if (because.length) {
    why.append(" Words that carried it: ");
    because.forEach((word, index) => {
      why.append(index ? ", " : "", isolated("“" + word + "”"));
    });
    why.append(".");
  }
  const persona = text(quote.persona);
  const time = text(quote.time);
  const source = element("p", { className: "source" }, isolated(text(quote.who), "who"));
  if (persona) source.append(" · ", isolated(persona));
  source.append(" · ", isolated(text(quote.place)));
  if (time) source.append(" · ", element("time", { textContent: time }));
  source.append(" · score " + quote.score.toFixed(2));
  source.append(" · " + quote.state);
  if (isPinned) source.append(" · pinned by a person");
  const tone = quote.valence === null ? "" : quote.valence < 0 ? " low" : quote.valence > 0 ? " high" : "";
  return element(
    "li",
    { className: "quote" + tone, tabIndex: -1 },
    element("blockquote", { textContent: text(quote.text), dir: "auto" }),
    source,
    why,
    element(
      "details",
      {},
      element("summary", { textContent: "See it in the transcript" }),
      ...quote.context.map(contextLine),
    ),
  );
}

// What is counted behind a cell, in sentences; one line a group where two stand side by side.
function countedLines(key) {
  const [lane, stage, code] = key.split("/");
  const lines = shown.map((group) => {
    const sentence = countedLine(lane, stage, code, key, group);
    return shown.length > 1 && sentence ? `${group.label}: ${sentence}` : sentence;
  });
  if (shown.length > 1 && Object.hasOwn(facts.findings, key)) {
    const shares = shown.map((group) => findingShare(key, stage, group));
    lines.push(`Difference: ${differenceInWords(shares, apart)}, in the share of people.`);
  }
  return lines.filter((line) => line);
}

const findingShare = (key, stage, group) =>
  shareOf(said(facts.findings[key], group).people, said(facts.stages[stage], group).people, facts);

function shareInWords(share, verb) {
  if (!share.total) return "nobody who is counted spoke here.";
  const sentence = `${count(share.count)} of ${peopleWord(share.total)} ${verb}`;
  if (share.low === null) return `${sentence}, no interval: fewer than ${facts.minPeople} people.`;
  const [low, high] = [Math.round(100 * share.low), Math.round(100 * share.high)];
  const method = shown[0].checked ? facts.methodChecked : facts.method;
  return `${sentence}, interval ${low} to ${high} % (${method}).`;
}

function countedLine(lane, stage, code, key, group) {
  if (lane === "stage") {
    const here = said(facts.stages[stage], group);
    const unassigned = here.unassigned ? ` ${count(here.unassigned)} of them by voices not assigned.` : "";
    return `${peopleWord(here.people)} and ${counted(here.n, "segment")}.${unassigned}`;
  }
  if (lane === "criterion") {
    const all = said(facts.criteria[stage]?.[""], group);
    return `Backed by ${peopleWord(all.people)} and ${counted(all.n, "segment")}.`;
  }
  if (lane === "feeling") return feelingInWords(stage, group);
  if (lane === "moment") {
    const felt = means(facts.touched[`${stage}/${code}`], group);
    if (!felt.length) return "";
    const mean = meanOf(felt.map((entry) => entry.mean));
    const share = findingShare(`touchpoint/${stage}/${code}`, stage, group);
    return `${shareInWords(share, "met it here")} Mean mood ${signed(mean)}: the valence of an emotion, else −1 for a pain point and +1 for a strength.`;
  }
  if (!Object.hasOwn(facts.findings, key)) return "";
  const share = findingShare(key, stage, group);
  const name = facts.stageNames[stage];
  const unheard = !share.count && said(facts.findings[key], group).n > 0;
  return !unheard
    ? `At “${name}”: ${shareInWords(share, "raised it")}`
    : `At “${name}”: raised only by voices that are not assigned, so nobody is counted.`;
}

function feelingInWords(stage, group) {
  const feeling = feelingOf(facts, stage, group);
  if (feeling.mean === null) return "no feeling was found here.";
  const [, word] = feelingWord(feeling.mean, feeling.byPerson);
  const begins = word[0].toUpperCase() + word.slice(1);
  let told = `${begins}: mean ${signed(feeling.mean)} of ${peopleWord(feeling.byPerson.length)}`;
  if (feeling.low !== null) told += `, interval ${signed(feeling.low)} to ${signed(feeling.high)}`;
  const each = [...feeling.byPerson].sort((a, b) => a.mean - b.mean || a.person - b.person);
  const listed = each.slice(0, 20).map((e) => `${facts.people[e.person]} ${signed(e.mean)}`);
  const rest = each.length > 20 ? ` and ${each.length - 20} more` : "";
  return `At “${facts.stageNames[stage]}”, from −2 to +2. ${told}. Each person's mean: ${listed.join(", ")}${rest}.`;
}

// How many quotes a cell has in what is shown; null where only the server could tell.
function quotesBehind(key, cell) {
  const [lane, stage] = key.split("/");
  const sum = (flat) => shown.reduce((total, group) => total + said(flat, group).n, 0);
  if (lane === "criterion") return sum(facts.criteria[stage]?.[""]);
  if (shown.length === 1 && shown[0].isAll) return cell.n;
  if (Object.hasOwn(facts.findings, key)) return sum(facts.findings[key]);
  if (lane === "stage") return sum(facts.stages[stage]);
  return null;
}

function moreLine(key, cell, embedded) {
  const all = quotesBehind(key, cell);
  const more = all === null ? 0 : all - embedded - (shown[0].isAll ? 0 : cell.hidden);
  const line = element("p", { className: "rest-of-quotes", hidden: more <= 0 && !cell.hidden });
  if (more > 0) {
    line.append(`and ${count(more)} more`);
    if (facts.files.quotes && Object.hasOwn(facts.beyond, key)) {
      const href = `${facts.files.quotes}#${encodeURIComponent(key)}`;
      line.append(", all in ", element("a", { href, textContent: facts.files.quotes }));
    }
    line.append(". ");
  }
  if (cell.hidden) line.append(`${counted(cell.hidden, "quote")} hidden by a person, still counted.`);
  return line;
}

function show(key, from, codingId) {
  const cell = cellOf(key);
  if (!cell) return;
  settle();
  opener = from || document.querySelector(`button[data-key="${CSS.escape(key)}"]`);
  if (opener) opener.setAttribute("aria-expanded", "true");
  const close = element("button", { type: "button", className: "close", "aria-label": "Close quotes" });
  close.append(element("span", { textContent: "×", "aria-hidden": "true" }));
  close.addEventListener("click", shut);
  const quotes = cell.quotes
    .map((index, place) => [data.quotes[index], place < cell.pinned])
    .filter(([quote]) => shown.some((group) => isIn(quote, group)));
  const list = element("ol", { className: "quotes" }, ...quotes.map(([q, pinned]) => quoteBlock(q, pinned)));
  const lines = [...cell.about, ...countedLines(key)];
  panel.replaceChildren(
    close,
    element("h2", { id: "panel-title", textContent: cell.title, dir: "auto" }),
    ...lines.map((line) => element("p", { className: "fact", textContent: line, dir: "auto" })),
    quotes.length ? list : element("p", { className: "empty", textContent: "No quotes to show." }),
    moreLine(key, cell, quotes.length),
  );
  if (!panel.open) {
    if (narrow.matches) panel.showModal();
    else panel.show();
  }
  panel.scrollTop = 0;
  announced.textContent = `${cell.title}: ${counted(quotes.length, "quote")} shown.`;
  link(key);
  const position = codingId ? quotes.findIndex(([quote]) => quote.id === codingId) : -1;
  const wanted = position > 0 ? list.children[position] : null;
  if (wanted) {
    wanted.classList.add("wanted");
    wanted.focus();
  } else close.focus();
}

function settle() {
  if (opener) opener.removeAttribute("aria-expanded");
}

function shut() {
  if (!panel.open) return;
  panel.close();
  settle();
  announced.textContent = "";
  link("");
  if (opener && !opener.isConnected) {
    opener = document.querySelector(`button[data-key="${CSS.escape(opener.dataset.key)}"]`);
  }
  if (opener) {
    const folded = opener.closest("details:not([open])");
    if (folded) folded.open = true;
    opener.focus();
  }
  opener = null;
}

// ---- filters: every cell is counted again ----------------------------------------------------

const tools = document.getElementById("tools");
const stageCodes = facts.stageNames ? Object.keys(facts.stageNames) : [];

function place(node, key, stage) {
  node.dataset.key = key;
  const where = node.querySelector(".where");
  if (where) where.textContent = ` at ${facts.stageNames[stage]}. Read the quotes`;
  const name = node.querySelector(".name");
  if (name) name.textContent = cellOf(key)?.title ?? "";
  return node;
}

function barNode(item, stage) {
  const node = place(piece("bar"), item.key, stage);
  const row = node.querySelector(".row");
  node.classList.toggle("thin", item.shares.every((share) => share.count < facts.few));
  row.replaceChildren();
  item.shares.forEach((share, which) => {
    const line = item.shares.length > 1 ? element("span", { className: `pair p${which}` }) : row;
    if (share.count || item.shares.length > 1) {
      line.append(drawBar(share), element("span", { className: "n", textContent: `${count(share.count)} of ${peopleWord(share.total)}` }));
    } else line.append(element("span", { className: "n", textContent: "voice not assigned" }));
    if (line !== row) row.append(line);
  });
  if (item.shares.length > 1) {
    const words = differenceInWords(item.shares, apart);
    row.append(element("span", { className: "n apart", textContent: words }));
  }
  return node;
}

function chipNode(item, stage) {
  const node = place(piece("chip"), item.key, stage);
  node.classList.toggle("thin", item.shares.every((share) => share.count < facts.few));
  const figure = node.querySelector(".n");
  figure.replaceChildren();
  item.shares.forEach((share, which) => {
    if (which) figure.append(" | ");
    if (!share.count && item.shares.length === 1) return figure.append("voice not assigned");
    const rest = element("span", { className: "vh", textContent: ` of ${peopleWord(share.total)}` });
    figure.append(count(share.count), rest);
    return undefined;
  });
  return node;
}

function sayNodes(key) {
  const cell = cellOf(key);
  if (!cell) return [];
  const nodes = [];
  for (const group of shown) {
    const quotes = cell.quotes
      .map((index, at) => [data.quotes[index], at < cell.pinned])
      .filter(([quote]) => isIn(quote, group));
    const chosen = ofDifferentPeople(quotes, shown.length > 1 ? 1 : 2);
    for (const quote of chosen) {
      const node = place(piece("say"), key, "");
      node.dataset.quote = quote.id;
      node.querySelector(".name").textContent = excerpt(text(quote.text));
      node.querySelector(".n").textContent =
        shown.length > 1 ? `${text(quote.who)}, ${group.label}` : text(quote.who);
      nodes.push(node);
    }
  }
  return nodes;
}

function ofDifferentPeople(quotes, most) {
  const pinned = quotes.filter(([, isPinned]) => isPinned).map(([quote]) => quote);
  if (pinned.length) return pinned;
  const assigned = quotes.filter(([quote]) => quote.person >= 0);
  const found = new Map();
  for (const [quote] of assigned.length ? assigned : quotes) {
    const who = quote.person >= 0 ? quote.person : text(quote.place);
    if (!found.has(who)) found.set(who, quote);
    if (found.size === most) break;
  }
  return [...found.values()];
}

// Shorten a quote at a word's end, as the server does.
function excerpt(words, longest = 130) {
  const flat = words.split(/\s+/u).filter(Boolean).join(" ");
  const characters = [...flat];
  if (characters.length <= longest) return flat;
  const head = characters.slice(0, longest + 1).join("");
  const cut = head.includes(" ") ? head.slice(0, head.lastIndexOf(" ")) : head;
  return [...cut].slice(0, longest).join("").replace(/[ ,;:.–—-]+$/u, "") + " […]";
}

function feelingNodes(stage) {
  const felt = shown.map((group) => feelingOf(facts, stage, group));
  return felt.flatMap((feeling, which) => {
    if (feeling.mean === null) return [];
    const node = place(piece("feeling"), `feeling/${stage}`, stage);
    const [, word] = feelingWord(feeling.mean, feeling.byPerson);
    node.querySelector(".figure").textContent = signed(feeling.mean);
    node.querySelector(".n").textContent = peopleWord(feeling.byPerson.length);
    node.querySelector(".name").textContent = word;
    if (shown.length > 1) node.classList.add("pair", `p${which}`);
    return [node];
  });
}

function momentNodes(stage) {
  const perGroup = shown.map((group) => momentsOf(facts, stageCodes, group));
  return perGroup.flatMap((moments, which) =>
    moments
      .filter((moment) => moment.stage === stage)
      .map((moment) => {
        // The page embeds quotes of the moments of the whole study; others open their touchpoint.
        const own = `moment/${stage}/${moment.code}`;
        const touchpoint = `touchpoint/${stage}/${moment.code}`;
        const node = place(piece("moment"), cellOf(own) ? own : touchpoint, stage);
        node.querySelector(".name").textContent = cellOf(touchpoint)?.title ?? moment.code;
        const share = `${count(moment.share.count)} of ${peopleWord(moment.share.total)}`;
        node.querySelector(".n").textContent = `${signed(moment.valence)} · ${share}`;
        if (shown.length > 1) node.classList.add("pair", `p${which}`);
        return node;
      }),
  );
}

function criterionNodes(stage) {
  return Object.entries(facts.criteria).flatMap(([id, stages]) => {
    const counts = shown.map((group) => said(stages[stage], group).people);
    if (!counts.some(Boolean)) return [];
    const node = place(piece("crit"), `criterion/${id}`, stage);
    node.querySelector(".n").textContent =
      counts.length > 1 ? counts.map(count).join(" | ") + " people" : peopleWord(counts[0]);
    return [node];
  });
}

function evidenceNodes(stage) {
  return shown.flatMap((group, which) => {
    const here = said(facts.stages[stage], group);
    if (!here.n) return [];
    const node = place(piece("evidence"), `stage/${stage}`, stage);
    node.querySelector(".name").textContent =
      `${peopleWord(here.people)} · ${counted(here.n, "quote")} · ${count(here.checked)} checked`;
    if (shown.length > 1) node.classList.add("pair", `p${which}`);
    if (!here.unassigned) return [node];
    const words = `${count(here.unassigned)} of them by voices not assigned`;
    return [node, element("span", { className: "n aside", textContent: words })];
  });
}

function nodesOf(kind, lane, stage) {
  if (kind === "say") return sayNodes(`${lane}/${stage}`);
  if (kind === "feeling") return feelingNodes(stage);
  if (kind === "moment") return momentNodes(stage);
  if (kind === "crit") return criterionNodes(stage);
  if (kind === "evidence") return evidenceNodes(stage);
  const make = kind === "bar" ? barNode : chipNode;
  return findingsOf(facts, lane, stage, shown).map((item) => make(item, stage));
}

function redraw() {
  for (const row of document.querySelectorAll("tr[data-lane]")) {
    const { lane, kind } = row.dataset;
    if (kind === "opportunity") continue;
    [...row.querySelectorAll("td[data-cell]")].forEach((cell, index) => {
      const stage = stageCodes[index];
      const summary = cell.querySelector(".summary");
      const nodes = nodesOf(kind, lane, stage);
      const first = nodes.slice(0, facts.shown);
      const rest = nodes.slice(facts.shown);
      cell.replaceChildren(...[...(summary ? [summary] : []), ...first].flatMap((n) => [n, "\n"]));
      if (!nodes.length) {
        const words = kind === "moment" ? "none stands out" : "no evidence";
        cell.append(element("span", { className: "empty", textContent: words }));
      }
      if (rest.length) {
        const hidden = ` at ${facts.stageNames[stage]}, ${row.querySelector("th").textContent}`;
        const head = element("summary", { textContent: `${rest.length} more` });
        head.append(element("span", { className: "vh", textContent: hidden }));
        const folded = rest.flatMap((node) => [node, "\n"]);
        cell.append(element("details", { className: "rest" }, head, ...folded));
      }
    });
  }
  const curve = document.getElementById("curve");
  if (curve) {
    const names = stageCodes.map((stage) => facts.stageNames[stage]);
    const series = shown.map((group) => stageCodes.map((stage) => feelingOf(facts, stage, group)));
    const isFelt = series.some((feelings) => feelings.some((feeling) => feeling.mean !== null));
    curve.replaceChildren(...(isFelt ? [feelingCurve(series, names, shown.map((g) => g.label))] : []));
  }
  for (const card of document.querySelectorAll("[data-criterion]")) redrawCard(card);
  redrawHead();
}

function redrawCard(card) {
  const id = card.dataset.criterion;
  const stages = facts.criteria[id] || {};
  const told = shown.map((group) => {
    const all = said(stages[""], group);
    const words = `${peopleWord(all.people)} · ${counted(all.n, "segment")}`;
    return shown.length > 1 ? `${group.label}: ${words}` : words;
  });
  card.querySelector(".count").textContent = told.join(" | ");
  for (const tag of card.querySelectorAll(".tag")) {
    const counts = shown.map((group) => said(stages[tag.dataset.stage], group).people);
    tag.querySelector(".here").textContent =
      counts.length > 1 ? counts.map(count).join(" | ") + " people" : peopleWord(counts[0]);
    tag.hidden = !counts.some(Boolean);
  }
  for (const say of card.querySelectorAll(".say")) {
    const quote = data.quotes.find((q) => q.id === say.dataset.quote);
    say.hidden = !quote || !shown.some((group) => isIn(quote, group));
  }
}

function redrawHead() {
  const told = shown.map((group) => {
    const heard = said(facts.heard, { ...group, checked: false });
    const coded = stageCodes.reduce((sum, stage) => sum + said(facts.stages[stage], group).n, 0);
    const label = shown.length > 1 || !group.isAll ? `${group.label}: ` : "";
    return `${label}${peopleWord(heard.people)} · ${counted(heard.n, "segment")}, ${count(coded)} at a stage`;
  });
  const who = document.getElementById("who");
  who.textContent = shown.length === 1 && shown[0].isAll ? who.dataset.whole : told.join(" | ");
  const legend = document.getElementById("legend");
  legend.hidden = shown.length < 2;
  legend.replaceChildren(
    ...shown.map((group, which) => element("span", { className: `key p${which}`, textContent: group.label })),
    " In each cell the first line is the one, the second the other; the difference is in points of the share of people, " +
      (apart
        ? `with its 95 % interval (Newcombe; sampling only) from ${facts.minPeople} people a group on.`
        : "without an interval, because some people are in both."),
  );
}

function chosen(select) {
  if (!select || select.value === "") return null;
  const [attribute, value] = select.value.includes(":") ? select.value.split(":") : ["0", select.value];
  return [Number(attribute), Number(value)];
}

function apply({ announce = true } = {}) {
  if (!tools) return;
  const checked = tools.querySelector("[data-checked]").checked;
  const values = {};
  for (const select of tools.querySelectorAll("select[data-filter]")) {
    const choice = chosen(select);
    if (choice) values[choice[0]] = choice[1];
  }
  shown = [groupOf(facts, values, checked)];
  const beside = chosen(tools.querySelector("select[data-beside]"));
  if (beside) shown.push(groupOf(facts, { [beside[0]]: beside[1] }, checked));
  apart = shown.length > 1 && areApart(facts, ...shown);
  redraw();
  const open = panel.open && opener ? opener.dataset.key : null;
  link(open || "");
  if (open) show(open, document.querySelector(`button[data-key="${CSS.escape(open)}"]`));
  if (announce) announced.textContent = document.getElementById("who").textContent;
}

// ---- links: the address tells what is shown --------------------------------------------------

function link(key) {
  const parts = new URLSearchParams();
  for (const [at, value] of Object.entries(shown[0].values)) {
    parts.set("with." + facts.attributes[at].key, facts.attributes[at].values[value]);
  }
  if (shown[1]) {
    const [[at, value]] = Object.entries(shown[1].values);
    parts.set("beside." + facts.attributes[at].key, facts.attributes[at].values[value]);
  }
  if (shown[0].checked) parts.set("checked", "1");
  if (key) parts.set("cell", key);
  const address = parts.toString();
  try {
    history.replaceState(null, "", address ? "#" + address : location.pathname + location.search);
  } catch {
    // A preview that forbids it (mail, sandbox) still shows the page.
  }
}

function follow() {
  const parts = new URLSearchParams(location.hash.slice(1));
  if (tools) {
    for (const select of tools.querySelectorAll("select")) select.value = "";
    for (const [name, value] of parts) {
      const [kind, ...rest] = name.split(".");
      const at = facts.attributes.findIndex((attribute) => attribute.key === rest.join("."));
      const index = at < 0 ? -1 : facts.attributes[at].values.indexOf(value);
      if (index < 0) continue;
      const first = kind === "with" && at === 0;
      const select = tools.querySelector(
        kind === "beside" ? "[data-beside]" : `[data-filter="${first ? 0 : 1}"]`,
      );
      if (select) select.value = first ? String(index) : `${at}:${index}`;
    }
    tools.querySelector("[data-checked]").checked = parts.get("checked") === "1";
    const wanted = parts.get("cell");
    const filters = [...parts].length - (wanted === null ? 0 : 1);
    if (filters > 0 || !shown[0].isAll || shown.length > 1) {
      apply({ announce: false });
    }
  }
  const key = parts.get("cell");
  if (key) show(key, null);
}

// The cue says that columns lie out of sight; without scripts it always stands.
const cue = document.getElementById("cue");
const wrap = document.querySelector(".wrap");
function cueWhereItScrolls() {
  if (cue) cue.hidden = wrap.scrollWidth <= wrap.clientWidth;
}
addEventListener("resize", cueWhereItScrolls);
cueWhereItScrolls();

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-key]");
  if (button) show(button.dataset.key, button, button.dataset.quote);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel.open) {
    event.preventDefault();
    shut();
  }
});
panel.addEventListener("cancel", (event) => {
  event.preventDefault();
  shut();
});
if (tools) {
  const who = document.getElementById("who");
  who.dataset.whole = who.textContent;
  tools.hidden = false;
  tools.addEventListener("change", () => apply());
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("reset", () => setTimeout(apply));
}
addEventListener("hashchange", follow);
follow();
