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
        """Return the ids that are or were in use; none is given to somebody else.

        Those in copies of sources that were taken out are in use: the sources may come back.
        """
        connection = self._database.read()
        return (
            _known(connection)
            | _spoken(connection, sa.true())
            | _spoken_in_copies(connection, sa.true())
        )

    def ids_beside(self, source_id: str, path: str) -> tuple[set[str], set[str]]:
        """Return the ids of other people than a source's, and its own from earlier readings.

        Copies of its path are earlier readings of it: two sources of one path are never in the
        study at once.

        Args:
            source_id: The source, which may be saved in part.
            path: What the study calls it.
        """
        connection = self._database.read()
        here = schema.document.c.source_id == source_id
        copied = schema.removed_source.c.path == path
        saved = _spoken(connection, here)
        own = saved | _spoken_in_copies(connection, copied)
        others = _spoken(connection, sa.not_(here))
        others |= _spoken_in_copies(connection, sa.not_(copied))
        return (others | (_known(connection) - own)) - saved, own

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

    def own_attributes(self) -> Mapping[str, Mapping[str, str]]:
        """Return what was said of participants, apart from the columns of their survey rows."""
        found = self._database.read().execute(sa.select(schema.participant))
        return {row.id: json.loads(row.attributes_json) for row in found}

    def set_participant(self, participant_id: str, attributes: Mapping[str, str]) -> None:
        """Make a participant or add to its attributes; a value given again replaces the old."""
        with self._database.write() as connection:
            merge_participant(connection, participant_id, attributes)


def _known(connection: sa.Connection) -> set[str]:
    """Return ids of which more is known than where they speak, and those not to be given again."""
    retired = sa.select(schema.meta.c.value).where(schema.meta.c.key == _RETIRED)
    known = set(json.loads(connection.scalar(retired) or "[]"))
    return known.union(connection.scalars(sa.select(schema.participant.c.id)))


def _spoken(connection: sa.Connection, place: sa.ColumnElement[bool]) -> set[str]:
    """Return ids of those who speak or write in some documents of the study."""
    document, speaker = schema.document, schema.speaker
    wrote = sa.select(document.c.participant_id).where(place)
    spoke = sa.select(speaker.c.participant_id).join(document).where(place)
    return {i for i in connection.scalars(sa.union(wrote, spoke)) if i is not None}


def _spoken_in_copies(connection: sa.Connection, place: sa.ColumnElement[bool]) -> set[str]:
    """Return the same of sources that are out, with those of whom more was known."""
    out, copied = schema.removed_source, schema.removed_document
    found: set[str] = set()
    for held in connection.scalars(sa.select(out.c.source_json).where(place)):
        found.update(json.loads(held).get(REMOVED_PEOPLE, {}))
    wrote = sa.func.json_extract(copied.c.rows_json, "$.document[0].participant_id")
    voice = sa.func.json_each(copied.c.rows_json, "$.speaker").table_valued(
        "value", joins_implicitly=True
    )
    spoke = sa.func.json_extract(voice.c.value, "$.participant_id")
    joined = copied.c.removed_id == out.c.id
    found.update(connection.scalars(sa.select(wrote).where(joined, place, wrote.is_not(None))))
    # Whoever wrote a row is its only voice; looking at the voices of all would take much longer.
    talks = sa.select(spoke).where(joined, place, wrote.is_(None), spoke.is_not(None))
    found.update(connection.scalars(talks))
    return found


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
