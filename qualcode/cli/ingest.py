"""qualcode ingest: read interviews and surveys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.common import (
    JsonOption,
    StudyOption,
    YesOption,
    open_study,
    print_json,
    print_table,
    say,
    shown_progress,
)
from qualcode.cli.survey_profile import confirmed, show_profile
from qualcode.errors import UsageError

if TYPE_CHECKING:
    from qualcode.workflow.ingest import IngestReport, Outcome

__all__ = ["ingest", "print_report"]

_NOTES_SHOWN = 5
_SPEAKERS_NAMED = 3
_UNKNOWN_SHOWN = 8


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files and folders.")],
    study: StudyOption = None,
    text_col: Annotated[
        list[str] | None,
        typer.Option(metavar="COL", help="Survey: an open-text column; repeat for several."),
    ] = None,
    id_col: Annotated[
        str | None, typer.Option(metavar="COL", help="Survey: the column with each row's id.")
    ] = None,
    attr: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COL|KEY=VALUE",
            help="A column to keep as attribute, or an attribute for all of these files, such as "
            "wave=spring; persona='Customer type' takes the column’s values as persona.",
        ),
    ] = None,
    participant_col: Annotated[
        str | None,
        typer.Option(metavar="COL", help="Survey: who wrote the row, where it is not the id."),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Workbook: the sheet to read, instead of the first one; a wrong name lists them.",
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Encoding of text files, such as cp1252.")
    ] = None,
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="Read as this format or tool's dialect, such as srt, otter or qualtrics; a wrong "
            "name lists them.",
        ),
    ] = None,
    drop_unfinished: Annotated[
        bool | None,
        typer.Option(
            "--drop-unfinished/--keep-unfinished",
            help="Survey: leave out rows that the tool calls unfinished; kept by default.",
            show_default=False,
        ),
    ] = None,
    keep_previews: Annotated[
        bool | None,
        typer.Option(
            "--keep-previews/--drop-previews",
            help="Survey: read rows of somebody trying it out; left out by default.",
            show_default=False,
        ),
    ] = None,
    participants: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Attributes of interviewees: columns source, speaker (optional), persona, …",
        ),
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Another name to mask; repeatable.")
    ] = None,
    no_pseudonyms: Annotated[
        bool, typer.Option("--no-pseudonyms", help="Keep names; stamped on every output.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let a changed file take the place of the old one.")
    ] = False,
    as_json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Read interviews and surveys.

    Interviews are .txt .md .vtt .srt .json .docx .odt .pdf .rtf, surveys .csv .tsv .xlsx .sav
    .parquet. The same file again changes nothing. Names, e-mails, phone, card and account numbers,
    handles and post codes become placeholders such as [PERSON_3]; this reduces what identifies
    people, it does not make them anonymous.
    """
    from qualcode.workflow.ingest import IngestOptions
    from qualcode.workflow.ingest import ingest as read

    columns, attributes = _attributes(attr or [])
    options = IngestOptions(
        encoding=encoding,
        text_cols=tuple(text_col or ()),
        id_col=id_col,
        attr_cols=columns,
        participant_col=participant_col,
        attributes=attributes,
        roster=participants,
        masked=False if no_pseudonyms else None,
        names=tuple(name or ()),
        replaced=replace,
        format=file_format,
        drop_unfinished=drop_unfinished,
        keep_previews=keep_previews,
        sheet=sheet,
    )
    with open_study(study) as opened:
        options = confirmed(opened, paths, options, yes=yes)
        with shown_progress() as progress:
            report = read(opened, paths, options, progress)
    if as_json:
        print_json([_as_json(outcome) for outcome in report.outcomes])
        _print_masked(report)
    else:
        print_report(report, data=True)
    if not report.is_clean:
        raise typer.Exit(1)


