"""Segments with what a search needs of them, read at once: a tenth of a second for 20,000."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from qualcode.records import Role, Segment
from qualcode.store import schema
from qualcode.store.database import Database
from qualcode.store.vectors import text_key

__all__ = ["SegmentText", "SegmentTexts"]

_ROLES: dict[str | None, Role] = {None: Role.UNKNOWN, **{role.value: role for role in Role}}


@dataclass(frozen=True, slots=True)
class SegmentText:
    """Hold a segment, its words and who says them.

    Attributes:
        label: Of its speaker; None for the lone voice of an unlabelled file.
        path: Of its document.
        text: What the segment's span covers of its document.
        key: Under which the text's vector is kept.
    """

    segment: Segment
    label: str | None
    path: str
    text: str
    key: str


class SegmentTexts:
    """Read segments without building the documents around them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[SegmentText, ...]:
        """Return every segment, in the order of the corpus."""
        connection = self._database.read()
        segment, turn, speaker = schema.segment, schema.turn, schema.speaker
        document, source = schema.document, schema.source
        texts: dict[str, str] = {
            document_id: text
            for document_id, text in connection.execute(sa.select(document.c.id, document.c.text))
        }
        its_turn = (turn.c.document_id == segment.c.document_id) & (
            turn.c.position == segment.c.turn_position
        )
        its_speaker = (speaker.c.document_id == segment.c.document_id) & (
            speaker.c.label.is_not_distinct_from(turn.c.speaker)
        )
        found = connection.execute(
            sa.select(
                segment.c.id,
                segment.c.document_id,
                segment.c.position,
                segment.c.turn_position,
                segment.c.start_char,
                segment.c.end_char,
                speaker.c.role,
                speaker.c.participant_id,
                turn.c.speaker,
                document.c.path,
            )
            .join(document, document.c.id == segment.c.document_id)
            .join(source, source.c.id == document.c.source_id)
            .join(turn, its_turn)
            .outerjoin(speaker, its_speaker)
            .order_by(source.c.position, document.c.position, segment.c.position)
        )
        read = []
        for *place, role, participant_id, label, path in found:
            voice = _ROLES[role]
            person = participant_id if voice is Role.PARTICIPANT else None
            segment_id, document_id, index, turn_index, start_char, end_char = place
            words = texts[document_id][start_char:end_char]
            spoken = Segment(
                segment_id, document_id, index, turn_index, start_char, end_char, voice, person
            )
            read.append(SegmentText(spoken, label, path, words, text_key(words)))
        return tuple(read)

    def document_attributes(self) -> Mapping[str, Mapping[str, str]]:
        """Return document id to its attributes."""
        document = schema.document
        found = self._database.read().execute(sa.select(document.c.id, document.c.attributes_json))
        return {document_id: json.loads(attributes) for document_id, attributes in found}
