"""Join what voices say piece by piece, a cue or a recorder's segment each, to paragraphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qualcode.ingest.lines import is_stage_direction
from qualcode.ingest.reading import Paragraph
from qualcode.records import TimeMark

__all__ = ["Piece", "merged"]

_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold what one voice says in one stretch of time.

    Attributes:
        voice: Its label; None where the file has none, and the voice before goes on.
        is_new: The file marks a change of voice.
        mark: That sign, such as ">> ".
        is_nobody: The tool that wrote the file names its voices and left this one out, so it may
            be anybody's.
    """

    voice: str | None
    text: str
    start_seconds: float
    end_seconds: float
    is_new: bool = False
    mark: str = ""
    is_nobody: bool = False


def merged(pieces: Sequence[Piece]) -> Iterator[Paragraph]:
    """Join consecutive pieces of one voice; without any name, a pause of 2 s ends a paragraph."""
    voice: str | None = None
    text = ""
    marks: list[TimeMark] = []
    last_end: float | None = None
    for piece in pieces:
        if not piece.text.strip():
            continue
        mark = TimeMark(0, piece.start_seconds, piece.end_seconds)
        is_turn = piece.voice is not None or piece.is_new or piece.is_nobody
        if is_stage_direction(piece.text):
            if text:
                yield Paragraph(text, voice, True, tuple(marks))
            text, marks = "", []
            yield Paragraph(piece.text, piece.voice, False, (mark,))
            if is_turn:
                voice = piece.voice
            continue
        now = piece.voice if is_turn else voice
        pause = last_end is not None and piece.start_seconds - last_end >= _PAUSE_SECONDS
        if text and (now != voice or piece.is_new or (now is None and pause)):
            yield Paragraph(text, voice, True, tuple(marks))
            text, marks = "", []
        voice = now
        text += " " if text else ""
        marks.append(replace(mark, start_char=len(text)))
        text += piece.text
        last_end = max(piece.end_seconds, last_end or 0.0)
    if text:
        yield Paragraph(text, voice, True, tuple(marks))
