"""qualcode edit: decide on the map, see what is decided, take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from qualcode.cli.common import (
    ByOption,
    JsonOption,
    ReasonOption,
    StudyOption,
    one_line,
    open_study,
    print_json,
    say,
)
from qualcode.cli.edit_echo import echo

__all__ = ["app"]

_GROUPS = {
    "stage": "edit_map",
    "criterion": "edit_evidence",
    "need": "edit_evidence",
    "quote": "edit_evidence",
    "summary": "edit_map",
    "opportunity": "edit_map",
    "owner": "edit_map",
}
"""Groups of commands, in the order of the work, and the modules that hold them."""


class _OnDemand(typer.core.TyperGroup):
    """List commands in the order of the work, and make those of a group when they are asked for.

    Making all of them takes longer than everything else that `qualcode --help` does.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return ["show", *_GROUPS, "log", "undo"]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _GROUPS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"qualcode.cli.{_GROUPS[cmd_name]}")
        group = typer.main.get_group(getattr(module, cmd_name))
        group.name = cmd_name
        return group


app = typer.Typer(
    cls=_OnDemand,
    help="Decide on the map: names, criteria, quotes, owners.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("show")
def show(
    stage: Annotated[
        str | None,
        typer.Option("--stage", metavar="STAGE", help="List the quotes of this stage's cells."),
    ] = None,
    quotes: Annotated[
        int, typer.Option(metavar="N", min=0, help="Quotes a cell with --stage; 0 for all.")
    ] = 3,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what there is to decide on, with names and ids.

    Stages, criteria (C1, …; those set aside R1, …), what people wrote, pinned and hid. With
    --stage, the cells of one stage with their quotes and the ids of these quotes' codings.
    """
    from qualcode.workflow.edit_overview import overview, stage_quotes

    with open_study(study) as opened:
        told = overview(opened) if stage is None else stage_quotes(opened, stage, most=quotes)
    if as_json:
        print_json(told)
    elif stage is None:
        _print_overview(told)
    else:
        _print_stage(told)


def _print_overview(told: Mapping[str, Any]) -> None:
    _print_list(
        "Stages",
        [
            f"{s['id']}  {s['name']}  ({_people(s['people'])}{_owner(s['owner'])})"
            for s in told["stages"]
        ],
    )
    for sign_off in told["sign_offs"]:
        who = sign_off["author"] + (f" ({sign_off['role']})" if sign_off["role"] else "")
        what = "signed" if sign_off["agrees"] else f"does not agree: {sign_off['note']}"
        old = "" if sign_off["is_current"] else ", but the stages changed since"
        print(f"  {who} {what}, {sign_off['at'][:10]}{old}")
    print("\nDesign criteria")
    if told["reason"]:
        print(f"  None: {told['reason']}" if not told["criteria"] else f"  {told['reason']}")
    for criterion in told["criteria"]:
        _print_criterion(criterion)
    if told["set_aside"]:
        print("\nSet aside")
        for criterion in told["set_aside"]:
            _print_criterion(criterion)
    _print_list(
        "Opportunities",
        [
            f"{o['id']}  {_stage(o, told['stages'])}: {o['text']}{_by(o)}"
            for o in told["opportunities"]
        ],
    )
    _print_list(
        "Summaries",
        [
            f"{s['lane']}/{s['name'] or s['stage']}  {s['text']}  ({s['status']} by {s['author']})"
            for s in told["summaries"]
        ],
    )
    _print_list("Other owners", [f"{o['id']}  {o['name']}: {o['owner']}" for o in told["owners"]])
    _print_list("Pinned quotes", [_pinned(pin) for pin in told["pinned"]])
    _print_list(
        "Hidden quotes",
        [f"{h['coding_id']}  {_said(h)}  ({h['reason']})" for h in told["hidden"]],
    )
    say("\nQuotes of a stage: qualcode edit show --stage STAGE")


def _print_list(title: str, lines: Sequence[str]) -> None:
    if lines:
        print(f"{'' if title == 'Stages' else chr(10)}{title}")
        for line in lines:
            print(f"  {line}")


def _print_criterion(criterion: Mapping[str, Any]) -> None:
    who = f" by {criterion['author']}" if criterion["author"] else ""
    size = f"{_people(criterion['people'])}, {criterion['segments']} segments"
    print(f"  {criterion['name']}  {criterion['statement']}")
    print(f"      {criterion['status']}{who}; {size}{_owner(criterion['owner'])}")
    needs = [
        n["id"] + (f" ({n['segments']} coded)" if n["segments"] else "") for n in criterion["needs"]
    ]
    if needs:
        print(f"      needs: {', '.join(needs)}")
    if criterion["note"]:
        print(f"      {criterion['note']}")


def _print_stage(told: Mapping[str, Any]) -> None:
    print(f"{told['name']} ({told['stage']})")
    for cell in told["cells"]:
        people = f", {cell['people']} of {_people(cell['of'])}" if "people" in cell else ""
        print(f"\n  {cell['name']}{people}\n  {cell['cell']}")
        for quote in cell["quotes"]:
            marks = [word for word in ("pinned", "hidden") if quote[word]]
            mark = f"  [{', '.join(marks)}]" if marks else ""
            print(f"    {quote['coding_id']}  {_said(quote)}{mark}")
        if (more := cell["n_quotes"] - len(cell["quotes"])) > 0:
            print(f"    … and {more} more (--quotes 0 shows all)")
    if not told["cells"]:
        print("  no evidence")


def _pinned(pin: Mapping[str, Any]) -> str:
    state = "" if pin["has_coding"] else "  (no coding stands there any more)"
    return f"{pin['cell']}  {pin['coding_id']}  {_said(pin)}{state}"


def _said(quote: Mapping[str, Any]) -> str:
    if quote["quote"] is None:
        return "(its words are no evidence of the study any more)"
    return f"“{one_line(quote['quote'])}”  {quote['participant'] or 'voice not assigned'}"


def _people(count: int) -> str:
    return f"{count} {'person' if count == 1 else 'people'}"


def _owner(owner: str) -> str:
    return f"; owner: {owner}" if owner else ""


def _stage(written: Mapping[str, Any], stages: Sequence[Mapping[str, Any]]) -> str:
    gone = "" if any(s["id"] == written["stage"] for s in stages) else " (no stage any more)"
    return str(written["stage_name"]) + gone


def _by(opportunity: Mapping[str, Any]) -> str:
    owner = opportunity["owner"]
    return f"  (by {opportunity['author']}{_owner(owner)})"


@app.command("log")
def log(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Tell who decided what, oldest first.

    What was taken back is listed too and says so; changes of the codebook stand among the rest.
    """
    from qualcode.workflow.edit_log import decision_log
    from qualcode.workflow.edit_words import sentence

    with open_study(study) as opened:
        logged = decision_log(opened)
        book = opened.codebook
    if as_json:
        print_json(
            [
                {
                    **asdict(entry.decision),
                    "stands": entry.stands,
                    "undone_by": entry.undone_by,
                }
                for entry in logged
            ]
        )
        return
    if not logged:
        say("Nobody has decided anything yet.")
    for entry in logged:
        decision = entry.decision
        gone = "" if entry.stands else f"  [taken back by {entry.undone_by}]"
        when = decision.at.replace("T", " ")[:16]
        print(f"{decision.id:>4}  {when} UTC  {sentence(decision, book)}{gone}")
        if decision.reason and decision.reason != decision.value.get("reason"):
            print(f"      reason: {decision.reason}")


@app.command("undo")
def undo(
    decision: Annotated[
        int | None,
        typer.Argument(metavar="[ID]", help="The decision's number in the log; else the last."),
    ] = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Take back the last decision, or the one with this number.

    Again and again, as far back as you like. An undoing can be taken back as well.
    """
    from qualcode.workflow.edit_log import undo as take_back

    with open_study(study) as opened:
        echo(opened, take_back(opened, decision, by=by, reason=reason))
