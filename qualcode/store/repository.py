"""The one door to a study's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa

from qualcode.records import Corpus
from qualcode.store import schema
from qualcode.store.candidates import Candidates
from qualcode.store.codebook_versions import CodebookVersions
from qualcode.store.database import Database
from qualcode.store.decisions import Decisions
from qualcode.store.draws import Draws
from qualcode.store.erasure import Erasure
from qualcode.store.judgements import Judgements
from qualcode.store.learnt import LearntStates
from qualcode.store.leases import Leases
from qualcode.store.ledger import Ledger
from qualcode.store.narratives import Narratives
from qualcode.store.notes import Notes
from qualcode.store.people import People
from qualcode.store.removals import Removals
from qualcode.store.replies import Replies
from qualcode.store.review_events import ReviewEvents
from qualcode.store.review_overview import ReviewOverview
from qualcode.store.review_sessions import ReviewSessions
from qualcode.store.revisions import Revisions
from qualcode.store.segment_texts import SegmentTexts
from qualcode.store.sources import Sources
from qualcode.store.vectors import Vectors

__all__ = ["Repository"]


class Repository:
    """Give access to what one study holds: sources, people, judgements, decisions and so on.

    Raises:
        StoreError: See `Database`.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._database = Database(path, create=create)
        self.sources = Sources(self._database)
        self.segment_texts = SegmentTexts(self._database)
        self.people = People(self._database)
        self.revisions = Revisions(self._database)
        self.removals = Removals(self._database)
        self.erasure = Erasure(self._database)
        self.notes = Notes(self._database)
        self.judgements = Judgements(self._database)
        self.decisions = Decisions(self._database)
        self.review_events = ReviewEvents(self._database)
        self.review_overview = ReviewOverview(self._database)
        self.review_sessions = ReviewSessions(self._database)
        self.draws = Draws(self._database)
        self.learnt = LearntStates(self._database)
        self.leases = Leases(self._database)
        self.codebook_versions = CodebookVersions(self._database)
        self.vectors = Vectors(self._database)
        self.ledger = Ledger(self._database)
        self.replies = Replies(self._database)
        self.candidates = Candidates(self._database)
        self.narratives = Narratives(self._database)

    def corpus(self) -> Corpus:
        """Return everything as it stands now."""
        documents = self.sources.documents()
        segments = self.sources.segments(documents)
        return Corpus(
            documents, segments, self.judgements.current([segment.id for segment in segments])
        )

    def meta(self, key: str) -> str | None:
        return self._database.read().scalar(
            sa.select(schema.meta.c.value).where(schema.meta.c.key == key)
        )

    def set_meta(self, key: str, value: str) -> None:
        with self._database.write() as connection:
            connection.execute(schema.meta.delete().where(schema.meta.c.key == key))
            connection.execute(schema.meta.insert(), {"key": key, "value": value})

    def drop_meta(self, key: str) -> None:
        with self._database.write() as connection:
            connection.execute(schema.meta.delete().where(schema.meta.c.key == key))

    @contextmanager
    def writing(self, *, is_flushed: bool = True) -> Iterator[None]:
        """Save all that is written inside in one transaction: all of it, or nothing.

        Keep it short, other processes wait. What is written is read again only after the end.

        Args:
            is_flushed: See `Database.write`.
        """
        with self._database.write(is_flushed=is_flushed):
            yield

    def erase_leftovers(self) -> bool:
        """Overwrite what replaced or deleted text left in the database's log.

        Returns:
            False where another process was reading, so that the log still holds it.
        """
        return self._database.erase_leftovers()

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
