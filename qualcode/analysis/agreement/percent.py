"""Percent agreement: how often coders say the same, chance included."""

from __future__ import annotations

from qualcode.analysis.agreement.grid import Floats, ratio

__all__ = ["percent"]


def percent(differing: Floats, n_units: Floats) -> Floats:
    """Return the mean over units of the share of pairs of judgements that are equal, in [0, 1].

    For two coders the share of units on which they agree; for more, the observed agreement of
    Fleiss (1971), equation 2, over units that two coders judged at least (Gwet 2014, section 2.4).

    Args:
        differing: Sum over units of the share of pairs that differ.
        n_units: How many units that is.
    """
    return 1 - ratio(differing, n_units)
