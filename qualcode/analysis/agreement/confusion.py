"""Which codes stand for each other: cells of a confusion table, with the units behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from qualcode.analysis.agreement.ratings import Codes, Ratings

__all__ = ["Cell", "confusion"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Hold one cell.

    Attributes:
        row: The code of the one coder, None where that coder gave none to match.
        column: The code of the other.
        n: How often; more than `units` where several pairs of coders did so.
        units: Ids of the units behind it, in the order of the ratings.
    """

    row: str | None
    column: str | None
    n: int
    units: tuple[str, ...]


def confusion(
    ratings: Ratings, between: Sequence[tuple[str, str]] | None = None
) -> tuple[Cell, ...]:
    """Return cells, most frequent first; codes that both gave are on the diagonal.

    What both gave to a unit is agreed and leaves the comparison; of the rest, each code of the one
    meets each of the other, or None where the other has none left.

    Args:
        ratings: Who gave which codes to what.
        between: Pairs whose first coder stands in rows, such as people against models. Without
            them all pairs of coders are compared, and a cell and its mirror image are one.
    """
    place = {coder: at for at, coder in enumerate(ratings.coders)}
    pairs = (
        list(combinations(range(len(ratings.coders)), 2))
        if between is None
        else [(place[one], place[other]) for one, other in between]
    )
    count: dict[tuple[str | None, str | None], int] = defaultdict(int)
    behind: dict[tuple[str | None, str | None], dict[str, None]] = defaultdict(dict)
    for unit, row in zip(ratings.units, ratings.values, strict=True):
        for one, other in pairs:
            first, second = row[one], row[other]
            if first is None or second is None:
                continue
            for cell in _cells(first, second):
                if between is None and _order(cell[0]) > _order(cell[1]):
                    cell = (cell[1], cell[0])
                count[cell] += 1
                behind[cell][unit] = None
    ordered = sorted(count, key=lambda cell: (-count[cell], _order(cell[0]), _order(cell[1])))
    return tuple(Cell(*cell, count[cell], tuple(behind[cell])) for cell in ordered)


def _cells(first: Codes, second: Codes) -> Iterator[tuple[str | None, str | None]]:
    yield from ((code, code) for code in first & second)
    mine: list[str | None] = [*(first - second)]
    others: list[str | None] = [*(second - first)]
    if mine or others:
        yield from product(mine or [None], others or [None])


def _order(code: str | None) -> tuple[bool, str]:
    return (code is None, code or "")
