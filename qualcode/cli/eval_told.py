"""How qualcode eval tells its figures: tables for people, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qualcode.cli.common import one_line, say

if TYPE_CHECKING:
    from qualcode.analysis.scored import (
        Calibration,
        CodeFigures,
        Figure,
        GroupFigures,
        Means,
    )
    from qualcode.workflow.evaluation import Evaluation, FamilyEvaluation

__all__ = ["SCHEMA_VERSION", "as_dict", "print_evaluation"]

SCHEMA_VERSION = "1.0"
_DECIMALS = 4
_WIDE = 200
_LISTED = 10
_SHORT = 60


def as_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON values; docs/eval.md tells each key."""
    from qualcode.analysis.scoring import N_BINS, N_DRAWS, SEED

    gold = evaluation.gold
    return {
        "schema_version": SCHEMA_VERSION,
        "coder": evaluation.coder,
        "gold": gold.path.name,
        "codebook": {
            "source": gold.scheme.source,
            "name": gold.scheme.book.name,
            "fingerprint": gold.scheme.book.fingerprint(),
        },
        "labels": "yes_no" if gold.is_yes_no else "codes",
        "n_rows": len(gold.rows),
        "n_scored": len(gold.rows) - len(evaluation.unprocessed),
        "unprocessed": [
            {"row": gold.rows[index].number, "reason": reason}
            for index, reason in sorted(evaluation.unprocessed.items())
        ],
        "ignored_labels": dict(gold.ignored),
        "bootstrap": {"seed": SEED, "draws": N_DRAWS, "interval": 0.95},
        "calibration_bins": N_BINS,
        "families": [_family(family) for family in evaluation.families],
    }


def _family(family: FamilyEvaluation) -> dict[str, Any]:
    figures = family.figures
    return {
        "family": family.family,
        "n_rows": figures.n_rows,
        "macro": _means(figures.macro),
        "micro": _means(figures.micro),
        "any": _code(figures.any),
        "calibration": _calibration(figures.calibration),
        "calibration_proposed": _calibration(figures.calibration_proposed),
        "codes": [_code(code) for code in figures.codes],
        "by": {
            name: [_group(group) for group in groups] for name, groups in figures.groups.items()
        },
    }


def _figure(figure: Figure) -> dict[str, Any]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, _DECIMALS)

    told = {"value": figure.value, "low": figure.low, "high": figure.high}
    shown: dict[str, Any] = {key: rounded(value) for key, value in told.items()}
    return {**shown, "reason": figure.reason} if figure.value is None else shown


def _means(means: Means) -> dict[str, Any]:
    told = {
        "n_codes": means.n_codes,
        "precision": _figure(means.precision),
        "recall": _figure(means.recall),
        "f1": _figure(means.f1),
    }
    if means.average_precision is not None:
        told["average_precision"] = _figure(means.average_precision)
    return told


def _code(code: CodeFigures) -> dict[str, Any]:
    return {
        "code": code.code,
        "support": code.n_wanted,
        "proposed": code.n_proposed,
        "right": code.n_right,
        "precision": _figure(code.precision),
        "recall": _figure(code.recall),
        "f1": _figure(code.f1),
        "average_precision": _figure(code.average_precision),
    }


def _group(group: GroupFigures) -> dict[str, Any]:
    return {
        "value": group.value,
        "n_rows": group.n_rows,
        "support": group.n_wanted,
        "precision": _figure(group.precision),
        "recall": _figure(group.recall),
        "f1": _figure(group.f1),
        "macro_f1": _figure(group.macro_f1),
    }


def _calibration(calibration: Calibration) -> dict[str, Any]:
    return {
        "error": _figure(calibration.error),
        "n": calibration.n,
        "bins": [
            {
                "n": b.n,
                "mean_score": round(b.mean_score, _DECIMALS),
                "share_right": round(b.share, _DECIMALS),
            }
            for b in calibration.bins
        ],
    }


