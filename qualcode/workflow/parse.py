"""Turn one file's bytes into documents, before names are masked."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from qualcode.errors import SourceError, UsageError
from qualcode.records import Document
from qualcode.settings import SurveyProfile
from qualcode.store.sources import SourceRecord
from qualcode.workflow.sources import Found

if TYPE_CHECKING:
    from qualcode.ingest.reading import Reading
    from qualcode.workflow.kept_profiles import KeptProfiles

__all__ = ["IngestOptions", "Parsed", "check_format", "parse"]


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
        format: Reader or dialect, such as "teams" or "qualtrics"; found per file when None.
        drop_unfinished: Whether rows that a survey tool calls unfinished are left out; as the
            earlier wave was read when None, else kept.
        keep_previews: Whether rows that somebody tried a survey with are read; likewise, else not.
        profiles: How surveys are to be read, by the file's resolved path, as a person confirmed it.
        leave_out: Resolved paths of files that a person did not want to be read.
        sheet: Of workbooks, by name; as the earlier wave was read when None, else the first one.
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
    format: str | None = None
    drop_unfinished: bool | None = None
    keep_previews: bool | None = None
    profiles: Mapping[Path, SurveyProfile] = field(default_factory=dict)
    leave_out: frozenset[Path] = frozenset()
    sheet: str | None = None


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
    kept: KeptProfiles,
    name: str = "",
    masked: Callable[[str], str] = str,
) -> Parsed:
    """Read a file with the reader for its content.

    Args:
        file: Where it is and what it is taken for.
        data: Its bytes.
        record: Id, path, hash and masking, to be completed with what the reader found.
        options: What the person asked for.
        kept: How surveys' columns were read before.
        name: What the study would call the file, its own name when empty.
        masked: Puts placeholders for the names in a title.

    Raises:
        NoOpenAnswers: A survey in which no column seems to hold open answers.
        SourceError: The file cannot be read as what it is.
    """
    if file.kind == "survey":
        from qualcode.workflow.parse_survey import parse_survey

        return parse_survey(file, data, record, name or file.name, options, kept, masked)
    from qualcode.ingest.interview import build_document, read_interview

    named = None if _names_survey(options.format) else options.format
    reading = read_interview(data, PurePath(file.name), encoding=options.encoding, named=named)
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
        format=reading.full_format,
        encoding=reading.encoding,
        notes=reading.skipped,
    )
    return Parsed(record, (document,))


def check_format(name: str) -> None:
    """Make sure that `--format` names something, of interviews or of surveys.

    Raises:
        UsageError: It names nothing.
    """
    from qualcode.ingest.dialects import readers_named
    from qualcode.ingest.interview import READERS
    from qualcode.ingest.survey_heads import DIALECTS
    from qualcode.workflow.parse_survey import SURVEY_FORMATS

    if not _names_survey(name):
        try:
            readers_named(READERS, name)
        except UsageError as error:
            surveys = ", ".join((*SURVEY_FORMATS, *DIALECTS))
            raise UsageError(error.message, hint=f"{error.hint}; surveys: {surveys}") from error


def _names_survey(name: str | None) -> bool:
    from qualcode.workflow.parse_survey import survey_dialect

    return name is not None and survey_dialect(name) is not None


_TABLE_LINES = 4
_TABLE_COLUMNS = 3
_TABLE_LINE_CHARS = 50_000


def _is_table(file: Found, data: bytes, reading: Reading) -> bool:
    """Tell whether a plain text is lines of one number of cells each."""
    if reading.format != "txt":
        return False
    from qualcode.ingest.decode import decode

    text, _ = decode(data, path=PurePath(file.name), encoding=reading.encoding)
    # A row of a table is shorter than what is cut off here, which a csv reader would not take.
    lines = [line[:_TABLE_LINE_CHARS] for line in text.split("\n") if line.strip()][:50]
    for delimiter in ",;\t":
        # A quotation mark that is never closed would make one cell of all lines.
        rows = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        widths = {len(row) for row in rows}
        if len(lines) >= _TABLE_LINES and len(widths) == 1 and widths.pop() >= _TABLE_COLUMNS:
            return True
    return False
