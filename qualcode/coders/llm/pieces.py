"""Segments as they may leave the machine: masked, on one line, and screened for orders to a model.

Whatever is asked about segments is made of these, so that no step screens less than another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from qualcode.coders.base import Task
from qualcode.coders.llm.suspicious import screened, suspicion
from qualcode.locate import INVISIBLE
from qualcode.records import Document, Segment
from qualcode.spans import Edit, Rebase, Span

__all__ = [
    "LEFT_OUT",
    "Piece",
    "Veil",
    "end_of",
    "flat",
    "pieces",
    "question_of",
    "shown_question",
    "unveiled",
]

Veil = Callable[[str], tuple[str, tuple[Edit, ...]]]
"""Returns a text with its personal details masked, and the edits that made it."""

LEFT_OUT = "[something was left out here]"
_MOST_QUESTION = 300
_SURROGATES = {code: "\ufffd" for code in range(0xD800, 0xE000)}
# Persian and Indic scripts, and pictures, are written with these two.
_KEPT = "\u200c\u200d"


def unveiled(text: str) -> tuple[str, tuple[Edit, ...]]:
    """Return a text as it is."""
    return text, ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold one segment as it may leave the machine.

    Attributes:
        segment: As it stands in its document.
        text: The segment's masked text.
        edits: Make the masked text from the segment's own.
        suspicion: What makes it read like an instruction, alone or together with what stands next
            to it; "" for nothing.
    """

    segment: Segment
    text: str
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


def pieces(task: Task, veil: Veil) -> tuple[Piece, ...]:
    """Return all segments of a document, in their order.

    An order may be spread over segments and turns, so what follows one another is screened
    together, and so is what each voice says, whoever talks in between.
    """
    masked = [veil(segment.span.of(task.document.text)) for segment in task.segments]
    texts = [text.translate(_SURROGATES) for text, _ in masked]
    found = screened(texts)
    for places in _by_voice(task):
        own = screened([texts[at] for at in places], [found[at] for at in places])
        for at, why in zip(places, own, strict=True):
            found[at] = why
    return tuple(
        Piece(segment, text, edits, why)
        for segment, text, (_, edits), why in zip(task.segments, texts, masked, found, strict=True)
    )


def _by_voice(task: Task) -> list[list[int]]:
    """Return the places of each voice's segments, those of a voice without others in between."""
    speakers = {turn.index: turn.speaker for turn in task.document.turns}
    voices: dict[str | None, list[int]] = defaultdict(list)
    for at, segment in enumerate(task.segments):
        voices[speakers.get(segment.turn_index)].append(at)
    return list(voices.values()) if len(voices) > 1 else []


def question_of(document: Document, segment: Segment) -> str:
    """Return what a comment answers, as far as the survey's table says it."""
    text = document.attributes.get("question", "")
    for turn in document.turns:
        if turn.start_char >= segment.start_char:
            break
        if not turn.is_speech:
            text = turn.span.of(document.text)
    return text


def shown_question(question: str, veil: Veil) -> str:
    """Return the survey's question as it is sent; what reads like an order is left out."""
    masked = veil(question)[0].translate(_SURROGATES) if question else ""
    if suspicion(masked):
        return LEFT_OUT
    line = " ".join(masked.split())
    return line if len(line) <= _MOST_QUESTION else line[:_MOST_QUESTION].rsplit(" ", 1)[0] + " …"


def end_of(text: str, longest: int) -> str:
    """Return the end of a text from the beginning of a word."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    cut = line[-longest:].split(" ", 1)[-1]
    return f"… {cut}"


def flat(text: str) -> str:
    """Return a text on one line, without what nobody can see: no line of ours can be faked."""
    return " ".join(
        "".join(
            " " if char < " " or "\x7f" <= char <= "\x9f" else char
            for char in text
            if char not in INVISIBLE or char in _KEPT
        ).split()
    )
