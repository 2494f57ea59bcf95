"""One share, told three ways: the machine's count, people's, and both together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from qualcode.analysis.estimates.clustered import population_influences
from qualcode.analysis.estimates.difference import data_influences, draws_whole_clusters
from qualcode.analysis.estimates.exact import (
    clopper_pearson,
    hypergeometric,
)
from qualcode.analysis.estimates.ppi import Influences, share_interval
from qualcode.analysis.estimates.units import Columns, Judged

__all__ = [
    "FEWEST_CLUSTERS",
    "FEWEST_ERRORS",
    "FEWEST_POSITIVES",
    "N_UNMET",
    "Estimate",
    "Shares",
    "Target",
    "estimate_shares",
    "influences_for",
]

FEWEST_CLUSTERS = 30
FEWEST_POSITIVES = 10
FEWEST_ERRORS = 10
N_UNMET = 2
_ODD_TOTAL = 0.05


class Target(StrEnum):
    """Name what a share is a share of."""

    DATA = "data"
    POPULATION = "population"

    @property
    def meaning(self) -> str:
        return "these data" if self is Target.DATA else "customers like these"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold a share with its 95 % interval.

    Attributes:
        estimate: In [0, 1]; None only where there is nothing to estimate from.
        low, high: None where there is no interval.
        n: Units behind it: judged ones, all of them for the naive count.
        n_clusters: Participants behind it.
        reason: Why there is no interval, or which one it is where it is not the usual one.
    """

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    n_clusters: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shares:
    """Hold the share of units with a code.

    Attributes:
        target: What it is a share of.
        n_units, n_clusters: Units and participants there are.
        n_judged, n_positives: Units that a person judged, and said yes to.
        tuning: λ, how far the machine's answers are used; None where nothing was judged.
        is_clustered: False where nobody said whose the units are: each is its own participant.
        warnings: What a reader has to know, a sentence each.
    """

    target: Target
    n_units: int
    n_clusters: int
    n_judged: int
    n_positives: int
    naive: Estimate
    human_only: Estimate
    prediction_powered: Estimate
    tuning: float | None
    is_clustered: bool = True
    warnings: tuple[str, ...] = ()


def estimate_shares(columns: Columns, target: Target, unit: str = "rows") -> Shares:
    """Estimate the share of units with a code.

    Args:
        columns: All units.
        target: These data, or customers like these.
        unit: What messages call the units, in the plural.

    Raises:
        ValueError: There are no units.
    """
    if not columns.n_units:
        raise ValueError("there is nothing to estimate the share of")
    judged = columns.judged()
    n, n_positives = len(judged.human), int(judged.human.sum())
    n_judged_clusters = len(np.unique(judged.cluster))
    naive = Estimate(
        float(columns.machine.mean()),
        None,
        None,
        columns.n_units,
        columns.n_clusters,
        f"what the machine says of all {columns.n_units} {unit}; its errors are not corrected, and "
        "no interval of its own covers them",
    )
    nothing = Estimate(None, None, None, 0, 0, f"none of the {unit} is judged")
    shares = Shares(
        target=target,
        n_units=columns.n_units,
        n_clusters=columns.n_clusters,
        n_judged=n,
        n_positives=n_positives,
        naive=naive,
        human_only=nothing,
        prediction_powered=nothing,
        tuning=None,
        is_clustered=columns.is_clustered,
    )
    if not n:
        return shares
    parts = influences_for(columns, judged, target)
    few = _too_few(columns, judged, target, parts, unit)
    tuning = parts.tuned()
    human_only = _told(parts, 0.0, few, n, n_judged_clusters)
    powered = _powered(parts, tuning, few, judged, n_judged_clusters, unit)
    if few:
        human_only = _exact(human_only, columns, judged, target, few)
    elif target is Target.DATA and n == columns.n_units:
        known = f"all {unit} are judged: the share is known"
        human_only = powered = Estimate(
            parts.human, parts.human, parts.human, n, n_judged_clusters, known
        )
    return replace(
        shares,
        human_only=human_only,
        prediction_powered=powered,
        tuning=tuning,
        warnings=_warnings(columns, judged, target, parts, unit, is_few=bool(few)),
    )


def influences_for(columns: Columns, judged: Judged, target: Target) -> Influences:
    """Return the estimate as a function of λ, with the variance that the target asks for."""
    if target is Target.DATA:
        return data_influences(columns, judged)
    return population_influences(columns, judged)


