"""Speakers and participants in the store."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import sqlalchemy as sa

from qualcode.records import Role
from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = ["REMOVED_PEOPLE", "People", "merge_participant"]

REMOVED_PEOPLE = "participants"
"""Key of the people who went with a source that was taken out, beside its own row."""

_RETIRED = "retired_participants"
_NUMBERED = re.compile(r"P\d{2,}")


class People:
    """Read and set who speaks, as what, and what is known of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set_speaker(
        self, document_id: str, label: str | None, role: Role, participant_id: str | None
    ) -> None:
        """Record the role that a person gave to one voice of one document.

        The participant's id stays with the voice whatever its role, so that it is never given
        to somebody else.
        """
        same = schema.speaker.c.label.is_not_distinct_from(label)
        with self._database.write() as connection:
            connection.execute(
                schema.speaker.update()
                .where(schema.speaker.c.document_id == document_id, same)
                .values(role=role.value, participant_id=participant_id, guessed=0)
            )

    def participants(self) -> Mapping[str, Mapping[str, str]]:
        """Return the attributes of everyone who speaks or writes as a participant."""
        found: dict[str, dict[str, str]] = {}
        connection = self._database.read()
        written = sa.select(schema.document.c.participant_id, schema.document.c.attributes_json)
        for participant_id, attributes in connection.execute(
            written.where(schema.document.c.participant_id.is_not(None)).order_by(
                schema.document.c.source_id, schema.document.c.position
            )
        ):
            found[participant_id] = json.loads(attributes) | found.get(participant_id, {})
        for participant_id, attributes in connection.execute(
            sa.select(schema.participant).order_by(schema.participant.c.id)
        ):
            found[participant_id] = found.get(participant_id, {}) | json.loads(attributes)
        return found

    def participant_ids(self) -> set[str]:
        """Return the ids that are or were in use; none is given to somebody else."""
        connection = self._database.read()
        found = set(connection.scalars(sa.select(schema.participant.c.id)))
        for table in (schema.document, schema.speaker):
            column = table.c.participant_id
            used = sa.select(column).where(column.is_not(None)).distinct()
            found.update(connection.scalars(used))
        for held in connection.scalars(sa.select(schema.removed_source.c.source_json)):
            found.update(json.loads(held).get(REMOVED_PEOPLE, {}))
        retired = sa.select(schema.meta.c.value).where(schema.meta.c.key == _RETIRED)
        return found | set(json.loads(connection.scalar(retired) or "[]"))

    def retire(self, participant_id: str) -> None:
        """Keep a numbered id, such as P07, from being given to somebody else, and nothing more."""
        if not _NUMBERED.fullmatch(participant_id):
            return  # a survey's own id, which may tell who it is
        same = schema.meta.c.key == _RETIRED
        with self._database.write() as connection:
            held = connection.scalar(sa.select(schema.meta.c.value).where(same))
            ids = sorted({*json.loads(held or "[]"), participant_id})
            connection.execute(schema.meta.delete().where(same))
            connection.execute(schema.meta.insert(), {"key": _RETIRED, "value": rows.as_json(ids)})

    def participant_ids_of(self, source_id: str) -> set[str]:
        """Return the ids under which people wrote a survey's rows."""
        column = schema.document.c.participant_id
        used = sa.select(column).where(
            schema.document.c.source_id == source_id, column.is_not(None)
        )
        return set(self._database.read().scalars(used.distinct()))

    def own_attributes(self) -> Mapping[str, Mapping[str, str]]:
        """Return what was said of participants, apart from the columns of their survey rows."""
        found = self._database.read().execute(sa.select(schema.participant))
        return {row.id: json.loads(row.attributes_json) for row in found}

    def set_participant(self, participant_id: str, attributes: Mapping[str, str]) -> None:
        """Make a participant or add to its attributes; a value given again replaces the old."""
        with self._database.write() as connection:
            merge_participant(connection, participant_id, attributes)


def merge_participant(
    connection: sa.Connection, participant_id: str, attributes: Mapping[str, str]
) -> None:
    """Add to a participant's attributes within a transaction; make the participant if new."""
    same = schema.participant.c.id == participant_id
    row = connection.execute(sa.select(schema.participant).where(same)).mappings().first()
    merged = (json.loads(row["attributes_json"]) if row else {}) | dict(attributes)
    values = {"id": participant_id, "attributes_json": rows.as_json(merged)}
    if row is None:
        connection.execute(schema.participant.insert(), values)
    else:
        connection.execute(schema.participant.update().where(same).values(values))
