"""Chance-corrected agreement of two readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import TypeVar

Label = TypeVar("Label", bound=Hashable)


def unequal(one: Hashable, other: Hashable) -> float:
    """Return 0 for equal labels, 1 for any others: the nominal scale."""
    return float(one != other)


def masi(one: Collection[Hashable], other: Collection[Hashable]) -> float:
    """Return how far two sets of labels are apart, 0 to 1 (MASI; Passonneau 2006).

    One minus the share of labels in common, taken down by a third where one set holds the other and
    by two thirds where they only overlap. Two empty sets are equal; of sets of one label each it is
    the nominal distance.
    """
    a, b = set(one), set(other)
    if a == b:
        return 0.0
    if not a & b:
        return 1.0
    monotony = 2 / 3 if a <= b or b <= a else 1 / 3
    return 1 - monotony * len(a & b) / len(a | b)


def krippendorff_alpha(
    pairs: Sequence[tuple[Label, Label]],
    distance: Callable[[Label, Label], float] = unequal,
) -> float | None:
    """Return alpha of two readers who both judged every unit (Krippendorff 2011, parts A and B).

    Args:
        pairs: What the one and the other said of each unit.
        distance: How unlike two labels are, 0 for equal ones.

    Returns:
        1 for readers who agree in everything, 0 for what chance would do; None without pairs, or
        where all said the same of all units.
    """
    said = Counter(label for pair in pairs for label in pair)
    n = said.total()
    expected = sum(
        n_one * n_other * distance(one, other)
        for one, n_one in said.items()
        for other, n_other in said.items()
    )
    if not expected:
        return None
    observed = sum(distance(one, other) for one, other in pairs) / len(pairs)
    return 1 - observed * n * (n - 1) / expected
