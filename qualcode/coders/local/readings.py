"""What the trained heads answer for texts, read once for all families."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qualcode.coders.local.encoder import Encoded
from qualcode.coders.local.heads import EMOTION_LABELS, Heads

__all__ = ["N_ANSWERS", "Floats", "Readings", "answers", "read_answers"]

Floats = NDArray[np.float64]

N_ANSWERS = len(EMOTION_LABELS) + 3
"""Numbers that the heads give for one text: the emotions, pain, praise, valence."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Hold the heads' answers; rows are texts.

    Attributes:
        emotion: (n, 28), probabilities.
        pain: (n,), log odds of a difficulty, within ±4.
        praise: (n,), log odds of something that worked well, within ±4.
        valence: (n,), −2 … +2.
    """

    emotion: Floats
    pain: Floats
    praise: Floats
    valence: Floats


def answers(heads: Heads, encoded: Encoded) -> NDArray[np.float32]:
    """Ask every head about every text; float32, (n, 31), which is what a study keeps."""
    seen = encoded.features
    columns = (heads.pain(seen), heads.praise(seen), heads.valence(seen))
    return np.column_stack([heads.emotion(seen), *columns]).astype(np.float32)


def read_answers(given: NDArray[np.float32]) -> Readings:
    """Return (n, 31) answers by what they are about."""
    values = given.astype(np.float64)
    return Readings(
        emotion=values[:, :-3],
        pain=np.round(_log_odds(values[:, -3]), 6),
        praise=np.round(_log_odds(values[:, -2]), 6),
        valence=values[:, -1],
    )


def _log_odds(probabilities: Floats) -> Floats:
    p = np.clip(probabilities, 0.02, 0.98)
    result: Floats = np.log(p / (1 - p))
    return result
