"""Read a file of ratings, unit, coder and code in each row, and compare the coders."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qualcode.analysis.agreement import (
    N_RESAMPLES,
    SEED,
    Agreement,
    Cell,
    Codes,
    Ratings,
    confusion,
    measure,
)
from qualcode.errors import SourceError
from qualcode.ingest.table import EXTRA_COLUMN, Row
from qualcode.workflow.eval_table import Sheet, read_sheet, unguarded

__all__ = ["FileAgreement", "RatingsFile", "UnreadRow", "agree_ratings", "read_ratings"]

_CLUSTERS = ("participant", "cluster")
_MISSING_WORDS = frozenset({"na", "n/a", "nan", "null", "none", "missing", "-"})
_LISTED = 5


@dataclass(frozen=True, slots=True)
class UnreadRow:
    """Name a row that is in no figure, and why; `number` counts as a spreadsheet does."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class RatingsFile:
    """Hold a file of ratings.

    Attributes:
        n_rows: Rows beneath the header.
        families: Family to its ratings, in the order of the file; one called "" without a column.
        whole: Whole code sets over all families; a coder counts for a unit whose every family that
            anybody judged was judged by that coder too.
        cluster_column: What units are drawn with, None where every unit stands for itself.
        unread: Rows that are in no figure.
        notes: What a person should look at.
    """

    path: Path
    n_rows: int
    families: Mapping[str, Ratings]
    whole: Ratings
    cluster_column: str | None
    unread: tuple[UnreadRow, ...]
    notes: tuple[str, ...]

    @property
    def clusters(self) -> str:
        """What the intervals are drawn from, in the plural."""
        return "participants" if self.cluster_column else "units"


@dataclass(frozen=True, slots=True)
class FileAgreement:
    """Hold what a file of ratings comes to.

    Attributes:
        overall: Of whole code sets over all families.
        families: Of each family; none where the file has no such column.
        confusion: Cells of all families, where asked for.
    """

    file: RatingsFile
    overall: Agreement
    families: Mapping[str, Agreement]
    confusion: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)


def agree_ratings(
    file: RatingsFile,
    *,
    ordinal: bool = False,
    with_confusion: bool = False,
    seed: int = SEED,
    n_resamples: int = N_RESAMPLES,
) -> FileAgreement:
    """Compare the coders of a file; see `qualcode.analysis.agreement.measure`."""

    def compared(ratings: Ratings) -> Agreement:
        return measure(
            ratings,
            ordinal=ordinal,
            clusters=file.clusters,
            seed=seed,
            n_resamples=n_resamples,
        )

    families = {name: compared(ratings) for name, ratings in file.families.items()}
    overall = families[""] if "" in families else compared(file.whole)
    cells = {name: confusion(r) for name, r in file.families.items()} if with_confusion else {}
    return FileAgreement(file, overall, {n: f for n, f in families.items() if n}, cells)


def read_ratings(path: Path, *, cluster: str | None = None, ordinal: bool = False) -> RatingsFile:
    """Read ratings; a row that cannot be read stays out, with its number and the reason.

    Rows of the same unit, coder and family are one judgement with all their codes.

    Args:
        path: A .csv, .tsv or .xlsx with columns unit, coder and code (several joined by `;`, empty
            for none) and, where there are, family and participant or cluster.
        cluster: The column of what units are drawn with; by default one called participant or
            cluster.
        ordinal: Codes are numbers.

    Raises:
        SourceError: The file is not readable, lacks a column, or no row of it can be read.
    """
    sheet = read_sheet(path, ("unit", "coder"))
    columns = _Columns(sheet, cluster)
    reader = _Reader(columns, ordinal=ordinal)
    for row in sheet.rows:
        reader.read(row)
    if not reader.given:
        told = "; ".join(f"row {r.number}: {r.reason}" for r in reader.unread[:_LISTED])
        raise SourceError(
            f"{path}: no row can be read: {told}",
            hint="each row needs a unit and a coder; docs/agreement.md tells the columns",
        )
    return RatingsFile(
        path=path,
        n_rows=len(sheet.rows),
        families=reader.families(),
        whole=reader.whole(),
        cluster_column=columns.cluster_name,
        unread=tuple(reader.unread),
        notes=(*sheet.notes, *reader.notes()),
    )


class _Columns:
    """Say where the columns of a file of ratings are."""

    def __init__(self, sheet: Sheet, cluster: str | None) -> None:
        self.unit, self.coder, self.code = (
            sheet.column(name, "--ratings") for name in ("unit", "coder", "code")
        )
        self.family = sheet.has("family")
        named = [at for name in _CLUSTERS if (at := sheet.has(name)) is not None]
        self.cluster = named[0] if named else None
        if cluster is not None:
            self.cluster = sheet.column(cluster, "--cluster")
        self.cluster_name = None if self.cluster is None else sheet.header[self.cluster]
        self.beyond = sheet.has(EXTRA_COLUMN)


