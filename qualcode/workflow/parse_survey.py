"""Turn a survey's bytes into documents, by the columns that a person named or confirmed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.settings import SurveyProfile
from qualcode.store.sources import SourceRecord
from qualcode.workflow.parse import IngestOptions, Parsed
from qualcode.workflow.sources import Found

if TYPE_CHECKING:
    from qualcode.ingest.columns import Column
    from qualcode.ingest.survey_heads import RowState
    from qualcode.ingest.table import Table

__all__ = [
    "SURVEY_FORMATS",
    "KeptProfiles",
    "SurveyFound",
    "find_profile",
    "parse_survey",
    "survey_dialect",
]

SURVEY_FORMATS = ("csv", "tsv", "xlsx", "sav", "parquet")

_SPOKEN = re.compile(
    r"\s*(?:\[?\(?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\]?\)?\s+)?"
    r"[^\W\d][\w .'’()-]{0,40}:\s+\w+\W+\w+"
)
"""`Name: words`, with or without a time: no title of a column."""
_SAME_WAVES = 0.8
"""So many of the columns of two surveys taken together are in both, if they are waves of one."""
_LISTED_COLUMNS = 5
_NAMELESS = frozenset({"anonymous", "anonym", "anonyme", "n/a", "guest"})


@dataclass(frozen=True, slots=True)
class KeptProfiles:
    """Hold how the surveys of a study were read, for the next wave.

    Attributes:
        profiles: By the path that the study knows a survey by.
        headers: Columns of the surveys that are in the study, likewise.
    """

    profiles: Mapping[str, SurveyProfile] = field(default_factory=dict)
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, name: str, header: Sequence[str]) -> tuple[SurveyProfile, str] | None:
        """Return the profile for a table and the survey that it is from.

        A survey of the same name counts, else the one that shares the most columns. Attributes
        that are no longer asked for are left out of the profile.
        """
        alike = sorted(
            (path for path in self.profiles if path in self.headers and path != name),
            key=lambda path: (-_shared(self.headers[path], header), path),
        )
        for path in (name, *alike):
            kept = self.profiles.get(path)
            if kept is None or not _fits(kept, header):
                continue
            if path == name or _shared(self.headers[path], header) >= _SAME_WAVES:
                attributes = tuple(n for n in kept.attr_cols if n in header)
                return kept.model_copy(update={"attr_cols": attributes}), path
        return None


@dataclass(frozen=True, slots=True)
class SurveyFound:
    """Hold how a survey would be read.

    Attributes:
        name: The file.
        table: Its rows that would be read.
        columns: What each column seems to hold; empty where an earlier wave told.
        profile: The columns, by header.
        notes: What a person should know of rows left out or of an earlier wave.
    """

    name: str
    table: Table
    columns: tuple[Column, ...]
    profile: SurveyProfile
    notes: tuple[str, ...] = ()


def find_profile(
    file: Found, data: bytes, name: str, options: IngestOptions, kept: KeptProfiles
) -> SurveyFound:
    """Read a table and find which columns hold what.

    What a person names goes before what was confirmed, that before what an earlier wave was read
    by, and that before what the columns seem to hold.

    Args:
        file: The file.
        data: Its bytes.
        name: What the study would call it.
        options: What a person asked for.
        kept: How other surveys were read.

    Raises:
        NoOpenAnswers: No column seems to hold open answers, and none was named.
        SourceError: The file is no table, or a column that was named is not there.
    """
    from qualcode.ingest.columns import Profile, detect
    from qualcode.ingest.survey import apply_profile, left_out
    from qualcode.ingest.table import read_table

    dialect = survey_dialect(options.format)
    table = read_table(data, PurePath(file.name), encoding=options.encoding, dialect=dialect)
    _refuse_talk(table)
    notes: list[str] = []
    before = options.profiles.get(file.name)
    if before is None and (found := kept.of(name, table.header)) is not None:
        before, wave = found
        if wave != name:
            notes.append(f"columns read like those of {wave}, an earlier wave")
        new = [n for n in table.header if n not in kept.headers.get(wave, table.header)]
        if new:
            listed = ", ".join(repr(" ".join(n.split())[:60]) for n in new[:_LISTED_COLUMNS])
            notes.append(f"{len(new)} column(s) that {wave} did not have: {listed}")
    unfinished, previews = options.drop_unfinished, options.keep_previews
    if unfinished is None:
        unfinished = before is not None and before.drop_unfinished
    if previews is None:
        previews = before is not None and before.keep_previews
    states: list[RowState] = []
    if not previews:
        states.append("preview")
    if unfinished:
        states.append("unfinished")
    table, told = left_out(table, states)
    columns: tuple[Column, ...] = ()
    if before is not None:
        found_columns = Profile(
            before.id_col, before.text_cols, before.attr_cols, before.participant_col
        )
    else:
        found_columns, columns = detect(table)
    profile = apply_profile(
        table,
        Profile(
            id_col=options.id_col or found_columns.id_col,
            text_cols=options.text_cols or found_columns.text_cols,
            attr_cols=options.attr_cols or found_columns.attr_cols,
            participant_col=options.participant_col or found_columns.participant_col,
        ),
    )
    return SurveyFound(
        file.name,
        table,
        columns,
        SurveyProfile(
            id_col=profile.id_col,
            text_cols=profile.text_cols,
            attr_cols=profile.attr_cols,
            participant_col=profile.participant_col,
            drop_unfinished=unfinished,
            keep_previews=previews,
        ),
        (*told, *notes),
    )


def parse_survey(
    file: Found,
    data: bytes,
    record: SourceRecord,
    name: str,
    options: IngestOptions,
    kept: KeptProfiles,
) -> Parsed:
    """Read a survey; one document a row.

    Raises:
        NoOpenAnswers: As `find_profile`.
        SourceError: Likewise.
    """
    from qualcode.ingest.columns import Profile
    from qualcode.ingest.survey import read_survey

    found = find_profile(file, data, name, options, kept)
    table, profile = found.table, found.profile
    reading = read_survey(
        table,
        Profile(profile.id_col, profile.text_cols, profile.attr_cols, profile.participant_col),
        path=file.name,
        source_id=record.id,
        source_sha256=record.sha256,
    )
    record = replace(
        record,
        kind="survey",
        format=table.full_format,
        encoding=table.encoding,
        table_header=table.header,
        text_columns=profile.text_cols,
        id_column=profile.id_col,
        attribute_columns=profile.attr_cols,
        participant_column=profile.participant_col,
        notes=(*found.notes, *table.problems, *reading.problems),
    )
    columns = {" ".join(title.split()).casefold(): at for at, title in enumerate(table.header)}
    documents = tuple(
        replace(
            document,
            attributes={**document.attributes, **dict(_given(options, columns, row.cells))},
        )
        for document, row in zip(reading.documents, table.rows, strict=True)
    )
    return Parsed(
        record,
        documents,
        tuple(row.cells for row in table.rows),
        profile,
        frozenset(_named_people(table, profile.participant_col)),
    )


def survey_dialect(named: str | None) -> str | None:
    """Return the dialect that `--format` names, "" for a plain table, None for no survey's."""
    from qualcode.ingest.survey_heads import DIALECTS

    wanted = (named or "").strip().casefold()
    kind, _, dialect = wanted.rpartition("/")
    if dialect in DIALECTS and kind in ("", *SURVEY_FORMATS):
        return dialect
    return "" if wanted in SURVEY_FORMATS else None


