"""Turn one file's bytes into documents, before names are masked."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.records import Document
from qualcode.settings import SurveyProfile
from qualcode.store.sources import SourceRecord
from qualcode.workflow.sources import Found

if TYPE_CHECKING:
    from qualcode.ingest.reading import Reading
    from qualcode.ingest.table import Table

__all__ = ["IngestOptions", "Parsed", "parse"]


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """Say how files are to be read.

    Attributes:
        encoding: Of text files; found per file when None.
        text_cols: Open-text columns of a survey; found when empty.
        id_col: Column with each row's id; found when None.
        attr_cols: Columns kept as attributes; found when empty.
        participant_col: Column that says who wrote the row; the id column when None.
        attributes: Attributes for every participant of these files, such as wave: spring; a value
            that is the name of a survey's column stands for that column's cells.
        roster: File that gives interviewees their attributes.
        masked: Whether names and numbers become placeholders; the study's setting when None.
        names: More names to mask.
        replaced: Whether a changed file takes the place of the one in the study.
    """

    encoding: str | None = None
    text_cols: tuple[str, ...] = ()
    id_col: str | None = None
    attr_cols: tuple[str, ...] = ()
    participant_col: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    roster: Path | None = None
    masked: bool | None = None
    names: tuple[str, ...] = ()
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """Hold a file's documents.

    Attributes:
        cells: For a survey, the cells of each document's row.
        profile: How its columns were read.
        names: People whom its columns of names name.
    """

    record: SourceRecord
    documents: tuple[Document, ...]
    cells: tuple[tuple[str, ...], ...] | None = None
    profile: SurveyProfile | None = None
    names: frozenset[str] = frozenset()


def parse(
    file: Found,
    data: bytes,
    record: SourceRecord,
    options: IngestOptions,
    kept: SurveyProfile | None,
) -> Parsed:
    """Read a file with the reader for its content.

    Args:
        file: Where it is and what it is taken for.
        data: Its bytes.
        record: Id, path, hash and masking, to be completed with what the reader found.
        options: What the person asked for.
        kept: How this survey's columns were read before, None for the first time.

    Raises:
        SourceError: The file cannot be read as what it is.
    """
    if file.kind == "survey":
        return _survey(file, data, record, options, kept)
    from qualcode.ingest.interview import build_document, read_interview

    reading = read_interview(data, PurePath(file.name), encoding=options.encoding)
    if not any(p.speaker for p in reading.paragraphs) and _is_table(file, data, reading):
        raise SourceError(
            f"{file.name}: looks like a table, not like talk",
            hint="if it is a survey, give it the suffix .csv and read it again",
        )
    document = build_document(
        reading,
        path=file.name,
        source_id=record.id,
        source_sha256=record.sha256,
        attributes=options.attributes,
    )
    record = replace(
        record,
        kind="interview",
        format=reading.format,
        encoding=reading.encoding,
        notes=reading.skipped,
    )
    return Parsed(record, (document,))


_SPOKEN = re.compile(
    r"\s*(?:\[?\(?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\]?\)?\s+)?"
    r"[^\W\d][\w .'’()-]{0,40}:\s+\w+\W+\w+"
)
"""`Name: words`, with or without a time: no title of a column."""
_TABLE_LINES = 4
_TABLE_COLUMNS = 3


def _is_table(file: Found, data: bytes, reading: Reading) -> bool:
    """Tell whether a plain text is lines of one number of cells each."""
    if reading.format != "txt":
        return False
    from qualcode.ingest.decode import decode

    text, _ = decode(data, path=PurePath(file.name), encoding=reading.encoding)
    lines = [line for line in text.split("\n") if line.strip()][:50]
    for delimiter in ",;\t":
        widths = {len(row) for row in csv.reader(lines, delimiter=delimiter)}
        if len(lines) >= _TABLE_LINES and len(widths) == 1 and widths.pop() >= _TABLE_COLUMNS:
            return True
    return False


def _survey(
    file: Found,
    data: bytes,
    record: SourceRecord,
    options: IngestOptions,
    kept: SurveyProfile | None,
) -> Parsed:
    from qualcode.ingest.columns import Profile, detect
    from qualcode.ingest.survey import apply_profile, read_survey
    from qualcode.ingest.table import read_table

    table = read_table(data, PurePath(file.name), encoding=options.encoding)
    spoken = [row.cells[0] for row in table.rows[:20]]
    if _SPOKEN.match(table.header[0]) and any(_SPOKEN.match(cell) for cell in spoken):
        raise SourceError(
            f"{file.name}: looks like the transcript of a talk, not like a table",
            hint="if it is one, give it the suffix .txt and read it again",
        )
    if kept is not None and _fits(kept, table.header):
        found = Profile(kept.id_col, kept.text_cols, kept.attr_cols, kept.participant_col)
    else:
        found, _ = detect(table)
    profile = apply_profile(
        table,
        Profile(
            id_col=options.id_col or found.id_col,
            text_cols=options.text_cols or found.text_cols,
            attr_cols=options.attr_cols or found.attr_cols,
            participant_col=options.participant_col or found.participant_col,
        ),
    )
    reading = read_survey(
        table, profile, path=file.name, source_id=record.id, source_sha256=record.sha256
    )
    record = replace(
        record,
        kind="survey",
        format=table.format,
        encoding=table.encoding,
        table_header=table.header,
        text_columns=profile.text_cols,
        id_column=profile.id_col,
        attribute_columns=profile.attr_cols,
        participant_column=profile.participant_col,
        notes=(*table.problems, *reading.problems),
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
        SurveyProfile(
            id_col=profile.id_col,
            text_cols=profile.text_cols,
            attr_cols=profile.attr_cols,
            participant_col=profile.participant_col,
        ),
        frozenset(_named_people(table, profile.participant_col)),
    )


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


def _fits(kept: SurveyProfile, header: Sequence[str]) -> bool:
    """Tell whether a table still has the columns that an earlier wave was read by."""
    wanted = {*kept.text_cols, *kept.attr_cols, kept.id_col, kept.participant_col} - {None}
    return wanted <= set(header)


def _named_people(table: Table, participant_col: str | None) -> Iterator[str]:
    """Yield what stands in columns of people's names, the participant's if it holds names."""
    from qualcode.ingest.names import is_name_column, is_personal_label

    for at, title in enumerate(table.header):
        if is_name_column(title):
            yield from (row.cells[at].strip() for row in table.rows if row.cells[at].strip())
        elif title == participant_col:
            cells = (row.cells[at].strip() for row in table.rows)
            yield from (c for c in cells if len(c.split()) > 1 and is_personal_label(c))
