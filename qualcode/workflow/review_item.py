"""One segment as it is put before one person: what may be seen is decided here, not by a page."""

from __future__ import annotations

from qualcode.analysis.reviewed import Reviewed
from qualcode.codebook.changes import standing_judgements
from qualcode.errors import UsageError
from qualcode.records import Coding, Document, Turn
from qualcode.report.quote_sources import clock
from qualcode.review_events import Action, Part, ReviewEvent
from qualcode.store.draws import ASSISTED, BLIND
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_similar import similar_decided
from qualcode.workflow.review_views import (
    Item,
    MarkView,
    Mine,
    Other,
    SegmentSpan,
    SourceView,
    Suggestion,
    TurnView,
)

__all__ = ["item", "reveal", "reveal_uid"]


def item(index: ReviewIndex, reviewer: str, part: Part, segment_id: str) -> Item:
    """Return a segment in its conversation with what this person may see of it.

    Machines' suggestions are there unless the segment is blind for the person. What others hold of
    it is there once the person's own judgement is complete and nothing is blind any more; the
    adjudicator always sees it.

    Raises:
        UsageError: There is no such segment, or it is an interviewer's.
    """
    index.renew()
    at = index.number(segment_id)
    segment = index.texts[at].segment
    document = index.conversation(at)
    own = index.people.of(reviewer, part, at)
    is_done = index.people.is_done(reviewer, at)
    is_blind = index.is_blind(reviewer, part, at)
    may_know_others = part is Part.ADJUDICATOR or (is_done and not is_blind)
    drawn = index.order
    return Item(
        segment_id=segment.id,
        document_id=document.id,
        is_blind=is_blind,
        can_reveal=is_blind and is_done,
        arm=BLIND if drawn.is_blind[at] else ASSISTED if drawn.is_assisted[at] else None,
        source=_source(index, document, segment.participant_id),
        turns=tuple(_turn(document, turn, segment.turn_index) for turn in document.turns),
        segment=SegmentSpan(segment.start_char, segment.end_char),
        suggestions=() if is_blind else _suggestions(index, segment.id),
        mine=_mine(index, own),
        similar=() if is_blind else similar_decided(index, reviewer, at),
        others=_others(index, reviewer, part, at) if may_know_others else (),
    )


def reveal(index: ReviewIndex, reviewer: str, segment_id: str) -> Item:
    """Store that a person asked for the suggestions on a blind item, and return it with them.

    Raises:
        UsageError: There is no such segment, or the person is not done with it.
    """
    index.renew()
    at = index.number(segment_id)
    if index.is_blind(reviewer, Part.REVIEWER, at):
        if not index.people.is_done(reviewer, at):
            raise UsageError(
                f"segment {segment_id} is to be judged without suggestions first",
                hint="they are shown once every family is done",
            )
        shown = ReviewEvent(
            uid=reveal_uid(reviewer, segment_id),
            author=reviewer,
            segment_id=segment_id,
            action=Action.REVEAL,
        )
        index.study.repository.review_events.add([shown])
    return item(index, reviewer, Part.REVIEWER, segment_id)


def reveal_uid(reviewer: str, segment_id: str) -> str:
    """Return the uid of the one event by which a person's blind item is opened."""
    return f"reveal/{reviewer}/{segment_id}"


def _source(index: ReviewIndex, document: Document, participant: str | None) -> SourceView:
    own = index.own_attributes.get(participant or "", {})
    return SourceView(
        path=document.path,
        kind=document.kind.value,
        row=document.row,
        participant=participant,
        attributes={**document.attributes, **own},
    )


def _turn(document: Document, turn: Turn, current: int) -> TurnView:
    seconds = turn.start_seconds
    return TurnView(
        index=turn.index,
        speaker=turn.speaker,
        role=document.speaker(turn.speaker).role.value,
        time=None if seconds is None else clock(seconds),
        is_speech=turn.is_speech,
        text=turn.span.of(document.text),
        start_char=turn.start_char,
        is_current=turn.index == current,
    )


def _suggestions(index: ReviewIndex, segment_id: str) -> tuple[Suggestion, ...]:
    """Return machines' codings in the order of families, most likely first."""
    found: dict[tuple[str, str, int, int], Coding] = {}
    current = index.study.repository.judgements.current([segment_id])
    for judgement in standing_judgements(current, index.book):
        for coding in judgement.codings:
            key = (coding.family, coding.code, coding.start_char, coding.end_char)
            if key not in found or coding.score > found[key].score:
                found[key] = coding
    order = {family: at for at, family in enumerate(index.families)}
    ranked = sorted(
        found.values(),
        key=lambda c: (order.get(c.family, len(order)), -c.score, c.start_char, c.code),
    )
    return tuple(
        Suggestion(
            coding_id=coding.id,
            family=coding.family,
            code=coding.code,
            start_char=coding.start_char,
            end_char=coding.end_char,
            score=coding.score,
            coder=coding.coder,
            note=coding.rationale.note,
            basis=coding.rationale.basis,
            reference=coding.rationale.reference,
            words=tuple((word.start_char, word.end_char) for word in coding.rationale.words),
        )
        for coding in ranked
    )


def _mine(index: ReviewIndex, own: Reviewed | None) -> Mine:
    if own is None:
        return Mine()
    return Mine(
        marks=_marks(own),
        complete=_complete(index, own),
        is_flagged=own.is_flagged,
        notes=tuple(own.notes),
        is_skipped=own.is_skipped,
    )


def _marks(own: Reviewed) -> tuple[MarkView, ...]:
    return tuple(
        MarkView(
            family=mark.family,
            code=mark.code,
            applies=mark.applies,
            start_char=mark.start_char,
            end_char=mark.end_char,
            coding_id=mark.coding_id,
            reason=mark.reason,
            is_bulk=mark.is_bulk,
        )
        for mark in own.marks.values()
    )


def _complete(index: ReviewIndex, own: Reviewed) -> tuple[str, ...]:
    """Return families of which the person said yes or no to every code of today."""
    return tuple(
        family
        for family in index.families
        if family in own.complete
        and all(own.applies(family, code.id) is not None for code in index.book.family(family))
    )


def _others(index: ReviewIndex, reviewer: str, part: Part, at: int) -> tuple[Other, ...]:
    held = index.people.held.get(at, {})
    return tuple(
        Other(author, theirs.value, _marks(one), _complete(index, one))
        for (author, theirs), one in held.items()
        if (author, theirs) != (reviewer, part)
    )
