"""The draft map as a server holds it: drafted beside the work, laid out once for each decision."""

from __future__ import annotations

import time
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.review.study_thread import Opened, StudyThread
from qualcode.review_events import Part

if TYPE_CHECKING:
    from qualcode.workflow.draft import Drafted
    from qualcode.workflow.held_draft import HeldDraft, Stamp
    from qualcode.workflow.review_map import LaidOut
    from qualcode.workflow.review_sight import Sight
    from qualcode.workflow.study import Study

__all__ = ["MapDesk"]

_LEAST_PAUSE = 10.0  # seconds between two draftings while the codings change
_SHARE_OF_TIME = 5  # and so many times as long as one takes
_MOST_RECEIPTS = 1000
_PATIENCE = 0.2  # seconds


class MapDesk:
    """Hold the draft between requests.

    Decisions are made in one thread, so that they come one after the other; a draft is made in
    another one, so that nobody waits for it but who opens the map first. While the codings change
    under people's hands, it is made again now and then.

    Attributes:
        thread: Where everything but the drafting runs.
        receipts: Uids of deeds to the decisions that they became, of the last thousand.
    """

    def __init__(self, study: Path) -> None:
        self.thread = StudyThread(study, "map")
        self.receipts: OrderedDict[str, int] = OrderedDict()
        self._drafting = StudyThread(study, "drafting")
        self._making: Future[tuple[Drafted, Stamp]] | None = None
        self._held: HeldDraft | None = None
        self._begun = self._ended = 0.0
        self._has_failed = False
        self._laid: LaidOut | None = None
        self._n_laid = 0
        self._sheets: dict[Sight, dict[str, Any]] = {}
        self._sights: dict[tuple[str, Part], tuple[HeldDraft | None, Sight]] = {}

    async def close(self) -> None:
        """Let the work that waits end; a draft that is being made too."""
        await self.thread.close()
        await self._drafting.close()

    def laid(self, study: Study) -> LaidOut | None:
        """Return the draft with the decisions that stand now, None while the first is being made.

        Raises:
            Exception: Whatever kept the draft from being made; the next call tries again.
        """
        from qualcode.workflow.draft import draft
        from qualcode.workflow.review_map import LaidOut

        self._take_draft(study)
        if study.held_draft is None:
            return None
        drafted = draft(study)
        if self._laid is None or self._laid.drafted is not drafted:
            self._laid = LaidOut(study, drafted)
            self._n_laid += 1
            self._sheets.clear()
        return self._laid

    def sight(self, quick: StudyThread, reviewer: str, part: Part) -> Sight:
        """Return what is kept back from a person, from the thread that knows who judged what.

        Where that one is busy, what it said last still holds for the same draft: of segments that
        are there already, fewer and fewer are kept back.
        """
        from qualcode.workflow.review_sight import sight_of

        asked = quick.submit(lambda opened: sight_of(opened.index, reviewer, part))
        held, known = self._sights.get((reviewer, part), (None, None))
        is_known = known is not None and held is self._held
        try:
            sight = asked.result(_PATIENCE if is_known else None)
        except TimeoutError:
            assert known is not None
            return known
        self._sights[reviewer, part] = (self._held, sight)
        return sight

    def sheet(self, laid: LaidOut, sight: Sight) -> dict[str, Any]:
        """Return what a person sees of it; not to be changed."""
        if sight not in self._sheets:
            self._sheets[sight] = laid.sheet(sight)
        return self._sheets[sight]

    def version(self, sight: Sight) -> str:
        """Return a text that changes when what this person sees does."""
        return f"{self._n_laid}.{hash(sight) & 0xFFFFFFFF:08x}.{int(self.is_fresh)}"

    @property
    def is_fresh(self) -> bool:
        """Say whether no newer draft is being made."""
        return self._making is None

    def remember(self, uid: str, decision_id: int) -> None:
        """Note what a deed became, so that it is done once however often it is sent."""
        self.receipts[uid] = decision_id
        if len(self.receipts) > _MOST_RECEIPTS:
            self.receipts.popitem(last=False)

    def _take_draft(self, study: Study) -> None:
        from qualcode.workflow.held_draft import HeldDraft

        making = self._making
        if making is not None and making.done():
            self._making, self._ended, self._has_failed = None, time.monotonic(), True
            self._held = HeldDraft(*making.result())
            self._has_failed = False
        study.held_draft = self._held
        if self._making is None and self._is_due(study):
            self._begun = time.monotonic()
            self._making = self._drafting.submit(_drafted)

    def _is_due(self, study: Study) -> bool:
        from qualcode.workflow.held_draft import stamp_of

        if self._held is None:
            return True
        now = stamp_of(study)
        if now == self._held.stamp:
            return False
        pause = max(_LEAST_PAUSE, _SHARE_OF_TIME * (self._ended - self._begun))
        is_other_book = now.codebook != self._held.stamp.codebook and not self._has_failed
        return is_other_book or time.monotonic() - self._ended >= pause


def _drafted(opened: Opened) -> tuple[Drafted, Stamp]:
    from qualcode.workflow.draft import machines_draft
    from qualcode.workflow.held_draft import stamp_of

    stamp = stamp_of(opened.study)
    return machines_draft(opened.study), stamp
