"""Intervals for shares and means of people: they cover sampling, and nothing else.

Whether the codings behind a count are right is another question, which these cannot answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MOST_RESAMPLED", "Interval", "bootstrap_mean", "wilson"]

MOST_RESAMPLED = 400
"""People up to whom means are resampled; above, the normal interval says the same in no time."""


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

    B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; above
    `MOST_RESAMPLED` values the normal interval, which the bootstrap meets at that size. Undefined
    for fewer than two values.

    Args:
        values: One per person, so that people are drawn and not quotes. Their order belongs to
            the input: the same values in another order may give slightly other bounds.
        seed: Of the draws; the map's page draws the same ones (`journey_count.js`).

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
    if len(people) > MOST_RESAMPLED:
        z = NormalDist().inv_cdf((1 + confidence) / 2)
        half = z * float(people.std(ddof=1)) / math.sqrt(len(people))
        return Interval(float(people.mean()) - half, float(people.mean()) + half)
    drawn = _drawn(len(people), n_resamples * len(people), seed).reshape(n_resamples, -1)
    means = people[drawn].mean(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))


def _drawn(n_people: int, n_draws: int, seed: int) -> NDArray[np.int64]:
    """Return indices below `n_people` from Mulberry32 (T. Ettinger, 2017, public domain).

    Not numpy's generator: a browser must be able to draw the same indices, so that the band of a
    filtered page is the one that a command computes.
    """
    import numpy as np

    # The state after i draws is seed + i * constant, so all draws are made at once.
    state = np.arange(1, n_draws + 1, dtype=np.uint64) * 0x6D2B79F5 + np.uint64(seed % 2**32)
    state = state.astype(np.uint32)
    mixed = (state ^ (state >> np.uint32(15))) * (state | np.uint32(1))
    mixed ^= mixed + (mixed ^ (mixed >> np.uint32(7))) * (mixed | np.uint32(61))
    mixed ^= mixed >> np.uint32(14)
    drawn: NDArray[np.int64] = (
        mixed.astype(np.uint64) * np.uint64(n_people) >> np.uint64(32)
    ).astype(np.int64)
    return drawn
