"""Read a file in the place of a source that somebody names."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from qualcode.errors import UsageError
from qualcode.store.sources import SourceRecord
from qualcode.workflow.arrivals import Arrival
from qualcode.workflow.carrying import Carried
from qualcode.workflow.files import read_source
from qualcode.workflow.ingest import Session
from qualcode.workflow.ingest_report import Outcome
from qualcode.workflow.mask import told_copies
from qualcode.workflow.parse import IngestOptions
from qualcode.workflow.replacing import Room
from qualcode.workflow.runs import recorded
from qualcode.workflow.source_life import find_source, finish_replacing
from qualcode.workflow.sources import Found
from qualcode.workflow.study import Study

__all__ = ["replace_source"]


def replace_source(
    study: Study,
    named: str,
    path: Path,
    options: IngestOptions | None = None,
    *,
    by: str | None = None,
    reason: str = "",
) -> tuple[Outcome, Carried]:
    """Read a file in the place of a source, with its path and its options.

    What people decided follows the words that the file has too; the rest is listed, and kept with
    the old source until this is taken back. A run that was killed is finished by the next one.

    Raises:
        SourceError: The file cannot be read; nothing is changed then.
        UsageError: There is no such source, or the file is what the study has of it.
        StudyError: Another process is ingesting or masking here.
    """
    data = read_source(path, str(path))
    with study.exclusive(), recorded(study, "replace") as run:
        finish_replacing(study)
        record = _to_replace(study, named)
        arrival = _arrival(study, record, path, data)
        options = replace(options or IngestOptions(), masked=record.masked, replaced=True)
        room = Room(study, may_lose=True, by=by, reason=reason)
        session = Session(study, options, [path], room)
        outcome = session.put_in_place(arrival)
        notes = told_copies(session.mask_earlier_texts())
        outcome = replace(outcome, notes=(*outcome.notes, *notes))
        run.counts[outcome.status] = 1
    return outcome, session.carried


def _to_replace(study: Study, named: str) -> SourceRecord:
    """Return the source that is meant, also where a run that was killed had taken it out."""
    waiting = {r.path: r for r in study.repository.removals.all() if not r.is_carried}
    live = {record.id for record in study.repository.sources.all()}
    if (out := waiting.get(named)) is not None:
        if out.replaced_by in live:  # begun and not finished
            study.repository.sources.remove(str(out.replaced_by))
        return study.repository.removals.record(out.id)
    return find_source(study, named)


def _arrival(study: Study, record: SourceRecord, path: Path, data: bytes) -> Arrival:
    """Return the file as one that replaces a source, whatever it is called.

    Raises:
        UsageError: It is what the study has of that source.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    is_live = record.id in {known.id for known in study.repository.sources.all()}
    if is_live and record.is_complete and sha256 == record.sha256:
        raise UsageError(
            f"{path}: is what the study has of {record.path}",
            hint="to read it with other options: qualcode ingest --replace",
        )
    kind = "survey" if record.table_header is not None else "interview"
    file = Found(path, record.path, kind)
    return Arrival(file, data, sha256, record.path, replaces=record if is_live else None)
