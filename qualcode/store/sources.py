"""Sources, documents, speakers, segments and participants in the store."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from qualcode.records import Document, Role, Segment
from qualcode.spans import Edit, Rebase, Span
from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = ["Ingested", "SourceRecord", "Sources"]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """Hold what the store knows of one file.

    Attributes:
        table_header: Column names of a survey, None for an interview.
        text_columns: Names of the open-text columns.
        id_column: Name of the id column.
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
    notes: tuple[str, ...] = ()
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class Ingested:
    """Hold one document on its way in: with its segments and, for a survey, its row's cells."""

    document: Document
    segments: tuple[Segment, ...]
    cells: tuple[str, ...] | None = None


class Sources:
    """Save and read everything that comes from files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, record: SourceRecord) -> None:
        """Save a source as incomplete; one that stands there incomplete is taken up again."""
        table = None
        if record.table_header is not None:
            table = rows.as_json(
                {
                    "header": record.table_header,
                    "text": record.text_columns,
                    "id": record.id_column,
                }
            )
        with self._database.write() as connection:
            if connection.execute(_by_id(schema.source, record.id)).first():
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
                    "table_json": table,
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
            if is_last:
                connection.execute(
                    schema.source.update()
                    .where(schema.source.c.id == source_id)
                    .values(is_complete=1)
                )

    def remove(self, source_id: str) -> None:
        """Delete a source with its documents, segments and machine drafts."""
        documents = sa.select(schema.document.c.id).where(schema.document.c.source_id == source_id)
        segments = sa.select(schema.segment.c.id).where(schema.segment.c.document_id.in_(documents))
        with self._database.write() as connection:
            for table, condition in (
                (schema.coding, schema.coding.c.document_id.in_(documents)),
                (schema.judgement, schema.judgement.c.segment_id.in_(segments)),
                (schema.segment, schema.segment.c.document_id.in_(documents)),
                (schema.turn, schema.turn.c.document_id.in_(documents)),
                (schema.speaker, schema.speaker.c.document_id.in_(documents)),
                (schema.document_edit, schema.document_edit.c.document_id.in_(documents)),
                (schema.document, schema.document.c.source_id == source_id),
                (schema.source, schema.source.c.id == source_id),
            ):
                connection.execute(table.delete().where(condition))

    def all(self) -> tuple[SourceRecord, ...]:
        """Return the sources in the order of their ingest."""
        found = self._database.read().execute(
            sa.select(schema.source).order_by(schema.source.c.position)
        )
        return tuple(_source(row) for row in found.mappings())

    def documents(self, source_id: str | None = None) -> tuple[Document, ...]:
        """Return documents of one source or of all, in the order of their ingest."""
        connection = self._database.read()
        wanted = sa.select(schema.document).join(schema.source)
        if source_id is not None:
            wanted = wanted.where(schema.document.c.source_id == source_id)
        speakers = _grouped(connection, schema.speaker)
        turns = _grouped(connection, schema.turn)
        ordered = wanted.order_by(schema.source.c.position, schema.document.c.position)
        return tuple(
            rows.document_from_rows(row, speakers[row["id"]], turns[row["id"]])
            for row in connection.execute(ordered).mappings()
        )

    def segments(self, documents: Sequence[Document]) -> tuple[Segment, ...]:
        """Return the segments of these documents, in their order."""
        grouped = _grouped(self._database.read(), schema.segment)
        return tuple(
            rows.segment_from_row(row, document)
            for document in documents
            for row in grouped[document.id]
        )

    def cells(self, source_id: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return document id and original cells, names masked, of a survey's rows in order."""
        found = self._database.read().execute(
            sa.select(schema.document.c.id, schema.document.c.cells_json)
            .where(schema.document.c.source_id == source_id)
            .order_by(schema.document.c.position)
        )
        return tuple((i, tuple(json.loads(cells)) if cells else ()) for i, cells in found)

    def set_speaker(
        self, document_id: str, label: str | None, role: Role, participant_id: str | None
    ) -> None:
        """Record the role that a person gave to one voice of one document."""
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
        """Return the ids that saved documents and voices use."""
        connection = self._database.read()
        found: set[str] = set()
        for table in (schema.document, schema.speaker):
            column = table.c.participant_id
            used = sa.select(column).where(column.is_not(None)).distinct()
            found.update(connection.scalars(used))
        return found

    def set_participant(self, participant_id: str, attributes: Mapping[str, str]) -> None:
        """Make a participant or add to its attributes; a value given again replaces the old."""
        with self._database.write() as connection:
            row = connection.execute(_by_id(schema.participant, participant_id)).mappings().first()
            merged = (json.loads(row["attributes_json"]) if row else {}) | dict(attributes)
            values = {"id": participant_id, "attributes_json": rows.as_json(merged)}
            if row is None:
                connection.execute(schema.participant.insert(), values)
            else:
                connection.execute(
                    schema.participant.update()
                    .where(schema.participant.c.id == participant_id)
                    .values(values)
                )

    def rewrite(
        self,
        document: Document,
        edits: Sequence[Edit],
        cells: Sequence[str] | None,
        *,
        reason: str,
    ) -> None:
        """Save a newer version of a document and move everything that points into it.

        Args:
            document: The new version; its turns and speakers are re-based already.
            edits: What was replaced, in offsets of the version before.
            cells: The row's cells with the same masking, None for an interview.
            reason: Why, without the words that were replaced.
        """
        rebase = Rebase(edits)
        with self._database.write() as connection:
            for table in (schema.turn, schema.speaker):
                connection.execute(table.delete().where(table.c.document_id == document.id))
            if document.turns:
                values = [rows.turn_row(document.id, turn) for turn in document.turns]
                connection.execute(schema.turn.insert(), values)
            if document.speakers:
                voices = enumerate(document.speakers)
                values = [rows.speaker_row(document.id, n, s) for n, s in voices]
                connection.execute(schema.speaker.insert(), values)
            newer = rows.document_row(document, 0, cells)
            del newer["position"], newer["id"]
            connection.execute(
                schema.document.update().where(schema.document.c.id == document.id).values(newer)
            )
            _move_spans(connection, document.id, rebase)
            connection.execute(
                schema.document_edit.insert(),
                {
                    "document_id": document.id,
                    "from_version": document.version - 1,
                    "edits_json": rows.edits_json(edits),
                    "reason": reason,
                    "at": rows.now(),
                },
            )


