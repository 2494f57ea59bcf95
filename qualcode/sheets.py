"""Tell how much a workbook's sheets hold before a spreadsheet library sets memory aside for it.

The library (calamine) takes memory for every cell of the rectangle that reaches from the first to
the last one, and for each cell a copy of its text; where there is none, it ends the whole process.
So two cells in far corners, or one long text in a hundred thousand cells, must be seen beforehand.
"""

from __future__ import annotations

import re
import zipfile
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from qualcode.packages import UnsafePackage, looked_into, pieces_of

__all__ = ["refuse_huge_sheets"]

_MAX_UNPACKED_BYTES = 160 << 20
# A file of a few bytes must not ask for as much as one that holds what it says.
_MAX_CELLS = 2_500_000
_CELLS_OF_A_SMALL_FILE = 600_000
_MAX_COLUMNS = 2_000
_MAX_CHARS = 60_000_000
# A tag never holds "<", so none of these can run on over more than one.
_PREFIX = rb"<(?:[\w.-]{1,60}:)?"
_PLACE = re.compile(
    _PREFIX
    + rb"""(c|row)\s(?:[^<]*?\s)?r\s*=\s*["']\s*([A-Za-z]{0,7})([0-9]{1,9})"""
    # The end of an element that is empty; a ">" before that could be a trick.
    + rb"(?:(?=[^<>]*(/>\s*(?:<|\Z)|></)))?"
)
_CELL = re.compile(_PREFIX + rb"c[\s/>]")
_ROW = re.compile(_PREFIX + rb"row[\s/>]")
_SHARED = re.compile(
    _PREFIX + rb"""c\s[^<]*?\bt\s*=\s*["']s["'][^<]*""" + _PREFIX + rb"v\b[^<>]*>\s*([0-9]{1,9})"
)
_STRING = re.compile(_PREFIX + rb"si[\s/>]")
_SHARED_STRINGS = "xl/sharedstrings.xml"
_BEGINS = re.compile(_PREFIX + rb"(?:c|row|si)[\s/>]")
_NEAR = 1 << 16
_LONGEST_TAG = 1 << 20
_SAVE_AS_CSV = "delete what lies far from the table, or save it as CSV"


@dataclass(slots=True)
class _Extent:
    """Hold how far one member reaches, were it a sheet.

    Empty cells with a place, which hold a format, do not count; what has no place follows the last.
    """

    rows: int = 1
    columns: int = 1
    last_row: int = 1
    last_column: int = 1
    n_placeless_rows: int = 0
    most_placeless_cells: int = 0
    n_in_row: int = 0

    def add(self, xml: bytes) -> None:
        places = _PLACE.findall(xml)
        filled = [(n, int(d)) for kind, n, d, end in places if kind == b"c" and not end]
        self.rows = max(self.rows, *(row for _, row in filled), 1)
        self.columns = max(self.columns, *map(_column, {name for name, _ in filled}), 1)
        self.last_row = max(self.last_row, *(int(digits) for _, _, digits, _ in places), 1)
        letters = {name for _, name, _, _ in places}
        self.last_column = max(self.last_column, *map(_column, letters), 1)
        n_rows = sum(1 for kind, _, _, _ in places if kind == b"row")
        self.n_placeless_rows += len(_ROW.findall(xml)) - n_rows
        if len(_CELL.findall(xml)) > len(places) - n_rows or self.n_in_row:
            counts = [len(_CELL.findall(row)) for row in _ROW.split(xml)]
            counts[0] += self.n_in_row
            self.most_placeless_cells = max(self.most_placeless_cells, *counts)
            self.n_in_row = counts[-1]

    def reach(self) -> tuple[int, int]:
        rows, columns = self.rows, self.columns
        if self.n_placeless_rows:
            rows = self.last_row + self.n_placeless_rows
        if self.most_placeless_cells:
            rows = max(rows, self.last_row)
            columns = self.last_column + self.most_placeless_cells
        return rows, columns


def refuse_huge_sheets(data: bytes) -> None:
    """Look at every member, whatever it is called: a workbook may call its sheets anything.

    Raises:
        UnsafePackage: As `looked_into`, or it holds more cells or text than can be read.
    """
    with looked_into(data, max_bytes=_MAX_UNPACKED_BYTES, too_large="save it as CSV") as packed:
        members = packed.infolist()
    lengths = array("q")
    for member in members:
        if member.filename.lower() == _SHARED_STRINGS:
            lengths.extend(_lengths(data, member))
    most_cells = min(_MAX_CELLS, max(_CELLS_OF_A_SMALL_FILE, len(data)))
    n_cells = n_chars = 0
    for member in members:
        if member.filename.lower() == _SHARED_STRINGS:
            continue
        extent = _Extent()
        for xml in _whole_tags(data, member):
            extent.add(xml)
            rows, columns = extent.reach()
            if columns > _MAX_COLUMNS or n_cells + rows * columns > most_cells:
                raise UnsafePackage(
                    f"a sheet reaches to row {rows:,} and column {columns:,}", _SAVE_AS_CSV
                )
            n_chars += _chars(xml, lengths)
            if n_chars > _MAX_CHARS:
                raise UnsafePackage(
                    f"its cells hold more than {_MAX_CHARS:,} characters", "save it as CSV"
                )
        n_cells += rows * columns if member.file_size else 0


def _lengths(data: bytes, member: zipfile.ZipInfo) -> Iterator[int]:
    """Yield the length of each shared text, markup included."""
    n_before = None
    for xml in _whole_tags(data, member):
        first, *parts = map(len, _STRING.split(xml))
        if n_before is not None:
            parts = [n_before + first, *parts]
        n_before = parts.pop() if parts else None
        yield from parts
    if n_before is not None:
        yield n_before


def _chars(xml: bytes, lengths: array[int]) -> int:
    """Return how many characters the cells point to among the shared texts."""
    if not lengths:
        return 0
    counts = Counter(_SHARED.findall(xml))
    return sum(n * lengths[int(at)] for at, n in counts.items() if int(at) < len(lengths))


def _whole_tags(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member in pieces that begin with a row, a cell or a text where there is one.

    So that a tag and the value under it stay together.
    """
    tail = b""
    for piece in pieces_of(data, member):
        text = tail + (piece.replace(b"\0", b"") if b"\0" in piece else piece)
        near = [found.start() for found in _BEGINS.finditer(text, max(0, len(text) - _NEAR))]
        end = near[-1] if near else max(text.rfind(b"<"), 0)
        tail = text[end:]
        if len(tail) > _LONGEST_TAG:
            if _BEGINS.match(tail):
                raise UnsafePackage(f"{member.filename} in it is damaged")
            end, tail = len(text), b""
        yield text[:end]
    yield tail


def _column(letters: bytes) -> int:
    """Return the number of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
