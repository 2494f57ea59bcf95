"""What people did at the review page, in the store: added to, each event once.

Masking a name and forgetting a person rewrite the texts in events that are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qualcode.review_events import Action, Part, ReviewEvent
from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = ["Receipt", "ReviewEvents", "event_from_row"]

_A_QUERY = 500  # SQLite allows 999 parameters in older builds


@dataclass(frozen=True, slots=True)
class Receipt:
    """Say what became of one event.

    Attributes:
        event: As stored, with number and time; as sent where it was refused.
        is_new: False for one that was stored before.
        refused: Why it was not stored; empty where it is.
    """

    event: ReviewEvent
    is_new: bool
    refused: str = ""


class ReviewEvents:
    """Append events and read them back in their order."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, events: Sequence[ReviewEvent]) -> tuple[Receipt, ...]:
        """Save events in their order, in one transaction; one that is there already is left.

        An event is refused, and the others are saved, where its segment is not in the study, its
        uid belongs to somebody else's event, or it takes back what is none of the person's own
        or is taken back already.
        """
        table = schema.review_event
        receipts: list[Receipt] = []
        with self._database.write() as connection:
            for event in events:
                known = connection.execute(
                    sa.select(table).where(table.c.uid == event.uid)
                ).mappings()
                if (row := known.first()) is not None:
                    stored = event_from_row(row)
                    foreign = "" if stored.author == event.author else "another's event"
                    receipts.append(Receipt(stored, False, foreign))
                    continue
                if refused := _refusal(connection, event):
                    receipts.append(Receipt(event, False, refused))
                    continue
                values = _values(event)
                inserted = connection.execute(table.insert(), values).inserted_primary_key
                assert inserted is not None
                receipts.append(Receipt(event_from_row({**values, "id": int(inserted[0])}), True))
        return tuple(receipts)

    def all(self, *, author: str | None = None, since: int = 0) -> tuple[ReviewEvent, ...]:
        """Return events in their order, undoings and what they take back included.

        Args:
            author: Only this person's; everybody's when None.
            since: Only those numbered higher.
        """
        table = schema.review_event
        wanted = sa.select(table).where(table.c.id > since).order_by(table.c.id)
        if author is not None:
            wanted = wanted.where(table.c.author == author)
        return tuple(
            event_from_row(row) for row in self._database.read().execute(wanted).mappings()
        )

    def on(self, segment_ids: Iterable[str]) -> tuple[ReviewEvent, ...]:
        """Return the events on some segments, in their order."""
        ids = list(dict.fromkeys(segment_ids))
        table = schema.review_event
        found: list[ReviewEvent] = []
        for first in range(0, len(ids), _A_QUERY):
            wanted = sa.select(table).where(table.c.segment_id.in_(ids[first : first + _A_QUERY]))
            found += [
                event_from_row(row) for row in self._database.read().execute(wanted).mappings()
            ]
        return tuple(sorted(found, key=lambda event: event.id))

    def called(self, uids: Iterable[str]) -> dict[str, ReviewEvent]:
        """Return the events with these uids that are there, by uid."""
        wanted, table = list(dict.fromkeys(uids)), schema.review_event
        found: dict[str, ReviewEvent] = {}
        for first in range(0, len(wanted), _A_QUERY):
            some = sa.select(table).where(table.c.uid.in_(wanted[first : first + _A_QUERY]))
            rows_found = self._database.read().execute(some).mappings()
            found |= {row["uid"]: event_from_row(row) for row in rows_found}
        return found

    def last_id(self) -> int:
        """Return the number of the newest event, 0 where there is none."""
        return self._database.read().scalar(sa.select(sa.func.max(schema.review_event.c.id))) or 0

    def carry(self, events: Sequence[ReviewEvent]) -> None:
        """Save events as they are, with who, when and number, unless they are there already.

        Only a source that takes another's place does this. A number that is somebody else's now
        is replaced by the next free one.
        """
        table = schema.review_event
        with self._database.write() as connection:
            for event in events:
                same = sa.select(table.c.id).where(table.c.uid == event.uid)
                if connection.scalar(same) is not None:
                    continue
                values = {**_values(event), "at": event.at, "id": event.id}
                if connection.scalar(sa.select(table.c.id).where(table.c.id == event.id)):
                    del values["id"]
                connection.execute(table.insert(), values)

    def rewrite_texts(self, changes: Sequence[ReviewEvent]) -> None:
        """Save other reasons and values of events that are there.

        Only masking a name and forgetting a person do this.
        """
        table = schema.review_event
        with self._database.write() as connection:
            for change in changes:
                connection.execute(
                    table.update()
                    .where(table.c.uid == change.uid)
                    .values(reason=change.reason, value_json=rows.as_json(dict(change.value)))
                )


def _refusal(connection: sa.Connection, event: ReviewEvent) -> str:
    table, segment = schema.review_event, schema.segment
    known = sa.select(segment.c.id).where(segment.c.id == event.segment_id)
    if connection.scalar(known) is None:
        return "the study has no such segment"
    if event.undoes is None:
        return ""
    of = sa.select(table.c.author).where(table.c.uid == event.undoes)
    author = connection.scalar(of)
    if author is None:
        return "what it takes back is not there"
    if author != event.author:
        return "what it takes back is another's"
    taken = sa.select(table.c.id).where(table.c.undoes == event.undoes)
    return "that is taken back already" if connection.scalar(taken) is not None else ""


def _values(event: ReviewEvent) -> dict[str, Any]:
    return {
        "uid": event.uid,
        "at": rows.now(),
        "author": event.author,
        "segment_id": event.segment_id,
        "action": event.action.value,
        "family": event.family,
        "code": event.code,
        "start_char": event.start_char,
        "end_char": event.end_char,
        "value_json": rows.as_json(dict(event.value)),
        "reason": event.reason,
        "is_blind": int(event.is_blind),
        "batch": event.batch,
        "part": event.part.value,
        "undoes": event.undoes,
    }


def event_from_row(row: Any) -> ReviewEvent:
    """Read an event from a row, or from one that was kept as JSON."""
    return ReviewEvent(
        uid=row["uid"],
        author=row["author"],
        segment_id=row["segment_id"],
        action=Action(row["action"]),
        family=row["family"],
        code=row["code"],
        start_char=row["start_char"],
        end_char=row["end_char"],
        value=json.loads(row["value_json"]),
        reason=row["reason"],
        is_blind=bool(row["is_blind"]),
        batch=row["batch"],
        part=Part(row["part"]),
        undoes=row["undoes"],
        id=row["id"],
        at=row["at"],
    )
