// Drawing: the feeling curve and what stands in cells, as the server drew them.

const count = (n) => n.toLocaleString("en-US");
const peopleWord = (n) => (n === 1 ? "1 person" : `${count(n)} people`);
const counted = (n, one) => (n === 1 ? `1 ${one}` : `${count(n)} ${one}s`);

// Round to one decimal as Python does: half to even where the half is exact, x.25 and x.75.
function tenth(value) {
  const isTie = Number.isInteger(value * 4) && !Number.isInteger(value * 2);
  if (!isTie) return Number(value.toFixed(1));
  const below = Math.floor(value * 10);
  return (below % 2 === 0 ? below : below + 1) / 10;
}
const percent = (share) => tenth(100 * Math.min(Math.max(share, 0), 1));

function signed(value) {
  const rounded = tenth(value);
  if (rounded === 0) return "0.0";
  return (rounded > 0 ? "+" : "−") + Math.abs(rounded).toFixed(1);
}

function feelingWord(mean, byPerson) {
  const shown = tenth(mean);
  if (shown <= -1) return ["▼▼", "very unhappy", "n2"];
  if (shown <= -0.3) return ["▼", "unhappy", "n1"];
  if (shown < 0.3) {
    const values = byPerson.map((entry) => tenth(entry.mean));
    const apart = values.some((v) => v <= -0.5) && values.some((v) => v >= 0.5);
    return ["●", apart ? "mixed" : "neutral", "z"];
  }
  if (shown < 1) return ["▲", "pleased", "p1"];
  return ["▲▲", "very pleased", "p2"];
}

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 184;
const yOf = (value) => HEIGHT / 2 - Math.max(-2, Math.min(2, value)) * 30;
const at = (number) => number.toFixed(1);

