"""The whole study as one JSON file; docs/export.md and docs/export.schema.json describe it.

Adding a key raises the second number of `SCHEMA_VERSION`, changing or removing one the first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import qualcode
from qualcode.codebook import Codebook
from qualcode.draft import Draft
from qualcode.errors import StoreError
from qualcode.records import (
    Coding,
    Corpus,
    Document,
    DocumentKind,
    Judgement,
    Role,
    Segment,
    Speaker,
    Turn,
)
from qualcode.report.export_draft import criteria_record, map_record, plain_number, quote_at
from qualcode.report.quotes import code_names, path_of, voice_of

__all__ = ["SCHEMA_VERSION", "export_json"]

SCHEMA_VERSION = "1.3"

_SURROGATE = re.compile("[\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")

Record = dict[str, Any]


def export_json(
    corpus: Corpus,
    codebook: Codebook,
    draft: Draft,
    *,
    participants: Mapping[str, Mapping[str, str]],
    study: Mapping[str, object],
    masked: bool,
    notes: Sequence[Mapping[str, object]] = (),
) -> str:
    """Return the study as JSON: one record a line, the same bytes for the same input.

    Every `quote` is cut here from the text that stands in the same file. Interviewers' segments
    are in `segments`, but nothing that was ever judged on them is.

    Args:
        participants: Participant id to attributes.
        study: Name and charter, as plain values; `masked` is added to it.
        masked: Whether names were replaced in every source.
        notes: What people noted, as plain values, oldest first.

    Raises:
        StoreError: A coding or a quote of the draft points outside its document.
    """
    export = _Export(corpus, codebook, participants)
    whole: Record = {
        "schema_version": SCHEMA_VERSION,
        "generator": {"name": "qualcode", "version": qualcode.__version__},
        "study": {**_plain(study), "masked": masked},
        "codebook": {
            "name": codebook.name,
            "language": codebook.language,
            "fingerprint": codebook.fingerprint(),
            "codes": [_plain(asdict(code)) for code in codebook.codes],
        },
        "documents": [export.document(document) for document in corpus.documents],
        "segments": [_segment(segment) for segment in corpus.segments],
        "codings": [export.coding(coding) for coding in corpus.codings()],
        "judgements": [export.judgement(j) for j in corpus.judgements if not export.is_silent(j)],
        "criteria": criteria_record(draft.criteria, export.documents),
        "map": map_record(draft.map, export.documents, draft.edits),
        "participants": [
            {"id": person, "attributes": _attributes(participants.get(person, {}))}
            for person in export.people()
        ],
        "notes": [_plain(note) for note in notes],
    }
    # A lone surrogate has no UTF-8; as an escape it stays what it was.
    return _SURROGATE.sub(lambda hit: f"\\u{ord(hit[0]):04x}", _laid_out(whole, 3)) + "\n"


def _laid_out(value: Any, depth: int) -> str:
    """Write objects down to `depth` with a line for each key, and lists with one for each item.

    A changed record is one changed line in a diff, at the size of compact JSON.
    """
    if depth and isinstance(value, dict) and value:
        lines = (f"{json.dumps(k)}: {_laid_out(v, depth - 1)}" for k, v in value.items())
        return "{\n" + ",\n".join(lines) + "\n}"
    if depth and isinstance(value, list) and value:
        return "[\n" + ",\n".join(_compact(item) for item in value) + "\n]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


class _Export:
    """Turn records into plain values, with what they refer to at hand."""

    def __init__(
        self,
        corpus: Corpus,
        codebook: Codebook,
        participants: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.documents = {d.id: _writable(d) for d in corpus.documents}
        self._segments = {segment.id: segment for segment in corpus.segments}
        self._names = code_names(codebook)
        self._participants = participants

    def people(self) -> list[str]:
        """Return who speaks or writes, in order of appearance, then those who only are known."""
        heard = (who for document in self.documents.values() for who in _people(document))
        return list(dict.fromkeys([*heard, *sorted(self._participants)]))

    def is_silent(self, judgement: Judgement) -> bool:
        segment = self._segments.get(judgement.segment_id)
        return segment is not None and segment.role is Role.INTERVIEWER

    def document(self, held: Document) -> Record:
        document = self.documents[held.id]
        people = _people(document)
        lone = people[0] if len(people) == 1 else None
        attributes = dict(document.attributes)
        if document.kind is DocumentKind.INTERVIEW and lone is not None:
            attributes |= self._participants.get(lone, {})
        return {
            "id": document.id,
            "path": path_of(document),
            "kind": document.kind.value,
            "participant": lone,
            "participants": people,
            "attributes": _attributes(attributes),
            "row": document.row,
            "external_id": document.external_id,
            "version": document.version,
            "text": document.text,
            "speakers": [
                {"label": s.label, "role": s.role.value, "participant": _counted(s)}
                for s in document.speakers
            ],
            "turns": [_turn(turn) for turn in document.turns],
        }

    def coding(self, coding: Coding) -> Record:
        segment = self._segments.get(coding.segment_id)
        if segment is None or segment.document_id != coding.document_id:
            raise StoreError(
                f"coding {coding.id} belongs to no segment of its document {coding.document_id}",
                hint="the study's database is damaged: put its last backup back",
            )
        why = coding.rationale
        return {
            "id": coding.id,
            "document_id": coding.document_id,
            "segment_id": coding.segment_id,
            "start_char": coding.start_char,
            "end_char": coding.end_char,
            "quote": quote_at(self.documents, coding, of=f"coding {coding.id}"),
            "family": coding.family,
            "code": coding.code,
            "code_name": self._names.get(coding.code, coding.code),
            "coder": coding.coder,
            "score": plain_number(coding.score),
            "intensity": coding.intensity,
            "valence": plain_number(coding.valence),
            "status": coding.status,
            "rationale": {
                "basis": why.basis,
                "reference": why.reference,
                "similarity": plain_number(why.similarity),
                "words": [asdict(span) for span in why.words],
                "note": why.note,
            },
            "participant": voice_of(segment),
        }

    def judgement(self, judgement: Judgement) -> Record:
        return {
            "segment_id": judgement.segment_id,
            "family": judgement.family,
            "coder": judgement.coder,
            "verdict": judgement.verdict.value,
            "reason": judgement.reason,
            "codings": [coding.id for coding in judgement.codings],
        }


def _writable(document: Document) -> Document:
    """Replace surrogates that follow each other: a JSON reader would make one character of them.

    Two U+FFFD keep every offset true. Such text comes from damaged files only.
    """
    if _PAIR.search(document.text) is None:
        return document
    return replace(document, text=_PAIR.sub("\ufffd\ufffd", document.text))


def _people(document: Document) -> list[str]:
    if document.kind is DocumentKind.COMMENT and document.participant_id is not None:
        return [document.participant_id]
    spoken = (_counted(s) for s in document.speakers)
    return list(dict.fromkeys(who for who in spoken if who is not None))


def _segment(segment: Segment) -> Record:
    return {
        "id": segment.id,
        "document_id": segment.document_id,
        "turn": segment.turn_index,
        "start_char": segment.start_char,
        "end_char": segment.end_char,
        "role": segment.role.value,
        "participant": voice_of(segment),
    }


def _turn(turn: Turn) -> Record:
    return {
        "start_char": turn.start_char,
        "end_char": turn.end_char,
        "speaker": turn.speaker,
        "is_speech": turn.is_speech,
        "start_seconds": plain_number(turn.start_seconds),
        "end_seconds": plain_number(turn.end_seconds),
    }


def _counted(speaker: Speaker) -> str | None:
    return speaker.participant_id if speaker.role is Role.PARTICIPANT else None


def _attributes(attributes: Mapping[str, str]) -> Record:
    return {key: attributes[key] for key in sorted(attributes)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float):
        return plain_number(value)
    return value
