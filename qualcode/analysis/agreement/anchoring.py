"""What seeing suggestions does to people: the same draw, by chance with them or without.

Items of one random order are shown blind or with suggestions, at random. So the share of a model's
codes that people give too can be compared between the two: what is more with suggestions in sight
is their pull, not the model's merit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from qualcode.analysis.agreement.acceptance import Acceptance
from qualcode.analysis.scored import Figure

__all__ = ["Anchoring", "anchoring"]


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Hold the shares of proposed codes that people gave, and by how much they differ.

    Attributes:
        blind: Of proposals that were hidden.
        assisted: Of proposals that were in sight.
        difference: Assisted less blind.
    """

    blind: Acceptance
    assisted: Acceptance
    difference: Figure


def anchoring(blind: Acceptance, assisted: Acceptance) -> Anchoring:
    """Compare two shares of independent samples.

    The interval of the difference is made of the two shares' own: the method of variance estimates
    recovery, G. Zou and A. Donner, Statistics in Medicine 27 (2008), 1693-1702; with Wilson bounds
    it is method 10 of R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890.
    """
    before, after = blind.rate, assisted.rate
    if before.value is None or after.value is None:
        return Anchoring(blind, assisted, Figure(None, reason=before.reason or after.reason))
    difference = after.value - before.value
    bounds = (before.low, before.high, after.low, after.high)
    if any(bound is None for bound in bounds):
        reason = "one of the two shares has no interval"
        return Anchoring(blind, assisted, Figure(difference, reason=reason))
    low_before, high_before, low_after, high_after = (float(b) for b in bounds if b is not None)
    low = difference - math.hypot(after.value - low_after, high_before - before.value)
    high = difference + math.hypot(high_after - after.value, before.value - low_before)
    return Anchoring(blind, assisted, Figure(difference, max(-1.0, low), min(1.0, high)))
