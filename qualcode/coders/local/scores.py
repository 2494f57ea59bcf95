"""How far codes apply to whole texts, by the embedded coder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from qualcode.codebook import Codebook
from qualcode.coders.base import Scores, Task
from qualcode.coders.local.coder import LocalCoder

__all__ = ["LocalScorer"]


class LocalScorer:
    """Score texts as comments: a code's score is that of the segment it fits best.

    Attributes:
        name: That of the `LocalCoder`.
        families: What it can score.
    """

    def __init__(
        self,
        codebook: Codebook,
        read: Callable[[Sequence[str]], Sequence[Task]],
        *,
        coder: LocalCoder | None = None,
    ) -> None:
        """Load the weights unless a coder is given.

        Args:
            codebook: What there is to propose.
            read: Makes one document a text, cut into segments; in the order of the texts.
            coder: Made for this codebook.

        Raises:
            ModelError: The weights are missing or altered.
        """
        self._codebook = codebook
        self._read = read
        self._coder = coder or LocalCoder(codebook)
        self.name = self._coder.name
        self.families = self._coder.families

    def score(self, texts: Sequence[str], family: str) -> Scores:
        """Return the score of each coding where one is proposed, 0 elsewhere.

        Raises:
            ValueError: The family is not one of `families`.
        """
        codes = tuple(code.id for code in self._codebook.family(family))
        column = {code: at for at, code in enumerate(codes)}
        tasks = self._read(texts)
        row = {s.id: at for at, task in enumerate(tasks) for s in task.segments}
        scores = np.zeros((len(texts), len(codes)))
        predicted = np.zeros((len(texts), len(codes)), bool)
        for judgement in self._coder.code(tasks, (family,)).items:
            for coding in judgement.codings:
                at = row[judgement.segment_id], column[coding.code]
                scores[at] = max(scores[at], coding.score)
                predicted[at] = True
        applies = np.asarray(predicted.any(axis=1), bool)
        return Scores(codes, scores, predicted, scores.max(axis=1, initial=0.0), applies)
