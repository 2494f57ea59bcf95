"""Tell what sources a study has: plain values, for tables and JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from qualcode.records import Document, Role
from qualcode.review_events import Action
from qualcode.store.decisions import taken_back
from qualcode.workflow.notes import note_records
from qualcode.workflow.source_life import find_source
from qualcode.workflow.study import Study

__all__ = ["removed_sources", "source_details", "sources"]


def sources(study: Study) -> list[dict[str, Any]]:
    """Return every source with counts, in the order of ingest.

    `reviewed` counts segments that people did something to.
    """
    repository = study.repository
    documents: dict[str, list[Document]] = {}
    for document in repository.sources.documents():
        documents.setdefault(document.source_id, []).append(document)
    home = {d.id: source for source, some in documents.items() for d in some}
    texts = repository.segment_texts.all()
    n_segments = Counter(home[text.segment.document_id] for text in texts)
    touched = {e.segment_id for e in repository.review_events.all() if e.action != Action.REVEAL}
    n_reviewed = Counter(home[t.segment.document_id] for t in texts if t.segment.id in touched)
    return [
        {
            "id": record.id,
            "path": record.path,
            "kind": record.kind,
            "format": record.format,
            "documents": len(documents.get(record.id, ())),
            "segments": n_segments[record.id],
            "participants": len(_people(documents.get(record.id, ()))),
            "reviewed": n_reviewed[record.id],
            "masked": record.masked,
            "complete": record.is_complete,
        }
        for record in repository.sources.all()
    ]


def removed_sources(study: Study) -> list[dict[str, Any]]:
    """Return what is out and can be brought in, with the decision to take back for that."""
    every = study.repository.decisions.all()
    gone = taken_back(every)
    undoings = {d.undoes: d.id for d in every if d.undoes is not None}

    def to_take_back(decision_id: int) -> int:
        """Return the decision, or its undoing where that is what stands."""
        return undoings[decision_id] if decision_id in gone else decision_id

    return [
        {
            "path": out.path,
            "at": out.at,
            "decision": to_take_back(out.decision_id),
            "replaced": out.replaced_by is not None,
            "carried": out.is_carried,
            "lost": [dict(one) for one in out.lost],
        }
        for out in study.repository.removals.all()
    ]


def source_details(study: Study, named: str) -> dict[str, Any]:
    """Return what is known of one source.

    Raises:
        UsageError: There is no such source.
    """
    record = find_source(study, named)
    (counted,) = [one for one in sources(study) if one["id"] == record.id]
    documents = study.repository.sources.documents(record.id)
    notes = [
        {"at": note["at"], "author": note["author"], "text": note["text"]}
        for note in note_records(study)
        if note["target"] == record.id
    ]
    profile = study.settings.surveys.get(record.path)
    table = {
        **({"sheet": profile.sheet} if profile is not None and profile.sheet else {}),
        "text columns": list(record.text_columns),
        "id column": record.id_column or "none",
        "attribute columns": list(record.attribute_columns),
        "participant column": record.participant_column or "none",
    }
    return {
        **counted,
        "encoding": record.encoding,
        "sha256": record.sha256,
        "read from": study.private.origins().get(record.id, "not known on this computer"),
        **(table if record.table_header is not None else {}),
        "people": _people(documents),
        "remarks": list(record.notes),
        "replaced before": [
            {"path": one["path"], "at": one["at"], "decision": one["decision"]}
            for one, out in zip(
                removed_sources(study), study.repository.removals.all(), strict=True
            )
            if out.replaced_by == record.id
        ],
        "notes": notes,
    }


def _people(documents: Any) -> list[str]:
    found = [
        voice.participant_id
        for document in documents
        for voice in document.speakers
        if voice.role is Role.PARTICIPANT and voice.participant_id is not None
    ]
    return list(dict.fromkeys(found))
