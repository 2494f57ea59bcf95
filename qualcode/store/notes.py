"""What people noted, in the store: added to, rewritten for privacy alone or with its source.

That is for masking a name, for forgetting a person, and where a source takes another's place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = ["Note", "NoteKind", "Notes"]


class NoteKind(StrEnum):
    """Say what a note is on."""

    STUDY = "study"
    SOURCE = "source"
    PARTICIPANT = "participant"
    CODE = "code"
    SEGMENT = "segment"
    CODING = "coding"


@dataclass(frozen=True, slots=True)
class Note:
    """Hold what one person noted.

    Attributes:
        id: Grows by one; the order of notes.
        at: When, UTC, ISO 8601.
        target: Id of the thing, empty for the study.
        segment_id: Of a note on a segment or a coding the segment, else None.
    """

    id: int
    at: str
    author: str
    kind: NoteKind
    target: str
    segment_id: str | None
    text: str


class Notes:
    """Append notes and read them back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, *, author: str, kind: NoteKind, target: str, text: str, segment_id: str | None = None
    ) -> Note:
        """Save a note with the time of now and return it."""
        values = {
            "at": rows.now(),
            "author": author,
            "kind": kind.value,
            "target": target,
            "segment_id": segment_id,
            "text": text,
        }
        with self._database.write() as connection:
            inserted = connection.execute(schema.note.insert(), values).inserted_primary_key
            assert inserted is not None
        return _note({**values, "id": int(inserted[0])})

    def all(self) -> tuple[Note, ...]:
        """Return every note, oldest first."""
        found = self._database.read().execute(sa.select(schema.note).order_by(schema.note.c.id))
        return tuple(_note(row) for row in found.mappings())

    def rewrite(self, changes: Sequence[Note]) -> None:
        """Save notes that point elsewhere or say something else.

        Only a source that is replaced, a name that is masked and a person who is forgotten do this.
        """
        table = schema.note
        with self._database.write() as connection:
            for note in changes:
                values = {"target": note.target, "segment_id": note.segment_id, "text": note.text}
                connection.execute(table.update().where(table.c.id == note.id).values(values))

    def remove(self, ids: Sequence[int]) -> None:
        """Delete notes; only forgetting a person does this."""
        table = schema.note
        with self._database.write() as connection:
            for number in ids:
                connection.execute(table.delete().where(table.c.id == number))


def _note(row: Mapping[str, object] | sa.RowMapping) -> Note:
    values: dict[str, Any] = dict(row)
    return Note(**{**values, "kind": NoteKind(values["kind"])})
