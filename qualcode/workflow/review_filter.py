"""Which suggestions a filter lets through, and the random order in which a person judges them.

The random ones are the first of a fixed random order over what the filter lets through and nobody
had judged when the person began with it. Once the person has judged the beginning of that order,
its share of wrong ones bounds the share among the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from qualcode.analysis.reviewed import Reviewed, fold
from qualcode.errors import CodebookError, UsageError
from qualcode.review_events import Part
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_suggestions import STATUSES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BulkFilter", "RandomOnes", "left_to_judge", "title_of", "undecided"]

_OFFERED = 50  # of the random order, beyond which decisions count as made elsewhere
_MOST_ELSEWHERE = 0.1  # of what there was; beyond that the random ones no longer stand for the rest


@dataclass(frozen=True, slots=True)
class BulkFilter:
    """Say which suggestions: of one code, at least this likely, of one source if one is named.

    Attributes:
        source: Id of a source, empty for all.
    """

    family: str
    code: str
    min_score: float = 0.0
    source: str = ""

    @staticmethod
    def of(value: Mapping[str, Any] | str) -> BulkFilter:
        """Read a filter from JSON {family, code, min_score, source} or from its text.

        Raises:
            UsageError: It does not make sense.
        """
        if isinstance(value, str):
            names = ("family", "code", "min_score", "source")
            value = dict(zip(names, value.split("/", 3), strict=False))
        try:
            read = BulkFilter(
                str(value["family"]),
                str(value["code"]),
                round(float(value.get("min_score") or 0.0), 4),
                str(value.get("source") or ""),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError("a filter names family and code, and a least score") from error
        if not 0 <= read.min_score <= 1:
            raise UsageError(f"a score lies between 0 and 1, not {read.min_score}")
        return read

    @property
    def text(self) -> str:
        """Return the filter as the queue `bulk:FILTER` holds it."""
        return f"{self.family}/{self.code}/{self.min_score:g}/{self.source}"


def title_of(index: ReviewIndex, asked: BulkFilter) -> str:
    """Return a filter in words.

    Raises:
        UsageError: The book has no such code, or the study no such source.
    """
    try:
        code = index.book.code(asked.code)
    except CodebookError as error:
        raise UsageError(error.message, hint=error.hint) from error
    if code.family != asked.family:
        raise UsageError(f"code {asked.code!r} is not of family {asked.family!r}")
    told = code.name
    if asked.min_score:
        told += f", at least {asked.min_score:.0%} likely"
    if asked.source:
        paths = {s.id: s.path for s in index.study.repository.sources.all()}
        if asked.source not in paths:
            raise UsageError(f"the study has no source {asked.source!r}")
        told += f", in {paths[asked.source]}"
    return told


def left_to_judge(index: ReviewIndex, reviewer: str, asked: BulkFilter) -> NDArray[np.int32]:
    """Return the next random segments of a filter for a person to judge, in their order.

    Raises:
        UsageError: The filter names what is not there.
    """
    import numpy as np

    title_of(index, asked)
    return np.array(RandomOnes(index, reviewer, asked).waiting, np.int32)


class RandomOnes:
    """Hold the random order of one filter for one person, and how far he or she is in it.

    Attributes:
        judged: What the person holds of the judged beginning of the order.
        waiting: Segments of the first of the order that he or she has not judged.
    """

    def __init__(self, index: ReviewIndex, reviewer: str, asked: BulkFilter) -> None:
        self._index = index
        self._reviewer = reviewer
        self._key = (asked.family, asked.code)
        self._order = _random_order(index, asked)
        meta = f"review_bulk/{reviewer}/{asked.text}"
        repository = index.study.repository
        begun = repository.meta(meta)
        order = [] if begun is None else self._open_at(json.loads(begun))
        if begun is None or self._is_stale(order):
            last = repository.review_events.last_id()
            repository.set_meta(meta, json.dumps(last))
            order = self._open_at(last)
        self.judged: list[Reviewed] = [
            own for at in takewhile(self._own, order) if (own := self._own(at)) is not None
        ]
        self.waiting = [at for at in order[:_OFFERED] if self._own(at) is None]

    def _own(self, at: int) -> Reviewed | None:
        """Return what the person holds, if he or she judged the code by hand."""
        own = self._index.people.of(self._reviewer, Part.REVIEWER, at)
        return own if own is not None and _by_hand(own, *self._key) else None

    def _open_at(self, last: int) -> list[int]:
        """Return the segments, in random order, that nobody had judged at an event's number."""
        return [at for at in self._order if not self._was_decided(at, last)]

    def _was_decided(self, at: int, last: int) -> bool:
        held = self._index.people.held.get(at)
        if not held or not any(_by_hand(one, *self._key) for one in held.values()):
            return False
        codes = self._index.codes_of
        for author in {author for author, _ in held}:
            then = [e for e in self._index.people.events(author, at) if e.id <= last]
            if any(_by_hand(one, *self._key) for one in fold(then, codes).values()):
                return True
        return False

    def _is_stale(self, order: list[int]) -> bool:
        held = self._index.people.held
        elsewhere = sum(
            any(_by_hand(one, *self._key) for one in held.get(at, {}).values())
            for at in order[_OFFERED:]
        )
        return elsewhere > _MOST_ELSEWHERE * len(order)


def _by_hand(one: Reviewed, family: str, code: str) -> bool:
    mark = one.marks.get((family, code))
    return one.applies(family, code) is not None and not (mark is not None and mark.is_bulk)


def _rows(index: ReviewIndex, asked: BulkFilter) -> NDArray[np.int64]:
    """Return the places, in the suggestions, of what a filter lets through."""
    import numpy as np

    suggestions, drawn = index.suggestions, index.order
    number = suggestions.number(asked.family, asked.code)
    if number is None:
        return np.zeros(0, np.int64)
    let_through = (suggestions.code == number) & (suggestions.score >= asked.min_score)
    found = np.flatnonzero(let_through)
    at = suggestions.at[found]
    found = found[index.is_heard[at] & ~drawn.is_blind[at] & ~drawn.is_assisted[at]]
    if asked.source:
        of = index.sources
        ids = (index.texts[at].segment.document_id for at in suggestions.at[found].tolist())
        found = found[np.array([of[i] == asked.source for i in ids], bool)]
    return found


def _random_order(index: ReviewIndex, asked: BulkFilter) -> list[int]:
    """Return the segments of a filter in the order of hashes over study, filter and segment."""
    study_id = index.study.settings.study.id

    def place(at: int) -> bytes:
        told = "\x1f".join((study_id, "bulk", asked.text, index.texts[at].segment.id))
        return hashlib.sha256(told.encode("utf-8")).digest()

    return sorted(index.suggestions.at[_rows(index, asked)].tolist(), key=place)


def undecided(index: ReviewIndex, asked: BulkFilter) -> list[int]:
    """Return the segments where nobody has decided on the suggestion, in order."""
    found = _rows(index, asked)
    draft = STATUSES.index("draft")
    left: list[int] = index.suggestions.at[found[index.suggestions.status[found] == draft]].tolist()
    return left
