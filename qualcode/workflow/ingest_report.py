"""What became of the files that a study was to read."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.settings import SurveyProfile
from qualcode.workflow.mask import MaskReport

__all__ = ["IngestReport", "Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Say what became of one file.

    `status` is "read", "replaced", "unchanged", "changed", "skipped", "roster" or "failed"; the
    last of these and "changed" mean that a person has to do something.
    """

    name: str
    status: str
    reason: str = ""
    hint: str = ""
    format: str = ""
    n_documents: int = 0
    n_turns: int = 0
    n_segments: int = 0
    speakers: tuple[tuple[str, str], ...] = ()
    unknown_speakers: tuple[str, ...] = ()
    profile: SurveyProfile | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Hold an outcome for every file that was found, in the order of reading.

    Attributes:
        outcomes: Of the files.
        masked: What it changed in texts that were there before: names that came with these files.
    """

    outcomes: tuple[Outcome, ...]
    masked: MaskReport = MaskReport()

    @property
    def is_clean(self) -> bool:
        return all(o.status not in ("failed", "changed") for o in self.outcomes)
