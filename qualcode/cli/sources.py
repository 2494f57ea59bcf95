"""qualcode sources: list what was read, look at one, put another in its place, take one out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qualcode.cli.common import (
    ByOption,
    JsonOption,
    ReasonOption,
    StudyOption,
    one_line,
    open_study,
    print_json,
    print_table,
    say,
)

if TYPE_CHECKING:
    from qualcode.workflow.carrying import Carried

__all__ = ["app"]

app = typer.Typer(
    help="Look at sources, replace or remove them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_LOST_SHOWN = 20
SourceArgument = Annotated[
    str, typer.Argument(metavar="SOURCE", help="Its path or id, as sources list shows them.")
]


@app.command("list")
def list_(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the sources, and those that were taken out.

    With what was read, who speaks or answers, and how many segments people have judged.
    """
    from qualcode.workflow.source_views import removed_sources, sources

    with open_study(study) as opened:
        held, out = sources(opened), removed_sources(opened)
    if as_json:
        print_json({"sources": held, "removed": out})
        return
    rows = [
        (
            *(s["path"], s["kind"], s["format"], s["documents"], s["segments"]),
            *(s["participants"], s["reviewed"], "" if s["complete"] else "not read to its end"),
        )
        for s in held
    ]
    header = ("source", "kind", "format", "documents", "segments", "people", "reviewed", "")
    print_table(header, rows, data=True)
    for one in out:
        how = "replaced" if one["replaced"] else "removed"
        waits = "" if one["carried"] else "; what takes its place has not been read yet"
        say(
            f"{one['path']} was {how} at {one['at'][:10]}{waits}. "
            f"To bring it back: qualcode edit undo {one['decision']}"
        )


@app.command("show")
def show(source: SourceArgument, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show what is known of one source.

    Where it was read from, how, who speaks in it, what people decided and noted on it.
    """
    from qualcode.workflow.source_views import source_details

    with open_study(study) as opened:
        told = source_details(opened, source)
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        if isinstance(value, list):
            print(f"{name}:" if value else f"{name}: none")
            for entry in value:
                print(f"  {one_line(_said(entry))}")
        else:
            print(f"{name}: {one_line(str(value))}")


def _said(entry: Any) -> str:
    return "  ".join(map(str, entry.values())) if isinstance(entry, dict) else str(entry)


@app.command("replace")
def replace(
    source: SourceArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to read instead.")],
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Encoding of a text file, such as cp1252.")
    ] = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read another file in the place of a source.

    What people decided follows the words that both have, letter for letter; the rest is listed,
    and comes back with the old file: qualcode edit undo.
    """
    from qualcode.workflow.parse import IngestOptions
    from qualcode.workflow.replace_source import replace_source

    options = IngestOptions(encoding=encoding)
    with open_study(study) as opened:
        outcome, carried = replace_source(opened, source, file, options, by=by, reason=reason)
    if as_json:
        print_json(
            {
                "path": outcome.name,
                "status": outcome.status,
                "remarks": list(outcome.notes),
                **_carried(carried),
            }
        )
        return
    say(f"{outcome.name}: {outcome.n_documents} documents, {outcome.n_segments} segments.")
    for note in outcome.notes:
        say(f"  {note}")
    if carried.lost:
        say(f"\nNot carried over, {len(carried.lost)} in all; they come back with the old file:")
    for one in carried.lost[:_LOST_SHOWN]:
        print("  ".join(filter(None, (one.kind, one.id, one.place, one_line(one.what)))))
    if len(carried.lost) > _LOST_SHOWN:
        say(f"and {len(carried.lost) - _LOST_SHOWN} more; --json lists all")
    say("\nNext: qualcode code   (judges what is new)")
    say("To take it back: qualcode edit undo")


def _carried(carried: Carried) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "events": carried.n_events,
        "decisions": carried.n_decisions,
        "notes": carried.n_notes,
        "lost": [asdict(one) for one in carried.lost],
    }


@app.command("remove")
def remove(
    source: SourceArgument,
    by: ByOption = None,
    reason: ReasonOption = "",
    study: StudyOption = None,
) -> None:
    """Take a source out of the study.

    All that was judged and decided on it goes with it and comes back with it: qualcode edit undo.
    To delete what somebody said for good: qualcode forget.
    """
    from qualcode.workflow.source_life import remove_source

    with open_study(study) as opened:
        decision = remove_source(opened, source, by=by, reason=reason)
    say(f"{decision.value['path']} is out of the study.")
    say(f"To bring it back: qualcode edit undo {decision.id}")
