"""Linear heads that read emotion, pain, praise and valence off what the encoder saw."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from qualcode.coders.local.weights import Weights
from qualcode.errors import ModelError

__all__ = ["EMOTION_LABELS", "Heads"]

# The order of `labels.txt` in GoEmotions (Demszky et al. 2020, arXiv:2005.00547).
EMOTION_LABELS: tuple[str, ...] = (
    "admiration",
    "amusement",
    "anger",
    "annoyance",
    "approval",
    "caring",
    "confusion",
    "curiosity",
    "desire",
    "disappointment",
    "disapproval",
    "disgust",
    "embarrassment",
    "excitement",
    "fear",
    "gratitude",
    "grief",
    "joy",
    "love",
    "nervousness",
    "optimism",
    "pride",
    "realization",
    "relief",
    "remorse",
    "sadness",
    "surprise",
    "neutral",
)

# Matrix products in numpy round differently with the number of rows (about 1e-16 here, in
# float64). Rounding far above that gives a text the same score in whatever batch it comes.
_DECIMALS = 6

_Layer = tuple[NDArray[np.float64], NDArray[np.float64]]


class Heads:
    """Read answers off the vectors of the encoder these heads were trained on.

    Attributes:
        emotion_thresholds: float32, (28,), the probability from which on each label was best
            proposed on GoEmotions dev, in the order of `EMOTION_LABELS`. Chosen on forum comments:
            a starting point, not a calibration for another kind of text.
    """

    def __init__(self, *, weights: Weights | None = None) -> None:
        """Check and load `heads.npz`.

        Args:
            weights: Another folder of weights than the package's own.

        Raises:
            ModelError: The file is missing, altered or was trained on another encoder.
        """
        weights = weights or Weights()
        with np.load(io.BytesIO(weights.load("heads.npz")), allow_pickle=False) as arrays:
            if str(arrays["encoder_sha256"]) != weights.sha256("encoder.onnx"):
                raise ModelError(
                    "The heads of the embedded model were trained on another encoder.",
                    hint="Make them again: python -m training.fit_heads (see training/README.md).",
                )
            self.emotion_thresholds: NDArray[np.float32] = arrays["emotion_thresholds"]
            self._emotion = _layer(arrays, "emotion")
            self._pain = _layer(arrays, "pain")
            self._praise = _layer(arrays, "praise")
            self._valence = _layer(arrays, "valence")

    def emotion(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of each GoEmotions label; several may apply.

        Args:
            features: float32, (n, 768), from `Encoded.features`.

        Returns:
            float32, (n, 28), in [0, 1], columns as in `EMOTION_LABELS`, rows do not sum to one.
        """
        return _rounded(_sigmoid(_forward(features, self._emotion)))

    def pain(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability that a text tells of a difficulty or negative experience.

        Args:
            features: float32, (n, 768), from `Encoded.features`.

        Returns:
            float32, (n,), in [0, 1].
        """
        return _rounded(_sigmoid(_forward(features, self._pain))[:, 0])

    def praise(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability that a text tells of something that worked well.

        Not the complement of `pain`: a text can do both or neither.

        Args:
            features: float32, (n, 768), from `Encoded.features`.

        Returns:
            float32, (n,), in [0, 1].
        """
        return _rounded(_sigmoid(_forward(features, self._praise))[:, 0])

    def valence(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return how bad or good the experience was that a text tells of.

        Args:
            features: float32, (n, 768), from `Encoded.features`.

        Returns:
            float32, (n,), -2 (very negative) to 2 (very positive), 0 neutral or mixed.
        """
        return _rounded(np.clip(_forward(features, self._valence)[:, 0], -2, 2))


def _layer(arrays: np.lib.npyio.NpzFile, head: str) -> _Layer:
    weight, bias = (arrays[f"{head}_{part}"] for part in ("weight", "bias"))
    return weight.astype(np.float64), bias.astype(np.float64)


def _forward(features: NDArray[np.float32], layer: _Layer) -> NDArray[np.float64]:
    """Return log odds, (n, n_out)."""
    weight, bias = layer
    odds: NDArray[np.float64] = features.astype(np.float64) @ weight + bias
    return odds


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    # The tanh form does not overflow where exp(-logits) would.
    return 0.5 * (1 + np.tanh(0.5 * logits))


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.round(values, _DECIMALS).astype(np.float32)
