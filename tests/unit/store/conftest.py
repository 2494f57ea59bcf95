"""A store with one comment in two segments, for tests of what people do to segments."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualcode.records import Document, DocumentKind, Segment, Turn
from qualcode.store.repository import Repository
from qualcode.store.sources import Ingested, SourceRecord

TEXT = "Ada waited for hours. And then it broke."
DOCUMENT = Document(
    "doc_1", "src_1", "a.txt", DocumentKind.COMMENT, TEXT, turns=(Turn(0, 0, len(TEXT)),)
)
SEGMENTS = (Segment("seg_1", "doc_1", 0, 0, 0, 21), Segment("seg_2", "doc_1", 1, 0, 22, len(TEXT)))
SOURCE = SourceRecord("src_1", "a.txt", "00", "survey", "csv", "utf-8", masked=True)


@pytest.fixture
def comment(tmp_path: Path) -> Iterator[Repository]:
    with Repository(tmp_path / "q.db", create=True) as opened:
        opened.sources.begin(SOURCE)
        opened.sources.add("src_1", [(0, Ingested(DOCUMENT, SEGMENTS))], is_last=True)
        yield opened
