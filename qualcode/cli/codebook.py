"""qualcode codebook: look at the codes of a study and change them."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qualcode.cli import codebook_candidates as proposed
from qualcode.cli import codebook_change as change
from qualcode.cli.codebook_told import counts_as_json, difference_as_json, difference_line
from qualcode.cli.common import (
    JsonOption,
    StudyOption,
    open_study,
    print_json,
    print_table,
    say,
)

if TYPE_CHECKING:
    from qualcode.workflow.codebook_review import CodeInUse

__all__ = ["app"]

_GATE_FAILED = 7
_PLACES_SHOWN = 5

app = typer.Typer(
    help="Look at the codes of the study and change them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("show")
def show(
    code: Annotated[
        str | None,
        typer.Argument(metavar="CODE", help="Id, name or former name; all codes without."),
    ] = None,
    family: Annotated[
        str | None, typer.Option(metavar="FAMILY", help="Only this family, by id or name.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the codes with their codings and people.

    Counts are those of now. With a code, everything that the book says of it.
    """
    from qualcode.codebook.names import find_code
    from qualcode.workflow.codebook import family_called
    from qualcode.workflow.codebook_review import codes_in_use

    with open_study(study) as opened:
        found = list(codes_in_use(opened))
        wanted = None if family is None else family_called(opened.codebook, family)
        if wanted is not None:
            found = [row for row in found if row.code.family == wanted]
        if code is not None:
            families = None if wanted is None else [wanted]
            chosen = find_code(opened.codebook, code, families=families).id
            found = [row for row in found if row.code.id == chosen]
    if as_json:
        print_json([_as_json(row) for row in found])
    elif code is not None:
        _print_code(found[0])
    else:
        _print_codes(found)


def _as_json(row: CodeInUse) -> dict[str, Any]:
    from qualcode.codebook.codes import entry_of

    return {**entry_of(row.code), **counts_as_json(row.counts)}


def _print_codes(found: list[CodeInUse]) -> None:
    from qualcode.codebook import family_name

    rows: list[tuple[object, ...]] = []
    for family, codes in groupby(found, key=lambda row: row.code.family):
        for row in codes:
            code = row.code
            remarks = [] if code.status == "active" else [code.status]
            remarks += [f"merged into {code.merged_into}"] * (code.merged_into is not None)
            remarks += [f"was “{name}”" for name in code.former_names]
            counts = (f"{row.counts.n_codings:,}", f"{row.counts.n_people:,}")
            rows.append((family_name(family), code.id, *counts, code.name, ", ".join(remarks)))
    print_table(("family", "code", "codings", "people", "name", ""), rows, data=True)


def _print_code(row: CodeInUse) -> None:
    from qualcode.codebook.codes import entry_of

    for key, value in entry_of(row.code).items():
        label = key.replace("_", " ")
        if isinstance(value, list):
            print(f"{label}:")
            for entry in value:
                print(f"  - {entry}")
        else:
            print(f"{label}: {value}")
    print(f"coded: {row.counts.text}")


for _name, _command in (
    ("add", change.add),
    ("rename", change.rename),
    ("merge", change.merge),
    ("split", change.split),
    ("move", change.move),
    ("retire", change.retire),
    ("undo", change.undo),
    ("import", change.import_),
    ("candidates", proposed.candidates),
    ("adopt", proposed.adopt),
    ("dismiss", proposed.dismiss),
):
    app.command(_name)(_command)


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(metavar="FILE", help=".yaml, .csv, .xlsx or .md.")],
    study: StudyOption = None,
) -> None:
    """Write the codebook to a file.

    `qualcode codebook import` reads .yaml, .csv and .xlsx back; .md is a page to read, the codes
    in use with what they mean.
    """
    from qualcode.workflow.codebook_exchange import export_codebook

    with open_study(study) as opened:
        export_codebook(opened, out)
    print(out)


