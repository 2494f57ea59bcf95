"""Bring files into a study: read, mask names, guess speakers, cut segments, save."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.ingest.names import names_of
from qualcode.ingest.pseudonyms import PathNames, find_edits, mask_document, mask_value
from qualcode.ingest.segmentation import segment
from qualcode.ingest.speakers import assign_participants, guess_roles
from qualcode.ingest.survey import NoOpenAnswers
from qualcode.records import Document, Role, Speaker
from qualcode.spans import apply_edits
from qualcode.store.removals import Copy
from qualcode.store.sources import Ingested, SourceRecord
from qualcode.workflow.arrivals import Arrival, Known, Seen
from qualcode.workflow.carrying import Carried
from qualcode.workflow.ingest_report import IngestReport, Outcome
from qualcode.workflow.kept_profiles import kept_profiles
from qualcode.workflow.mask import MaskReport, mask_new_persons
from qualcode.workflow.masked_titles import masked_profile, with_masked_titles
from qualcode.workflow.parse import IngestOptions, Parsed, check_format, parse
from qualcode.workflow.progress import Progress, silent
from qualcode.workflow.replacing import Room, told
from qualcode.workflow.roster import Roster, read_roster
from qualcode.workflow.runs import recorded
from qualcode.workflow.source_life import finish_replacing
from qualcode.workflow.sources import Found, find_files
from qualcode.workflow.speakers import next_participant_id
from qualcode.workflow.study import Study
from qualcode.workflow.survey_people import told_apart

if TYPE_CHECKING:
    from qualcode.workflow.parse_survey import SurveyFound

__all__ = ["IngestOptions", "IngestReport", "Outcome", "Session", "ingest"]

_DOCUMENTS_A_TRANSACTION = 1000
_NOT_KEPT = "study.toml is full: how the columns were read is not kept for the next wave"


def ingest(
    study: Study,
    paths: Sequence[Path],
    options: IngestOptions | None = None,
    progress: Progress = silent,
) -> IngestReport:
    """Read files and folders into the study; one bad file never stops the others.

    Names are masked in all files, whichever file they were first met in.

    Raises:
        SourceError: A path does not exist or the roster cannot be read.
        StudyError: Another process is ingesting or masking here.
        StoreError: The study's database cannot be written.
        UsageError: There is no format of the name asked for.
    """
    options = options or IngestOptions()
    if options.format is not None:
        check_format(options.format)  # said once, not for each file
    found = find_files(paths)
    rosters = [f.path for f in found if f.kind == "roster"]
    if options.roster is not None:
        rosters.append(options.roster)
    roster = read_roster(rosters)
    with study.exclusive(), recorded(study, "ingest", parameters={"files": len(found)}) as run:
        finish_replacing(study)
        session = Session(study, options, paths)
        # Interviews are parsed before the first is saved: each may name another's speakers.
        looked = [session.look_at(file) for file in found]
        outcomes: list[Outcome] = []
        for done, item in enumerate(looked):
            progress("Reading", done, len(looked))
            outcomes.append(item if isinstance(item, Outcome) else session.take_in(item))
            run.counts[outcomes[-1].status] = run.counts.get(outcomes[-1].status, 0) + 1
        if roster:
            given = session.apply_roster(roster)
            outcomes = [replace(o, reason=given) if o.status == "roster" else o for o in outcomes]
            if options.roster is not None:
                outcomes.append(Outcome(options.roster.name, "roster", given))
        masked = session.mask_earlier_texts()
    progress("Reading", len(found), len(found))
    return IngestReport(tuple(outcomes), masked)


class Session:
    """Hold what one ingest shares between its files.

    Attributes:
        carried: What followed the words of the source that was replaced last.
    """

    def __init__(
        self,
        study: Study,
        options: IngestOptions,
        paths: Sequence[Path],
        room: Room | None = None,
    ) -> None:
        self.carried = Carried()
        self._room = room or Room(study)
        self._study = study
        self._options = options
        self._sources = study.repository.sources
        self._people = study.repository.people
        settings = study.settings
        self._masked = settings.pseudonyms.enabled if options.masked is None else options.masked
        self._key = study.load_key()
        listed = {*settings.pseudonyms.names, *options.names}
        self._key.certain.update(listed)
        self._names: set[str] = set()
        self._ordered: tuple[str, ...] | None = None
        self._path_names = PathNames(self._key)
        self._learn({*listed, *self._key.persons})
        self._known = Known(study, options, paths, self._masked_path, self._masked_value)

    def _learn(self, names: Iterable[str]) -> None:
        """Mask these names too from now on."""
        new = set(names) - self._names
        if new:
            self._names |= new
            self._path_names.add(new)
            self._ordered = None

    def look_at(self, file: Found) -> Outcome | Waiting:
        """Decide whether a file is to be read; parse it at once if it is an interview."""
        if file.kind == "roster":
            return Outcome(file.name, "roster", "attributes of the interviewees")
        if file.kind == "skipped":
            return Outcome(file.name, "skipped", file.reason)
        if file.path.resolve() in self._options.leave_out:
            return Outcome(file.name, "skipped", "left out, as you said")
        try:
            seen = self._known.look_at(file)
            if isinstance(seen, Seen):
                reason = seen.reason
                if seen.record is not None and self._options.attributes:
                    reason = self._set_attributes(seen.record)
                return Outcome(file.name, seen.status, reason, seen.hint, seen.format)
            if file.kind == "survey":
                return Waiting(seen)
            parsed = self._parse(seen)
        except SourceError as error:
            return Outcome(file.name, "failed", error.message, error.hint or "")
        for document in parsed.documents:
            self._learn(names_of(document))
        return Waiting(seen, parsed)

    def find_profile(self, file: Found) -> SurveyFound | None:
        """Return how a survey would be read, None if it is not to be read.

        Raises:
            NoOpenAnswers: As `parse_survey.find_profile`.
            SourceError: Likewise, or the file cannot be opened.
        """
        from qualcode.workflow.parse_survey import find_profile

        seen = self._known.look_at(file)
        if isinstance(seen, Seen):
            return None
        name, kept = self._masked_path(seen.path), kept_profiles(self._study)
        return find_profile(file, seen.data, name, self._options, kept, self._masked_value)

    def put_in_place(self, arrival: Arrival) -> Outcome:
        """Read a file that somebody named for the place of a source.

        Raises:
            SourceError: It cannot be read; nothing is changed then.
        """
        parsed = self._parse(arrival)
        for document in parsed.documents:
            self._learn(names_of(document))
        return self.take_in(Waiting(arrival, parsed))

    def _parse(self, arrival: Arrival) -> Parsed:
        record = SourceRecord(
            arrival.source_id, arrival.path, arrival.sha256, "", "", "", self._masked
        )
        name = self._masked_path(arrival.path)
        return parse(
            arrival.file,
            arrival.data,
            record,
            self._options,
            kept_profiles(self._study),
            name,
            self._masked_value,
        )

    def read_as(self, arrival: Arrival, parsed: Parsed) -> Copy:
        """Return the texts of a file as they would be saved in the place of a source."""
        assert arrival.replaces is not None
        path, names = arrival.replaces.path, self._all_names(parsed)
        items = [
            self._prepared(replace(document, path=path), None, names, {})[0]
            for document in parsed.documents
        ]
        segments = tuple(segment for item in items for segment in item.segments)
        return Copy(tuple(item.document for item in items), segments, (), ())

    def _all_names(self, parsed: Parsed) -> tuple[str, ...]:
        return tuple(sorted(self._names | set(parsed.names)))

    def take_in(self, waiting: Waiting) -> Outcome:
        """Parse a file if that is still to do, and save it."""
        arrival = waiting.arrival
        try:
            parsed = waiting.parsed or self._parse(arrival)
        except NoOpenAnswers as error:
            # A study's closed questions may lie beside its open ones, in a file of their own.
            reason = error.message.removeprefix(f"{arrival.file.name}: ")
            return Outcome(arrival.file.name, "skipped", reason, error.hint or "")
        except SourceError as error:
            return Outcome(arrival.file.name, "failed", error.message, error.hint or "")
        voices: Mapping[str | None, Speaker]
        writers: set[str] = set()
        if arrival.replaces is not None:
            documents = self._sources.documents(arrival.replaces.id)
            refused = self._room.make(arrival, lambda: self.read_as(arrival, parsed))
            if refused is not None:
                return refused
            voices = {s.label: s for d in documents for s in d.speakers}
            writers = {d.participant_id for d in documents if d.participant_id is not None}
        else:
            voices = self._room.voices_waiting_for(arrival, self._masked_path(arrival.path))
        # Looked up again: an earlier file of this run may have taken the name meanwhile.
        path = self._masked_path(arrival.path)
        taken = {record.path for record in self._sources.all()}
        if arrival.resumes is None and path in taken:
            path = self._masked_path(f"{arrival.source_id[-6:]}/{arrival.path}")
        parsed = replace(parsed, record=replace(parsed.record, path=path))
        self._learn(parsed.names)
        if (profile := parsed.profile) is not None:
            record = with_masked_titles(parsed.record, self._masked_value)
            if not self._study.save_profile(path, masked_profile(profile, self._masked_value)):
                record = replace(record, notes=(*record.notes, _NOT_KEPT))
            parsed = replace(parsed, record=record)
        outcome = self._save(parsed, voices, writers)
        self._known.add(replace(parsed.record, is_complete=True), arrival.file.path.resolve())
        carried = finish_replacing(self._study, parsed.record.id)
        self.carried = carried or Carried()
        return replace(
            outcome,
            status="replaced" if arrival.replaces is not None or carried is not None else "read",
            profile=parsed.profile,
            notes=(*parsed.record.notes, *outcome.notes, *told(self.carried)),
        )

    def _masked_path(self, path: str) -> str:
        return self._path_names.masked(path) if self._masked else path

    def _set_attributes(self, record: SourceRecord) -> str:
        """Give attributes to the people of a source that is in the study already."""
        people = {
            participant_id
            for document in self._sources.documents(record.id)
            for participant_id in (
                document.participant_id,
                *(v.participant_id for v in document.speakers if v.role is Role.PARTICIPANT),
            )
            if participant_id is not None
        }
        values = {key: self._masked_value(v) for key, v in self._options.attributes.items()}
        for participant_id in sorted(people):
            self._people.set_participant(participant_id, values)
        return f"gave {', '.join(values)} to {len(people)} of its people"

    def _save(
        self, parsed: Parsed, before: Mapping[str | None, Speaker], writers: Collection[str]
    ) -> Outcome:
        """Mask, cut and save document by document, the key and the originals always first.

        `before` holds the voices of the source that this one replaces, `writers` the ids under
        which people wrote in it: who they are stays.
        """
        documents, record = parsed.documents, parsed.record
        names = self._all_names(parsed)
        copied = cache(lambda: deepcopy(self._key))

        def masked(value: str) -> str:
            # A trial: the key itself learns only what is saved.
            return mask_value(value, copied(), names) if self._masked else value

        documents, notes = told_apart(self._people, documents, record, writers, masked)
        self._sources.begin(record)
        n_turns = n_segments = 0
        voices: dict[tuple[str, str], None] = {}
        for first in range(0, max(len(documents), 1), _DOCUMENTS_A_TRANSACTION):
            some = documents[first : first + _DOCUMENTS_A_TRANSACTION]
            batch: list[tuple[int, Ingested]] = []
            originals: list[Mapping[str, object]] = []
            for at, document in enumerate(some, start=first):
                cells = None if parsed.cells is None else parsed.cells[at]
                document = replace(document, path=record.path)
                item, masked_from = self._prepared(document, cells, names, before)
                originals += masked_from
                batch.append((at, item))
                n_turns += sum(turn.is_speech for turn in item.document.turns)
                n_segments += len(item.segments)
                if record.kind == "interview":
                    for voice in item.document.speakers:
                        voices[voice.label or "(no name)", voice.role.value] = None
            if self._masked:
                self._study.save_key(self._key)
                self._study.private.keep_originals(record.id, originals)
            is_last = first + _DOCUMENTS_A_TRANSACTION >= len(documents)
            self._sources.add(record.id, batch, is_last=is_last)
        return Outcome(
            record.path,
            "read",
            format=record.format,
            n_documents=len(documents),
            n_turns=n_turns,
            n_segments=n_segments,
            speakers=tuple(voices),
            unknown_speakers=tuple(label for label, role in voices if role == Role.UNKNOWN),
            notes=notes,
        )

    def _prepared(
        self,
        document: Document,
        cells: tuple[str, ...] | None,
        names: Sequence[str],
        before: Mapping[str | None, Speaker],
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
            text = document.text
            document, edits = mask_document(document, self._key, names)
            if edits:
                originals = [{"document": document.id, "version": 1, "text": text}]
            if cells is not None:
                cells = tuple(
                    apply_edits(cell, find_edits(cell, self._key, names)) for cell in cells
                )
        participants: dict[str, Mapping[str, str]] = {}
        if document.participant_id is None:
            voices = tuple(_known_before(v, before.get(v.label)) for v in document.speakers)
            taken = self._people.participant_ids()
            voices = assign_participants(voices, lambda _label: next_participant_id(taken))
            document = replace(document, speakers=voices)
            participants = {
                voice.participant_id: self._options.attributes
                for voice in voices
                if voice.role is Role.PARTICIPANT and voice.participant_id is not None
            }
        return Ingested(document, segment(document), cells, participants), originals

    def apply_roster(self, roster: Roster) -> str:
        """Give interviewees the attributes that the roster has for their file; tell how it went."""
        masked = Roster(
            tuple(
                (self._masked_path(source), self._masked_value(speaker), attributes)
                for source, speaker, attributes in roster.rows
            )
        )
        n_voices = 0
        documents = self._sources.documents()
        for document in documents:
            for voice in document.speakers:
                attributes = masked.attributes(document.path, voice.label)
                if (
                    attributes
                    and voice.role is Role.PARTICIPANT
                    and voice.participant_id is not None
                ):
                    values = {key: self._masked_value(v) for key, v in attributes.items()}
                    self._people.set_participant(voice.participant_id, values)
                    n_voices += 1
        lost = masked.without_file([document.path for document in documents])
        told = f"attributes for {n_voices} voices"
        return f"{told}; no such file in the study: {', '.join(lost)}" if lost else told

    def _masked_value(self, value: str) -> str:
        if not self._masked:
            return value
        if self._ordered is None:
            self._ordered = tuple(sorted(self._names))
        return apply_edits(value, find_edits(value, self._key, self._ordered))

    def mask_earlier_texts(self) -> MaskReport:
        """Mask people whom this ingest brought in the texts that were there before."""
        return mask_new_persons(self._study, self._key) if self._masked else MaskReport()


def _known_before(voice: Speaker, before: Speaker | None) -> Speaker:
    """Keep a voice's id, and its role if a person set it, when its file is read anew."""
    if before is None:
        return voice
    role, guessed = (voice.role, True) if before.guessed else (before.role, False)
    return replace(voice, role=role, guessed=guessed, participant_id=before.participant_id)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hold a file that is to be saved; an interview is parsed already."""

    arrival: Arrival
    parsed: Parsed | None = None
