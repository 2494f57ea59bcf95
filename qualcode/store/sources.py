"""Sources, documents and segments in the store."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from qualcode.records import Document, Segment
from qualcode.store import rows, schema
from qualcode.store.database import Database
from qualcode.store.people import merge_participant

__all__ = [
    "Ingested",
    "SourceRecord",
    "Sources",
    "delete_documents",
    "delete_source",
    "source_from_row",
    "table_json",
]

_IDS_A_QUERY = 500  # SQLite allows 999 parameters in older builds


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """Hold what the store knows of one file.

    Attributes:
        table_header: Column names of a survey, None for an interview.
        text_columns: Names of the open-text columns.
        id_column: Name of the id column.
        attribute_columns: Names of the columns kept as attributes.
        participant_column: Name of the column that says who wrote a row.
        notes: What the reader skipped or found odd, one line each.
        is_complete: False while a large file is still being saved.
        masked: Whether pseudonyms were set at ingest.
    """

    id: str
    path: str
    sha256: str
    kind: str
    format: str
    encoding: str
    masked: bool
    table_header: tuple[str, ...] | None = None
    text_columns: tuple[str, ...] = ()
    id_column: str | None = None
    attribute_columns: tuple[str, ...] = ()
    participant_column: str | None = None
    notes: tuple[str, ...] = ()
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class Ingested:
    """Hold one document on its way in.

    Attributes:
        segments: In the order of the text.
        cells: For a survey, the row's cells.
        participants: Interviewees whom the document adds, with their attributes.
    """

    document: Document
    segments: tuple[Segment, ...]
    cells: tuple[str, ...] | None = None
    participants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Sources:
    """Save and read everything that comes from files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, record: SourceRecord) -> None:
        """Save a source as incomplete; one that stands there incomplete is taken up again."""
        with self._database.write() as connection:
            if connection.scalar(
                sa.select(schema.source.c.id).where(schema.source.c.id == record.id)
            ):
                return
            last = connection.scalar(sa.select(sa.func.max(schema.source.c.position)))
            connection.execute(
                schema.source.insert(),
                {
                    "id": record.id,
                    "position": 0 if last is None else last + 1,
                    "path": record.path,
                    "sha256": record.sha256,
                    "kind": record.kind,
                    "format": record.format,
                    "encoding": record.encoding,
                    "is_complete": 0,
                    "masked": int(record.masked),
                    "table_json": table_json(record),
                    "notes_json": rows.as_json(record.notes),
                    "added_at": rows.now(),
                },
            )

    def add(
        self, source_id: str, batch: Iterable[tuple[int, Ingested]], *, is_last: bool = False
    ) -> None:
        """Save documents, each with its position in the source, in one transaction.

        Documents that are there already are left as they are, so an interrupted ingest can be
        repeated. `is_last` marks the source as complete in the same transaction.
        """
        batch = list(batch)
        with self._database.write() as connection:
            ids = [item.document.id for _, item in batch]
            known = set(
                connection.scalars(
                    sa.select(schema.document.c.id).where(schema.document.c.id.in_(ids))
                )
            )
            new = [(at, item) for at, item in batch if item.document.id not in known]
            for table, values in (
                (schema.document, [rows.document_row(i.document, at, i.cells) for at, i in new]),
                (
                    schema.speaker,
                    [
                        rows.speaker_row(i.document.id, n, s)
                        for _, i in new
                        for n, s in enumerate(i.document.speakers)
                    ],
                ),
                (
                    schema.turn,
                    [rows.turn_row(i.document.id, t) for _, i in new for t in i.document.turns],
                ),
                (schema.segment, [rows.segment_row(s) for _, i in new for s in i.segments]),
            ):
                if values:
                    connection.execute(table.insert(), values)
            for _, item in new:
                for participant_id, attributes in item.participants.items():
                    merge_participant(connection, participant_id, attributes)
            if is_last:
                connection.execute(
                    schema.source.update()
                    .where(schema.source.c.id == source_id)
                    .values(is_complete=1)
                )

    def remove(self, source_id: str) -> None:
        """Delete a source with its documents, segments and all that was judged of them."""
        with self._database.write() as connection:
            delete_source(connection, source_id)

    def all(self) -> tuple[SourceRecord, ...]:
        """Return the sources in the order of their ingest."""
        found = self._database.read().execute(
            sa.select(schema.source).order_by(schema.source.c.position)
        )
        return tuple(source_from_row(row) for row in found.mappings())

    def documents(self, source_id: str | None = None) -> tuple[Document, ...]:
        """Return documents of one source or of all, in the order of their ingest."""
        connection = self._database.read()
        wanted = sa.select(schema.document).join(schema.source)
        if source_id is not None:
            wanted = wanted.where(schema.document.c.source_id == source_id)
        speakers = _grouped(connection, schema.speaker, source_id)
        turns = _grouped(connection, schema.turn, source_id)
        ordered = wanted.order_by(schema.source.c.position, schema.document.c.position)
        return tuple(
            rows.document_from_rows(row, speakers[row["id"]], turns[row["id"]])
            for row in connection.execute(ordered).mappings()
        )

    def documents_of(self, document_ids: Sequence[str]) -> Mapping[str, Document]:
        """Return these documents by id; an id that the study does not have is left out."""
        connection = self._database.read()
        found: dict[str, Document] = {}
        for first in range(0, len(document_ids), _IDS_A_QUERY):
            some = document_ids[first : first + _IDS_A_QUERY]
            parts: dict[sa.Table, dict[str, list[sa.RowMapping]]] = {}
            for table in (schema.speaker, schema.turn):
                parts[table] = defaultdict(list)
                wanted = sa.select(table).where(table.c.document_id.in_(some))
                for row in connection.execute(wanted.order_by(table.c.position)).mappings():
                    parts[table][row["document_id"]].append(row)
            wanted = sa.select(schema.document).where(schema.document.c.id.in_(some))
            for row in connection.execute(wanted).mappings():
                speakers, turns = (part[row["id"]] for part in parts.values())
                found[row["id"]] = rows.document_from_rows(row, speakers, turns)
        return found

    def around(self, document_id: str, first_turn: int, last_turn: int) -> Document:
        """Return a document with some of its turns alone, which is quick for a long talk.

        Its turns are those whose index lies between the two, both included.

        Raises:
            KeyError: The study has no such document.
        """
        connection = self._database.read()
        document, speaker, turn = schema.document, schema.speaker, schema.turn
        found = connection.execute(sa.select(document).where(document.c.id == document_id))
        row = found.mappings().first()
        if row is None:
            raise KeyError(document_id)
        speakers = sa.select(speaker).where(speaker.c.document_id == document_id)
        turns = sa.select(turn).where(
            turn.c.document_id == document_id, turn.c.position.between(first_turn, last_turn)
        )
        return rows.document_from_rows(
            row,
            connection.execute(speakers.order_by(speaker.c.position)).mappings().all(),
            connection.execute(turns.order_by(turn.c.position)).mappings().all(),
        )

    def segments(
        self, documents: Sequence[Document], source_id: str | None = None
    ) -> tuple[Segment, ...]:
        """Return the segments of these documents, all of one source if that is named."""
        grouped = _grouped(self._database.read(), schema.segment, source_id)
        return tuple(
            rows.segment_from_row(row, document)
            for document in documents
            for row in grouped[document.id]
        )

    def segments_of(self, document: Document) -> tuple[Segment, ...]:
        """Return the segments of one document, in the order of its text."""
        table = schema.segment
        wanted = sa.select(table).where(table.c.document_id == document.id)
        found = self._database.read().execute(wanted.order_by(table.c.position)).mappings()
        return tuple(rows.segment_from_row(row, document) for row in found)

    def cells(self, source_id: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return document id and original cells, names masked, of a survey's rows in order."""
        found = self._database.read().execute(
            sa.select(schema.document.c.id, schema.document.c.cells_json)
            .where(schema.document.c.source_id == source_id)
            .order_by(schema.document.c.position)
        )
        return tuple((i, tuple(json.loads(cells)) if cells else ()) for i, cells in found)


def delete_source(connection: sa.Connection, source_id: str) -> None:
    """Delete a source with all that hangs on it, within a transaction."""
    documents = sa.select(schema.document.c.id).where(schema.document.c.source_id == source_id)
    delete_documents(connection, documents)
    connection.execute(schema.source.delete().where(schema.source.c.id == source_id))


def delete_documents(connection: sa.Connection, documents: sa.Select[tuple[str]]) -> None:
    """Delete the documents that a query selects with all that hangs on them."""
    segments = sa.select(schema.segment.c.id).where(schema.segment.c.document_id.in_(documents))
    for table, condition in (
        (schema.coding, schema.coding.c.document_id.in_(documents)),
        (schema.judgement, schema.judgement.c.segment_id.in_(segments)),
        (schema.review_event, schema.review_event.c.segment_id.in_(segments)),
        (schema.draw, schema.draw.c.segment_id.in_(segments)),
        (schema.lease, schema.lease.c.segment_id.in_(segments)),
        (schema.segment, schema.segment.c.document_id.in_(documents)),
        (schema.turn, schema.turn.c.document_id.in_(documents)),
        (schema.speaker, schema.speaker.c.document_id.in_(documents)),
        (schema.document_edit, schema.document_edit.c.document_id.in_(documents)),
        (schema.document, schema.document.c.id.in_(documents)),
    ):
        connection.execute(table.delete().where(condition))


def _grouped(
    connection: sa.Connection, table: sa.Table, source_id: str | None = None
) -> dict[str, list[sa.RowMapping]]:
    grouped: dict[str, list[sa.RowMapping]] = defaultdict(list)
    ordered = sa.select(table).order_by(table.c.document_id, table.c.position)
    if source_id is not None:
        ordered = ordered.join(schema.document).where(schema.document.c.source_id == source_id)
    for row in connection.execute(ordered).mappings():
        grouped[row["document_id"]].append(row)
    return grouped


def table_json(record: SourceRecord) -> str | None:
    """Return a survey's columns as the store keeps them, None for an interview."""
    if record.table_header is None:
        return None
    return rows.as_json(
        {
            "header": record.table_header,
            "text": record.text_columns,
            "id": record.id_column,
            "attributes": record.attribute_columns,
            "participant": record.participant_column,
        }
    )


def source_from_row(row: Mapping[str, Any] | sa.RowMapping) -> SourceRecord:
    """Read a source from a row, or from one that was kept as JSON."""
    table = json.loads(row["table_json"]) if row["table_json"] else None
    return SourceRecord(
        id=row["id"],
        path=row["path"],
        sha256=row["sha256"],
        kind=row["kind"],
        format=row["format"],
        encoding=row["encoding"],
        masked=bool(row["masked"]),
        table_header=tuple(table["header"]) if table else None,
        text_columns=tuple(table["text"]) if table else (),
        id_column=table["id"] if table else None,
        attribute_columns=tuple(table["attributes"]) if table else (),
        participant_column=table["participant"] if table else None,
        notes=tuple(json.loads(row["notes_json"])),
        is_complete=bool(row["is_complete"]),
    )
