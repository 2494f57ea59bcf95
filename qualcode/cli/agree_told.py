"""How qualcode agree tells a file's figures to people, as tables."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from qualcode.cli.common import one_line, say

if TYPE_CHECKING:
    from qualcode.analysis.agreement import Agreement, Cell, CodeAgreement
    from qualcode.analysis.scored import Figure
    from qualcode.workflow.agree_ratings import FileAgreement

__all__ = [
    "COLUMNS",
    "code_rows",
    "figure_cells",
    "print_confusion",
    "print_file",
    "print_figures",
    "say_notes",
    "say_reasons",
    "shown",
]

_WIDE = 200
_LISTED = 10
_UNITS_SHOWN = 3
_NONE = "(none)"

COLUMNS = {
    "percent": "percent",
    "cohen_kappa": "Cohen's κ",
    "fleiss_kappa": "Fleiss' κ",
    "krippendorff_alpha": "α",
    "krippendorff_alpha_masi": "α of sets (MASI)",
    "krippendorff_alpha_ordinal": "α ordinal",
    "gwet_ac1": "AC1",
}
"""Figures in the order of the tables, with their headers."""


def print_file(told: FileAgreement) -> None:
    """Print the figures of a file as tables on stdout, and what to know beside them on stderr."""
    tables = told.families or {told.file.path.name: told.overall}
    if told.families:
        _print_agreement(f"{told.file.path.name}, all families together", told.overall, codes=False)
    for name, agreement in tables.items():
        _print_agreement(name, agreement, codes=True)
    for name, cells in told.confusion.items():
        title = f"{one_line(name)}: which codes stand for each other".removeprefix(": ")
        print_confusion(title, cells, "", "")
    say_notes(told.file.notes)
    warnings = [w for a in (told.overall, *told.families.values()) for w in a.warnings]
    say_notes(dict.fromkeys(warnings))


def _print_agreement(title: str, agreement: Agreement, *, codes: bool) -> None:
    names = [name for name in COLUMNS if name in agreement.overall]
    heads = [COLUMNS[name] for name in names]
    units = f"{agreement.n_compared} of {agreement.n_units} units compared"
    whole = ["whole code sets", "", *figure_cells(agreement.overall, names)]
    print_figures(
        f"{one_line(title)}, {units}, {len(agreement.coders)} coders",
        ("code", "given", *heads),
        code_rows(agreement.codes, names) if codes else [],
        [whole],
    )
    if len(agreement.pairs) > 1:
        print_figures(
            "",
            ("coders, whole code sets", "units", *heads),
            [
                [
                    " – ".join(map(one_line, pair.coders)),
                    str(pair.n_units),
                    *figure_cells(pair.figures, names),
                ]
                for pair in agreement.pairs
            ],
        )
    say_reasons(one_line(title), agreement, codes=codes)


def code_rows(codes: Mapping[str, CodeAgreement], names: Sequence[str]) -> list[list[str]]:
    """Return a row for each code: its name, how often it was given, its figures."""
    return [
        [one_line(name), str(code.n_given), *figure_cells(code.figures, names)]
        for name, code in codes.items()
    ]


def figure_cells(figures: Mapping[str, Figure], names: Iterable[str]) -> list[str]:
    """Return figures as cells of a table; one that does not exist for a row is left blank."""
    return [shown(figures[name]) if name in figures else "" for name in names]


def shown(figure: Figure) -> str:
    """Return a figure as people read it."""
    if figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f} (–)"
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def say_reasons(where: str, agreement: Agreement, *, codes: bool = True) -> None:
    """Say why figures are undefined or have no interval, and which are high by construction."""
    whole = {figure.reason: "" for figure in agreement.overall.values() if figure.reason}
    for reason in whole:
        say(f"{where}: {reason}")
    if not codes:
        return
    places: dict[str, dict[str, None]] = defaultdict(dict)
    for name, code in agreement.codes.items():
        for figure in code.figures.values():
            if figure.reason and figure.reason not in whole:  # what holds for all is said once
                places[figure.reason][one_line(name)] = None
    for reason, names in places.items():
        say(f"{where}: {reason}: {_listed(list(names))}")
    rare = [one_line(name) for name, code in agreement.codes.items() if code.warning]
    if rare:
        say(
            f"{where}: percent and AC1 are high by construction (coders who guess would agree on "
            f"four units in five or more): {_listed(rare)}"
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def say_notes(notes: Iterable[str]) -> None:
    """Say what a person should look at."""
    for note in notes:
        say(f"Note: {one_line(note)}")


def print_confusion(title: str, cells: Sequence[Cell], row: str, column: str) -> None:
    """Print the cells off the diagonal, most frequent first, with the first units behind each.

    Args:
        title: Over the table.
        cells: Of a confusion table.
        row: Whose codes rows are; empty where both sides are alike.
        column: Whose codes columns are.
    """
    heads = (row or "one code", column or "the other", "times", "such as")
    rows = [
        [
            _NONE if cell.row is None else one_line(cell.row),
            _NONE if cell.column is None else one_line(cell.column),
            str(cell.n),
            ", ".join(map(one_line, cell.units[:_UNITS_SHOWN])),
        ]
        for cell in cells
        if cell.row != cell.column
    ]
    if rows:
        print_figures(title, heads, rows, n_left=2)
    else:
        say(f"{title}: none, wherever both gave a code it was the same")


def print_figures(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    first: Sequence[Sequence[str]] = (),
    *,
    n_left: int = 1,
) -> None:
    """Print a table with rich; on a terminal as wide as that is, else as wide as it needs.

    Args:
        title: Over the table.
        header: Its columns.
        rows: Its rows.
        first: Rows that stand above a line.
        n_left: Columns that begin at the left and may be folded.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title) if title else None, title_justify="left", box=SIMPLE_HEAD)
    for at, name in enumerate(header):
        is_left = at < n_left
        table.add_column(
            Text(name),
            justify="left" if is_left else "right",
            overflow="fold",
            no_wrap=not is_left,
        )
    for row in first:
        table.add_row(*map(Text, row))
    if first and rows:
        table.add_section()
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)
    console.print(table)
