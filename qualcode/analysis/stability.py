"""How surely groups come back when other people are asked, and whether three or four do better.

Half of the people are drawn again and again, their segments are grouped anew, and the new groups
are compared with those of everybody: by the adjusted Rand index (L. Hubert and P. Arabie, Journal
of Classification 2 (1985), 193-218), 1 when they are the same and 0 when they agree as by chance;
and group by group by the largest Jaccard index with a new group (C. Hennig, Computational
Statistics & Data Analysis 52 (2007), 258-271). Halves, because drawing half without returning
varies as much as drawing everybody with returning (D. Politis, J. Romano and M. Wolf, Subsampling
(1999)); draws of 80 % vary half as much and make the data look more certain than it is.

Data without groups comes back to some degree as well, and to another for every number of groups.
So the same is done with shuffled data: every row becomes a random mixture of all rows, by a random
rotation that leaves all means, variances and correlations as they are (Ø. Langsrud, Statistics and
Computing 15 (2005), 53-60) and takes only the groups away. Shuffling each principal component by
itself will not do: three planted groups, perfectly stable, stayed so when shuffled like that. What
counts is the gain, (agreement - shuffled) / (1 - shuffled).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qualcode.analysis.clusters import spread, ward
from qualcode.analysis.meaning import Space, unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.intp]

__all__ = ["Stability", "compare", "measure_stability"]

HARDLY = 0.1
"""A gain up to this is hardly more than shuffled data has."""

_MOST_ITEMS = 1000
_SHUFFLES = 10
_DRAWS_A_SHUFFLE = 8
_BOOTSTRAP = 2000


@dataclass(frozen=True, slots=True)
class Stability:
    """Hold how surely groups come back, for each number of groups.

    Attributes:
        agreement: Number of groups to float64, (n_draws,), the agreement in each draw.
        shuffled: Number of groups to float64, (n_shuffles,), each shuffle's mean agreement.
        by_group: Number of groups to each group's mean Jaccard index, 0 … 1, in the order of
            groups; None for one of which no draw held anything.
        n_items: How many items were drawn from.
        seed: Of the bootstrap.
    """

    agreement: Mapping[int, Floats]
    shuffled: Mapping[int, Floats]
    by_group: Mapping[int, tuple[float | None, ...]]
    n_items: int
    seed: int = field(default=0)

    def gain(self, k: int) -> float:
        """Return how much of what shuffled data leaves to gain k groups have, 1 at most."""
        return _gain(float(self.agreement[k].mean()), float(self.shuffled[k].mean()))

    def difference(self) -> tuple[float, float, float]:
        """Return the gain of four groups less that of three, with its 95 % interval.

        Percentile bootstrap over draws and shuffles.
        """
        import numpy as np

        rng = np.random.default_rng(self.seed)
        n_draws, n_shuffles = len(self.agreement[3]), len(self.shuffled[3])
        draws = rng.integers(n_draws, size=(_BOOTSTRAP, n_draws))
        shuffles = rng.integers(n_shuffles, size=(_BOOTSTRAP, n_shuffles))
        gains = {
            k: [
                _gain(a, s)
                for a, s in zip(
                    self.agreement[k][draws].mean(axis=1).tolist(),
                    self.shuffled[k][shuffles].mean(axis=1).tolist(),
                    strict=True,
                )
            ]
            for k in (3, 4)
        }
        low, high = np.quantile(np.subtract(gains[4], gains[3]), [0.025, 0.975])
        return self.gain(4) - self.gain(3), float(low), float(high)


def measure_stability(
    words: Floats,
    directions: Floats,
    people: Sequence[str],
    groups: Mapping[int, Labels],
    *,
    seed: int,
    n_draws: int,
) -> Stability:
    """Draw half of the people again and again and compare their groups with everybody's.

    Of more than 1,000 items a sample is drawn, spread over people.

    Args:
        words: (n_items, dim) and
        directions: (n_items, dim), as for `Space.of`; both are fitted anew to each draw.
        people: Whose item each row is.
        groups: Number of groups to everybody's labels, (n_items,).
        seed: Of sample, draws and shuffles.
        n_draws: How often people are drawn; shuffled data takes about as much again.
    """
    import numpy as np

    chosen = spread(people, _MOST_ITEMS, seed)
    words, directions = words[chosen], directions[chosen]
    whose = np.unique(np.asarray(people, dtype=np.str_)[chosen], return_inverse=True)[1]
    known = {k: labels[chosen] for k, labels in groups.items()}
    rng = np.random.default_rng(seed)
    agreement: dict[int, list[float]] = {k: [] for k in known}
    back: dict[int, list[Floats]] = {k: [] for k in known}
    for _ in range(n_draws):
        half = _half(whose, rng)
        rows = Space.of(words[half], directions[half]).place(words[half], directions[half])
        for k, labels in _cuts(rows, known).items():
            index, jaccard = compare(known[k][half], labels, k)
            agreement[k].append(index)
            back[k].append(jaccard)
    whole_rows = Space.of(words, directions).scaled(words, directions)
    lengths = np.linalg.svd(whole_rows - whole_rows.mean(axis=0), compute_uv=False)
    shuffled: dict[int, list[float]] = {k: [] for k in known}
    for _ in range(_SHUFFLES if n_draws >= _SHUFFLES else 1):
        mixed = _mixed(len(whole_rows), lengths, rng)
        whole = _cuts(unit(mixed), known)
        found: dict[int, list[float]] = {k: [] for k in known}
        for _ in range(min(n_draws, _DRAWS_A_SHUFFLE)):
            half = _half(whose, rng)
            part = unit(mixed[half] - mixed[half].mean(axis=0))
            for k, labels in _cuts(part, known).items():
                found[k].append(compare(whole[k][half], labels, k)[0])
        for k in known:
            shuffled[k].append(float(np.mean(found[k])))
    return Stability(
        agreement={k: np.array(values) for k, values in agreement.items()},
        shuffled={k: np.array(values) for k, values in shuffled.items()},
        by_group={k: _means(values) for k, values in back.items()},
        n_items=len(chosen),
        seed=seed,
    )


def compare(one: Labels, other: Labels, k: int) -> tuple[float, Floats]:
    """Return the adjusted Rand index of two groupings and each group's largest Jaccard index.

    Labels are 0 … k-1. The index is 1 for two groupings that put everything together. A group of
    `one` that has no item has NaN.
    """
    import numpy as np

    both = np.zeros((k, k))
    np.add.at(both, (one, other), 1)
    mine, theirs = both.sum(axis=1), both.sum(axis=0)

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    together, total = pairs(both), pairs(np.array([len(one)]))
    expected = pairs(mine) * pairs(theirs) / total if total else 0.0
    most = (pairs(mine) + pairs(theirs)) / 2
    index = (together - expected) / (most - expected) if most != expected else 1.0
    either = mine[:, None] + theirs[None, :] - both
    jaccard = np.where(either > 0, both / np.maximum(either, 1), 0.0).max(axis=1)
    return index, np.where(mine > 0, jaccard, np.nan)


def _gain(agreement: float, shuffled: float) -> float:
    return (agreement - shuffled) / (1 - shuffled) if shuffled < 1 - 1e-9 else 0.0


def _half(whose: Labels, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which items half of the people gave, rounded up."""
    import numpy as np

    n_people = int(whose.max()) + 1
    kept = np.zeros(n_people, dtype=np.bool_)
    kept[rng.permutation(n_people)[: -(-n_people // 2)]] = True
    return np.asarray(kept[whose])


def _cuts(rows: NDArray[np.floating], known: Mapping[int, Labels]) -> dict[int, Labels]:
    import numpy as np

    if len(rows) < 2:
        return {k: np.zeros(len(rows), dtype=np.intp) for k in known}
    tree = ward(rows)
    return {k: tree.cut(min(k, len(rows))) for k in known}


def _mixed(n: int, lengths: Floats, rng: np.random.Generator) -> Floats:
    """Return rows with the same mean and covariance as those with these singular values.

    They stand in the data's principal axes, as distances do not depend on the axes.
    """
    import numpy as np

    kept = lengths[lengths > 1e-9 * max(1.0, float(lengths[0]))][: n - 1]
    if not len(kept):
        return np.zeros((n, 1))
    draws = rng.standard_normal((n, len(kept)))
    draws -= draws.mean(axis=0)
    # Columns made orthonormal by way of their products (Cholesky QR), in a tenth of QR's time.
    upper = np.linalg.cholesky(draws.T @ draws).T
    return np.asarray(np.linalg.solve(upper.T, draws.T).T * kept)


def _means(draws: Sequence[Floats]) -> tuple[float | None, ...]:
    import numpy as np

    stacked = np.stack(draws)
    counts = np.isfinite(stacked).sum(axis=0)
    sums = np.nansum(stacked, axis=0)
    return tuple(
        float(total) / int(count) if count else None
        for total, count in zip(sums, counts, strict=True)
    )
