"""Half-open character ranges, and what becomes of them when a text is edited.

Offsets are code points of a document's canonical text. A quote is never stored as text: it
is cut from its document when shown, so a span that moves wrongly is a false quote. This
module is the only place that computes such moves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Edit", "Rebase", "Span", "apply_edits"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Hold `[start_char, end_char)` in code points."""

    start_char: int
    end_char: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_char <= self.end_char:
            raise ValueError(f"not a span: [{self.start_char}, {self.end_char})")

    def __len__(self) -> int:
        return self.end_char - self.start_char

    def of(self, text: str) -> str:
        """Return the characters of `text` that the span covers.

        Raises:
            ValueError: The span ends beyond the text.
        """
        if self.end_char > len(text):
            raise ValueError(f"span ends at {self.end_char}, text has {len(text)} characters")
        return text[self.start_char : self.end_char]

    def contains(self, other: Span) -> bool:
        return self.start_char <= other.start_char and other.end_char <= self.end_char

    def overlaps(self, other: Span) -> bool:
        return self.start_char < other.end_char and other.start_char < self.end_char


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the characters `[start_char, end_char)` of the old text by `replacement`."""

    start_char: int
    end_char: int
    replacement: str


def _checked(edits: Iterable[Edit]) -> list[Edit]:
    ordered = sorted(edits)
    for edit in ordered:
        Span(edit.start_char, edit.end_char)
    for before, after in zip(ordered, ordered[1:], strict=False):
        if after.start_char < before.end_char:
            raise ValueError("edits overlap")
    return ordered


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Apply non-overlapping edits, given in any order, to `text`.

    Raises:
        ValueError: Edits overlap or reach beyond the text.
    """
    out: list[str] = []
    at = 0
    for edit in _checked(edits):
        if edit.end_char > len(text):
            raise ValueError("edit reaches beyond the text")
        out += (text[at : edit.start_char], edit.replacement)
        at = edit.end_char
    out.append(text[at:])
    return "".join(out)


class Rebase:
    """Move offsets and spans of an old text through an edit list into the new text.

    A span's end that falls inside a replaced stretch moves to the replacement's outer border,
    so that a placeholder is never cut in two: the new span covers the whole placeholder.
    """

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._edits: Sequence[Edit] = _checked(edits)
        self._ends = [edit.end_char for edit in self._edits]
        self._shift = [0]
        for edit in self._edits:
            grown = len(edit.replacement) - (edit.end_char - edit.start_char)
            self._shift.append(self._shift[-1] + grown)

    def offset(self, char: int, *, outward: int = -1) -> int:
        """Return where the old offset `char` lies in the new text.

        Args:
            char: Offset in the old text.
            outward: −1 moves an offset inside a replaced stretch to its start, +1 to its end.
        """
        done = bisect_right(self._ends, char)
        shift = self._shift[done]
        if done < len(self._edits):
            edit = self._edits[done]
            if edit.start_char < char:
                start = edit.start_char + shift
                return start if outward < 0 else start + len(edit.replacement)
        return char + shift

    def span(self, span: Span) -> Span:
        """Return the span of the new text that covers what `span` covered in the old."""
        start = self.offset(span.start_char, outward=-1)
        return Span(start, max(start, self.offset(span.end_char, outward=+1)))
