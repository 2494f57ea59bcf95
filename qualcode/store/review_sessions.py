"""Browsers that may review: only the hash of what they hold is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from qualcode.review_events import Part
from qualcode.store import schema
from qualcode.store.database import Database

__all__ = ["ReviewSession", "ReviewSessions"]

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class ReviewSession:
    """Hold who a browser's user is, and in what part."""

    reviewer: str
    part: Part
    until: str


class ReviewSessions:
    """Open, know and end sessions; they outlive a server that is started again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, reviewer: str, part: Part, *, hours: float) -> str:
        """Return a new secret for a browser's cookie; sessions that ran out are dropped."""
        table = schema.review_session
        secret = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        with self._database.write() as connection:
            connection.execute(table.delete().where(table.c.until < now.strftime(_FORMAT)))
            connection.execute(
                table.insert(),
                {
                    "token_sha256": _digest(secret),
                    "reviewer": reviewer,
                    "part": part.value,
                    "created_at": now.strftime(_FORMAT),
                    "until": (now + timedelta(hours=hours)).strftime(_FORMAT),
                },
            )
        return secret

    def find(self, secret: str) -> ReviewSession | None:
        """Return the session of a cookie, None where there is none or it ran out."""
        table = schema.review_session
        now = datetime.now(UTC).strftime(_FORMAT)
        wanted = sa.select(table.c.reviewer, table.c.part, table.c.until).where(
            table.c.token_sha256 == _digest(secret), table.c.until >= now
        )
        row = self._database.read().execute(wanted).first()
        return None if row is None else ReviewSession(row.reviewer, Part(row.part), row.until)

    def close(self, secret: str) -> None:
        """End a session."""
        table = schema.review_session
        with self._database.write() as connection:
            connection.execute(table.delete().where(table.c.token_sha256 == _digest(secret)))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
