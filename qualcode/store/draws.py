"""The drawn order of segments, in the store: once drawn, a segment's place never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from qualcode.store import schema
from qualcode.store.database import Database

__all__ = ["ASSISTED", "BLIND", "Drawn", "Draws"]

BLIND = "blind"
ASSISTED = "assisted"


@dataclass(frozen=True, slots=True)
class Drawn:
    """Hold a segment's place in the random order of its stratum.

    Attributes:
        stratum: A source, or what one later ingest added to it.
        place: From 0; the first n of a stratum are a simple random sample of it. It never changes:
            what is deleted leaves a gap.
        arm: `BLIND`, shown without suggestions, or `ASSISTED`, at random.
    """

    segment_id: str
    stratum: str
    place: int
    arm: str


class Draws:
    """Append to the drawn order and read it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, drawn: Sequence[Drawn]) -> None:
        """Save places in one transaction; a segment that has one keeps it."""
        table = schema.draw
        with self._database.write() as connection:
            known = set(connection.scalars(sa.select(table.c.segment_id)))
            values = [
                {"segment_id": d.segment_id, "stratum": d.stratum, "place": d.place, "arm": d.arm}
                for d in drawn
                if d.segment_id not in known
            ]
            if values:
                connection.execute(table.insert(), values)

    def all(self) -> tuple[Drawn, ...]:
        """Return every place, by stratum and place."""
        table = schema.draw
        found = self._database.read().execute(
            sa.select(table).order_by(table.c.stratum, table.c.place)
        )
        return tuple(Drawn(**row) for row in found.mappings())
