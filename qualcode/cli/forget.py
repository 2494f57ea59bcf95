"""qualcode forget: delete what a participant said, for good."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.common import JsonOption, StudyOption, YesOption, open_study, print_json, say
from qualcode.errors import UsageError

if TYPE_CHECKING:
    from qualcode.workflow.forget import Forgotten

__all__ = ["forget"]


def forget(
    participant: Annotated[
        str, typer.Argument(metavar="PARTICIPANT", help="An id, or a name that the key knows.")
    ],
    study: StudyOption = None,
    as_json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Delete what a participant said, for good.

    Texts, codings, decisions on them, what models were sent and answered, vectors, the search
    index, backups, the originals and the name in the pseudonym key, and maps, exports and packs in
    the study's folder that hold words of the person. Where others speak in the same talk, the
    person's turns are cut from it. Nothing of this can be taken back; what lies elsewhere is listed
    at the end. A run that was stopped is finished by the same command.
    """
    from qualcode.workflow.forget import find_participant
    from qualcode.workflow.forget import forget as delete

    with open_study(study) as opened:
        person = find_participant(opened, participant)
        _refuse_unasked(person, yes=yes)
        told = delete(opened, person)
    if as_json:
        print_json(
            {
                "documents": told.n_documents,
                "cut": told.n_cut,
                "counts": dict(told.counts),
                "erased": [str(path) for path in told.erased],
                "remains": list(told.remains),
            }
        )
    else:
        _print(person, told)


def _refuse_unasked(person: str, *, yes: bool) -> None:
    """Ask at a terminal; elsewhere somebody has to have said so with --yes."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"forgetting {person} cannot be taken back", hint="to do it, add --yes to the command"
        )
    typer.confirm(f"Delete all that {person} said? It cannot be taken back.", abort=True, err=True)


def _print(person: str, told: Forgotten) -> None:
    say(f"{person}: {told.n_documents} documents deleted, turns cut from {told.n_cut} others.")
    for what, count in told.counts.items():
        say(f"  {what}: {count}")
    for path in told.erased:
        say(f"  deleted: {path}")
    say("\nOutside of the study, for you to see to:")
    for line in told.remains:
        print(line)
