"""Turn a survey's bytes into documents, by the columns that a person named or confirmed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.settings import SurveyProfile
from qualcode.store.sources import SourceRecord
from qualcode.workflow.kept_profiles import KeptProfiles
from qualcode.workflow.parse import IngestOptions, Parsed
from qualcode.workflow.sources import Found
from qualcode.workflow.survey_tables import read_titled

if TYPE_CHECKING:
    from qualcode.ingest.columns import Column
    from qualcode.ingest.survey_heads import RowState
    from qualcode.ingest.table import Table

__all__ = [
    "SURVEY_FORMATS",
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
_LISTED_COLUMNS = 5
_NAMELESS = frozenset({"anonymous", "anonym", "anonyme", "n/a", "guest"})


@dataclass(frozen=True, slots=True)
class SurveyFound:
    """Hold how a survey would be read.

    Attributes:
        name: The file, as messages call it.
        path: Where it lies, by which what a person says of it is kept: two files may have one name.
        table: Its rows that would be read.
        columns: What each column seems to hold; empty where an earlier wave told.
        profile: The columns, by header.
        notes: What a person should know of rows left out or of an earlier wave.
    """

    name: str
    path: Path
    table: Table
    columns: tuple[Column, ...]
    profile: SurveyProfile
    notes: tuple[str, ...] = ()


def find_profile(
    file: Found,
    data: bytes,
    name: str,
    options: IngestOptions,
    kept: KeptProfiles,
    masked: Callable[[str], str] = str,
) -> SurveyFound:
    """Read a table and find which columns hold what.

    What a person names goes before what was confirmed, that before what an earlier wave was read
    by, and that before what the columns seem to hold. A person may name a column or a sheet as the
    file does or as the study does, with placeholders for the names in it.

    Args:
        file: The file.
        data: Its bytes.
        name: What the study would call it.
        options: What a person asked for.
        kept: How other surveys were read.
        masked: Puts placeholders for the names in a title.

    Raises:
        NoOpenAnswers: No column seems to hold open answers, and none was named.
        SourceError: The file is no table, or a column or sheet that was named is not there.
    """
    from qualcode.ingest.columns import Profile, detect
    from qualcode.ingest.survey import apply_profile, left_out

    confirmed = options.profiles.get(file.path.resolve())
    titled = read_titled(
        data,
        PurePath(file.name),
        encoding=options.encoding,
        dialect=survey_dialect(options.format),
        name=name,
        asked=options.sheet or (confirmed.sheet if confirmed is not None else None),
        kept=kept,
        masked=masked,
    )
    table, titles = titled.table, titled.titles
    _refuse_talk(table)
    notes: list[str] = []
    before = confirmed
    if before is None and (found := kept.of(name, tuple(titles))) is not None:
        before, wave = found[0].renamed(titles), found[1]
        if wave != name:
            notes.append(f"columns read like those of {wave}, an earlier wave")
        known = set(kept.headers.get(wave, titles))
        new = [title for shown, title in titles.items() if shown not in known]
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
        file.path.resolve(),
        table,
        columns,
        SurveyProfile(
            id_col=profile.id_col,
            text_cols=profile.text_cols,
            attr_cols=profile.attr_cols,
            participant_col=profile.participant_col,
            drop_unfinished=unfinished,
            keep_previews=previews,
            sheet=titled.sheet,
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
    masked: Callable[[str], str] = str,
) -> Parsed:
    """Read a survey; one document a row. The arguments are those of `find_profile`.

    Raises:
        NoOpenAnswers: As `find_profile`.
        SourceError: Likewise.
    """
    from qualcode.ingest.columns import Profile
    from qualcode.ingest.survey import read_survey

    found = find_profile(file, data, name, options, kept, masked)
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


def _given(
    options: IngestOptions, columns: Mapping[str, int], cells: tuple[str, ...]
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
