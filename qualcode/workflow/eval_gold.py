"""Read a gold file: texts, and which codes apply to each."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qualcode.errors import SourceError, UsageError
from qualcode.workflow.eval_scheme import Scheme
from qualcode.workflow.eval_table import read_sheet

__all__ = ["Gold", "GoldColumns", "GoldRow", "is_no", "is_yes", "read_gold"]

_YES = ("1", "1.0", "true", "yes")
_NO = ("0", "0.0", "false", "no")
_LISTED = 5
_SHOWN_CHARS = 60
MOST_GROUPS = 20
OTHERS = "(others)"
EMPTY = "(empty)"


@dataclass(frozen=True, slots=True)
class GoldColumns:
    """Name the columns of a gold file; `id` None takes one called id where there is one."""

    text: str
    label: str
    id: str | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldRow:
    """Hold one row.

    Attributes:
        index: Its place among the rows, from 0.
        number: As a spreadsheet counts, the header being 1.
        labels: Ids of the codes that apply; with yes and no, empty or all of the family.
        is_yes: Whether any code of the family applies.
        groups: Its value of each column of `GoldColumns.by`.
        problem: Why there is nothing to score; empty where there is.
    """

    index: int
    number: int
    id: str
    text: str
    labels: frozenset[str]
    is_yes: bool
    groups: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Gold:
    """Hold a gold file.

    Attributes:
        family_name: The family that was asked for, as it was typed; empty when none was.
        is_yes_no: Whether labels only say that any code of the one family applies.
        families: Those that are scored: the one asked for, else those that labels name.
        called: Code id to the name of its column.
        id_name: The header of the id column, None without one.
        ignored: Label that is no code to the number of rows.
        notes: What a person should look at.
    """

    path: Path
    scheme: Scheme
    rows: tuple[GoldRow, ...]
    is_yes_no: bool
    families: tuple[str, ...]
    called: Mapping[str, str]
    family_name: str = ""
    id_name: str | None = None
    by: tuple[str, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def is_yes(label: str) -> bool:
    return label.casefold() in _YES


def is_no(label: str) -> bool:
    return label.casefold() in _NO


def read_gold(
    path: Path,
    columns: GoldColumns,
    scheme: Scheme,
    *,
    family: str | None = None,
    ignore_unknown: bool = False,
) -> Gold:
    """Read a gold file; every row of it stays, in order.

    Args:
        path: A .csv, .tsv or .xlsx file.
        columns: Which columns hold what.
        scheme: The codes that labels may name.
        family: The one that was asked for, as it was typed; then labels may be 1 and 0.
        ignore_unknown: Leave out labels that are no code, instead of refusing the file.

    Raises:
        SourceError: The file is not readable, lacks a column or has an unknown label.
        UsageError: A label names several codes, or no family can be told.
    """
    sheet = read_sheet(path, (columns.text, columns.label))
    text_at = sheet.column(columns.text, "--text-col")
    label_at = sheet.column(columns.label, "--label-col")
    if text_at == label_at:
        raise UsageError("--text-col and --label-col name the same column")
    id_at = sheet.has("id") if columns.id is None else sheet.column(columns.id, "--id-col")
    by_at = [sheet.column(name, "--by") for name in columns.by]
    cells = [row.cells[label_at].strip() for row in sheet.rows]
    labels = _Labels(path, scheme)
    yes_no = family is not None and _says_yes_or_no(cells, scheme)
    read = [
        labels.read(row.number, cell, yes_no) for row, cell in zip(sheet.rows, cells, strict=True)
    ]
    if labels.unknown and not ignore_unknown:
        raise labels.refusal(has_family=family is not None)
    grouped = [_grouped([row.cells[at].strip() for row in sheet.rows]) for at in by_at]
    every = frozenset(code.id for code in scheme.codes())
    rows = []
    for index, (row, found) in enumerate(zip(sheet.rows, read, strict=True)):
        text = row.cells[text_at].strip()
        rows.append(
            GoldRow(
                index=index,
                number=row.number,
                id="" if id_at is None else row.cells[id_at].strip(),
                text=text,
                labels=every if found is True else frozenset(found or ()),
                is_yes=bool(found),
                groups=tuple(values[index] for values in grouped),
                problem=_problem(text),
            )
        )
    gold = Gold(
        path=path,
        scheme=scheme,
        rows=tuple(rows),
        is_yes_no=yes_no,
        families=scheme.families,
        called=scheme.called(labels.written),
        family_name=family or "",
        id_name=None if id_at is None else sheet.header[id_at],
        by=tuple(sheet.header[at] for at in by_at),
        ignored=dict(Counter(label for _, label in labels.unknown)),
        notes=sheet.notes,
    )
    return gold if family is not None or len(scheme.families) == 1 else _with_families(gold)


def _with_families(gold: Gold) -> Gold:
    """Keep the families that labels name: the others nobody has labelled."""
    named = frozenset[str]().union(*(row.labels for row in gold.rows))
    families = tuple(
        family
        for family in gold.scheme.families
        if not named.isdisjoint(code.id for code in gold.scheme.codes((family,)))
    )
    if not families:
        raise UsageError(
            f"{gold.path}: no row has a label, so that it is unclear what to score",
            hint=f"name a family: --family {' or '.join(gold.scheme.families)}",
        )
    return replace(gold, families=families)


def _says_yes_or_no(cells: Sequence[str], scheme: Scheme) -> bool:
    filled = {cell for cell in cells if cell}
    return bool(filled) and all(
        (is_yes(cell) or is_no(cell)) and scheme.find(cell) is None for cell in filled
    )


class _Labels:
    """Read cells of labels, and keep what is no code with the row where it stands."""

    def __init__(self, path: Path, scheme: Scheme) -> None:
        self._path = path
        self._scheme = scheme
        self.unknown: list[tuple[int, str]] = []
        self.written: set[str] = set()

    def read(self, number: int, cell: str, yes_no: bool) -> set[str] | bool:
        """Return the ids of the codes that a cell names, or whether it says yes."""
        if yes_no:
            return is_yes(cell)
        try:
            codes, unknown = self._scheme.split(cell)
        except UsageError as error:
            raise SourceError(
                f"{self._path}: row {number}: {error.message}", hint=error.hint
            ) from error
        self.unknown += [(number, label) for label in unknown]
        if not unknown:
            self.written |= {cell} if len(codes) == 1 else set(cell.split(";"))
        self.written.discard("")
        return {code.id for code in codes}

    def refusal(self, *, has_family: bool) -> SourceError:
        """Return the error that names rows and labels."""
        first: dict[str, int] = {}
        for number, label in self.unknown:
            first.setdefault(label, number)
        lines = []
        for label, number in list(first.items())[:_LISTED]:
            other = self._scheme.elsewhere(label)
            hint = f"it is a code of family {other}" if other else self._scheme.near(label)
            lines.append(
                f"row {number}: {_shown(label)} is no code of {self._scheme.source}; {hint}"
            )
        if len(first) > _LISTED:
            lines.append(f"and {len(first) - _LISTED} more such labels")
        hint = "correct the labels, or leave them out with --ignore-unknown-labels"
        if not has_family and all(is_yes(label) or is_no(label) for label in first):
            hint = "labels 1 and 0 go with --family F: whether any code of that family applies"
        return SourceError(f"{self._path}: unknown labels:\n  " + "\n  ".join(lines), hint=hint)


def _shown(label: str) -> str:
    """Return a label for a message; a long one is a text from the wrong column, and not shown."""
    if len(label) > _SHOWN_CHARS:
        return f"a label of {len(label)} characters (is --label-col the right column?)"
    return repr(" ".join(label.split()))


def _problem(text: str) -> str:
    """Say why a text cannot be read; a lone emoji can."""
    if not text:
        return "no text"
    # Replacement signs and half characters are what a wrong encoding leaves.
    if all(c == "\ufffd" or unicodedata.category(c)[0] in "ZC" for c in text):
        return "nothing readable in the text"
    return ""


def _grouped(values: Sequence[str]) -> list[str]:
    """Return the group of each value: the commonest ones, then all others together."""
    common = [value for value, _ in Counter(values).most_common()]
    kept = set(common if len(common) <= MOST_GROUPS else common[: MOST_GROUPS - 1])
    return [(value or EMPTY) if value in kept else OTHERS for value in values]
