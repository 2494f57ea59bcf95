"""Segments as a model is shown them: sentences, what was said before, and what is left out.

What goes out is masked first; all offsets here are of the masked text. `Shown.place` leads back to
the segment's own characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from qualcode.coders.base import Task
from qualcode.coders.llm.steps import Unit, digest
from qualcode.coders.llm.suspicious import suspicion
from qualcode.coders.local.passages import split_sentences
from qualcode.records import Document, DocumentKind, Role, Segment
from qualcode.spans import Edit, Rebase, Span

__all__ = ["Before", "Shown", "Veil", "coding_units"]

Veil = Callable[[str], tuple[str, tuple[Edit, ...]]]
"""Returns a text with its personal details masked, and the edits that made it."""

MOST_CONTEXT = 600
"""Characters of what was said before."""
MOST_OF_LAST = 400
"""Of these, the nearest turn takes so many at most."""
MOST_QUESTION = 300
LEFT_OUT = "[something was left out here]"
_SURROGATES = {code: "\ufffd" for code in range(0xD800, 0xE000)}


@dataclass(frozen=True, slots=True)
class Before:
    """Hold words that came before a segment; `who` is as a model is told."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold what a model is told about one segment, and what its answers refer to.

    Attributes:
        segment: As it stands in its document.
        text: The segment's masked text.
        sentences: Of that text, in order; together all of it but white space.
        before: What was said before, oldest first.
        question: Of the survey, "" for none.
        edits: Make the masked text from the segment's own.
        suspicion: What makes it read like an instruction, "" for nothing.
    """

    segment: Segment
    text: str
    sentences: tuple[Span, ...]
    before: tuple[Before, ...]
    question: str
    edits: tuple[Edit, ...]
    suspicion: str

    def place(self, span: Span) -> Span:
        """Return what a span of the masked text covers in the document; never part of a mask."""
        back: list[Edit] = []
        grown = 0
        for edit in sorted(self.edits):
            length = edit.end_char - edit.start_char
            start = edit.start_char + grown
            # Only the length of what comes back matters to a span.
            back.append(Edit(start, start + len(edit.replacement), " " * length))
            grown += len(edit.replacement) - length
        own = Rebase(back).span(span)
        start_char = self.segment.start_char
        return Span(start_char + own.start_char, start_char + own.end_char)


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
    veil = veil or _bare
    units: list[Unit] = []
    for task in tasks:
        pieces: list[_Piece] | None = None
        for index, segment in enumerate(task.segments):
            if segment.id not in wanted or segment.role is Role.INTERVIEWER:
                continue
            if pieces is None:
                pieces = _pieces(task, veil)
            units.append(_unit(task, pieces, index, veil))
    return units


def _bare(text: str) -> tuple[str, tuple[Edit, ...]]:
    return text, ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """Hold one segment's masked text, and what a neighbour may be shown of it."""

    text: str
    edits: tuple[Edit, ...]
    suspicion: str


def _pieces(task: Task, veil: Veil) -> list[_Piece]:
    masked = [veil(segment.span.of(task.document.text)) for segment in task.segments]
    texts = [text.translate(_SURROGATES) for text, _ in masked]
    found = [suspicion(text) for text in texts]
    # An instruction may be cut in two by the borders of segments.
    for at in range(len(texts) - 1):
        if not found[at] and not found[at + 1]:
            both = suspicion(f"{texts[at]} {texts[at + 1]}")
            if both and task.segments[at].turn_index == task.segments[at + 1].turn_index:
                found[at] = found[at + 1] = both
    return [
        _Piece(text, edits, why) for text, (_, edits), why in zip(texts, masked, found, strict=True)
    ]


def _unit(task: Task, pieces: Sequence[_Piece], index: int, veil: Veil) -> Unit:
    segment, piece = task.segments[index], pieces[index]
    shown = Shown(
        segment=segment,
        text=piece.text,
        sentences=split_sentences(piece.text),
        before=_before(task, pieces, index),
        question=_question(task.document, segment, veil),
        edits=piece.edits,
        suspicion=piece.suspicion,
    )
    told = [shown.text, shown.question, [[one.who, one.text] for one in shown.before]]
    n_context = len(shown.question) + sum(len(one.who) + len(one.text) for one in shown.before)
    return Unit(
        id=segment.id,
        content=digest("segment", told),
        n_chars=len(shown.text) + n_context,
        is_alone=bool(piece.suspicion),
        document_id=segment.document_id,
        subject=shown,
    )


def _before(task: Task, pieces: Sequence[_Piece], index: int) -> tuple[Before, ...]:
    """Return the words of the last two turns before a segment; its own turn counts if it has some.

    A comment is shown what it says itself before, not the answers to other questions.
    """
    segment = task.segments[index]
    is_comment = task.document.kind is DocumentKind.COMMENT
    lines: list[Before] = []
    room, most = MOST_CONTEXT, MOST_OF_LAST
    for turn_index, text in _turns_back(task.segments, pieces, index):
        if len(lines) == 2 or room <= 0 or (is_comment and turn_index != segment.turn_index):
            break
        cut = _tail(text, min(most, room))
        if cut:
            lines.append(Before(_who(task.document, segment, turn_index), cut))
            room -= len(cut)
            most = room
    return tuple(reversed(lines))


def _turns_back(
    segments: Sequence[Segment], pieces: Sequence[_Piece], index: int
) -> Iterator[tuple[int, str]]:
    """Yield turns before a segment, nearest first, without what reads like an instruction."""
    at = index - 1
    while at >= 0:
        turn_index = segments[at].turn_index
        said: list[str] = []
        size = 0
        while at >= 0 and segments[at].turn_index == turn_index:
            text = LEFT_OUT if pieces[at].suspicion else pieces[at].text
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


def _question(document: Document, segment: Segment, veil: Veil) -> str:
    """Return the survey's question that a comment answers; what reads like an order is left out."""
    if document.kind is not DocumentKind.COMMENT:
        return ""
    text = document.attributes.get("question", "")
    for turn in document.turns:
        if turn.start_char >= segment.start_char:
            break
        if not turn.is_speech:
            text = turn.span.of(document.text)
    masked = veil(text)[0].translate(_SURROGATES) if text else ""
    if suspicion(masked):
        return LEFT_OUT
    flat = " ".join(masked.split())
    return flat if len(flat) <= MOST_QUESTION else flat[:MOST_QUESTION].rsplit(" ", 1)[0] + " …"


def _tail(text: str, longest: int) -> str:
    """Return the end of a text from the beginning of a word."""
    flat = " ".join(text.split())
    if len(flat) <= longest:
        return flat
    cut = flat[-longest:].split(" ", 1)[-1]
    return f"… {cut}"
