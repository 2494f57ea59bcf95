"""What a reviewer is told of one segment in its conversation.

Each record turns into JSON by `as_json`; its keys are the names of the fields. Offsets are code
points of the document's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = [
    "Item",
    "MarkView",
    "Mine",
    "Other",
    "SegmentSpan",
    "Similar",
    "SimilarCode",
    "SourceView",
    "Suggestion",
    "TurnView",
    "View",
]


@dataclass(frozen=True, slots=True)
class View:
    """Give what is told as JSON values."""

    def as_json(self) -> dict[str, Any]:
        """Return a dict of JSON values, tuples as lists."""
        made: dict[str, Any] = _plain(asdict(self))
        return made


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class SourceView(View):
    """Say where a segment comes from.

    Attributes:
        path: Of the document, as it is shown everywhere.
        kind: "interview" or "comment".
        row: 1-based row of a survey, None for an interview.
        participant: Id of who speaks, None for a voice that is nobody's.
        attributes: Of the participant, and of the document where the participant has none.
    """

    path: str
    kind: str
    row: int | None
    participant: str | None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TurnView(View):
    """Hold one turn of the conversation.

    Attributes:
        role: "participant", "interviewer" or "unknown".
        time: Where it begins in the recording, mm:ss; None where that is not known.
        text: The document's slice from `start_char` on.
        is_current: Whether the segment lies in it.
    """

    index: int
    speaker: str | None
    role: str
    time: str | None
    is_speech: bool
    text: str
    start_char: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class SegmentSpan(View):
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True)
class Suggestion(View):
    """Hold a machine's coding; of equal ones by several machines the strongest.

    Attributes:
        score: The chance that the code applies, 0 … 1.
        note: One plain sentence of why, without participants' words.
        basis: "definition", "example", "cue", "pattern" or "head".
        reference: The definition, example or cue that it resembled.
        words: Spans that carried it, strongest first.
    """

    coding_id: str
    family: str
    code: str
    start_char: int
    end_char: int
    score: float
    coder: str
    note: str
    basis: str
    reference: str
    words: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class MarkView(View):
    """Hold a person's yes or no to one code; the span is None for a no."""

    family: str
    code: str
    applies: bool
    start_char: int | None
    end_char: int | None
    coding_id: str | None
    reason: str
    is_bulk: bool


@dataclass(frozen=True, slots=True)
class Mine(View):
    """Hold what the person holds of the segment now.

    Attributes:
        complete: Families of which every code of today's book was judged.
    """

    marks: tuple[MarkView, ...] = ()
    complete: tuple[str, ...] = ()
    is_flagged: bool = False
    notes: tuple[str, ...] = ()
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Other(View):
    """Hold what another person holds; `part` is "reviewer" or "adjudicator"."""

    author: str
    part: str
    marks: tuple[MarkView, ...]
    complete: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SimilarCode(View):
    family: str
    code: str
    author: str


@dataclass(frozen=True, slots=True)
class Similar(View):
    """Hold a decided segment that means the like; `similarity` is a cosine."""

    segment_id: str
    text: str
    codes: tuple[SimilarCode, ...]
    similarity: float


@dataclass(frozen=True, slots=True)
class Item(View):
    """Hold one segment as it is put before one person.

    While it is blind, `suggestions`, `similar` and `others` are empty. `others` is empty until the
    person's own judgement is complete, except for the adjudicator.

    Attributes:
        is_blind: Whether suggestions and others' codings are kept back.
        can_reveal: Whether the person is done with it and may ask for them.
        arm: "blind" or "assisted" for an item of the random sample that the person is asked to
            judge; None for any other segment.
        turns: Three before the segment's own, that one, and three after.
    """

    segment_id: str
    document_id: str
    is_blind: bool
    can_reveal: bool
    arm: str | None
    source: SourceView
    turns: tuple[TurnView, ...]
    segment: SegmentSpan
    suggestions: tuple[Suggestion, ...]
    mine: Mine
    similar: tuple[Similar, ...] = ()
    others: tuple[Other, ...] = ()
