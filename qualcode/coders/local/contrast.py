"""What sets the codes of a family apart, learnt from its examples.

A logistic regression over all codes hears what an example of one has and those of its sisters have
not; the definitions say what the code means. How much each counts differs from codebook to
codebook: where customers' own words are given, examples tell more, where examples are few or of
every kind, definitions do. So it is asked of the examples themselves: each is guessed by a
regression that was fitted without it (stacking; Wolpert 1992).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Contrast", "log_softmax", "regression"]

Floats = NDArray[np.float64]

PENALTY = 0.1
"""Of the regression's weights."""
FOLDS = 4
# Chosen on written codebooks, clinc150, multidogo and nlupp, with the frozen original as well;
# ten times the firmness or a tenth changes accuracy by less than half a point.
SHARES = np.array([1.0, 10.0])
"""What regression and cosine to the definition count where examples say nothing else."""
FIRMNESS = np.array([0.3, 0.03])
_STEPS = 60


class Contrast:
    """Say of texts how much likelier each code of a family is than by chance.

    Attributes:
        shares: (2,), what regression and cosine count.
    """

    def __init__(self, definitions: Floats, examples: Floats, owners: NDArray[np.int_]) -> None:
        """Fit the family's texts; a definition is an example too.

        Args:
            definitions: (n_codes, 384), unit rows.
            examples: (n_examples, 384), unit rows.
            owners: (n_examples,), the place of the code that each is of.
        """
        self._definitions = definitions
        codes = np.arange(len(definitions))
        turn = np.zeros(len(owners), int)
        for code in codes:
            own = np.flatnonzero(owners == code)
            turn[own] = np.arange(len(own)) % FOLDS
        apart = np.zeros((len(owners), len(codes)))
        for fold in range(FOLDS):
            kept, asked = turn != fold, turn == fold
            if asked.any():
                texts = np.concatenate([definitions, examples[kept]])
                weights = regression(texts, np.concatenate([codes, owners[kept]]), len(codes))
                apart[asked] = _guess(weights, examples[asked])
        self.shares = _shares([apart, examples @ definitions.T], owners)
        texts = np.concatenate([definitions, examples])
        self._weights = regression(texts, np.concatenate([codes, owners]), len(codes))

    def __call__(self, units: Floats) -> Floats:
        """Return (n_units, n_codes): log of how many times as likely as by chance a code is."""
        own, meant = self.shares
        mixed = own * _guess(self._weights, units) + meant * (units @ self._definitions.T)
        chances: Floats = log_softmax(mixed) + np.log(len(self._definitions))
        return chances


def regression(texts: Floats, owners: NDArray[np.int_], n_codes: int) -> Floats:
    """Fit a multinomial logistic regression; (385, n_codes), its last row is the bias.

    Args:
        texts: (n, 384), unit rows.
        owners: (n,), the code of each.
        n_codes: How many there are.
    """
    wanted = np.eye(n_codes)[owners]
    padded = np.column_stack([texts, np.ones(len(texts))])

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(-1, n_codes)
        chances = log_softmax(padded @ weights)
        pull = padded.T @ (np.exp(chances) - wanted)
        pull[:-1] += PENALTY * weights[:-1]
        penalty = 0.5 * PENALTY * (weights[:-1] ** 2).sum()
        return float(penalty - (wanted * chances).sum()), pull.ravel()

    # scipy's optimizers take longer to import than --help may take.
    from scipy.optimize import minimize

    start = np.zeros(padded.shape[1] * n_codes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    weights: Floats = found.x.reshape(-1, n_codes)
    return weights


def _guess(weights: Floats, units: Floats) -> Floats:
    """Return (n_units, n_codes) log chances."""
    return log_softmax(units @ weights[:-1] + weights[-1])


def _shares(parts: list[Floats], owners: NDArray[np.int_]) -> Floats:
    """Return what each part counts when together they guess the owners best.

    Args:
        parts: (n, n_codes) each.
        owners: (n,), the codes to be guessed.
    """
    rows = np.arange(len(owners))

    def loss(shares: Floats) -> tuple[float, Floats]:
        mixed = sum((share * part for share, part in zip(shares, parts, strict=True)), 0.0)
        chances = log_softmax(np.asarray(mixed))
        wrong = np.exp(chances)
        wrong[rows, owners] -= 1
        away = shares - SHARES
        pull = np.array([(wrong * part).sum() for part in parts]) + FIRMNESS * away
        penalty = 0.5 * (FIRMNESS * away**2).sum()
        return float(penalty - chances[rows, owners].sum()), pull

    from scipy.optimize import minimize

    floors = [(0.0, None)] * len(parts)
    shares: Floats = minimize(loss, SHARES, jac=True, method="L-BFGS-B", bounds=floors).x
    return shares


def log_softmax(values: Floats) -> Floats:
    """Return the logs of what each row's exponentials are shares of."""
    top = values.max(axis=1, keepdims=True)
    result: Floats = values - top - np.log(np.exp(values - top).sum(axis=1, keepdims=True))
    return result
