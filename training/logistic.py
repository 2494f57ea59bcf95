"""Logistic regression whose weights are drawn to a prior, and how calibrated its chances are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

__all__ = ["calibration_error", "fit_near"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def fit_near(
    prior: Floats,
    firmness: Floats,
    x: Floats,
    y: Bools,
    weight: Floats,
    least: Floats | None = None,
) -> tuple[Floats, float]:
    """Return weights and bias of the most likely rule.

    Args:
        prior: (n_features,), the mean of a normal prior of each weight.
        firmness: (n_features,), its precision; 0 leaves a weight free.
        x: (n, n_features).
        y: (n,), what is to be told.
        weight: (n,), how much each row counts.
        least: (n_features,), no weight falls below; -inf leaves it free.
    """

    def loss(values: Floats) -> tuple[float, Floats]:
        own, bias = values[:-1], values[-1]
        odds = x @ own + bias
        chance = 1 / (1 + np.exp(-odds))
        away = own - prior
        fit = (weight * (np.logaddexp(0, odds) - y * odds)).sum()
        pull = weight * (chance - y)
        total = float(fit + 0.5 * (firmness * away**2).sum())
        return total, np.append(x.T @ pull + firmness * away, pull.sum())

    floors = np.full(len(prior), -np.inf) if least is None else least
    found = minimize(
        loss,
        np.append(np.maximum(prior, floors), -1.0),
        jac=True,
        method="L-BFGS-B",
        bounds=[*((None if np.isinf(floor) else floor, None) for floor in floors), (None, None)],
        options={"maxiter": 2000},
    )
    return found.x[:-1], float(found.x[-1])


def calibration_error(chances: Floats, labels: Bools, bins: int = 10) -> float:
    """Return the expected calibration error with bins of equal mass (Nixon et al. 2019)."""
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(chances[p].mean() - labels[p].mean())) * len(p) for p in parts]
    return sum(gaps) / max(len(order), 1)
