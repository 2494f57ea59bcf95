"""Find where the words of a source stand in the one that takes its place: by exact text alone.

A segment is found again where its words stand as a whole segment there: between or beside the same
neighbours, else as often and in the same order by the same voice or row, else just once in both.
What cannot be told apart is not found. Going back finds what going there found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.records import Document, DocumentKind, Segment
from qualcode.spans import Span

__all__ = ["Anchors", "Pointers"]


@dataclass(slots=True)
class Pointers:
    """Count how the pointers of one decision fared.

    Attributes:
        n_moved: Those that point into the new source now.
        n_lost: Words that it does not have; such a pointer stays as it was.
    """

    n_moved: int = 0
    n_lost: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    segment: Segment
    who: str
    text: str
    before: str
    after: str


class Anchors:
    """Hold which segments of a source stand where in another."""

    def __init__(
        self,
        old: tuple[Sequence[Document], Sequence[Segment]],
        new: tuple[Sequence[Document], Sequence[Segment]],
    ) -> None:
        self._old = {document.id: document for document in old[0]}
        self._new = {document.id: document for document in new[0]}
        self._old_segments = {segment.id: segment for segment in old[1]}
        self._of_document: dict[str, list[Segment]] = defaultdict(list)
        for segment in old[1]:
            self._of_document[segment.document_id].append(segment)
        self._moved = _matched(_pieces(*old), _pieces(*new))

    def holds(self, segment_id: str) -> bool:
        """Tell whether a segment is one of the old source."""
        return segment_id in self._old_segments

    def segment(self, segment_id: str) -> Segment | None:
        """Return the segment with the same words, None where there is none."""
        return self._moved.get(segment_id)

    def span(self, segment_id: str, span: Span) -> Span | None:
        """Return where words of an old segment stand, None where they are others there."""
        old, new = self._old_segments.get(segment_id), self._moved.get(segment_id)
        if old is None or new is None:
            return None
        shift = new.start_char - old.start_char
        if span.start_char + shift < 0:
            return None
        moved = Span(span.start_char + shift, span.end_char + shift)
        there, here = self._new[new.document_id].text, self._old[old.document_id].text
        if moved.end_char > len(there) or moved.of(there) != span.of(here):
            return None
        return moved

    def value(self, value: Any, told: Pointers) -> Any:
        """Return JSON of a decision with what points into the old source pointing into the new.

        A pointer is an object with `document_id`, `start_char` and `end_char`, or the id of a
        segment, also as a key. Of a list of ids none counts as lost as long as one is left.
        """
        if isinstance(value, list):
            return self._listed(value, told)
        if isinstance(value, str):
            moved = self._moved.get(value)
            if moved is not None:
                told.n_moved += 1
                return moved.id
            return value
        if not isinstance(value, dict):
            return value
        if (
            str(value.get("document_id")) in self._old
            and {"start_char", "end_char"} <= value.keys()
        ):
            return self._pointer(value, told)
        return {self._key(key): self.value(entry, told) for key, entry in value.items()}

    def _listed(self, value: list[Any], told: Pointers) -> list[Any]:
        ids = [entry for entry in value if isinstance(entry, str) and self.holds(entry)]
        if ids and not any(entry in self._moved for entry in ids) and len(ids) == len(value):
            told.n_lost += 1
        return [self.value(entry, told) for entry in value]

    def _key(self, key: str) -> str:
        moved = self._moved.get(key)
        return key if moved is None else moved.id

    def _pointer(self, value: Mapping[str, Any], told: Pointers) -> dict[str, Any]:
        span = Span(value["start_char"], value["end_char"])
        named = str(value.get("segment_id") or "") or self._around(value["document_id"], span)
        moved = self.span(named, span)
        if moved is None:
            told.n_lost += 1
            return dict(value)
        told.n_moved += 1
        segment = self._moved[named]
        here = {
            "document_id": segment.document_id,
            "start_char": moved.start_char,
            "end_char": moved.end_char,
        }
        if "segment_id" in value:
            here["segment_id"] = segment.id
        return {**value, **here}

    def _around(self, document_id: str, span: Span) -> str:
        """Return the segment that holds a span, "" where none does."""
        held = (s for s in self._of_document[document_id] if s.span.contains(span))
        return next((segment.id for segment in held), "")


def _pieces(documents: Sequence[Document], segments: Sequence[Segment]) -> list[_Piece]:
    held = {document.id: document for document in documents}
    texts = [segment.span.of(held[segment.document_id].text) for segment in segments]
    pieces = []
    for at, segment in enumerate(segments):
        document = held[segment.document_id]
        near = [
            texts[to] if 0 <= to < len(texts) and segments[to].document_id == document.id else ""
            for to in (at - 1, at + 1)
        ]
        pieces.append(_Piece(segment, _who(document, segment), texts[at], *near))
    return pieces


def _who(document: Document, segment: Segment) -> str:
    if document.kind is DocumentKind.COMMENT:
        return document.external_id or ""
    return document.turns[segment.turn_index].speaker or ""


_KEYS: Sequence[tuple[Callable[[_Piece], Hashable], bool]] = (
    (lambda p: (p.who, p.before, p.text, p.after), True),
    (lambda p: (p.who, p.before, p.text), True),
    (lambda p: (p.who, p.text, p.after), True),
    (lambda p: (p.who, p.text), True),
    (lambda p: p.text, False),
)
"""By what pieces are the same, and whether several of them are, where there are as many in both."""


def _matched(old: Sequence[_Piece], new: Sequence[_Piece]) -> dict[str, Segment]:
    found: dict[str, Segment] = {}
    taken: set[str] = set()
    for key, may_repeat in _KEYS:
        here, there = _grouped(old, key, found), _grouped(new, key, taken)
        for same, ours in here.items():
            theirs = there.get(same, [])
            if len(ours) == len(theirs) and (may_repeat or len(ours) == 1):
                for one, other in zip(ours, theirs, strict=True):
                    found[one.id] = other
                    taken.add(other.id)
    return found


def _grouped(
    pieces: Sequence[_Piece],
    key: Callable[[_Piece], Hashable],
    done: Mapping[str, object] | set[str],
) -> dict[Hashable, list[Segment]]:
    grouped: dict[Hashable, list[Segment]] = defaultdict(list)
    for piece in pieces:
        if piece.segment.id not in done:
            grouped[key(piece)].append(piece.segment)
    return grouped
