"""A person names the format."""

from pathlib import PurePath

import pytest

from qualcode.errors import SourceError, UsageError
from qualcode.ingest.dialects import format_names, readers_named
from qualcode.ingest.interview import READERS, read_interview

ZOOM_TEXT = b"[Ann] 10:00:01\nSix.\n"
ZOOM_CUES = b"WEBVTT\n\n1\n00:01.000 --> 00:02.000\nAnn: Six.\n"


def names(name: str) -> list[tuple[str, str]]:
    return [(reader.name, dialect) for reader, dialect in readers_named(READERS, name)]


def test_a_format_is_its_reader() -> None:
    assert names("SRT") == [("srt", "")]


def test_a_dialect_is_every_reader_that_has_it() -> None:
    readers = [name for name, dialect in names("zoom") if dialect == "zoom"]

    assert readers == ["docx", "odt", "pdf", "rtf", "vtt", "txt"]


def test_format_and_dialect_together_are_one_reader() -> None:
    assert names("vtt/teams") == [("vtt", "teams")]


@pytest.mark.parametrize("name", ["zooom", "srt/teams", "vtt/", "", "/zoom"])
def test_an_unknown_name_lists_those_there_are(name: str) -> None:
    with pytest.raises(UsageError) as error:
        readers_named(READERS, name)
    assert all(known in (error.value.hint or "") for known in ("vtt", "zoom", "otter", "whisper"))


def test_names_are_listed_once_formats_first() -> None:
    listed = format_names(READERS)

    assert len(listed) == len(set(listed))
    assert listed[: len(READERS)] == [reader.name for reader in READERS]


@pytest.mark.parametrize(("data", "read_as"), [(ZOOM_TEXT, "txt/zoom"), (ZOOM_CUES, "vtt/zoom")])
def test_of_several_readers_the_one_that_knows_the_bytes_reads(data: bytes, read_as: str) -> None:
    assert read_interview(data, PurePath("a"), named="zoom").full_format == read_as


def test_a_named_format_reads_what_another_would_have_read() -> None:
    assert read_interview(b"**Ann:** six\n", PurePath("a.txt"), named="md").format == "md"


def test_a_file_that_no_named_reader_knows_is_refused_with_what_it_is_not() -> None:
    with pytest.raises(SourceError, match="is no .* vtt or txt"):
        read_interview(b"\x00\x01", PurePath("a.bin"), named="zoom")
