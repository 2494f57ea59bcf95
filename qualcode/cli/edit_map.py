"""qualcode edit stage, summary, opportunity, owner: write on the map."""

from __future__ import annotations

from typing import Annotated

import typer

from qualcode.cli.common import ByOption, ReasonOption, StudyOption, open_study
from qualcode.cli.edit_echo import echo, echo_change

__all__ = ["opportunity", "owner", "stage", "summary"]

stage = typer.Typer(
    help="Rename, order or sign the stages.", no_args_is_help=True, rich_markup_mode=None
)
summary = typer.Typer(
    help="Write, accept or reject a cell's or persona's summary.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
opportunity = typer.Typer(
    help="Write, change or remove what could be done.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
owner = typer.Typer(help="Say who answers for what.", no_args_is_help=True, rich_markup_mode=None)

Stage = Annotated[str, typer.Argument(metavar="STAGE", help="The stage's id or name.")]
Lane = Annotated[
    str,
    typer.Argument(
        metavar="LANE", help='A family such as pain_point, or "doing", "thinking", "persona".'
    ),
]
Place = Annotated[
    str, typer.Argument(metavar="STAGE", help="The stage's id or name; of a persona its name.")
]
Opportunity = Annotated[
    str, typer.Argument(metavar="ID", help="As edit show lists it, such as O12.")
]


@stage.command("rename")
def rename(
    named: Stage,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The new name, in the customer's words.")
    ],
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Give a stage another name, in the codebook; nothing is coded again."""
    from qualcode.workflow.edit_map import rename_stage

    with open_study(study) as opened:
        done = rename_stage(opened, named, name, by=by, reason=reason)
        echo_change(opened, done)


@stage.command("order")
def order(
    named: Stage,
    before: Annotated[
        str | None, typer.Option(metavar="OTHER", help="Put it before this stage.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="OTHER", help="Put it behind this stage.")
    ] = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Give a stage another place, in the codebook."""
    from qualcode.workflow.edit_map import order_stage

    with open_study(study) as opened:
        done = order_stage(opened, named, before=before, after=after, by=by, reason=reason)
        echo_change(opened, done)


@stage.command("sign")
def sign(
    role: Annotated[
        str, typer.Option(metavar="ROLE", help='What you are to it, such as "leader".')
    ] = "",
    dissent: Annotated[str, typer.Option(metavar="TEXT", help="You do not agree, and why.")] = "",
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Sign the stages as they are named and ordered now, or say that you do not agree."""
    from qualcode.workflow.edit_map import sign_stages

    with open_study(study) as opened:
        echo(opened, sign_stages(opened, role=role, dissent=dissent, by=by, reason=reason))


@summary.command("write")
def write_summary(
    lane: Lane,
    named: Place,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The sentence, in quotes.")],
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Write the sentence that stands over a cell, or describes a persona."""
    from qualcode.workflow import edit_map

    with open_study(study) as opened:
        echo(opened, edit_map.write_summary(opened, lane, named, text, by=by, reason=reason))


@summary.command("accept")
def accept_summary(
    lane: Lane,
    named: Place,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Accept the summary that a model drafted."""
    from qualcode.workflow import edit_map

    with open_study(study) as opened:
        echo(opened, edit_map.accept_summary(opened, lane, named, by=by, reason=reason))


@summary.command("reject")
def reject_summary(
    lane: Lane,
    named: Place,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Take the summary over a cell, or of a persona, away."""
    from qualcode.workflow import edit_map

    with open_study(study) as opened:
        echo(opened, edit_map.reject_summary(opened, lane, named, by=by, reason=reason))


@opportunity.command("write")
def write_opportunity(
    named: Stage,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What could be done, in quotes.")],
    who: Annotated[str, typer.Option("--owner", metavar="NAME", help="Who answers for it.")] = "",
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Write down what could be done about a stage."""
    from qualcode.workflow import edit_map

    with open_study(study) as opened:
        done = edit_map.write_opportunity(opened, named, text, owner=who, by=by, reason=reason)
        echo(opened, done)


@opportunity.command("edit")
def edit_opportunity(
    number: Opportunity,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The new wording; else it stays.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--stage", metavar="STAGE", help="Move it to this stage.")
    ] = None,
    who: Annotated[
        str | None, typer.Option("--owner", metavar="NAME", help="Who answers for it now.")
    ] = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Change an opportunity's wording, stage or owner."""
    from qualcode.workflow import edit_map

    with open_study(study) as opened:
        done = edit_map.edit_opportunity(
            opened, number, text=text, stage=at, owner=who, by=by, reason=reason
        )
        echo(opened, done)


@opportunity.command("remove")
def remove_opportunity(
    number: Opportunity, by: ByOption = None, reason: ReasonOption = "", study: StudyOption = None
) -> None:
    """Take an opportunity off the map."""
    from qualcode.workflow import edit_map

    with open_study(study) as opened:
        echo(opened, edit_map.remove_opportunity(opened, number, by=by, reason=reason))


@owner.command("set")
def set_owner(
    thing: Annotated[
        str,
        typer.Argument(metavar="THING", help="A stage or another code (id or name), C2 or O12."),
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help='Who; "" for nobody.')],
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Say who answers for a stage, a criterion, a code or an opportunity."""
    from qualcode.workflow import edit_map

    with open_study(study) as opened:
        echo(opened, edit_map.set_owner(opened, thing, name, by=by, reason=reason))


@owner.callback()
def _owners() -> None:
    """Say who answers for what."""
