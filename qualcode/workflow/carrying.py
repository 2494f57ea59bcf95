"""Carry what people decided on one source over to the one that takes its place.

Events of the review, places in the drawn order, decisions on the map, quotes of proposed codes and
notes follow their words; what has no exact words to stand on is listed and stays in the copy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from qualcode.records import Decision
from qualcode.review_events import Action, ReviewEvent
from qualcode.spans import Span
from qualcode.store.candidates import CandidateQuote
from qualcode.store.decisions import taken_back
from qualcode.store.draws import Drawn
from qualcode.store.notes import Note, NoteKind
from qualcode.store.removals import Copy
from qualcode.workflow.anchors import Anchors, Pointers
from qualcode.workflow.study import Study

__all__ = ["Carried", "Lost", "Plan", "apply", "is_decided_on", "plan"]


@dataclass(frozen=True, slots=True)
class Lost:
    """Name what could not be carried.

    Attributes:
        kind: "review" (all that people did to one segment), "decision" or "note".
        id: Of the segment, decision or note.
        place: Where it stood, such as "row 17".
        what: What it was, without participants' words.
    """

    kind: str
    id: str
    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Carried:
    """Say what came over and what did not."""

    n_events: int = 0
    n_decisions: int = 0
    n_notes: int = 0
    lost: tuple[Lost, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold what is to be saved to carry everything over that can be."""

    events: tuple[ReviewEvent, ...]
    drawn: tuple[Drawn, ...]
    decisions: tuple[Decision, ...]
    notes: tuple[Note, ...]
    candidates: Mapping[int, tuple[CandidateQuote, ...]]
    carried: Carried


def is_decided_on(study: Study, copy: Copy, source_id: str) -> bool:
    """Tell whether people did anything to a source that would be lost without it."""
    if copy.events or any(note.target == source_id for note in study.repository.notes.all()):
        return True
    made = plan(study, copy, Copy((), (), (), ()), source_id, source_id).carried
    return bool(made.lost)


def plan(study: Study, old: Copy, new: Copy, old_id: str, new_id: str) -> Plan:
    """Work out what follows its words from one source to another; nothing is saved.

    Args:
        study: The study.
        old: The source that goes, with what people did to it.
        new: The one that comes; what people did to it already stays as it is.
        old_id: Id of the source that goes.
        new_id: Id of the one that comes.
    """
    anchors = Anchors((old.documents, old.segments), (new.documents, new.segments))
    places = _places(old)
    known = {event.uid for event in new.events}
    fresh = [event for event in old.events if event.uid not in known]
    events, lost = _events(fresh, anchors, places)
    decisions, lost_decisions, n_decisions = _decisions(study, anchors)
    notes, lost_notes = _notes(study, anchors, places, old_id, new_id)
    return Plan(
        events=events,
        drawn=_drawn(study, old, new, anchors),
        decisions=decisions,
        notes=notes,
        candidates=_candidates(study, anchors),
        carried=Carried(
            len(events), n_decisions, len(notes), (*lost, *lost_decisions, *lost_notes)
        ),
    )


def apply(study: Study, made: Plan, removed_id: int) -> None:
    """Save a plan, all of it in one transaction, with what could not be carried.

    Args:
        study: The study.
        made: Made for the source that is out.
        removed_id: Number of that source's copy.
    """
    repository = study.repository
    with repository.writing():
        repository.review_events.carry(made.events)
        repository.draws.add(made.drawn)
        repository.decisions.rewrite_texts(made.decisions)
        repository.notes.rewrite(made.notes)
        repository.candidates.set_quotes(made.candidates)
        repository.removals.carried(removed_id, [asdict(one) for one in made.carried.lost])


def _places(copy: Copy) -> dict[str, str]:
    rows = {document.id: document.row for document in copy.documents}
    return {
        segment.id: f"turn {segment.turn_index + 1}"
        if (row := rows[segment.document_id]) is None
        else f"row {row}"
        for segment in copy.segments
    }


