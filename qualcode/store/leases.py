"""Who has which segment before him or her, in the store, so that two servers know of each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from qualcode.store import schema
from qualcode.store.database import Database

__all__ = ["Leases"]

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


class Leases:
    """Give segments to reviewers for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(
        self, reviewer: str, segment_ids: Sequence[str], *, minutes: float, overlap: int = 1
    ) -> tuple[str, ...]:
        """Lease the segments that fewer than `overlap` others hold, and return them in order.

        One's own leases are prolonged. Leases that ran out are dropped.
        """
        table = schema.lease
        now = datetime.now(UTC)
        until = (now + timedelta(minutes=minutes)).strftime(_FORMAT)
        got: list[str] = []
        with self._database.write() as connection:
            connection.execute(table.delete().where(table.c.until < now.strftime(_FORMAT)))
            for segment_id in segment_ids:
                holders = set(
                    connection.scalars(
                        sa.select(table.c.reviewer).where(table.c.segment_id == segment_id)
                    )
                )
                if reviewer in holders:
                    connection.execute(
                        table.update()
                        .where(table.c.segment_id == segment_id, table.c.reviewer == reviewer)
                        .values(until=until)
                    )
                elif len(holders) >= overlap:
                    continue
                else:
                    row = {"segment_id": segment_id, "reviewer": reviewer, "until": until}
                    connection.execute(table.insert(), row)
                got.append(segment_id)
        return tuple(got)

    def holders(self) -> tuple[tuple[str, str], ...]:
        """Return segment and reviewer of each lease that runs."""
        table = schema.lease
        now = datetime.now(UTC).strftime(_FORMAT)
        running = sa.select(table.c.segment_id, table.c.reviewer).where(table.c.until >= now)
        return tuple((row[0], row[1]) for row in self._database.read().execute(running))

    def prolong(self, reviewer: str, *, minutes: float) -> None:
        """Let a person keep what he or she has for longer."""
        table = schema.lease
        now = datetime.now(UTC)
        with self._database.write() as connection:
            connection.execute(
                table.update()
                .where(table.c.reviewer == reviewer, table.c.until >= now.strftime(_FORMAT))
                .values(until=(now + timedelta(minutes=minutes)).strftime(_FORMAT))
            )

    def release(self, reviewer: str, segment_ids: Sequence[str] | None = None) -> None:
        """Give back some segments, all of the person's when None."""
        table = schema.lease
        with self._database.write() as connection:
            if segment_ids is None:
                connection.execute(table.delete().where(table.c.reviewer == reviewer))
                return
            for segment_id in segment_ids:
                connection.execute(
                    table.delete().where(
                        table.c.reviewer == reviewer, table.c.segment_id == segment_id
                    )
                )