class _Reader:
    """Collect judgements row by row."""

    def __init__(self, columns: _Columns, *, ordinal: bool) -> None:
        self._columns = columns
        self._is_ordinal = ordinal
        self.given: dict[tuple[str, str, str], set[str]] = {}
        self.unread: list[UnreadRow] = []
        self._cluster: dict[str, str] = {}
        self._joined: list[int] = []
        self._moved: list[int] = []
        self._filled_twice: list[int] = []

    def read(self, row: Row) -> None:
        columns = self._columns
        unit, coder = (_cell(row, at) for at in (columns.unit, columns.coder))
        family = "" if columns.family is None else _cell(row, columns.family)
        codes = [_plain(code) for code in unguarded(row.cells[columns.code].strip()).split(";")]
        codes = [code for code in codes if code]
        if reason := self._problem(row, unit, coder, family, codes):
            self.unread.append(UnreadRow(row.number, reason))
            return
        key = (family, unit, coder)
        if key in self.given:
            (self._joined if self.given[key] != set(codes) else self._filled_twice).append(
                row.number
            )
        self.given.setdefault(key, set()).update(codes)
        cluster = "" if columns.cluster is None else _cell(row, columns.cluster)
        if cluster and self._cluster.setdefault(unit, cluster) != cluster:
            self._moved.append(row.number)

    def _problem(self, row: Row, unit: str, coder: str, family: str, codes: Sequence[str]) -> str:
        columns = self._columns
        if columns.beyond is not None and row.cells[columns.beyond].strip():
            return "more cells than the header has (a code with a comma needs quotation marks)"
        cells = {"unit": unit, "coder": coder}
        if columns.family is not None:
            cells["family"] = family
        for name, cell in cells.items():
            if not cell:
                return f"no {name}"
        for name, cell in (*cells.items(), *(("code", code) for code in codes)):
            if all(c == "\ufffd" or unicodedata.category(c)[0] in "ZC" for c in cell):
                return f"nothing readable in the {name}"
        if self._is_ordinal and not all(map(_is_number, codes)):
            return "a code that is no number, and --ordinal asks for numbers"
        return ""

    def families(self) -> dict[str, Ratings]:
        """Return the ratings of each family, in the order of the file."""
        return {
            family: self._ratings(family) for family in dict.fromkeys(f for f, _, _ in self.given)
        }

    def _ratings(self, family: str) -> Ratings:
        return self._as_ratings(
            {(u, c): frozenset(codes) for (f, u, c), codes in self.given.items() if f == family}
        )

    def whole(self) -> Ratings:
        """Return whole code sets over all families."""
        names = dict.fromkeys(family for family, _, _ in self.given)
        if len(names) == 1:
            return self._ratings(next(iter(names)))
        judged: dict[str, set[str]] = defaultdict(set)
        by_coder: dict[tuple[str, str], dict[str, Codes]] = defaultdict(dict)
        for (family, unit, coder), codes in self.given.items():
            judged[unit].add(family)
            # A code of one name in two families is two codes.
            by_coder[unit, coder][family] = frozenset(f"{family}: {code}" for code in codes)
        return self._as_ratings(
            {
                (unit, coder): frozenset[str]().union(*of_families.values())
                for (unit, coder), of_families in by_coder.items()
                if len(of_families) == len(judged[unit])
            }
        )

    def _as_ratings(self, given: Mapping[tuple[str, str], Codes]) -> Ratings:
        units = tuple(dict.fromkeys(unit for unit, _ in given))
        coders = tuple(sorted({coder for _, coder in given}))
        return Ratings(
            units,
            coders,
            tuple(tuple(given.get((unit, coder)) for coder in coders) for unit in units),
            # A unit without a participant stands for itself; no name can look like this.
            tuple(self._cluster.get(unit, f"\x1f{unit}") for unit in units),
        )

    def notes(self) -> Iterator[str]:
        """Yield what a person should look at."""
        if self._joined:
            yield (
                f"{_rows(self._joined)}: another row of the same unit and coder; the codes of "
                "both count as one judgement"
            )
        if self._filled_twice:
            yield f"{_rows(self._filled_twice)}: the same judgement once more, counted once"
        if self._moved:
            yield (
                f"{_rows(self._moved)}: another {self._columns.cluster_name} than earlier for "
                "the unit; the first counts"
            )
        units = {unit for _, unit, _ in self.given}
        if self._columns.cluster is None:
            yield (
                "no column names the participant, so intervals draw units; where several units "
                "are from one person they are too narrow (--cluster COLUMN)"
            )
        elif alone := len(units - set(self._cluster)):
            yield f"{alone} units without a {self._columns.cluster_name}; each stands for itself"
        codes = frozenset[str]().union(*self.given.values())
        yield from _alike("coders", {coder for _, _, coder in self.given})
        yield from _alike("codes", codes)
        for code in sorted(code for code in codes if code.casefold() in _MISSING_WORDS):
            yield (
                f"{code!r} counts as a code; leave the cell empty where no code applies, and the "
                "row out where a unit was not judged"
            )


def _cell(row: Row, at: int) -> str:
    return _plain(unguarded(row.cells[at].strip()))


def _plain(text: str) -> str:
    """Return a text with single spaces and composed letters, as different programs write it."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _is_number(code: str) -> bool:
    try:
        return float(code) == float(code)
    except ValueError:
        return False


def _alike(what: str, names: Iterable[str]) -> Iterator[str]:
    """Yield names that differ in nothing but capitals."""
    folded: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        folded[name.casefold()].append(name)
    for same in folded.values():
        if len(same) > 1:
            yield f"{what} that differ in capitals only count as different: {', '.join(same)}"


def _rows(numbers: Sequence[int]) -> str:
    listed = ", ".join(map(str, numbers[:_LISTED]))
    more = f" and {len(numbers) - _LISTED} more" if len(numbers) > _LISTED else ""
    return f"row{'s' if len(numbers) > 1 else ''} {listed}{more}"