function drawing(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function smooth(points, begin = "M") {
  let path = `${begin}${at(points[0][0])},${at(points[0][1])}`;
  for (let i = 1; i < points.length; i += 1) {
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    const half = at((x0 + x1) / 2);
    path += `C${half},${at(y0)} ${half},${at(y1)} ${at(x1)},${at(y1)}`;
  }
  return path;
}

function runs(present) {
  const found = [];
  present.forEach((here, index) => {
    const last = found.at(-1);
    if (here && last && last.at(-1) === index - 1) last.push(index);
    else if (here) found.push([index]);
  });
  return found;
}

// One series a group; the second is drawn hollow and dashed, and no dots stand beside two.
function feelingCurve(series, names, labels) {
  const columns = names.length;
  const width = Math.max(columns * 175, 1050);
  const column = width / columns;
  const middles = names.map((_, index) => (index + 0.5) * column);
  // Two series stand a little apart, so that neither hides the other.
  const placed = series.map((_, which) =>
    middles.map((x) => x + (series.length > 1 ? (which ? 12 : -12) : 0)),
  );
  const svg = drawing("svg", {
    class: "curve",
    viewBox: `0 0 ${width.toFixed(0)} ${HEIGHT}`,
    role: "img",
    "aria-label": curveInWords(series, names, labels),
    focusable: "false",
  });
  svg.append(drawing("rect", { class: "up", width: width.toFixed(0), height: "92" }));
  svg.append(drawing("rect", { class: "down", y: "92", width: width.toFixed(0), height: "92" }));
  for (const value of [-2, -1, 0, 1, 2]) {
    const y = yOf(value);
    const line = { class: value === 0 ? "zero" : "grid", x1: "0", x2: width.toFixed(0) };
    svg.append(drawing("line", { ...line, y1: at(y), y2: at(y) }));
    const label = value > 0 ? `+${value}` : String(value).replace("-", "−");
    svg.append(drawing("text", { class: "axis", x: "6", y: at(y - 4) }, label));
  }
  for (let index = 1; index < columns; index += 1) {
    const x = at(index * column);
    svg.append(drawing("line", { class: "edge", x1: x, x2: x, y1: "0", y2: String(HEIGHT) }));
  }
  series.forEach((feelings, which) => svg.append(...bands(feelings, placed[which])));
  series.forEach((feelings, which) => {
    for (const run of runs(feelings.map((f) => f.mean !== null))) {
      if (run.length < 2) continue;
      const line = smooth(run.map((i) => [placed[which][i], yOf(feelings[i].mean)]));
      svg.append(drawing("path", { class: which ? "mean beside" : "mean", d: line }));
    }
  });
  series.forEach((feelings, which) => {
    feelings.forEach((feeling, i) => {
      if (feeling.mean === null) return;
      svg.append(...point(placed[which][i], feeling, series.length > 1, which));
    });
  });
  return svg;
}

function bands(feelings, xs) {
  const banded = (f) => f.mean !== null && f.low !== null;
  return runs(feelings.map(banded)).map((run) => {
    const low = run.map((i) => [xs[i], yOf(feelings[i].low)]);
    const high = run.map((i) => [xs[i], yOf(feelings[i].high)]);
    if (run.length > 1) {
      return drawing("path", { class: "band", d: smooth(high) + smooth(low.reverse(), "L") + "Z" });
    }
    const [[[x, bottom]], [[, top]]] = [low, high];
    return drawing("rect", {
      class: "band", x: at(x - 20), y: at(top), width: "40",
      height: at(Math.max(bottom - top, 1)), rx: "3",
    });
  });
}

function point(x, feeling, isPaired, which) {
  const y = yOf(feeling.mean);
  const [mark, word, tone] = feelingWord(feeling.mean, feeling.byPerson);
  const placed = isPaired || feeling.low !== null ? [] : dots(x, feeling.byPerson);
  const parts = placed.map(([cx, cy]) =>
    drawing("circle", { class: "person", cx: at(cx), cy: at(cy), r: "4" }),
  );
  const beside = which ? " beside" : "";
  parts.push(drawing("path", { class: `mark ${tone}${beside}`, d: shape(tone, x, y) }));
  if (isPaired) return parts;
  const heights = [y, ...placed.map(([, cy]) => cy)];
  const label = feeling.mean >= 0 ? Math.min(...heights) - 17 : Math.max(...heights) + 27;
  parts.push(drawing("text", { class: "word", x: at(x), y: at(label) }, `${mark} ${word}`));
  return parts;
}

function shape(tone, x, y) {
  if (tone === "z") return `M${at(x - 8)},${at(y)}a8,8 0 1 0 16,0a8,8 0 1 0 -16,0Z`;
  const size = tone === "n2" || tone === "p2" ? 11 : 9;
  const tip = tone.startsWith("p") ? -size : size;
  const base = -tip * 0.7;
  return `M${at(x)},${at(y + tip)}L${at(x + size)},${at(y + base)}H${at(x - size)}Z`;
}

function dots(x, byPerson) {
  const placed = [];
  const ordered = [...byPerson].sort((a, b) => a.mean - b.mean || a.person - b.person);
  for (const entry of ordered) {
    const y = yOf(entry.mean);
    let dx = x;
    for (let step = 0; step < 2 * ordered.length; step += 1) {
      dx = x + (step % 2 === 0 ? 1 : -1) * (20 + 10 * Math.floor(step / 2));
      if (placed.every(([px, py]) => Math.abs(dx - px) > 9 || Math.abs(y - py) > 9)) break;
    }
    placed.push([dx, y]);
  }
  return placed;
}

function curveInWords(series, names, labels) {
  const told = series.map((feelings, which) => {
    const stages = feelings.map((feeling, i) => {
      if (feeling.mean === null) return `${names[i]}: no evidence`;
      const [, word] = feelingWord(feeling.mean, feeling.byPerson);
      const interval =
        feeling.low === null ? "" : ` (interval ${signed(feeling.low)} to ${signed(feeling.high)})`;
      const people = peopleWord(feeling.byPerson.length);
      return `${names[i]}: ${word}, ${signed(feeling.mean)}${interval}, ${people}`;
    });
    return (series.length > 1 ? `${labels[which]}: ` : "") + stages.join("; ") + ".";
  });
  return "Feeling by stage from −2 to +2. " + told.join(" ");
}

// A copy of what the server would draw, filled by the caller.
function piece(kind) {
  const template = document.querySelector(`template[data-kind="${kind}"]`);
  return template.content.firstElementChild.cloneNode(true);
}

function drawBar(share) {
  const svg = drawing("svg", {
    class: "bar", "aria-hidden": "true", focusable: "false", width: "100%", height: "9",
  });
  const length = percent(share.total ? share.count / share.total : 0);
  svg.append(drawing("rect", { class: "track", y: "2", width: "100%", height: "5", rx: "2.5" }));
  svg.append(drawing("rect", { class: "fill", y: "2", width: `${length}%`, height: "5", rx: "2.5" }));
  if (share.low === null) return svg;
  const [low, high] = [percent(share.low), percent(share.high)];
  const width = `${tenth(high - low)}%`;
  svg.append(drawing("rect", { class: "range", x: `${low}%`, y: "4", width, height: "1" }));
  svg.append(drawing("rect", { class: "range", x: `${low}%`, y: "1", width: "1.5", height: "7" }));
  const end = drawing("svg", { x: `${high}%`, overflow: "visible" });
  end.append(drawing("rect", { class: "range", x: "-1.5", y: "1", width: "1.5", height: "7" }));
  svg.append(end);
  return svg;
}

// "+13 points (−20 to 44)"; without an interval where either group is too small for one, or
// where they share people.
function differenceInWords([a, b], apart) {
  if (!a.total || !b.total) return "nobody to compare with";
  const points = (share) => {
    const rounded = Math.round(100 * share);
    return rounded === 0 ? "0" : (rounded > 0 ? "+" : "−") + Math.abs(rounded);
  };
  const found = difference(a, b);
  if (found.low === null || !apart) return `${points(found.by)} points`;
  return `${points(found.by)} points (${points(found.low)} to ${points(found.high)})`;
}
