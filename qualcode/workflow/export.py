"""Take a study's data away: json, csv or xlsx."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qualcode.errors import UsageError
from qualcode.report.export_sheets import with_numbers
from qualcode.report.export_tables import (
    Header,
    Rows,
    SurveyTable,
    codings_table,
    count_neutralised,
    notes_table,
    read_me_sheet,
    survey_table,
    write_csv,
    write_xlsx,
)
from qualcode.workflow.draft import Drafted, draft
from qualcode.workflow.notes import note_records
from qualcode.workflow.outputs import write_output
from qualcode.workflow.study import Study

__all__ = ["KINDS", "Exported", "export", "is_masked", "render_json", "survey_tables"]

KINDS = ("json", "csv", "xlsx")

_NOT_MASKED = "names were not masked"


@dataclass(frozen=True, slots=True)
class Exported:
    """Hold what was written; `n_neutralised` cells of a csv got a `'` in front."""

    drafted: Drafted
    n_neutralised: int = 0


def export(
    study: Study, kind: str, out: Path, *, what: str = "codings", raw: bool = False
) -> Exported:
    """Write the study to a file.

    Args:
        study: The study.
        kind: "json", "csv" or "xlsx".
        out: The file; an existing one is replaced.
        what: For csv, "codings" (long, a row a coding), "notes" or a survey's path (its rows and
            columns plus code columns).
        raw: For csv, leave cells that a spreadsheet would take for formulas as they are.

    Raises:
        UsageError: The kind or the survey is unknown, or the file cannot be written.
    """
    drafted = draft(study)
    n_neutralised = 0
    if kind == "json":
        content: str | bytes = render_json(study, drafted)
    elif kind == "csv":
        header, rows = _csv_table(study, drafted, what)
        if not is_masked(study):
            header, rows = (*header, _NOT_MASKED), tuple((*row, "yes") for row in rows)
        content = write_csv(header, rows, raw=raw)
        n_neutralised = 0 if raw else count_neutralised(header, rows)
    elif kind == "xlsx":
        content = _xlsx(study, drafted)
    else:
        raise UsageError(f"no export of kind {kind!r}", hint=f"there are: {', '.join(KINDS)}")
    write_output(study, out, content)
    return Exported(drafted, n_neutralised)


def render_json(study: Study, drafted: Drafted) -> str:
    """Return the export as JSON text, the same for the same study."""
    from qualcode.report.export_json import export_json

    settings = study.settings
    return export_json(
        drafted.corpus,
        drafted.codebook,
        drafted.draft,
        participants=drafted.participants,
        study={"name": settings.study.name, **settings.charter.model_dump(mode="json")},
        masked=is_masked(study),
        notes=note_records(study),
    )


def is_masked(study: Study) -> bool:
    """Tell whether every source was read with pseudonyms."""
    return all(source.masked for source in study.repository.sources.all())


def survey_tables(study: Study) -> tuple[SurveyTable, ...]:
    """Return the surveys as they came, with names masked."""
    sources = study.repository.sources
    tables = []
    for record in sources.all():
        if record.table_header is not None:
            rows = sources.cells(record.id)
            tables.append(
                SurveyTable(
                    path=record.path,
                    header=record.table_header,
                    document_ids=tuple(document_id for document_id, _ in rows),
                    rows=tuple(cells for _, cells in rows),
                )
            )
    return tuple(tables)


def _csv_table(study: Study, drafted: Drafted, what: str) -> tuple[Header, Rows]:
    if what == "codings":
        return codings_table(drafted.corpus, drafted.codebook, drafted.participants)
    if what == "notes":
        return notes_table(note_records(study))
    tables = {table.path: table for table in survey_tables(study)}
    if what not in tables:
        raise UsageError(
            f"the study has no survey {what!r}",
            hint=f"--what takes: codings, notes, {', '.join(tables)}".rstrip(", "),
        )
    return survey_table(tables[what], drafted.corpus, drafted.codebook)


def _xlsx(study: Study, drafted: Drafted) -> bytes:
    sheets = [
        read_me_sheet(drafted.corpus, study=study.settings.study.name, masked=is_masked(study)),
        ("codings", *codings_table(drafted.corpus, drafted.codebook, drafted.participants)),
    ]
    for table in survey_tables(study):
        header, rows = survey_table(table, drafted.corpus, drafted.codebook)
        sheets.append((table.path, header, with_numbers(rows)))
    if notes := note_records(study):
        sheets.append(("people's notes", *notes_table(notes)))
    return write_xlsx(sheets)
