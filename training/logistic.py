"""Logistic regression whose weights are drawn to a prior, and how calibrated its chances are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

__all__ = ["calibration_error", "fit_classes", "fit_near", "fit_newton"]

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


def fit_newton(
    prior: Floats, firmness: Floats, x: Floats, y: Bools, *, steps: int = 12
) -> tuple[Floats, float]:
    """Return weights and bias as `fit_near` does, by Newton's method: fast for a few hundred.

    Args:
        prior: (n_features,), the mean of a normal prior of each weight.
        firmness: (n_features,), its precision, above 0.
        x: (n, n_features).
        y: (n,), what is to be told.
        steps: At most; it ends when nothing moves any more.
    """
    padded = np.column_stack([x, np.ones(len(x))])
    middle, precision = np.append(prior, 0.0), np.append(firmness, 1e-6)
    share = np.clip(y.mean(), 1e-3, 1 - 1e-3)
    values = np.append(prior, np.log(share / (1 - share)))
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(padded @ values, -30, 30)))
        pull = padded.T @ (chance - y) + precision * (values - middle)
        curve = (padded * (chance * (1 - chance))[:, None]).T @ padded + np.diag(precision)
        move = np.linalg.solve(curve, pull)
        values = values - move / max(1.0, float(np.abs(move).max()) / 4)
        if np.abs(move).max() < 1e-8:
            break
    return values[:-1], float(values[-1])


def fit_classes(
    x: Floats, offset: Floats, y: NDArray[np.int_], *, firmness: float, share: float
) -> tuple[Floats, Floats, float]:
    """Return weights (n_features, n_classes), bias (n_classes,) and what the offset counts.

    A multinomial logistic regression, one class a row.

    Args:
        x: (n, n_features).
        offset: (n, n_classes), log odds that are known already.
        y: (n,), the class of each row.
        firmness: Precision of the normal prior of each weight, around 0.
        share: Where the search for what the offset counts begins.
    """
    n_features, n_classes = x.shape[1], offset.shape[1]
    wanted = np.eye(n_classes)[y]

    def loss(values: Floats) -> tuple[float, Floats]:
        weights = values[: n_features * n_classes].reshape(n_features, n_classes)
        bias, scale = values[n_features * n_classes : -1], values[-1]
        odds = x @ weights + bias + scale * offset
        top = odds.max(axis=1, keepdims=True)
        logs = odds - top - np.log(np.exp(odds - top).sum(axis=1, keepdims=True))
        pull = np.exp(logs) - wanted
        total = 0.5 * firmness * (weights**2).sum() - (wanted * logs).sum()
        slope = [(x.T @ pull + firmness * weights).ravel(), pull.sum(axis=0)]
        return float(total), np.concatenate([*slope, [(pull * offset).sum()]])

    start = np.zeros(n_features * n_classes + n_classes + 1)
    start[-1] = share
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    weights = found[: n_features * n_classes].reshape(n_features, n_classes)
    return weights, found[n_features * n_classes : -1], float(found[-1])


def calibration_error(chances: Floats, labels: Bools, bins: int = 10) -> float:
    """Return the expected calibration error with bins of equal mass (Nixon et al. 2019)."""
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(chances[p].mean() - labels[p].mean())) * len(p) for p in parts]
    return sum(gaps) / max(len(order), 1)
