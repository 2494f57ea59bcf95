"""How qualcode estimate tells shares: tables for people, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qualcode.cli.common import one_line, say

if TYPE_CHECKING:
    from qualcode.analysis.estimates import Estimate, Plan, Report, Shares
    from qualcode.workflow.estimate import FileEstimate

__all__ = [
    "SCHEMA_VERSION",
    "as_dict",
    "plan_as_dict",
    "print_estimate",
    "print_shares_table",
    "say_notes",
    "share_cells",
    "shares_as_dict",
]

SCHEMA_VERSION = "1.0"
_WIDE = 200
_LISTED = 10
_NAMES = (
    ("naive", "machine's count (naive)"),
    ("human_only", "people only"),
    ("prediction_powered", "both (prediction-powered)"),
)


def as_dict(estimated: FileEstimate) -> dict[str, Any]:
    """Return an estimate as JSON values; docs/estimates.md tells each key."""
    read, report = estimated.read, estimated.report
    told = {
        "schema_version": SCHEMA_VERSION,
        "file": read.path.name,
        "target": report.target.value,
        "target_meaning": report.target.meaning,
        "of": report.unit,
        "confidence": 0.95,
        "n_rows": read.n_rows,
        **shares_as_dict(report.overall),
        "unprocessed": [
            {"row": number, "reason": reason} for number, reason in sorted(read.unprocessed.items())
        ],
        "by": {
            name: [{"value": group.value, **shares_as_dict(group.shares)} for group in groups]
            for name, groups in report.groups.items()
        },
    }
    if report.plan is not None:
        told["plan"] = plan_as_dict(report.plan)
    return told


def shares_as_dict(shares: Shares) -> dict[str, Any]:
    """Return one set of shares as JSON values."""
    return {
        "n_units": shares.n_units,
        "n_clusters": shares.n_clusters,
        "n_judged": shares.n_judged,
        "n_positives": shares.n_positives,
        **{name: _estimate(getattr(shares, name)) for name, _ in _NAMES},
        "lambda": shares.tuning,
        "warnings": list(shares.warnings),
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "estimate": estimate.estimate,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
        "n_clusters": estimate.n_clusters,
        "reason": estimate.reason or None,
    }


def plan_as_dict(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON values."""
    return {
        "points": plan.points,
        "more": plan.more,
        "now": plan.now,
        "then": plan.then,
        "reason": plan.reason or None,
        "assumes": list(plan.assumes),
    }


def say_notes(estimated: FileEstimate) -> None:
    """Say on stderr what to know beside the figures, and every row that is in none of them."""
    read = estimated.read
    for note in read.notes:
        say(f"Note: {note}")
    if read.unprocessed:
        count = len(read.unprocessed)
        say(f"{count} {'row is' if count == 1 else 'rows are'} in no figure:")
        for number, reason in sorted(read.unprocessed.items())[:_LISTED]:
            say(f"  row {number}: {one_line(reason)}")
        if count > _LISTED:
            say(f"  and {count - _LISTED} more; --json lists them all")
    for warning in estimated.report.overall.warnings:
        say(f"Note: {warning}.")


def print_estimate(estimated: FileEstimate) -> None:
    """Print the shares as tables on stdout."""
    report = estimated.report
    overall, unit = report.overall, report.unit
    has = "with the code at least once" if unit == "participants" else "with the code"
    among = "in" if report.target.value == "data" else "among"
    print(
        f"Share of {unit} {has}, {among} {report.target.meaning} (target: {report.target.value})\n"
        f"{overall.n_units} {unit}, {overall.n_judged} judged, {overall.n_positives} of these yes"
    )
    rows = []
    reasons: dict[str, int] = {}
    for name, shown in _NAMES:
        figure: Estimate = getattr(overall, name)
        mark = f" [{reasons.setdefault(figure.reason, len(reasons) + 1)}]" if figure.reason else ""
        rows.append([shown + mark, *share_cells(figure), str(figure.n), str(figure.n_clusters)])
    header = ("", "share", "95 % interval", "n", "participants")
    # Without participants, or counting them, the last column says the same as the one before.
    shown_columns = 5 if overall.is_clustered and unit == "rows" else 4
    print_shares_table(header[:shown_columns], [row[:shown_columns] for row in rows])
    for reason, number in reasons.items():
        print(f"[{number}] {reason}")
    if overall.tuning is not None:
        print(f"lambda {overall.tuning:.2f}: how far the machine's answers are used, 0 to 1")
    _print_groups(report)
    if report.plan is not None:
        _print_plan(report.plan, unit)


def _print_groups(report: Report) -> None:
    for name, groups in report.groups.items():
        reasons: dict[str, int] = {}
        rows = []
        for group in groups:
            shares = group.shares
            cells = []
            for key, _ in _NAMES:
                figure: Estimate = getattr(shares, key)
                cell = " ".join(filter(None, share_cells(figure, bracket=True)))
                if key != "naive" and figure.reason:
                    cell += f" [{reasons.setdefault(figure.reason, len(reasons) + 1)}]"
                cells.append(cell)
            counts = (shares.n_units, shares.n_judged, shares.n_positives)
            rows.append([one_line(group.value), *map(str, counts), *cells])
        print()
        print_shares_table(
            (one_line(name), report.unit, "judged", "yes", *(shown for _, shown in _NAMES)), rows
        )
        for reason, number in reasons.items():
            print(f"[{number}] {reason}")


def _print_plan(plan: Plan, unit: str) -> None:
    print()
    wished = f"± {plan.points:g} points"
    now = "" if plan.now is None else f" (now ± {plan.now:.1f})"
    if plan.more is None:
        print(f"Plan for {wished}{now}: no number of judgements will do; {plan.reason}.")
    elif plan.more == 0:
        print(f"Plan for {wished}{now}: nothing more to judge.")
    else:
        then = "" if plan.then is None else f", about ± {plan.then:.1f} then"
        print(f"Plan for {wished}{now}: judge {plan.more} more {unit}{then}.")
    if plan.assumes:
        print(f"It assumes that {'; '.join(plan.assumes)}.")


def share_cells(figure: Estimate, *, bracket: bool = False) -> list[str]:
    """Return a share and its interval as cells of a table."""
    share = "–" if figure.estimate is None else f"{figure.estimate:.1%}"
    if figure.low is None or figure.high is None:
        return [share, "" if bracket else "–"]
    interval = f"{figure.low:.1%}–{figure.high:.1%}"
    return [share, f"({interval})" if bracket else interval]


def print_shares_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with rich; on a terminal as wide as that is, else as wide as it needs."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    for at, name in enumerate(header):
        table.add_column(Text(name), justify="left" if at == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False).print(table)
