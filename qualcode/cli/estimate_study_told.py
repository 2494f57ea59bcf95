"""How qualcode estimate tells the shares of a study's codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qualcode.cli.estimate_told import (
    SCHEMA_VERSION,
    plan_as_dict,
    print_shares_table,
    share_cells,
    shares_as_dict,
)

if TYPE_CHECKING:
    from qualcode.analysis.estimates import Estimate, Report, Shares
    from qualcode.workflow.estimate_study import Estimated

__all__ = ["print_study", "study_as_dict"]

_FIGURES = ("naive", "human_only", "prediction_powered")
_HEADER = ("", "judged", "yes", "machine's count (naive)", "people only", "both")


def study_as_dict(estimated: Estimated) -> dict[str, Any]:
    """Return the shares as JSON values; docs/estimates.md tells each key."""
    report = _reports(estimated)[0]
    codes = {}
    for code, own in zip(estimated.sample.codes, _reports(estimated), strict=True):
        told: dict[str, Any] = {"family": code.code.family, "name": code.code.name}
        told |= shares_as_dict(own.overall)
        told["by"] = {
            name: [{"value": group.value, **shares_as_dict(group.shares)} for group in groups]
            for name, groups in own.groups.items()
        }
        if own.plan is not None:
            told["plan"] = plan_as_dict(own.plan)
        codes[code.code.id] = told
    return {
        "schema_version": SCHEMA_VERSION,
        "machine": estimated.sample.machine,
        "target": report.target.value,
        "target_meaning": report.target.meaning,
        "of": report.unit,
        "confidence": 0.95,
        "n_judged": dict(estimated.sample.n_judged),
        "n_reserved": estimated.n_reserved,
        "codes": codes,
    }


def print_study(estimated: Estimated) -> None:
    """Print a table of codes, and one for each attribute that was asked for."""
    reports = _reports(estimated)
    report = reports[0]
    among = "in" if report.target.value == "data" else "among"
    print(
        f"Shares of {report.unit} with each code, {among} {report.target.meaning} (target: "
        f"{report.target.value})\n{report.overall.n_units} {report.unit}; the machine is "
        f"{estimated.sample.machine}; judged means judged blind, at random places"
    )
    reasons: dict[str, int] = {}
    rows = [
        _row(code.code.name, own.overall, reasons)
        for code, own in zip(estimated.sample.codes, reports, strict=True)
    ]
    print_shares_table(_HEADER, rows)
    for name in report.groups:
        print(f"By {name}")
        print_shares_table(
            _HEADER,
            [
                _row(f"{code.code.name} · {group.value}", group.shares, reasons)
                for code, own in zip(estimated.sample.codes, reports, strict=True)
                for group in own.groups[name]
            ],
        )
    for reason, number in reasons.items():
        print(f"[{number}] {reason}")
    plans = [own.plan for own in reports if own.plan is not None]
    if plans:
        more = [plan.more for plan in plans if plan.more is not None]
        most = max(more, default=None)
        wished = f"± {plans[0].points:g} points for every code here"
        if most is None:
            print(f"Plan: {wished} cannot be planned yet; {plans[0].reason}.")
        else:
            print(f"Plan: {wished} takes {most} more blind {report.unit}.")
            if len(more) < len(plans):
                print(f"For {len(plans) - len(more)} codes no number can be told; see --json.")


def _reports(estimated: Estimated) -> list[Report]:
    return [next(iter(code.reports.values())) for code in estimated.codes]


def _row(name: str, shares: Shares, reasons: dict[str, int]) -> list[str]:
    cells = [name, str(shares.n_judged), str(shares.n_positives)]
    for key in _FIGURES:
        figure: Estimate = getattr(shares, key)
        cell = " ".join(filter(None, share_cells(figure, bracket=True)))
        if figure.reason:
            cell += f" [{reasons.setdefault(figure.reason, len(reasons) + 1)}]"
        cells.append(cell)
    return cells
