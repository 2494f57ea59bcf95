"""What a judge of one family says about a segment, before it becomes a judgement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from qualcode.codebook import Code
from qualcode.records import Verdict
from qualcode.spans import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qualcode.coders.local.passages import Passages

__all__ = ["Finding", "Judge", "Opinion", "chance_of", "squash"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one code that a judge proposes for one passage; spans count from its start.

    Attributes:
        direction: (384,), where words carried the code by meaning: what they are measured
            against. None where `words` already names them.
    """

    code: Code
    score: float
    span: Span
    basis: str
    reference: str
    note: str
    similarity: float | None = None
    words: tuple[Span, ...] = ()
    direction: NDArray[np.float64] | None = field(default=None, compare=False, repr=False)
    intensity: int | None = None
    valence: float | None = None


@dataclass(frozen=True, slots=True)
class Opinion:
    """Hold a judge's verdict on one passage.

    Attributes:
        chances: (n_codes,), in the order of the family: how likely each code applies, proposed or
            not; None from a judge that only knows what it proposes.
        chance: How likely anything of the family is there, whether or not a code fits.
        heard: Whether the judge says so.
    """

    verdict: Verdict
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    chances: NDArray[np.float64] | None = field(default=None, compare=False, repr=False)
    chance: float | None = None
    heard: bool = False

    @classmethod
    def none(cls, reason: str) -> Opinion:
        return cls(Verdict.NONE, reason)

    @classmethod
    def abstained(cls, reason: str) -> Opinion:
        return cls(Verdict.ABSTAINED, reason)

    @classmethod
    def coded(cls, findings: Sequence[Finding]) -> Opinion:
        """Return the findings, the best first; equal ones in the order of the book."""
        ranked = tuple(sorted(findings, key=lambda f: -f.score))
        return cls(Verdict.CODED, "", ranked, heard=True)

    def with_chances(self, chances: NDArray[np.float64], chance: float | None = None) -> Opinion:
        """Return it with what is known of all codes; the likeliest one's chance is the family's."""
        best = float(chances.max(initial=0.0)) if chance is None else chance
        return replace(self, chances=chances, chance=best)


class Judge(Protocol):
    """Judge passages for one family."""

    def judge(self, passages: Passages) -> list[Opinion]:
        """Return one opinion for each passage to judge, in their order."""


def chance_of(odds: float) -> float:
    """Return the probability that log odds stand for."""
    return 0.5 * (1 + math.tanh(0.5 * odds))


def squash(margin: float, *, scale: float = 1.0) -> float:
    """Turn how far a value lies above its threshold into a score; 0.5 at the threshold.

    It orders proposals; it is not a probability.
    """
    return 0.5 * (1 + math.tanh(0.5 * margin / scale))
