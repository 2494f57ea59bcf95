"""All shares of one code: overall, by group, and what more judging would bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qualcode.analysis.estimates.participants import as_participants
from qualcode.analysis.estimates.plan import Plan, plan_more
from qualcode.analysis.estimates.shares import Shares, Target, estimate_shares
from qualcode.analysis.estimates.units import Columns, Unit

__all__ = ["PARTICIPANTS", "GroupShares", "Report", "report_shares"]

PARTICIPANTS = "participants"
"""What is counted when the share is that of participants with the code at least once."""


@dataclass(frozen=True, slots=True)
class GroupShares:
    """Hold the shares among the units that have one value of an attribute."""

    value: str
    shares: Shares


@dataclass(frozen=True, slots=True)
class Report:
    """Hold all shares of one code for one target.

    Attributes:
        unit: What is counted, in the plural.
        groups: Attribute to its groups, the largest first.
        plan: None where none was asked for.
    """

    target: Target
    unit: str
    overall: Shares
    groups: Mapping[str, tuple[GroupShares, ...]] = field(default_factory=dict)
    plan: Plan | None = None


def report_shares(
    units: Sequence[Unit],
    target: Target,
    *,
    unit: str = "rows",
    by: Sequence[str] = (),
    points: float | None = None,
) -> Report:
    """Estimate the share of units with a code, overall and by group.

    A group is a domain: its units are estimated as if they were all, with the sampled ones among
    them as the sample and its own λ.

    Args:
        units: All units of the study, judged or not.
        target: These data, or customers like these.
        unit: What is counted; with `PARTICIPANTS`, participants with the code at least once.
        by: Attributes to break the share down by; units without one are in no group of it.
        points: The half-width to plan for, in percentage points.

    Raises:
        ValueError: There are no units, or an answer, a probability or the points are out of range.
    """
    overall, columns = _shares(units, target, unit)
    plan = None
    if points is not None:
        plan = plan_more(columns, target, points, unit)
        if overall.tuning is None:
            plan = replace(plan, reason=overall.human_only.reason)
    groups = {}
    for name in by:
        sizes = Counter(u.attributes[name] for u in units if name in u.attributes)
        groups[name] = tuple(
            GroupShares(
                value,
                _shares([u for u in units if u.attributes.get(name) == value], target, unit)[0],
            )
            for value, _ in sizes.most_common()
        )
    return Report(target, unit, overall, groups, plan)


def _shares(units: Sequence[Unit], target: Target, unit: str) -> tuple[Shares, Columns]:
    if unit != PARTICIPANTS:
        columns = Columns.of(units)
        return estimate_shares(columns, target, unit), columns
    people, warnings, reason = as_participants(units)
    columns = Columns.of(people)
    shares = estimate_shares(columns, target, unit)
    if reason:
        shares = replace(
            shares,
            human_only=replace(shares.human_only, reason=reason),
            prediction_powered=replace(shares.prediction_powered, reason=reason),
        )
    return replace(shares, warnings=warnings + shares.warnings), columns
