"""qualcode map: write the journey map."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from qualcode.cli.common import StudyOption, open_study, say

__all__ = ["map_"]


def map_(
    study: StudyOption = None,
    persona: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only participants of this persona.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="By default map.html in the study's folder, or map-PERSONA.html.",
        ),
    ] = None,
) -> None:
    """Write the draft journey map.

    It is one page that opens in any browser, without a network.
    """
    from qualcode.workflow.map import write_map

    with open_study(study) as opened:
        path = out or opened.path / _file_name(persona)
        drafted = write_map(opened, path, persona=persona)
    journey = drafted.draft.map
    say(f"{journey.n_people} people, {journey.n_coded_segments} coded segments.")
    if not journey.stages:
        say("The codebook has no codes of family stage, so the map has no columns yet.")
    print(path)


def _file_name(persona: str | None) -> str:
    """Give a persona's map a name of its own: it is not to take the place of the whole one."""
    if persona is None:
        return "map.html"
    return f"map-{re.sub(r'[^a-z0-9]+', '-', persona.casefold()).strip('-') or 'persona'}.html"
