"""Ratings as numbers, summed cluster by cluster, so that a bootstrap draw is one product.

Every count behind a figure is a sum over units. Summed over the units of each cluster once, it is,
for any number of bootstrap draws, the product of these sums and of how often each cluster was
drawn. Weights are `(n_clusters, n_draws)`, counts `(…, n_draws)`, nan where a figure is undefined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qualcode.analysis.agreement.ratings import Codes, Ratings

__all__ = ["Bools", "Coincidences", "Floats", "Grid", "Integers", "gridded", "ratio"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int_]


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, broadcast, nan where whole is 0."""
    part, whole = np.broadcast_arrays(part, whole)
    divided: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)
    return divided


@dataclass(frozen=True, slots=True)
class Coincidences:
    """Hold pairs of different values within units, each pair of values once a unit.

    Attributes:
        unit: (n,) the unit.
        first: (n,) number of one value; smaller than `second`.
        second: (n,) number of the other.
        weight: (n,) ordered pairs of judgements with these values, over judgements - 1: what
            Krippendorff's coincidence matrix has for both cells together.
    """

    unit: Integers
    first: Integers
    second: Integers
    weight: Floats


@dataclass(frozen=True, eq=False)
class Grid:
    """Hold ratings as numbers.

    Attributes:
        sets: The different values, sorted; a value's number is its place here.
        codes: All codes, sorted.
        given: (n_units, n_coders) numbers of values, -1 where a coder did not judge.
        cluster: (n_units,) number of the cluster of each unit.
        n_clusters: How many clusters there are, those without a unit here included.
    """

    sets: tuple[Codes, ...]
    codes: tuple[str, ...]
    given: Integers
    cluster: Integers
    n_clusters: int

    @cached_property
    def n_judged(self) -> Integers:
        """(n_units,) how many coders judged each unit."""
        counted: Integers = (self.given >= 0).sum(axis=1)
        return counted

    @cached_property
    def is_pairable(self) -> Bools:
        """(n_units,) whether two coders judged it, at least."""
        return np.asarray(self.n_judged >= 2, bool)

    @cached_property
    def member(self) -> Any:
        """Sparse (n_sets, n_codes): whether a set has a code."""
        place = {code: at for at, code in enumerate(self.codes)}
        rows = [at for at, codes in enumerate(self.sets) for _ in codes]
        columns = [place[code] for codes in self.sets for code in sorted(codes)]
        shape = (len(self.sets), len(self.codes))
        return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)

    @cached_property
    def counts(self) -> Any:
        """Sparse (n_units, n_sets): how many coders gave each set."""
        rows, columns = np.nonzero(self.given >= 0)
        at = (rows, self.given[rows, columns])
        shape = (len(self.given), len(self.sets))
        counted = sparse.csr_array((np.ones(len(rows)), at), shape=shape)
        counted.sum_duplicates()
        return counted

    def of_clusters(self, per_unit: Floats | Integers | Bools) -> Floats:
        """Return (n_clusters,) sums of one number a unit."""
        summed = np.bincount(self.cluster, weights=per_unit, minlength=self.n_clusters)
        return np.asarray(summed, np.float64)

    def spread(self, per_unit: Any) -> Any:
        """Return sparse (n, n_clusters) sums of a sparse (n_units, n)."""
        n_units = len(self.given)
        at = (self.cluster, np.arange(n_units))
        into = sparse.csr_array((np.ones(n_units), at), shape=(self.n_clusters, n_units))
        return (into @ per_unit).T.tocsr()

    def coincidences(self) -> Coincidences:
        """Return the pairs of different values that coders gave to the same unit."""
        counted = self.counts
        row = np.repeat(np.arange(counted.shape[0]), np.diff(counted.indptr))
        counted.sort_indices()
        unit, first, second, pairs = [], [], [], []
        for apart in range(1, int(np.diff(counted.indptr).max(initial=0))):
            near = np.nonzero(row[:-apart] == row[apart:])[0]
            unit.append(row[near])
            first.append(counted.indices[near])
            second.append(counted.indices[near + apart])
            pairs.append(2 * counted.data[near] * counted.data[near + apart])
        if not unit:
            nothing = np.zeros(0, np.int_)
            return Coincidences(nothing, nothing, nothing, np.zeros(0))
        units = np.concatenate(unit)
        weight = np.concatenate(pairs) / (self.n_judged[units] - 1)
        return Coincidences(units, np.concatenate(first), np.concatenate(second), weight)

    def between(self, first: int, second: int) -> Grid:
        """Return the judgements of two coders on the units that both judged."""
        given = self.given[:, (first, second)]
        both = (given >= 0).all(axis=1)
        used, given = np.unique(given[both], return_inverse=True)
        return Grid(
            tuple(self.sets[at] for at in used),
            self.codes,
            given.reshape(-1, 2),
            self.cluster[both],
            self.n_clusters,
        )


def gridded(ratings: Ratings) -> Grid:
    """Return ratings as numbers; the order of units changes nothing that is summed."""
    sets = sorted(set(ratings.all_values()), key=sorted)
    place: dict[Codes | None, int] = {value: at for at, value in enumerate(sets)}
    place[None] = -1
    given = [[place[value] for value in row] for row in ratings.values]
    clusters = sorted(set(ratings.clusters))
    number = {cluster: at for at, cluster in enumerate(clusters)}
    return Grid(
        tuple(sets),
        _codes(sets),
        np.array(given, np.int_).reshape(len(ratings.units), len(ratings.coders)),
        np.array([number[cluster] for cluster in ratings.clusters], np.int_),
        len(clusters),
    )


def _codes(sets: Sequence[Codes]) -> tuple[str, ...]:
    return tuple(sorted(frozenset[str]().union(*sets)))
