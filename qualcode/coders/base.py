"""What every coder is: the embedded model, an LLM and a person judge segments alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from qualcode.records import Document, Judgement, Segment, StepResult

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AskingCoder", "Coder", "LearningCoder", "Scorer", "Scores", "Task"]


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


@runtime_checkable
class LearningCoder(Protocol):
    """A coder that may have learnt from people's judgements in a study."""

    @property
    def untaught(self) -> Coder | None:
        """Return it as it was before it learnt, None where it has learnt nothing."""

    def has_learnt(self, family: str) -> bool:
        """Say whether it judges a family otherwise for what it learnt."""


@runtime_checkable
class AskingCoder(Protocol):
    """A coder that asks somebody else: each judgement takes its time and may cost money."""

    def judge_each(
        self, tasks: Sequence[Task], families: Sequence[str], wanted: frozenset[str]
    ) -> Iterator[Sequence[Judgement]]:
        """Yield judgements as they come, all families of a segment together.

        Args:
            tasks: Documents with all their segments, which are context.
            families: Those to judge.
            wanted: Ids of the segments to judge; none of an interviewer's.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Hold how far the codes of one family apply to some texts; rows stand as the texts did.

    What is `predicted` is the coder's own decision; a score needs no cut to be read.

    Attributes:
        codes: Their ids, in the order of the columns.
        scores: float64, (n_texts, n_codes), in [0, 1].
        predicted: bool, (n_texts, n_codes), what the coder proposes.
        any: float64, (n_texts,), in [0, 1]: that any code of the family applies.
        any_predicted: bool, (n_texts,), whether the coder says that any applies.
        unprocessed: Row to reason, for texts that got no usable answer; their other values
            mean nothing.
    """

    codes: tuple[str, ...]
    scores: NDArray[np.float64]
    predicted: NDArray[np.bool_]
    any: NDArray[np.float64]
    any_predicted: NDArray[np.bool_]
    unprocessed: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = (len(self.any), len(self.codes))
        if self.scores.shape != shape or self.predicted.shape != shape:
            raise ValueError(f"{self.scores.shape} scores and {self.predicted.shape} proposals")
        if self.any_predicted.shape != self.any.shape:
            raise ValueError(f"{self.any.shape} scores and {self.any_predicted.shape} decisions")


class Scorer(Protocol):
    """Score whole texts for the codes of one family; what `qualcode eval` measures.

    Attributes:
        name: As for a `Coder`.
        families: What it can score.
    """

    name: str
    families: tuple[str, ...]

    def score(self, texts: Sequence[str], family: str) -> Scores:
        """Return the scores of texts that hold something to read; each stands for itself.

        Raises:
            ValueError: The family is not one of `families`.
        """
