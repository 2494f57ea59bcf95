"""Bring files into a study: read, mask names, guess speakers, cut segments, save."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qualcode.errors import SourceError
from qualcode.ingest.pseudonyms import find_edits, mask_document, mask_path, names_of
from qualcode.ingest.segmentation import segment
from qualcode.ingest.speakers import assign_participants, guess_roles
from qualcode.records import Document, Role, stable_id
from qualcode.settings import SurveyProfile
from qualcode.spans import apply_edits
from qualcode.store.sources import Ingested, SourceRecord
from qualcode.workflow.parse import IngestOptions, Parsed, parse
from qualcode.workflow.progress import Progress, silent
from qualcode.workflow.roster import Roster, read_roster
from qualcode.workflow.runs import recorded
from qualcode.workflow.sources import Found, find_files
from qualcode.workflow.speakers import next_participant_id
from qualcode.workflow.study import Study

__all__ = ["IngestOptions", "IngestReport", "Outcome", "ingest"]

_DOCUMENTS_A_TRANSACTION = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """Say what became of one file.

    `status` is "read", "replaced", "unchanged", "changed", "skipped", "roster" or "failed"; the
    last of these and "changed" mean that a person has to do something.
    """

    name: str
    status: str
    reason: str = ""
    hint: str = ""
    format: str = ""
    n_documents: int = 0
    n_turns: int = 0
    n_segments: int = 0
    speakers: tuple[tuple[str, str], ...] = ()
    unknown_speakers: tuple[str, ...] = ()
    profile: SurveyProfile | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Hold an outcome for every file that was found, in the order of reading."""

    outcomes: tuple[Outcome, ...]

    @property
    def is_clean(self) -> bool:
        return all(o.status not in ("failed", "changed") for o in self.outcomes)


def ingest(
    study: Study,
    paths: Sequence[Path],
    options: IngestOptions | None = None,
    progress: Progress = silent,
) -> IngestReport:
    """Read files and folders into the study; one bad file never stops the others.

    Raises:
        SourceError: A path does not exist or the roster cannot be read.
        StoreError: The study's database cannot be written.
    """
    options = options or IngestOptions()
    found = find_files(paths)
    rosters = [f.path for f in found if f.kind == "roster"]
    if options.roster is not None:
        rosters.append(options.roster)
    session = _Session(study, options, read_roster(rosters))
    outcomes: list[Outcome] = []
    with recorded(study, "ingest", parameters={"files": len(found)}) as run:
        for done, file in enumerate(found):
            progress("Reading", done, len(found))
            outcomes.append(session.read(file))
            run.counts[outcomes[-1].status] = run.counts.get(outcomes[-1].status, 0) + 1
        session.apply_roster()
    progress("Reading", len(found), len(found))
    return IngestReport(tuple(outcomes))


