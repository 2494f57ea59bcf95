// Moving the ends of a span, and choosing words, with arrow keys.

const ARROWS = { ArrowLeft: false, ArrowRight: true };

export class SpanMode {
  // row: whose words move; null to choose words for a new code. end: "start", "end" or "both".
  // segment: of which some words must stay among them.
  constructor({ stretch, segment, span, end, row = null }) {
    Object.assign(this, { stretch, segment, end, row });
    this.first = span;
    this.span = span;
  }

  get isChanged() {
    return this.span.start !== this.first.start || this.span.end !== this.first.end;
  }

  // Takes an arrow; returns whether it was one.
  arrow(key, isShifted) {
    if (!(key in ARROWS)) return false;
    const isForward = ARROWS[key];
    const moved = this.end === "both" ? this.#choose(isForward, isShifted) : this.#move(isForward, isShifted);
    const isOfSegment = moved.start < this.segment.end && moved.end > this.segment.start;
    if (moved.start < moved.end && isOfSegment) this.span = moved;
    return true;
  }

  #move(isForward, byCharacter) {
    const { start, end } = this.span;
    const isEnd = this.end === "end";
    const to = this.stretch.step(isEnd ? end : start, isForward, isEnd, byCharacter);
    return isEnd ? { start, end: to } : { start: to, end };
  }

  // An arrow goes on to the next word; with Shift it takes one more word in, or gives the last back.
  #choose(isForward, isWider) {
    const { start, end } = this.span;
    if (isWider) return { start, end: this.stretch.step(end, isForward, true, false) };
    const words = this.stretch.words();
    const next = isForward
      ? words.find((word) => word[0] >= end)
      : words.findLast((word) => word[1] <= start);
    return next ? { start: next[0], end: next[1] } : this.span;
  }

  get help() {
    if (this.end === "both") return "Choosing words: ← → moves, Shift + ← → takes more or fewer, ⏎ codes them, Esc leaves.";
    const which = this.end === "start" ? "beginning" : "end";
    return `Moving the ${which} of the words: ← → by word, with Shift by character. ⏎ keeps, Esc leaves it as it was.`;
  }
}

// The first word of a segment, to begin choosing at.
export function firstWord(stretch, segment) {
  const word = stretch.words().find(([start]) => start >= segment.start);
  return word && word[0] < segment.end ? { start: word[0], end: word[1] } : segment;
}
