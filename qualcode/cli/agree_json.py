"""How qualcode agree tells its figures to programs, as JSON; docs/agreement.md tells each key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.analysis.agreement import Acceptance, Agreement, Cell, CodeAgreement
    from qualcode.analysis.scored import Figure
    from qualcode.workflow.agree_ratings import FileAgreement
    from qualcode.workflow.agree_study import Group, StudyAgreement

__all__ = ["SCHEMA_VERSION", "file_as_dict", "study_as_dict"]

SCHEMA_VERSION = "1.0"
_DECIMALS_OF_BOUNDS = 6


def file_as_dict(told: FileAgreement, seed: int) -> dict[str, Any]:
    """Return the agreement of a file as JSON values."""
    from qualcode.analysis.agreement import N_RESAMPLES

    file = told.file
    return {
        "schema_version": SCHEMA_VERSION,
        "ratings": file.path.name,
        "n_rows": file.n_rows,
        "bootstrap": {
            "seed": seed,
            "resamples": N_RESAMPLES,
            "interval": 0.95,
            "over": file.clusters,
            "column": file.cluster_column,
        },
        **_agreement(told.overall),
        "codes": _codes(told),
        "families": [
            {"family": name, **_agreement(of_family)} for name, of_family in told.families.items()
        ],
        **(
            {
                "confusion": [
                    {**cell, "family": name}
                    for name, cells in told.confusion.items()
                    for cell in _cells(cells)
                ]
            }
            if told.confusion
            else {}
        ),
        "warnings": [*file.notes, *told.overall.warnings],
        "unprocessed": [{"row": row.number, "reason": row.reason} for row in file.unread],
    }


def _codes(told: FileAgreement) -> dict[str, Any]:
    """Return codes of all families; one of a name that two families have is told with both."""
    if not told.families:
        return {name: _code(code) for name, code in told.overall.codes.items()}
    count: dict[str, int] = defaultdict(int)
    for of_family in told.families.values():
        for name in of_family.codes:
            count[name] += 1
    return {
        name if count[name] == 1 else f"{family}: {name}": _code(code)
        for family, of_family in told.families.items()
        for name, code in of_family.codes.items()
    }


def _agreement(agreement: Agreement) -> dict[str, Any]:
    """Return the figures of some coders as JSON values."""
    return {
        "n_units": agreement.n_units,
        "n_compared": agreement.n_compared,
        "n_clusters": agreement.n_clusters,
        "n_coders": len(agreement.coders),
        "coders": list(agreement.coders),
        "overall": {name: _figure(f) for name, f in agreement.overall.items()},
        "codes": {name: _code(code) for name, code in agreement.codes.items()},
        "pairs": [
            {
                "coders": list(pair.coders),
                "n_units": pair.n_units,
                **{name: _figure(f) for name, f in pair.figures.items()},
            }
            for pair in agreement.pairs
        ],
        "warnings": list(agreement.warnings),
    }


def _code(code: CodeAgreement) -> dict[str, Any]:
    return {
        "n_given": code.n_given,
        "n_judgements": code.n_judgements,
        **{name: _figure(figure) for name, figure in code.figures.items()},
        "warning": code.warning,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    """Return a figure; bounds are rounded, they are random further on."""

    def rounded(bound: float | None) -> float | None:
        return None if bound is None else round(bound, _DECIMALS_OF_BOUNDS)

    return {
        "value": figure.value,
        "low": rounded(figure.low),
        "high": rounded(figure.high),
        "reason": figure.reason,
    }


def _cells(cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """Return cells of a confusion table; null is no code."""
    return [
        {"row": cell.row, "column": cell.column, "n": cell.n, "units": list(cell.units)}
        for cell in cells
    ]


def study_as_dict(told: StudyAgreement) -> dict[str, Any]:
    """Return the agreement of a study as JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "bootstrap": {
            "seed": told.seed,
            "resamples": told.n_resamples,
            "interval": 0.95,
            "over": "participants",
        },
        "families": [
            {
                "family": family.family,
                **{group.kind: _group(group) for group in family.groups},
                "acceptance_rate": None
                if family.acceptance is None
                else _acceptance(family.acceptance),
                "anchoring": None
                if family.anchoring is None
                else {
                    "blind": _acceptance(family.anchoring.blind),
                    "assisted": _acceptance(family.anchoring.assisted),
                    "difference": _figure(family.anchoring.difference),
                },
            }
            for family in told.families
        ],
        "warnings": list(told.notes),
    }


def _group(group: Group) -> dict[str, Any]:
    if group.agreement is None:
        return {"overall": None, "reason": group.reason}
    made = {**_agreement(group.agreement), "reason": ""}
    if group.intensity is not None:
        made["intensity"] = {"krippendorff_alpha_ordinal": _figure(group.intensity)}
    if group.confusion:
        made["confusion"] = _cells(group.confusion)
    return made


def _acceptance(told: Acceptance) -> dict[str, Any]:
    made: dict[str, Any] = {
        "n_proposed": told.n_proposed,
        "n_kept": told.n_kept,
        "n_added": told.n_added,
        **_figure(told.rate),
    }
    if told.codes:
        made["codes"] = {name: _acceptance(code) for name, code in told.codes.items()}
    return made
