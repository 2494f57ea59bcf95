"""Groups of items that mean about the same, by Ward's method on unit vectors.

On the unit sphere the squared Euclidean distance is 2 - 2 cosine, so groups are tight in meaning.
The same items in the same order give the same groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.intp]

__all__ = ["MAX_ITEMS", "Clustering", "Tree", "centroids", "cluster", "distinct", "spread", "ward"]

MAX_ITEMS = 4000
"""Ward's time and memory grow with the square: 4,000 items take about 1.5 s and 200 MB."""

_MOST_GROUPS = 6
_BLOCK = 512


class Tree:
    """Hold the merges of Ward's method, the nearest groups first.

    Nodes are numbered as in scipy's linkage: the items, then the steps in their order.

    Attributes:
        n_items: How many items it has.
    """

    def __init__(self, steps: Floats) -> None:
        """Take steps as scipy's linkage gives them: both nodes, distance, number of items."""
        self.n_items = n = len(steps) + 1
        self._parts = steps[:, :2].astype(int).tolist()
        self._distances = steps[:, 2].tolist()
        sizes = [1] * n + steps[:, 3].astype(int).tolist()
        # Items in the order in which they hang in the tree: those of a node stand side by side.
        begin = [0] * (2 * n - 1)
        for node in range(2 * n - 2, n - 1, -1):
            one, other = self._parts[node - n]
            begin[one] = begin[node]
            begin[other] = begin[node] + sizes[one]
        self._hanging = sorted(range(n), key=begin.__getitem__)
        self._begin, self._sizes = begin, sizes

    def parts(self, node: int) -> tuple[int, int]:
        """Return the two nodes that a step merged."""
        one, other = self._parts[node - self.n_items]
        return one, other

    def distance(self, node: int) -> float:
        """Return at which distance a step merged its nodes."""
        return float(self._distances[node - self.n_items])

    def items(self, node: int) -> list[int]:
        """Return the items under a node, in ascending order."""
        begin = self._begin[node]
        return sorted(self._hanging[begin : begin + self._sizes[node]])

    def roots(self, k: int) -> list[int]:
        """Return the nodes of the k groups that are left when the last k - 1 merges are undone."""
        top = 2 * self.n_items - 2
        found = [top]
        for node in range(top, top - k + 1, -1):
            found.remove(node)
            found += self.parts(node)
        return found

    def widest(self, root: int, most: int) -> list[int]:
        """Return the steps under a root that merged what was farthest apart, the last first."""
        found: list[int] = []
        waiting = [root]
        while waiting and len(found) < most:
            node = max(waiting)  # steps are numbered by distance
            waiting.remove(node)
            if node >= self.n_items:
                found.append(node)
                waiting += self.parts(node)
        return found

    def cut(self, k: int) -> Labels:
        """Return each item's group, 0 … k-1, numbered by first appearance."""
        import numpy as np

        hanging = np.array(self._hanging, dtype=np.intp)
        labels = np.empty(self.n_items, dtype=np.intp)
        spans = [
            hanging[self._begin[root] : self._begin[root] + self._sizes[root]]
            for root in self.roots(k)
        ]
        for label, items in enumerate(sorted(spans, key=lambda items: int(items.min()))):
            labels[items] = label
        return labels


