"""Write tables as CSV and XLSX files that spreadsheets open safely and completely."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from qualcode.errors import UsageError

__all__ = [
    "Header",
    "Rows",
    "Sheet",
    "Value",
    "count_neutralised",
    "with_numbers",
    "write_csv",
    "write_xlsx",
]

Value = str | int | float
Header = tuple[str, ...]
Rows = tuple[tuple[Value, ...], ...]
Sheet = tuple[str, Sequence[str], Sequence[Sequence[Value]]]

# What a spreadsheet may take for a formula: OWASP's list, also behind white space, characters
# that are not shown, and as the full-width forms of Japanese keyboards.
_FORMULA = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\\-@＝＋－＠]|[\t\r]"
)
_NUMBER = re.compile(r" *[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)? *", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_EXACT_DIGITS = 15

_CELL_UNITS = 32_767  # Excel counts UTF-16 code units
_SHEET_ROWS = 1_048_576
_SHEET_COLUMNS = 16_384
_CUT = " […cut: a spreadsheet cell holds no more]"


def write_csv(
    header: Sequence[str], rows: Iterable[Sequence[Value]], *, raw: bool = False
) -> bytes:
    """Return a CSV file as Excel reads it: UTF-8 with BOM, commas, CRLF.

    Args:
        raw: Leave every text as it is. Otherwise one that a spreadsheet may take for a formula
            gets a leading `'`, plain numbers excepted; `count_neutralised` counts them. Lone
            surrogates, which no UTF-8 file can hold, become U+FFFD either way.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([_csv_cell(value, raw) for value in row])
    return b"\xef\xbb\xbf" + _SURROGATE.sub("\ufffd", out.getvalue()).encode("utf-8")


def count_neutralised(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    """Return how many cells `write_csv` changes unless `raw` is set."""
    return sum(isinstance(v, str) and _is_formula(v) for row in (header, *rows) for v in row)


def _csv_cell(value: Value, raw: bool) -> str:
    if isinstance(value, str) and not raw and _is_formula(value):
        return f"'{value}"
    return str(value)


def _is_formula(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


def write_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook, the same bytes for the same sheets.

    Texts are strings whatever they look like, numbers are numbers. A text too long for a cell
    ends in a mark, and a last sheet "Notes" lists each such cell. Characters that XML cannot hold
    are left out.

    Args:
        sheets: Name, header and rows of each; see `read_me_sheet` for the first.

    Raises:
        UsageError: A sheet has more rows or columns than Excel takes.
    """
    from openpyxl import Workbook

    book: Any = Workbook(write_only=True)
    book.properties.creator = "qualcode"
    names = _sheet_names([name for name, _, _ in sheets])
    notes: list[tuple[Value, ...]] = []
    for name, (_, header, rows) in zip(names, sheets, strict=True):
        _write_sheet(book, name, header, rows, notes)
    if notes:
        count = len(notes)
        title = _sheet_names([*names, "Notes"])[-1]
        about = f"Texts cut to fit a cell, whole in the JSON export: {count:,}"
        columns = ("Sheet", "Row", "Column", "Characters")
        _write_sheet(book, title, columns, [(about,), *notes], [])
    out = io.BytesIO()
    book.save(out)
    return _undated(out.getvalue())


def with_numbers(rows: Sequence[Sequence[Value]]) -> Rows:
    """Turn columns whose filled cells are all plain numbers into numbers, to be summed in Excel.

    A number with a leading zero, an exponent, a thousands mark or more than 15 digits, which
    Excel would round, keeps its whole column text.
    """
    columns = [
        [_as_number(v) for v in column] if all(map(_is_plain_number, column)) else column
        for column in zip(*rows, strict=True)
    ]
    return tuple(zip(*columns, strict=True))


def _is_plain_number(value: Value) -> bool:
    if not isinstance(value, str) or value == "":
        return True
    digits = sum(char.isdigit() for char in value)
    return digits <= _EXACT_DIGITS and _PLAIN_NUMBER.fullmatch(value) is not None


def _as_number(value: Value) -> Value:
    if not isinstance(value, str) or value == "":
        return value
    return float(value) if "." in value else int(value)


def _write_sheet(
    book: Any,
    name: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Value]],
    notes: list[tuple[Value, ...]],
) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    if len(rows) >= _SHEET_ROWS or len(header) > _SHEET_COLUMNS:
        raise UsageError(
            f"sheet {name!r}: {len(rows):,} rows and {len(header):,} columns are more than an "
            f"Excel sheet takes",
            hint="qualcode export csv has no such limit",
        )
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    if header:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(rows) + 1}"
    for n, title in enumerate(header):
        longest = max([len(title), *(len(str(row[n])) for row in rows[:200] if n < len(row))])
        sheet.column_dimensions[get_column_letter(n + 1)].width = min(max(longest + 2, 8), 60)
    bold = Font(bold=True)

    def cell(value: Value, row: int, column: int) -> Any:
        if not isinstance(value, str):
            return value
        text, is_cut = _fitted(value)
        if is_cut:
            letter = get_column_letter(column + 1)
            notes.append((name, row, f"{letter} ({header[column]})", len(value)))
        made: Any = WriteOnlyCell(sheet, "")
        made.value = text
        made.data_type = "s"  # openpyxl takes "=…" for a formula and "#N/A" for an error
        if row == 1:
            made.font = bold
        return made

    for number, row in enumerate((header, *rows), start=1):
        sheet.append([cell(v, number, n) if v != "" else None for n, v in enumerate(row)])


def _fitted(text: str) -> tuple[str, bool]:
    """Return the text as a cell can hold it, and whether it had to be cut."""
    text = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _SURROGATE.sub("\ufffd", text)
    whole = _escaped(text)
    if _units(whole) <= _CELL_UNITS:
        return whole, False
    room = _CELL_UNITS - _units(_CUT)
    keep = min(len(text), room)
    while (excess := _units(_escaped(text[:keep])) - room) > 0:
        keep -= -(-excess // 7)  # a character takes seven units at most
    return _escaped(text[:keep]) + _CUT, True


def _escaped(text: str) -> str:
    """Escape `_x0041_`, which Excel would show as A."""
    return _ESCAPE.sub("_x005F_", text)


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)


def _sheet_names(names: Iterable[str]) -> list[str]:
    """Return names that Excel accepts: at most 31 characters, unique without case."""
    used = {"history"}  # Excel keeps this one for itself
    accepted = []
    for name in names:
        base = _NOT_IN_XML.sub("", _SURROGATE.sub("", re.sub(r"[\[\]:*?/\\\s]+", " ", name)))
        base = base.strip(" '") or "Sheet"
        new, n = _shortened(base, ""), 1
        while new.casefold() in used:
            n += 1
            new = _shortened(base, f" {n}")
        used.add(new.casefold())
        accepted.append(new)
    return accepted


def _shortened(base: str, ending: str) -> str:
    while _units(base + ending) > 31:
        base = base[:-1]
    return base.rstrip(" '") + ending


def _undated(workbook: bytes) -> bytes:
    """Pack a workbook anew without the times at which it was made."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"(<dcterms:\w+[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", content
                )
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 0
            member.external_attr = 0
            new.writestr(member, content)
    return out.getvalue()
