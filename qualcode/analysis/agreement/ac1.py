"""Gwet's AC1: kappa's idea with a chance that stays low where one value is very common."""

from __future__ import annotations

import numpy as np

from qualcode.analysis.agreement.grid import Floats, ratio

__all__ = ["ac1"]


def ac1(agreement: Floats, uneven: Floats, n_units: Floats, n_categories: int) -> Floats:
    """Return AC1, (p_a - p_e) / (1 - p_e) with p_e = sum of pi_k (1 - pi_k) / (q - 1).

    K. L. Gwet, British Journal of Mathematical and Statistical Psychology 61 (2008), 29-48; with
    values missing as in his Handbook of Inter-Rater Reliability (4th edition, 2014), section 4.5:
    pi_k is the mean over all units that somebody judged of the share of judgements with k.

    Args:
        agreement: Percent agreement, p_a.
        uneven: Sum over k of s_k (n - s_k), where s_k is the sum over units of those shares.
        n_units: n, the units that somebody judged.
        n_categories: q, the values that are in use; nan everywhere below 2.
    """
    if n_categories < 2:
        return np.full(agreement.shape, np.nan)
    chance = ratio(uneven, n_units * n_units) / (n_categories - 1)
    return ratio(agreement - chance, 1 - chance)
