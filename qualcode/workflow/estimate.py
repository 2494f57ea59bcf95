"""Read a table of answers, some of them judged by people, and estimate shares from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qualcode.analysis.estimates import PARTICIPANTS, Report, Target, Unit, report_shares
from qualcode.errors import SourceError, UsageError
from qualcode.ingest.table import Row
from qualcode.workflow.eval_gold import EMPTY, MOST_GROUPS, OTHERS, is_no, is_yes
from qualcode.workflow.eval_table import Sheet, read_sheet

__all__ = [
    "ROWS",
    "EstimateColumns",
    "FileEstimate",
    "Units",
    "check_points",
    "estimate_file",
    "read_units",
]

ROWS = "rows"
_SHOWN_CHARS = 20


@dataclass(frozen=True, slots=True)
class EstimateColumns:
    """Name the columns of a file; a header in any case, or its number `#3`."""

    human: str
    machine: str
    weight: str | None = None
    cluster: str | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Units:
    """Hold what a file has.

    Attributes:
        units: Rows that can be used.
        unprocessed: Number of a row, the header being row 1, to why it cannot.
        n_rows: All rows, those too.
        by: Headers of the columns to break down by.
        notes: What a person should look at.
    """

    path: Path
    units: tuple[Unit, ...]
    unprocessed: Mapping[int, str]
    n_rows: int
    by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileEstimate:
    """Hold the shares of a file and the file they are from."""

    read: Units
    report: Report


def estimate_file(
    path: Path,
    columns: EstimateColumns,
    target: Target,
    *,
    unit: str = ROWS,
    points: float | None = None,
) -> FileEstimate:
    """Estimate the share of rows, or of participants, with a code.

    Args:
        path: A .csv, .tsv or .xlsx file.
        columns: Which columns hold what.
        target: These data, or customers like these.
        unit: `ROWS` or `PARTICIPANTS`.
        points: The half-width to plan for, in percentage points.

    Raises:
        SourceError: The file is not readable, lacks a column or has no row that can be used.
        UsageError: Options do not fit together.
    """
    if unit == PARTICIPANTS and columns.cluster is None:
        raise UsageError(
            "a share of participants needs to know whose the rows are",
            hint="name the column of participants with --cluster",
        )
    check_points(points)
    read = read_units(path, columns)
    report = report_shares(read.units, target, unit=unit, by=read.by, points=points)
    return FileEstimate(read, report)


def check_points(points: float | None) -> None:
    """Refuse a half-width that no share can be planned for.

    Raises:
        UsageError: It is not between 0 and 50 percentage points.
    """
    if points is not None and not 0 < points <= 50:
        raise UsageError(
            f"--plan {points:g}: no such width of a share",
            hint="give the percentage points on either side, such as --plan 5",
        )


def read_units(path: Path, columns: EstimateColumns) -> Units:
    """Read a file of answers; every row of it is used or has a reason.

    Raises:
        SourceError: The file is not readable, lacks a column, has a weight under 1 or no row that
            can be used.
        UsageError: Two options name the same column.
    """
    sheet = read_sheet(path, (columns.human, columns.machine))
    reader = _Reader(sheet, columns)
    groups = [_grouped([row.cells[at].strip() for row in sheet.rows]) for at in reader.by_at]
    units, unprocessed = [], {}
    for index, row in enumerate(sheet.rows):
        attributes = {
            sheet.header[at]: values[index] for at, values in zip(reader.by_at, groups, strict=True)
        }
        try:
            units.append(reader.unit(row, attributes))
        except _Unusable as problem:
            unprocessed[row.number] = str(problem)
    reader.check(units, unprocessed)
    by = tuple(dict.fromkeys(sheet.header[at] for at in reader.by_at))
    return Units(path, tuple(units), unprocessed, len(sheet.rows), by, sheet.notes)


class _Unusable(Exception):
    """Say why a row cannot be used."""


@dataclass(slots=True)
class _Reader:
    """Make units of rows."""

    sheet: Sheet
    columns: EstimateColumns
    human_at: int = field(init=False)
    machine_at: int = field(init=False)
    weight_at: int | None = field(init=False)
    cluster_at: int | None = field(init=False)
    by_at: tuple[int, ...] = field(init=False)
    n_humans_filled: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        named = self.columns
        self.human_at = self.sheet.column(named.human, "--human")
        self.machine_at = self.sheet.column(named.machine, "--machine")
        if self.human_at == self.machine_at:
            raise UsageError("--human and --machine name the same column")
        self.weight_at = (
            None if named.weight is None else self.sheet.column(named.weight, "--weight")
        )
        self.cluster_at = (
            None if named.cluster is None else self.sheet.column(named.cluster, "--cluster")
        )
        self.by_at = tuple(self.sheet.column(name, "--by") for name in named.by)

    def unit(self, row: Row, attributes: Mapping[str, str]) -> Unit:
        """Return a row as a unit.

        Raises:
            _Unusable: It cannot be used.
            SourceError: Its weight is none.
        """
        if not any(cell.strip() for cell in row.cells):
            raise _Unusable("an empty row")
        human = self._human(row.cells[self.human_at].strip())
        machine = self._machine(row.cells[self.machine_at].strip())
        participant = None
        if self.cluster_at is not None:
            participant = row.cells[self.cluster_at].strip()
            if not participant:
                raise _Unusable(f"no value in {self.columns.cluster!r}")
        probability = None
        if self.weight_at is not None and human is not None:
            probability = 1 / self._weight(row.number, row.cells[self.weight_at].strip())
        return Unit(f"row {row.number}", machine, human, participant, probability, attributes)

    def _human(self, cell: str) -> bool | None:
        if not cell:
            return None
        self.n_humans_filled += 1
        if is_yes(cell) or is_no(cell):
            return is_yes(cell)
        number = _number(cell)
        if number in (0.0, 1.0):
            return number == 1.0
        raise _Unusable(f"{self.columns.human!r} is {_shown(cell)}, not 1 or 0")

    def _machine(self, cell: str) -> float:
        if is_yes(cell) or is_no(cell):
            return float(is_yes(cell))
        # A decimal comma cannot be a thousands separator between 0 and 1.
        number = _number(cell.replace(",", "."))
        if number is not None and 0 <= number <= 1:
            return number
        if not cell:
            raise _Unusable(f"no value in {self.columns.machine!r}")
        raise _Unusable(f"{self.columns.machine!r} is {_shown(cell)}, not 1, 0 or a score between")

    def _weight(self, number: int, cell: str) -> float:
        weight = _number(cell)
        if weight is None or weight <= 0:
            said = _shown(cell) if cell else "empty"
            raise _Unusable(f"{self.columns.weight!r} is {said}, not a weight")
        if weight < 1:
            raise SourceError(
                f"{self.sheet.path}: row {number}: a weight of {weight:g}, and no inverse of a "
                "chance is under 1",
                hint="--weight wants 1 / (chance of being sampled), at least 1",
            )
        return weight

    def check(self, units: Sequence[Unit], unprocessed: Mapping[int, str]) -> None:
        """Refuse a file of which nothing is left, as that is the wrong column."""
        if not units:
            first = min(unprocessed, default=2)
            raise SourceError(
                f"{self.sheet.path}: no row can be used; row {first}: "
                f"{unprocessed.get(first, 'there is none')}",
                hint="look at the names given with --human, --machine, --weight and --cluster",
            )
        if self.n_humans_filled and all(unit.human is None for unit in units):
            first = min(unprocessed)
            raise SourceError(
                f"{self.sheet.path}: no judged row can be used; row {first}: {unprocessed[first]}",
                hint="judgements are 1 or 0, yes or no, true or false; leave others empty",
            )


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _shown(cell: str) -> str:
    """Return a cell for a message; a longer one may be what somebody said, and is not shown."""
    if len(cell) > _SHOWN_CHARS:
        return f"a text of {len(cell)} characters"
    return repr(" ".join(cell.split()))


def _grouped(values: Sequence[str]) -> list[str]:
    """Return the group of each value: the commonest ones, then all others together."""
    common = [value for value, _ in Counter(values).most_common()]
    kept = set(common if len(common) <= MOST_GROUPS else common[: MOST_GROUPS - 1])
    return [(value or EMPTY) if value in kept else OTHERS for value in values]
