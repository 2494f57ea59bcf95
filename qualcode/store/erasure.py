"""Delete what a person said, for good: nothing of it can be brought back."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from qualcode.store import rows, schema
from qualcode.store.database import Database
from qualcode.store.sources import delete_documents

__all__ = ["Erasure"]

_IDS_A_QUERY = 500  # SQLite allows 999 parameters in older builds
_OF_SEGMENTS = (schema.review_event, schema.draw, schema.lease)


class Erasure:
    """Delete documents, segments and participants for good; only forgetting a person does this.

    A source that is taken out or replaced leaves a copy behind (`removals.py`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def codings_on(self, segment_ids: Collection[str]) -> frozenset[str]:
        """Return the ids of all codings that these segments ever had."""
        coding, judgement = schema.coding, schema.judgement
        found: set[str] = set()
        for some in _chunks(segment_ids):
            wanted = sa.select(coding.c.id).join(judgement).distinct()
            wanted = wanted.where(judgement.c.segment_id.in_(some))
            found.update(self._database.read().scalars(wanted))
        return frozenset(found)

    def documents(self, document_ids: Collection[str]) -> None:
        """Delete documents with all that hangs on them, and sources that have none left."""
        document, source = schema.document, schema.source
        with self._database.write() as connection:
            for some in _chunks(document_ids):
                these = document.c.id.in_(some)
                homes = connection.scalars(sa.select(document.c.source_id).where(these)).all()
                delete_documents(connection, sa.select(document.c.id).where(these))
                left = sa.select(document.c.id).where(document.c.source_id == source.c.id)
                connection.execute(source.delete().where(source.c.id.in_(homes), ~left.exists()))

    def segments(self, segment_ids: Collection[str]) -> None:
        """Delete segments with all that was judged and decided on them."""
        judgement, coding, segment = schema.judgement, schema.coding, schema.segment
        with self._database.write() as connection:
            for some in _chunks(segment_ids):
                judged = sa.select(judgement.c.id).where(judgement.c.segment_id.in_(some))
                connection.execute(coding.delete().where(coding.c.judgement_id.in_(judged)))
                connection.execute(judgement.delete().where(judgement.c.segment_id.in_(some)))
                for table in _OF_SEGMENTS:
                    connection.execute(table.delete().where(table.c.segment_id.in_(some)))
                connection.execute(segment.delete().where(segment.c.id.in_(some)))

    def participant(self, participant_id: str) -> None:
        """Delete what is known of a participant."""
        table = schema.participant
        with self._database.write() as connection:
            connection.execute(table.delete().where(table.c.id == participant_id))

    def learnt(self) -> None:
        """Delete what the embedded coder has learnt, which is made anew from what is left."""
        with self._database.write() as connection:
            connection.execute(schema.learnt.delete())

    def references(self) -> tuple[str, ...]:
        """Return the different texts that codings name as what they resembled."""
        found = sa.func.json_extract(schema.coding.c.rationale_json, "$.reference")
        held = self._database.read().scalars(sa.select(found).distinct())
        return tuple(str(text) for text in held if text)

    def rewrite_references(self, changes: Mapping[str, str]) -> None:
        """Save other texts in the place of those that codings name as what they resembled."""
        coding = schema.coding
        reference = sa.func.json_extract(coding.c.rationale_json, "$.reference")
        with self._database.write() as connection:
            for old, new in changes.items():
                found = connection.execute(
                    sa.select(coding.c.judgement_id, coding.c.id, coding.c.rationale_json).where(
                        reference == old
                    )
                ).all()
                for number, coding_id, held in found:
                    why = rows.as_json(json.loads(held) | {"reference": new})
                    same = (coding.c.judgement_id == number, coding.c.id == coding_id)
                    connection.execute(coding.update().where(*same).values(rationale_json=why))


def _chunks(ids: Collection[str]) -> list[Sequence[str]]:
    ordered = sorted(set(ids))
    return [ordered[at : at + _IDS_A_QUERY] for at in range(0, len(ordered), _IDS_A_QUERY)]
