"""From which score on a code may be accepted without a look.

On one half of the blind judgements thresholds are tested from the highest down, each against "the
error of what scores at least as much is the chosen rate or more", at 5 % by the one-sided bound of
Clopper and Pearson. The first that is not rejected ends it, and the last rejected is the answer:
testing in an order fixed beforehand keeps the chance of any false rejection at 5 % (fixed sequence:
P. Bauer, Statistics in Medicine 10 (1991), 871-890; for thresholds: A. Angelopoulos, S. Bates,
E. Candès, M. Jordan, L. Lei, Learn then Test, arXiv 2110.01052). The other half, which had no say,
tells the error.

Which thresholds are tested follows from the scores alone, never from what was right: the first has
as many codings as an error-free half would need, or a tenth of them, each next a tenth more. One
mistake in a row of single steps would end the sequence long before the bound is out of reach.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qualcode.analysis.estimates.exact import clopper_pearson, clopper_pearson_upper
from qualcode.analysis.estimates.ppi import CONFIDENCE
from qualcode.analysis.estimates.units import Floats

__all__ = ["AutoAccept", "fewest_without_error", "lowest_threshold"]

_STEP = 1.1
_FIRST_SHARE = 0.1
_MOST_NEEDED = 100_000


@dataclass(frozen=True, slots=True)
class AutoAccept:
    """Hold the threshold of one code.

    Attributes:
        threshold: Codings that score at least this are accepted; None where none will do.
        rate: The error that was to be kept below.
        bound: One-sided 95 % bound of the error on the half that chose; None without a threshold.
        n_chosen_on: Codings at the threshold on that half.
        error: Share of wrong ones on the other half, with `low` and `high`, its 95 % interval;
            None where no coding of that half reaches the threshold.
        n, n_wrong: Codings at the threshold on the other half, and those that were wrong.
        needed: Without a threshold, how many judgements more are needed at least; None where more
            would not help or cannot be told.
        reason: Why there is no threshold, or no error.
    """

    threshold: float | None
    rate: float
    bound: float | None = None
    n_chosen_on: int = 0
    error: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    n_wrong: int = 0
    needed: int | None = None
    reason: str = ""


def fewest_without_error(rate: float, confidence: float = CONFIDENCE) -> int:
    """Return how many codings, all right, put the bound below the rate: 59 for 5 %."""
    n = math.ceil(math.log(1 - confidence) / math.log(1 - rate))
    while clopper_pearson_upper(0, n, confidence) >= rate:
        n += 1
    return n


def lowest_threshold(
    judged: Sequence[tuple[float, bool]],
    *,
    rate: float,
    seed: int,
    confidence: float = CONFIDENCE,
) -> AutoAccept:
    """Return the lowest threshold whose error is surely below the rate.

    Args:
        judged: Score of each proposed coding and whether a person, blind, found it right. They
            must be a random sample of the codings to be accepted, and independent.
        rate: The error to stay below, in (0, 1).
        seed: Of the split; the order of `judged` does not matter.
        confidence: Of the one-sided bound.

    Raises:
        ValueError: A score is not finite, or a rate not in (0, 1).
    """
    if not 0 < rate < 1:
        raise ValueError(f"a rate lies between 0 and 1, not {rate}")
    pairs = sorted(judged)
    scores = np.array([score for score, _ in pairs], np.float64)
    wrong = np.array([not right for _, right in pairs], np.bool_)
    if not np.isfinite(scores).all():
        raise ValueError("a score is not a finite number")
    order = np.random.default_rng(seed).permutation(len(pairs))
    first, second = order[: -(-len(order) // 2)], order[-(-len(order) // 2) :]
    fewest = fewest_without_error(rate, confidence)
    candidates = _candidates(scores[first], fewest)
    chosen: tuple[float, float, int] | None = None
    for threshold in candidates:
        at = scores[first] >= threshold
        n, n_wrong = int(at.sum()), int(wrong[first][at].sum())
        bound = clopper_pearson_upper(n_wrong, n, confidence)
        if bound >= rate:
            if chosen is None:
                return _none(rate, len(pairs), len(first), n, n_wrong, confidence)
            break
        chosen = threshold, bound, n
    if chosen is None:
        needed = max(1, 2 * fewest - len(pairs))
        return AutoAccept(
            None,
            rate,
            needed=needed,
            reason=f"{len(first)} judgements on the half that chooses; without any error it takes "
            f"{fewest}",
        )
    threshold, bound, n_chosen_on = chosen
    at = scores[second] >= threshold
    n, n_wrong = int(at.sum()), int(wrong[second][at].sum())
    if not n:
        return AutoAccept(
            threshold, rate, bound, n_chosen_on, reason="no coding of the other half scores as much"
        )
    low, high = clopper_pearson(n_wrong, n)
    return AutoAccept(threshold, rate, bound, n_chosen_on, n_wrong / n, low, high, n, n_wrong)


def _candidates(scores: Floats, fewest: int) -> list[float]:
    """Return the thresholds to test, highest first."""
    n = len(scores)
    if n < fewest:
        return []
    descending = np.sort(scores)[::-1]
    size, sizes = max(fewest, math.ceil(_FIRST_SHARE * n)), []
    while size < n:
        sizes.append(size)
        size = math.ceil(size * _STEP)
    # Codings of the same score stand or fall together.
    return list(dict.fromkeys(float(descending[size - 1]) for size in [*sizes, n]))


def _none(
    rate: float, n_pairs: int, n_first: int, n: int, n_wrong: int, confidence: float
) -> AutoAccept:
    """Say what the highest threshold tested lacks."""
    share = n_wrong / n
    reason = f"{n_wrong} of the {n} that score highest are wrong"
    if share >= rate:
        return AutoAccept(
            None, rate, reason=f"{reason}: not below {rate:.1%}, more judgements will hardly help"
        )
    more = n
    while (
        more < _MOST_NEEDED
        and clopper_pearson_upper(math.ceil(share * more), more, confidence) >= rate
    ):
        more = math.ceil(more * 1.02) + 1
    if more >= _MOST_NEEDED:
        return AutoAccept(None, rate, reason=f"{reason}: too close to {rate:.1%} to tell")
    needed = math.ceil(more / n * n_first * 2) - n_pairs
    return AutoAccept(
        None, rate, needed=max(1, needed), reason=f"{reason}: too many for so few judgements"
    )
