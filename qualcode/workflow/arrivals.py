"""Tell what a file is to the study: new, the same, changed, or begun and not finished."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from qualcode.errors import SourceError
from qualcode.ingest.table import read_table
from qualcode.records import stable_id
from qualcode.settings import SurveyProfile
from qualcode.store.sources import SourceRecord
from qualcode.workflow.parse import IngestOptions
from qualcode.workflow.parse_survey import survey_dialect
from qualcode.workflow.sources import Found
from qualcode.workflow.study import Study

__all__ = ["Arrival", "Known", "Seen"]

_MAX_FILE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Arrival:
    """Hold a file that is to be read.

    Attributes:
        path: The name that the study gives it, before names in it are masked.
        replaces: The source that it takes the place of.
        resumes: The source that an earlier run began and did not finish.
    """

    file: Found
    data: bytes
    sha256: str
    path: str
    replaces: SourceRecord | None = None
    resumes: SourceRecord | None = None

    @property
    def source_id(self) -> str:
        if self.resumes is not None:
            return self.resumes.id
        return stable_id("src", self.sha256, self.path)


@dataclass(frozen=True, slots=True)
class Seen:
    """Say that a file is not to be read, and why.

    `status` is "unchanged", "changed" or "skipped"; `record` is the source that it is, where it is
    unchanged.
    """

    status: str
    reason: str = ""
    hint: str = ""
    format: str = ""
    record: SourceRecord | None = None


class Known:
    """Hold the sources that the study has, with the places that they were read from."""

    def __init__(
        self,
        study: Study,
        options: IngestOptions,
        given: Sequence[Path],
        masked_path: Callable[[str], str],
    ) -> None:
        self._study = study
        self._options = options
        self._given = given
        self._masked_path = masked_path
        self._records = {record.id: record for record in study.repository.sources.all()}
        self._origins = study.private.origins()
        # Contents that are on their way in: all files are looked at before the first is saved.
        self._arriving: dict[str, tuple[Path, str]] = {}
        self._removed = {
            out.sha256: out.decision_id
            for out in study.repository.removals.all()
            if out.replaced_by is None
        }

    def add(self, record: SourceRecord, origin: Path) -> None:
        """Take in a source that has just been read."""
        self._records[record.id] = record
        self._origins[record.id] = str(origin)
        self._study.private.save_origin(record.id, origin)

    def look_at(self, file: Found) -> Arrival | Seen:
        """Compare a file with what the study has.

        Raises:
            SourceError: The file cannot be opened.
        """
        try:
            if (size := file.path.stat().st_size) > _MAX_FILE_BYTES:
                raise SourceError(
                    f"{file.name}: {size >> 20:,} MB; files up to {_MAX_FILE_BYTES >> 20} MB are "
                    "read",
                    hint="take out recordings and pictures, or save it in parts",
                )
            data = file.path.read_bytes()
        except OSError as error:
            raise SourceError(f"{file.name}: cannot be opened: {error.strerror}") from error
        sha256 = hashlib.sha256(data).hexdigest()
        origin = file.path.resolve()
        before = self._same_file(file.name, origin)
        if before is None:
            for record in self._records.values():
                if record.sha256 == sha256 and record.is_complete:
                    reason = f"the same content as {record.path}"
                    return Seen("unchanged", reason, format=record.format, record=record)
            if (number := self._removed.get(sha256)) and not self._options.replaced:
                return Seen(
                    "skipped",
                    "was taken out of the study",
                    f"to bring it back: qualcode edit undo {number}; --replace reads it anew",
                )
            first, name = self._arriving.setdefault(sha256, (origin, file.name))
            if first != origin:
                return Seen("unchanged", f"the same content as {name}")
            return Arrival(file, data, sha256, self._free_name(file, origin))
        if before.sha256 == sha256 and before.is_complete:
            odd = self._read_otherwise(before, file, data)
            if not odd:
                return Seen("unchanged", format=before.format, record=before)
            if not self._options.replaced:
                return Seen("changed", odd, self._replace_command())
        elif before.sha256 != sha256 and not self._options.replaced:
            return Seen("changed", "has other content now", self._replace_command())
        # A file that was begun with other options begins anew: its rows must not be mixed.
        was_begun = before.sha256 == sha256 and not before.is_complete
        if (
            was_begun
            and before.masked == self._is_masked()
            and not self._read_otherwise(before, file, data)
        ):
            return Arrival(file, data, sha256, before.path, resumes=before)
        return Arrival(file, data, sha256, self._name_of(before, file), replaces=before)

    def _same_file(self, name: str, origin: Path) -> SourceRecord | None:
        """Find the source read from this very file, else from one of this name that is gone."""
        for source_id, place in self._origins.items():
            if place == str(origin) and source_id in self._records:
                return self._records[source_id]
        for record in self._records.values():
            if record.path == self._masked_path(name):
                place = self._origins.get(record.id, "")
                if not (place and Path(place).is_file()):
                    return record
        return None

    def _name_of(self, before: SourceRecord, file: Found) -> str:
        """Keep a source's name, unmasked as far as the file's own name gives it."""
        return file.name if self._masked_path(file.name) == before.path else before.path

    def _free_name(self, file: Found, origin: Path) -> str:
        """Return the file's name, with folders above it where another source has that name."""
        taken = {record.path for record in self._records.values()}
        name = file.name
        folders = list(PurePath(origin).parts[1 : -len(PurePath(name).parts)])
        while self._masked_path(name) in taken and folders:
            name = f"{folders.pop()}/{name}"
        number = 2
        while self._masked_path(name) in taken:
            name = f"{PurePath(file.name).stem} ({number}){PurePath(file.name).suffix}"
            number += 1
        return name

    def _is_masked(self) -> bool:
        enabled = self._study.settings.pseudonyms.enabled
        return enabled if self._options.masked is None else self._options.masked

    def _read_otherwise(self, record: SourceRecord, file: Found, data: bytes) -> str:
        """Tell how the options differ from those that a source was read with; "" if not."""
        options = self._options
        if options.masked is not None and options.masked != record.masked:
            return "is in the study, read with names " + ("masked" if record.masked else "kept")
        header = record.table_header
        if header is None:
            read_as = {record.format, *record.format.split("/")}
            if options.format is None or survey_dialect(options.format) is not None:
                return ""
            if options.format.strip().casefold() not in read_as:
                return f"is in the study, read as {record.format.replace('/', ' · ')}"
            return ""
        if survey_dialect(options.format) not in (None, record.format.partition("/")[2]):
            return f"is in the study, read as {record.format.replace('/', ' · ')}"
        kept = self._study.settings.surveys.get(record.path) or SurveyProfile()
        if options.drop_unfinished not in (None, kept.drop_unfinished):
            state = "left out" if kept.drop_unfinished else "kept"
            return f"is in the study, read with unfinished rows {state}"
        if options.keep_previews not in (None, kept.keep_previews):
            state = "kept" if kept.keep_previews else "left out"
            return f"is in the study, read with preview rows {state}"
        asked = (
            ("--text-col", options.text_cols, record.text_columns),
            ("--id-col", _listed(options.id_col), _listed(record.id_column)),
            ("--attr", options.attr_cols, record.attribute_columns),
            (
                "--participant-col",
                _listed(options.participant_col),
                _listed(record.participant_column),
            ),
        )
        named = {_column(name, header) for _, wanted, _ in asked for name in wanted}
        codes: dict[str, str] = {}
        if not named <= {_column(name, header) for name in header}:
            # Somebody says Q5 for a column: what that is stands in the file alone.
            table = read_table(data, PurePath(file.name), encoding=options.encoding, dialect=None)
            codes = {_column(code, header): name for code, name in table.codes.items()}
        for flag, wanted, had in asked:
            meant = {_column(codes.get(_column(w, header), w), header) for w in wanted}
            if wanted and meant != {_column(h, header) for h in had}:
                return f"is in the study, read with {flag} {', '.join(had) or 'none'}"
        return ""

    def _replace_command(self) -> str:
        paths = " ".join(shlex.quote(str(path)) for path in self._given)
        return (
            f"qualcode ingest --replace --study {shlex.quote(str(self._study.path))} {paths}  "
            "(with the same options)"
        )


def _listed(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _column(name: str, header: Sequence[str]) -> str:
    """Return a column's name in one spelling, also for `#3`."""
    if name.startswith("#") and name[1:].isdigit() and 0 < int(name[1:]) <= len(header):
        name = header[int(name[1:]) - 1]
    return " ".join(name.split()).casefold()
