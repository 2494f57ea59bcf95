"""Shares of a study's codes from its blind sample."""

from __future__ import annotations

from qualcode.analysis.estimates import PARTICIPANTS, Target, Unit
from qualcode.workflow.estimate_study import estimate_study


def blind(n: int, every: int) -> list[Unit]:
    """Return segments, one a person, of which every so many has the code; half are judged."""
    return [
        Unit(
            f"s{at}",
            float(at % every == 0),
            at % every == 0 if at % 2 else None,
            f"p{at}",
            0.5,
            {"segment": "new" if at < n / 2 else "old"},
        )
        for at in range(n)
    ]


def test_every_code_is_estimated_for_both_targets() -> None:
    told = estimate_study({"pain": blind(400, 3), "praise": blind(400, 5)})
    assert [(code.code, set(code.reports)) for code in told] == [
        *(("pain", set(Target)), ("praise", set(Target)))
    ]


def test_segments_are_what_is_counted_unless_asked_otherwise() -> None:
    (told,) = estimate_study({"pain": blind(400, 3)}, targets=[Target.DATA])
    assert told.reports[Target.DATA].unit == "segments"


def test_participants_groups_and_a_plan_are_told_when_asked_for() -> None:
    (told,) = estimate_study(
        {"pain": blind(400, 3)},
        targets=[Target.POPULATION],
        unit=PARTICIPANTS,
        by=["segment"],
        points=5,
    )
    report = told.reports[Target.POPULATION]
    assert report.unit == PARTICIPANTS and report.plan is not None
