"""Read the sheets that people have filled in."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evals.gold.sheet import COLUMNS

SOMETHING = "?"
"""In pain_point: a pain is told, and no code of the book fits."""

FAMILIES = ("stage", "emotion", "pain_point")

SheetRow = tuple[str, str, int, int, str, str]
Place = tuple[str, str, int, int]
"""Document, row, start_char and end_char: what names a segment on a sheet."""
Labels = Mapping[str, frozenset[str]]
"""Family to the codes that a segment was given; none where no code applies."""


class SheetError(ValueError):
    """A sheet does not fit the corpus or its codebook; names places and codes, never words."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Check what people wrote against the corpus' own blank sheet.

    Attributes:
        blank: The rows as `sheet_rows` gives them.
        codes: Family to the ids that its codes may have.
    """

    blank: tuple[SheetRow, ...]
    codes: Mapping[str, Collection[str]]

    def read(self, path: Path, *, whole: bool) -> dict[Place, Labels]:
        """Return what a reader gave each segment, in the order of the blank sheet.

        Args:
            path: A filled-in sheet.
            whole: Whether every row of the blank one must be there.

        Raises:
            SheetError: A row is not of the blank sheet, stands twice or is missing, its text is not
                the corpus' own, a code is unknown, or nothing at all was filled in.
        """
        texts = {row[:4]: row[5] for row in self.blank}
        found: dict[Place, Labels] = {}
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {*COLUMNS, *FAMILIES} - set(reader.fieldnames or ())
            if missing:
                raise SheetError(f"{path.name}: no column {', '.join(sorted(missing))}")
            for n, row in enumerate(reader, start=2):
                where = f"{path.name}, row {n}"
                place = (row["document"], row["row"], _number(row["start_char"], where))
                key = (*place, _number(row["end_char"], where))
                if key not in texts:
                    raise SheetError(f"{where}: no segment of the sample")
                if key in found:
                    raise SheetError(f"{where}: the segment stands twice")
                if row["text"] != texts[key]:
                    raise SheetError(f"{where}: the text is not the corpus' own")
                found[key] = {family: self._labels(row, family, where) for family in FAMILIES}
        if whole and len(found) < len(texts):
            raise SheetError(f"{path.name}: {len(texts) - len(found)} segments are missing")
        if not any(labels[family] for labels in found.values() for family in FAMILIES):
            raise SheetError(f"{path.name}: nothing is filled in")
        return {key: found[key] for key in texts if key in found}

    def _labels(self, row: Mapping[str, str], family: str, where: str) -> frozenset[str]:
        labels = frozenset(_split(row[family]))
        allowed = {*self.codes[family]} | ({SOMETHING} if family == "pain_point" else set())
        if unknown := sorted(labels - allowed):
            raise SheetError(f"{where}: no code of family {family}: {', '.join(unknown)}")
        return labels


def _split(cell: str | None) -> Iterable[str]:
    return filter(None, (code.strip() for code in (cell or "").split(";")))


def _number(cell: str, where: str) -> int:
    try:
        return int(cell)
    except ValueError:
        raise SheetError(f"{where}: an offset is no number") from None
