"""Codes of the default codebook, which the embedded coder knows by more than their definition.

Weights fitted on interviews and comments that were written and labelled with these codes
(`training/fit_known.py`) correct the odds that come from definitions. They count for a code only as
long as nobody changed its definition, and for a family only if most of its codes are such.
"""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qualcode.codebook import Code
from qualcode.coders.local.readings import Floats
from qualcode.coders.local.weights import Weights

__all__ = ["KNOWN_FAMILIES", "KNOWN_RULE", "TOLD_APART", "Known", "definition_key", "known_codes"]

KNOWN_FAMILIES = ("stage", "emotion", "pain_point", "need")
TOLD_APART = "stage"
"""The family whose codes were fitted together: all of them are known, or none is."""
KNOWN_RULE = ":known"
"""Ends the name of a rule of `odds.json` that was fitted on corrected evidence."""
LEAST_SHARE = 0.5
"""Of the codes of a family must be known, else all go by their definitions."""

_DECIMALS = 6  # as in `odds`


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Correct the evidence for the codes of one family.

    Attributes:
        weights: (384, n_codes), zeros for a code that is not known.
        bias: (n_codes,).
        share: (n_codes,), what the evidence from definitions counts; 1 for a code not known.
    """

    weights: Floats
    bias: Floats
    share: Floats

    def __call__(self, evidence: Floats, vectors: Floats) -> Floats:
        """Return corrected evidence.

        Args:
            evidence: (n, n_codes), log odds from definitions.
            vectors: (n, 384), unit rows.
        """
        corrected: Floats = evidence * self.share + vectors @ self.weights + self.bias
        return np.round(corrected, _DECIMALS)


def known_codes(family: str, codes: Sequence[Code], weights: Weights | None = None) -> Known | None:
    """Return what is known of a family's codes, None where that is too little.

    Raises:
        ModelError: `known.npz` is missing or altered.
    """
    if family not in KNOWN_FAMILIES or not codes:
        return None
    stored = _load(weights or Weights())
    column = {key: at for at, key in enumerate(stored[f"{family}.keys"].tolist())}
    places = [column.get(definition_key(code)) for code in codes]
    n_known = sum(place is not None for place in places)
    least = len(codes) if family == TOLD_APART else LEAST_SHARE * len(codes)
    if n_known < least:
        return None
    learnt, bias, share = (stored[f"{family}.{part}"] for part in ("weights", "bias", "share"))
    made = Known(
        weights=np.zeros((len(learnt), len(codes))),
        bias=np.zeros(len(codes)),
        share=np.ones(len(codes)),
    )
    for at, place in enumerate(places):
        if place is not None:
            made.weights[:, at] = learnt[:, place]
            made.bias[at], made.share[at] = bias[place], share[place]
    return made


def definition_key(code: Code) -> str:
    """Return a text that changes with the code's id and definition, and with nothing else."""
    told = f"{code.id}\x1f{code.definition}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:16]


@functools.lru_cache(maxsize=2)
def _load(weights: Weights) -> dict[str, Floats]:
    with np.load(io.BytesIO(weights.load("known.npz")), allow_pickle=False) as stored:
        return {
            name: stored[name] if name.endswith(".keys") else stored[name].astype(np.float64)
            for name in stored.files
        }
