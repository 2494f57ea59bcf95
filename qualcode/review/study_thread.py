"""One thread that alone holds a study's connections, because SQLite's must not be shared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from qualcode.codebook.files import read_text
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from qualcode.workflow.learn import Learner
    from qualcode.workflow.review_index import ReviewIndex

__all__ = ["Opened", "StudyThread"]

_CODEBOOK = "codebook.yaml"
Answer = TypeVar("Answer")


class Opened:
    """Hold a study and, from their first use on, the queues' index and the coder that learns."""

    def __init__(self, study: Study) -> None:
        self.study = study

    @cached_property
    def index(self) -> ReviewIndex:
        from qualcode.workflow.review_index import ReviewIndex

        return ReviewIndex(self.study)

    @cached_property
    def learner(self) -> Learner:
        from qualcode.workflow.learn import Learner

        return Learner(self.study)


class StudyThread:
    """Run work on a study, one piece after the other, in a thread with a `Study` of its own.

    The study is opened by the first piece of work. A codebook that was edited meanwhile is read
    again before the next piece.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=f"study-{name}")
        self._opened: Opened | None = None
        self._stamp: tuple[int, int] | None = None

    async def run(self, work: Callable[[Opened], Answer]) -> Answer:
        """Return what a piece of work returns, and raise what it raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._do, work)

    def submit(self, work: Callable[[Opened], Answer]) -> Future[Answer]:
        """Let a piece of work be done from another thread's work, which goes on meanwhile."""
        return self._pool.submit(self._do, work)

    async def close(self) -> None:
        """Let the work that waits end, then close the study."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._pool, self._close)
        self._pool.shutdown()

    def _do(self, work: Callable[[Opened], Answer]) -> Answer:
        stamp = self._stamp_of_codebook()
        if self._opened is None:
            self._opened = Opened(Study(self._path))
        elif stamp != self._stamp:
            study = self._opened.study
            for kept in ("codebook", "codebook_text"):
                study.__dict__.pop(kept, None)
            self._opened = Opened(study)  # the index was made with the old book
        self._stamp = stamp
        study = self._opened.study
        text = study.__dict__.get("codebook_text")
        try:
            return work(self._opened)
        finally:
            if text is not None and study.__dict__.get("codebook_text") is not text:
                self._keep_own_change(study)

    def _keep_own_change(self, study: Study) -> None:
        """Spare the second that reading a book again takes that the work itself has changed."""
        stamp = self._stamp_of_codebook()
        if read_text(self._path / _CODEBOOK) == study.codebook_text:
            self._stamp = stamp
            self._opened = Opened(study)

    def _stamp_of_codebook(self) -> tuple[int, int] | None:
        try:
            found = (self._path / _CODEBOOK).stat()
        except OSError:
            return None  # whoever reads it says what is wrong
        return found.st_mtime_ns, found.st_size

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.study.close()
            self._opened = None
