"""What the trained heads answer for passages, read once for all families."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qualcode.coders.local.heads import Heads
from qualcode.coders.local.passages import Passages

__all__ = ["Floats", "Readings", "read_heads"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Readings:
    """Hold the heads' answers; rows are the units of the passages.

    Attributes:
        emotion: (n_units, 28), probabilities.
        pain: (n_units,), log odds of a difficulty, within ±4.
        praise: (n_units,), log odds of something that worked well, within ±4.
        valence: (n_units,), −2 … +2.
    """

    emotion: Floats
    pain: Floats
    praise: Floats
    valence: Floats


def read_heads(heads: Heads, passages: Passages) -> Readings:
    """Ask every head about every unit."""
    units = passages.units.astype(np.float32)
    return Readings(
        emotion=heads.emotion(units).astype(np.float64),
        pain=np.round(_log_odds(heads.pain(units)), 6),
        praise=np.round(_log_odds(heads.praise(units)), 6),
        valence=heads.valence(units).astype(np.float64),
    )


def _log_odds(probabilities: NDArray[np.float32]) -> Floats:
    p = np.clip(probabilities.astype(np.float64), 0.02, 0.98)
    result: Floats = np.log(p / (1 - p))
    return result
