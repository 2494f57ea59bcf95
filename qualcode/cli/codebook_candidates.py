"""The commands for codes that a language model proposed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qualcode.cli.codebook_told import tell_change
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

if TYPE_CHECKING:
    from qualcode.workflow.candidates import Offered

__all__ = ["adopt", "candidates", "dismiss"]

_QUOTES_SHOWN = 3
_DECIDED = {"accepted": "adopted", "refused": "dismissed"}

_Number = Annotated[int, typer.Argument(metavar="N", help="As listed.")]


def candidates(
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", help="Only this one, with all its quotes.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also those that were adopted or dismissed.")
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the codes that a language model proposed.

    With what they mean, how many people say it, and quotes cut from the sources. None is in the
    codebook before somebody adopts it.
    """
    from qualcode.errors import UsageError
    from qualcode.store.candidates import CandidateStatus
    from qualcode.workflow.candidates import offered

    with open_study(study) as opened:
        wanted = () if every or number is not None else (CandidateStatus.OPEN,)
        found = offered(opened, wanted)
    if number is not None:
        found = tuple(row for row in found if row.candidate.id == number)
        if not found:
            raise UsageError(
                f"there is no candidate {number}",
                hint="qualcode codebook candidates --all lists them",
            )
    if as_json:
        print_json([_as_json(row) for row in found])
        return
    for row in found:
        _print(row, None if number is not None else _QUOTES_SHOWN)
    if found:
        say("Decide: qualcode codebook adopt N, or qualcode codebook dismiss N.")
    else:
        say("No proposed code waits. A model proposes some: qualcode code --coder llm --propose")


def _as_json(row: Offered) -> dict[str, Any]:
    candidate = row.candidate
    return {
        "number": candidate.id,
        "family": candidate.family,
        "name": candidate.name,
        "definition": candidate.definition,
        "status": _DECIDED.get(candidate.status, candidate.status.value),
        "by": candidate.author or None,
        "at": candidate.at,
        "people": row.n_people,
        "segments": row.n_segments,
        "nearest_code": row.nearest,
        "nearness": row.nearness,
        "quotes": [asdict(quote) for quote in row.quotes],
    }


def _print(row: Offered, most_quotes: int | None) -> None:
    from qualcode.codebook import family_name

    candidate = row.candidate
    status = _DECIDED.get(candidate.status)
    decided = f"  [{status} by {one_line(candidate.author)}]" if status else ""
    print(f"{candidate.id}  {family_name(candidate.family)}: {one_line(candidate.name)}{decided}")
    print(f"    {one_line(candidate.definition)}")
    people = f"{row.n_people:,} {'person' if row.n_people == 1 else 'people'}"
    segments = f"{row.n_segments:,} {'segment' if row.n_segments == 1 else 'segments'}"
    near = f"; nearest code: {row.nearest} ({row.nearness:.2f})" if row.nearest else ""
    print(f"    {people}, {segments}{near}")
    for quote in row.quotes[:most_quotes]:
        who = quote.participant or "no name"
        place = f"{one_line(who)}, {one_line(quote.path)}, {quote.place}"
        print(f"    “{one_line(quote.quote)}”  ({place})")
    left = len(row.quotes) - len(row.quotes[:most_quotes])
    if left:
        print(f"    and {left:,} more: qualcode codebook candidates {candidate.id}")
    print()


def adopt(
    number: _Number,
    name: Annotated[str, typer.Option(metavar="TEXT", help="Instead of the proposed one.")] = "",
    code_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="By default made from the name.")
    ] = "",
    family: Annotated[
        str, typer.Option(metavar="FAMILY", help="Instead of the proposed one; may be new.")
    ] = "",
    definition: Annotated[
        str, typer.Option(metavar="TEXT", help="Instead of the proposed one.")
    ] = "",
    before: Annotated[
        str | None, typer.Option(metavar="CODE", help="Put it before this code.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="CODE", help="Put it after this code.")
    ] = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would touch.")
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a proposed code to the codebook.

    Nobody has looked for it yet, so the next `qualcode code` judges its whole family again. Its
    quotes do not become examples of the code: write some that you may show to others.
    """
    from qualcode.workflow import candidates as proposed

    with open_study(study) as opened:
        changed = proposed.adopt(
            opened,
            number,
            name=name,
            code_id=code_id,
            family=family,
            definition=definition,
            before=before,
            after=after,
            by=by,
            reason=reason,
            dry_run=dry_run,
        )
    tell_change(changed, as_json=as_json)


def dismiss(
    number: _Number,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide against a proposed code.

    One that means the same is not offered again; `qualcode codebook undo` takes it back.
    """
    from qualcode.workflow import candidates as proposed

    with open_study(study) as opened:
        changed = proposed.dismiss(opened, number, by=by, reason=reason)
    tell_change(changed, as_json=as_json)
