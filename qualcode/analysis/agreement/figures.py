"""The figures of agreement as records, and the words for what has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qualcode.analysis.scored import Figure

__all__ = [
    "CODE_FIGURES",
    "LABELS",
    "ORDINAL",
    "SET_FIGURES",
    "Agreement",
    "CodeAgreement",
    "PairAgreement",
    "by_construction",
]

LABELS = {
    "percent": "percent agreement",
    "cohen_kappa": "Cohen's kappa",
    "fleiss_kappa": "Fleiss' kappa",
    "krippendorff_alpha": "alpha",
    "gwet_ac1": "AC1",
    "krippendorff_alpha_masi": "MASI alpha",
    "krippendorff_alpha_ordinal": "ordinal alpha",
}
ORDINAL = "krippendorff_alpha_ordinal"
CODE_FIGURES = ("percent", "cohen_kappa", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1")
SET_FIGURES = (*CODE_FIGURES, "krippendorff_alpha_masi")

_HIGH_BY_CHANCE = 0.8


@dataclass(frozen=True, slots=True)
class CodeAgreement:
    """Hold the figures of one code, given or not.

    Attributes:
        n_given: Judgements with it, of units that two coders judged.
        n_judgements: All judgements of these units.
        figures: By the names of `CODE_FIGURES`.
        warning: What to know of percent and AC1 where the code is very rare or very common.
    """

    code: str
    n_given: int
    n_judgements: int
    figures: Mapping[str, Figure]
    warning: str = ""


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Hold the figures of two coders on the units that both judged, whole sets only."""

    coders: tuple[str, str]
    n_units: int
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Hold the figures of several coders.

    Attributes:
        n_units: Units that somebody judged.
        n_compared: Those that two coders judged at least.
        coders: Their names.
        n_clusters: What the intervals are drawn from.
        overall: Figures of whole code sets, by the names of `SET_FIGURES`, and ordinal alpha where
            it was asked for.
        codes: By code, given or not.
        pairs: Each two of the coders.
        warnings: What a reader must know, a sentence each.
    """

    n_units: int
    n_compared: int
    coders: tuple[str, ...]
    n_clusters: int
    overall: Mapping[str, Figure]
    codes: Mapping[str, CodeAgreement]
    pairs: tuple[PairAgreement, ...]
    warnings: tuple[str, ...] = ()


def by_construction(what: str, share: float, others: Sequence[float]) -> str:
    """Say what percent and AC1 would be if coders guessed, where that is much; else nothing.

    Two coders who give values at random, each as often as it is given here, whatever the units
    hold, agree on the sum of the squared shares; AC1 follows from that by its formula.

    Args:
        what: The value, to begin the sentence with; "in 3 % of judgements" follows.
        share: Of judgements with the value, in [0, 1].
        others: The shares of all other values.
    """
    same = share**2 + sum(other**2 for other in others)
    if same < _HIGH_BY_CHANCE or not others:
        return ""
    chance = (1 - same) / len(others)
    return (
        f"{what} in {share:.1%} of judgements: percent and AC1 are high by construction "
        f"(coders who guess would reach {same:.2f} and {(same - chance) / (1 - chance):.2f}); "
        "kappa and alpha are not"
    )
