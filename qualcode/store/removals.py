"""Sources that were taken out of the study, in the store, with all that was decided on them.

Their rows leave the tables that everything else reads, and stand as JSON beside them, a document a
row, until the decision is taken back. A decision keeps one copy: of the source that is out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qualcode.records import Document, Segment
from qualcode.review_events import ReviewEvent
from qualcode.store import rows, schema
from qualcode.store.database import Database
from qualcode.store.draws import Drawn
from qualcode.store.people import REMOVED_PEOPLE, merge_participant
from qualcode.store.review_events import event_from_row
from qualcode.store.sources import SourceRecord, delete_source, source_from_row

__all__ = ["Copy", "Removals", "RemovedSource"]

_DOCUMENTS_A_QUERY = 400  # SQLite allows 999 parameters in older builds

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RemovedSource:
    """Hold what is known of a source that is out of the study.

    Attributes:
        decision_id: The decision that took it out; taking that back brings it in.
        replaced_by: Id of the source that came in its place, None where it was removed.
        is_carried: False while its replacement is still being read.
        lost: What could not be carried to the replacement, JSON values; see `workflow/carrying.py`.
    """

    id: int
    decision_id: int
    source_id: str
    path: str
    sha256: str
    at: str
    replaced_by: str | None
    is_carried: bool
    lost: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """Hold a source's texts with what people did to them, whether it is in the study or out."""

    documents: tuple[Document, ...]
    segments: tuple[Segment, ...]
    events: tuple[ReviewEvent, ...]
    drawn: tuple[Drawn, ...]


