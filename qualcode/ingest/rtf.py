"""Read rich text files (.rtf): what a reader sees, deleted and hidden words and notes left out."""

from __future__ import annotations

from pathlib import PurePath

from qualcode.errors import SourceError
from qualcode.ingest.lines import Kind, Line
from qualcode.ingest.reading import Reading
from qualcode.ingest.rtf_blocks import RtfParagraph, RtfTable
from qualcode.ingest.rtf_text import RtfParser, RtfTooMuch, RtfUnclosed
from qualcode.ingest.services import DIALECTS, as_written
from qualcode.ingest.speech_table import table_lines
from qualcode.ingest.transcript import paragraphs_of

__all__ = ["RtfReader"]

_WORD_PROCESSOR = "open it in a word processor, save it as .docx and ingest the new file"


class RtfReader:
    """Read .rtf: paragraphs, headings and tables in order."""

    name = "rtf"
    suffixes: tuple[str, ...] = (".rtf",)
    dialects: tuple[str, ...] = DIALECTS

    def sniff(self, data: bytes, path: PurePath) -> bool:
        return data.lstrip()[:5] == b"{\\rtf"

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        return self.read_as(data, path, encoding, dialect="")

    def read_as(
        self, data: bytes, path: PurePath, encoding: str | None, *, dialect: str
    ) -> Reading:
        parser = RtfParser()
        try:
            parser.parse(data)
        except RtfUnclosed as error:
            raise SourceError(
                f"{path}: a cut-off rich text file, its end is missing", hint=_WORD_PROCESSOR
            ) from error
        except RtfTooMuch as error:
            raise SourceError(
                f"{path}: has more marks than a rich text file of an interview can have",
                hint=_WORD_PROCESSOR,
            ) from error
        lines, left_out = _lines(parser.blocks.found)
        written = as_written(lines, dialect, path=path)
        paragraphs, skipped = paragraphs_of(written.lines)
        told = (*written.skipped, *skipped, *left_out, *_told(parser))
        return Reading(self.name, "binary", paragraphs, told, written.dialect)


def _lines(blocks: list[RtfParagraph | RtfTable]) -> tuple[list[Line], list[str]]:
    lines: list[Line] = []
    left_out: list[str] = []
    for number, block in enumerate(blocks, start=1):
        place = f"paragraph {number}"
        if isinstance(block, RtfTable):
            table = table_lines(block.rows, f"table at {place}")
            lines += table.lines
            left_out += table.left_out
        elif block.is_heading and block.text.strip():
            lines.append(Line(block.text.strip(), place, Kind.HEADING))
        else:
            lines += _paragraph_lines(block, place)
        lines.append(Line("", place, Kind.BLANK))
    return lines, left_out


def _paragraph_lines(block: RtfParagraph, place: str) -> list[Line]:
    lines: list[Line] = []
    for index, row in enumerate(block.text.split("\n")):
        label = None
        # "Priya<tab>words" with a bold name is a label without a colon.
        is_name = block.name and not block.name.endswith(":")
        if index == 0 and is_name and row.startswith(block.name + "\t"):
            label, row = block.name.strip(), row[len(block.name) + 1 :]
        kind = Kind.WORDS if row.strip() or label else Kind.BLANK
        is_strong = index == 0 and block.name.rstrip().endswith(":")
        lines.append(Line(row, place, kind, label=label, glue="\n", has_strong_label=is_strong))
    return lines


def _told(parser: RtfParser) -> list[str]:
    told = []
    for kind, n_words in parser.blocks.left_out.items():
        if not n_words:
            continue
        words = f"{n_words} word{'' if n_words == 1 else 's'}"
        if kind == "deleted":
            told.append(f"tracked changes: {words} deleted, left out")
        elif kind == "hidden":
            told.append(f"{words} hidden, left out")
        else:
            told.append(f"{kind}: {words} outside the talk, left out")
    if parser.n_undecoded:
        told.append(f"{parser.n_undecoded} characters are none of their code page, kept as \ufffd")
    if parser.n_after:
        told.append(f"{parser.n_after} bytes after the end of the text, left out")
    return told
