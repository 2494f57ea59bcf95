"""Read a table for an evaluation: every row of it, with columns by the names people type."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qualcode.codebook.files import csv_cell
from qualcode.codebook.names import similar
from qualcode.errors import SourceError
from qualcode.ingest.decode import decode
from qualcode.ingest.table import Row, Table, read_table

__all__ = ["Sheet", "read_sheet", "unguarded"]

_BLANK_NOTES = re.compile(r": empty, left out$|more empty row\(s\)$")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Hold a table with all its rows, those without a filled cell too.

    Attributes:
        notes: What a person should look at, a line each.
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def column(self, wanted: str, flag: str) -> int:
        """Return the place of a column, called by its header or by `#3`.

        Raises:
            SourceError: It is not there.
        """
        found = self.has(wanted)
        if found is not None:
            return found
        number = re.fullmatch(r"#(\d{1,4})", wanted.strip())
        if number and 1 <= int(number[1]) <= len(self.header):
            return int(number[1]) - 1
        near = similar(wanted, self.header)
        listed = ", ".join(repr(name) for name in self.header[:20])
        raise SourceError(
            f"{self.path}: {flag}: there is no column {wanted!r}",
            hint=f"did you mean {near}?" if near else f"columns are: {listed}",
        )

    def has(self, wanted: str) -> int | None:
        """Return the place of a column by its header, in any case where that leaves one."""
        if wanted in self.header:
            return self.header.index(wanted)
        plain = " ".join(wanted.split()).casefold()
        alike = [at for at, n in enumerate(self.header) if " ".join(n.split()).casefold() == plain]
        return alike[0] if len(alike) == 1 else None


def read_sheet(path: Path, wanted: Sequence[str]) -> Sheet:
    """Read a .csv, .tsv or .xlsx file.

    Args:
        path: The file.
        wanted: Two columns that it should have, or one; by these, rows of separators alone, which
            the reader of surveys leaves out, are told from lines with nothing on them.

    Raises:
        SourceError: The file is missing or not readable as a table.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{path}: cannot be read: {error.strerror or error}",
            hint="name a .csv, .tsv or .xlsx file",
        ) from error
    table = read_table(data, path)
    blank = [Row(number, ("",) * len(table.header)) for number in _blank(data, table, wanted)]
    rows = sorted([*table.rows, *blank], key=lambda row: row.number)
    notes = tuple(f"{path.name}: {p}" for p in table.problems if not _BLANK_NOTES.search(p))
    return Sheet(path, table.header, tuple(rows), notes)


def _blank(data: bytes, table: Table, wanted: Sequence[str]) -> list[int]:
    """Return the numbers of rows beneath the header in which no cell is filled."""
    filled = {row.number for row in table.rows}
    if table.format == "xlsx":
        return [n for n in range(min(filled), max(filled)) if n not in filled]
    text, _ = decode(data, path=table.path, encoding=table.encoding)
    text = re.sub(r'\A"?sep=.{0,2}\n', "", text, flags=re.IGNORECASE)
    before = csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        for delimiter in ",;\t|":
            try:
                records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
            except csv.Error:
                continue
            blank = [n for n, cells in enumerate(records, 1) if not any(map(str.strip, cells))]
            kept = set(range(1, len(records) + 1)) - set(blank)
            head = min(kept, default=0)
            names = [cell.strip().casefold() for cell in records[head - 1]] if kept else []
            # The same records as the reader's, under the same header: only then its numbers hold.
            if kept == filled | {head} and all(name.strip().casefold() in names for name in wanted):
                return [n for n in blank if n > head and records[n - 1]]
    finally:
        csv.field_size_limit(before)
    return []


def unguarded(cell: str) -> str:
    """Return a cell without the `'` that a CSV of ours puts before what looks like a formula."""
    return cell[1:] if cell.startswith("'") and csv_cell(cell[1:]) == cell else cell
