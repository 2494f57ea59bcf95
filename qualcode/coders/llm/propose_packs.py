"""Pack participants' sentences for the step that proposes codes: runs of one talk, or comments.

A code is seen in what comes back, so a model reads many segments at once, where it codes them one
by one. A pack holds numbered sentences of participants; what an interviewer said stands between
them without a number, so nothing else can be named as evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from qualcode.coders.base import Task
from qualcode.coders.llm.steps import Unit, digest
from qualcode.coders.llm.suspicious import suspicion
from qualcode.coders.local.passages import is_non_answer, split_sentences
from qualcode.records import Document, DocumentKind, Role, Segment, stable_id
from qualcode.spans import Edit, Rebase

__all__ = ["CHARS_A_PACK", "Line", "Pack", "Place", "Veil", "packs", "unveiled"]

CHARS_A_PACK = 6_000
"""About 1,500 tokens: with codebook and reply it fits the context of small local models."""

_MOST_CONTEXT = 300
_LEFT_OUT = "Something was said here that is left out."

Veil = Callable[[str], tuple[str, tuple[Edit, ...]]]
"""Returns a text as it may leave the machine, and the edits that made it."""


def unveiled(text: str) -> tuple[str, tuple[Edit, ...]]:
    """Return a text as it is."""
    return text, ()


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

    `opening` stands before it instead where it begins a pack.
    """

    sentences: list[str]
    places: list[list[Place]]
    context: tuple[Line, ...] = ()
    opening: tuple[Line, ...] = ()
    is_alone: bool = False

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
    answered = [_Run(blocks=list(blocks.values())) for blocks in comments.values()]
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
    for segment in task.segments:
        text = segment.span.of(task.document.text)
        suspicious = bool(suspicion(text))
        if segment.role is not Role.PARTICIPANT:
            who = "interviewer" if segment.role is Role.INTERVIEWER else "somebody"
            words = _LEFT_OUT if suspicious else _end_of(_flat(veil(text)[0]))
            waiting.append(Line(0, who, words))
            continue
        context = tuple(waiting[-2:])
        last = context or last
        block = _block(segment, text, veil, context=context, opening=last, is_alone=suspicious)
        run.blocks.append(block)
        waiting = [Line(0, "participant", _LEFT_OUT)] if suspicious else []
        last = () if suspicious else last
    return run


def _add_comments(
    task: Task,
    comments: dict[str, dict[str, _Block]],
    veil: Veil,
) -> None:
    """File the answers of a survey row under their questions; equal ones share a block."""
    for segment in task.segments:
        text = segment.span.of(task.document.text)
        if segment.role is not Role.PARTICIPANT or is_non_answer(text):
            continue
        question = _question(task.document, segment)
        told = (Line(0, "question", _end_of(_flat(veil(question)[0]))),) if question else ()
        block = _block(segment, text, veil, opening=told, is_alone=bool(suspicion(text)))
        twin = comments.setdefault(question, {}).setdefault(text, block)
        if twin is not block:
            for places, more in zip(twin.places, block.places, strict=True):
                places += more


def _question(document: Document, segment: Segment) -> str:
    """Return what a comment answers, as far as the survey's table says it."""
    for turn in reversed(document.turns[: segment.turn_index]):
        if not turn.is_speech:
            return turn.span.of(document.text)
    return document.attributes.get("question", "")


def _block(
    segment: Segment,
    text: str,
    veil: Veil,
    *,
    context: tuple[Line, ...] = (),
    opening: tuple[Line, ...] = (),
    is_alone: bool = False,
) -> _Block:
    veiled, edits = veil(text)
    rebase = Rebase(edits)
    spans = split_sentences(text)
    at = segment.start_char
    return _Block(
        sentences=[_flat(rebase.span(span).of(veiled)) for span in spans],
        places=[[Place(segment.id, at + s.start_char, at + s.end_char)] for s in spans],
        context=context,
        opening=opening,
        is_alone=is_alone,
    )


def _parts(blocks: Sequence[_Block], chars_a_pack: int) -> Iterator[list[_Block]]:
    part: list[_Block] = []
    size = 0
    for block in blocks:
        is_full = size + block.n_chars > chars_a_pack
        if part and (is_full or block.is_alone or part[-1].is_alone):
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
        is_alone=blocks[0].is_alone,
        document_id=document_id,
        subject=Pack(tuple(lines), tuple(places)),
    )


def _flat(text: str) -> str:
    """Return a text on one line, so that no words can pass for a line of the request."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _end_of(text: str) -> str:
    """Return the end of a long text, from a word on where there is one."""
    if len(text) <= _MOST_CONTEXT:
        return text
    end = text[-_MOST_CONTEXT:]
    return f"… {end.partition(' ')[2] or end}"
