"""Read a table, .csv or .xlsx, to a header and rows of text.

What counts is what the bytes are, not what the file is called. Nothing is lost on the way: a row
that does not fit its header stays, and is reported.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import PurePath
from typing import Any, Literal

from qualcode.errors import SourceError
from qualcode.ingest.decode import decode
from qualcode.ingest.workbook import MAX_COLUMNS, SAVE_AS, WORKBOOK_MAGIC, read_workbook

__all__ = ["EXTRA_COLUMN", "Row", "Table", "read_table"]

EXTRA_COLUMN = "(extra)"

_DELIMITERS = ",;\t|"
_SNIFFED_RECORDS = 200
_MAX_CELL_CHARS = 10_000_000
_LISTED_PROBLEMS = 20
_END_OF_FILE = "\x1e\x1eend of file\x1e\x1e"

_NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"$FL2", "an SPSS file"),
    (b"PAR1", "a Parquet file"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Hold the cells of one row; `number` counts as a spreadsheet does, the header being 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Hold a table whose rows are all as wide as its header.

    Attributes:
        path: What messages call the file.
        encoding: How the bytes were decoded; "binary" for .xlsx.
        header: Unique names, outer white space stripped.
        rows: Cells verbatim but for line ends (LF); rows without any filled cell are left out.
        problems: One line for each thing a person should look at, with its row.
    """

    path: str
    format: Literal["csv", "xlsx"]
    encoding: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Record:
    number: int
    line: int | None
    cells: Sequence[str]

    @property
    def place(self) -> str:
        return f"row {self.number}" + (f" (line {self.line})" if self.line else "")


def read_table(
    data: bytes, path: PurePath, *, encoding: str | None = None, sheet: str | None = None
) -> Table:
    """Read the first table of a file.

    Args:
        encoding: Of a CSV file; None tries BOM, UTF-8 and Windows-1252.
        sheet: Of a workbook; None takes the first visible sheet that is not empty.

    Raises:
        SourceError: The file is empty, damaged, locked, too large, has no row beneath its header,
            or is something else; the message says what it seems to be.
    """
    if not data.strip():
        raise SourceError(f"{path}: the file is empty", hint="export the survey once more")
    for magic, what in _NOT_TABLES:
        if data.startswith(magic):
            raise SourceError(f"{path}: this is {what}, not a table", hint=SAVE_AS)
    if data.startswith(WORKBOOK_MAGIC):
        grid, notes = read_workbook(data, path, sheet)
        records = [_Record(number, None, cells) for number, cells in enumerate(grid, start=1)]
        return _table("xlsx", "binary", records, notes, path, joint="\t")
    if sheet is not None:
        raise SourceError(
            f"{path}: this is a text file and has no sheet {sheet!r}", hint="leave out --sheet"
        )
    text, encoding = decode(data, path=path, encoding=encoding)
    _check_text(text, path)
    with _cell_limit():
        named, delimiter, body = _delimiter(text, path)
        records, notes = _read_csv(body, delimiter, path)
    if path.suffix.lower() in {".xlsx", ".xls"}:
        notes.append(f"called {path.suffix}, but holds text separated by {named}; read as CSV")
    return _table("csv", encoding, records, notes, path, joint=delimiter)


def _check_text(text: str, path: PurePath) -> None:
    start = text[:200].lstrip().lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise SourceError(f"{path}: this is an HTML or XML page, not a table", hint=SAVE_AS)
    if start.startswith(('{"', "{\n", "[{", "[\n")):
        raise SourceError(f"{path}: this is JSON, not a table", hint=SAVE_AS)


# --- CSV ---------------------------------------------------------------------------------------


@contextmanager
def _cell_limit() -> Iterator[None]:
    """Raise the csv module's limit of 131,072 characters, which holds for the whole process."""
    before = csv.field_size_limit(_MAX_CELL_CHARS)
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


