"""Read tables that store columns instead of lines: SPSS (.sav, .zsav) and Parquet.

Their readers are extras: whoever has no such file needs neither.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from qualcode.errors import SourceError
from qualcode.ingest.workbook import MAX_COLUMNS, cell_text

__all__ = ["PARQUET_MAGIC", "SPSS_MAGIC", "Columns", "read_parquet", "read_spss"]

SPSS_MAGIC = (b"$FL2", b"$FL3")
PARQUET_MAGIC = b"PAR1"

_MAX_CELLS = 40_000_000
_MAX_UNPACKED_BYTES = 2_000_000_000

Columns = tuple[list[str], list[str], list[list[str]], list[str]]
"""Names, labels ("" where a column has none), rows of cells, and what a person should know."""


def read_spss(data: bytes, path: PurePath) -> Columns:
    """Read an SPSS file: answers by their labels, what was declared missing as empty cells.

    Raises:
        SourceError: pyreadstat is not installed, or the file is damaged or too large.
    """
    try:
        import pyreadstat
    except ImportError as error:
        raise _needs(path, "an SPSS file", "sav") from error
    try:
        _, head = pyreadstat.read_sav(io.BytesIO(data), output_format="dict", metadataonly=True)
        _check_size(path, max(head.number_rows or 0, 0), len(head.column_names))
        # A file need not say how many rows it has: no more are read than could be kept.
        most = _MAX_CELLS // max(len(head.column_names), 1)
        held, about = pyreadstat.read_sav(
            io.BytesIO(data), output_format="dict", user_missing=True, row_limit=most
        )
        _check_size(path, len(next(iter(held.values()), ())) + 1, len(head.column_names))
    except SourceError:
        raise
    except Exception as error:  # readstat raises its own and those of decoding
        raise SourceError(
            f"{path}: the SPSS file is damaged or incomplete ({error})",
            hint="export it once more, or export the survey as CSV",
        ) from error
    names = list(about.column_names)
    labels = [label or "" for label in about.column_labels]
    columns: list[list[str]] = []
    notes: list[str] = []
    for name in names:
        texts = about.variable_value_labels.get(name, {})
        ranges = about.missing_ranges.get(name, [])
        missing = [_is_missing(value, ranges) and value not in texts for value in held[name]]
        columns.append(
            [
                "" if left else str(texts[value]) if value in texts else _text(value)
                for value, left in zip(held[name], missing, strict=True)
            ]
        )
        if any(missing):
            notes.append(f"column {name!r}: {sum(missing)} cells that the survey declares missing")
    return names, labels, [list(cells) for cells in zip(*columns, strict=True)], notes


def read_parquet(data: bytes, path: PurePath) -> Columns:
    """Read a Parquet file; lists and structures as JSON.

    Raises:
        SourceError: pyarrow is not installed, or the file is damaged or too large.
    """
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise _needs(path, "a Parquet file", "parquet") from error
    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        about = file.metadata
        groups = [about.row_group(index) for index in range(about.num_row_groups)]
        _check_size(path, about.num_rows, about.num_columns)
        if sum(group.total_byte_size for group in groups) > _MAX_UNPACKED_BYTES:
            raise SourceError(f"{path}: the table is too large", hint="save a part of it as CSV")
        table = file.read(use_threads=False)
        columns = [[_text(value) for value in column.to_pylist()] for column in table.columns]
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise SourceError(
            f"{path}: the Parquet file is damaged or incomplete",
            hint="write it once more, or save the table as CSV",
        ) from error
    names = [str(name) for name in table.column_names]
    return names, [""] * len(names), [list(cells) for cells in zip(*columns, strict=True)], []


def _needs(path: PurePath, what: str, extra: str) -> SourceError:
    return SourceError(
        f"{path}: this is {what}, and what reads it is not installed",
        hint=f"pip install 'qualcode[{extra}]', or export the survey as CSV",
    )


def _check_size(path: PurePath, n_rows: int, n_columns: int) -> None:
    """Refuse what would not fit into memory.

    Raises:
        SourceError: There are too many columns or cells.
    """
    if n_columns > MAX_COLUMNS:
        raise SourceError(f"{path}: {n_columns:,} columns; at most {MAX_COLUMNS:,} are read")
    if n_rows * n_columns > _MAX_CELLS:
        raise SourceError(
            f"{path}: {n_rows:,} rows of {n_columns:,} columns are too many",
            hint="save the columns that matter as CSV",
        )


def _is_missing(value: object, ranges: Sequence[Mapping[str, Any]]) -> bool:
    if value is None or not ranges:
        return False
    try:
        return any(part["lo"] <= value <= part["hi"] for part in ranges)
    except TypeError:  # a text under a range of numbers
        return False


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return cell_text(value)
