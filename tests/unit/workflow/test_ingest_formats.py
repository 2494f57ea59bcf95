"""Ingest tells formats and dialects, keeps them, and lets a person name them."""

import json

import pytest

from qualcode.errors import UsageError
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.study import Study
from tests.unit.workflow.conftest import Write

REV = "Mara (00:01):\nWe load at four.\n\nDana (00:09):\nWhen do you sleep?\n"
SEGMENTS = [
    {"speaker": "Mara", "start": 0.0, "end": 2.0, "text": "We load at four."},
    {"speaker": "Dana", "start": 2.0, "end": 4.0, "text": "When do you sleep?"},
]


def formats(study: Study) -> list[str]:
    return [source.format for source in study.repository.sources.all()]


def test_format_and_dialect_are_kept_with_the_source(study: Study, write: Write) -> None:
    (outcome,) = ingest(study, [write("a.txt", REV)]).outcomes

    assert outcome.format == "txt/rev"
    assert formats(study) == ["txt/rev"]


def test_a_named_format_reads_the_file(study: Study, write: Write) -> None:
    ingest(study, [write("a.txt", REV)], IngestOptions(format="md"))

    assert formats(study) == ["md"]


def test_an_unknown_format_is_refused_before_anything_is_read(study: Study, write: Write) -> None:
    with pytest.raises(UsageError, match="no such format"):
        ingest(study, [write("a.txt", REV)], IngestOptions(format="zooom"))
    assert formats(study) == []


@pytest.mark.parametrize(
    ("name", "status"), [("rev", "unchanged"), ("TXT", "unchanged"), ("md", "changed")]
)
def test_the_same_file_in_another_format_is_to_be_replaced(
    study: Study, write: Write, name: str, status: str
) -> None:
    path = write("a.txt", REV)
    ingest(study, [path])

    assert [o.status for o in ingest(study, [path], IngestOptions(format=name)).outcomes] == [
        status
    ]


def test_a_folders_recordings_are_read_and_its_other_json_is_skipped(
    study: Study, write: Write
) -> None:
    folder = write("talk.json", json.dumps(SEGMENTS)).parent
    write("package.json", '{"name": "x", "words": 3}')
    write("list.json", "[1, 2]")

    assert [(o.name, o.status) for o in ingest(study, [folder]).outcomes] == [
        ("list.json", "skipped"),
        ("package.json", "skipped"),
        ("talk.json", "read"),
    ]


def test_two_files_of_one_content_in_one_run_are_read_once(study: Study, write: Write) -> None:
    report = ingest(study, [write("a.txt", REV), write("b.txt", REV)])
    assert [(one.status, one.reason) for one in report.outcomes] == [
        ("read", ""),
        ("unchanged", "the same content as a.txt"),
    ]


def test_a_quotation_mark_that_is_never_closed_stops_no_ingest(study: Study, write: Write) -> None:
    text = "\n".join(['"It began', *("word " * 600 for _ in range(60))])
    report = ingest(study, [write("a.txt", text)])
    assert [one.status for one in report.outcomes] == ["read"]
