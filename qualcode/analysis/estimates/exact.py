"""Exact intervals of counts, for samples too small for anything else."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from qualcode.analysis.estimates.ppi import CONFIDENCE

__all__ = ["clopper_pearson", "clopper_pearson_upper", "hypergeometric"]


def clopper_pearson(count: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the two-sided interval of a share from `count` among `n` independent draws.

    C. Clopper and E. Pearson, Biometrika 26 (1934), 404-413, by quantiles of the beta
    distribution. It covers at least as often as it says.

    Raises:
        ValueError: Not 0 <= count <= n, or nothing was drawn.
    """
    from scipy.special import betaincinv

    _check(count, n)
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(betaincinv(count, n - count + 1, tail))
    high = 1.0 if count == n else float(betaincinv(count + 1, n - count, 1 - tail))
    return low, high


def clopper_pearson_upper(count: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Return the one-sided upper bound of a share: 0 in 10 gives 1 - 0.05^(1/10) = 0.26.

    Raises:
        ValueError: Not 0 <= count <= n, or nothing was drawn.
    """
    from scipy.special import betaincinv

    _check(count, n)
    return 1.0 if count == n else float(betaincinv(count + 1, n - count, confidence))


def hypergeometric(
    count: int, n: int, n_all: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the two-sided interval of a share among `n_all` units, `n` of them drawn at random.

    Each bound is the furthest number of positives among all that either tail, half of the error
    each, does not rule out (J. Buonaccorsi, Am. Statistician 41 (1987), 215-218): the finite
    counterpart of Clopper-Pearson.

    Raises:
        ValueError: Not 0 <= count <= n <= n_all, or nothing was drawn.
    """
    _check(count, n)
    if n > n_all:
        raise ValueError(f"{n} of {n_all} cannot be drawn")
    tail = (1 - confidence) / 2
    least, most = count, n_all - (n - count)

    def has_enough(positives: int) -> bool:
        """Tell whether `count` positives or more are likely: so many negatives or fewer."""
        return _at_most(n - count, n, n_all, n_all - positives) > tail

    def has_few_enough(negatives: int) -> bool:
        return _at_most(count, n, n_all, n_all - negatives) > tail

    # Both tails are monotone, so that the first number that is likely can be bisected.
    low = _first(least, most, has_enough)
    high = n_all - _first(n_all - most, n_all - least, has_few_enough)
    return low / n_all, high / n_all


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the least number that holds, `high` where none below does."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _at_most(count: int, n: int, n_all: int, positives: int) -> float:
    """Return the chance of at most `count` positives among `n` drawn."""
    import numpy as np
    from scipy.special import gammaln

    least, most = max(0, n - (n_all - positives)), min(n, positives)
    if count >= most:
        return 1.0
    drawn = np.arange(least, count + 1)
    if not len(drawn):
        return 0.0

    def ways(of: Any, k: Any) -> Any:
        return gammaln(of + 1) - gammaln(k + 1) - gammaln(of - k + 1)

    logs = ways(positives, drawn) + ways(n_all - positives, n - drawn) - ways(n_all, n)
    return math.fsum(np.exp(logs))


def _check(count: int, n: int) -> None:
    if n < 1 or not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is not a share")
