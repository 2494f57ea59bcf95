"""qualcode code: have the embedded coder judge segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.common import (
    JsonOption,
    StudyOption,
    YesOption,
    open_study,
    print_json,
    print_table,
    say,
    shown_progress,
)

if TYPE_CHECKING:
    from qualcode.workflow.code import CodeReport

__all__ = ["code", "print_report"]

_SOME_UNPROCESSED = 3


def code(
    study: StudyOption = None,
    family: Annotated[
        list[str] | None,
        typer.Option(metavar="FAMILY", help="Only this family of codes; repeat for several."),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Judge anew all that stands on an earlier version of the codebook, not only what "
            "its changes touch.",
        ),
    ] = False,
    as_json: JsonOption = False,
    _yes: YesOption = False,
) -> None:
    """Propose codes for the segments.

    Judges every segment that is new, changed or unprocessed. After a change of the codebook it
    judges those that the change touches: all of a family for a new code, else the segments with a
    code that changed. The embedded model runs on this machine; no text leaves it. Stop with Ctrl-C
    at any time: the same command goes on where it stopped.
    """
    from qualcode.workflow.code import code as judge
    from qualcode.workflow.code import local_coder

    with open_study(study) as opened, shown_progress() as progress:
        report = judge(
            opened,
            local_coder(opened),
            families=family or (),
            again=again,
            progress=progress,
            announce=say,
        )
    if as_json:
        print_json(_as_json(report))
    else:
        print_report(report, data=True)
        if report.n_segments:
            say("\nNext: qualcode map   (or: qualcode quotes --code CODE)")
        else:
            say("\nThere is nothing to code yet: qualcode ingest PATH…")
    if report.n_unprocessed:
        raise typer.Exit(_SOME_UNPROCESSED)


def _as_json(report: CodeReport) -> dict[str, object]:
    return {
        "coder": report.coder,
        "segments": report.n_segments,
        "judged": report.n_judged,
        "codings": report.n_codings,
        "median_codings_a_segment": report.median_codings,
        "unprocessed": report.n_unprocessed,
        "on_an_earlier_codebook": dict(report.n_earlier),
        "seconds": round(report.seconds, 2),
        "families": {family: dict(counts) for family, counts in report.verdicts.items()},
    }


def print_report(report: CodeReport, *, data: bool = False) -> None:
    """Print how segments were judged, family by family, and the density of codings."""
    from qualcode.codebook import family_name

    names = ("coded", "none", "abstained", "unprocessed")
    rows = [
        (family_name(family), *(counts.get(name, 0) for name in names))
        for family, counts in report.verdicts.items()
    ]
    print_table(("family", *names), rows, data=data)
    rate = f", {60 * report.n_judged / report.seconds:,.0f} a minute" if report.n_judged else ""
    median = "no" if report.median_codings is None else f"{report.median_codings:g}"
    say(f"\n{report.coder}")
    say(f"Judged {report.n_judged} of {report.n_segments} segments now{rate}.")
    say(f"{report.n_codings} codings stand, {median} in the median segment.")
    for note in report.notes:
        say(note)
