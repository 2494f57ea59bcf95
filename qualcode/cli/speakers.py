"""qualcode speakers: show the voices of the interviews and set their roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.common import JsonOption, StudyOption, open_study, print_json, print_table, say
from qualcode.records import Role

if TYPE_CHECKING:
    from qualcode.workflow.speakers import Voice

__all__ = ["app"]

app = typer.Typer(
    help="Show the voices, or set their roles.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def show(context: typer.Context, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show the voices, or set their roles.

    `qualcode speakers set` gives a voice of the interviews its role. Interviewers' words are
    context and never evidence. Unknown voices are coded but not counted as people until they have a
    role.
    """
    from qualcode.workflow.speakers import voices

    if context.invoked_subcommand is not None:
        context.obj = study
        return
    with open_study(study) as opened:
        _print(voices(opened), as_json=as_json)


@app.command("set")
def set_(
    context: typer.Context,
    label: Annotated[str, typer.Argument(help='As shown, such as "Speaker 1" or "[PERSON_2]".')],
    role: Annotated[Role, typer.Argument(help="What this voice is.")],
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Only in this source; repeat for several."),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a voice its role.

    It has the role in every source where it has this label, or in those named only.
    """
    from qualcode.workflow.speakers import set_role

    with open_study(study if study is not None else context.obj) as opened:
        _print(set_role(opened, label, role, sources=source or ()), as_json=as_json)
    say("\nNext: qualcode code   (judges what is new now)")


def _print(found: Sequence[Voice], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "source": v.path,
                    "speaker": v.label,
                    "role": v.role.value,
                    "guessed": v.guessed,
                    "participant": v.participant_id,
                    "turns": v.n_turns,
                    "words": v.n_words,
                }
                for v in found
            ]
        )
        return
    rows = []
    for v in found:
        role = f"{v.role.value} (guessed)" if v.guessed else v.role.value
        first = " ".join(v.first_words.split())
        first = first if len(first) <= 48 else first[:47] + "…"
        rows.append(
            (v.path, v.label or "(no name)", role, v.participant_id or "", v.n_words, first)
        )
    print_table(
        ("source", "speaker", "role", "participant", "words", "begins with"), rows, data=True
    )
