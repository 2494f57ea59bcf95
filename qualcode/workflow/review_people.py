"""What people hold of all segments, renewed event by event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from qualcode.analysis.reviewed import CodesOf, Reviewed, fold
from qualcode.review_events import Action, Part, ReviewEvent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

__all__ = ["People"]


class People:
    """Hold what everybody holds, by segment number.

    Attributes:
        held: Segment to author and part to what that person holds in that part.
        n_done: How many people are done with each segment as reviewers, int16.
        n_blind_done: How many were while suggestions were hidden, int16.
        is_adjudicated: Which segments an adjudicator is done with, bool.
        seen: Author to the segments where the person has seen suggestions or others' codings:
            they are never blind for him or her again.
        last: Author and segment to the number of the person's newest event on it.
        flagged: Author to the segments that he or she has flagged.
        skipped: Author to the segments that he or she passed over.
        batches: Bulk action to its events.
        decided: Author to the number of decisions on single codes that stand, by hand and in bulk.

    Args:
        place: Segment id to segment number.
        families: Those that a person judges to be done with a segment.
        codes_of: See `fold`.
        seen_with: What a person holds with the codes of today's book (`seen_with_book`).
    """

    def __init__(
        self,
        place: Mapping[str, int],
        families: Sequence[str],
        codes_of: CodesOf,
        seen_with: Callable[[Reviewed], Reviewed],
    ) -> None:
        import numpy as np

        self._place = place
        self._families = frozenset(families)
        self._codes_of = codes_of
        self._seen_with = seen_with
        self._events: dict[tuple[str, int], list[ReviewEvent]] = defaultdict(list)
        self._done: dict[str, Flags] = {}
        self._blind_done: set[tuple[str, int]] = set()
        self._counted: dict[tuple[str, int], tuple[int, int]] = {}
        self.held: dict[int, dict[tuple[str, Part], Reviewed]] = {}
        self.n_done: NDArray[np.int16] = np.zeros(len(place), np.int16)
        self.n_blind_done: NDArray[np.int16] = np.zeros(len(place), np.int16)
        self.is_adjudicated: Flags = np.zeros(len(place), bool)
        self.seen: dict[str, set[int]] = defaultdict(set)
        self.last: dict[tuple[str, int], int] = {}
        self.flagged: dict[str, set[int]] = defaultdict(set)
        self.skipped: dict[str, set[int]] = defaultdict(set)
        self.batches: dict[str, list[ReviewEvent]] = defaultdict(list)
        self.decided: dict[str, tuple[int, int]] = {}

    def add(self, events: Iterable[ReviewEvent]) -> set[int]:
        """Take newer events in their order and return the segments that they are on."""
        touched: dict[tuple[str, int], None] = {}
        for event in events:
            at = self._place.get(event.segment_id)
            if at is None:
                continue
            key = (event.author, at)
            touched[key] = None
            self._events[key].append(event)
            self.last[key] = event.id
            if not event.is_blind:
                self.seen[event.author].add(at)
            if event.batch and event.action is not Action.UNDO:
                self.batches[event.batch].append(event)
        for author, at in touched:
            self._fold(author, at)
        return {at for _, at in touched}

    def done(self, author: str) -> Flags:
        """Return which segments the person is done with as a reviewer; not to be changed."""
        import numpy as np

        if author not in self._done:
            self._done[author] = np.zeros(len(self._place), bool)
        return self._done[author]

    def is_done(self, author: str, segment: int) -> bool:
        found = self._done.get(author)
        return found is not None and bool(found[segment])

    def of(self, author: str, part: Part, segment: int) -> Reviewed | None:
        """Return what a person holds of a segment in one part."""
        return self.held.get(segment, {}).get((author, part))

    def events(self, author: str, segment: int) -> Sequence[ReviewEvent]:
        """Return what a person did to a segment, oldest first."""
        return self._events.get((author, segment), ())

    def adjudicated(self, segment: int) -> Reviewed | None:
        """Return the word of the adjudicator who is done with a segment."""
        for (_, part), one in reversed(self.held.get(segment, {}).items()):
            if part is Part.ADJUDICATOR and self._families <= one.complete.keys():
                return one
        return None

    def authors(self) -> list[str]:
        """Return everybody who did anything, in order of name."""
        return sorted({author for author, _ in self._events})

    def _fold(self, author: str, at: int) -> None:
        events = self._events[author, at]
        folded = {
            part: self._seen_with(one) for (_, _, part), one in fold(events, self._codes_of).items()
        }
        holders = self.held.setdefault(at, {})
        for part in Part:
            holders.pop((author, part), None)
            if part in folded:
                holders[author, part] = folded[part]
        if not holders:
            del self.held[at]
        self.is_adjudicated[at] = self.adjudicated(at) is not None
        marks = [mark for one in folded.values() for mark in one.marks.values()]
        n_bulk = sum(mark.is_bulk for mark in marks)
        self._count(author, at, len(marks) - n_bulk, n_bulk)
        own = folded.get(Part.REVIEWER)
        self._set_done(author, at, own is not None and self._families <= own.complete.keys())
        for kept, is_in in (
            (self.flagged, any(one.is_flagged for one in folded.values())),
            (self.skipped, own is not None and own.is_skipped),
        ):
            (kept[author].add if is_in else kept[author].discard)(at)
        if any(event.is_blind for event in events):
            blind = fold(events, self._codes_of, blind_only=True).values()
            is_done = any(self._families <= one.complete.keys() for one in blind)
            self._set_blind_done(author, at, is_done)

    def _count(self, author: str, at: int, by_hand: int, bulk: int) -> None:
        was = self._counted.get((author, at), (0, 0))
        total = self.decided.get(author, (0, 0))
        self._counted[author, at] = (by_hand, bulk)
        self.decided[author] = (total[0] + by_hand - was[0], total[1] + bulk - was[1])

    def _set_done(self, author: str, at: int, is_done: bool) -> None:
        flags = self.done(author)
        self.n_done[at] += int(is_done) - int(flags[at])
        flags[at] = is_done

    def _set_blind_done(self, author: str, at: int, is_done: bool) -> None:
        key = (author, at)
        self.n_blind_done[at] += int(is_done) - int(key in self._blind_done)
        (self._blind_done.add if is_done else self._blind_done.discard)(key)
