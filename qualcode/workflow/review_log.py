"""Tell what people did at the review, for audits: ids, names and times, nobody's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qualcode.review_events import REASONS, Action, Part, ReviewEvent, standing_events
from qualcode.workflow.study import Study

__all__ = ["OWN_WORDS", "LoggedEvent", "own_decisions", "review_log"]

_MOST_DECISIONS = 5000
_VERBS = {
    Action.ACCEPT: "Accepted",
    Action.REJECT: "Rejected",
    Action.CHANGE: "Changed to",
    Action.ADD: "Added",
    Action.SPAN: "Moved",
    Action.CLEAR: "Cleared",
    Action.DONE: "Done",
    Action.FLAG: "Flagged",
    Action.UNFLAG: "Took the flag off",
    Action.NOTE: "Noted",
    Action.SKIP: "Skipped",
}

OWN_WORDS = "in own words"
"""Stands for a reason that a person wrote; it may quote a participant."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """Hold one thing that one person did, with what became of it.

    Attributes:
        instead_of: The code that a change took away, else "".
        coding_id: The suggestion that it answers, None where it answers none.
        coder: Who proposed that.
        score: How likely the code was said to be when the person answered.
        reason: An id of `REASONS`, `OWN_WORDS` or "".
        is_blind: Whether suggestions were hidden from the person then.
        batch: The bulk action that it is part of, else "".
        undoes: The number of the event that it takes back, None for any other action.
        stands: Whether it counts now; for an undoing, whether it does.
        undone_by: The number of the event that took it back, None for none.
    """

    id: int
    at: str
    author: str
    part: str
    action: str
    segment_id: str
    family: str
    code: str
    start_char: int | None
    end_char: int | None
    instead_of: str
    coding_id: str | None
    coder: str | None
    score: float | None
    reason: str
    is_blind: bool
    batch: str
    undoes: int | None
    stands: bool
    undone_by: int | None


def review_log(
    study: Study, *, author: str | None = None, segment_id: str | None = None
) -> tuple[LoggedEvent, ...]:
    """Return what people did, oldest first, undoings and what they took back included.

    Args:
        author: Only what this person did.
        segment_id: Only what was done to this segment.
    """
    events = study.repository.review_events
    found = events.all() if segment_id is None else events.on([segment_id])
    told = [event for event in found if author in (None, event.author)]
    numbers = {event.uid: event.id for event in found}
    undoing = {event.undoes: event.id for event in found if event.undoes is not None}
    gone: set[str] = set()
    for event in reversed(found):
        if event.undoes is not None and event.uid not in gone:
            gone.add(event.undoes)
    proposed = _proposed(study, told)
    logged = []
    for event in told:
        coding_id = event.value.get("coding_id")
        coder, score = proposed.get(str(coding_id), (None, None))
        logged.append(
            LoggedEvent(
                id=event.id,
                at=event.at,
                author=event.author,
                part=event.part.value,
                action=event.action.value,
                segment_id=event.segment_id,
                family=event.family,
                code=event.code,
                start_char=event.start_char,
                end_char=event.end_char,
                instead_of=str(event.value.get("instead_of") or ""),
                coding_id=coding_id,
                coder=coder,
                score=event.value.get("score", score),
                reason=event.reason if event.reason in (*REASONS, "") else OWN_WORDS,
                is_blind=event.is_blind,
                batch=event.batch,
                undoes=numbers.get(event.undoes) if event.undoes is not None else None,
                stands=event.uid not in gone,
                undone_by=undoing.get(event.uid),
            )
        )
    return tuple(logged)


def own_decisions(study: Study, author: str, part: Part) -> list[dict[str, str]]:
    """Return what a person did by hand and did not take back, oldest first, the last few thousand.

    Each with uid and segment, a label in words, and family/code where it is about one.
    """
    names = {code.id: code.name for code in study.codebook.codes}
    own = standing_events(study.repository.review_events.all(author=author))
    return [
        {
            "uid": event.uid,
            "segment_id": event.segment_id,
            "label": f"{_VERBS[event.action]} {names.get(event.code, event.code)}".strip(),
            "key": f"{event.family}/{event.code}" if event.code else "",
        }
        for event in own
        if event.part is part and not event.batch and event.action in _VERBS
    ][-_MOST_DECISIONS:]


def _proposed(study: Study, events: Iterable[ReviewEvent]) -> Mapping[str, tuple[str, float]]:
    """Return coder and score of the suggestions that events answer, by id."""
    segments = list(dict.fromkeys(e.segment_id for e in events if e.value.get("coding_id")))
    return study.repository.judgements.ever_proposed(segments)
