"""Krippendorff's alpha, 1 - observed / expected disagreement: for names, ranks and sets.

K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), University of Pennsylvania.
A judgement of a unit that nobody else judged counts for nothing; all others count, whichever coders
they are from.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qualcode.analysis.agreement.grid import Floats, Integers, ratio

__all__ = ["alpha", "masi", "masi_expected", "masi_of_pairs", "midranks"]

_ROWS_A_BLOCK = 512
_OVERLAP = 1 / 3


def alpha(observed: Floats, expected: Floats, n_values: Floats) -> Floats:
    """Return alpha; nan where there is one value only, or nothing to compare.

    Args:
        observed: Sum of o_ck d_ck over the cells of the coincidence matrix.
        expected: Sum of n_c n_k d_ck, which is n(n - 1) times the mean expected.
        n_values: n, the judgements of units that two coders judged at least.
    """
    return 1 - ratio((n_values - 1) * observed, expected)


def midranks(counts: Floats) -> Floats:
    """Return (n, n_draws) places of values in their order, from the middle of all judgements.

    The ordinal difference of Krippendorff (2011), section 5, (sum of n_g from c to k, less half of
    n_c and n_k) squared, is the squared difference of the two places.

    Args:
        counts: (n, n_draws) judgements with each value, lowest value first.
    """
    middle: Floats = np.cumsum(counts, axis=0) - counts / 2 - counts.sum(axis=0) / 2
    return middle


def masi(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the MASI distance of two sets, 0 for equal ones, 1 for those without a common code.

    1 - J M, with Jaccard's J and M = 1 for equal sets, 2/3 where one holds the other, 1/3 where
    they overlap, 0 else: R. Passonneau, Measuring Agreement on Set-valued Items (MASI), LREC 2006.
    Two empty sets are equal.
    """
    codes = sorted(one | other)
    member = np.array([[code in side for code in codes] for side in (one, other)], np.float64)
    sizes = member.sum(axis=1)
    return float(_distances(member[:1] @ member[1:].T, sizes[:1, None], sizes[None, 1:])[0, 0])


def masi_of_pairs(member: Any, first: Integers, second: Integers) -> Floats:
    """Return (n,) the MASI distances of n pairs of sets, given as rows of a sparse `member`."""
    sizes = np.asarray(member.sum(axis=1), np.float64).ravel()
    common = np.asarray(member[first].multiply(member[second]).sum(axis=1)).ravel()
    distances: Floats = _distances(common, sizes[first], sizes[second])
    return distances


def masi_expected(member: Any, counts: Floats) -> Floats:
    """Return (n_draws,) the sum of n_c n_k d_ck over all pairs of sets.

    Block by block, because the table of distances of thousands of sets is larger than memory; each
    pair once. Draws of a bootstrap are summed in half the precision, which moves the bounds of an
    interval by less than 1e-6 and takes half the time.

    Args:
        member: Sparse (n_sets, n_codes).
        counts: (n_sets, n_draws) judgements with each set.
    """
    precision = np.float64 if counts.shape[1] == 1 else np.float32
    codes = member.toarray().astype(precision)
    sizes = codes.sum(axis=1)
    rough = counts.astype(precision)
    expected = np.zeros(counts.shape[1])
    for start in range(0, len(codes), _ROWS_A_BLOCK):
        block = slice(start, start + _ROWS_A_BLOCK)
        common = codes[block] @ codes[start:].T
        distances = _distances(common, sizes[block, None], sizes[None, start:])
        distances[:, _ROWS_A_BLOCK:] *= 2
        expected += (counts[block] * (distances @ rough[start:])).sum(axis=0)
    return expected


def _distances(common: Any, size: Any, other_size: Any) -> Any:
    """Return MASI distances from the sizes of sets and of what they have in common."""
    together = size + other_size - common
    similar = common / np.maximum(together, 1)
    # A third for what overlaps, two for a subset: in place, this is where the time goes.
    is_subset = common == np.minimum(size, other_size)
    similar *= (is_subset + common.dtype.type(1)) * common.dtype.type(_OVERLAP)
    similar[common == together] = 1
    np.subtract(1, similar, out=similar)
    return similar
