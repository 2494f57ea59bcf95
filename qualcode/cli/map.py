"""qualcode map: write the journey map."""

from __future__ import annotations

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
        typer.Option(metavar="FILE", help="By default map.html in the study's folder."),
    ] = None,
) -> None:
    """Write the draft journey map.

    It is one page that opens in any browser, without a network.
    """
    from qualcode.workflow.map import write_map

    with open_study(study) as opened:
        path = out or opened.path / "map.html"
        drafted = write_map(opened, path, persona=persona)
    journey = drafted.draft.map
    say(f"{journey.n_people} people, {journey.n_coded_segments} segments with a stage.")
    print(path)
