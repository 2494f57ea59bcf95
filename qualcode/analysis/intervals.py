"""Intervals for shares and means of people: they cover sampling, and nothing else.

Whether the codings behind a count are right is another question, which these cannot answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

__all__ = ["Interval", "bootstrap_mean", "wilson"]

_DRAWS_AT_ONCE = 1_000_000
"""Bounds the bootstrap's memory to about 20 MB, whatever the number of people."""


class Interval(NamedTuple):
    """Hold both bounds, or two Nones and the reason why there are none."""

    low: float | None
    high: float | None
    reason: str = ""


def wilson(count: int, total: int, confidence: float = 0.95) -> Interval:
    """Return the Wilson score interval of a share, in [0, 1].

    Without continuity correction: E. B. Wilson, JASA 22 (1927), 209-212; method 3 of
    R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872. Undefined for a total of 0.

    Raises:
        ValueError: Not 0 <= count <= total, or a confidence outside (0, 1).
    """
    if not 0 <= count <= total:
        raise ValueError(f"{count} of {total} is not a share")
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not {confidence}")
    if total == 0:
        return Interval(None, None, "nobody to count")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = count / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    # The bounds at the borders are 0 and 1 exactly; floating point would miss them by 1e-17.
    low = 0.0 if count == 0 else (middle - half) / scale
    high = 1.0 if count == total else (middle + half) / scale
    return Interval(low, high)


def bootstrap_mean(
    values: Sequence[float], *, seed: int, n_resamples: int = 2000, confidence: float = 0.95
) -> Interval:
    """Return the percentile bootstrap interval of a mean.

    B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. Undefined
    for fewer than two values.

    Args:
        values: One per person, so that people are drawn and not quotes. Their order belongs to
            the input: the same values in another order may give slightly other bounds.
        seed: Of the draws.

    Raises:
        ValueError: A value is not finite, or there are no resamples.
    """
    import numpy as np

    if n_resamples < 1:
        raise ValueError("a bootstrap needs at least one resample")
    people = np.asarray(values, dtype=np.float64)
    if not np.isfinite(people).all():
        raise ValueError("a value is not a finite number")
    if len(people) < 2:
        return Interval(None, None, "fewer than two people")
    if people.min() == people.max():  # summing would miss the value by a rounding error
        return Interval(float(people[0]), float(people[0]))
    rng = np.random.default_rng(seed)
    means = np.empty(n_resamples)
    step = max(1, _DRAWS_AT_ONCE // len(people))
    for start in range(0, n_resamples, step):
        size = min(step, n_resamples - start)
        drawn = rng.integers(len(people), size=(size, len(people)), dtype=np.int32)
        means[start : start + size] = people[drawn].mean(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))
