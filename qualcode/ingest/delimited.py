"""Read delimited text to records: which character separates, what quotes, where a record begins."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import PurePath
from typing import Any, Literal

from qualcode.errors import SourceError
from qualcode.ingest.workbook import SAVE_AS

__all__ = ["MAX_CELL_CHARS", "Record", "read_delimited"]

MAX_CELL_CHARS = 1_000_000
# As many as somebody's survey may well have; beyond, a small file would fill the memory.
_MAX_ROWS = 500_000
_MAX_CELLS = 10_000_000
_MAX_LINE_CHARS = 2_000_000
_DELIMITERS = ",;\t|"
_SNIFFED_RECORDS = 200
_END_OF_FILE = "\x1e\x1eend of file\x1e\x1e"


@dataclass(frozen=True, slots=True)
class Record:
    """Hold the cells of a row as read; `line` is where it begins in a text file."""

    number: int
    line: int | None
    cells: Sequence[str]

    @property
    def place(self) -> str:
        return f"row {self.number}" + (f" (line {self.line})" if self.line else "")


def read_delimited(text: str, path: PurePath) -> tuple[list[Record], str, list[str]]:
    """Return all records of a text, the delimiter, and what a person should know.

    Raises:
        SourceError: The text is no table, empty, or a quotation mark in it is never closed.
    """
    _check_text(text, path)
    _check_lines(text, path)
    with _cell_limit():
        named, delimiter, body = _delimiter(text, path)
        records, notes = _read_csv(body, delimiter, path)
    if path.suffix.lower() in {".xlsx", ".xls"}:
        notes.append(f"called {path.suffix}, but holds text separated by {named}; read as CSV")
    return records, delimiter, notes


def _check_text(text: str, path: PurePath) -> None:
    start = text[:200].lstrip().lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise SourceError(f"{path}: this is an HTML or XML page, not a table", hint=SAVE_AS)
    if start.startswith(('{"', "{\n", "[{", "[\n")):
        raise SourceError(f"{path}: this is JSON, not a table", hint=SAVE_AS)


def _check_lines(text: str, path: PurePath) -> None:
    """Refuse a line that would be millions of cells, or one cell of millions of characters."""
    at = 0
    while len(text) - at > _MAX_LINE_CHARS:
        end = text.rfind("\n", at, at + _MAX_LINE_CHARS)
        if end < 0:
            raise SourceError(
                f"{path}: line {text.count(chr(10), 0, at) + 1} has more than "
                f"{_MAX_LINE_CHARS:,} characters, which no row of a survey has",
                hint="open it in a spreadsheet and look whether its rows are rows",
            )
        at = end + 1


def _within_limits(records: Iterator[Record], path: PurePath) -> Iterator[Record]:
    n_cells = 0
    for record in records:
        n_cells += len(record.cells)
        if record.number > _MAX_ROWS or n_cells > _MAX_CELLS:
            raise SourceError(
                f"{path}: {record.place}: at most {_MAX_ROWS:,} rows and {_MAX_CELLS:,} cells are "
                "read",
                hint="save it in parts, or without the columns that are not needed",
            )
        yield record


@contextmanager
def _cell_limit() -> Iterator[None]:
    """Raise the csv module's limit of 131,072 characters, which holds for the whole process."""
    before = csv.field_size_limit(MAX_CELL_CHARS)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _lines(text: str) -> Iterator[str]:
    """Yield lines with their LF; `io.StringIO` would hold the text a second time, at 4 bytes."""
    at = 0
    while (end := text.find("\n", at)) >= 0:
        yield text[at : end + 1]
        at = end + 1
    if at < len(text):
        yield text[at:]


def _delimiter(text: str, path: PurePath) -> tuple[str, str, str]:
    """Return the delimiter's name, the delimiter and the text without Excel's `sep=` line.

    The one wins under which most of the first records are as wide as the header; rows that end
    early count half, as survey tools leave out what was not reached.
    """
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    if told := re.match(r'"?sep=([,;\t|])"?\n', text, re.IGNORECASE):
        return names[told[1]], told[1], text[told.end() :]
    best: tuple[float, int, str] | None = None
    for delimiter in _DELIMITERS:
        try:
            reader = csv.reader(_lines(text), delimiter=delimiter)
            records = [r for r in islice(reader, _SNIFFED_RECORDS) if any(c.strip() for c in r)]
        except csv.Error:
            continue
        if not records:
            raise SourceError(f"{path}: the file is empty", hint="export the survey once more")
        width, rest = len(records[0]), records[1:]
        fitting = 0.0
        for cells in rest:
            if len(cells) == width or (len(cells) > width and not any(cells[width:])):
                fitting += 1
            elif 1 < len(cells) < width:
                fitting += 0.5
        share = round(fitting / len(rest), 1) if rest else 1.0
        # A lone column is what remains when nothing else separates.
        rank = (share + 1 if width > 1 and share >= 0.5 else share - 1, width, delimiter)
        if best is None or rank[:2] > best[:2]:
            best = rank
    delimiter = best[2] if best else ","
    return names[delimiter], delimiter, text


def _read_csv(text: str, delimiter: str, path: PurePath) -> tuple[list[Record], list[str]]:
    """Return the records of a file and what to tell, also where quotation marks do not quote."""
    try:
        quoted = _csv_records(text, delimiter, csv.QUOTE_MINIMAL)
        records = list(_within_limits(quoted, path))
        if list(records[-1].cells) == [_END_OF_FILE]:
            return records[:-1], []
        unquoted = _csv_records(text, delimiter, csv.QUOTE_NONE)
        plain = list(_within_limits(unquoted, path))[:-1]
    except csv.Error as error:
        raise SourceError(
            f"{path}: not readable as a table, a cell may exceed {MAX_CELL_CHARS:,} characters: "
            f"{error}",
            hint="look for a quotation mark that is never closed",
        ) from error
    widths = {len(record.cells) for record in plain if record.cells}
    if len(widths) == 1 and widths != {1}:
        return plain, ["quotation marks are not in pairs; read as part of the words"]
    raise SourceError(
        f"{path}: {records[-1].place}: a quotation mark opens and is never closed, so that the "
        "rest of the file would be one cell",
        hint="close it, or double the marks inside a quoted cell",
    )


def _csv_records(text: str, delimiter: str, quoting: Literal[0, 3]) -> Iterator[Record]:
    """Yield records; the last is `_END_OF_FILE`, unless an open quotation mark swallowed it."""
    reader: Any = csv.reader(
        chain(_lines(text), [_END_OF_FILE]), delimiter=delimiter, quoting=quoting
    )
    line = 1
    for number, cells in enumerate(reader, start=1):
        yield Record(number, line, cells)
        line = reader.line_num + 1