class Removals:
    """Take sources out and put them back; each call is one transaction, or part of a larger one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[RemovedSource, ...]:
        """Return what is out, in the order of removal."""
        table = schema.removed_source
        found = self._database.read().execute(sa.select(table).order_by(table.c.id))
        return tuple(_removed(row) for row in found.mappings())

    def take_out(self, source_id: str, *, decision_id: int, replaced_by: str | None = None) -> int:
        """Move a source out of the study; return the number of its copy.

        Raises:
            KeyError: The study has no such source.
        """
        source = schema.source
        with self._database.write() as connection:
            found = connection.execute(sa.select(source).where(source.c.id == source_id))
            row = found.mappings().one_or_none()
            if row is None:
                raise KeyError(source_id)
            people = {} if replaced_by else _only_in(connection, source_id)
            values = {
                "decision_id": decision_id,
                "source_id": source_id,
                "path": row["path"],
                "sha256": row["sha256"],
                "at": rows.now(),
                "replaced_by": replaced_by,
                "is_carried": int(replaced_by is None),
                "lost_json": "[]",
                "source_json": rows.as_json({**row, REMOVED_PEOPLE: people}),
            }
            inserted = connection.execute(
                schema.removed_source.insert(), values
            ).inserted_primary_key
            assert inserted is not None
            number = int(inserted[0])
            for document_id, position, held in _rows_of(connection, source_id):
                values = {
                    "removed_id": number,
                    "document_id": document_id,
                    "position": position,
                    "rows_json": rows.as_json(held),
                }
                connection.execute(schema.removed_document.insert(), values)
            delete_source(connection, source_id)
            for person in people:
                table = schema.participant
                connection.execute(table.delete().where(table.c.id == person))
        return number

    def put_back(self, removed_id: int) -> None:
        """Move a source into the study again, at its old place if that is free, and drop its copy.

        Judgements and events get numbers behind the newest ones where others have theirs now.

        Raises:
            KeyError: There is no such copy.
        """
        table, copied = schema.removed_source, schema.removed_document
        with self._database.write() as connection:
            held = connection.scalar(sa.select(table.c.source_json).where(table.c.id == removed_id))
            if held is None:
                raise KeyError(removed_id)
            source = json.loads(held)
            for person, attributes in source.pop(REMOVED_PEOPLE).items():
                merge_participant(connection, person, json.loads(attributes))
            taken = sa.select(schema.source.c.id).where(
                schema.source.c.position == source["position"]
            )
            if connection.scalar(taken) is not None:
                last = connection.scalar(sa.select(sa.func.max(schema.source.c.position)))
                source["position"] = (last or 0) + 1
            connection.execute(schema.source.insert(), source)
            parts = list(_parts(connection, removed_id))
            shifts = {
                name: _shift(connection, schema.metadata.tables[name], parts)
                for name in ("judgement", "review_event")
            }
            for part in parts:
                for row in part["judgement"]:
                    row["id"] += shifts["judgement"]
                for row in part["coding"]:
                    row["judgement_id"] += shifts["judgement"]
                for row in part["review_event"]:
                    row["id"] += shifts["review_event"]
                for name, values in part.items():
                    if values:
                        connection.execute(schema.metadata.tables[name].insert(), values)
            connection.execute(copied.delete().where(copied.c.removed_id == removed_id))
            connection.execute(table.delete().where(table.c.id == removed_id))

    def carried(self, removed_id: int, lost: Sequence[Mapping[str, Any]]) -> None:
        """Save that what people decided has moved to the replacement, and what could not."""
        table = schema.removed_source
        values = {"is_carried": 1, "lost_json": rows.as_json([dict(one) for one in lost])}
        with self._database.write() as connection:
            connection.execute(table.update().where(table.c.id == removed_id).values(values))

    def replaced_by(self, removed_id: int, source_id: str) -> None:
        """Save that another source than was thought comes in the place of one that is out."""
        table = schema.removed_source
        with self._database.write() as connection:
            connection.execute(
                table.update().where(table.c.id == removed_id).values(replaced_by=source_id)
            )

    def erase(self, ids: Sequence[int]) -> None:
        """Delete copies; only masking a name and forgetting a person do this."""
        table, copied = schema.removed_source, schema.removed_document
        with self._database.write() as connection:
            for number in ids:
                connection.execute(copied.delete().where(copied.c.removed_id == number))
                connection.execute(table.delete().where(table.c.id == number))

    def erase_documents(
        self, removed_id: int, document_ids: Sequence[str], participant_id: str
    ) -> None:
        """Delete a person's documents from a copy; only forgetting the person does this."""
        table, copied = schema.removed_source, schema.removed_document
        with self._database.write() as connection:
            held = connection.scalar(sa.select(table.c.source_json).where(table.c.id == removed_id))
            source = json.loads(held or "{}")
            source.get(REMOVED_PEOPLE, {}).pop(participant_id, None)
            connection.execute(
                table.update()
                .where(table.c.id == removed_id)
                .values(source_json=rows.as_json(source))
            )
            for document_id in document_ids:
                same = (copied.c.removed_id == removed_id, copied.c.document_id == document_id)
                connection.execute(copied.delete().where(*same))

    def copy(self, removed_id: int) -> Copy:
        """Return the texts of a copy with what people did to them."""
        return _copy(_parts(self._database.read(), removed_id))

    def record(self, removed_id: int) -> SourceRecord:
        """Return what is known of the file of a copy.

        Raises:
            KeyError: There is no such copy.
        """
        table = schema.removed_source
        wanted = sa.select(table.c.source_json).where(table.c.id == removed_id)
        held = self._database.read().scalar(wanted)
        if held is None:
            raise KeyError(removed_id)
        return source_from_row(json.loads(held))

    def live(self, source_id: str) -> Copy:
        """Return the same of a source that is in the study."""
        return _copy(held for _, _, held in _rows_of(self._database.read(), source_id))

    def source_text(self, removed_id: int) -> str:
        """Return what is kept of the source itself and its people, as JSON."""
        table = schema.removed_source
        wanted = sa.select(table.c.source_json).where(table.c.id == removed_id)
        return self._database.read().scalar(wanted) or "{}"

    def texts(self, removed_id: int) -> Iterator[tuple[str, str]]:
        """Yield document id and all that is kept of it, as JSON."""
        copied = schema.removed_document
        wanted = sa.select(copied.c.document_id, copied.c.rows_json)
        for row in self._database.read().execute(wanted.where(copied.c.removed_id == removed_id)):
            yield row[0], row[1]


