"""The share among *customers like these*: participants are a sample of more of their kind.

A participant's influence is that of all its units: those that only the machine read move the mean
of its answers, those that were judged move the correction as well. Their squares (ultimate
clusters: M. Hansen, W. Hurwitz, W. Madow, Sample Survey Methods and Theory (1953); K. Wolter,
Introduction to Variance Estimation (2007), chapter 2) hold both what other participants would have
said and what else would have been sampled, so there is no finite-population correction. Degrees of
freedom: participants with judged units, less one.
"""

from __future__ import annotations

import numpy as np

from qualcode.analysis.estimates.ppi import Influences
from qualcode.analysis.estimates.units import Columns, Judged

__all__ = ["population_influences"]


def population_influences(columns: Columns, judged: Judged) -> Influences:
    """Return the estimate for the population as a function of λ; at least one unit is judged."""
    weight, total = judged.weight, judged.weight.sum()
    human = float(weight @ judged.human / total)
    machine = float(weight @ judged.machine / total)
    everywhere = float(columns.machine.mean())
    n = columns.n_clusters
    in_sample = np.bincount(judged.cluster, weight, n) / total
    own = np.bincount(judged.cluster, weight * (judged.human - human), n) / total
    of_sample = np.bincount(judged.cluster, weight * (judged.machine - machine), n) / total
    of_all = np.bincount(columns.cluster, columns.machine - everywhere, n) / columns.n_units
    return Influences(
        human=human,
        shift=everywhere - machine,
        own=own,
        by=of_all - of_sample,
        leverage=in_sample,
        one_error=float((weight**2).mean() / total**2),
        n_parts=int((in_sample > 0).sum()),
    )
