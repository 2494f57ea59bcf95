"""Codebooks that the model never saw, and the frozen encoder that it began as beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qualcode.codebook import Code, Codebook
from qualcode.coders.base import Scores
from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.scores import LocalScorer
from qualcode.coders.local.weights import Weights
from qualcode.workflow.eval_coders import comment_tasks
from qualcode.workflow.eval_scheme import FOREIGN_FAMILY, foreign_scheme

__all__ = ["CODEBOOKS", "Frozen", "book_of", "scored", "with_examples"]

CODEBOOKS = Path(__file__).resolve().parent / "codebooks"
CHUNK = 500

Floats = NDArray[np.float64]


def book_of(name: str) -> tuple[Codebook, list[str]]:
    """Return a codebook of `evals/codebooks` and the names of its codes, in its order."""
    scheme = foreign_scheme(CODEBOOKS / name)
    return scheme.book, [code.name for code in scheme.book.family(FOREIGN_FAMILY)]


def with_examples(book: Codebook, examples: Mapping[str, Sequence[str]]) -> Codebook:
    """Return the codebook with texts as examples of its codes, by name."""
    codes = [replace(code, examples=tuple(examples[code.name])) for code in book.codes]
    return Codebook(book.name, tuple(codes))


def scored(book: Codebook, texts: Sequence[str], family: str = FOREIGN_FAMILY) -> Scores:
    """Return what `qualcode eval` would score."""
    scorer = LocalScorer(book, comment_tasks)
    parts = [scorer.score(texts[i : i + CHUNK], family) for i in range(0, len(texts), CHUNK)]
    return Scores(
        parts[0].codes,
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.predicted for part in parts]),
        np.concatenate([part.any for part in parts]),
        np.concatenate([part.any_predicted for part in parts]),
    )


class Frozen:
    """The original all-MiniLM-L6-v2, in the same int8 graph: what anybody can have today."""

    def __init__(self, folder: Path) -> None:
        """Load it.

        Args:
            folder: Made by `python -m training.build_encoder --original --out FOLDER …`.
        """
        self._encoder = Encoder(weights=Weights(folder))

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return unit rows."""
        return self._encoder.encode(list(texts)).astype(np.float64)

    def cosines(self, texts: Sequence[str], codes: Sequence[Code], *, names_only: bool) -> Floats:
        """Return (n_texts, n_codes) cosines to names, or to names with definitions."""
        shown = [
            code.name.replace("_", " ")
            if names_only
            else f"{code.name.replace('_', ' ')}. {code.definition}"
            for code in codes
        ]
        cosines: Floats = self.encode(texts) @ self.encode(shown).T
        return cosines
