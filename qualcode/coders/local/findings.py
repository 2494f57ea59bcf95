"""What a judge of one family says about a segment, before it becomes a judgement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from qualcode.codebook import Code
from qualcode.records import Verdict
from qualcode.spans import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qualcode.coders.local.passages import Passages

__all__ = ["Finding", "Judge", "Opinion", "squash"]


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
    """Hold a judge's verdict on one passage."""

    verdict: Verdict
    reason: str = ""
    findings: tuple[Finding, ...] = ()

    @classmethod
    def none(cls, reason: str) -> Opinion:
        return cls(Verdict.NONE, reason)

    @classmethod
    def abstained(cls, reason: str) -> Opinion:
        return cls(Verdict.ABSTAINED, reason)

    @classmethod
    def coded(cls, findings: Sequence[Finding]) -> Opinion:
        """Return the findings, the best first; equal ones in the order of the book."""
        return cls(Verdict.CODED, "", tuple(sorted(findings, key=lambda f: -f.score)))


class Judge(Protocol):
    """Judge passages for one family."""

    def judge(self, passages: Passages) -> list[Opinion]:
        """Return one opinion for each passage to judge, in their order."""


def squash(margin: float, *, scale: float = 1.0) -> float:
    """Turn how far a value lies above its threshold into a score; 0.5 at the threshold.

    It orders proposals; it is not a probability.
    """
    return 0.5 * (1 + math.tanh(0.5 * margin / scale))
