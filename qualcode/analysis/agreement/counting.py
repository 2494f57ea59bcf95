"""Every figure of some coders, counted from how often each cluster was drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qualcode.analysis.agreement.figures import ORDINAL
from qualcode.analysis.agreement.grid import Floats, Grid, gridded, ratio
from qualcode.analysis.agreement.ratings import Ratings
from qualcode.analysis.agreement.single_codes import PairOfCodes, SingleCodes
from qualcode.analysis.agreement.whole_sets import OrdinalSets, PairOfSets, WholeSets

__all__ = ["MOST_PAIRS", "Counting", "Pair"]

MOST_PAIRS = 45
"""Pairs, those of ten coders, up to which each pair gets intervals of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Count the figures of two coders on the units that both judged.

    Attributes:
        at: Their places among the coders.
    """

    at: tuple[int, int]
    grid: Grid
    sets: WholeSets
    kappa: PairOfSets
    codes: SingleCodes
    code_kappa: PairOfCodes


class Counting:
    """Count figures from weights, (n_clusters, n_draws), by name.

    Names: `sets.FIGURE` (n_draws,), `codes.FIGURE` (n_codes, n_draws) and, of the nth pair,
    `pair.N.FIGURE` (n_draws,).

    Attributes:
        own: The figures of the ratings themselves, as of one draw.
        n_defined: Name of a mean over pairs to the number of pairs in it, (1,) or (n_codes, 1).
        pairs: Those with a unit that both judged.
        asked: Places of the coders of all pairs.
    """

    def __init__(
        self, ratings: Ratings, between: Sequence[tuple[str, str]] | None, *, ordinal: bool
    ) -> None:
        self.grid = gridded(ratings)
        self.coders = ratings.coders
        self.is_between = between is not None
        place = {coder: at for at, coder in enumerate(ratings.coders)}
        self.asked = tuple(
            combinations(range(len(ratings.coders)), 2)
            if between is None
            else ((place[one], place[other]) for one, other in between)
        )
        self.pairs = tuple(pair for at in self.asked if (pair := self._pair(at)) is not None)
        self._sets, self._codes = WholeSets(self.grid), SingleCodes(self.grid)
        self._ordinal = OrdinalSets(gridded(ratings.numbers())) if ordinal else None
        self._is_defined: dict[tuple[int, str], np.ndarray] = {}
        self.n_defined: dict[str, Floats] = {}
        self.own = self.count(np.ones((self.grid.n_clusters, 1)))

    def _pair(self, at: tuple[int, int]) -> Pair | None:
        grid = self.grid.between(*at)
        if not len(grid.given):
            return None
        sets, codes = WholeSets(grid), SingleCodes(grid)
        return Pair(at, grid, sets, PairOfSets(grid), codes, PairOfCodes(grid))

    @property
    def has_pairs_apart(self) -> bool:
        """Whether pairs have figures of their own; two coders are the one pair already."""
        return self.is_between or len(self.coders) > 2

    def n_compared(self) -> int:
        """Return the units that two coders judged, of the pairs asked for."""
        if not self.is_between:
            return int(self.grid.is_pairable.sum())
        both = np.zeros(len(self.grid.given), bool)
        for pair in self.pairs:
            both |= (self.grid.given[:, pair.at] >= 0).all(axis=1)
        return int(both.sum())

    def n_judgements(self) -> int:
        """Return the judgements that are compared; in several pairs, one counts in each."""
        if self.is_between:
            return 2 * sum(len(pair.grid.given) for pair in self.pairs)
        return int((self.grid.n_judged * self.grid.is_pairable).sum())

    def n_given(self) -> Floats:
        """Return (n_codes,) how many of these judgements have each code."""
        if not self.is_between:
            return self._codes.given()
        return sum((pair.codes.given() for pair in self.pairs), np.zeros(len(self.grid.codes)))

    def count(self, weights: Floats) -> dict[str, Floats]:
        """Return every figure for each draw.

        A mean over pairs is of the pairs that are defined in the ratings themselves: where a draw
        leaves one of these undefined, it leaves the mean undefined.
        """
        is_own = not self.n_defined
        counted: dict[str, Floats] = {}
        sums: dict[str, list[Floats]] = {}
        shows_pairs = self.has_pairs_apart and (is_own or len(self.pairs) <= MOST_PAIRS)
        for n, pair in enumerate(self.pairs):
            kappa = {"cohen_kappa": pair.kappa.figure(weights)}
            codes = {"cohen_kappa": pair.code_kappa.figure(weights)}
            whole = kappa
            if self.is_between or shows_pairs:
                whole = kappa | pair.sets.figures(weights)
            if self.is_between:
                codes |= pair.codes.figures(weights)
            if shows_pairs:
                counted |= {f"pair.{n}.{name}": values for name, values in whole.items()}
            averaged = _named("sets", whole if self.is_between else kappa) | _named("codes", codes)
            for name, values in averaged.items():
                if is_own:
                    self._is_defined[n, name] = ~np.isnan(values)
                kept = np.where(self._is_defined[n, name], values, 0)
                sums.setdefault(name, []).append(kept)
        if is_own:
            self.n_defined = self._defined_pairs(sums)
        for name, parts in sums.items():
            if len(parts) == len(self.pairs):
                counted[name] = ratio(np.sum(parts, axis=0), self.n_defined[name])
        if not self.is_between:
            counted |= _named("sets", self._sets.figures(weights))
            counted |= _named("codes", self._codes.figures(weights))
        if self._ordinal is not None:
            counted[f"sets.{ORDINAL}"] = self._ordinal.figure(weights)
        return counted

    def _defined_pairs(self, names: Mapping[str, object]) -> dict[str, Floats]:
        defined: dict[str, Floats] = {"": np.zeros(1)}
        for name in names:
            parts = [is_so for (_, of), is_so in self._is_defined.items() if of == name]
            defined[name] = np.sum(parts, axis=0, dtype=np.float64)
        return defined


def _named(kind: str, figures: Mapping[str, Floats]) -> dict[str, Floats]:
    return {f"{kind}.{name}": values for name, values in figures.items()}
