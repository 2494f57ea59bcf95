"""Read a sheet of an .xlsx workbook to rows of text."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from qualcode.errors import SourceError
from qualcode.packages import UnsafePackage
from qualcode.sheets import refuse_huge_sheets

__all__ = [
    "MAX_COLUMNS",
    "SAVE_AS",
    "WORKBOOK_MAGIC",
    "Sheet",
    "cell_text",
    "read_workbook",
    "sheet_names",
]

MAX_COLUMNS = 2_000
_LISTED_SHEETS = 20
SAVE_AS = "open it in a spreadsheet and save it as .xlsx or as CSV (UTF-8)"

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# An OLE file is an old workbook or one with a password, which is told and not read.
WORKBOOK_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", _OLE_MAGIC)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Hold one sheet of a workbook.

    Attributes:
        name: Its own.
        rows: All of them, blank ones too.
        sheets: Names of all sheets, the visible ones first.
        notes: What a person should know.
    """

    name: str
    rows: list[list[str]]
    sheets: tuple[str, ...]
    notes: list[str]


def read_workbook(data: bytes, path: PurePath, sheet: str | None) -> Sheet:
    """Read one sheet.

    Args:
        data: The file's bytes.
        path: What messages call it.
        sheet: Its name, in any case; None takes the first visible sheet that is not empty.

    Raises:
        SourceError: The file is locked, damaged, empty, too large, no workbook, or has no such
            sheet; the message lists those that it has.
    """
    with _opened(data, path) as book:
        names = _names(book)
        wanted = names if sheet is None else [_named(sheet, names, path)]
        filled = {}
        for name in wanted:
            found = book.get_sheet_by_name(name)
            if found.total_height:
                filled[name] = found
        if not filled:
            what = "the workbook" if sheet is None else f"sheet {wanted[0]!r}"
            raise SourceError(f"{path}: {what} is empty", hint="export the survey once more")
        chosen, *others = filled
        grid = filled[chosen].to_python(skip_empty_area=False)
    rows = [[cell_text(value) for value in values] for values in grid]
    notes = []
    if others:
        notes = [f"only sheet {chosen!r} was read; --sheet NAME reads another: {_listed(others)}"]
    return Sheet(chosen, rows, tuple(names), notes)


def sheet_names(data: bytes, path: PurePath) -> tuple[str, ...]:
    """Return the names of a workbook's sheets, the visible ones first; none of any other file.

    Raises:
        SourceError: The file is locked, damaged or too large.
    """
    if not data.startswith(WORKBOOK_MAGIC):
        return ()
    with _opened(data, path) as book:
        return tuple(_names(book))


@contextmanager
def _opened(data: bytes, path: PurePath) -> Iterator[Any]:
    import python_calamine

    _check_package(data, path)
    try:
        yield python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except (SourceError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # calamine panics on some damaged files: not an Exception
        raise SourceError(
            f"{path}: the workbook is damaged or incomplete ({type(error).__name__})",
            hint=SAVE_AS,
        ) from error


def _names(book: Any) -> list[str]:
    import python_calamine

    visible = python_calamine.SheetVisibleEnum.Visible
    names = [s.name for s in book.sheets_metadata if s.visible == visible]
    return names + [name for name in book.sheet_names if name not in names]


def _named(sheet: str, names: Sequence[str], path: PurePath) -> str:
    """Return the sheet that is meant; no two names of a workbook differ by case alone."""
    if sheet in names:
        return sheet
    for name in names:
        if name.strip().casefold() == sheet.strip().casefold():
            return name
    raise SourceError(f"{path}: there is no sheet {sheet!r}", hint=f"there are: {_listed(names)}")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED_SHEETS} more" if len(names) > _LISTED_SHEETS else ""
    return ", ".join(repr(name) for name in names[:_LISTED_SHEETS]) + more


def _check_package(data: bytes, path: PurePath) -> None:
    """Look into the archive before calamine does, which ends the process on a huge sheet."""
    if data.startswith(_OLE_MAGIC):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        what = "a workbook with a password" if locked else "an old Excel workbook (.xls)"
        raise SourceError(f"{path}: this is {what}", hint=SAVE_AS)
    try:
        refuse_huge_sheets(data)
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = set(package.namelist())
    except UnsafePackage as error:
        raise SourceError(f"{path}: {error.reason}", hint=error.hint) from error
    if "xl/workbook.xml" not in names:
        raise SourceError(f"{path}: this is {_package_kind(names)}", hint=SAVE_AS)


def _package_kind(names: set[str]) -> str:
    if any(name.startswith("word/") for name in names):
        return "a Word document, not a table"
    if any(name.startswith("ppt/") for name in names):
        return "a presentation, not a table"
    if "xl/workbook.bin" in names:
        return "a binary workbook (.xlsb)"
    if "content.xml" in names:
        return "an OpenDocument file"
    return "a ZIP archive, not a table"


def cell_text(value: object) -> str:
    """Write a cell's value as a person would type it; dates and times as in ISO 8601."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
