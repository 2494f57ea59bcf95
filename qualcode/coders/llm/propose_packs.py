"""Pack participants' sentences for the step that proposes codes: runs of one talk, or comments.

A code is seen in what comes back, so a model reads many segments at once, where it codes them one
by one. A pack holds numbered sentences of participants; what an interviewer said stands between
them without a number, so nothing else can be named as evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from qualcode.coders.base import Task
from qualcode.coders.llm.pieces import (
    LEFT_OUT,
    Piece,
    Veil,
    end_of,
    flat,
    pieces,
    question_of,
    shown_question,
    unveiled,
)
from qualcode.coders.llm.steps import Unit, digest
from qualcode.coders.llm.suspicious import screened
from qualcode.coders.local.passages import is_non_answer, split_sentences
from qualcode.records import DocumentKind, Role, stable_id

__all__ = ["CHARS_A_PACK", "Line", "Pack", "Place", "packs"]

CHARS_A_PACK = 6_000
"""About 1,500 tokens: with codebook and reply it fits the context of small local models."""

_MOST_CONTEXT = 300


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line of a pack; `number` is 0 for context, and `who` says whose words it holds."""

    number: int
    who: str
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Point at a sentence of a participant; offsets are of the segment's document."""

    segment_id: str
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True)
class Pack:
    """Hold what is asked about at once; the `subject` of a unit.

    Attributes:
        lines: In the order in which they are told, as they may leave the machine.
        places: Of the sentences 1, 2, …: more than one where several wrote the very same.
    """

    lines: tuple[Line, ...]
    places: tuple[tuple[Place, ...], ...]


@dataclass(slots=True)
class _Block:
    """Hold one segment of a participant with what was said right before it.

    `opening` stands before it instead where it begins a pack; `suspicion` is as in `Piece`.
    """

    text: str
    sentences: list[str]
    places: list[list[Place]]
    suspicion: str
    context: tuple[Line, ...] = ()
    opening: tuple[Line, ...] = ()

    @property
    def n_chars(self) -> int:
        return sum(map(len, self.sentences)) + sum(len(line.text) for line in self.context)


@dataclass(slots=True)
class _Run:
    """Hold blocks that may stand in one pack."""

    document_id: str = ""
    blocks: list[_Block] = field(default_factory=list)


def packs(
    tasks: Iterable[Task],
    *,
    veil: Veil = unveiled,
    chars_a_pack: int = CHARS_A_PACK,
) -> tuple[Unit, ...]:
    """Return the units to ask about, in the order of the documents, comments last.

    Comments stand together by the question that they answer, and equal ones once; answers such as
    "n/a" are left out. A segment that reads like an instruction to the model is a unit of its own.

    Args:
        tasks: Documents with all their segments.
        veil: Masks what goes out.
        chars_a_pack: A pack is closed before it would grow longer, but never inside a segment.
    """
    talks: list[_Run] = []
    comments: dict[str, dict[str, _Block]] = {}
    for task in tasks:
        if task.document.kind is DocumentKind.COMMENT:
            _add_comments(task, comments, veil)
        else:
            talks.append(_talk(task, veil))
    answered = [_answered(list(blocks.values())) for blocks in comments.values()]
    return tuple(
        _unit(part, run.document_id)
        for run in (*talks, *answered)
        for part in _parts(run.blocks, chars_a_pack)
    )


def _talk(task: Task, veil: Veil) -> _Run:
    """Return the participants' segments of an interview, with what others said before each."""
    run = _Run(task.document.id)
    waiting: list[Line] = []
    last: tuple[Line, ...] = ()
    for piece in pieces(task, veil):
        if piece.segment.role is not Role.PARTICIPANT:
            who = "interviewer" if piece.segment.role is Role.INTERVIEWER else "somebody"
            words = LEFT_OUT if piece.suspicion else end_of(flat(piece.text), _MOST_CONTEXT)
            waiting.append(Line(0, who, words))
            continue
        context = tuple(waiting[-2:])
        last = context or last
        run.blocks.append(_block(piece, context=context, opening=last))
        waiting = [Line(0, "participant", LEFT_OUT)] if piece.suspicion else []
        last = () if piece.suspicion else last
    return run


def _add_comments(
    task: Task,
    comments: dict[str, dict[str, _Block]],
    veil: Veil,
) -> None:
    """File the answers of a survey row under their questions; equal ones share a block."""
    for piece in pieces(task, veil):
        if piece.segment.role is not Role.PARTICIPANT or is_non_answer(piece.text):
            continue
        question = question_of(task.document, piece.segment)
        shown = shown_question(question, veil)
        opening = (Line(0, "question", flat(shown)),) if shown else ()
        block = _block(piece, opening=opening)
        twin = comments.setdefault(question, {}).setdefault(piece.text, block)
        if twin is not block:
            twin.suspicion = twin.suspicion or block.suspicion
            for places, more in zip(twin.places, block.places, strict=True):
                places += more


def _answered(blocks: list[_Block]) -> _Run:
    """Return the answers to one question; here those of several rows stand next to each other."""
    told = screened([block.text for block in blocks], [block.suspicion for block in blocks])
    for block, why in zip(blocks, told, strict=True):
        block.suspicion = why
    return _Run(blocks=blocks)


def _block(
    piece: Piece, *, context: tuple[Line, ...] = (), opening: tuple[Line, ...] = ()
) -> _Block:
    spans = split_sentences(piece.text)
    placed = [piece.place(span) for span in spans]
    return _Block(
        text=piece.text,
        sentences=[flat(span.of(piece.text)) for span in spans],
        places=[[Place(piece.segment.id, at.start_char, at.end_char)] for at in placed],
        suspicion=piece.suspicion,
        context=context,
        opening=opening,
    )


def _parts(blocks: Sequence[_Block], chars_a_pack: int) -> Iterator[list[_Block]]:
    part: list[_Block] = []
    size = 0
    for block in blocks:
        is_full = size + block.n_chars > chars_a_pack
        if part and (is_full or block.suspicion or part[-1].suspicion):
            yield part
            part, size = [], 0
        part.append(block)
        size += block.n_chars
    if part:
        yield part


def _unit(blocks: Sequence[_Block], document_id: str) -> Unit:
    lines: list[Line] = []
    places: list[tuple[Place, ...]] = []
    for block in blocks:
        lines += block.context if lines else block.opening
        for sentence, where in zip(block.sentences, block.places, strict=True):
            places.append(tuple(where))
            lines.append(Line(len(places), "", sentence))
    return Unit(
        id=stable_id("pack", *dict.fromkeys(where[0].segment_id for where in places)),
        content=digest("propose", [[line.number, line.who, line.text] for line in lines]),
        n_chars=sum(len(line.text) for line in lines),
        is_alone=bool(blocks[0].suspicion),
        document_id=document_id,
        subject=Pack(tuple(lines), tuple(places)),
    )
