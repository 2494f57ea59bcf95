"""Decided segments that mean the like, of those whose codes a person may know.

Vectors are compared exactly. Nothing is embedded here: texts that nobody has embedded yet have no
neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qualcode.review_events import Part
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_views import Similar, SimilarCode
from qualcode.workflow.search import LEAST_SIMILARITY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

__all__ = ["similar_decided"]

_MOST_COMPARED = 20_000
_UNREAD, _MISSING = -1, -2


def similar_decided(
    index: ReviewIndex, reviewer: str, segment: int, *, limit: int = 3
) -> tuple[Similar, ...]:
    """Return decided segments that mean the like of one, nearest first.

    Decided are those that the person is done with, and those that an adjudicator has settled; of
    very many, those late in the study. Whether the segment itself is blind is the caller's matter.
    """
    import numpy as np

    people = index.people
    is_settled = people.is_adjudicated & ~index.order.is_blind
    decided = np.flatnonzero(people.done(reviewer) | is_settled)
    decided = decided[decided != segment][-_MOST_COMPARED:]
    if not len(decided):
        return ()
    vectors = index.kept("vectors", lambda: _Vectors(index))
    rows = vectors.rows(np.append(segment, decided))
    if rows[0] < 0:
        return ()
    # Not the product of matrices: its threads wait for each other where the machine is busy.
    likeness = np.einsum("ij,j->i", vectors.matrix, vectors.matrix[rows[0]])
    known = np.flatnonzero(rows[1:] >= 0)
    scores = likeness[rows[1:][known]]
    best = (
        np.argpartition(-scores, limit)[:limit] if len(scores) > limit else np.arange(len(scores))
    )
    best = best[np.lexsort((best, -scores[best]))]
    return tuple(
        _similar(index, reviewer, int(decided[known[at]]), float(scores[at]))
        for at in best.tolist()
        if scores[at] >= LEAST_SIMILARITY
    )


class _Vectors:
    """Hold vectors of the segments that were asked for, and read what is missing from the store.

    Attributes:
        matrix: Unit vectors, float32, one row each that was read.
    """

    def __init__(self, index: ReviewIndex) -> None:
        import numpy as np

        from qualcode.coders.local.weights import model_id

        self._index = index
        self._model = model_id()
        self._row_of = np.full(len(index.texts), _UNREAD, np.int32)
        self._held: Matrix = np.zeros((0, 0), np.float32)
        self.matrix: Matrix = self._held

    def rows(self, segments: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the row of each segment, below 0 where the store has no vector of it."""
        found = self._row_of[segments]
        unread = segments[found == _UNREAD]
        if len(unread):
            self._read(unread.tolist())
            found = self._row_of[segments]
        return found

    def _read(self, segments: Sequence[int]) -> None:
        import numpy as np

        texts = self._index.texts
        keys = [texts[at].key for at in segments]
        found = self._index.study.repository.vectors.get(keys, self._model)
        fresh = [(at, found[key]) for at, key in zip(segments, keys, strict=True) if key in found]
        self._row_of[list(segments)] = _MISSING
        if not fresh:
            return
        first, last = len(self.matrix), len(self.matrix) + len(fresh)
        if last > len(self._held):
            grown = np.zeros((max(256, 2 * last), len(fresh[0][1])), np.float32)
            if first:
                grown[:first] = self.matrix
            self._held = grown
        self._held[first:last] = [vector for _, vector in fresh]
        self._row_of[[at for at, _ in fresh]] = np.arange(first, last)
        self.matrix = self._held[:last]


def _similar(index: ReviewIndex, reviewer: str, segment: int, likeness: float) -> Similar:
    people = index.people
    one = people.of(reviewer, Part.REVIEWER, segment)
    if one is None or not index.is_blind(reviewer, Part.REVIEWER, segment):
        one = people.adjudicated(segment) or one
    marks = () if one is None else tuple(one.marks.values())
    author = "" if one is None else one.author
    return Similar(
        segment_id=index.texts[segment].segment.id,
        text=index.texts[segment].text,
        codes=tuple(SimilarCode(m.family, m.code, author) for m in marks if m.applies),
        similarity=round(min(1.0, likeness), 4),
    )
