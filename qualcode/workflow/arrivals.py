"""Tell what a file is to the study: new, the same, changed, or begun and not finished."""

from __future__ import annotations

import hashlib
import shlex
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.records import stable_id
from qualcode.settings import SurveyProfile
from qualcode.store.sources import SourceRecord
from qualcode.workflow.files import read_source
from qualcode.workflow.kept_profiles import KeptProfiles
from qualcode.workflow.parse import IngestOptions
from qualcode.workflow.parse_survey import survey_dialect
from qualcode.workflow.sources import Found
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from qualcode.ingest.table import Table

__all__ = ["Arrival", "Known", "Seen"]


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
        masked: Callable[[str], str],
    ) -> None:
        self._study = study
        self._options = options
        self._given = given
        self._masked_path = masked_path
        self._masked = masked
        self._records = {record.id: record for record in study.repository.sources.all()}
        self._by_path = {record.path: record for record in self._records.values()}
        whole = [record for record in self._records.values() if record.is_complete]
        self._by_content = {record.sha256: record for record in reversed(whole)}
        self._places = study.private.origins()
        self._by_place: dict[str, SourceRecord] = {}
        for source_id, place in self._places.items():
            if source_id in self._records:
                self._by_place.setdefault(place, self._records[source_id])
        # Contents and names on their way in: all files are looked at before the first is saved.
        self._arriving: dict[str, tuple[Path, str]] = {}
        self._names_given: set[str] = set()
        out = [one for one in study.repository.removals.all() if one.replaced_by is None]
        self._removed = {one.sha256: one.decision_id for one in out}
        self._removed_ids = {one.path: one.source_id for one in out}

    def add(self, record: SourceRecord, origin: Path) -> None:
        """Take in a source that has just been read."""
        self._records[record.id] = record
        self._by_path[record.path] = record
        self._by_content.setdefault(record.sha256, record)
        self._places[record.id] = str(origin)
        self._by_place[str(origin)] = record
        self._study.private.save_origin(record.id, origin)

    def look_at(self, file: Found) -> Arrival | Seen:
        """Compare a file with what the study has.

        Raises:
            SourceError: The file cannot be opened.
        """
        data = read_source(file.path, file.name)
        sha256 = hashlib.sha256(data).hexdigest()
        origin = file.path.resolve()
        before = self._same_file(file.name, origin)
        if before is None:
            if (record := self._by_content.get(sha256)) is not None:
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
        record = self._by_place.get(str(origin))
        if record is not None:
            return record
        record = self._by_path.get(self._masked_path(name))
        return None if record is None or self._is_elsewhere(record.id, origin) else record

    def _is_elsewhere(self, source_id: str, origin: Path) -> bool:
        """Tell whether the file that a source was read from lies at another place still."""
        place = self._places.get(source_id, "")
        return place not in ("", str(origin)) and Path(place).is_file()

    def _name_of(self, before: SourceRecord, file: Found) -> str:
        """Keep a source's name, unmasked as far as the file's own name gives it."""
        return file.name if self._masked_path(file.name) == before.path else before.path

    def _free_name(self, file: Found, origin: Path) -> str:
        """Return the file's name, with folders above it where another source has that name.

        A source that was taken out keeps its name as long as its file is there, to come back.
        """
        name = file.name
        folders = list(PurePath(origin).parts[1 : -len(PurePath(name).parts)])
        number = 1
        while not self._is_free(self._masked_path(name), origin):
            if folders:
                name = f"{folders.pop()}/{name}"
                continue
            number += 1
            name = f"{PurePath(file.name).stem} ({number}){PurePath(file.name).suffix}"
        self._names_given.add(self._masked_path(name))
        return name

    def _is_free(self, path: str, origin: Path) -> bool:
        if path in self._by_path or path in self._names_given:
            return False
        removed = self._removed_ids.get(path)
        return removed is None or not self._is_elsewhere(removed, origin)

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
        read = _FileAsRead(file, data, record, kept.sheet, self._masked)
        if options.sheet is not None and not read.is_sheet(options.sheet):
            return f"is in the study, read from sheet {read.sheet!r}"
        for flag, wanted, had in asked:
            if wanted and {read.column(name) for name in wanted} != set(had):
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


class _FileAsRead:
    """Find what somebody means by a column or sheet, in a file that is in the study as it is.

    The study has placeholders for names in titles, and knows no codes of the tool: where a title
    of its own is not meant, the file tells.
    """

    def __init__(
        self,
        file: Found,
        data: bytes,
        record: SourceRecord,
        sheet: str | None,
        masked: Callable[[str], str],
    ) -> None:
        self._file, self._data, self._record = file, data, record
        self._sheet, self._masked = sheet, masked
        self._header = record.table_header or ()
        plain = [_plain(title) for title in self._header]
        counts = Counter(plain)
        self._titles = {p: t for p, t in zip(plain, self._header, strict=True) if counts[p] == 1}

    @cached_property
    def _table(self) -> Table:
        from qualcode.workflow.survey_tables import read_titled

        record = self._record
        return read_titled(
            self._data,
            PurePath(self._file.name),
            encoding=None if record.encoding == "binary" else record.encoding,
            dialect=record.format.partition("/")[2],
            name=record.path,
            asked=self._sheet,
            kept=KeptProfiles(),
            masked=self._masked,
        ).table

    @property
    def sheet(self) -> str:
        return self._sheet or self._masked(self._table.sheet)

    def is_sheet(self, named: str) -> bool:
        """Tell whether the study was read from this sheet; of what has none, from any."""
        meant = {_plain(named), _plain(self._masked(named))}
        return not self.sheet or _plain(self.sheet) in meant

    def column(self, named: str) -> str | None:
        """Return the study's title of a column, None where there is no such column."""
        from qualcode.ingest.survey import find_column

        if named in self._header:
            return named
        if (title := self._titles.get(_plain(named))) is not None:
            return title
        try:
            at = self._table.header.index(find_column(self._table, named, "--text-col"))
        except SourceError:
            return None
        return self._header[at] if at < len(self._header) else None


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()