def _by_id(table: sa.Table, value: str) -> sa.Select[tuple[object, ...]]:
    return sa.select(table).where(table.c.id == value)


def _grouped(connection: sa.Connection, table: sa.Table) -> dict[str, list[sa.RowMapping]]:
    grouped: dict[str, list[sa.RowMapping]] = defaultdict(list)
    ordered = sa.select(table).order_by(table.c.document_id, table.c.position)
    for row in connection.execute(ordered).mappings():
        grouped[row["document_id"]].append(row)
    return grouped


def _source(row: sa.RowMapping) -> SourceRecord:
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
        notes=tuple(json.loads(row["notes_json"])),
        is_complete=bool(row["is_complete"]),
    )


def _move_spans(connection: sa.Connection, document_id: str, rebase: Rebase) -> None:
    """Re-base segments, codings and the words in their rationales."""
    for table, keys in ((schema.segment, ("id",)), (schema.coding, ("judgement_id", "id"))):
        held = connection.execute(sa.select(table).where(table.c.document_id == document_id))
        for row in held.mappings().all():
            span = rebase.span(Span(row["start_char"], row["end_char"]))
            values: dict[str, object] = {"start_char": span.start_char, "end_char": span.end_char}
            if table is schema.coding:
                why = json.loads(row["rationale_json"])
                words = [rebase.span(Span(*word)) for word in why["words"]]
                why["words"] = [[w.start_char, w.end_char] for w in words]
                values["rationale_json"] = rows.as_json(why)
            same = [table.c[key] == row[key] for key in keys]
            connection.execute(table.update().where(*same).values(values))
