"""qualcode agree: how far coders agree, people and models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualcode.cli.common import JsonOption, StudyOption, open_study, print_json, say
from qualcode.errors import UsageError

__all__ = ["agree"]


def agree(
    ratings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Ratings of any origin: .csv, .tsv or .xlsx with columns unit, coder and code "
            "(several joined by ; and empty for none). Needs no study.",
            show_default=False,
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The column of --ratings that says who spoke; intervals draw these people. By "
            "default one called participant or cluster.",
            show_default=False,
        ),
    ] = None,
    ordinal: Annotated[
        bool,
        typer.Option(
            "--ordinal", help="Codes of --ratings are numbers in an order; adds ordinal alpha."
        ),
    ] = False,
    confusion: Annotated[
        bool,
        typer.Option("--confusion", help="Also show which codes stand for each other, and where."),
    ] = False,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Of the resamples behind the intervals.", min=0)
    ] = 20240501,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how far coders agree.

    Percent, Cohen's and Fleiss' kappa, Krippendorff's alpha and Gwet's AC1 of whole code sets and
    of each code, with 95 % intervals over participants: of the people and models of a study, or of
    a file of ratings. docs/agreement.md tells each figure.
    """
    if ratings is None:
        if cluster is not None or ordinal:
            raise UsageError(
                f"{'--cluster' if cluster is not None else '--ordinal'} goes with --ratings",
                hint="a study knows its participants and intensities",
            )
        _agree_study(study, confusion=confusion, seed=seed, as_json=as_json)
        return
    from qualcode.cli.agree_json import file_as_dict
    from qualcode.cli.agree_told import print_file
    from qualcode.workflow.agree_ratings import agree_ratings, read_ratings

    file = read_ratings(ratings, cluster=cluster, ordinal=ordinal)
    agreement = agree_ratings(file, ordinal=ordinal, with_confusion=confusion, seed=seed)
    if as_json:
        print_json(file_as_dict(agreement, seed))
    else:
        print_file(agreement)
    if file.unread:
        say(f"{len(file.unread)} of {file.n_rows} rows could not be read and are in no figure:")
        for row in file.unread:
            say(f"  row {row.number}: {row.reason}")


def _agree_study(named: Path | None, *, confusion: bool, seed: int, as_json: bool) -> None:
    from qualcode.cli.agree_json import study_as_dict
    from qualcode.cli.agree_study_told import print_study
    from qualcode.workflow.agree_study import agree_reviewed

    with open_study(named) as study:
        agreement = agree_reviewed(study, with_confusion=confusion, seed=seed)
        if as_json:
            print_json(study_as_dict(agreement))
        else:
            print_study(agreement, study.codebook)
