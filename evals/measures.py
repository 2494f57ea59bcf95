"""Precision, recall, F1, calibration and bootstrap intervals, the same in every script.

A tally holds, for each row and label, whether it was right (proposed and wanted), proposed and
wanted. Sums of tallies are counts, and every figure here but calibration is a function of counts,
so that a bootstrap only has to add tallies up again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEED = 20240501
N_BOOTSTRAP = 1000

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]


def calibration_error(labels: Floats, scores: Floats, n_bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal mass (Naeini et al. 2015)."""
    order = np.argsort(scores, kind="stable")
    bins = [b for b in np.array_split(order, n_bins) if len(b)]
    gaps = [len(b) * abs(float(labels[b].mean() - scores[b].mean())) for b in bins]
    return sum(gaps) / len(labels)


def interval(
    metric: Callable[[Floats, Floats], float], labels: Floats, values: Floats
) -> list[float]:
    """Return the 2.5th and 97.5th percentile of a metric over resampled texts."""
    rng = np.random.default_rng(SEED)
    drawn = []
    for _ in range(N_BOOTSTRAP):
        rows = rng.integers(0, len(labels), len(labels))
        if 0 < labels[rows].sum() < len(labels):
            drawn.append(metric(labels[rows], values[rows]))
    return [round(float(np.quantile(drawn, q)), 3) for q in (0.025, 0.975)]


def scores(right: int, proposed: int, wanted: int) -> dict[str, float | int | None]:
    """Return precision, recall and F1 with their counts; None where nothing was to be counted."""
    precision = right / proposed if proposed else None
    recall = right / wanted if wanted else None
    f1 = 2 * right / (proposed + wanted) if proposed + wanted else None
    shown = {"precision": precision, "recall": recall, "f1": f1}
    return {
        **{name: None if value is None else round(value, 3) for name, value in shown.items()},
        "n_right": right,
        "n_proposed": proposed,
        "n_labelled": wanted,
    }


def tally(wanted: Bools, proposed: Bools) -> Floats:
    """Return (n, 3, k) zeros and ones of two (n, k) tables: right, proposed, wanted."""
    counted: Floats = np.stack([wanted & proposed, proposed, wanted], axis=1).astype(np.float64)
    return counted


def f1_of(counts: Floats) -> Floats:
    """Return (…, k) F1 of (…, 3, k) counts, nan for a label that nobody wanted.

    A label that is wanted and never proposed has 0.
    """
    right, proposed, wanted = (counts[..., part, :] for part in range(3))
    with np.errstate(invalid="ignore", divide="ignore"):
        f1: Floats = np.where(wanted > 0, 2 * right / (proposed + wanted), np.nan)
    return f1


def macro_f1(counts: Floats) -> Floats:
    """Return (…) the mean F1 of the labels that are wanted at all, nan without any."""
    f1 = f1_of(counts)
    n_labels = (~np.isnan(f1)).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        mean: Floats = np.nansum(f1, axis=-1) / n_labels
    return mean


def micro_f1(counts: Floats) -> Floats:
    """Return (…) the F1 of all labels together; one that nobody wanted costs precision."""
    total = counts.sum(axis=-1)
    with np.errstate(invalid="ignore"):
        f1: Floats = 2 * total[..., 0] / (total[..., 1] + total[..., 2])
    return f1


def resampled(parts: Floats, strata: Sequence[str] | None = None) -> Floats:
    """Return (N_BOOTSTRAP, …) sums over (n, …) parts drawn with replacement.

    Args:
        parts: What each text, or each person, adds to the counts.
        strata: A group for each part; each group keeps its size. One group when None.
    """
    rng = np.random.default_rng(SEED)
    groups = np.array(["" for _ in parts] if strata is None else strata)
    flat = parts.reshape(len(parts), -1)
    total = np.zeros((N_BOOTSTRAP, flat.shape[1]))
    for group in sorted(set(groups.tolist())):
        members = flat[groups == group]
        n = len(members)
        times_drawn = rng.multinomial(n, np.full(n, 1 / n), size=N_BOOTSTRAP)
        total += times_drawn @ members
    return total.reshape(N_BOOTSTRAP, *parts.shape[1:])


def spread(drawn: Floats) -> list[float] | None:
    """Return the 2.5th and 97.5th percentile, None where a figure was never defined."""
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return None
    return [round(float(np.quantile(known, q)), 3) for q in (0.025, 0.975)]
