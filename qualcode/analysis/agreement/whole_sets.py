"""Figures of whole code sets: a judgement counts as equal only where every code is the same."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from qualcode.analysis.agreement.ac1 import ac1
from qualcode.analysis.agreement.alpha import alpha, masi_expected, masi_of_pairs, midranks
from qualcode.analysis.agreement.grid import Floats, Grid
from qualcode.analysis.agreement.kappa import cohen, fleiss
from qualcode.analysis.agreement.percent import percent

__all__ = ["MOST_SETS", "OrdinalSets", "PairOfSets", "WholeSets"]

MOST_SETS = 20_000
"""Different code sets up to which MASI is resampled; its work grows with their square."""


class WholeSets:
    """Count every figure of whole sets but Cohen's kappa, which belongs to a pair of coders."""

    def __init__(self, grid: Grid) -> None:
        pairable = grid.is_pairable.astype(np.float64)
        found = grid.coincidences()
        by_unit = [len(grid.given)]
        differing = np.bincount(found.unit, weights=found.weight, minlength=by_unit[0])
        distances = masi_of_pairs(grid.member, found.first, found.second)
        distance = np.bincount(found.unit, weights=found.weight * distances, minlength=by_unit[0])
        self._grid = grid
        self._is_complete = bool((grid.given >= 0).all())
        self._judged = grid.of_clusters(grid.n_judged > 0)
        self._pairable = grid.of_clusters(grid.is_pairable)
        self._n_values = grid.of_clusters(grid.n_judged * grid.is_pairable)
        self._differing = grid.of_clusters(differing)
        self._differing_share = grid.of_clusters(differing / np.maximum(grid.n_judged, 1))
        self._distance = grid.of_clusters(distance)
        self._values = grid.spread(_scaled(grid, pairable))
        self._shares = grid.spread(_scaled(grid, 1 / np.maximum(grid.n_judged, 1)))
        self._n_used = len(np.unique(grid.given[grid.given >= 0]))

    def figures(self, weights: Floats) -> dict[str, Floats]:
        """Return name of a figure to (n_draws,)."""
        n_judged, n_pairable = self._judged @ weights, self._pairable @ weights
        n_values, differing = self._n_values @ weights, self._differing_share @ weights
        values, shares = self._values @ weights, self._shares @ weights
        squares = (values * values).sum(axis=0)
        agreed = percent(differing, n_pairable)
        made = {
            "percent": agreed,
            "krippendorff_alpha": alpha(
                self._differing @ weights, n_values * n_values - squares, n_values
            ),
            "gwet_ac1": ac1(
                agreed, (shares * (n_judged - shares)).sum(axis=0), n_judged, self._n_used
            ),
        }
        if self._is_complete:
            made["fleiss_kappa"] = fleiss(differing, n_pairable, n_values, squares)
        if weights.shape[1] == 1 or len(self._grid.sets) <= MOST_SETS:
            expected = masi_expected(self._grid.member, values)
            made["krippendorff_alpha_masi"] = alpha(self._distance @ weights, expected, n_values)
        return made


class PairOfSets:
    """Count Cohen's kappa of whole sets; the grid holds two coders, who judged every unit."""

    def __init__(self, grid: Grid) -> None:
        n_units = len(grid.given)
        self._n = grid.of_clusters(np.ones(n_units))
        self._differing = grid.of_clusters(grid.given[:, 0] != grid.given[:, 1])
        sides = [
            sparse.csr_array(
                (np.ones(n_units), (np.arange(n_units), grid.given[:, side])),
                shape=(n_units, len(grid.sets)),
            )
            for side in (0, 1)
        ]
        # A set that only one of the two used adds nothing to chance.
        shared = np.intersect1d(grid.given[:, 0], grid.given[:, 1])
        self._first, self._second = (grid.spread(side[:, shared]) for side in sides)

    def figure(self, weights: Floats) -> Floats:
        """Return (n_draws,)."""
        by_chance = ((self._first @ weights) * (self._second @ weights)).sum(axis=0)
        return cohen(self._n @ weights, self._differing @ weights, by_chance)


class OrdinalSets:
    """Count Krippendorff's ordinal alpha of a grid whose sets are single numbers."""

    def __init__(self, grid: Grid) -> None:
        numbers = np.array([float(next(iter(value))) for value in grid.sets])
        self._order = np.argsort(numbers, kind="stable")
        found = grid.coincidences()
        pairs = found.first * max(1, len(numbers)) + found.second
        kinds, kind = np.unique(pairs, return_inverse=True)
        self._first, self._second = np.divmod(kinds, max(1, len(numbers)))
        per_unit = sparse.csr_array(
            (found.weight, (found.unit, kind)), shape=(len(grid.given), len(kinds))
        )
        self._pairs = grid.spread(per_unit)
        self._values = grid.spread(_scaled(grid, grid.is_pairable.astype(np.float64)))
        self._n_values = grid.of_clusters(grid.n_judged * grid.is_pairable)

    def figure(self, weights: Floats) -> Floats:
        """Return (n_draws,)."""
        values = self._values @ weights
        places = np.empty_like(values)
        places[self._order] = midranks(values[self._order])
        n_values = self._n_values @ weights
        expected = 2 * n_values * (values * places**2).sum(axis=0)
        apart = (places[self._first] - places[self._second]) ** 2
        return alpha(((self._pairs @ weights) * apart).sum(axis=0), expected, n_values)


def _scaled(grid: Grid, factor: Floats) -> sparse.csr_array:
    """Return sparse (n_units, n_sets) counts, each unit's times its factor."""
    return sparse.csr_array(grid.counts * factor[:, None])
