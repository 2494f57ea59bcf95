"""Merge proposed codes that mean the same, among themselves and with what is there already.

How near two codes are is the cosine of the vectors of "name: definition". With the embedded
encoder, of 32 codes of the default book told in other words 24 lie at 0.65 or nearer to their code;
of 15 codes that it does not have, none (the nearest, being embarrassed in public, at 0.63 to rude
treatment). Two words for one new code lie at 0.4 to 0.8, two codes at up to 0.5. What is merged in
error can be seen by its quotes, what is dropped in error is lost, so the book's border is higher.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qualcode.codebook import Code
from qualcode.store.candidates import Candidate, CandidateQuote, CandidateStatus, Proposal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = Mapping[str, NDArray[np.float32]]

__all__ = ["IN_THE_BOOK", "SAME", "Sorted", "merged", "sorted_out", "told", "united"]

IN_THE_BOOK = 0.65
"""A proposal as near as this to a code of the book is that code."""

SAME = 0.6
"""Proposals as near as this, by the mean over all pairs, are one."""

_DIGITS = 6
"""Nearness is rounded so that ties are ties on every machine."""


def told(code: Code | Proposal | Candidate) -> str:
    """Return the words by which a code is compared."""
    return f"{code.name}: {code.definition}" if code.definition else code.name


def united(
    quotes: Iterable[CandidateQuote], order: Mapping[str, int]
) -> tuple[CandidateQuote, ...]:
    """Return quotes once each in the order of the study, without those inside another one.

    Args:
        quotes: In any order; those of segments that are not in `order` come last.
        order: Segment id to its place in the study.
    """

    def place(quote: CandidateQuote) -> tuple[int, str, int, int]:
        at = order.get(quote.segment_id, len(order))
        return at, quote.segment_id, quote.start_char, -quote.end_char

    kept: list[CandidateQuote] = []
    for quote in sorted(set(quotes), key=place):
        before = kept[-1] if kept else None
        if before is None or (
            before.segment_id != quote.segment_id or quote.end_char > before.end_char
        ):
            kept.append(quote)
    return tuple(kept)


def merged(
    proposals: Sequence[Proposal], vectors: Vectors, order: Mapping[str, int]
) -> tuple[Proposal, ...]:
    """Return one proposal for each meaning, by family in the order in which families come first.

    Groups are made from the nearest pair on, by the mean of all pairs between two groups (average
    linkage), as long as that is `SAME` or nearer; proposals of one name are one in any case. Name
    and definition are those of the member that lies nearest to the middle of its group, of equal
    ones those with more quotes, a shorter name, or the earlier.

    Args:
        proposals: In a fixed order.
        vectors: Unit rows by `told`.
        order: See `united`.
    """
    by_family: dict[str, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        by_family[proposal.family].append(proposal)
    return tuple(
        _one(group, vectors, order)
        for family in by_family.values()
        for group in _groups(family, vectors)
    )


def _groups(proposals: Sequence[Proposal], vectors: Vectors) -> list[list[Proposal]]:
    """Return groups in the order of their first members."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(proposals) < 2:
        return [list(proposals)]
    rows = np.array([vectors[told(p)] for p in proposals], dtype=np.float64)
    apart = 1.0 - np.round(rows @ rows.T, _DIGITS)
    names = np.unique([p.name.casefold() for p in proposals], return_inverse=True)[1]
    apart[names[:, None] == names[None, :]] = 0.0
    above = np.triu_indices(len(proposals), k=1)
    tree = linkage(np.maximum(apart[above], 0.0), "average")
    labels = fcluster(tree, t=1.0 - SAME + 10.0**-_DIGITS, criterion="distance")
    groups: dict[int, list[Proposal]] = defaultdict(list)
    for proposal, label in zip(proposals, labels.tolist(), strict=True):
        groups[label].append(proposal)
    return list(groups.values())


def _one(group: Sequence[Proposal], vectors: Vectors, order: Mapping[str, int]) -> Proposal:
    import numpy as np

    rows = np.array([vectors[told(p)] for p in group], dtype=np.float64)
    near = np.round(rows @ rows.mean(axis=0), _DIGITS).tolist()
    chosen = max(
        range(len(group)),
        key=lambda at: (near[at], len(group[at].quotes), -len(group[at].name), -at),
    )
    return replace(
        group[chosen], quotes=united((quote for p in group for quote in p.quotes), order)
    )


@dataclass(frozen=True, slots=True)
class Sorted:
    """Say what is to be done with merged proposals.

    Attributes:
        new: Those that nothing is near to.
        joined: Number of an open candidate to the proposals that mean it.
        n_in_book: Those that mean a code of the book, or one that a person took from a candidate.
        n_dismissed: Those that mean a candidate that a person dismissed.
    """

    new: tuple[Proposal, ...]
    joined: Mapping[int, tuple[Proposal, ...]]
    n_in_book: int
    n_dismissed: int


def sorted_out(
    proposals: Sequence[Proposal],
    codes: Collection[Code],
    candidates: Collection[Candidate],
    vectors: Vectors,
) -> Sorted:
    """Compare merged proposals with the codes and candidates of their families.

    Args:
        proposals: As `merged` returns them.
        codes: All of the book: retired ones are decided on too.
        candidates: All there are.
        vectors: Unit rows by `told`.
    """
    new: list[Proposal] = []
    joined: dict[int, list[Proposal]] = defaultdict(list)
    n_in_book = n_dismissed = 0
    for proposal in proposals:
        near = [_nearness(proposal, c, vectors) for c in codes if c.family == proposal.family]
        if max(near, default=0.0) >= IN_THE_BOOK:
            n_in_book += 1
            continue
        known = [(_nearness(proposal, c, vectors), c) for c in candidates]
        known = [(n, c) for n, c in known if c.family == proposal.family and n >= SAME]
        if not known:
            new.append(proposal)
            continue
        nearest = max(known, key=lambda pair: (pair[0], -pair[1].id))[1]
        if nearest.status is CandidateStatus.OPEN:
            joined[nearest.id].append(proposal)
        elif nearest.status is CandidateStatus.ACCEPTED:
            n_in_book += 1
        else:
            n_dismissed += 1
    return Sorted(
        tuple(new), {n: tuple(some) for n, some in joined.items()}, n_in_book, n_dismissed
    )


def _nearness(proposal: Proposal, other: Code | Candidate, vectors: Vectors) -> float:
    if proposal.name.casefold() == other.name.casefold():
        return 1.0
    return round(float(vectors[told(proposal)] @ vectors[told(other)]), _DIGITS)
