"""Estimate the shares of a study's codes from its blind sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qualcode.analysis.estimates import Report, Target, Unit, report_shares
from qualcode.errors import UsageError
from qualcode.workflow.blind_units import BlindSample, blind_sample
from qualcode.workflow.review_sample import reserve
from qualcode.workflow.study import Study

__all__ = ["SEGMENTS", "CodeReports", "Estimated", "estimate_reviewed", "estimate_study"]

SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class CodeReports:
    """Hold the shares of one code, for each target."""

    code: str
    reports: Mapping[Target, Report]


@dataclass(frozen=True, slots=True)
class Estimated:
    """Hold the shares of a study's codes.

    Attributes:
        n_reserved: Blind places of the drawn order that the review's queue now offers, where a
            plan was asked for.
    """

    sample: BlindSample
    codes: tuple[CodeReports, ...]
    n_reserved: int | None = None


def estimate_reviewed(
    study: Study,
    *,
    families: Sequence[str] = (),
    codes: Sequence[str] = (),
    machine: str | None = None,
    target: Target = Target.DATA,
    unit: str = SEGMENTS,
    by: Sequence[str] = (),
    points: float | None = None,
) -> Estimated:
    """Estimate the shares of a study's codes from what people judged blind.

    With `points`, the places that the plan asks for, of the code that needs the most, are reserved:
    the review offers exactly those.

    Args:
        families: Only codes of these; all when neither these nor `codes` are given.
        codes: Only these, by id.
        machine: Whose codings are counted; see `machine_of`.

    Raises:
        UsageError: No machine has coded here, no code is asked for, or nobody has the attribute.
    """
    found = blind_sample(study, families=families, codes=codes, machine=machine)
    # A machine may know some families only: there is nothing to set right in the others.
    sample = replace(found, codes=tuple(code for code in found.codes if code.units))
    if not sample.codes:
        what = "nothing judged by the machine" if found.codes else "no codes of that kind"
        raise UsageError(f"the study has {what}", hint="qualcode codebook show lists the codes")
    known = {name for code in sample.codes[:1] for unit_ in code.units for name in unit_.attributes}
    for name in by:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise UsageError(f"nobody has an attribute {name!r}", hint=f"there are: {listed}")
    told = estimate_study(
        {code.code.id: code.units for code in sample.codes},
        targets=(target,),
        unit=unit,
        by=by,
        points=points,
    )
    n_reserved = None
    if points is not None:
        wanted = [
            sample.n_judged[one.code.family] + plan.more
            for one, reports in zip(sample.codes, told, strict=True)
            if (plan := reports.reports[target].plan) is not None and plan.more
        ]
        n_reserved = reserve(study, max(wanted, default=0))
    return Estimated(sample, told, n_reserved)


def estimate_study(
    codes: Mapping[str, Sequence[Unit]],
    *,
    targets: Sequence[Target] = (Target.DATA, Target.POPULATION),
    unit: str = SEGMENTS,
    by: Sequence[str] = (),
    points: float | None = None,
) -> tuple[CodeReports, ...]:
    """Estimate the share of each code.

    Args:
        codes: Code to one unit for each segment that could have it: the machine's answer on all,
            the blind verdict on the judged prefix of the draw, and there the chance of being in
            it, which differs from stratum to stratum. What a person changed after the reveal is no
            blind verdict.
        targets: What the shares are shares of.
        unit: What is counted; `PARTICIPANTS` for those with the code at least once.
        by: Attributes of the units to break shares down by.
        points: The half-width to plan for, in percentage points.

    Raises:
        ValueError: A code has no units, or a value is out of range.
    """
    return tuple(
        CodeReports(
            code,
            {
                target: report_shares(units, target, unit=unit, by=by, points=points)
                for target in targets
            },
        )
        for code, units in codes.items()
    )