def print_evaluation(evaluation: Evaluation) -> None:
    """Print the figures as tables on stdout, and what to know beside them on stderr."""
    from qualcode.codebook import family_name

    gold = evaluation.gold
    for family in evaluation.families:
        # The one family of a codebook file has a name that nobody chose.
        title = family_name(family.family) if gold.scheme.prefers_ids else gold.scheme.source
        _print_family(f"{title}, {family.figures.n_rows} rows", family, gold.is_yes_no)
    say(evaluation.coder)
    _say_unprocessed(evaluation)
    if gold.ignored:
        # A long one is a text from the wrong column.
        listed = [f"{one_line(k)} ({n})" for k, n in gold.ignored.items() if len(k) <= _SHORT]
        more = "" if len(listed) <= _LISTED else ", …"
        count = _counted(len(gold.ignored), "label that is no code", "labels that are no code")
        say(f"{count} left out: {', '.join(listed[:_LISTED])}{more}")


def _print_family(title: str, family: FamilyEvaluation, is_yes_no: bool) -> None:
    figures = family.figures
    rows = [
        [one_line(code.code), str(code.n_wanted), str(code.n_proposed), *_four(code)]
        for code in figures.codes
    ]
    rules: list[list[str]] = []
    if not is_yes_no:
        total = [str(sum(c.n_wanted for c in figures.codes))]
        total.append(str(sum(c.n_proposed for c in figures.codes)))
        rules = [
            [f"macro, {figures.macro.n_codes} codes", "", "", *_four(figures.macro)],
            ["micro", *total, *_four(figures.micro)],
            [
                "any code",
                str(figures.any.n_wanted),
                str(figures.any.n_proposed),
                *_four(figures.any),
            ],
        ]
    header = ("code", "rows", "proposed", "precision", "recall", "F1", "average precision")
    _print_table(title, header, rows, rules)
    for name, groups in figures.groups.items():
        shown = "words in the text" if name == "words" else one_line(name)
        _print_table(
            "",
            (shown, "rows", "labels", "precision", "recall", "F1", "macro F1"),
            [
                [
                    one_line(g.value),
                    str(g.n_rows),
                    str(g.n_wanted),
                    *map(_shown, (g.precision, g.recall, g.f1, g.macro_f1)),
                ]
                for g in groups
            ],
        )
    _print_table(
        "",
        ("calibration", "n", "expected error"),
        [
            ["of all scores", str(figures.calibration.n), _shown(figures.calibration.error)],
            [
                "of what was proposed",
                str(figures.calibration_proposed.n),
                _shown(figures.calibration_proposed.error),
            ],
        ],
    )


def _four(figures: CodeFigures | Means) -> list[str]:
    ranked = figures.average_precision
    shown = [_shown(figures.precision), _shown(figures.recall), _shown(figures.f1)]
    return [*shown, "" if ranked is None else _shown(ranked)]


def _shown(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} ({figure.low:.2f}–{figure.high:.2f})"


def _print_table(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    rules: Sequence[Sequence[str]] = (),
) -> None:
    """Print a table with rich; on a terminal as wide as that is, else as wide as it needs."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title) if title else None, title_justify="left", box=SIMPLE_HEAD)
    for at, name in enumerate(header):
        table.add_column(
            Text(name),
            justify="left" if at == 0 else "right",
            overflow="fold",
            no_wrap=at > 0,
        )
    for row in rows:
        table.add_row(*map(Text, row))
    if rules:
        table.add_section()
    for row in rules:
        table.add_row(*map(Text, row))
    console = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)
    console.print(table)


def _say_unprocessed(evaluation: Evaluation) -> None:
    if not evaluation.unprocessed:
        return
    rows = evaluation.gold.rows
    numbers = [str(rows[index].number) for index in sorted(evaluation.unprocessed)]
    more = f" and {len(numbers) - _LISTED} more" if len(numbers) > _LISTED else ""
    labels = sum(bool(rows[index].is_yes) for index in evaluation.unprocessed)
    say(
        f"{_counted(len(numbers), 'row', 'rows')} unprocessed, {labels} of them with a label, in "
        f"no figure: row {', '.join(numbers[:_LISTED])}{more}."
    )


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
