// Which words a code stands on: chosen with the mouse or with arrows.

import { say } from "./screen.js";
import { SpanMode, firstWord } from "./spans.js";
import { focusedRow, segmentSpan, state } from "./state.js";
import { selectedSpan } from "./text.js";

const wordsElement = () => document.querySelector(".turn.current .words");

// Words that are selected in the segment's turn count as chosen, if some of them are the segment's.
export function takeSelection() {
  const { view } = state;
  if (!view.stretch || !wordsElement()) return;
  const found = selectedSpan(getSelection(), wordsElement(), view.stretch);
  if (!found) return;
  const segment = segmentSpan();
  if (found.start < segment.end && found.end > segment.start) state.chosen = found;
  else say("These words are not of the marked segment", true);
}

// Shows words that were chosen as selected too, so that they can be copied.
export function selectChosen() {
  const pieces = [...document.querySelectorAll(".turn.current .chosen")];
  if (pieces.length) getSelection().setBaseAndExtent(pieces[0], 0, pieces.at(-1), pieces.at(-1).childNodes.length);
}

// end: "start" or "end" of the focused coding's words, "both" to choose words for a new one.
export function startSpan(end) {
  const { view, chosen } = state;
  const common = { stretch: view.stretch, segment: segmentSpan(), end };
  if (end === "both") {
    takeSelection();
    state.span = new SpanMode({ ...common, span: chosen ?? firstWord(view.stretch, common.segment) });
    getSelection().removeAllRanges();
    return;
  }
  if (state.span?.row) {
    state.span.end = end;
    return;
  }
  const row = focusedRow();
  if (row?.span) state.span = new SpanMode({ ...common, span: row.span, row });
  else say("No coding has the focus to move the words of");
}
