"""Kappa: agreement beyond what the habits of each coder (Cohen) or of all (Fleiss) would give."""

from __future__ import annotations

from qualcode.analysis.agreement.grid import Floats, ratio

__all__ = ["cohen", "fleiss"]


def cohen(n_units: Floats, n_differing: Floats, by_chance: Floats) -> Floats:
    """Return Cohen's kappa of two coders, (p_o - p_e) / (1 - p_e).

    J. Cohen, Educational and Psychological Measurement 20 (1960), 37-46; nan where both use one
    value only. Whole numbers are
    multiplied out, so that p_e = 1 is met exactly.

    Args:
        n_units: Units that both judged.
        n_differing: Those on which they differ.
        by_chance: Sum over values of (units with it by the one) x (units with it by the other).
    """
    return ratio(n_units * (n_units - n_differing) - by_chance, n_units * n_units - by_chance)


def fleiss(differing: Floats, n_units: Floats, n_values: Floats, squares: Floats) -> Floats:
    """Return Fleiss' kappa of coders who all judged every unit; nan where there is one value only.

    J. L. Fleiss, Psychological Bulletin 76 (1971), 378-382. With two coders it is Scott's pi.

    Args:
        differing: Sum over units of the share of pairs of judgements that differ.
        n_units: Units.
        n_values: Judgements.
        squares: Sum over values of (judgements with it) squared.
    """
    total = n_values * n_values
    return ratio((1 - ratio(differing, n_units)) * total - squares, total - squares)
