import io
import zipfile
from pathlib import PurePath

import pytest

from qualcode.errors import SourceError
from qualcode.ingest.interview import READERS, build_document, read_interview
from qualcode.records import DocumentKind, Role, Speaker

VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello\n"
TXT = "Ann: hello\nBo: hi\nAnn: well\n"
MD = "# Talk\n\n**Ann:** hello\n\n**Bo:** hi\n"


def packed(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, text in members.items():
            file.writestr(name.replace("__", "/").replace("_", "."), text)
    return out.getvalue()


def test_every_reader_has_its_own_name_and_suffixes() -> None:
    suffixes = [suffix for reader in READERS for suffix in reader.suffixes]

    assert len({reader.name for reader in READERS}) == len(READERS)
    assert len(set(suffixes)) == len(suffixes)


@pytest.mark.parametrize(
    ("text", "suffix", "name"),
    [
        (VTT, ".txt", "vtt"),
        (SRT, ".txt", "srt"),
        (VTT, ".srt", "vtt"),
        (TXT, ".vtt", "txt"),
        (TXT, ".docx", "txt"),
        (MD, ".txt", "md"),
        (TXT, "", "txt"),
    ],
)
def test_a_mislabelled_file_is_read_as_what_it_is(text: str, suffix: str, name: str) -> None:
    reading = read_interview(text.encode(), PurePath(f"a{suffix}"))

    assert reading.format == name
    assert any("read as what it is" in line for line in reading.skipped) == bool(suffix)


def test_the_suffix_decides_between_markdown_and_plain_text() -> None:
    assert read_interview(TXT.encode(), PurePath("a.md")).format == "md"
    assert read_interview(TXT.encode(), PurePath("a.txt")).format == "txt"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<!DOCTYPE html><html><p>x", "web page"),
        (packed(xl__workbook_xml="x"), "Excel workbook"),
        (packed(ppt__presentation_xml="x"), "PowerPoint"),
        (packed(a_txt="x"), "zip archive"),
        (b"%PDF-1.7\n%\xe2", "cut-off PDF"),
        (rb"{\rtf1\ansi hello", "cut-off rich text"),
        (b"\0\0\0\x18ftypmp42", "recording"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password-protected or an old .doc"),
        (packed(xl__workbook_xml="x")[:40], "damaged or cut-off"),
        (b"\0\1\2\3", "binary"),
        (b"", "empty"),
        (b" \n", "empty"),
        (b"[Music]\n", "no words of anybody"),
    ],
    # A zip carries the time it was made, and test workers compare the names they collect.
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_a_file_that_is_no_interview_is_refused_with_what_it_seems_to_be(
    data: bytes, what: str
) -> None:
    with pytest.raises(SourceError, match=what) as error:
        read_interview(data, PurePath("a.docx"))

    assert "a.docx" in error.value.message
    assert error.value.hint


def test_a_speaker_called_like_a_file_signature_is_read() -> None:
    assert read_interview(b"ID3: hi\nINT: well?\nID3: so", PurePath("a.txt")).format == "txt"


def test_a_declared_encoding_opens_utf16_without_a_mark() -> None:
    reading = read_interview(TXT.encode("utf-16-le"), PurePath("a.txt"), encoding="utf-16-le")

    assert (reading.encoding, reading.paragraphs[0].text) == ("utf-16-le", "hello")


def test_words_after_a_long_blank_beginning_are_read() -> None:
    reading = read_interview(b"\n" * 20_000 + b"I came in May.", PurePath("a.txt"))

    assert reading.paragraphs[0].text == "I came in May."


def test_a_marked_utf16_caption_file_is_captions() -> None:
    assert read_interview(("\ufeff" + VTT).encode("utf-16-be"), PurePath("a")).format == "vtt"


def test_the_document_has_one_unknown_speaker_per_label_in_order() -> None:
    reading = read_interview(TXT.encode(), PurePath("a.txt"))
    document = build_document(
        reading, path="in/a.txt", source_id="s1", source_sha256="ab", attributes={"wave": "2"}
    )

    assert document.kind is DocumentKind.INTERVIEW
    assert document.speakers == (Speaker("Ann", Role.UNKNOWN), Speaker("Bo", Role.UNKNOWN))
    assert document.text == "Ann: hello\nBo: hi\nAnn: well"
    assert document.attributes == {"wave": "2"}
    assert document.row is None


def test_a_file_without_labels_has_one_nameless_speaker() -> None:
    reading = read_interview(b"I came in May.", PurePath("a.txt"))
    document = build_document(reading, path="a", source_id="s", source_sha256="a", attributes={})

    assert document.speakers == (Speaker(None, Role.UNKNOWN),)


def test_the_id_depends_on_bytes_and_path_only() -> None:
    reading = read_interview(TXT.encode(), PurePath("a.txt"))

    def made(path: str, sha: str) -> str:
        return build_document(
            reading, path=path, source_id="s", source_sha256=sha, attributes={}
        ).id

    assert made("a", "1") == made("a", "1")
    assert len({made("a", "1"), made("b", "1"), made("a", "2")}) == 3