def _rows_of(connection: sa.Connection, source_id: str) -> Iterator[tuple[str, int, Row]]:
    """Yield id, position and rows of each document of a source, by table in the order of saving."""
    document, segment = schema.document, schema.segment
    wanted = sa.select(document.c.id).where(document.c.source_id == source_id)
    ids = connection.scalars(wanted.order_by(document.c.position)).all()
    for first in range(0, len(ids), _DOCUMENTS_A_QUERY):
        some = ids[first : first + _DOCUMENTS_A_QUERY]
        parts: dict[str, dict[str, list[Row]]] = {i: defaultdict(list) for i in some}
        for table, column in (
            (document, document.c.id),
            (schema.speaker, schema.speaker.c.document_id),
            (schema.turn, schema.turn.c.document_id),
            (schema.document_edit, schema.document_edit.c.document_id),
            (segment, segment.c.document_id),
        ):
            found = connection.execute(
                sa.select(table).where(column.in_(some)).order_by(*table.primary_key)
            )
            for row in found.mappings():
                parts[row[column.name]][table.name].append(dict(row))
        home = {s["id"]: i for i, part in parts.items() for s in part["segment"]}
        of_some = sa.select(segment.c.id).where(segment.c.document_id.in_(some))
        for table in (schema.judgement, schema.review_event, schema.draw):
            found = connection.execute(
                sa.select(table).where(table.c.segment_id.in_(of_some)).order_by(*table.primary_key)
            )
            for row in found.mappings():
                parts[home[row["segment_id"]]][table.name].append(dict(row))
        coding = schema.coding
        found = connection.execute(
            sa.select(coding).where(coding.c.document_id.in_(some)).order_by(*coding.primary_key)
        )
        for row in found.mappings():
            parts[row["document_id"]]["coding"].append(dict(row))
        for document_id, part in parts.items():
            yield document_id, part["document"][0]["position"], {n: part[n] for n in _TABLES}


def _only_in(connection: sa.Connection, source_id: str) -> dict[str, str]:
    """Return participants who speak in this source alone, with their attributes as JSON."""
    participant, speaker, document = schema.participant, schema.speaker, schema.document

    def who(is_here: bool) -> sa.CompoundSelect[tuple[str]]:
        there = document.c.source_id == source_id
        place = there if is_here else sa.not_(there)
        spoken = sa.select(speaker.c.participant_id).join(document).where(place)
        wrote = sa.select(document.c.participant_id).where(place)
        return sa.union(
            spoken.where(speaker.c.participant_id.is_not(None)),
            wrote.where(document.c.participant_id.is_not(None)),
        )

    found = connection.execute(
        sa.select(participant).where(
            participant.c.id.in_(who(True)), participant.c.id.not_in(who(False))
        )
    )
    return {row.id: row.attributes_json for row in found}


_TABLES = (
    *("document", "speaker", "turn", "document_edit", "segment", "judgement", "coding"),
    *("review_event", "draw"),
)


def _parts(connection: sa.Connection, removed_id: int) -> Iterator[Row]:
    """Yield what is kept of each document, by table in the order of saving."""
    copied = schema.removed_document
    wanted = sa.select(copied.c.rows_json).where(copied.c.removed_id == removed_id)
    for text in connection.scalars(wanted.order_by(copied.c.position)).all():
        held = json.loads(text)
        yield {name: held[name] for name in _TABLES}


def _shift(connection: sa.Connection, table: sa.Table, parts: Sequence[Row]) -> int:
    """Return what is to be added to kept numbers: 0, unless one of them is somebody else's now."""
    numbers = sorted(row["id"] for part in parts for row in part[table.name])
    for first in range(0, len(numbers), _DOCUMENTS_A_QUERY):
        some = numbers[first : first + _DOCUMENTS_A_QUERY]
        if connection.scalar(sa.select(table.c.id).where(table.c.id.in_(some)).limit(1)):
            last = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
            return int(last) + 1 - int(numbers[0])
    return 0


def _copy(parts: Iterator[Row]) -> Copy:
    documents, segments = list[Document](), list[Segment]()
    events, drawn = list[ReviewEvent](), list[Drawn]()
    for part in parts:
        (row,) = part["document"]
        document = rows.document_from_rows(row, part["speaker"], part["turn"])
        documents.append(document)
        ordered = sorted(part["segment"], key=lambda s: s["position"])
        segments += [rows.segment_from_row(segment, document) for segment in ordered]
        events += map(event_from_row, part["review_event"])
        drawn += [Drawn(**row) for row in part["draw"]]
    return Copy(
        tuple(documents),
        tuple(segments),
        tuple(sorted(events, key=lambda event: event.id)),
        tuple(sorted(drawn, key=lambda d: (d.stratum, d.place))),
    )


def _removed(row: sa.RowMapping) -> RemovedSource:
    return RemovedSource(
        id=row["id"],
        decision_id=row["decision_id"],
        source_id=row["source_id"],
        path=row["path"],
        sha256=row["sha256"],
        at=row["at"],
        replaced_by=row["replaced_by"],
        is_carried=bool(row["is_carried"]),
        lost=tuple(json.loads(row["lost_json"])),
    )
