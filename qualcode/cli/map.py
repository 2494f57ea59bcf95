"""qualcode map: write the journey map."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from qualcode.cli.common import StudyOption, open_study, say
from qualcode.errors import UsageError

__all__ = ["map_"]


def map_(
    study: StudyOption = None,
    persona: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only participants of this persona.")
    ] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ATTRIBUTE=VALUE",
            help="Only participants with this attribute, such as plan=Solo; repeat for several.",
        ),
    ] = None,
    checked: Annotated[
        bool, typer.Option("--checked", help="Only codings that a person has decided on.")
    ] = False,
    kind: Annotated[
        str, typer.Option("--format", metavar="html|json|csv|md", help="What to write.")
    ] = "html",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="By default map.html in the study's folder, or map-PERSONA.html.",
        ),
    ] = None,
) -> None:
    """Write the draft journey map.

    It is one page that opens in any browser, without a network. It filters by persona and segment
    itself; --persona and --segment write a page that holds nothing else. Quotes beyond the
    strongest of a cell stand in a second file beside it.
    """
    from qualcode.draft import Group
    from qualcode.workflow.map import write_map

    attributes = dict(_split(pair) for pair in segment or ())
    if persona is not None:
        attributes = {"persona": persona, **attributes}
    with open_study(study) as opened:
        path = out or opened.path / _file_name(attributes, checked, kind)
        written = write_map(opened, path, kind=kind, group=Group(attributes, checked))
    journey = written.drafted.draft.map
    say(f"{journey.n_people} people, {journey.n_coded_segments} coded segments.")
    if not journey.stages:
        say("The codebook has no codes of family stage, so the map has no columns yet.")
    elif not any(s.agrees and s.is_current for s in written.drafted.draft.edits.sign_offs):
        say("Nobody has agreed to the names of the stages yet: qualcode edit stage sign")
    for path in written.paths:
        print(path)


def _split(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError(
            f"--segment {pair!r} names no attribute and value", hint="such as --segment plan=Solo"
        )
    return name.strip(), value.strip()


def _file_name(attributes: dict[str, str], checked: bool, kind: str) -> str:
    """Give the map of a part a name of its own: it is not to take the place of the whole one."""
    parts = [*attributes.values(), *(["checked"] if checked else [])]
    slugs = [re.sub(r"[^a-z0-9]+", "-", part.casefold()).strip("-") or "part" for part in parts]
    return "-".join(["map", *slugs]) + f".{kind}"
