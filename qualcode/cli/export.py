"""qualcode export: take the data away."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from qualcode.cli.common import StudyOption, open_study, say

__all__ = ["export"]


class Kind(StrEnum):
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


def export(
    kind: Annotated[Kind, typer.Argument(help="The format.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")],
    study: StudyOption = None,
    what: Annotated[
        str,
        typer.Option(
            metavar="codings|notes|SURVEY",
            help="csv: a row a coding, a row a note, or a survey's own rows and columns with code "
            "columns.",
        ),
    ] = "codings",
    raw_csv: Annotated[
        bool,
        typer.Option(
            "--raw-csv", help="csv: do not put ' before cells that Excel would run as a formula."
        ),
    ] = False,
) -> None:
    """Write all data to a JSON, CSV or Excel file.

    Documents, codings, criteria, map and notes; docs/export.md tells each field.
    """
    from qualcode.workflow.export import export as write

    with open_study(study) as opened:
        exported = write(opened, kind.value, out, what=what, raw=raw_csv)
    corpus = exported.drafted.corpus
    n_codings = sum(1 for _ in corpus.codings())
    say(f"{len(corpus.documents)} documents, {n_codings} codings.")
    if exported.n_neutralised:
        say(
            f"{exported.n_neutralised} cells got a ' in front, so that no spreadsheet runs them as "
            "a formula; --raw-csv leaves them as they are."
        )
    print(out)
