"""The share in *these data*: only the choice of what was judged is random.

The difference estimator with finite-population correction (C.-E. Särndal, B. Swensson, J. Wretman,
Model Assisted Survey Sampling (1992), chapter 6; W. Cochran, Sampling Techniques (1977), 7.2-7.3).
Under unequal probabilities π the variance is Σ (1 - π) w² e² / W² of the residuals e around their
weighted mean (J. Hájek, Ann. Math. Stat. 35 (1964), 1491-1523, as in Särndal's chapter 4.6 for
approximate variances); with equal ones (1 - n/N) s² / n. Strata are not told apart, so a stratified
sample gets an interval that is rather too wide than too narrow.

Participants do not matter to the choice of units, unless whole participants were drawn; then they
are the parts, and their shares of participants the correction.
"""

from __future__ import annotations

import numpy as np

from qualcode.analysis.estimates.ppi import Influences
from qualcode.analysis.estimates.units import Columns, Judged

__all__ = ["data_influences", "draws_whole_clusters"]


def draws_whole_clusters(columns: Columns, judged: Judged) -> bool:
    """Tell whether participants were drawn: each is judged completely or not at all.

    Some participant must have more than one unit; else drawing either is the same.
    """
    if not columns.is_clustered or not 0 < len(judged.human) < columns.n_units:
        return False
    sizes = columns.cluster_sizes()
    judged_sizes = np.bincount(judged.cluster, minlength=len(sizes))
    touched = judged_sizes > 0
    return bool((judged_sizes[touched] == sizes[touched]).all() and (sizes[touched] > 1).any())


def data_influences(columns: Columns, judged: Judged) -> Influences:
    """Return the estimate for these data as a function of λ; at least one unit is judged."""
    weight, total = judged.weight, judged.weight.sum()
    human = float(weight @ judged.human / total)
    machine = float(weight @ judged.machine / total)
    own = weight * (judged.human - human) / total
    by = -weight * (judged.machine - machine) / total
    leverage = weight / total
    unsampled = 1 - judged.probability
    if draws_whole_clusters(columns, judged):
        _, at = np.unique(judged.cluster, return_inverse=True)
        own, by, leverage = (np.bincount(at, part) for part in (own, by, leverage))
        unsampled = np.bincount(at, unsampled) / np.bincount(at)
    if len(judged.human) == columns.n_units:
        unsampled = np.zeros_like(unsampled)
    corrected = np.sqrt(unsampled)
    one_error = float((weight**2).mean() / total**2 * unsampled.mean())
    return Influences(
        human=human,
        shift=float(columns.machine.mean()) - machine,
        own=own * corrected,
        by=by * corrected,
        leverage=leverage,
        one_error=one_error,
        n_parts=len(own),
    )
