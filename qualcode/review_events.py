"""What a person does to suggestions at the review page: one record a key that decides something.

Events are only ever added. What a person holds of a segment, and what a study holds as settled,
follows from those that stand (`analysis/reviewed.py`, `analysis/settled.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["REASONS", "Action", "Part", "ReviewEvent", "standing_events"]


class Action(StrEnum):
    """Say what an event does; the fields that each one needs stand behind it."""

    ACCEPT = "accept"
    """The code applies, as proposed: family, code, span, value.coding_id."""
    REJECT = "reject"
    """The code does not apply: family, code, value.coding_id, reason may name one of `REASONS`."""
    CHANGE = "change"
    """Another code applies instead: family, code, span, value.instead_of, value.coding_id."""
    ADD = "add"
    """A code applies that nobody proposed here: family, code, span."""
    SPAN = "span"
    """A code that applies does so on other words: family, code, span."""
    CLEAR = "clear"
    """Nothing is said of a code any more: family, code."""
    DONE = "done"
    """Every code of value.families that was not said to apply does not (value.codebook)."""
    FLAG = "flag"
    UNFLAG = "unflag"
    NOTE = "note"
    """A memo on the segment: value.text."""
    SKIP = "skip"
    REVEAL = "reveal"
    """Suggestions on an item that was blind until then are shown; written by the server alone."""
    UNDO = "undo"
    """The event named by `undoes` does not stand; undoing an undoing is a redo."""


REASONS: Mapping[str, str] = {
    "wrong_code": "wrong code",
    "wrong_place": "wrong place",
    "out_of_context": "out of context",
    "interviewer": "the interviewer's words",
    "duplicate": "duplicate",
    "too_wide": "span too wide",
    "too_narrow": "span too narrow",
    "other": "other",
}
"""Why a coding is rejected: id to what people read; a free text is a reason too."""


class Part(StrEnum):
    """Say in what part a person decided."""

    REVIEWER = "reviewer"
    ADJUDICATOR = "adjudicator"


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """Hold one thing that one person did to one segment.

    Attributes:
        uid: Made where the key was pressed, so that an event sent twice is stored once.
        author: Who, as the person names himself or herself.
        segment_id: The segment before the person.
        action: What was done; says which of the other fields count.
        start_char: With `end_char` the words, in code points of the document's text.
        value: What only some actions need; JSON values.
        reason: Why; may be empty.
        is_blind: Whether suggestions and others' codings were hidden then.
        batch: The bulk action that it is part of, empty for a decision of its own.
        undoes: The uid of the event that this one takes back.
        id: Grows by one in the store, 0 before; the order of events.
        at: When it was stored, UTC, ISO 8601.
    """

    uid: str
    author: str
    segment_id: str
    action: Action
    family: str = ""
    code: str = ""
    start_char: int | None = None
    end_char: int | None = None
    value: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    is_blind: bool = False
    batch: str = ""
    part: Part = Part.REVIEWER
    undoes: str | None = None
    id: int = 0
    at: str = ""


def standing_events(events: Iterable[ReviewEvent]) -> list[ReviewEvent]:
    """Return the events that nobody took back, in their order; undoings are left out.

    An undoing counts only if it comes from the person whose event it takes back.
    """
    ordered = list(events)
    authors = {event.uid: event.author for event in ordered}
    gone: set[str] = set()
    for event in reversed(ordered):
        is_own = event.undoes is not None and authors.get(event.undoes) == event.author
        if is_own and event.uid not in gone:
            gone.add(str(event.undoes))
    return [e for e in ordered if e.action is not Action.UNDO and e.uid not in gone]
