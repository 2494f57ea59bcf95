"""Read codebook files: YAML, CSV and XLSX give the same rows, each value with its place.

What a row means is checked in `codebook.py`; here only what the file's form can tell. How a
table's cell holds a list or a text that begins like a formula is written here too, both ways.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qualcode.errors import CodebookError
from qualcode.packages import UnsafePackage
from qualcode.sheets import refuse_huge_sheets

__all__ = [
    "KEYS",
    "LISTS",
    "BookFile",
    "Row",
    "csv_cell",
    "list_cell",
    "read_book_file",
    "read_book_text",
    "read_text",
]

LISTS = ("include", "exclude", "examples", "counter_examples", "goemotions", "former_names")
"""Keys that hold a list; a table's cell separates the entries by ` | `."""
KEYS = (
    *("id", "name", "former_names", "family", "parent", "definition", "include", "exclude"),
    *("examples", "counter_examples", "status", "merged_into", "split_from", "valence"),
    *("goemotions", "goal", "statement", "owner"),
)
"""Keys of a code, in the order in which they are written."""

# A backslash takes the meaning away from the sign that ends an entry, and from itself.
_ENTRY = re.compile(r"((?:[^|\n\\]|\\.|\\$)*)(?:[|\n]|$)", re.DOTALL)
_ESCAPED = re.compile(r"\\([|\n\\])")
_SPECIAL = re.compile(r"([|\n\\])")
# What a spreadsheet may take for a formula (OWASP's list), behind any number of quotes.
_FORMULA_LIKE = re.compile("'*[\\s\u200b-\u200f\u2060-\u2069\ufeff]*[=+\\-@＝＋－＠]")
_MAX_CHARS = 1_000_000
_MAX_DEPTH = 200
_BRACKET = re.compile(r"[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one code as read, with the place of its keys for messages."""

    values: Mapping[str, Any]
    place: str
    places: Mapping[str, str]

    def at(self, key: str) -> str:
        """Return file and line of a key, else of the row."""
        return self.places.get(key, self.place)


@dataclass(frozen=True, slots=True)
class BookFile:
    """Hold a codebook as read, and what is wrong with its form, each with file and line.

    `columns` are the keys that a table has, None where each entry tells its own keys.
    """

    name: str
    language: str
    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None


def read_book_file(path: Path) -> BookFile:
    """Read a codebook's rows from .yaml, .yml, .csv or .xlsx.

    Raises:
        CodebookError: The file is missing, unreadable or not of its format.
    """
    _require(path)
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return read_book_text(read_text(path), path)
    if suffix == ".csv":
        return _from_table(path, _csv_rows(path))
    if suffix == ".xlsx":
        return _from_table(path, _xlsx_rows(path))
    raise CodebookError(f"{path}: not a codebook format", hint="give a .yaml, .csv or .xlsx file")


def _require(path: Path) -> None:
    if not path.is_file():
        raise CodebookError(f"{path}: no such codebook", hint="give a .yaml, .csv or .xlsx file")


def read_text(path: Path) -> str:
    """Return the text of a YAML or CSV file: UTF-8, or Windows-1252 as Excel writes it.

    Raises:
        CodebookError: The file is missing or unreadable, or is neither.
    """
    _require(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CodebookError(f"{path}: cannot be read: {error.strerror or error}") from error
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CodebookError(f"{path}: neither UTF-8 nor Windows-1252 text")


def read_book_text(text: str, path: Path) -> BookFile:
    """Read a codebook's rows from YAML text; `path` stands in messages.

    Raises:
        CodebookError: It is not YAML, or not a codebook's.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    _refuse_endless(text, path)
    try:
        loaded: Any = YAML(typ="rt").load(text)
    except RecursionError as error:
        raise CodebookError(f"{path}: not a codebook: lists in lists without end") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CodebookError(
            f"{path}:{line}: not YAML: {error.problem}",
            hint="a text that holds a colon or begins with a sign needs quotes around it",
        ) from error
    except YAMLError as error:
        raise CodebookError(f"{path}: not YAML: {error}") from error
    if not _is_mapping(loaded) or not isinstance(loaded.get("codes"), list):
        raise CodebookError(
            f"{path}:1: a codebook is a mapping with a list named codes",
            hint="qualcode init writes one to start from",
        )
    for key in loaded:
        if key not in ("schema", "name", "language", "codes"):
            raise CodebookError(f"{path}:{_line(loaded.lc.key, key)}: unknown key {key!r}")
    if loaded.get("schema", 1) != 1:
        raise CodebookError(
            f"{path}: written for schema {loaded['schema']}, this program reads schema 1",
            hint="use a newer qualcode",
        )
    rows = []
    for index, entry in enumerate(loaded["codes"]):
        place = f"{path}:{_line(loaded['codes'].lc.item, index)}"
        if not _is_mapping(entry):
            rows.append(Row({"id": entry}, place, {}))
            continue
        places = {key: f"{path}:{_line(entry.lc.key, key)}" for key in entry}
        rows.append(Row(dict(entry), place, places))
    name, language = loaded.get("name", path.stem), loaded.get("language", "en")
    return BookFile(str(name), str(language), tuple(rows))


def _refuse_endless(text: str, path: Path) -> None:
    """Refuse what the YAML library would take minutes over.

    Raises:
        CodebookError: The text is longer than a codebook, or nested as none is.
    """
    if len(text) > _MAX_CHARS:
        raise CodebookError(
            f"{path}: {len(text):,} characters; a codebook has at most {_MAX_CHARS:,}"
        )
    depth = 0
    for sign in _BRACKET.finditer(text):
        depth = max(0, depth + (1 if sign[0] in "[{" else -1))
        if depth > _MAX_DEPTH:
            line = text.count("\n", 0, sign.start()) + 1
            raise CodebookError(f"{path}:{line}: brackets in brackets without end")


def _line(place: Callable[[Any], Any], key: Any) -> int:
    """Return the line of a key or an entry, 1 where YAML's tags keep it from being known."""
    try:
        return int(place(key)[0]) + 1
    except (TypeError, KeyError, AttributeError):
        return 1


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _csv_rows(path: Path) -> list[list[str]]:
    text = read_text(path)
    # `strict`: a quote that is never closed would take in the rest of the file without a word.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        raise CodebookError(
            f"{path}:{len(rows) + 1}: not CSV: {error}",
            hint='put a cell that holds quotes into quotes and double its own: "Says ""now"""',
        ) from error
    return [[_unguarded(cell) for cell in row] for row in rows]


def csv_cell(text: str) -> str:
    """Return a text as a CSV holds it: `'` goes before one that a spreadsheet would run."""
    return f"'{text}" if _FORMULA_LIKE.match(text) else text


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA_LIKE.match(cell) else cell


def list_cell(entries: Sequence[str]) -> str:
    """Return a list as a table's cell holds it."""
    return " | ".join(_SPECIAL.sub(r"\\\1", entry) for entry in entries)


def _listed(cell: str) -> list[str]:
    """Return the entries of a cell; a line's end divides entries too, as people type them."""
    entries = (match.group(1).strip() for match in _ENTRY.finditer(cell))
    return [_ESCAPED.sub(r"\1", entry) for entry in entries if entry]


def _delimiter(text: str) -> str:
    """Return the delimiter that the header uses most; other lines hold prose and would mislead."""
    header = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    unquoted = re.sub(r'"[^"]*"', "", header)
    return max(",;\t", key=unquoted.count)


def _xlsx_rows(path: Path) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        data = path.read_bytes()
        refuse_huge_sheets(data)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        cells = sheet.to_python(skip_empty_area=False)  # so that row numbers are those of Excel
    except UnsafePackage as error:
        raise CodebookError(
            f"{path}: not an .xlsx workbook: {error.reason}", hint=error.hint
        ) from error
    except CalamineError as error:
        raise CodebookError(f"{path}: not an .xlsx workbook: {error}") from error
    return [["" if cell is None else str(cell) for cell in row] for row in cells]


def _from_table(path: Path, table: Sequence[Sequence[str]]) -> BookFile:
    """Read codes from a table, whose first row that is not empty is the header."""
    numbered = [
        (number, cells)
        for number, cells in enumerate(table, start=1)
        if any(cell.strip() for cell in cells)
    ]
    if not numbered:
        raise CodebookError(f"{path}: empty")
    top, names = numbered[0]
    header = [cell.strip().lower().replace(" ", "_").replace("-", "_") for cell in names]
    if "name" not in header and "id" not in header:
        raise CodebookError(
            f"{path}:{top}: no column id or name", hint=f"columns that are read: {', '.join(KEYS)}"
        )
    problems = list(_header_problems(f"{path}:{top}", header))
    rows = []
    for number, cells in numbered[1:]:
        place = f"{path}:{number}"
        padded = header + [""] * (len(cells) - len(header))
        for column, (key, cell) in enumerate(zip(padded, cells, strict=False), start=1):
            if cell.strip() and not key:
                problems.append(
                    f"{place}: a cell in column {column}, which has no name in the header; "
                    "a cell that holds the delimiter stands in quotes"
                )
        rows.append(_table_row(place, header, cells))
    columns = tuple(key for key in header if key in KEYS)
    return BookFile(path.stem, "en", tuple(rows), tuple(problems), columns)


def _header_problems(place: str, header: Sequence[str]) -> Iterator[str]:
    for key, count in Counter(key for key in header if key).items():
        if count > 1:
            yield f"{place}: column {key!r} stands there {count} times"
        if key not in KEYS:
            yield f"{place}: unknown column {key!r}; columns that are read: {', '.join(KEYS)}"


def _table_row(place: str, header: Sequence[str], cells: Sequence[str]) -> Row:
    values: dict[str, Any] = {}
    for key, cell in zip(header, cells, strict=False):
        if not cell.strip() or key not in KEYS:  # an unknown column is told once, at the header
            continue
        values[key] = _listed(cell) if key in LISTS else cell.strip()
    if "id" not in values and "name" in values:
        values["id"] = re.sub(r"[^a-z0-9]+", "_", values["name"].lower()).strip("_")
    values.setdefault("family", "theme")
    if isinstance(values.get("valence"), str):
        with contextlib.suppress(ValueError):  # stays text, which the type's check reports
            values["valence"] = float(values["valence"])
    return Row(values, place, {})
