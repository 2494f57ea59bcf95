"""Read a table, .csv or .xlsx, to a header and rows of text.

What counts is what the bytes are, not what the file is called. Nothing is lost on the way: a row
that does not fit its header stays, and is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Literal

from qualcode.errors import SourceError
from qualcode.ingest.columnar import PARQUET_MAGIC, SPSS_MAGIC, Columns, read_parquet, read_spss
from qualcode.ingest.decode import decode
from qualcode.ingest.delimited import MAX_CELL_CHARS, Record, read_delimited
from qualcode.ingest.survey_heads import Head, RowState, read_head, row_states
from qualcode.ingest.survey_services import Held
from qualcode.ingest.workbook import (
    MAX_COLUMNS,
    SAVE_AS,
    WORKBOOK_MAGIC,
    read_workbook,
)

__all__ = ["EXTRA_COLUMN", "Row", "Table", "read_table"]

EXTRA_COLUMN = "(extra)"

_LISTED_PROBLEMS = 20
_HEADER_ROWS = 4
_ONCE_MORE = "export the survey once more"

_NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)

Format = Literal["csv", "xlsx", "sav", "parquet"]


@dataclass(frozen=True, slots=True)
class Row:
    """Hold the cells of one row; `number` counts as a spreadsheet does, the first header being 1.

    `state` is what the survey tool says of it, "answered" where it says nothing.
    """

    number: int
    cells: tuple[str, ...]
    state: RowState = "answered"


@dataclass(frozen=True, slots=True)
class Table:
    """Hold a table whose rows are all as wide as its header.

    Attributes:
        path: What messages call the file.
        encoding: How the bytes were decoded; "binary" for packed formats.
        header: Unique names, outer white space stripped.
        rows: Cells verbatim but for line ends (LF); rows without any filled cell are left out.
        problems: One line for each thing a person should look at, with its row.
        dialect: The survey tool that wrote the table, such as "qualtrics"; "" where none shows.
        codes: Columns by the tool's own short name for them, such as `Q5`.
        held: What the columns hold that the tool added, by header.
        unshown: The cell that stands for a question which the person was not shown; "" for none.
        sheet: The sheet of a workbook that was read, "" of other files.
        sheets: All sheets of the workbook.
    """

    path: str
    format: Format
    encoding: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()
    dialect: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    unshown: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    @property
    def full_format(self) -> str:
        """Return format and dialect as a source's record keeps them: "csv/qualtrics", or "csv"."""
        return f"{self.format}/{self.dialect}" if self.dialect else self.format


def read_table(
    data: bytes,
    path: PurePath,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    dialect: str | None = "",
) -> Table:
    """Read the first table of a file.

    Args:
        data: The file's bytes.
        path: What messages call it.
        encoding: Of a CSV file; None tries BOM, UTF-8 and Windows-1252.
        sheet: Of a workbook, by name; None takes the first visible sheet that is not empty.
        dialect: The survey tool whose headers to expect; None finds it, "" takes the first row as
            the header, whoever wrote it.

    Raises:
        SourceError: The file is empty, damaged, locked, too large, has no row beneath its header
            or no sheet of that name, or is something else; the message says what it seems to be.
    """
    if not data.strip():
        raise SourceError(f"{path}: the file is empty", hint=_ONCE_MORE)
    for magic, what in _NOT_TABLES:
        if data.startswith(magic):
            raise SourceError(f"{path}: this is {what}, not a table", hint=SAVE_AS)
    is_workbook = data.startswith(WORKBOOK_MAGIC)
    if sheet is not None and not is_workbook:
        raise SourceError(
            f"{path}: this is no workbook and has no sheet {sheet!r}",
            hint="read it without --sheet, apart from workbooks that need it",
        )
    if data.startswith(SPSS_MAGIC):
        return _columnar("sav", read_spss(data, path), path, dialect)
    if data.startswith(PARQUET_MAGIC):
        return _columnar("parquet", read_parquet(data, path), path, dialect)
    if is_workbook:
        found = read_workbook(data, path, sheet)
        records = [Record(number, None, cells) for number, cells in enumerate(found.rows, start=1)]
        table = _table("xlsx", "binary", records, found.notes, path, joint="\t", dialect=dialect)
        return replace(table, sheet=found.name, sheets=found.sheets)
    text, encoding = decode(data, path=path, encoding=encoding)
    records, delimiter, notes = read_delimited(text, path)
    return _table("csv", encoding, records, notes, path, joint=delimiter, dialect=dialect)


