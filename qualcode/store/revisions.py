"""Newer versions of documents in the store: what masking a name and forgetting a person change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from qualcode.records import Document
from qualcode.spans import Edit, Rebase, Span
from qualcode.store import rows, schema
from qualcode.store.candidates import move_candidate_spans
from qualcode.store.database import Database
from qualcode.store.decisions import move_spans
from qualcode.store.sources import SourceRecord, table_json

__all__ = ["Remark", "Revisions", "Rewrite"]

_REMARKS_A_QUERY = 5_000
_OUR_OWN = "local:%"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Hold a newer version of a document.

    Attributes:
        document: Its turns and speakers are re-based already.
        edits: What was replaced, in offsets of the version before.
        cells: The row's cells with the same replacements, None for an interview.
    """

    document: Document
    edits: tuple[Edit, ...]
    cells: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Hold words that a coder wrote: the reason of a judgement, or the note on a coding.

    Attributes:
        coding_id: None for the reason of the judgement itself.
    """

    judgement_id: int
    coding_id: str | None
    text: str


class Revisions:
    """Rewrite documents and what coders remarked; the only writer that changes either."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rename(self, source_id: str, path: str) -> None:
        """Give a source and its documents another path, such as one with a name masked."""
        with self._database.write() as connection:
            for table, column in (
                (schema.source, schema.source.c.id),
                (schema.document, schema.document.c.source_id),
            ):
                connection.execute(table.update().where(column == source_id).values(path=path))

    def retitle(self, records: Sequence[SourceRecord]) -> None:
        """Give sources other titles of columns and other notes, such as with a name masked."""
        with self._database.write() as connection:
            for record in records:
                connection.execute(
                    schema.source.update()
                    .where(schema.source.c.id == record.id)
                    .values(table_json=table_json(record), notes_json=rows.as_json(record.notes))
                )

    def rewrite(self, changes: Sequence[Rewrite], *, reason: str) -> None:
        """Save newer versions of documents and move everything that points into them.

        Args:
            changes: In any order; all are saved, or none.
            reason: Why, without the words that were replaced.
        """
        with self._database.write() as connection:
            for change in changes:
                _rewrite(connection, change, reason)
            rebases = {c.document.id: Rebase(c.edits) for c in changes}
            move_spans(connection, rebases)
            move_candidate_spans(connection, rebases)

    def remarks(self) -> Iterator[Remark]:
        """Yield what coders wrote, but for the embedded one, whose sentences name no people."""
        judgement, coding = schema.judgement, schema.coding
        connection, last = self._database.read(), 0
        theirs = sa.select(judgement.c.id, judgement.c.reason).where(
            judgement.c.coder.not_like(_OUR_OWN)
        )
        while True:
            some = theirs.where(judgement.c.id > last).order_by(judgement.c.id)
            found = connection.execute(some.limit(_REMARKS_A_QUERY)).all()
            if not found:
                return
            first, last = found[0].id, found[-1].id
            yield from (Remark(number, None, reason) for number, reason in found if reason)
            notes = (
                sa.select(coding.c.judgement_id, coding.c.id, coding.c.rationale_json)
                .join(judgement)
                .where(judgement.c.id.between(first, last), judgement.c.coder.not_like(_OUR_OWN))
            )
            for number, coding_id, why in connection.execute(notes).all():
                if note := json.loads(why)["note"]:
                    yield Remark(number, coding_id, note)

    def rewrite_remarks(self, changes: Sequence[Remark]) -> None:
        """Save other words in the place of what coders wrote.

        Only masking a name and forgetting a person do this.
        """
        judgement, coding = schema.judgement, schema.coding
        with self._database.write() as connection:
            for change in changes:
                if change.coding_id is None:
                    connection.execute(
                        judgement.update()
                        .where(judgement.c.id == change.judgement_id)
                        .values(reason=change.text)
                    )
                    continue
                same = (
                    coding.c.judgement_id == change.judgement_id,
                    coding.c.id == change.coding_id,
                )
                held = connection.scalar(sa.select(coding.c.rationale_json).where(*same))
                why = rows.as_json(json.loads(held or "{}") | {"note": change.text})
                connection.execute(coding.update().where(*same).values(rationale_json=why))


def _rewrite(connection: sa.Connection, change: Rewrite, reason: str) -> None:
    document = change.document
    for table in (schema.turn, schema.speaker):
        connection.execute(table.delete().where(table.c.document_id == document.id))
    if document.turns:
        values = [rows.turn_row(document.id, turn) for turn in document.turns]
        connection.execute(schema.turn.insert(), values)
    if document.speakers:
        voices = enumerate(document.speakers)
        values = [rows.speaker_row(document.id, n, s) for n, s in voices]
        connection.execute(schema.speaker.insert(), values)
    newer = rows.document_row(document, 0, change.cells)
    del newer["position"], newer["id"]
    connection.execute(
        schema.document.update().where(schema.document.c.id == document.id).values(newer)
    )
    _move_spans(connection, document.id, Rebase(change.edits))
    connection.execute(
        schema.document_edit.insert(),
        {
            "document_id": document.id,
            "from_version": document.version - 1,
            "edits_json": rows.edits_json(change.edits),
            "reason": reason,
            "at": rows.now(),
        },
    )


def _move_spans(connection: sa.Connection, document_id: str, rebase: Rebase) -> None:
    """Re-base segments, codings, the words in their rationales, and what people marked."""
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
    event, segment = schema.review_event, schema.segment
    of_document = sa.select(segment.c.id).where(segment.c.document_id == document_id)
    pointing = sa.select(event.c.id, event.c.start_char, event.c.end_char).where(
        event.c.segment_id.in_(of_document), event.c.start_char.is_not(None)
    )
    for number, start, end in connection.execute(pointing).all():
        span = rebase.span(Span(start, end))
        connection.execute(
            event.update()
            .where(event.c.id == number)
            .values(start_char=span.start_char, end_char=span.end_char)
        )
