"""Write the journey map of a study."""

from __future__ import annotations

from pathlib import Path

from qualcode.workflow.draft import Drafted, draft
from qualcode.workflow.export import is_masked
from qualcode.workflow.files import write_atomically
from qualcode.workflow.study import Study

__all__ = ["write_map"]


def write_map(study: Study, out: Path, *, persona: str | None = None) -> Drafted:
    """Write the map as one self-contained HTML page; an existing file is replaced.

    Raises:
        UsageError: No participant has that persona, or the file cannot be written.
    """
    from qualcode.report.journey_page import render_map

    drafted = draft(study, persona=persona)
    stamps = [] if is_masked(study) else ["Names were not masked"]
    page = render_map(
        drafted.draft,
        drafted.corpus,
        drafted.codebook,
        title=study.settings.study.name,
        charter=study.settings.charter,
        participants=drafted.participants,
        stamps=stamps,
    )
    write_atomically(out, page)
    return drafted
