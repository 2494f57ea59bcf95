"""Mask a name that was found after ingest, everywhere in the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qualcode.errors import UsageError
from qualcode.ingest.pseudonyms import find_edits, mask_document
from qualcode.records import Document
from qualcode.spans import apply_edits
from qualcode.workflow.progress import Progress, silent
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study

__all__ = ["MaskReport", "mask"]


@dataclass(frozen=True, slots=True)
class MaskReport:
    """Say how often names were replaced and where."""

    n_documents: int
    n_replacements: int
    paths: tuple[str, ...]


def mask(study: Study, names: Sequence[str], progress: Progress = silent) -> MaskReport:
    """Replace names by placeholders in every document, moving all codings with the text.

    Each changed document gets a new version with its edit list. The text before goes to the
    private folder and is overwritten in the study.

    Raises:
        UsageError: A name is empty.
    """
    if not names or not all(name.strip() for name in names):
        raise UsageError("name at least one person to mask", hint='qualcode mask "Ada Lovelace"')
    key = study.load_key()
    sources = study.repository.sources
    n_replacements = 0
    changed: dict[str, None] = {}
    n_documents = 0
    records = sources.all()
    with recorded(study, "mask") as run:
        for done, record in enumerate(records):
            cells = dict(sources.cells(record.id))
            for document in sources.documents(record.id):
                masked, edits = mask_document(document, key, names)
                masked = replace(masked, version=document.version + 1)
                row: Sequence[str] | None = cells.get(document.id) or None
                if row is not None:
                    row = [apply_edits(cell, find_edits(cell, key, names)) for cell in row]
                unchanged = not edits and _same(document, masked)
                if unchanged and (row is None or list(row) == list(cells[document.id])):
                    continue
                study.save_key(key)
                study.keep_originals(
                    record.id,
                    [{"document": document.id, "version": document.version, "text": document.text}],
                )
                sources.rewrite(masked, edits, row, reason="a name was masked")
                n_documents += 1
                n_replacements += len(edits)
                changed[document.path] = None
            progress("Masking", done + 1, len(records))
        run.counts.update(documents=n_documents, replacements=n_replacements)
    study.repository.erase_leftovers()
    return MaskReport(n_documents, n_replacements, tuple(changed))


def _same(before: Document, after: Document) -> bool:
    return (before.speakers, before.participant_id, before.external_id, before.attributes) == (
        after.speakers,
        after.participant_id,
        after.external_id,
        after.attributes,
    )
