"""Errors that a person can act on.

    QualcodeError            exit code 1 unless a subclass says otherwise
    ├── UsageError           2  the command line does not fit together
    ├── StudyError           1  no study here, or one that cannot be opened
    │   └── SettingsError    1  study.toml, the user file or the environment
    ├── CodebookError        1  a codebook that does not validate
    ├── SourceError          1  a file that cannot be read as a source, or as a recording
    ├── PromptError          1  a template that cannot be read or filled (`prompts/loader.py`)
    ├── ModelError           4  the embedded model or a provider
    ├── BudgetReached        6  asking on might cost more than was allowed
    └── StoreError           5  the study's database

Messages name the place (file, row, segment id) and never carry participants' words.
"""

from __future__ import annotations

__all__ = [
    "BudgetReached",
    "CodebookError",
    "ModelError",
    "QualcodeError",
    "SettingsError",
    "SourceError",
    "StoreError",
    "StudyError",
    "UsageError",
]


class QualcodeError(Exception):
    """Report something that the user can repair.

    Args:
        message: What happened and where.
        hint: What to do next, with the command that repairs it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(QualcodeError):
    """The command's arguments contradict each other or lack one."""

    exit_code = 2


class StudyError(QualcodeError):
    """There is no study here, or it cannot be opened."""


class SettingsError(StudyError):
    """A setting is misspelt, has the wrong type or an impossible value."""


class CodebookError(QualcodeError):
    """A codebook does not validate; the message names file and line."""


class SourceError(QualcodeError):
    """A file cannot be read as a source; the message names file and, where known, row."""


class ModelError(QualcodeError):
    """The embedded model cannot be run, or a provider cannot be asked."""

    exit_code = 4


class BudgetReached(QualcodeError):
    """Asking on might cost more than was allowed; what was answered is kept."""

    exit_code = 6


class StoreError(QualcodeError):
    """The study's database is missing, locked, foreign, newer or damaged."""

    exit_code = 5
