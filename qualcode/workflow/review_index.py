"""What the review needs at hand of a whole study, kept between calls and renewed by what is new."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from qualcode.analysis.reviewed import seen_with_book
from qualcode.analysis.settled import settlements
from qualcode.errors import UsageError
from qualcode.records import Document, Role
from qualcode.review_events import Part
from qualcode.workflow.codebook_versions import remember_edits
from qualcode.workflow.review_drawn import DrawnOrder
from qualcode.workflow.review_people import People
from qualcode.workflow.review_suggestions import STATUSES, Suggestions
from qualcode.workflow.reviews import codes_of
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from qualcode.store.segment_texts import SegmentText

    Flags = NDArray[np.bool_]

__all__ = ["TURNS_AROUND", "ReviewIndex"]

_STRUCTURE_SECONDS = 5.0
_DOCUMENTS_KEPT = 256
TURNS_AROUND = 3
"""How many turns before and after a segment's own are shown."""

Kept = TypeVar("Kept")


class ReviewIndex:
    """Hold a study's segments, suggestions and people's judgements in memory.

    A server makes one and keeps it, in one thread. Every function of `workflow/review_*` that takes
    it renews it from the store first, so several servers may use a study at once: decisions and
    suggestions at once, new files and voices within seconds. Making it draws the random sample
    where segments are new. A codebook that was changed needs a new one.

    Attributes:
        fingerprint: Of the book.
        codes_of: Which codes a family had in another version of the book.
        texts: All segments in the order of the corpus; a segment's number is its place here.
        place: Segment id to number.
        is_heard: By number, whether the segment is not an interviewer's.
        suggestions: Machines' codes.
        people: What people hold.
        order: The drawn order.
        contested: Segments on which people who judged the same code disagree.
        added: Segment to the codes that people gave it where no machine proposes them.
        orders: Queues' orders that follow from the suggestions alone, as they were asked for.
        prolonged: Reviewer to when his or her leases were last prolonged, of `time.monotonic`.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.book = study.codebook
        self.families = tuple(f for f in self.book.families if self.book.family(f))
        self.fingerprint = self.book.fingerprint()  # takes 40 ms, so once
        self.codes_of = codes_of(study)
        self.prolonged: dict[str, float] = {}
        remember_edits(study)  # what a person is done with is told by the book's fingerprint
        self._version = -1
        self._is_structure_due = False
        self._structure: tuple[object, ...] = ()
        self._structure_read = 0.0
        self._shares: str | None = None
        self._last_judgement = self._last_event = 0
        self._load()

    def renew(self) -> None:
        """Take what anybody saved since the last call; costs microseconds where that is nothing."""
        overview = self.study.repository.review_overview
        version = overview.version()
        if version == self._version and not self._is_structure_due:
            return
        self._version = version
        self._is_structure_due = True
        if time.monotonic() - self._structure_read >= _STRUCTURE_SECONDS:
            if overview.structure() != self._structure or self._reserved() != self._shares:
                self._load()
                return
            self._is_structure_due = False
            self._structure_read = time.monotonic()
        last = overview.last_judgement()
        if last > self._last_judgement:
            since = self._last_judgement
            judged = overview.judged(since=since)
            self.suggestions.update(judged, overview.suggested(since=since))
            self._last_judgement = last
            self._forget_orders()
            numbers = {
                self.place[segment_id] for segment_id, *_ in judged if segment_id in self.place
            }
            self._settle(number for number in numbers if number in self.people.held)
        self._take_events()

    def number(self, segment_id: str) -> int:
        """Return the number of a segment that can be judged.

        Raises:
            UsageError: The study has none such, or it is an interviewer's.
        """
        at = self.place.get(segment_id)
        if at is None:
            raise UsageError(f"the study has no segment {segment_id!r}")
        if not self.is_heard[at]:
            raise UsageError(f"segment {segment_id} is an interviewer's: such words are not coded")
        return at

    def is_blind(self, reviewer: str, part: Part, segment: int) -> bool:
        """Say whether suggestions and others' codings are kept back from a person."""
        if part is Part.ADJUDICATOR or not self.order.is_blind[segment]:
            return False
        return segment not in self.people.seen[reviewer]

    def open_to(self, reviewer: str, *, overlap: int = 1, is_drawn: bool = False) -> Flags:
        """Return which segments a person may be given to judge.

        Not what he or she is done with, nor what enough others are done with or have before them,
        nor what an adjudicator has settled.

        Args:
            overlap: How many people judge one segment.
            is_drawn: Whether the segments are given as items of the random sample, for which a
                blind one counts as judged only where it was judged blind.
        """
        people = self.people
        done = people.done(reviewer)
        others = people.n_done - done
        if is_drawn:
            blind = self.order.is_blind
            others[blind] = people.n_blind_done[blind]
        for segment_id, holder in self.study.repository.leases.holders():
            at = self.place.get(segment_id)
            if at is not None and holder != reviewer and not people.is_done(holder, at):
                others[at] += 1
        found: Flags = self.is_heard & ~done & ~people.is_adjudicated & (others < overlap)
        if is_drawn:
            for at in people.seen[reviewer]:
                if self.order.is_blind[at]:
                    found[at] = False
        return found

    def conversation(self, segment: int) -> Document:
        """Return a segment's document with the turns around it alone, from memory if asked lately.

        `TURNS_AROUND` before and after the segment's own.
        """
        found = self._documents.pop(segment, None)
        if found is None:
            own = self.texts[segment].segment
            first, last = own.turn_index - TURNS_AROUND, own.turn_index + TURNS_AROUND
            found = self.study.repository.sources.around(own.document_id, first, last)
        self._documents[segment] = found
        if len(self._documents) > _DOCUMENTS_KEPT:
            del self._documents[next(iter(self._documents))]
        return found

    def kept(self, name: str, make: Callable[[], Kept]) -> Kept:
        """Return what follows from files and people alone, made when it is first asked for."""
        if name not in self._kept:
            self._kept[name] = make()
        found: Kept = self._kept[name]
        return found

    @property
    def sources(self) -> Mapping[str, str]:
        """Return document id to source id."""
        return self.kept("sources", self.study.repository.review_overview.document_sources)

    @property
    def own_attributes(self) -> Mapping[str, Mapping[str, str]]:
        """Return participant id to what was said of him or her."""
        return self.kept("attributes", self.study.repository.people.own_attributes)

    def _load(self) -> None:
        """Read everything."""
        import numpy as np

        repository, overview = self.study.repository, self.study.repository.review_overview
        self._version = overview.version()
        self._structure = overview.structure()
        self._structure_read = time.monotonic()
        self._is_structure_due = False
        self.texts: Sequence[SegmentText] = repository.segment_texts.all()
        self.place = {text.segment.id: at for at, text in enumerate(self.texts)}
        self.is_heard: Flags = np.array(
            [text.segment.role is not Role.INTERVIEWER for text in self.texts], bool
        )
        heard = {i: at for i, at in self.place.items() if self.is_heard[at]}
        self.order = DrawnOrder(self.study, heard, self.texts)
        self._shares = self._reserved()
        self._last_judgement = overview.last_judgement()
        self.suggestions = Suggestions(overview.suggested(), heard, len(self.texts), self.book)
        self.people = People(self.place, self.families, self.codes_of, seen_with_book(self.book))
        self.contested: set[int] = set()
        self.added: dict[int, tuple[tuple[str, str], ...]] = {}
        self._documents: dict[int, Document] = {}
        self._kept: dict[str, Any] = {}
        self._last_event = 0
        self._forget_orders()
        self._take_events()

    def _forget_orders(self) -> None:
        """Drop what queues keep that follows from the suggestions alone."""
        self.orders: dict[str, NDArray[np.int32]] = {}

    def _reserved(self) -> str | None:
        return self.study.repository.meta("review_reserved")

    def _take_events(self) -> None:
        events = self.study.repository.review_events.all(since=self._last_event)
        if events:
            self._last_event = events[-1].id
            self._settle(self.people.add(events))

    def _settle(self, segments: Iterable[int]) -> None:
        """Note what people's judgements on some segments come to."""
        for at in segments:
            proposed = self.suggestions.codes_of(at)
            outcomes = settlements(list(self.people.held.get(at, {}).values()), proposed)
            self.suggestions.status[self.suggestions.of(at)] = [
                _STATUS[outcomes[key].status] if key in outcomes else 0 for key in proposed
            ]
            is_contested = any(o.status == "contested" for o in outcomes.values())
            (self.contested.add if is_contested else self.contested.discard)(at)
            added = tuple(k for k, o in outcomes.items() if k not in proposed and o.applies)
            if added:
                self.added[at] = added
            else:
                self.added.pop(at, None)


_STATUS = {status: number for number, status in enumerate(STATUSES)}
