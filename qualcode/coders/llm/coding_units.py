"""Segments as a model is shown them: sentences, what was said before, and what is left out.

All offsets here are of the masked text; `Shown.place` leads back to the segment's own characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qualcode.coders.base import Task
from qualcode.coders.llm.pieces import (
    LEFT_OUT,
    Piece,
    Veil,
    end_of,
    pieces,
    question_of,
    shown_question,
    unveiled,
)
from qualcode.coders.llm.steps import Unit, digest
from qualcode.coders.local.passages import split_sentences
from qualcode.records import Document, DocumentKind, Role, Segment
from qualcode.spans import Span

__all__ = ["Before", "Shown", "coding_units"]

MOST_CONTEXT = 600
"""Characters of what was said before."""
MOST_OF_LAST = 400
"""Of these, the nearest turn takes so many at most."""


@dataclass(frozen=True, slots=True)
class Before:
    """Hold words that came before a segment; `who` is as a model is told."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown(Piece):
    """Hold what a model is told about one segment, and what its answers refer to.

    Attributes:
        sentences: Of the masked text, in order; together all of it but white space.
        before: What was said before, oldest first.
        question: Of the survey, "" for none.
    """

    sentences: tuple[Span, ...]
    before: tuple[Before, ...]
    question: str


def coding_units(
    tasks: Sequence[Task], wanted: frozenset[str], veil: Veil | None = None
) -> list[Unit]:
    """Return one unit for each segment that is wanted, an interviewer's left out.

    Two segments that say the same after the same words are of equal content: comments of a survey
    have no context but their question, so that equal ones are asked once.

    Args:
        tasks: Documents with all their segments.
        wanted: Ids of segments.
        veil: Masks what goes out; nothing is masked without.

    Returns:
        Units in the order of the tasks; `subject` is a `Shown`.
    """
    veil = veil or unveiled
    units: list[Unit] = []
    for task in tasks:
        made: tuple[Piece, ...] = ()
        for index, segment in enumerate(task.segments):
            if segment.id not in wanted or segment.role is Role.INTERVIEWER:
                continue
            made = made or pieces(task, veil)
            units.append(_unit(task, made, index, veil))
    return units


def _unit(task: Task, around: Sequence[Piece], index: int, veil: Veil) -> Unit:
    segment, piece = task.segments[index], around[index]
    is_comment = task.document.kind is DocumentKind.COMMENT
    shown = Shown(
        segment=segment,
        text=piece.text,
        edits=piece.edits,
        suspicion=piece.suspicion,
        sentences=split_sentences(piece.text),
        before=_before(task, around, index),
        question=shown_question(question_of(task.document, segment), veil) if is_comment else "",
    )
    content = [shown.text, shown.question, [[one.who, one.text] for one in shown.before]]
    n_context = len(shown.question) + sum(len(one.who) + len(one.text) for one in shown.before)
    return Unit(
        id=segment.id,
        content=digest("segment", content),
        n_chars=len(shown.text) + n_context,
        is_alone=bool(piece.suspicion),
        document_id=segment.document_id,
        subject=shown,
    )


def _before(task: Task, around: Sequence[Piece], index: int) -> tuple[Before, ...]:
    """Return the words of the last two turns before a segment; its own turn counts if it has some.

    A comment is shown what it says itself before, not the answers to other questions.
    """
    segment = task.segments[index]
    is_comment = task.document.kind is DocumentKind.COMMENT
    lines: list[Before] = []
    room, most = MOST_CONTEXT, MOST_OF_LAST
    for turn_index, text in _turns_back(around, index):
        if len(lines) == 2 or room <= 0 or (is_comment and turn_index != segment.turn_index):
            break
        cut = end_of(text, min(most, room))
        if cut:
            lines.append(Before(_who(task.document, segment, turn_index), cut))
            room -= len(cut)
            most = room
    return tuple(reversed(lines))


def _turns_back(around: Sequence[Piece], index: int) -> Iterator[tuple[int, str]]:
    """Yield turns before a segment, nearest first, without what reads like an instruction."""
    at = index - 1
    while at >= 0:
        turn_index = around[at].segment.turn_index
        said: list[str] = []
        size = 0
        while at >= 0 and around[at].segment.turn_index == turn_index:
            text = LEFT_OUT if around[at].suspicion else around[at].text
            # No more than is shown, or one long turn is joined again for each of its segments.
            if size <= MOST_CONTEXT and not (said and said[-1] == text == LEFT_OUT):
                said.append(text)
                size += len(text)
            at -= 1
        yield turn_index, " ".join(reversed(said))


def _who(document: Document, segment: Segment, turn_index: int) -> str:
    speaker = next((t.speaker for t in document.turns if t.index == turn_index), None)
    own = next((t.speaker for t in document.turns if t.index == segment.turn_index), None)
    if turn_index == segment.turn_index or speaker == own:
        return "same speaker"
    role = document.speaker(speaker).role
    return {
        Role.INTERVIEWER: "interviewer",
        Role.PARTICIPANT: "another participant",
    }.get(role, "another voice")