def _columnar(kind: Format, columns: Columns, path: PurePath, dialect: str | None) -> Table:
    """Call columns by their labels, which hold the questions, and their names codes.

    What a tool added keeps its name, by which it is known.
    """
    names, labels, rows, notes = columns
    if not rows or not names:
        raise SourceError(f"{path}: the table is empty", hint=_ONCE_MORE)
    head = read_head([names, *rows[: _HEADER_ROWS - 1]], dialect)
    shown = [
        name if index in head.held or not label else label
        for index, (name, label) in enumerate(zip(names, labels, strict=True))
    ]
    head = replace(head, names=tuple(shown), codes=tuple(names), n_rows=1)
    records = [Record(number, None, cells) for number, cells in enumerate([names, *rows], start=1)]
    return _table(kind, "binary", records, notes, path, joint="\t", head=head)


# --- rows under a header -------------------------------------------------------------------------


def _table(
    kind: Format,
    encoding: str,
    records: list[Record],
    notes: list[str],
    path: PurePath,
    joint: str,
    dialect: str | None = "",
    head: Head | None = None,
) -> Table:
    """Fit rows to the header; `joint` joins the cells that stand beyond it."""
    filled = [record for record in records if any(cell.strip() for cell in record.cells)]
    if not filled:
        raise SourceError(f"{path}: the table is empty", hint=_ONCE_MORE)
    head = head or read_head([record.cells for record in filled[:_HEADER_ROWS]], dialect)
    last_header, body = filled[head.n_rows - 1], filled[head.n_rows :]
    if not body:
        raise SourceError(f"{path}: the table has a header and no rows", hint=_ONCE_MORE)
    width = len(head.names)
    while (
        width
        and not head.names[width - 1].strip()
        and not any(any(cell.strip() for cell in record.cells[width - 1 :]) for record in body)
    ):
        width -= 1
    if width > MAX_COLUMNS:
        raise SourceError(
            f"{path}: {width:,} columns; at most {MAX_COLUMNS:,} are read",
            hint="save it without the columns that are not needed",
        )
    header, renamed = _unique_names(head.names[:width])
    columns = header
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
        if any(len(cell) > MAX_CELL_CHARS for cell in record.cells):
            raise SourceError(
                f"{path}: {record.place}: a cell of more than {MAX_CELL_CHARS:,} characters"
            )
        rows.append((record.number, cells))
    if extras:
        header = _unique_names((*header, EXTRA_COLUMN))[0]
        for index, (_, cells) in enumerate(rows):
            cells.append(extras.get(index, ""))
    last = body[-1].number
    kept = {record.number for record in filled}
    blank = [
        r.place for r in records if last_header.number < r.number < last and r.number not in kept
    ]
    problems = [
        *notes,
        *renamed,
        *_shortened(short, "; the missing ones were read as empty", "row(s) with fewer cells"),
        *_shortened(
            long, f"; what is beyond was kept in column {header[-1]!r}", "row(s) with more cells"
        ),
        *_shortened(blank, ": empty, left out", "empty row(s)"),
    ]
    state = row_states(head)
    return Table(
        str(path),
        kind,
        encoding,
        header,
        tuple(Row(number, tuple(cells), state(cells)) for number, cells in rows),
        tuple(problems),
        head.dialect,
        _codes(head, columns),
        {columns[at]: held for at, held in head.held.items() if at < len(columns)},
        head.unshown,
    )


def _codes(head: Head, columns: Sequence[str]) -> dict[str, str]:
    """Return the columns by the tool's own short names, where these differ."""
    found = zip(head.codes, columns, strict=False)
    return {code: column for code, column in found if code and code != column}


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
    used: set[str] = set()
    counts: dict[str, int] = {}  # where to go on: two thousand columns may have one name
    for index, name in enumerate(given, start=1):
        unique, count = name or f"column {index}", counts.get(name, 1)
        if not name or name in used:
            while unique in taken or unique in used:
                count += 1
                unique = f"{name or f'column {index}'} ({count})"
            problems.append(
                f"column {index} has {'the name of another' if name else 'no name'}: "
                f"it is called {unique!r}"
            )
        names.append(unique)
        used.add(unique)
        counts[name] = count if name else 1
    return tuple(names), problems