def _attributes(given: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    columns = tuple(entry for entry in given if "=" not in entry)
    attributes = {}
    for entry in given:
        key, equals, value = entry.partition("=")
        if equals:
            if not key.strip() or not value.strip():
                raise UsageError(f"--attr {entry!r}: write KEY=VALUE or a column's name")
            attributes[key.strip()] = value.strip()
    return columns, attributes


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "path": outcome.name,
        "status": outcome.status,
        "reason": outcome.reason,
        "hint": outcome.hint,
        "format": outcome.format,
        "documents": outcome.n_documents,
        "turns": outcome.n_turns,
        "segments": outcome.n_segments,
        "speakers": [{"label": label, "role": role} for label, role in outcome.speakers],
        "unknown_speakers": list(outcome.unknown_speakers),
        "profile": outcome.profile.model_dump(mode="json") if outcome.profile else None,
        "notes": list(outcome.notes),
    }


def print_report(report: IngestReport, *, data: bool = False) -> None:
    """Print the table of files, then what a person should know or do."""
    header = ("file", "status", "format", "documents", "turns", "segments", "speakers")
    rows = []
    for o in report.outcomes:
        counts = (o.n_documents, o.n_turns, o.n_segments) if o.n_documents else ("", "", "")
        file_format = o.format.replace("/", " · ")
        rows.append((o.name, o.status, file_format, *counts, _speakers(o) or o.reason))
    print_table(header, rows, data=data)
    for outcome in report.outcomes:
        _print_remarks(outcome)
    _print_unknown_speakers(report)
    _print_masked(report)
    _print_summary(report)


def _speakers(outcome: Outcome) -> str:
    """Name the voices of a talk between two or three, count those of a larger round."""
    if len(outcome.speakers) <= _SPEAKERS_NAMED:
        return ", ".join(f"{label} ({role})" for label, role in outcome.speakers)
    roles = Counter(role for _, role in outcome.speakers)
    return ", ".join(f"{count} {role}" for role, count in roles.items())


def _print_remarks(outcome: Outcome) -> None:
    if outcome.status in ("failed", "changed") or outcome.hint:
        reason = outcome.reason.removeprefix(f"{outcome.name}: ")
        say(f"\n{outcome.name}: {reason}")
        if outcome.hint:
            say(f"  What to do: {outcome.hint}")
    if outcome.profile is not None:
        say(f"\n{outcome.name}: read as a survey (--text-col, --id-col, --attr to change)")
        show_profile(outcome.profile)
    if outcome.notes:
        say(f"\n{outcome.name}: left out or odd")
        for note in outcome.notes[:_NOTES_SHOWN]:
            say(f"  {note}")
        if len(outcome.notes) > _NOTES_SHOWN:
            say(f"  … and {len(outcome.notes) - _NOTES_SHOWN} more (--json shows all)")


def _print_unknown_speakers(report: IngestReport) -> None:
    files: Counter[str] = Counter()
    for outcome in report.outcomes:
        files.update(outcome.unknown_speakers)
    if not files:
        return
    say(
        "\nVoices that may be interviewer or participant. They are coded, but not counted as people"
    )
    say("until you say what they are (qualcode speakers shows how each begins):")
    for label, count in files.most_common(_UNKNOWN_SHOWN):
        where = "1 file" if count == 1 else f"{count} files"
        say(f'  qualcode speakers set "{label}" participant   ({where}; or interviewer)')
    if len(files) > _UNKNOWN_SHOWN:
        say(f"  … and {len(files) - _UNKNOWN_SHOWN} more")


def _print_masked(report: IngestReport) -> None:
    """Tell what became of earlier texts: people whom these files name were named there."""
    from qualcode.workflow.mask import told_copies

    masked = report.masked
    if masked.n_documents:
        n = masked.n_documents
        texts = "1 text" if n == 1 else f"{n} texts"
        say(f"\nNames that these files brought were masked in {texts} from before:")
        for path in masked.paths:
            say(f"  {path}")
    for what, count in masked.of_models.items():
        say(f"Of what models were asked and wrote: {count} {what}.")
    for told in told_copies(masked):
        say(told)


def _print_summary(report: IngestReport) -> None:
    counts = Counter(outcome.status for outcome in report.outcomes)
    n_documents = sum(o.n_documents for o in report.outcomes)
    n_segments = sum(o.n_segments for o in report.outcomes)
    if not counts:
        say("No files found there.")
        return
    files = ", ".join(f"{n} {status}" for status, n in sorted(counts.items()))
    say(f"\nFiles: {files}. Documents: {n_documents}, segments: {n_segments}.")
