"""Write the proof page of a study's design criteria."""

from __future__ import annotations

from pathlib import Path

from qualcode.workflow.draft import Drafted, draft
from qualcode.workflow.export import is_masked
from qualcode.workflow.outputs import write_output
from qualcode.workflow.study import Study

__all__ = ["write_criteria"]


def write_criteria(
    study: Study, out: Path, *, drafted: Drafted | None = None, map_file: str = ""
) -> Drafted:
    """Write the page; an existing file is replaced.

    Args:
        drafted: What to show, drafted anew when None.
        map_file: Name of the map's file beside it, to link to; empty for none.

    Raises:
        UsageError: The file cannot be written.
    """
    from qualcode.report.criteria_page import render_criteria

    drafted = drafted or draft(study)
    page = render_criteria(
        drafted.draft,
        drafted.corpus,
        drafted.codebook,
        title=study.settings.study.name,
        participants=drafted.participants,
        stamps=[] if is_masked(study) else ["Names were not masked"],
        map_file=map_file,
    )
    write_output(study, out, page)
    return drafted
