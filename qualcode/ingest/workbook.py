"""Read a sheet of an .xlsx workbook to rows of text."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
import zlib
from pathlib import PurePath
from typing import Any

from qualcode.errors import SourceError

__all__ = ["MAX_COLUMNS", "SAVE_AS", "WORKBOOK_MAGIC", "read_workbook"]

MAX_COLUMNS = 2_000
SAVE_AS = "open it in a spreadsheet and save it as .xlsx or as CSV (UTF-8)"

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# An OLE file is an old workbook or one with a password, which is told and not read.
WORKBOOK_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", _OLE_MAGIC)
# Excel's own limit is 17 billion cells; calamine sets aside memory for every cell of the rectangle
# and ends the whole process when there is none.
_MAX_GRID_CELLS = 40_000_000
_MAX_UNPACKED_BYTES = 2_000_000_000


def read_workbook(
    data: bytes, path: PurePath, sheet: str | None
) -> tuple[list[list[str]], list[str]]:
    """Return all rows of one sheet, blank ones too, and what a person should know.

    Args:
        sheet: None takes the first visible sheet that is not empty.

    Raises:
        SourceError: The file is locked, damaged, empty, too large, no workbook, or has no such
            sheet.
    """
    import python_calamine

    _check_package(data, path)
    try:
        book: Any = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = python_calamine.SheetVisibleEnum.Visible
        names = [s.name for s in book.sheets_metadata if s.visible == visible]
        names += [name for name in book.sheet_names if name not in names]
        if sheet is not None and sheet not in names:
            raise SourceError(
                f"{path}: there is no sheet {sheet!r}", hint=f"--sheet takes: {', '.join(names)}"
            )
        filled = {}
        for name in names if sheet is None else [sheet]:
            found = book.get_sheet_by_name(name)
            if found.total_height:
                filled[name] = found
        if not filled:
            raise SourceError(f"{path}: the workbook is empty", hint="export the survey once more")
        chosen, *others = filled
        grid = filled[chosen].to_python(skip_empty_area=False)
    except (SourceError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # calamine panics on some damaged files: not an Exception
        raise SourceError(
            f"{path}: the workbook is damaged or incomplete ({type(error).__name__})",
            hint=SAVE_AS,
        ) from error
    rows = [[_cell(value) for value in values] for values in grid]
    if not others:
        return rows, []
    listed = ", ".join(repr(name) for name in others)
    return rows, [f"only sheet {chosen!r} was read; --sheet takes another: {listed}"]


def _check_package(data: bytes, path: PurePath) -> None:
    """Look into the archive before calamine does, which ends the process on a huge sheet."""
    if data.startswith(_OLE_MAGIC):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        what = "a workbook with a password" if locked else "an old Excel workbook (.xls)"
        raise SourceError(f"{path}: this is {what}", hint=SAVE_AS)
    cell = re.compile(
        rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r=["']([A-Z]{1,3})([0-9]{1,7})["'](?:[^>]*[^/>])?>"""
    )
    rows = columns = 1
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                raise SourceError(f"{path}: this is {_package_kind(names)}", hint=SAVE_AS)
            if sum(part.file_size for part in parts) > _MAX_UNPACKED_BYTES:
                raise SourceError(f"{path}: the workbook is too large", hint="save it as CSV")
            for part in parts:
                if not part.filename.endswith(".xml") or "sharedStrings" in part.filename:
                    continue
                with package.open(part) as stream:
                    tail = b""
                    while chunk := stream.read(1 << 22):
                        found = cell.findall(tail + chunk)
                        columns = max((columns, *(_column(name) for name in {f[0] for f in found})))
                        rows = max((rows, *(int(f[1]) for f in found)))
                        tail = chunk[-200:]
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
    ) as error:
        raise SourceError(f"{path}: the workbook is damaged or incomplete", hint=SAVE_AS) from error
    if columns > MAX_COLUMNS or rows * columns > _MAX_GRID_CELLS:
        raise SourceError(
            f"{path}: a sheet reaches to row {rows:,} and column {columns:,}",
            hint="delete what lies far from the table, or save it as CSV",
        )


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


def _column(letters: bytes) -> int:
    """Return the number of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _cell(value: object) -> str:
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
