"""Turn records into rows and back; the only place that knows both shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from qualcode.records import (
    Coding,
    Document,
    DocumentKind,
    Rationale,
    Role,
    Segment,
    Speaker,
    TimeMark,
    Turn,
)
from qualcode.spans import Edit, Span

__all__ = [
    "as_json",
    "coding_from_row",
    "coding_row",
    "document_from_rows",
    "document_row",
    "edits_json",
    "now",
    "segment_from_row",
    "segment_row",
    "speaker_row",
    "turn_row",
]

Row = sa.RowMapping


def now() -> str:
    """Return the time in UTC to the second, ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def document_row(document: Document, position: int, cells: Sequence[str] | None) -> dict[str, Any]:
    return {
        "id": document.id,
        "source_id": document.source_id,
        "position": position,
        "path": document.path,
        "kind": document.kind.value,
        "text": document.text,
        "row": document.row,
        "external_id": document.external_id,
        "participant_id": document.participant_id,
        "attributes_json": as_json(dict(document.attributes)),
        "cells_json": None if cells is None else as_json(list(cells)),
        "version": document.version,
    }


def speaker_row(document_id: str, position: int, speaker: Speaker) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "position": position,
        "label": speaker.label,
        "role": speaker.role.value,
        "participant_id": speaker.participant_id,
        "guessed": int(speaker.guessed),
    }


def turn_row(document_id: str, turn: Turn) -> dict[str, Any]:
    marks = [[m.start_char, m.start_seconds, m.end_seconds] for m in turn.marks]
    return {
        "document_id": document_id,
        "position": turn.index,
        "start_char": turn.start_char,
        "end_char": turn.end_char,
        "speaker": turn.speaker,
        "is_speech": int(turn.is_speech),
        "marks_json": as_json(marks),
    }


def document_from_rows(row: Row, speakers: Sequence[Row], turns: Sequence[Row]) -> Document:
    return Document(
        id=row["id"],
        source_id=row["source_id"],
        path=row["path"],
        kind=DocumentKind(row["kind"]),
        text=row["text"],
        turns=tuple(_turn(turn) for turn in turns),
        speakers=tuple(
            Speaker(s["label"], Role(s["role"]), s["participant_id"], bool(s["guessed"]))
            for s in speakers
        ),
        row=row["row"],
        external_id=row["external_id"],
        participant_id=row["participant_id"],
        attributes=json.loads(row["attributes_json"]),
        version=row["version"],
    )


def _turn(row: Row) -> Turn:
    return Turn(
        index=row["position"],
        start_char=row["start_char"],
        end_char=row["end_char"],
        speaker=row["speaker"],
        is_speech=bool(row["is_speech"]),
        marks=tuple(TimeMark(*mark) for mark in json.loads(row["marks_json"])),
    )


def segment_row(segment: Segment) -> dict[str, Any]:
    return {
        "id": segment.id,
        "document_id": segment.document_id,
        "position": segment.index,
        "turn_position": segment.turn_index,
        "start_char": segment.start_char,
        "end_char": segment.end_char,
    }


def segment_from_row(row: Row, document: Document) -> Segment:
    """Read a segment with its speaker's role and participant as they stand now."""
    speaker = document.speaker(document.turns[row["turn_position"]].speaker)
    return Segment(
        id=row["id"],
        document_id=row["document_id"],
        index=row["position"],
        turn_index=row["turn_position"],
        start_char=row["start_char"],
        end_char=row["end_char"],
        role=speaker.role,
        participant_id=speaker.participant_id if speaker.role is Role.PARTICIPANT else None,
    )


def coding_row(coding: Coding, judgement_id: int) -> dict[str, Any]:
    rationale = coding.rationale
    return {
        "judgement_id": judgement_id,
        "id": coding.id,
        "document_id": coding.document_id,
        "start_char": coding.start_char,
        "end_char": coding.end_char,
        "code": coding.code,
        "score": coding.score,
        "intensity": coding.intensity,
        "valence": coding.valence,
        "status": coding.status,
        "rationale_json": as_json(
            {
                "basis": rationale.basis,
                "reference": rationale.reference,
                "similarity": rationale.similarity,
                "words": [[w.start_char, w.end_char] for w in rationale.words],
                "note": rationale.note,
            }
        ),
    }


def coding_from_row(row: Row) -> Coding:
    """Read a coding from a row joined with its judgement's segment_id, family and coder."""
    why: Mapping[str, Any] = json.loads(row["rationale_json"])
    return Coding(
        id=row["id"],
        document_id=row["document_id"],
        segment_id=row["segment_id"],
        start_char=row["start_char"],
        end_char=row["end_char"],
        family=row["family"],
        code=row["code"],
        coder=row["coder"],
        score=row["score"],
        rationale=Rationale(
            basis=why["basis"],
            reference=why["reference"],
            similarity=why["similarity"],
            words=tuple(Span(start, end) for start, end in why["words"]),
            note=why["note"],
        ),
        intensity=row["intensity"],
        valence=row["valence"],
        status=row["status"],
    )


def edits_json(edits: Sequence[Edit]) -> str:
    return as_json([[edit.start_char, edit.end_char, edit.replacement] for edit in edits])
