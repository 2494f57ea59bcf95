"""Figures of each code for itself: given to a unit or not, whatever else was given."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from qualcode.analysis.agreement.ac1 import ac1
from qualcode.analysis.agreement.alpha import alpha
from qualcode.analysis.agreement.grid import Floats, Grid
from qualcode.analysis.agreement.kappa import cohen, fleiss
from qualcode.analysis.agreement.percent import percent

__all__ = ["PairOfCodes", "SingleCodes"]


class SingleCodes:
    """Count every figure of codes but Cohen's kappa, all codes at once.

    What is summed is where a code was given; that it was not follows from the totals, so that the
    many units without it cost nothing.
    """

    def __init__(self, grid: Grid) -> None:
        given = sparse.csr_array(grid.counts @ grid.member)  # (n_units, n_codes): by how many
        n_judged = np.repeat(grid.n_judged, np.diff(given.indptr)).astype(np.float64)
        pairs = 2 * given.data * (n_judged - given.data)
        others = np.maximum(n_judged - 1, 1)
        self._is_complete = bool((grid.given >= 0).all())
        self._judged = grid.of_clusters(grid.n_judged > 0)
        self._pairable = grid.of_clusters(grid.is_pairable)
        self._n_values = grid.of_clusters(grid.n_judged * grid.is_pairable)
        self._differing = grid.spread(_like(given, pairs / others))
        self._differing_share = grid.spread(_like(given, pairs / (n_judged * others)))
        self._given = grid.spread(_like(given, given.data * (n_judged >= 2)))
        self._shares = grid.spread(_like(given, given.data / n_judged))

    def figures(self, weights: Floats) -> dict[str, Floats]:
        """Return name of a figure to (n_codes, n_draws)."""
        n_judged, n_pairable = self._judged @ weights, self._pairable @ weights
        n_values, differing = self._n_values @ weights, self._differing_share @ weights
        given, shares = self._given @ weights, self._shares @ weights
        squares = given * given + (n_values - given) ** 2
        agreed = percent(differing, n_pairable)
        made = {
            "percent": agreed,
            "krippendorff_alpha": alpha(
                self._differing @ weights, n_values * n_values - squares, n_values
            ),
            "gwet_ac1": ac1(agreed, 2 * shares * (n_judged - shares), n_judged, 2),
        }
        if self._is_complete:
            made["fleiss_kappa"] = fleiss(differing, n_pairable, n_values, squares)
        return made

    def given(self) -> Floats:
        """Return (n_codes,) how often each code was given where two coders judged."""
        counted: Floats = np.asarray(self._given.sum(axis=1)).ravel()
        return counted


class PairOfCodes:
    """Count Cohen's kappa of codes; the grid holds two coders, who judged every unit."""

    def __init__(self, grid: Grid) -> None:
        first, second = (sparse.csr_array(grid.member[grid.given[:, side]]) for side in (0, 1))
        self._n = grid.of_clusters(np.ones(len(grid.given)))
        self._first, self._second = grid.spread(first), grid.spread(second)
        self._both = grid.spread(first.multiply(second))

    def figure(self, weights: Floats) -> Floats:
        """Return (n_codes, n_draws)."""
        n, both = self._n @ weights, self._both @ weights
        first, second = self._first @ weights, self._second @ weights
        by_chance = first * second + (n - first) * (n - second)
        return cohen(n, first + second - 2 * both, by_chance)


def _like(matrix: Any, data: Floats) -> Any:
    """Return a sparse matrix with other values in the same places."""
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
