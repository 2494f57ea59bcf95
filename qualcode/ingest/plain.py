"""Read transcripts in plain text: `Name: words`, with or without time codes, or a tool's layout."""

from __future__ import annotations

import re
from pathlib import PurePath

from qualcode.errors import SourceError
from qualcode.ingest.decode import decode, lines_in, peek
from qualcode.ingest.layouts import LAYOUTS, blocks_of, layout_of
from qualcode.ingest.lines import Kind, Line
from qualcode.ingest.reading import Reading
from qualcode.ingest.transcript import paragraphs_of
from qualcode.ingest.voices import voiced

__all__ = ["PlainReader"]

# Lines longer than this are not hard-wrapped: each is a paragraph, blank lines or not.
_WRAP_CHARS = 120
_HASHED = ("f4", "maxqda")
_HASH_MARK = re.compile(r"#(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[-.,]\d{1,3})?#")
_RULE = re.compile(r"[ \t]*([-=_*~])(?:[ \t]*\1){2,}[ \t]*")


class PlainReader:
    """Read .txt; a blank line begins a new paragraph of the same speaker."""

    name = "txt"
    suffixes: tuple[str, ...] = (".txt", ".text")
    dialects: tuple[str, ...] = (*(layout.name for layout in LAYOUTS), *_HASHED)

    def sniff(self, data: bytes, path: PurePath) -> bool:
        return bool(peek(data).strip())

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        return self.read_as(data, path, encoding, dialect="")

    def read_as(
        self, data: bytes, path: PurePath, encoding: str | None, *, dialect: str
    ) -> Reading:
        text, used = decode(data, path=path, encoding=encoding)
        rows = lines_in(text, path)
        named = next((layout for layout in LAYOUTS if layout.name == dialect), None)
        layout = named or (None if dialect else layout_of(rows))
        if layout is not None:
            blocks, unread = blocks_of(rows, layout)
            if not any(block.label is not None or block.marks for block in blocks):
                raise SourceError(
                    f"{path}: no line of it begins a turn as {layout.name} writes them",
                    hint="read it without --format, or name another one",
                )
            paragraphs = voiced(blocks, wary=False)
            return Reading(self.name, used, paragraphs, tuple(unread), layout.name)
        paragraphs, skipped = paragraphs_of(_lines(rows))
        if not dialect and len(_HASH_MARK.findall(text)) >= 2:
            dialect = _HASHED[0]
        return Reading(self.name, used, paragraphs, skipped, dialect)


def _lines(rows: list[str]) -> list[Line]:
    long_lines = sum(1 for row in rows if len(row) > _WRAP_CHARS)
    has_blanks = any(not row.strip() for row in rows[:-1])
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        kind = Kind.WORDS if row.strip() else Kind.BLANK
        if kind is Kind.BLANK and lines and lines[-1].kind is Kind.BLANK:
            continue  # any number of blank lines is one
        if _RULE.fullmatch(row):
            kind = Kind.RULE
        if lines and long_lines and not has_blanks:
            lines.append(Line("", f"line {number}", Kind.BLANK))
        lines.append(Line(row, f"line {number}", kind))
    return lines
