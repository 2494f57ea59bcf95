"""Segments as judges read them: their sentences, and the vectors of both."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qualcode.answers import is_non_answer
from qualcode.coders.base import Task
from qualcode.coders.local.readings import Readings, read_answers
from qualcode.records import DocumentKind, Role, Segment
from qualcode.spans import Span

__all__ = [
    "Passage",
    "Passages",
    "NO_ANSWER",
    "all_words",
    "content_words",
    "is_non_answer",
    "read_passages",
    "split_sentences",
]

Embed = Callable[[Sequence[str]], tuple[NDArray[np.float64], NDArray[np.float32]]]
"""Returns unit rows and the heads' answers (see `readings`)."""

FRAGMENT_WORDS = 3
"""A sentence of at most so many words ("Great.", "Half a day.") joins the one before it."""

NO_ANSWER = "no answer was given"
"""Why a comment such as "n/a" has no code."""

_SENTENCE_END = re.compile(r"(?:[.!?…]+[\"'”’)\]]*(?=\s)|\n)\s*")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_STOP_WORDS = """
    a about actually after again ah all also always am an and any anyway are as at aye back
    be because been before being but by can could d did do does doing don't else er erm even
    every for from get go goes going got had has have having he hello her here him his hm
    hmm how i i'd i'll i'm i've if in into is it it's its just kind know laughs like lot ll
    lovely m maybe me mean mhm mm mm-hm more most much my no not now o of off oh ok okay on
    once one only or other our out over pause quite re really right s said say says see she
    so some sort sound stuff sure t thank thanks that that's the their them then there
    there's these they they're thing things think this those though to too uh um up us ve
    very was wasn't we we're well were what what's when where which while who will with
    would yeah yep yes you you're your"""
_STOP = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Passage:
    """Hold a segment with its sentences.

    Attributes:
        sentences: Spans from the start of the segment, at least one.
        units: Rows of `Passages.units`: the whole first, then its sentences if it has several.
        heard: Whether it is judged; an interviewer's is context only.
        alone: Whether it stands for itself, as a comment does, instead of in a conversation.
    """

    segment: Segment
    text: str
    sentences: tuple[Span, ...]
    units: slice
    heard: bool
    alone: bool

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the texts of its units."""
        whole = (self.text,)
        return whole if len(self.sentences) == 1 else whole + tuple(map(self._of, self.sentences))

    def _of(self, span: Span) -> str:
        return span.of(self.text)


@dataclass(frozen=True, slots=True)
class Passages:
    """Hold all passages of some documents.

    Attributes:
        documents: The passages of each document, in the order of their text.
        units: float64, (n_units, 384), unit rows: every passage, each of its sentences.
        readings: What the heads say of each unit.
    """

    documents: tuple[tuple[Passage, ...], ...]
    units: NDArray[np.float64]
    readings: Readings

    @property
    def heard(self) -> list[Passage]:
        """Return the passages to judge, document after document."""
        return [p for document in self.documents for p in document if p.heard]


def read_passages(tasks: Sequence[Task], embed_segments: Embed, embed: Embed) -> Passages:
    """Split segments into sentences and embed both; each distinct text is embedded once.

    Args:
        tasks: Documents with their segments.
        embed_segments: Embeds texts of whole segments.
        embed: Embeds any other text.
    """
    documents: list[tuple[Passage, ...]] = []
    wholes: dict[str, int] = {}
    parts: dict[str, int] = {}
    order: list[tuple[bool, int]] = []
    for task in tasks:
        document: list[Passage] = []
        for segment in task.segments:
            text = segment.span.of(task.document.text)
            heard = segment.role is not Role.INTERVIEWER
            sentences = split_sentences(text) if heard else (Span(0, len(text)),)
            first = len(order)
            order.append((True, wholes.setdefault(text, len(wholes))))
            if len(sentences) > 1:
                for span in sentences:
                    order.append((False, parts.setdefault(span.of(text), len(parts))))
            alone = task.document.kind is DocumentKind.COMMENT
            units = slice(first, len(order))
            document.append(Passage(segment, text, sentences, units, heard, alone))
        documents.append(tuple(document))
    of_wholes, answers_wholes = embed_segments(list(wholes))
    of_parts, answers_parts = embed(list(parts))
    rows = [index if whole else len(wholes) + index for whole, index in order]
    answers = np.concatenate([answers_wholes, answers_parts])[rows]
    return Passages(
        tuple(documents), np.concatenate([of_wholes, of_parts])[rows], read_answers(answers)
    )


def split_sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of a segment; what is too short to mean much joins its neighbour.

    Together they cover the text but for white space between them; a blank text is one sentence.
    """
    borders = [0, *(m.end() for m in _SENTENCE_END.finditer(text)), len(text)]
    spans: list[Span] = []
    for start, end in zip(borders, borders[1:], strict=False):
        stretch = text[start:end]
        if not stretch.strip():
            continue
        begin = start + len(stretch) - len(stretch.lstrip())
        span = Span(begin, start + len(stretch.rstrip()))
        if spans and min(_n_words(span.of(text)), _n_words(spans[-1].of(text))) <= FRAGMENT_WORDS:
            spans[-1] = Span(spans[-1].start_char, span.end_char)
        else:
            spans.append(span)
    return tuple(spans) if len(spans) > 1 else (Span(0, len(text)),)


def _n_words(text: str) -> int:
    return len(_WORD.findall(text))


def all_words(text: str) -> list[Span]:
    """Return every word, in order."""
    return [Span(*match.span()) for match in _WORD.finditer(text)]


def content_words(text: str) -> list[Span]:
    """Return the words that mean something by themselves, in order."""
    return [
        Span(*match.span())
        for match in _WORD.finditer(text)
        if match.group().casefold().replace("’", "'") not in _STOP
        and (len(match.group()) > 1 or not match.group().isascii())
    ]
