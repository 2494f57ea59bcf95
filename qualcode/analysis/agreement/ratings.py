"""Who gave which codes to what: the one input of every figure of agreement."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

__all__ = ["Codes", "Ratings"]

Codes = frozenset[str]


@dataclass(frozen=True, slots=True)
class Ratings:
    """Hold ratings.

    Attributes:
        units: Ids of what was judged, such as segments.
        coders: Names of those who judged.
        values: (n_units, n_coders) the codes that a coder gave: empty where the unit was judged and
            no code applies, None where it was not judged.
        clusters: (n_units,) what units are drawn with, such as the participant who spoke.
    """

    units: tuple[str, ...]
    coders: tuple[str, ...]
    values: tuple[tuple[Codes | None, ...], ...]
    clusters: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.units)) != len(self.units) or len(set(self.coders)) != len(self.coders):
            raise ValueError("a unit or a coder is there twice")
        if not len(self.units) == len(self.values) == len(self.clusters):
            raise ValueError("units, values and clusters are not as many")
        if any(len(row) != len(self.coders) for row in self.values):
            raise ValueError("a unit has not one value for each coder")

    def only(self, coders: Collection[str]) -> Ratings:
        """Return what these coders said of the units that any of them judged; the order stays."""
        at = [n for n, coder in enumerate(self.coders) if coder in coders]
        rows = [tuple(row[n] for n in at) for row in self.values]
        kept = [n for n, row in enumerate(rows) if any(value is not None for value in row)]
        return Ratings(
            tuple(self.units[n] for n in kept),
            tuple(self.coders[n] for n in at),
            tuple(rows[n] for n in kept),
            tuple(self.clusters[n] for n in kept),
        )

    def numbers(self) -> Ratings:
        """Return the same units with single numbers only, written alike; all else is not judged."""
        return replace(self, values=tuple(tuple(map(_number, row)) for row in self.values))

    def all_values(self) -> Iterable[Codes]:
        """Yield every value that is not missing."""
        return (value for row in self.values for value in row if value is not None)


def _number(value: Codes | None) -> Codes | None:
    if value is None or len(value) != 1:
        return None
    try:
        number = float(next(iter(value)))
    except ValueError:
        return None
    # A NaN equals nothing, itself included, so that it has no place in an order.
    return frozenset((repr(number + 0.0),)) if number == number else None
