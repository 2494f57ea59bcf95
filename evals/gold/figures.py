"""What one coder's or reader's codes are worth beside the gold, family by family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evals.agreement import krippendorff_alpha, masi
from evals.gold.judged import SOMETHING
from evals.measures import (
    Bools,
    Floats,
    f1_of,
    macro_f1,
    micro_f1,
    resampled,
    scores,
    spread,
    tally,
)

NONE = "none"
ABSTAINED = "abstained"
NOTHING_ELSE = "nothing else"
N_CONFUSIONS = 12


@dataclass(frozen=True, slots=True)
class Unit:
    """Hold one segment's codes of one family by the reader and by whoever is scored.

    Attributes:
        document: Which interview or comment; they are drawn together in the bootstrap.
        kind: "interview" or "comment"; each keeps its number in the bootstrap, as in the sample.
        wanted: The reader's.
        proposed: The other's.
        abstained: Whether the other declined to say.
    """

    document: str
    kind: str
    wanted: frozenset[str]
    proposed: frozenset[str]
    abstained: bool = False

    @property
    def is_right(self) -> bool:
        """Whether one of the reader's codes was named, or none where there is none."""
        return bool(self.wanted & self.proposed) or not (self.wanted or self.proposed)


def family_figures(units: Sequence[Unit], *, is_stage: bool) -> dict[str, Any]:
    """Return the figures of one family.

    Macro-F1 is the mean over the codes that the reader gave at least once. A difficulty without a
    fitting code counts for "any", not for any code. Intervals are 95 %, percentile bootstrap over
    documents; with a handful of interviews they are rough.
    """
    codes = sorted(({*()}.union(*(u.wanted | u.proposed for u in units))) - {SOMETHING})
    by_code = tally(_table(units, codes, "wanted"), _table(units, codes, "proposed"))
    anything = tally(
        np.array([[bool(u.wanted)] for u in units]), np.array([[bool(u.proposed)] for u in units])
    )
    documents = sorted({(u.document, u.kind) for u in units})
    kinds = [kind for _, kind in documents]
    row_of = {document: row for row, (document, _) in enumerate(documents)}
    rows = [row_of[u.document] for u in units]

    def drawn(parts: Floats) -> Floats:
        together = np.zeros((len(documents), *parts.shape[1:]))
        np.add.at(together, rows, parts)
        return resampled(together, kinds)

    counts = by_code.sum(axis=0)
    draws = drawn(by_code)
    figures: dict[str, Any] = {
        "n_segments": len(units),
        "n_documents": len(documents),
        "n_codes": int((counts[2] > 0).sum()),
        "macro_f1": _rounded(float(macro_f1(counts))),
        "macro_f1_interval": spread(macro_f1(draws)),
        "micro": {**_scores(counts), "f1_interval": spread(micro_f1(draws))},
        "any": {
            **_scores(anything.sum(axis=0)),
            "f1_interval": spread(micro_f1(drawn(anything))),
        },
    }
    if is_stage:
        right = np.array([[float(u.is_right), 1.0] for u in units])
        share = drawn(right)
        said = Counter(code for u in units for code in (u.wanted or {NONE}))
        figures |= {
            "accuracy": _rounded(float(right[:, 0].mean())),
            "accuracy_interval": spread(share[:, 0] / share[:, 1]),
            "accuracy_of_always_the_commonest": _rounded(max(said.values()) / len(units)),
        }
    pairs = [(u.wanted, u.proposed) for u in units]
    figures |= {
        "equal_share": _rounded(sum(one == other for one, other in pairs) / len(pairs)),
        "alpha": _rounded(krippendorff_alpha(pairs, masi)),
        "alpha_any": _rounded(krippendorff_alpha([(bool(a), bool(b)) for a, b in pairs])),
        "by_code": {
            code: {
                "n_reader": int(counts[2, at]),
                "n_proposed": int(counts[1, at]),
                "n_right": int(counts[0, at]),
                "f1": _rounded(float(f1_of(counts)[at])),
            }
            for at, code in enumerate(codes)
        },
        "confusions": confusions(units),
    }
    return figures


def short_figures(units: Sequence[Unit], *, is_stage: bool) -> dict[str, Any]:
    """Return the few figures that are shown for a part of the sample."""
    wanted = family_figures(units, is_stage=is_stage)
    short = {"n_segments": wanted["n_segments"], "n_documents": wanted["n_documents"]}
    short |= {"macro_f1": wanted["macro_f1"], "micro_f1": wanted["micro"]["f1"]}
    short |= {"any_f1": wanted["any"]["f1"], "alpha": wanted["alpha"]}
    return short | ({"accuracy": wanted["accuracy"]} if is_stage else {})


def confusions(units: Sequence[Unit]) -> list[dict[str, Any]]:
    """Return what was said instead of what, the most frequent first.

    Where one side has a code too many, the other side's word is "none", "abstained" or, beside a
    code on which both agree, "nothing else". Two codes against two others are four confusions.
    """
    counted: Counter[tuple[str, str]] = Counter()
    for unit in units:
        agreed = bool(unit.wanted & unit.proposed)
        missed = unit.wanted - unit.proposed
        extra = unit.proposed - unit.wanted
        if not (missed or extra):
            continue
        silent = NOTHING_ELSE if agreed else ABSTAINED if unit.abstained else NONE
        for reader in missed or {NOTHING_ELSE if agreed else NONE}:
            counted.update((reader, other) for other in extra or {silent})
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"reader": reader, "proposed": other, "n": n}
        for (reader, other), n in ranked[:N_CONFUSIONS]
    ]


def _table(units: Sequence[Unit], codes: Sequence[str], side: str) -> Bools:
    table = [[code in getattr(u, side) for code in codes] for u in units]
    return np.array(table, bool).reshape(len(units), len(codes))


def _scores(counts: Floats) -> dict[str, float | int | None]:
    right, proposed, wanted = (int(n) for n in counts.sum(axis=-1))
    return scores(right, proposed, wanted)


def _rounded(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(value, 3)
