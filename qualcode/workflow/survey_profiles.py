"""Find how surveys would be read, before anything is saved: for a person to confirm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from qualcode.errors import SourceError
from qualcode.workflow.ingest import Session
from qualcode.workflow.parse import IngestOptions
from qualcode.workflow.parse_survey import SurveyFound
from qualcode.workflow.sources import find_files
from qualcode.workflow.study import Study

__all__ = ["unconfirmed"]


def unconfirmed(
    study: Study, paths: Sequence[Path], options: IngestOptions
) -> Iterator[SurveyFound]:
    """Yield the surveys whose columns nobody named and no earlier wave tells.

    What cannot be read, or would not be, is passed over: reading it will tell why.

    Raises:
        SourceError: A path does not exist.
    """
    if options.text_cols:
        return
    session = Session(study, options, paths)
    for file in find_files(paths):
        if file.kind != "survey":
            continue
        try:
            found = session.find_profile(file)
        except SourceError:
            continue
        if found is not None and found.columns:
            yield found