def _powered(
    parts: Influences, tuning: float, few: str, judged: Judged, n_clusters: int, unit: str
) -> Estimate:
    """Return the prediction-powered estimate, wider where few errors of the machine were met."""
    n, n_errors = len(judged.human), judged.n_errors
    if few or tuning == 0 or n_errors >= FEWEST_ERRORS:
        return _told(parts, tuning, few, n, n_clusters)
    told = _told(parts, tuning, few, n, n_clusters, N_UNMET)
    reason = (
        f"{n_errors} of {n} judged {unit} differ from the machine, under {FEWEST_ERRORS}: "
        f"as wide as with {N_UNMET} more"
    )
    return replace(told, reason=reason)


def _told(
    parts: Influences, tuning: float, few: str, n: int, n_clusters: int, n_unmet: int = 0
) -> Estimate:
    estimate, variance = parts.estimate(tuning), parts.variance(tuning, n_unmet)
    shown = min(1.0, max(0.0, estimate))
    if few or variance is None:
        return Estimate(shown, None, None, n, n_clusters, few)
    low, high = share_interval(estimate, variance, parts.n_parts - 1)
    return Estimate(shown, low, high, n, n_clusters)


def _too_few(columns: Columns, judged: Judged, target: Target, parts: Influences, unit: str) -> str:
    """Say why the sample is too small for an interval by variance; empty where it is not."""
    n, n_positives = len(judged.human), int(judged.human.sum())
    if target is Target.DATA and n == columns.n_units:
        return ""  # all is known
    by_participants = (
        columns.is_clustered
        if target is Target.POPULATION
        else draws_whole_clusters(columns, judged)
    )
    if parts.n_parts < FEWEST_CLUSTERS:
        of = "participants with judged " + unit if by_participants else "judged " + unit
        return f"{parts.n_parts} {of}, under {FEWEST_CLUSTERS}"
    if judged.effective_n < FEWEST_CLUSTERS:
        return (
            f"weights so unequal that {n} judged {unit} count as {judged.effective_n:.0f}, under "
            f"{FEWEST_CLUSTERS}"
        )
    # A share near 1 is as hard to tell as one near 0.
    for count, what in ((n_positives, "yes"), (n - n_positives, "no")):
        if count < FEWEST_POSITIVES:
            return f"{count} of {n} judged {unit} are a {what}, under {FEWEST_POSITIVES}"
    return ""


def _exact(told: Estimate, columns: Columns, judged: Judged, target: Target, few: str) -> Estimate:
    """Give an exact interval where units were drawn alike and say nothing of each other."""
    n, n_positives = len(judged.human), int(judged.human.sum())
    without = ""
    if not judged.has_equal_weights:
        without = "no exact interval, as not all had the same chance of being judged"
    elif target is Target.POPULATION and told.n_clusters < n:
        without = "no exact interval, as some participants have several that are judged"
    elif target is Target.DATA and draws_whole_clusters(columns, judged):
        without = "no exact interval, as whole participants were drawn"
    if without:
        return Estimate(told.estimate, None, None, n, told.n_clusters, f"{few}; {without}")
    if target is Target.DATA:
        low, high = hypergeometric(n_positives, n, columns.n_units)
        method = "exact interval (hypergeometric)"
    else:
        low, high = clopper_pearson(n_positives, n)
        method = "exact interval (Clopper-Pearson)"
    return Estimate(n_positives / n, low, high, n, told.n_clusters, f"{few}: {method}")


def _warnings(
    columns: Columns,
    judged: Judged,
    target: Target,
    parts: Influences,
    unit: str,
    *,
    is_few: bool,
) -> tuple[str, ...]:
    """Return what a reader has to know beside the figures."""
    n, tuning = len(judged.human), parts.tuned()
    warnings = []
    if target is Target.POPULATION and not columns.is_clustered:
        warnings.append(
            f"every one of the {unit} counts as a participant of its own; where people gave "
            "several, say whose they are, or the interval is too narrow"
        )
    if target is Target.DATA and draws_whole_clusters(columns, judged):
        warnings.append(
            "every participant is judged completely or not at all: taken as a sample of "
            f"participants, not of {unit}"
        )
    if columns.has_weights:
        weight = columns.weight[~np.isnan(columns.human)]
        total = float(np.nansum(weight))
        # Weights of a draw of changing size add up to N only on average.
        noise = 3 * float(np.sqrt(np.nansum(np.maximum(0.0, weight**2 - weight))))
        if abs(total - columns.n_units) > max(_ODD_TOTAL * columns.n_units, noise):
            warnings.append(
                f"the weights add up to {total:.6g}, and there are {columns.n_units} {unit}; they "
                "are taken as right up to a factor"
            )
    if not 0 <= parts.estimate(tuning) <= 1:
        warnings.append("the prediction-powered estimate fell outside 0 to 1 and was cut")
    if tuning == 0 and n < columns.n_units and not is_few:
        warnings.append(
            "the machine's answers do not go with people's: they are not used (lambda is 0)"
        )
    return tuple(warnings)