def _refuse_talk(table: Table) -> None:
    """Refuse a transcript that was taken for a table.

    Raises:
        SourceError: It seems to be one.
    """
    spoken = [row.cells[0] for row in table.rows[:20]]
    if _SPOKEN.match(table.header[0]) and any(_SPOKEN.match(cell) for cell in spoken):
        raise SourceError(
            f"{table.path}: looks like the transcript of a talk, not like a table",
            hint="if it is one, give it the suffix .txt and read it again",
        )


def _fits(kept: SurveyProfile, header: Sequence[str]) -> bool:
    """Tell whether a table still has the columns that an earlier wave could not be read without."""
    needed = (*kept.text_cols, kept.id_col, kept.participant_col)
    return all(name is None or name in header for name in needed)


def _shared(one: Sequence[str], other: Sequence[str]) -> float:
    a, b = set(one), set(other)
    return len(a & b) / max(len(a | b), 1)


def _given(
    options: IngestOptions, columns: Mapping[str, int], cells: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield the attributes asked for; a value that is a column's name stands for its cells."""
    for key, value in options.attributes.items():
        at = columns.get(" ".join(value.split()).casefold())
        if at is None:
            yield key, value
        elif cells[at].strip():
            yield key, cells[at].strip()


def _named_people(table: Table, participant_col: str | None) -> Iterator[str]:
    """Yield what stands in columns of people's names, the participant's if it holds names."""
    from qualcode.ingest.names import is_name_column, is_personal_label

    for at, title in enumerate(table.header):
        cells = (row.cells[at].strip() for row in table.rows)
        if table.held.get(title) == "name":
            # Where people need not say their names, the tool writes such as "Anonymous".
            yield from (c for c in cells if c and c.casefold() not in _NAMELESS)
        elif is_name_column(title):
            yield from (c for c in cells if c)
        elif title == participant_col:
            yield from (c for c in cells if len(c.split()) > 1 and is_personal_label(c))
