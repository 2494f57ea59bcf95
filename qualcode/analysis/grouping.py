"""Find the three or four groups of segments behind the criteria, and say how they were chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.analysis.clusters import Clustering, centroids, cluster, distinct
from qualcode.analysis.items import SHAPING, Item
from qualcode.analysis.meaning import Directions, Space, unit
from qualcode.analysis.stability import HARDLY, Stability, measure_stability
from qualcode.codebook import Codebook

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Vectors = Mapping[str, NDArray[np.float32]]

__all__ = ["MIN_PEOPLE", "Grouped", "Group", "Placed", "find_groups", "place_items"]

MIN_PEOPLE = 6
MIN_PEOPLE_PER_GROUP = 3
MIN_NEARNESS = 0.2
"""Cosine to its group's middle that a segment must have to be counted for the group."""
_TRIED = (2, 3, 4, 5, 6)  # only 3 and 4 can be chosen, the others are context


@dataclass(frozen=True, slots=True)
class Placed:
    """Hold the segments that shape groups with their place in meaning.

    Attributes:
        items: Those with a usable vector, in the order of the corpus.
        words: float64, (n, dim), unit rows.
        pointing: float64, (n, len(directions.ids)), see `Directions.weights`.
        rows: float32, (n, dim), unit or 0, see `Space.place`.
    """

    items: Sequence[Item]
    words: Floats
    pointing: Floats
    rows: NDArray[np.float32]
    space: Space
    directions: Directions


@dataclass(frozen=True, slots=True)
class Group:
    """Hold one group.

    Attributes:
        members: Indices into `Placed.items`, ascending: those that belong to it clearly.
        cosines: Of each member to the middle.
        middle: float32, (dim,), of the members; 0 where they cancel out.
        root: The group's node in the tree.
        stability: See `DesignCriterion.stability`.
    """

    members: tuple[int, ...]
    cosines: tuple[float, ...]
    middle: NDArray[np.float32]
    root: int
    stability: float | None

    def told(self, at: int, placed: Placed) -> float:
        """Return how well a member's words show what the group is about, see `Item.weight`."""
        item = placed.items[self.members[at]]
        return self.cosines[at] * item.weight


@dataclass(frozen=True, slots=True)
class Grouped:
    """Hold the groups, or none with the reason.

    Attributes:
        left_out: Indices into `Placed.items` of those that belong to no group clearly.
        figures: What decided, flat.
        choice: The same in words.
    """

    groups: tuple[Group, ...]
    left_out: tuple[int, ...]
    clustering: Clustering | None
    figures: Mapping[str, float]
    choice: str = ""
    reason: str = ""


def place_items(
    items: Sequence[Item], codebook: Codebook, vectors: Vectors, code_vectors: Vectors
) -> Placed | None:
    """Place what has a usable vector, None where nothing has one."""
    import numpy as np

    directions = Directions(codebook, SHAPING, code_vectors)
    known = [item for item in items if item.segment.id in vectors]
    if not known:
        return None
    words = np.stack([np.asarray(vectors[i.segment.id], dtype=np.float64) for i in known])
    norms = np.linalg.norm(words, axis=1)
    good = np.isfinite(norms) & (norms > 0)
    if not good.any():
        return None
    usable = [item for item, ok in zip(known, good.tolist(), strict=True) if ok]
    words = words[good] / norms[good, None]
    pointing = np.stack([directions.weights(item.codings) for item in usable])
    space = Space.of(words, pointing @ directions.vectors)
    rows = space.place(words, pointing @ directions.vectors)
    return Placed(usable, words, pointing, rows, space, directions)


def find_groups(placed: Placed, *, seed: int, n_draws: int) -> Grouped:
    """Group by Ward's method and choose between three and four groups.

    Four are taken only where they come back more surely than three: the 95 % interval of the
    difference in gain (`Stability.difference`) lies above 0, they do better than shuffled data,
    and each rests on three people. Else three are taken, where each rests on three people. A
    segment counts for its group where it belongs to it clearly: nearer to it than to any other
    (its silhouette is above 0) and not far from its middle.
    """
    from threadpoolctl import threadpool_limits

    # One thread: hundreds of small matrices are slower on several, up to 30 times so where the
    # cores are busy, and figures must not depend on how many there are.
    with threadpool_limits(limits=1, user_api="blas"):
        return _found(placed, seed, n_draws)