def _read_csv(text: str, delimiter: str, path: PurePath) -> tuple[list[_Record], list[str]]:
    """Return the records of a file and what to tell, also where quotation marks do not quote."""
    try:
        records = list(_csv_records(text, delimiter, csv.QUOTE_MINIMAL))
        if list(records[-1].cells) == [_END_OF_FILE]:
            return records[:-1], []
        plain = list(_csv_records(text, delimiter, csv.QUOTE_NONE))[:-1]
    except csv.Error as error:
        raise SourceError(
            f"{path}: not readable as a table, a cell may exceed {_MAX_CELL_CHARS:,} characters: "
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


def _csv_records(text: str, delimiter: str, quoting: Literal[0, 3]) -> Iterator[_Record]:
    """Yield records; the last is `_END_OF_FILE`, unless an open quotation mark swallowed it."""
    reader: Any = csv.reader(
        chain(_lines(text), [_END_OF_FILE]), delimiter=delimiter, quoting=quoting
    )
    line = 1
    for number, cells in enumerate(reader, start=1):
        yield _Record(number, line, cells)
        line = reader.line_num + 1


# --- rows under a header -------------------------------------------------------------------------


def _table(
    kind: Literal["csv", "xlsx"],
    encoding: str,
    records: list[_Record],
    notes: list[str],
    path: PurePath,
    joint: str,
) -> Table:
    """Fit rows to the header; `joint` joins the cells that stand beyond it."""
    filled = [record for record in records if any(cell.strip() for cell in record.cells)]
    if not filled:
        raise SourceError(f"{path}: the table is empty", hint="export the survey once more")
    head, body = filled[0], filled[1:]
    if not body:
        raise SourceError(
            f"{path}: the table has a header and no rows", hint="export the survey once more"
        )
    width = len(head.cells)
    while (
        width
        and not head.cells[width - 1].strip()
        and not any(any(cell.strip() for cell in record.cells[width - 1 :]) for record in body)
    ):
        width -= 1
    if width > MAX_COLUMNS:
        raise SourceError(f"{path}: {width:,} columns; at most {MAX_COLUMNS:,} are read")
    header, renamed = _unique_names(head.cells[:width])
    short: list[str] = []
    long: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    extras: dict[int, str] = {}
    for record in body:
        cells = list(record.cells[:width])
        if len(cells) < width:
            short.append(f"{record.place}: {len(cells)} cells under {width} columns")
            cells += [""] * (width - len(cells))
        beyond = list(record.cells[width:])
        if any(cell.strip() for cell in beyond):
            long.append(f"{record.place}: {len(record.cells)} cells under {width} columns")
            extras[len(rows)] = joint.join(beyond)
        if any(len(cell) > _MAX_CELL_CHARS for cell in record.cells):
            raise SourceError(
                f"{path}: {record.place}: a cell of more than {_MAX_CELL_CHARS:,} characters"
            )
        rows.append((record.number, cells))
    if extras:
        header = _unique_names((*header, EXTRA_COLUMN))[0]
        for index, (_, cells) in enumerate(rows):
            cells.append(extras.get(index, ""))
    last = body[-1].number
    kept = {record.number for record in filled}
    blank = [r.place for r in records if head.number < r.number < last and r.number not in kept]
    problems = [
        *notes,
        *renamed,
        *_shortened(short, "; the missing ones were read as empty", "row(s) with fewer cells"),
        *_shortened(
            long, f"; what is beyond was kept in column {header[-1]!r}", "row(s) with more cells"
        ),
        *_shortened(blank, ": empty, left out", "empty row(s)"),
    ]
    return Table(
        str(path),
        kind,
        encoding,
        header,
        tuple(Row(number, tuple(cells)) for number, cells in rows),
        tuple(problems),
    )


def _shortened(lines: Sequence[str], ending: str, what: str) -> Iterator[str]:
    """Yield the first lines and the number of those that are not listed."""
    for line in lines[:_LISTED_PROBLEMS]:
        yield line + ending
    if len(lines) > _LISTED_PROBLEMS:
        yield f"and {len(lines) - _LISTED_PROBLEMS} more {what}"


def _unique_names(cells: Iterable[str]) -> tuple[tuple[str, ...], list[str]]:
    """Name nameless columns by number and number those of the same name."""
    given = [cell.strip() for cell in cells]
    names: list[str] = []
    problems: list[str] = []
    taken = set(given)
    for index, name in enumerate(given, start=1):
        unique, count = name or f"column {index}", 1
        if not name or name in names:
            while unique in taken or unique in names:
                count += 1
                unique = f"{name or f'column {index}'} ({count})"
            problems.append(
                f"column {index} has {'the name of another' if name else 'no name'}: "
                f"it is called {unique!r}"
            )
        names.append(unique)
    return tuple(names), problems
