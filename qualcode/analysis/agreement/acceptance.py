"""How much of what was proposed people kept: no agreement, because they saw the proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qualcode.analysis.agreement.bootstrap import N_RESAMPLES, SEED, drawn, no_draws, with_interval
from qualcode.analysis.agreement.grid import Floats, ratio
from qualcode.analysis.agreement.ratings import Ratings
from qualcode.analysis.scored import Figure

__all__ = ["Acceptance", "acceptance"]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Hold an acceptance rate.

    Attributes:
        n_proposed: Codes that a model proposed where a person judged in sight of them.
        n_kept: Those that the person has too.
        n_added: Codes that the person has and the model did not propose.
        rate: Kept of proposed.
        codes: The same for each code; of these, `codes` is empty.
    """

    n_proposed: int
    n_kept: int
    n_added: int
    rate: Figure
    codes: dict[str, Acceptance]


def acceptance(
    ratings: Ratings,
    between: Sequence[tuple[str, str]],
    *,
    clusters: str = "participants",
    seed: int = SEED,
    n_resamples: int = N_RESAMPLES,
) -> Acceptance:
    """Return the share of proposed codes that were kept, with 95 % intervals over clusters.

    Args:
        ratings: Of people and of models.
        between: Pairs of a person and a model whose proposals that person saw.
        clusters: What a cluster is, in the plural.
        seed: Of the resamples.
        n_resamples: How many.
    """
    place = {coder: at for at, coder in enumerate(ratings.coders)}
    pairs = [(place[person], place[model]) for person, model in between]
    codes = sorted(frozenset[str]().union(*ratings.all_values()))
    number = {code: at for at, code in enumerate(codes)}
    names = {name: at for at, name in enumerate(sorted(set(ratings.clusters)))}
    counts = np.zeros((3, len(codes), len(names)))  # proposed, kept, added
    for row, cluster in zip(ratings.values, ratings.clusters, strict=True):
        for person, model in pairs:
            held, proposed = row[person], row[model]
            if held is None or proposed is None:
                continue
            parts = (proposed, proposed & held, held - proposed)
            for counted, part in zip(counts, parts, strict=True):
                for code in part:
                    counted[number[code], names[cluster]] += 1
    draws: list[Floats] = []
    for weights in drawn(len(names), seed=seed, n_resamples=n_resamples):
        proposed_drawn, kept_drawn = counts[0] @ weights, counts[1] @ weights
        every = ratio(kept_drawn.sum(axis=0), proposed_drawn.sum(axis=0))
        draws.append(np.vstack([every, ratio(kept_drawn, proposed_drawn)]))
    joined = np.concatenate(draws, axis=1) if draws else np.zeros((len(codes) + 1, 0))

    def told(of: Floats, at: int, by_code: dict[str, Acceptance]) -> Acceptance:
        n_proposed, n_kept, n_added = (int(n) for n in of)
        rate = with_interval(
            n_kept / n_proposed if n_proposed else np.nan,
            joined[at],
            reason="" if n_proposed else "acceptance rate undefined: nothing was proposed",
            without=no_draws(len(names), clusters),
        )
        return Acceptance(n_proposed, n_kept, n_added, rate, by_code)

    totals = counts.sum(axis=2)
    by_code = {code: told(totals[:, at], at + 1, {}) for code, at in number.items()}
    return told(totals.sum(axis=1), 0, by_code)
