"""qualcode calibrate: from which score on codings need no look."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from qualcode.cli.common import JsonOption, StudyOption, open_study, print_json, print_table, say
from qualcode.errors import UsageError

__all__ = ["calibrate"]


def calibrate(
    error: Annotated[
        float,
        typer.Option(
            metavar="PERCENT", help="Of codings accepted unseen, fewer than so many may be wrong."
        ),
    ] = 10.0,
    family: Annotated[
        list[str] | None, typer.Option(metavar="FAMILY", help="Only this family; repeatable.")
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Only this code, by id or name; repeatable."),
    ] = None,
    coder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The machine; by default that of the most judgements.",
            show_default=False,
        ),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say from which score on codings may be accepted unseen.

    Per code, the lowest score from which on, by the blind sample, the error is surely (95 %) below
    what was asked for: chosen on one half of the sample, told from the other. Or none, and how many
    judgements that would take. Nothing is accepted by this.
    """
    from qualcode.codebook.names import find_code
    from qualcode.workflow.calibrate import calibrate as find_thresholds
    from qualcode.workflow.codebook import family_called

    if not 0 < error < 100:
        raise UsageError(f"--error {error:g}: no such share", hint="give percent, such as 5")
    with open_study(study) as opened:
        book = opened.codebook
        machine, found = find_thresholds(
            opened,
            rate=error / 100,
            families=[family_called(book, name) for name in family or ()],
            codes=[find_code(book, name).id for name in code or ()],
            machine=coder,
        )
    if as_json:
        print_json(
            {
                "machine": machine,
                "error": error / 100,
                "scores": "of the machine before it learnt from people here",
                "codes": {
                    one.code.id: {
                        "family": one.code.family,
                        "name": one.code.name,
                        "n_judged": one.n_judged,
                        "n_wrong": one.n_wrong,
                        **asdict(one.result),
                    }
                    for one in found
                },
            }
        )
        return
    rows: list[tuple[object, ...]] = []
    for one in found:
        result = one.result
        shown = "none" if result.threshold is None else f"{result.threshold:.3f}"
        if result.threshold is None:
            told = result.reason
            if result.needed is not None:
                told += f"; at least {result.needed} more blind judgements of its proposals"
        elif result.error is None:
            told = result.reason
        else:
            told = f"{result.n_wrong} of {result.n} wrong on the other half"
        rows.append((one.code.id, one.n_judged, one.n_wrong, shown, told))
    print_table(("code", "judged", "wrong", "accept from", ""), rows, data=True)
    say(
        f"\nScores of {machine} before it learnt from people here; judged means its proposals "
        "judged blind, at random places. The bound takes codings to be independent."
    )
