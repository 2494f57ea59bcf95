"""How qualcode agree tells a study's figures: people beside models, family by family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.cli.agree_told import (
    COLUMNS,
    figure_cells,
    print_confusion,
    print_figures,
    say_notes,
    say_reasons,
    shown,
)
from qualcode.cli.common import one_line, say

if TYPE_CHECKING:
    from qualcode.analysis.agreement import Acceptance
    from qualcode.codebook import Codebook
    from qualcode.workflow.agree_study import FamilyAgreement, StudyAgreement

__all__ = ["print_study"]

_KINDS = {
    "human_human": ("people, blind", "people"),
    "human_model": ("people and models, blind", "people and models"),
    "model_model": ("models", "models"),
}
"""Kind of pair to what tables and columns call it."""


def print_study(told: StudyAgreement, book: Codebook) -> None:
    """Print the figures as tables on stdout, and what to know beside them on stderr."""
    from qualcode.codebook import family_name

    if not told.families:
        say("Nobody has judged anything yet: qualcode code, then qualcode review.")
    for family in told.families:
        _print_family(family_name(family.family), family, book)
    say_notes(told.notes)


def _print_family(title: str, family: FamilyAgreement, book: Codebook) -> None:
    names = [name for name in COLUMNS if name != "krippendorff_alpha_ordinal"]
    rows = []
    for group in family.groups:
        label = _KINDS[group.kind][0]
        if group.agreement is None:
            rows.append([f"{label}: {group.reason}", "", *[""] * len(names)])
            continue
        agreement = group.agreement
        pairs = [" – ".join(map(one_line, pair.coders)) for pair in agreement.pairs]
        if len(pairs) == 1:
            label += f": {pairs[0]}"
        elif group.kind == "human_model":
            label += ", mean of pairs"
        figures = figure_cells(agreement.overall, names)
        rows.append([label, str(agreement.n_compared), *figures])
        if len(pairs) > 1:
            rows += [
                [f"  {coders}", str(pair.n_units), *figure_cells(pair.figures, names)]
                for coders, pair in zip(pairs, agreement.pairs, strict=True)
            ]
    heads = ("whole code sets", "segments", *(COLUMNS[name] for name in names))
    print_figures(title, heads, rows)
    _print_codes(family, book)
    _print_intensities(family)
    accepted = family.acceptance
    if accepted is not None:
        print_figures(
            "",
            (
                "judged in sight of suggestions",
                "proposed",
                "kept",
                "added",
                "share kept",
            ),
            [["acceptance rate, no agreement", *_counts(accepted), shown(accepted.rate)]],
        )
    if family.anchoring is not None:
        pull = family.anchoring
        print_figures(
            "",
            ("what suggestions do, by the drawn sample", "proposed", "given", "added", "share"),
            [
                ["hidden", *_counts(pull.blind), shown(pull.blind.rate)],
                ["in sight", *_counts(pull.assisted), shown(pull.assisted.rate)],
                ["more in sight by", "", "", "", shown(pull.difference)],
            ],
        )
    for group in family.groups:
        label, _ = _KINDS[group.kind]
        if group.confusion:
            sides = ("person", "model") if group.kind == "human_model" else ("", "")
            print_confusion(
                f"{title}: which codes stand for each other, {label}", group.confusion, *sides
            )
        if group.agreement is not None:
            say_reasons(f"{title}, {label}", group.agreement)
            say_notes(f"{title}, {label}: {warning}" for warning in group.agreement.warnings)


def _counts(accepted: Acceptance) -> tuple[str, str, str]:
    return str(accepted.n_proposed), str(accepted.n_kept), str(accepted.n_added)


def _print_codes(family: FamilyAgreement, book: Codebook) -> None:
    """Print kappa and alpha of each code, kinds of pairs side by side."""
    groups = [group for group in family.groups if group.agreement is not None]
    accepted = {} if family.acceptance is None else family.acceptance.codes
    used = {code for g in groups if g.agreement is not None for code in g.agreement.codes}
    codes = [code.id for code in book.family(family.family) if code.id in used | set(accepted)]
    if not codes:
        return
    heads = ["code"]
    for group in groups:
        heads += [f"{_KINDS[group.kind][1]}: κ", "α"]
    if accepted:
        heads += ["proposed", "acceptance rate"]
    rows = []
    for code in codes:
        row = [one_line(code)]
        for group in groups:
            of_code = None if group.agreement is None else group.agreement.codes.get(code)
            figures = {} if of_code is None else of_code.figures
            row += figure_cells(figures, ("cohen_kappa", "krippendorff_alpha"))
        if accepted:
            one = accepted.get(code)
            row += ["", ""] if one is None else [str(one.n_proposed), shown(one.rate)]
        rows.append(row)
    print_figures("", heads, rows)


def _print_intensities(family: FamilyAgreement) -> None:
    rows = [
        [_KINDS[group.kind][0], shown(group.intensity)]
        for group in family.groups
        if group.intensity is not None
    ]
    if rows:
        print_figures("", ("intensity, where both gave the code", "α ordinal"), rows)
