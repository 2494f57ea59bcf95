"""Labels of emotions as a table, and from which probability on each is best proposed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from qualcode.coders.local.heads import EMOTION_LABELS
from training.sources import Example

__all__ = ["best_thresholds", "emotion_matrix"]

Floats = NDArray[np.float64]


def best_thresholds(probabilities: Floats, labels: Floats) -> NDArray[np.float32]:
    """Return the threshold with the best F1 of each label, the lowest among equals."""
    candidates = np.round(np.arange(0.02, 0.91, 0.01), 2)
    chosen = []
    for column in range(labels.shape[1]):
        scores = [
            f1_score(labels[:, column], probabilities[:, column] >= c, zero_division=0)
            for c in candidates
        ]
        chosen.append(candidates[int(np.argmax(scores))])
    return np.array(chosen, np.float32)


def emotion_matrix(examples: Sequence[Example]) -> Floats:
    """Return (n, 28) zeros and ones."""
    labels = np.zeros((len(examples), len(EMOTION_LABELS)))
    for row, example in enumerate(examples):
        labels[row, list(example.emotions or ())] = 1
    return labels
