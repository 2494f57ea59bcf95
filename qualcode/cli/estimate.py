"""qualcode estimate: what share has a code, honestly."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.common import JsonOption, StudyOption, open_study, print_json, say
from qualcode.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.analysis.estimates import Target

__all__ = ["estimate"]


class TargetName(StrEnum):
    DATA = "data"
    POPULATION = "population"


class Counted(StrEnum):
    ROWS = "rows"
    PARTICIPANTS = "participants"


def estimate(
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            metavar="FILE",
            help="A row a unit, the machine's answer on all, people's on some: .csv, .tsv, .xlsx. "
            "Without it, the study.",
            show_default=False,
        ),
    ] = None,
    human: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="People's answers, 1 or 0; empty where a row was not sampled.",
            show_default=False,
        ),
    ] = None,
    machine: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The machine's answers on all rows: 1, 0 or a score between.",
            show_default=False,
        ),
    ] = None,
    weight: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="1 / (chance of being sampled); without it all rows had the same chance.",
            show_default=False,
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Whose words a row is; without it every row is a participant of its own.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN", help="Also shares for each value of this column; repeatable."
        ),
    ] = None,
    family: Annotated[
        list[str] | None,
        typer.Option(metavar="FAMILY", help="Of a study: codes of this family; repeatable."),
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Of a study: this code, by id or name; repeatable."),
    ] = None,
    coder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Of a study: the machine that is counted; by default that of the most judgements.",
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        TargetName | None,
        typer.Option(
            help="data: these rows. population: customers like these. By default population for a "
            "table, data for a study.",
            show_default=False,
        ),
    ] = None,
    of: Annotated[
        Counted,
        typer.Option(help="participants: those with the code at least once; needs --cluster."),
    ] = Counted.ROWS,
    plan: Annotated[
        float | None,
        typer.Option(
            metavar="POINTS",
            help="How many more to judge for ± this many percentage points; a study's review then "
            "offers exactly those.",
            show_default=False,
        ),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Estimate what share has a code.

    The machine's count, people's, and both together (prediction-powered), with 95 % intervals. The
    judged rows must be a random sample: of a study, those that the review showed blind; of a table,
    what you drew. docs/estimates.md tells each figure.
    """
    from qualcode.analysis.estimates import Target
    from qualcode.cli.estimate_told import as_dict, print_estimate, say_notes
    from qualcode.workflow.estimate import EstimateColumns, check_points, estimate_file

    check_points(plan)
    groups = tuple(dict.fromkeys(by or ()))
    if csv is None:
        for option, given in (
            ("--human", human),
            ("--machine", machine),
            ("--weight", weight),
            ("--cluster", cluster),
        ):
            if given is not None:
                raise UsageError(f"{option} goes with --csv", hint="a study knows these by itself")
        _estimate_study(
            study,
            families=family or (),
            codes=code or (),
            coder=coder,
            target=Target((target or TargetName.DATA).value),
            of=of,
            by=groups,
            plan=plan,
            as_json=as_json,
        )
        return
    for option, names in (("--family", family), ("--code", code), ("--coder", coder)):
        if names:
            raise UsageError(f"{option} is for a study, not for a table", hint="leave it out")
    if human is None or machine is None:
        missing = "--human" if human is None else "--machine"
        raise UsageError(
            f"{missing} COLUMN is missing", hint="a table needs both --human and --machine"
        )
    columns = EstimateColumns(human, machine, weight, cluster, groups)
    chosen = Target((target or TargetName.POPULATION).value)
    estimated = estimate_file(csv, columns, chosen, unit=of.value, points=plan)
    say_notes(estimated)
    if as_json:
        print_json(as_dict(estimated))
    else:
        print_estimate(estimated)


def _estimate_study(
    study: Path | None,
    *,
    families: Sequence[str],
    codes: Sequence[str],
    coder: str | None,
    target: Target,
    of: Counted,
    by: Sequence[str],
    plan: float | None,
    as_json: bool,
) -> None:
    from qualcode.cli.estimate_study_told import print_study, study_as_dict
    from qualcode.codebook.names import find_code
    from qualcode.workflow.codebook import family_called
    from qualcode.workflow.estimate_study import SEGMENTS, estimate_reviewed

    with open_study(study) as opened:
        book = opened.codebook
        estimated = estimate_reviewed(
            opened,
            families=[family_called(book, name) for name in families],
            codes=[find_code(book, name).id for name in codes],
            machine=coder,
            target=target,
            unit=of.value if of is Counted.PARTICIPANTS else SEGMENTS,
            by=by,
            points=plan,
        )
    if as_json:
        print_json(study_as_dict(estimated))
    else:
        print_study(estimated)
    if estimated.n_reserved is not None:
        say(f"\nThe review offers {estimated.n_reserved} blind places: qualcode review")
