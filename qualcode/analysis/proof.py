"""What stands beside a criterion's own quotes: counter-evidence, what was left out, merges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from qualcode.analysis.grouping import Grouped, Placed
from qualcode.analysis.items import PRAISE, Item
from qualcode.analysis.meaning import Directions
from qualcode.analysis.terms import class_terms
from qualcode.codebook import Codebook
from qualcode.draft import Merge, Quote

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = Mapping[str, NDArray[np.float32]]

__all__ = ["counter_evidence", "different_people_first", "left_out", "merges"]

MIN_NEARNESS = 0.3
"""Cosine to a group's middle from which praise speaks against its criterion."""
_MIN_SCORE = 0.65
_MOST_QUOTES = 12
_MOST_MERGES, _MERGES_READ = 5, 20
_MIN_PEOPLE = 2  # on either side: that one person's words joined many tells nothing
_CODES, _TERMS = 3, 4


def counter_evidence(
    items: Sequence[Item],
    grouped: Grouped,
    placed: Placed,
    codebook: Codebook,
    vectors: Vectors,
    code_vectors: Vectors,
) -> list[tuple[tuple[Quote, ...], int]]:
    """Return, for each group, praise for what it says is missing, and how much there is.

    Praise is placed like a pain, by what was said and by the need that what works stands nearest
    to, and speaks against the one group that it is nearest to. People of the group and of its
    stages come first, then the nearest; everybody's first quote before anybody's second.
    """
    import numpy as np

    directions = Directions(codebook, (PRAISE,), code_vectors)
    content = [
        item
        for item in items
        if item.is_content
        and item.praise[0].coding.score >= _MIN_SCORE
        and item.segment.id in vectors
    ]
    found: list[list[tuple[float, Item]]] = [[] for _ in grouped.groups]
    if content and grouped.groups:
        words = np.stack([np.asarray(vectors[i.segment.id], dtype=np.float64) for i in content])
        norms = np.linalg.norm(words, axis=1, keepdims=True)
        words = np.where(norms > 0, words / np.maximum(norms, 1e-9), 0.0)
        pointing = np.stack([directions.weights([e.coding for e in i.praise]) for i in content])
        towards = pointing @ directions.vectors
        if towards.shape[1] != placed.directions.vectors.shape[1]:
            towards = np.zeros((len(content), placed.directions.vectors.shape[1]))
        cosines = (
            placed.space.place(words, towards)
            @ np.stack([group.middle for group in grouped.groups]).T
        )
        for item, near in zip(content, cosines, strict=True):
            at = int(near.argmax())
            own = {placed.items[m].segment.id for m in grouped.groups[at].members}
            if np.isfinite(near[at]) and near[at] >= MIN_NEARNESS and item.segment.id not in own:
                found[at].append((float(near[at]), item))
    shown = []
    for group, praised in zip(grouped.groups, found, strict=True):
        members = [placed.items[m] for m in group.members]
        people = {item.person for item in members}
        stages = {item.stage for item in members} - {None}
        order = [
            (
                item.person not in people and item.stage not in stages,
                -round(near, 6),
                item.place,
                at,
            )
            for at, (near, item) in enumerate(praised)
        ]
        ranked = [praised[at][1] for *_, at in sorted(order)]
        first = different_people_first(ranked)
        shown.append((tuple(i.praise[0].quote() for i in first[:_MOST_QUOTES]), len(ranked)))
    return shown


def left_out(grouped: Grouped, placed: Placed) -> list[tuple[tuple[Quote, ...], int]]:
    """Return, for each group, what is nearest to it and was not counted, and how much there is."""
    import numpy as np

    found: list[list[tuple[float, int]]] = [[] for _ in grouped.groups]
    if grouped.groups:
        middles = np.stack([group.middle for group in grouped.groups])
        for at in grouped.left_out:
            near = middles @ placed.rows[at]
            found[int(near.argmax())].append((-round(float(near.max()), 6), at))
    return [
        (
            tuple(placed.items[at].shaping[0].quote() for _, at in sorted(some)[:_MOST_QUOTES]),
            len(some),
        )
        for some in found
    ]


def merges(grouped: Grouped, placed: Placed, texts: Mapping[str, str]) -> list[tuple[Merge, ...]]:
    """Return, for each group, the widest merges of several people that made it.

    They count members that were left out as unclear too.

    Args:
        grouped: The groups with the tree, which may hold a sample.
        placed: The items of the tree.
        texts: Document id to canonical text.
    """
    clustering = grouped.clustering
    if clustering is None:
        return [() for _ in grouped.groups]
    tree = clustering.tree

    def side(node: int) -> list[Item]:
        return [placed.items[int(clustering.chosen[at])] for at in tree.items(node)]

    made = []
    for group in grouped.groups:
        log: list[Merge] = []
        for node in tree.widest(group.root, _MERGES_READ):
            sides = [side(part) for part in tree.parts(node)]
            people = [len({item.person for item in some}) for some in sides]
            if min(people) < _MIN_PEOPLE or len(log) == _MOST_MERGES:
                continue
            words = class_terms(
                [
                    [(i.person, i.segment.span.of(texts[i.segment.document_id])) for i in s]
                    for s in sides
                ],
                n_terms=_TERMS,
            )
            log.append(
                Merge(
                    words=(words[0], words[1]),
                    n_segments=(len(sides[0]), len(sides[1])),
                    n_people=(people[0], people[1]),
                    distance=round(tree.distance(node), 4),
                    codes=(_usual_codes(sides[0]), _usual_codes(sides[1])),
                )
            )
        made.append(tuple(log))
    return made


def different_people_first(ranked: Sequence[Item]) -> list[Item]:
    """Return everybody's first, then everybody's second, each in the given order."""
    given: Counter[str] = Counter()
    rounds = []
    for place, item in enumerate(ranked):
        rounds.append((given[item.person], place))
        given[item.person] += 1
    return [ranked[place] for _, place in sorted(rounds)]


def _usual_codes(items: Sequence[Item]) -> tuple[str, ...]:
    """Return the codes that most people have, ties in the order of ids."""
    pairs = {(coding.code, item.person) for item in items for coding in item.codings}
    count = Counter(code for code, _ in pairs)
    return tuple(sorted(count, key=lambda code: (-count[code], code))[:_CODES])
