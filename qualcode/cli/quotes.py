"""qualcode quotes: print every segment under a code."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from qualcode.cli.common import JsonOption, StudyOption, open_study, print_json, say

__all__ = ["quotes"]


def quotes(
    study: StudyOption = None,
    code: Annotated[str | None, typer.Option(metavar="CODE", help="Id or name of a code.")] = None,
    family: Annotated[
        str | None, typer.Option(metavar="FAMILY", help="All codes of a family, by id or name.")
    ] = None,
    persona: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only participants of this persona.")
    ] = None,
    participant: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this participant.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the words under a code.

    Each quote is cut from its source and stands with who said it and where.
    """
    from qualcode.report.quotes import render_quotes, select_quotes
    from qualcode.workflow.export import is_masked

    with open_study(study) as opened:
        masked = is_masked(opened)
        corpus = opened.corpus()
        people = {k: dict(v) for k, v in opened.repository.people.participants().items()}
        rows = select_quotes(
            corpus,
            opened.codebook,
            people,
            code=code,
            persona=persona,
            family=family,
            participant=participant,
        )
    if not masked:
        say("Names were not masked in this study.")
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    if rows:
        print(render_quotes(rows), end="")
    else:
        say("No quotes. Code the study first (qualcode code), or ask for less.")
