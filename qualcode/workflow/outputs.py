"""Write what a study hands out, and remember where: people who are forgotten may stand in it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from qualcode.errors import StudyError
from qualcode.workflow.files import write_atomically
from qualcode.workflow.study import Study

__all__ = ["note_output", "write_output"]


def write_output(study: Study, path: Path, content: str | bytes) -> None:
    """Write a map, page or export; where it lies is kept in the private folder.

    Raises:
        UsageError: The folder is missing or cannot be written.
    """
    write_atomically(path, content)
    note_output(study, path)


def note_output(study: Study, path: Path) -> None:
    """Remember where something of the study lies that it hands out."""
    whole, inside = path.absolute(), study.path.absolute()
    if whole.is_relative_to(inside):  # stays true where the folder is moved
        whole = whole.relative_to(inside)
    with contextlib.suppress(StudyError):  # a file that is written is no reason to fail
        study.private.note_output(whole)
