"""What every coder is: the embedded model, an LLM and a person judge segments alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from qualcode.records import Document, Judgement, Segment, StepResult

__all__ = ["Coder", "Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """Hold one document to code, with all its segments.

    `segments` stand in the order of the text and include the interviewer's, which are context:
    a coder judges the others only.
    """

    document: Document
    segments: tuple[Segment, ...]


class Coder(Protocol):
    """Judge segments for families of a codebook.

    Attributes:
        name: As it stands in codings, such as "local:minilm-l6-int8-0123456789ab".
        families: What it proposes codes for.
    """

    name: str
    families: tuple[str, ...]

    def basis(self, family: str) -> str:
        """Return a fingerprint of what judgements of this family rest on besides the codebook.

        A segment is judged again when it changes. It holds no "/"; what the family's codes mean is
        compared apart from it, code by code (`Codebook.meaning`).
        """

    def code(self, tasks: Sequence[Task], families: Sequence[str]) -> StepResult[Judgement]:
        """Return one judgement for every segment that is not an interviewer's, and family.

        The result for a document depends on that document only, never on its neighbours in
        `tasks`, so that an interrupted run ends like an uninterrupted one.
        """