def _found(placed: Placed, seed: int, n_draws: int) -> Grouped:
    import numpy as np

    people = [item.person for item in placed.items]
    figures: dict[str, float] = {}
    n_different = distinct(placed.rows)
    if n_different < 3:
        reason = "fewer than three different things were said, so three groups do not form"
        return Grouped((), (), None, figures, reason=reason)
    found = cluster(placed.rows, people, seed=seed)
    labels = {k: found.labels(k) for k in _TRIED if k <= n_different}
    widths = {k: found.silhouettes(k, labels[k]) for k in labels}
    clear = {k: _clear(placed.rows, labels[k], k, widths[k]) for k in labels}
    smallest = {k: _smallest(people, labels[k], clear[k], k) for k in labels}
    for k in labels:
        figures[f"smallest_k{k}"] = smallest[k]
        figures[f"silhouette_k{k}"] = round(float(widths[k].mean()), 4)
    if smallest[3] < MIN_PEOPLE_PER_GROUP:
        reason = (
            f"needs and pain points do not form three groups of at least {MIN_PEOPLE_PER_GROUP} "
            f"people: the smallest has {smallest[3]}"
        )
        return Grouped((), (), found, figures, reason=reason)
    directions = placed.pointing @ placed.directions.vectors
    stability = measure_stability(
        placed.words, directions, people, labels, seed=seed, n_draws=n_draws
    )
    k, choice = _choose(stability, smallest, figures)
    figures["k"] = k
    roots = {
        int(labels[k][found.chosen[found.tree.items(root)[0]]]): root
        for root in found.tree.roots(k)
    }
    groups = []
    for label in range(k):
        members = np.flatnonzero((labels[k] == label) & clear[k])
        middle = unit(placed.rows[members].mean(axis=0, dtype=np.float64, keepdims=True))[0]
        groups.append(
            Group(
                members=tuple(members.tolist()),
                cosines=tuple((placed.rows[members] @ middle).tolist()),
                middle=middle,
                root=roots[label],
                stability=stability.by_group[k][label],
            )
        )
    left_out = tuple(np.flatnonzero(~clear[k]).tolist())
    figures["n_left_out"] = len(left_out)
    return Grouped(tuple(groups), left_out, found, figures, choice)


def _clear(
    rows: NDArray[np.float32], labels: NDArray[np.intp], k: int, silhouettes: Floats
) -> NDArray[np.bool_]:
    import numpy as np

    middles = centroids(rows, labels, k)
    near = np.einsum("ij,ij->i", rows, middles[labels])
    # Alone in its group, an item is as clear as can be, though its silhouette is 0.
    alone = np.bincount(labels, minlength=k)[labels] == 1
    return np.asarray(((silhouettes > 0) & (near >= MIN_NEARNESS)) | alone)


def _smallest(
    people: Sequence[str], labels: NDArray[np.intp], clear: NDArray[np.bool_], k: int
) -> int:
    members: list[set[str]] = [set() for _ in range(k)]
    for label, person, ok in zip(labels.tolist(), people, clear.tolist(), strict=True):
        if ok:
            members[label].add(person)
    return min(map(len, members))


def _choose(
    stability: Stability, smallest: Mapping[int, int], figures: dict[str, float]
) -> tuple[int, str]:
    """Return the number of groups and the words for it; write down the figures that decided."""
    for k in stability.agreement:
        figures[f"agreement_k{k}"] = round(float(stability.agreement[k].mean()), 4)
        figures[f"shuffled_k{k}"] = round(float(stability.shuffled[k].mean()), 4)
        figures[f"gain_k{k}"] = round(stability.gain(k), 4)
    figures["n_draws"] = len(stability.agreement[3])
    figures["n_shuffles"] = len(stability.shuffled[3])
    figures["n_drawn_from"] = stability.n_items
    if 4 not in stability.agreement:
        return 3, f"Three: there are not four different things. {_trust(stability, 3)}"
    difference, low, high = (round(value, 4) for value in stability.difference())
    figures |= {"difference": difference, "difference_low": low, "difference_high": high}
    if smallest[4] < MIN_PEOPLE_PER_GROUP:
        why = f"Three: of four groups one would rest on fewer than {MIN_PEOPLE_PER_GROUP} people."
        return 3, f"{why} {_trust(stability, 3)}"
    measured = (
        f"(gain over shuffled data {stability.gain(3):.2f} for three and {stability.gain(4):.2f} "
        f"for four; difference {difference:+.2f}, 95 % interval {low:+.2f} to {high:+.2f})"
    ).replace("-", "−")
    drawn = "when half of the people are drawn again,"
    if low > 0 and stability.gain(4) > HARDLY:
        why = f"Four: {drawn} four groups come back more surely than three {measured}."
        return 4, f"{why} {_trust(stability, 4)}"
    if high < 0:
        why = f"Three: {drawn} three groups come back more surely than four {measured}."
        return 3, f"{why} {_trust(stability, 3)}"
    why = (
        f"Three and four cannot be told apart, so three are taken: {drawn} they come back about "
        f"equally {measured}."
    )
    return 3, f"{why} {_trust(stability, 3)}"


def _trust(stability: Stability, k: int) -> str:
    """Say how far a grouping can be trusted."""
    gain = stability.gain(k)
    if gain <= HARDLY:
        return (
            "The grouping is hardly more stable than chance: other people might have given other "
            "criteria. Take these as drafts to think with."
        )
    if gain < 0.4:
        return "The grouping comes back in part only: look at each criterion's own stability."
    return "The grouping comes back much more surely than by chance."