def ward(rows: NDArray[np.floating]) -> Tree:
    """Merge rows step by step (J. H. Ward, JASA 58 (1963), 236-244).

    Args:
        rows: (n_items, dim), at least two; their order decides ties.
    """
    import numpy as np
    from scipy.cluster.hierarchy import linkage

    rows = np.asarray(rows, dtype=np.float64)
    squares = np.einsum("ij,ij->i", rows, rows)
    n = len(rows)
    apart = np.empty(n * (n - 1) // 2)
    at = 0
    for start in range(0, n, _BLOCK):
        block = (
            squares[start : start + _BLOCK, None]
            + squares
            - 2 * rows[start : start + _BLOCK] @ rows.T
        )
        for offset, row in enumerate(block):
            own = row[start + offset + 1 :]
            apart[at : at + len(own)] = own
            at += len(own)
    # Rounded, so that ties are ties on every machine, whatever its matrix product leaves behind.
    np.sqrt(np.maximum(np.round(apart, 9, out=apart), 0.0), out=apart)
    return Tree(np.asarray(linkage(apart, "ward"), dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Clustering:
    """Hold a tree of the items, or of a sample of them, and find everybody's group in it.

    Attributes:
        rows: float32, (n_items, dim), unit or 0.
        chosen: Which items the tree holds, ascending; all of them up to the limit.
    """

    rows: NDArray[np.float32]
    chosen: Labels
    tree: Tree

    def labels(self, k: int) -> Labels:
        """Return each item's group; one that the tree lacks has that of the nearest middle."""
        import numpy as np

        found = self.tree.cut(k)
        labels = np.empty(len(self.rows), dtype=np.intp)
        if len(self.chosen) < len(self.rows):
            middles = centroids(self.rows[self.chosen], found, k)
            labels[:] = np.argmax(self.rows @ middles.T, axis=1)
        labels[self.chosen] = found
        _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
        return np.asarray(np.argsort(np.argsort(first))[inverse], dtype=np.intp)

    def silhouettes(self, k: int, labels: Labels) -> Floats:
        """Return each item's silhouette on cosine distance (Rousseeuw 1987), -1 … 1.

        An item alone in its group has 0.
        """
        return silhouettes(self.rows, labels, k)


def cluster(
    rows: NDArray[np.float32], people: Sequence[str], *, seed: int, max_items: int = MAX_ITEMS
) -> Clustering:
    """Make the tree of the items.

    Beyond `max_items` it is that of a sample, drawn so that each person gives one item before
    anybody gives a second.

    Args:
        rows: float32, (n_items, dim), unit or 0; the order decides ties.
        people: Whose item each row is, in the order of rows.
        seed: Of the sample; without effect up to `max_items`.

    Raises:
        ValueError: Lengths differ, or there are fewer than two items.
    """
    import numpy as np

    if len(rows) != len(people):
        raise ValueError(f"{len(rows)} rows of {len(people)} people")
    if len(rows) < 2:
        raise ValueError(f"{len(rows)} items cannot be grouped")
    chosen = spread(people, max_items, seed)
    if distinct(rows[chosen]) < min(_MOST_GROUPS, distinct(rows)):
        # Nearly all comments are the same word: the sample is to hold every other one.
        chosen = np.sort(np.unique(rows, axis=0, return_index=True)[1])[:max_items]
    return Clustering(rows, chosen, ward(rows[chosen]))


def silhouettes(rows: NDArray[np.floating], labels: Labels, k: int) -> Floats:
    """Return each row's silhouette on cosine distance; see `Clustering.silhouettes`.

    The mean distance to a group is 1 minus the product with the mean of its rows, so no distances
    between pairs are needed.
    """
    import numpy as np

    rows = np.asarray(rows, dtype=np.float64)
    sizes = np.bincount(labels, minlength=k)
    sums = np.zeros((k, rows.shape[1]))
    np.add.at(sums, labels, rows)
    apart = 1 - rows @ (sums / np.maximum(sizes, 1)[:, None]).T
    at = np.arange(len(rows))
    itself = 1 - np.einsum("ij,ij->i", rows, rows)  # 0, but 1 for a row of zeros
    size = sizes[labels]
    own = (apart[at, labels] * size - itself) / np.maximum(size - 1, 1)
    apart[at, labels] = np.inf
    other = np.where(sizes[None, :] > 0, apart, np.inf).min(axis=1)
    scale = np.maximum(np.maximum(own, other), 1e-12)
    return np.asarray(np.where(size > 1, (other - own) / scale, 0.0), dtype=np.float64)


def distinct(rows: NDArray[np.float32]) -> int:
    """Return how many different rows there are."""
    return len({row.tobytes() for row in rows + 0.0})


def centroids(rows: NDArray[np.float32], labels: Labels, k: int) -> NDArray[np.float32]:
    """Return the groups' middles: float32, (k, dim), unit rows; 0 where members cancel out."""
    import numpy as np

    middles = np.stack([rows[labels == label].mean(axis=0, dtype=np.float64) for label in range(k)])
    norms = np.linalg.norm(middles, axis=1, keepdims=True)
    return np.asarray(middles / np.where(norms > 0, norms, 1.0), dtype=np.float32)


def spread(people: Sequence[str], max_items: int, seed: int) -> Labels:
    """Return which items to keep, ascending: each person's first before anybody's second."""
    import numpy as np

    if len(people) <= max_items:
        return np.arange(len(people), dtype=np.intp)
    given: Counter[str] = Counter()
    rounds = []
    for place, item in enumerate(np.random.default_rng(seed).permutation(len(people)).tolist()):
        rounds.append((given[people[item]], place, item))
        given[people[item]] += 1
    return np.sort(np.array([item for _, _, item in sorted(rounds)[:max_items]], dtype=np.intp))
