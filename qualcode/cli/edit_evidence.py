"""qualcode edit criterion, need, quote: decide on what stands on codings."""

from __future__ import annotations

from typing import Annotated

import typer

from qualcode.cli.common import ByOption, ReasonOption, StudyOption, open_study
from qualcode.cli.edit_echo import echo

__all__ = ["criterion", "need", "quote"]

criterion = typer.Typer(
    help="Accept, word anew, reject or restore a criterion.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
need = typer.Typer(
    help="Move a need to another criterion.", no_args_is_help=True, rich_markup_mode=None
)
quote = typer.Typer(
    help="Pin, swap or hide the quotes of a cell.", no_args_is_help=True, rich_markup_mode=None
)

Criterion = Annotated[
    str,
    typer.Argument(
        metavar="N", help="As edit show lists it: 2 or C2, R1 for one set aside, or id."
    ),
]
Coding = Annotated[
    str,
    typer.Argument(metavar="CODING", help="Id of the quote's coding, or how it begins."),
]
CellOption = Annotated[
    str | None,
    typer.Option(
        "--cell",
        metavar="CELL",
        help="family/stage/code, doing/stage or thinking/stage; else where the coding counts.",
    ),
]


@criterion.command("accept")
def accept(
    number: Criterion, by: ByOption = None, reason: ReasonOption = "", study: StudyOption = None
) -> None:
    """Accept a criterion; its wording stays from now on."""
    from qualcode.workflow.edit_criteria import accept_criterion

    with open_study(study) as opened:
        echo(opened, accept_criterion(opened, number, by=by, reason=reason))


@criterion.command("edit")
def edit(
    number: Criterion,
    statement: Annotated[str, typer.Argument(metavar="TEXT", help="The new wording, in quotes.")],
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Word a criterion anew; your wording stays from now on."""
    from qualcode.workflow.edit_criteria import edit_criterion

    with open_study(study) as opened:
        echo(opened, edit_criterion(opened, number, statement, by=by, reason=reason))


@criterion.command("reject")
def reject(
    number: Criterion, by: ByOption = None, reason: ReasonOption = "", study: StudyOption = None
) -> None:
    """Set a criterion aside; it does not come back as a draft."""
    from qualcode.workflow.edit_criteria import reject_criterion

    with open_study(study) as opened:
        echo(opened, reject_criterion(opened, number, by=by, reason=reason))


@criterion.command("restore")
def restore(
    number: Criterion, by: ByOption = None, reason: ReasonOption = "", study: StudyOption = None
) -> None:
    """Bring a rejected criterion back as it was."""
    from qualcode.workflow.edit_criteria import restore_criterion

    with open_study(study) as opened:
        echo(opened, restore_criterion(opened, number, by=by, reason=reason))


@need.command("move")
def move(
    named: Annotated[
        str, typer.Argument(metavar="NEED", help="Id or name of the need in the codebook.")
    ],
    to: Annotated[str, typer.Option(metavar="N", help="The criterion it moves to, such as C2.")],
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Move a need to a criterion, with every segment coded with it."""
    from qualcode.workflow.edit_criteria import move_need

    with open_study(study) as opened:
        echo(opened, move_need(opened, named, to, by=by, reason=reason))


@need.callback()
def _needs() -> None:
    """Move a need to another criterion."""


@quote.command("pin")
def pin(
    coding: Coding,
    cell: CellOption = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Let a quote stand first in its cell."""
    from qualcode.workflow.edit_quotes import pin_quote

    with open_study(study) as opened:
        echo(opened, pin_quote(opened, coding, cell=cell, by=by, reason=reason))


@quote.command("unpin")
def unpin(
    coding: Coding,
    cell: CellOption = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Let a pinned quote stand where its score puts it."""
    from qualcode.workflow.edit_quotes import unpin_quote

    with open_study(study) as opened:
        echo(opened, unpin_quote(opened, coding, cell=cell, by=by, reason=reason))


@quote.command("swap")
def swap(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Coding of the quote that goes.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Coding of the quote that comes.")],
    cell: CellOption = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Let one quote take the place of another in its cell."""
    from qualcode.workflow.edit_quotes import swap_quote

    with open_study(study) as opened:
        echo(opened, swap_quote(opened, old, new, cell=cell, by=by, reason=reason))


@quote.command("hide")
def hide(
    coding: Coding,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the log.")],
    by: ByOption = None,
    study: StudyOption = None,
) -> None:
    """Take a quote off the map; it still counts."""
    from qualcode.workflow.edit_quotes import hide_quote

    with open_study(study) as opened:
        echo(opened, hide_quote(opened, coding, reason, by=by))


@quote.command("show")
def show(
    coding: Coding, by: ByOption = None, reason: ReasonOption = "", study: StudyOption = None
) -> None:
    """Show a hidden quote again."""
    from qualcode.workflow.edit_quotes import show_quote

    with open_study(study) as opened:
        echo(opened, show_quote(opened, coding, by=by, reason=reason))
