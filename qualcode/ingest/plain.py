"""Read transcripts in plain text: `Name: words`, with or without time codes."""

from __future__ import annotations

import re
from pathlib import PurePath

from qualcode.ingest.decode import decode, peek
from qualcode.ingest.lines import Kind, Line
from qualcode.ingest.reading import Reading
from qualcode.ingest.transcript import paragraphs_of

__all__ = ["PlainReader"]

# Lines longer than this are not hard-wrapped: each is a paragraph, blank lines or not.
_WRAP_CHARS = 120
_RULE = re.compile(r"[ \t]*([-=_*~])(?:[ \t]*\1){2,}[ \t]*")


class PlainReader:
    """Read .txt; a blank line begins a new paragraph of the same speaker."""

    name = "txt"
    suffixes: tuple[str, ...] = (".txt", ".text")

    def sniff(self, data: bytes, path: PurePath) -> bool:
        return bool(peek(data).strip())

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        text, used = decode(data, path=path, encoding=encoding)
        rows = text.split("\n")
        long_lines = sum(1 for row in rows if len(row) > _WRAP_CHARS)
        has_blanks = any(not row.strip() for row in rows[:-1])
        lines: list[Line] = []
        for number, row in enumerate(rows, start=1):
            kind = Kind.WORDS if row.strip() else Kind.BLANK
            if _RULE.fullmatch(row):
                kind = Kind.RULE
            if lines and long_lines and not has_blanks:
                lines.append(Line("", f"line {number}", Kind.BLANK))
            lines.append(Line(row, f"line {number}", kind))
        paragraphs, skipped = paragraphs_of(lines)
        return Reading(self.name, used, paragraphs, skipped)
