"""How far codes apply to whole texts, by the embedded coder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from qualcode.codebook import Codebook
from qualcode.coders.base import Scores, Task
from qualcode.coders.local.coder import LocalCoder
from qualcode.coders.local.readings import Floats

__all__ = ["LocalScorer"]

MEAN_SHARE = 0.3
"""What the mean over segments counts beside the best ones."""
BEST_SEGMENTS = 4
"""Of so many segments one belongs to the best: the best quarter of a long text, one of a short."""


class LocalScorer:
    """Score texts as comments: a code's score is that of the segments it fits best.

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
        """Return how likely each code applies, proposed or not.

        A long text is several segments: a code's chance is that of the quarter of them that it fits
        best, drawn towards the mean over all, because the more segments there are the likelier
        one fits by accident (`evals/narratives.py`).

        Raises:
            ValueError: The family is not one of `families`.
        """
        if family not in self.families:
            raise ValueError(f"not judged here: {family!r}")
        codes = tuple(code.id for code in self._codebook.family(family))
        column = {code: at for at, code in enumerate(codes)}
        tasks = self._read(texts)
        row = {s.id: at for at, task in enumerate(tasks) for s in task.segments}
        chances: list[list[Floats]] = [[] for _ in texts]
        families: list[list[float]] = [[] for _ in texts]
        predicted = np.zeros((len(texts), len(codes)), bool)
        heard = np.zeros(len(texts), bool)
        for passage, opinion in self._coder.opinions(tasks, family):
            at = row[passage.segment.id]
            known = opinion.chances
            if known is None:  # a judge that knows only what it proposes
                known = np.zeros(len(codes))
                for finding in opinion.findings:
                    known[column[finding.code.id]] = finding.score
            chances[at].append(known)
            families[at].append(
                float(known.max(initial=0.0)) if opinion.chance is None else opinion.chance
            )
            heard[at] |= opinion.heard
            for finding in opinion.findings:
                predicted[at, column[finding.code.id]] = True
        scores = np.array([_whole(rows, len(codes)) for rows in chances]).reshape(-1, len(codes))
        anything = np.array([max(own, default=0.0) for own in families], float)
        return Scores(codes, scores, predicted, anything, heard)


def _whole(rows: Sequence[Floats], n_codes: int) -> Floats:
    """Return the chances of a text from those of its segments."""
    if not rows:
        return np.zeros(n_codes)
    n_best = -(-len(rows) // BEST_SEGMENTS)
    best = np.sort(rows, axis=0)[-n_best:].mean(axis=0)
    whole: Floats = (1 - MEAN_SHARE) * best + MEAN_SHARE * np.mean(rows, axis=0)
    return whole