def _events(
    events: Sequence[ReviewEvent], anchors: Anchors, places: Mapping[str, str]
) -> tuple[tuple[ReviewEvent, ...], list[Lost]]:
    """Return the events on their new segments; of a segment all come over, or none."""
    moved: dict[str, list[ReviewEvent | None]] = {}
    for event in events:
        moved.setdefault(event.segment_id, []).append(_event(event, anchors))
    gone = {segment_id for segment_id, own in moved.items() if None in own}
    kept = [e for s, own in moved.items() if s not in gone for e in own if e is not None]
    lost = []
    for segment_id in gone:
        own = [event for event in events if event.segment_id == segment_id]
        what = Counter(f"{e.action.value} by {e.author}" for e in own if e.action != Action.REVEAL)
        told = ", ".join(f"{n} {name}" if n > 1 else name for name, n in what.items())
        lost.append(Lost("review", segment_id, places[segment_id], told))
    order = {segment_id: at for at, segment_id in enumerate(places)}
    lost.sort(key=lambda one: order[one.id])
    return tuple(sorted(kept, key=lambda event: event.id)), lost


def _event(event: ReviewEvent, anchors: Anchors) -> ReviewEvent | None:
    segment = anchors.segment(event.segment_id)
    if segment is None:
        return None
    if event.start_char is None or event.end_char is None:
        return replace(event, segment_id=segment.id)
    span = anchors.span(event.segment_id, Span(event.start_char, event.end_char))
    if span is None:
        return None
    return replace(event, segment_id=segment.id, start_char=span.start_char, end_char=span.end_char)


def _drawn(study: Study, old: Copy, new: Copy, anchors: Anchors) -> tuple[Drawn, ...]:
    """Return the places of those that stayed, close up: still a random order of what it holds.

    What stays does so for its words, whatever its place, so a beginning of theirs is a sample.
    """
    going = {one.segment_id for one in old.drawn}
    standing = [one for one in study.repository.draws.all() if one.segment_id not in going]
    free: Counter[str] = Counter()
    for one in (*standing, *new.drawn):
        free[one.stratum] = max(free[one.stratum], one.place + 1)
    placed = {one.segment_id for one in new.drawn}
    made = []
    for one in old.drawn:
        segment = anchors.segment(one.segment_id)
        if segment is not None and segment.id not in placed:
            made.append(replace(one, segment_id=segment.id, place=free[one.stratum]))
            free[one.stratum] += 1
    return tuple(made)


def _decisions(study: Study, anchors: Anchors) -> tuple[tuple[Decision, ...], list[Lost], int]:
    every = study.repository.decisions.all()
    gone = taken_back(every)
    changed, lost, n_standing = [], list[Lost](), 0
    for decision in every:
        told = Pointers()
        value: Any = anchors.value(dict(decision.value), told)
        newer = replace(
            decision, value=value, replaced=anchors.value(dict(decision.replaced), Pointers())
        )
        if newer != decision:
            changed.append(newer)
        stands = decision.undoes is None and decision.id not in gone
        if stands and told.n_lost:
            what = f"{decision.action} {decision.subject} by {decision.author}"
            lost.append(Lost("decision", str(decision.id), "", what))
        elif stands and told.n_moved:
            n_standing += 1
    return tuple(changed), lost, n_standing


def _notes(
    study: Study, anchors: Anchors, places: Mapping[str, str], old_id: str, new_id: str
) -> tuple[tuple[Note, ...], list[Lost]]:
    changed, lost = [], []
    for note in study.repository.notes.all():
        if note.kind is NoteKind.SOURCE and note.target == old_id:
            changed.append(replace(note, target=new_id))
        elif note.segment_id is not None and anchors.holds(note.segment_id):
            segment = anchors.segment(note.segment_id)
            if segment is None:
                what = f"{note.kind.value} note by {note.author}"
                lost.append(Lost("note", str(note.id), places[note.segment_id], what))
                continue
            target = segment.id if note.kind is NoteKind.SEGMENT else note.target
            changed.append(replace(note, target=target, segment_id=segment.id))
    return tuple(changed), lost


def _candidates(study: Study, anchors: Anchors) -> dict[int, tuple[CandidateQuote, ...]]:
    changed = {}
    for candidate in study.repository.candidates.all():
        quotes = tuple(_quote(quote, anchors) for quote in candidate.quotes)
        if quotes != candidate.quotes:
            changed[candidate.id] = quotes
    return changed


def _quote(quote: CandidateQuote, anchors: Anchors) -> CandidateQuote:
    segment = anchors.segment(quote.segment_id)
    span = anchors.span(quote.segment_id, Span(quote.start_char, quote.end_char))
    if segment is None or span is None:
        return quote
    return CandidateQuote(segment.id, span.start_char, span.end_char)