class _Session:
    """Hold what one ingest shares between its files."""

    def __init__(self, study: Study, options: IngestOptions, roster: Roster) -> None:
        self._study = study
        self._options = options
        self._roster = roster
        self._sources = study.repository.sources
        settings = study.settings
        self._masked = settings.pseudonyms.enabled if options.masked is None else options.masked
        self._names = (*settings.pseudonyms.names, *options.names)
        self._key = study.load_key()
        self._known = {record.path: record for record in self._sources.all()}

    def read(self, file: Found) -> Outcome:
        if file.kind == "roster":
            return Outcome(file.name, "roster", "attributes of the interviewees")
        if file.kind == "skipped":
            return Outcome(file.name, "skipped", file.reason)
        try:
            return self._read(file)
        except SourceError as error:
            return Outcome(file.name, "failed", error.message, error.hint or "")

    def _read(self, file: Found) -> Outcome:
        try:
            data = file.path.read_bytes()
        except OSError as error:
            raise SourceError(f"{file.name}: cannot be opened: {error.strerror}") from error
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._masked_path(file.name, self._key.persons)
        for record in self._known.values():
            if record.sha256 == sha256 and record.is_complete:
                same = "" if record.path == path else f"the same content as {record.path}"
                return Outcome(file.name, "unchanged", same, format=record.format)
        before = self._known.get(path)
        is_changed = before is not None and before.sha256 != sha256
        if is_changed and not self._options.replaced:
            return Outcome(
                file.name,
                "changed",
                "a file of this name with other content is in the study",
                f"qualcode ingest --replace {file.path}  (or rename it to add it as another)",
            )
        source_id = stable_id("src", sha256, file.name)
        record = SourceRecord(source_id, file.name, sha256, "", "", "", self._masked)
        kept = self._study.settings.surveys.get(file.path.stem)
        parsed = parse(file, data, record, self._options, kept)
        if is_changed and before is not None:
            self._sources.remove(before.id)
        outcome = self._save(parsed)
        if parsed.profile is not None:
            self._study.save_profile(file.path.stem, parsed.profile)
        return replace(
            outcome,
            status="replaced" if is_changed else "read",
            profile=parsed.profile,
            notes=parsed.record.notes,
        )

    def _masked_path(self, path: str, names: Sequence[str]) -> str:
        return mask_path(path, self._key, names) if self._masked else path

    def _save(self, parsed: Parsed) -> Outcome:
        """Mask, cut and save document by document, the key and the originals always first."""
        documents = parsed.documents
        names = tuple(dict.fromkeys(name for d in documents for name in names_of(d)))
        path = self._masked_path(parsed.record.path, (*names, *self._key.persons))
        record = replace(parsed.record, path=path)
        if self._masked:
            self._study.save_key(self._key)
        self._sources.begin(record)
        n_turns = n_segments = 0
        voices: dict[tuple[str, str], None] = {}
        for first in range(0, max(len(documents), 1), _DOCUMENTS_A_TRANSACTION):
            some = documents[first : first + _DOCUMENTS_A_TRANSACTION]
            batch: list[tuple[int, Ingested]] = []
            originals: list[Mapping[str, object]] = []
            for at, document in enumerate(some, start=first):
                cells = None if parsed.cells is None else parsed.cells[at]
                item, masked_from = self._prepared(replace(document, path=path), cells)
                originals += masked_from
                batch.append((at, item))
                n_turns += sum(turn.is_speech for turn in item.document.turns)
                n_segments += len(item.segments)
                if record.kind == "interview":
                    for voice in item.document.speakers:
                        voices[voice.label or "(no name)", voice.role.value] = None
            if self._masked:
                self._study.save_key(self._key)
                self._study.keep_originals(record.id, originals)
            is_last = first + _DOCUMENTS_A_TRANSACTION >= len(documents)
            self._sources.add(record.id, batch, is_last=is_last)
        self._known[path] = replace(record, is_complete=True)
        return Outcome(
            path,
            "read",
            format=record.format,
            n_documents=len(documents),
            n_turns=n_turns,
            n_segments=n_segments,
            speakers=tuple(voices),
            unknown_speakers=tuple(label for label, role in voices if role == Role.UNKNOWN),
        )

    def _prepared(
        self, document: Document, cells: tuple[str, ...] | None
    ) -> tuple[Ingested, list[Mapping[str, object]]]:
        """Return a document ready to be saved, and its text before masking if that differs."""
        listed = self._study.settings.speakers
        # Roles are guessed before names are masked: settings name people as the file does.
        voices = guess_roles(
            document, interviewers=listed.interviewers, participants=listed.participants
        )
        document = replace(document, speakers=voices)
        originals: list[Mapping[str, object]] = []
        if self._masked:
            names = (*names_of(document), *self._names, *self._key.persons)
            before = document
            document, edits = mask_document(document, self._key, names)
            if edits:
                originals = [{"document": document.id, "version": 1, "text": before.text}]
            if cells is not None:
                cells = tuple(
                    apply_edits(cell, find_edits(cell, self._key, names)) for cell in cells
                )
        if document.participant_id is None:
            taken = self._sources.participant_ids()
            voices = assign_participants(
                document.speakers, lambda _label: next_participant_id(taken)
            )
            document = replace(document, speakers=voices)
            for voice in voices:
                if voice.participant_id is not None:
                    self._sources.set_participant(voice.participant_id, self._options.attributes)
        return Ingested(document, segment(document), cells), originals

    def apply_roster(self) -> None:
        """Give interviewees the attributes that the roster has for their file."""
        if not self._roster:
            return
        persons = self._key.persons
        roster = Roster(
            tuple(
                (self._masked_path(source, persons), self._masked_value(speaker), attributes)
                for source, speaker, attributes in self._roster.rows
            )
        )
        for document in self._sources.documents():
            voices = [v for v in document.speakers if v.role is Role.PARTICIPANT]
            for voice in voices:
                attributes = roster.attributes(document.path, voice.label)
                if attributes and voice.participant_id is not None:
                    masked = {key: self._masked_value(v) for key, v in attributes.items()}
                    self._sources.set_participant(voice.participant_id, masked)

    def _masked_value(self, value: str) -> str:
        if not self._masked:
            return value
        names = (*self._names, *self._key.persons)
        return apply_edits(value, find_edits(value, self._key, names))
