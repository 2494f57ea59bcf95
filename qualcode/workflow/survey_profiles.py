"""Find how surveys would be read, before anything is saved: for a person to confirm."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from qualcode.errors import SourceError
from qualcode.workflow.parse import IngestOptions
from qualcode.workflow.parse_survey import KeptProfiles, SurveyFound, find_profile
from qualcode.workflow.sources import find_files
from qualcode.workflow.study import Study

__all__ = ["kept_profiles", "unconfirmed"]


def kept_profiles(study: Study) -> KeptProfiles:
    """Return how the surveys of a study were read so far."""
    records = study.repository.sources.all()
    return KeptProfiles(
        study.settings.surveys,
        {r.path: r.table_header for r in records if r.table_header is not None},
    )


def unconfirmed(
    study: Study, paths: Sequence[Path], options: IngestOptions
) -> Iterator[SurveyFound]:
    """Yield the surveys whose columns nobody named and no earlier wave tells.

    What cannot be read is passed over: reading it will tell why.

    Raises:
        SourceError: A path does not exist.
    """
    if options.text_cols:
        return
    kept = kept_profiles(study)
    held = {record.sha256 for record in study.repository.sources.all() if record.is_complete}
    for file in find_files(paths):
        if file.kind != "survey":
            continue
        try:
            data = file.path.read_bytes()
            if hashlib.sha256(data).hexdigest() in held and not options.replaced:
                continue
            found = find_profile(file, data, file.name, options, kept)
        except (OSError, SourceError):
            continue
        if found.columns:
            yield found
