"""What a reader of one file format returns, before speakers, pseudonyms and segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol, runtime_checkable

from qualcode.records import TimeMark, Turn

__all__ = ["DialectReader", "Paragraph", "Reader", "Reading", "assemble"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Hold one paragraph of a file: a turn's words, or text that nobody says.

    Attributes:
        text: The words without the speaker's label; LF inside, never empty.
        speaker: The label as the file writes it, without its colon; None where there is none.
        is_speech: False for headings, stage directions, questions of a form.
        marks: Time codes; `start_char` counts from the start of `text`.
    """

    text: str
    speaker: str | None = None
    is_speech: bool = True
    marks: tuple[TimeMark, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold the paragraphs of one interview file and what the reader noticed.

    Attributes:
        format: The reader's name, such as "vtt".
        encoding: How the bytes were decoded; "binary" for packed formats.
        skipped: One line for each thing left out, with its place in the file and the reason.
        dialect: The tool whose conventions the file follows, such as "teams"; "" where none shows.
    """

    format: str
    encoding: str
    paragraphs: tuple[Paragraph, ...]
    skipped: tuple[str, ...] = ()
    dialect: str = ""

    @property
    def full_format(self) -> str:
        """Return format and dialect as a source's record keeps them: "vtt/teams", or "vtt"."""
        return f"{self.format}/{self.dialect}" if self.dialect else self.format


class Reader(Protocol):
    """Read one file format; small enough that a new dialect is one module."""

    name: str
    suffixes: tuple[str, ...]

    def sniff(self, data: bytes, path: PurePath) -> bool:
        """Tell whether the bytes are of this format, whatever the file is called."""

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        """Read the whole file.

        Raises:
            SourceError: The file is empty, truncated or not of this format.
        """


@runtime_checkable
class DialectReader(Reader, Protocol):
    """Read a format that tools write each in their way; `read` finds out which one did."""

    dialects: tuple[str, ...]

    def read_as(
        self, data: bytes, path: PurePath, encoding: str | None, *, dialect: str
    ) -> Reading:
        """Read the file by the conventions of one of `dialects`, whatever they seem to be.

        Raises:
            SourceError: The file is empty, truncated or not of this format and dialect.
        """


def assemble(paragraphs: Sequence[Paragraph]) -> tuple[str, tuple[Turn, ...]]:
    """Join paragraphs to the canonical text and place each as a turn.

    A labelled paragraph reads `Label: words`; the turn's span covers the words. Paragraphs are
    separated by one LF, LFs inside a paragraph stay.
    """
    pieces: list[str] = []
    turns: list[Turn] = []
    at = 0
    for index, paragraph in enumerate(paragraphs):
        label = f"{paragraph.speaker}: " if paragraph.speaker else ""
        start = at + len(label)
        end = start + len(paragraph.text)
        marks = tuple(
            TimeMark(start + m.start_char, m.start_seconds, m.end_seconds) for m in paragraph.marks
        )
        turns.append(Turn(index, start, end, paragraph.speaker, paragraph.is_speech, marks))
        pieces.append(label + paragraph.text)
        at = end + 1
    return "\n".join(pieces), tuple(turns)
