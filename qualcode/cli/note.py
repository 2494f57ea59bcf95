"""qualcode note: write something down about the study or a thing in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.common import (
    ByOption,
    JsonOption,
    StudyOption,
    one_line,
    open_study,
    print_json,
    say,
)
from qualcode.errors import UsageError

if TYPE_CHECKING:
    from qualcode.store.notes import Note, NoteKind

__all__ = ["note"]


def note(
    text: Annotated[
        str | None,
        typer.Argument(metavar="[TEXT]", help="What to note; without it, notes are listed."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="PATH", help="On this source, as sources list shows it.")
    ] = None,
    participant: Annotated[
        str | None, typer.Option(metavar="ID", help="On this participant.")
    ] = None,
    code: Annotated[str | None, typer.Option(metavar="CODE", help="On this code.")] = None,
    segment: Annotated[
        str | None, typer.Option(metavar="ID", help="On this segment, by the beginning of its id.")
    ] = None,
    coding: Annotated[
        str | None, typer.Option(metavar="ID", help="On this coding, by the beginning of its id.")
    ] = None,
    by: ByOption = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note something on the study or a thing in it.

    On the study, unless an option names a source, participant, code, segment or coding. Notes are
    only ever added; every export holds them. Names in them are masked by qualcode mask alone.
    """
    from qualcode.workflow.notes import add_note, notes_on

    kind, named = _target(
        source=source, participant=participant, code=code, segment=segment, coding=coding
    )
    with open_study(study) as opened:
        if text is None:
            _print(notes_on(opened, kind, named), as_json=as_json)
            return
        from qualcode.store.notes import NoteKind

        made = add_note(opened, text, kind or NoteKind.STUDY, named, by=by)
    if as_json:
        print_json(asdict(made))
    else:
        say(f"Note {made.id} on {_on(made)}, by {one_line(made.author)}.")


def _target(**named: str | None) -> tuple[NoteKind | None, str]:
    from qualcode.store.notes import NoteKind

    given = {kind: value for kind, value in named.items() if value is not None}
    if len(given) > 1:
        raise UsageError(
            "a note is on one thing: " + ", ".join(f"--{kind}" for kind in given),
            hint="write one note for each",
        )
    for kind, value in given.items():
        return NoteKind(kind), value
    return None, ""


def _print(notes: Sequence[Note], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(note) for note in notes])
        return
    if not notes:
        say('Nothing is noted there yet: qualcode note "…"')
    for note in notes:
        when = note.at.replace("T", " ")[:16]
        print(f"{note.id:>4}  {when} UTC  {one_line(note.author)} on {_on(note)}")
        for line in note.text.splitlines():
            print(f"      {one_line(line)}")


def _on(note: Note) -> str:
    return f"{note.kind.value} {one_line(note.target)}".strip()
