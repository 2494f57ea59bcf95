"""qualcode init: make a study's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualcode.cli.common import YesOption, ask, say

__all__ = ["init"]


def init(
    study: Annotated[
        Path, typer.Argument(metavar="STUDY", help="A folder that holds no study yet.")
    ],
    codebook: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A .yaml, .csv or .xlsx to start from.", show_default=False
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Title of the study.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What you want to achieve.")] = None,
    decision: Annotated[str | None, typer.Option(help="The decision the map informs.")] = None,
    success: Annotated[
        list[str] | None, typer.Option(help="What success looks like; repeat for several.")
    ] = None,
    persona: Annotated[
        list[str] | None, typer.Option(help="A persona or segment; repeat for several.")
    ] = None,
    scope: Annotated[str | None, typer.Option(help="Where the journey starts and ends.")] = None,
    participants: Annotated[str | None, typer.Option(help="Who takes part.")] = None,
    yes: YesOption = False,
) -> None:
    """Make a study: charter, codebook, store.

    Without a terminal nothing is asked; every answer can be changed later in study.toml.
    """
    from qualcode.settings import Charter
    from qualcode.workflow.study import create_study

    def answer(given: str | None, question: str, default: str = "") -> str:
        return given if given is not None else ask(question, default, yes=yes)

    title = answer(name, "Title of the study", _title(study))
    charter = Charter(
        purpose=answer(purpose, "What do you want to achieve with the map?"),
        decision=answer(decision, "Which decision will it inform?"),
        success_measures=tuple(success or ()),
        personas=tuple(persona or ()),
        scope=answer(scope, "Where does the journey start and end?"),
        participants=answer(participants, "Who takes part?"),
    )
    with create_study(study, name=title, charter=charter, codebook=codebook) as made:
        has_stages = bool(made.codebook.family("stage"))
    say(f"Made the study “{title}”. Its charter and settings: {study / 'study.toml'}")
    say(f"Its codebook, yours to change: {study / 'codebook.yaml'}")
    if not has_stages:
        say("It has no codes of family stage: a journey map will need them as its columns.")
    say()
    say(f"Next: qualcode ingest --study {study} PATH…   (interviews and surveys)")


def _title(study: Path) -> str:
    """Make a title of the folder's name; `.` and the like have one once they are resolved."""
    return study.resolve().name.replace("-", " ").capitalize() or "Untitled study"
