// Offsets of the server are code points of the document; a browser counts UTF-16 units. Everything
// that turns one into the other is here.

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

// A stretch of a document: its text, and slices of it by the document's code points.
export class Stretch {
  constructor(text, start) {
    this.text = text;
    this.start = start;
    this.points = PAIR.test(text) ? Array.from(text) : null;
    this.end = start + (this.points ? this.points.length : text.length);
  }

  slice(start, end) {
    const from = Math.max(start, this.start) - this.start;
    const to = Math.min(end, this.end) - this.start;
    if (to <= from) return "";
    return this.points ? this.points.slice(from, to).join("") : this.text.slice(from, to);
  }

  // The code point, in the document, of a UTF-16 offset in this text.
  pointAt(unit) {
    if (!this.points) return this.start + unit;
    let units = 0;
    let point = 0;
    while (point < this.points.length && units < unit) units += this.points[point++].length;
    return this.start + point;
  }

  // Words as [start, end) in code points, in their order.
  words() {
    if (!this.found) this.found = wordsOf(this);
    return this.found;
  }

  // The nearest span that begins and ends at words and has no space at its ends; null for none.
  snapped(start, end) {
    const within = this.words().filter((word) => word[0] < end && word[1] > start);
    if (!within.length) return null;
    const from = Math.min(within[0][0], start);
    const to = Math.max(within.at(-1)[1], end);
    return this.trimmed(from, to);
  }

  trimmed(start, end) {
    let from = Math.max(start, this.start);
    let to = Math.min(end, this.end);
    while (from < to && /^\s$/.test(this.slice(from, from + 1))) from += 1;
    while (from < to && /^\s$/.test(this.slice(to - 1, to))) to -= 1;
    return from < to ? { start: from, end: to } : null;
  }

  // The start of the next or previous word, or character, seen from one end of a span.
  step(at, forward, isEnd, byCharacter) {
    if (byCharacter) return this.nextCharacter(at, forward);
    const places = this.words().map((word) => word[isEnd ? 1 : 0]);
    if (forward) return places.find((place) => place > at) ?? (isEnd ? this.end : at);
    return places.findLast((place) => place < at) ?? (isEnd ? at : this.start);
  }

  // One character as people see it, so that an emoji of five code points is never cut.
  nextCharacter(at, forward) {
    const text = forward ? this.slice(at, this.end) : this.slice(this.start, at);
    if (!text) return at;
    const parts = Array.from(graphemes.segment(text.slice(forward ? 0 : -64, forward ? 64 : undefined)));
    const one = forward ? parts[0].segment : parts.at(-1).segment;
    const length = Array.from(one).length;
    return forward ? at + length : at - length;
  }
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });

function wordsOf(stretch) {
  const words = [];
  let at = stretch.start;
  for (const part of segmenter.segment(stretch.text)) {
    const length = stretch.points ? Array.from(part.segment).length : part.segment.length;
    // An emoji alone is no word to the segmenter, but it is something that can be coded.
    if (part.isWordLike || /\p{Extended_Pictographic}/u.test(part.segment)) words.push([at, at + length]);
    at += length;
  }
  return words;
}

// A stretch cut where any of the ranges begins or ends: [{text, start, names}], names as a Set.
export function pieces(stretch, ranges) {
  const cuts = new Set([stretch.start, stretch.end]);
  for (const range of ranges) {
    for (const cut of [range.start, range.end]) {
      if (cut > stretch.start && cut < stretch.end) cuts.add(cut);
    }
  }
  const places = [...cuts].sort((a, b) => a - b);
  return places.slice(0, -1).map((start, index) => {
    const end = places[index + 1];
    const names = ranges.filter((r) => r.start <= start && r.end >= end).map((r) => r.name);
    return { text: stretch.slice(start, end), start, names: new Set(names) };
  });
}

// What is selected inside an element that shows exactly a stretch, as a span; null for nothing.
export function selectedSpan(selection, element, stretch) {
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(element)) return null;
  const whole = document.createRange();
  whole.selectNodeContents(element);
  const startsBefore = range.compareBoundaryPoints(Range.START_TO_START, whole) < 0;
  const endsBehind = range.compareBoundaryPoints(Range.END_TO_END, whole) > 0;
  const units = (node, offset) => {
    const upTo = document.createRange();
    upTo.setStart(element, 0);
    upTo.setEnd(node, offset);
    return upTo.toString().length;
  };
  const start = startsBefore ? stretch.start : stretch.pointAt(units(range.startContainer, range.startOffset));
  const end = endsBehind ? stretch.end : stretch.pointAt(units(range.endContainer, range.endOffset));
  return stretch.snapped(start, end);
}

// Words of a participant on one line, for labels and announcements.
export function shortened(text, most = 60) {
  const line = text.replace(/\s+/g, " ").trim();
  const points = Array.from(line);
  return points.length > most ? points.slice(0, most - 1).join("").trimEnd() + "…" : line;
}
