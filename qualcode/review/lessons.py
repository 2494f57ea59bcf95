"""The embedded coder learns while people review, in a thread that nobody waits for."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from pathlib import Path

from qualcode.review.study_thread import Opened, StudyThread

__all__ = ["Lessons"]

_DECISIONS = 5
"""So many decisions make a lesson."""
_LEAST_PAUSE = 5.0
"""Seconds between two lessons."""
_FIRST = 100
"""Segments that every lesson proposes anew: those that people have before them lead."""
_TURN = 300
"""Others that a lesson proposes anew, the next ones each time, so that all have their turn."""


class Lessons:
    """Count decisions and, every few, let the coder learn and propose anew.

    Attributes:
        n_held: Lessons held so far.
    """

    def __init__(self, study: Path, *, is_on: bool = True) -> None:
        self.n_held = 0
        self._is_on = is_on
        self._thread = StudyThread(study, "lessons")
        self._lock = threading.Lock()
        self._n_new = 0
        self._is_held = False
        self._is_closing = False
        self._again: threading.Timer | None = None
        self._last = 0.0

    def noticed(self, n_new: int) -> None:
        """Take notice of decisions that were stored; returns at once."""
        with self._lock:
            self._n_new += n_new
            pause_is_over = time.monotonic() - self._last >= _LEAST_PAUSE
            if not self._is_on or self._is_held or self._is_closing:
                return
            if self._n_new < _DECISIONS or not pause_is_over:
                return
            self._n_new = 0
            self._is_held = True
            held = self._thread.submit(self._lesson)
        held.add_done_callback(_told)

    async def close(self) -> None:
        """Let a lesson that is held come to an end soon."""
        with self._lock:
            self._is_closing = True
            if self._again is not None:
                self._again.cancel()
        await self._thread.close()

    def _lesson(self, opened: Opened) -> None:
        try:
            learner = opened.learner
            learner.update()
            waiting = learner.undecided()
            first, others = waiting[:_FIRST], waiting[_FIRST:]
            start = self.n_held * _TURN % max(len(others), 1)
            turn = [*others[start:], *others[:start]][:_TURN]
            learner.propose_anew([*first, *turn], should_stop=lambda: self._is_closing)
            self.n_held += 1
        finally:
            with self._lock:
                self._is_held = False
                self._last = time.monotonic()
                # What was decided meanwhile is not to wait for somebody's next decision.
                if not self._is_closing:
                    self._again = threading.Timer(_LEAST_PAUSE, self.noticed, (0,))
                    self._again.daemon = True
                    self._again.start()


def _told(held: Future[None]) -> None:
    """Leave a trace of a lesson that failed; nobody waits for it, and review goes on."""
    if (error := held.exception()) is not None:
        logging.getLogger(__name__).warning("a lesson failed: %s", type(error).__name__)
