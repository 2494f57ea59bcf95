"""Percentile intervals from drawing clusters, such as participants, with everything they said.

B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. Units of one
person are alike, so that drawing units would make intervals too narrow (C. A. Field and
A. H. Welsh, Journal of the Royal Statistical Society B 69 (2007), 369-390).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qualcode.analysis.agreement.grid import Floats
from qualcode.analysis.scored import Figure

__all__ = [
    "FEW_CLUSTERS",
    "MOST_UNDEFINED",
    "N_RESAMPLES",
    "SEED",
    "drawn",
    "no_draws",
    "with_interval",
]

SEED = 20240501
N_RESAMPLES = 1000
FEW_CLUSTERS = 20
"""Below so many, percentile intervals are known to be too narrow, and a warning says so."""
MOST_UNDEFINED = 0.05
_CELLS_A_CHUNK = 8_000_000


def drawn(n_clusters: int, *, seed: int, n_resamples: int, n_rows: int = 0) -> Iterator[Floats]:
    """Yield how often each cluster was drawn, (n_clusters, some of the resamples) at a time.

    Args:
        n_clusters: How many are drawn from, and drawn each time.
        seed: Of the draws.
        n_resamples: How many draws there are in all.
        n_rows: Numbers a draw that the caller holds, where these are more than clusters.
    """
    if n_clusters < 2:
        return
    rng = np.random.default_rng(seed)
    size = max(1, min(n_resamples, _CELLS_A_CHUNK // max(n_clusters, n_rows)))
    for start in range(0, n_resamples, size):
        n = min(size, n_resamples - start)
        at = rng.integers(0, n_clusters, (n, n_clusters)) * n + np.arange(n)[:, None]
        counted = np.bincount(at.ravel(), minlength=n_clusters * n)
        yield counted.reshape(n_clusters, n).astype(np.float64)


def with_interval(
    value: float, draws: Floats, *, reason: str = "", without: str = "no resamples"
) -> Figure:
    """Return a figure with its 95 % interval, or why it has none.

    Args:
        value: The figure; nan where it is undefined.
        draws: (n,) of resamples, nan where undefined there; empty without resamples.
        reason: Why the value is undefined, or what else to know of it.
        without: Why there are no resamples, if there are none.
    """
    if np.isnan(value):
        return Figure(None, reason=reason)
    if not len(draws):
        return Figure(float(value), reason=_joined(reason, f"no interval: {without}"))
    undefined = float(np.isnan(draws).mean())
    if undefined > MOST_UNDEFINED:
        why = f"no interval: undefined in {undefined:.1%} of resamples"
        return Figure(float(value), reason=_joined(reason, why))
    low, high = np.nanquantile(draws, (0.025, 0.975))
    return Figure(float(value), float(low), float(high), reason)


def no_draws(n_clusters: int, clusters: str) -> str:
    """Say why there are no resamples, where there are none; `clusters` is a plural."""
    return f"fewer than two {clusters}" if n_clusters < 2 else "no resamples"


def _joined(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))
