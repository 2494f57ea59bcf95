"""Mask names that were found after a text was read, everywhere in the study."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qualcode.analysis.edits import SUBJECTS, TEXTS
from qualcode.errors import UsageError
from qualcode.ingest.pseudonyms import Key, find_edits, mask_document, mask_path
from qualcode.records import Document
from qualcode.spans import apply_edits
from qualcode.store.revisions import Rewrite
from qualcode.store.sources import SourceRecord
from qualcode.store.vectors import text_key
from qualcode.workflow.index import discard_index
from qualcode.workflow.mask_models import ModelTexts
from qualcode.workflow.mask_removed import erase_copies
from qualcode.workflow.masked_titles import mask_titles
from qualcode.workflow.progress import Progress, silent
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study

__all__ = ["MaskReport", "caught_up", "mask", "mask_new_persons", "note_all_masked", "told_copies"]

_DOCUMENTS_A_TRANSACTION = 500
_APPLIED = "persons_masked_everywhere"
"""Of each person of the key, by number, how many of the names were masked in all texts."""


@dataclass(frozen=True, slots=True)
class MaskReport:
    """Say how often names were replaced and where.

    Attributes:
        of_models: What was changed or taken away of what models were asked and wrote, with counts.
        erased_copies: Paths of sources that were taken out before: where a name stands in the copy
            by which they could be brought back, the copy is deleted.
    """

    n_documents: int = 0
    n_replacements: int = 0
    paths: tuple[str, ...] = ()
    of_models: Mapping[str, int] = field(default_factory=dict)
    erased_copies: tuple[str, ...] = ()


def mask(study: Study, names: Sequence[str], progress: Progress = silent) -> MaskReport:
    """Replace names by placeholders in every document, moving all codings with the text.

    Each changed document gets a new version with its edit list. The text before goes to the
    private folder and is overwritten in the study.

    Raises:
        UsageError: A name is empty.
        StudyError: Another process is ingesting or masking here.
    """
    if not names or not all(name.strip() for name in names):
        raise UsageError("name at least one person to mask", hint='qualcode mask "Ada Lovelace"')
    with study.exclusive(), recorded(study, "mask") as run:
        key = study.load_key()
        key.certain.update(names)
        report = _Masking(study, key, names).everywhere(progress)
        run.counts.update(documents=report.n_documents, replacements=report.n_replacements)
        run.counts.update(report.of_models)
    return report


def mask_new_persons(study: Study, key: Key) -> MaskReport:
    """Mask the names of the key that earlier texts were not searched for yet.

    How far that went is kept in the store, so a run that was stopped is caught up with.
    """
    done = _masked_before(study)
    names = [name for n, held in _names(key).items() for name in held[done.get(n, 0) :]]
    if not names:
        return MaskReport()
    report = _Masking(study, key, names).everywhere(silent)
    note_all_masked(study, key)
    return report


def caught_up(study: Study) -> tuple[Key, MaskReport]:
    """Mask the persons of the key wherever a killed run did not come to; return both."""
    key = study.load_key()
    if not study.settings.pseudonyms.enabled:
        return key, MaskReport()
    return key, mask_new_persons(study, key)


def note_all_masked(study: Study, key: Key) -> None:
    """Keep that all persons of the key are masked, some of whom were taken out of it just now."""
    counts = {n: len(held) for n, held in _names(key).items()}
    study.repository.set_meta(_APPLIED, json.dumps(counts))


def told_copies(report: MaskReport) -> tuple[str, ...]:
    """Say which sources cannot be brought back any more, a sentence each."""
    return tuple(
        f"{path} was taken out of the study before and named them: it cannot be brought back."
        for path in report.erased_copies
    )


def _names(key: Key) -> dict[str, tuple[str, ...]]:
    """Return the names of each person of the key by the person's number.

    A full name that joins a person is the last of that person's, and not the last of all.
    """
    highest = key.highest().get("PERSON", 0)
    return {str(n): key.values(f"[PERSON_{n}]") for n in range(1, highest + 1)}


def _masked_before(study: Study) -> dict[str, int]:
    held = json.loads(study.repository.meta(_APPLIED) or "{}")
    # Older versions kept one number for all, which does not tell which names it was.
    return held if isinstance(held, dict) else {}


class _Masking:
    """Hold what the masking of one list of names shares between sources."""

    def __init__(self, study: Study, key: Key, names: Sequence[str]) -> None:
        self._study = study
        self._key = key
        self._names = tuple(names)
        self._n_replacements = 0
        self._n_documents = 0
        self._paths: dict[str, None] = {}
        self._stale: set[str] = set()
        self._spellings: dict[str, str] = {}
        self._n_replies = 0
        self._moved: dict[str, str] = {}

    def everywhere(self, progress: Progress) -> MaskReport:
        repository = self._study.repository
        records = repository.sources.all()
        for done, record in enumerate(records):
            self._source(record)
            progress("Masking", done + 1, len(records))
        mask_titles(self._study, self._key, self._names, self._moved)
        for participant_id, attributes in repository.people.own_attributes().items():
            masked = {key: self._value(value) for key, value in attributes.items()}
            if masked != dict(attributes):
                self._study.save_key(self._key)
                repository.people.set_participant(participant_id, masked)
        self._decisions()
        self._review()
        self._notes()
        erased = erase_copies(self._study, self._key, self._names)
        of_models = self._models()
        # A vector is kept under its text's hash, by which a name could be looked for.
        repository.vectors.remove(sorted(self._stale))
        self._study.save_key(self._key)
        repository.erase_leftovers()
        if self._stale:
            discard_index(self._study)
        return MaskReport(
            self._n_documents, self._n_replacements, tuple(self._paths), of_models, erased
        )

    def _value(self, text: str) -> str:
        return apply_edits(text, find_edits(text, self._key, self._names))

    def _decisions(self) -> None:
        """Mask what people wrote on the map; owners and authors are the team's own names."""
        decisions = self._study.repository.decisions
        changes = []
        for decision in decisions.all():
            if decision.subject in SUBJECTS or decision.subject == "source":
                masked = replace(
                    decision,
                    value=self._written(decision.value),
                    replaced=self._written(decision.replaced),
                    reason=self._value(decision.reason),
                )
                if masked != decision:
                    changes.append(masked)
        if changes:
            self._study.save_key(self._key)
            decisions.rewrite_texts(changes)

    def _review(self) -> None:
        """Mask the notes and reasons that people wrote at the review."""
        events = self._study.repository.review_events
        changes = []
        for event in events.all():
            masked = replace(
                event, value=self._written(event.value), reason=self._value(event.reason)
            )
            if masked != event:
                changes.append(masked)
        if changes:
            self._study.save_key(self._key)
            events.rewrite_texts(changes)

    def _notes(self) -> None:
        """Mask what people noted."""
        notes = self._study.repository.notes
        held = notes.all()
        masked = [replace(note, text=self._value(note.text)) for note in held]
        changes = [new for new, old in zip(masked, held, strict=True) if new != old]
        if changes:
            self._study.save_key(self._key)
            notes.rewrite(changes)

    def _models(self) -> Mapping[str, int]:
        """Mask what models were asked and what they wrote; return what that changed."""
        texts = ModelTexts(self._study, self._key, self._names, self._spellings)
        counts = dict(texts.everywhere())
        if self._n_replies:
            counts["replies dropped"] = counts.get("replies dropped", 0) + self._n_replies
        return counts

    def _written(self, value: Any, key: str = "") -> Any:
        """Mask the strings that stand under a key for texts, at any depth."""
        if isinstance(value, Mapping):
            return {name: self._written(entry, name) for name, entry in value.items()}
        if isinstance(value, list):
            return [self._written(entry, key) for entry in value]
        if key == "path" and isinstance(value, str):
            return mask_path(value, self._key, self._names)
        return self._value(value) if key in TEXTS and isinstance(value, str) else value

    def _source(self, record: SourceRecord) -> None:
        sources = self._study.repository.sources
        cells = dict(sources.cells(record.id))
        documents = sources.documents(record.id)
        changes = [c for d in documents if (c := self._change(d, cells[d.id])) is not None]
        old = {d.id: d for d in documents}
        for first in range(0, len(changes), _DOCUMENTS_A_TRANSACTION):
            some = changes[first : first + _DOCUMENTS_A_TRANSACTION]
            before = [old[change.document.id] for change in some]
            for segment in sources.segments(before, record.id):
                self._stale.add(text_key(segment.span.of(old[segment.document_id].text)))
            self._study.save_key(self._key)
            self._study.private.keep_originals(
                record.id,
                [{"document": d.id, "version": d.version, "text": d.text} for d in before],
            )
            repository = self._study.repository
            with repository.writing():
                repository.revisions.rewrite(some, reason="a name was masked")
                self._n_replies += repository.replies.forget([d.id for d in before])
            for change, document in zip(some, before, strict=True):
                for edit in change.edits:
                    word = document.text[edit.start_char : edit.end_char]
                    if edit.replacement.startswith("[PERSON_") and not word.istitle():
                        self._spellings[word] = edit.replacement
        if changes:
            self._paths[record.path] = None
        path = mask_path(record.path, self._key, self._names)
        if path != record.path:
            taken = {other.path for other in sources.all()}
            self._study.save_key(self._key)
            path = f"{record.id[-6:]}/{path}" if path in taken else path
            self._moved[record.path] = path
            self._study.repository.revisions.rename(record.id, path)

    def _change(self, document: Document, cells: tuple[str, ...]) -> Rewrite | None:
        """Return the document's newer version, None when no name stands in it."""
        masked, edits = mask_document(document, self._key, self._names)
        row = tuple(self._value(cell) for cell in cells)
        if masked == document and row == cells:
            return None
        self._n_documents += 1
        self._n_replacements += len(edits)
        newer = replace(masked, version=document.version + 1)
        return Rewrite(newer, edits, row or None)
