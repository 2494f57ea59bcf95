"""How many more items to judge until an interval is as narrow as wished.

What judging adds to is one part of the variance only. For *customers like these* the rest is that
other participants would have said other things, and stays when everything is judged:

    variance(n) = rest + design · (1/n - 1/N) / (1/n₀ - 1/N)

with `design` the variance for *these data* at the n₀ judged so far, with the same λ, and `rest`
what the population's variance has more. The residuals' variance, λ and weights are taken as they
are so far. Student's t follows the participants that n items would touch: with the ones yet to be
drawn spread over all alike, Σ_g 1 - (1 - n/N)^(n_g).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from qualcode.analysis.estimates.difference import data_influences, draws_whole_clusters
from qualcode.analysis.estimates.ppi import share_interval
from qualcode.analysis.estimates.shares import (
    FEWEST_CLUSTERS,
    FEWEST_ERRORS,
    FEWEST_POSITIVES,
    N_UNMET,
    Target,
    influences_for,
)
from qualcode.analysis.estimates.units import Columns

__all__ = ["Plan", "plan_more"]

_FEWEST_TO_PLAN = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold how many more items to judge.

    Attributes:
        points: The half-width wished for, in percentage points.
        more: How many more; None where no number will do.
        now: The half-width at what is judged, in points, as the residuals so far have it; None
            before two are judged.
        then: The half-width expected after `more`, or with all judged where `more` is None.
        reason: Why no number will do.
        assumes: What the figure rests on, a sentence each.
    """

    points: float
    more: int | None
    now: float | None = None
    then: float | None = None
    reason: str = ""
    assumes: tuple[str, ...] = ()


def plan_more(columns: Columns, target: Target, points: float, unit: str = "rows") -> Plan:
    """Return how many more items make the prediction-powered interval ± `points`.

    Half of the interval's width counts, as it need not lie evenly around the estimate.

    Raises:
        ValueError: The points are not in (0, 50].
    """
    if not 0 < points <= 50:
        raise ValueError(f"± {points} points is no width of a share")
    judged = columns.judged()
    n_judged, n_positives = len(judged.human), int(judged.human.sum())
    if n_judged < _FEWEST_TO_PLAN:
        return Plan(points, None, reason=f"{n_judged} of the {unit} judged: too few to plan from")
    if n_positives in (0, n_judged):
        only = "no" if n_positives == 0 else "yes"
        return Plan(
            points,
            None,
            reason=f"all {n_judged} judged {unit} are a {only}: nothing to plan from",
        )
    parts = influences_for(columns, judged, target)
    design_parts = data_influences(columns, judged)
    tuning = parts.tuned()
    whole = draws_whole_clusters(columns, judged)
    n_all = columns.n_clusters if whole else columns.n_units
    n_now = design_parts.n_parts
    unmet = N_UNMET if judged.n_errors < FEWEST_ERRORS and tuning > 0 else 0
    variance, design = parts.variance(tuning, unmet), design_parts.variance(tuning, unmet)
    if variance is None or design is None:
        return Plan(points, None, reason=f"the judged {unit} are all of one participant")
    rest = max(0.0, variance - design) if target is Target.POPULATION else 0.0
    estimate = min(1.0, max(0.0, parts.estimate(tuning)))
    reached = _reached(columns, target, whole, n_now, parts.n_parts)

    def half_width(n: int) -> float:
        left = 0.0 if n >= n_all else (1 / n - 1 / n_all) / (1 / n_now - 1 / n_all)
        df = max(1.0, reached(n) - 1)
        low, high = share_interval(estimate, rest + design * left, df)
        return 50 * (high - low)

    rarer = min(n_positives, n_judged - n_positives) / n_judged
    items_each = n_judged / n_now
    enough = max(n_now, math.ceil(FEWEST_POSITIVES / rarer / items_each))
    while enough < n_all and reached(enough) < FEWEST_CLUSTERS:
        enough += max(1, enough // 50)
    enough = min(enough, n_all)
    now = half_width(n_now)
    assumes = _assumptions(columns, target, whole, n_judged, n_positives, tuning, unit)
    if half_width(n_all) > points:
        at_best = half_width(n_all)
        return Plan(
            points,
            None,
            now,
            at_best,
            f"with all {columns.n_units} {unit} judged it would still be ± {at_best:.1f}; only "
            "more participants narrow it further",
            assumes,
        )
    if enough == n_all and target is Target.POPULATION and reached(n_all) < FEWEST_CLUSTERS:
        return Plan(
            points,
            None,
            now,
            half_width(n_all),
            f"there are {columns.n_clusters} participants, under {FEWEST_CLUSTERS}",
            assumes,
        )
    low, high = enough, n_all
    while low < high:
        middle = (low + high) // 2
        if half_width(middle) <= points:
            high = middle
        else:
            low = middle + 1
    more = min(columns.n_units - n_judged, math.ceil((low - n_now) * items_each))
    return Plan(points, more, now, half_width(low), "", assumes)


def _reached(
    columns: Columns, target: Target, whole: bool, n_now: int, n_parts: int
) -> Callable[[int], float]:
    """Return how many independent parts n judged items (or participants) are expected to have."""
    if target is Target.DATA or whole:
        return float
    sizes = columns.cluster_sizes()

    def touched(n: int) -> float:
        unseen = (1 - min(1.0, n / columns.n_units)) ** sizes
        return float(len(sizes) - unseen.sum())

    # The sample so far may be spread otherwise than evenly; it goes on from where it is.
    rest, rest_now = len(sizes) - n_parts, len(sizes) - touched(n_now)

    def reached(n: int) -> float:
        left = (len(sizes) - touched(n)) / rest_now if rest_now > 0 else 0.0
        return len(sizes) - rest * min(1.0, left)

    return reached


def _assumptions(
    columns: Columns,
    target: Target,
    whole: bool,
    n_judged: int,
    n_positives: int,
    tuning: float,
    unit: str,
) -> tuple[str, ...]:
    assumes = [
        f"the machine errs on the {unit} to come as on the {n_judged} judged (lambda stays "
        f"{tuning:.2f})",
        "they are drawn as those were" + (", whole participants at a time" if whole else ""),
    ]
    if target is Target.POPULATION and columns.n_clusters < columns.n_units and not whole:
        assumes.append("they fall evenly on participants")
    if min(n_positives, n_judged - n_positives) < FEWEST_POSITIVES:
        what = "yes" if n_positives <= n_judged - n_positives else "no"
        count = min(n_positives, n_judged - n_positives)
        assumes.append(f"it rests on {count} that are a {what}, so it is rough; ask again later")
    return tuple(assumes)