@app.command("versions")
def versions(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the versions that the codebook has had.

    One is stored by each command that changes the book, and by `qualcode code` when it meets a
    book that was edited.
    """
    with open_study(study) as opened:
        stored = opened.repository.codebook_versions.all()
        current = opened.codebook.fingerprint()
    if as_json:
        print_json(
            [
                {
                    "id": v.id,
                    "at": v.at,
                    "fingerprint": v.fingerprint,
                    "author": v.author,
                    "reason": v.reason,
                    "is_current": v.fingerprint == current,
                }
                for v in stored
            ]
        )
        return
    rows = [(v.id, v.at, v.fingerprint, v.author, v.reason) for v in stored]
    print_table(("version", "since (UTC)", "fingerprint", "by", "why"), rows, data=True)
    if not stored or stored[-1].fingerprint != current:
        say(f"\ncodebook.yaml ({current}) has changed since: qualcode codebook diff")


@app.command("diff")
def diff(
    older: Annotated[
        str | None,
        typer.Argument(
            metavar="[A]",
            help="A version's number or fingerprint, or a codebook file; by default the newest.",
            show_default=False,
        ),
    ] = None,
    newer: Annotated[
        str | None,
        typer.Argument(
            metavar="[B]", help="Likewise; by default codebook.yaml.", show_default=False
        ),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say code by code how two versions differ.

    With how many codings and segments of the study each difference touches.
    """
    from qualcode.workflow.codebook_versions import compare

    with open_study(study) as opened:
        found = compare(opened, older, newer)
    if as_json:
        print_json(
            {
                "older": found.older,
                "newer": found.newer,
                "codes": [difference_as_json(c.difference, c.touched) for c in found.codes],
            }
        )
        return
    for compared in found.codes:
        print(difference_line(compared.difference, compared.touched))
    count = len(found.codes)
    codes = "1 code differs" if count == 1 else f"{count} codes differ"
    say(f"\nFrom {found.older} to {found.newer}: {codes if count else 'no difference'}.")


@app.command("lint")
def lint(
    study: StudyOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Leave with exit code 7 when something is found.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask what could be better about the codebook.

    Looks for stages in the words of sales or departments, codes that overlap, that say too little
    or that nobody used. What it finds are questions, not errors.
    """
    from qualcode.workflow.codebook_review import lint_codebook

    with open_study(study) as opened:
        found, left_out = lint_codebook(opened)
    if as_json:
        print_json(
            {
                "findings": [
                    {
                        "check": f.check.name,
                        "codes": list(f.codes),
                        "text": f.text,
                        "advice": f.advice,
                        "why": f.check.why,
                        "practices": list(f.check.practices),
                    }
                    for f in found
                ],
                "left_out": dict(left_out),
            }
        )
    else:
        for check, findings in groupby(found, key=lambda finding: finding.check):
            print(f"{check.title} ({check.name})\n  {check.why}")
            for advice, alike in groupby(findings, key=lambda finding: finding.advice):
                for finding in alike:
                    print(f"  - {', '.join(finding.codes)}: {finding.text}")
                print(f"    What to do: {advice}.")
            print()
        for name, reason in left_out.items():
            say(f"Not checked: {name}, because {reason}.")
        say(f"{len(found)} findings." if len(found) != 1 else "1 finding.")
    if strict and found:
        raise typer.Exit(_GATE_FAILED)


@app.command("suggest")
def suggest(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Say what decisions at the review tell about the codes.

    Codes that are taken for each other, exclusions that are missing, codes that are always given
    together or that nobody accepts. What it finds are questions; nothing is changed.
    """
    from qualcode.workflow.codebook_review import suggest_changes

    with open_study(study) as opened:
        found = suggest_changes(opened)
    if as_json:
        print_json(
            [
                {
                    "kind": s.kind,
                    "codes": list(s.codes),
                    "text": s.text,
                    "advice": s.advice,
                    "segment_ids": list(s.segment_ids),
                }
                for s in found
            ]
        )
        return
    for one in found:
        print(
            f"{one.text}.\n  What to do: {one.advice}.\n  Where: {', '.join(one.segment_ids[:5])}"
        )
    if not found:
        say("Nothing to suggest: too few decisions, or they agree with the codebook.")
