import io
import zipfile
from pathlib import PurePath
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml

from qualcode.errors import SourceError
from qualcode.ingest.interview import read_interview
from qualcode.ingest.reading import Reading

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read(document: Any) -> Reading:
    return read_interview(saved(document), PurePath("a.docx"))


def said(document: Any) -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in read(document).paragraphs if p.is_speech]


def written(*paragraphs: str) -> Any:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return document


def add_xml(document: Any, inner: str) -> None:
    document.element.body.insert(0, parse_xml(f"<w:p {W}>{inner}</w:p>"))


def test_paragraphs_with_labels_are_turns() -> None:
    document = written("Ann: one", "more", "Bo: two", "Ann: three")

    assert said(document) == [("Ann", "one"), ("Ann", "more"), ("Bo", "two"), ("Ann", "three")]


def test_headings_are_seen_and_not_said() -> None:
    document = written("Ann: one", "Bo: two", "Ann: three")
    document.add_heading("Part 2", 1)

    last = read(document).paragraphs[-1]
    assert (last.text, last.is_speech) == ("Part 2", False)


def test_headers_and_footers_are_left_out_and_told() -> None:
    document = written("I came in May.")
    document.sections[0].header.paragraphs[0].text = "Strictly confidential"

    reading = read(document)
    assert [p.text for p in reading.paragraphs] == ["I came in May."]
    assert [s.split(":")[1] for s in reading.skipped] == [
        " 2 words stand outside the talk and are left out"
    ]


def test_inserted_words_are_read_and_deleted_ones_are_not() -> None:
    document = written()
    add_xml(
        document,
        "<w:r><w:t>It was </w:t></w:r><w:ins><w:r><w:t>quite </w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>very </w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden </w:t></w:r><w:r><w:t>good.</w:t></w:r>",
    )

    assert said(document) == [(None, "It was quite good.")]


def test_line_breaks_stay_and_page_breaks_go() -> None:
    document = written()
    add_xml(
        document,
        '<w:r><w:t>one</w:t><w:br/><w:t>two</w:t><w:br w:type="page"/><w:t>!</w:t></w:r>',
    )

    assert said(document) == [(None, "one\ntwo!")]


def test_a_name_and_time_over_the_words_of_one_paragraph_is_a_label() -> None:
    document = written("Ann Bly   0:03\nHello.", "Bo Ek   0:05\nHi.", "Ann Bly   0:09\nSo.")

    assert said(document) == [("Ann Bly", "Hello."), ("Bo Ek", "Hi."), ("Ann Bly", "So.")]


def test_a_bold_name_before_a_tab_is_a_label() -> None:
    document = docx.Document()
    for name, words in (("Ann", "one"), ("Bo", "two")):
        paragraph = document.add_paragraph()
        paragraph.add_run(name).bold = True
        paragraph.add_run(f"\t{words}")

    assert said(document) == [("Ann", "one"), ("Bo", "two")]


def test_a_table_of_speaker_and_words_is_turns_in_its_place() -> None:
    document = written("Interview 4")
    rows = [("Speaker", "Text"), ("Ann:", "one"), ("Bo", "two"), ("", "more"), ("Ann", "three")]
    table = document.add_table(rows=0, cols=2)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text

    assert said(document) == [("Ann", "one"), ("Bo", "two"), ("Bo", "more"), ("Ann", "three")]
    assert [p.text for p in read(document).paragraphs[:2]] == ["Interview 4", "Speaker Text"]


def test_a_column_of_times_becomes_marks() -> None:
    document = docx.Document()
    table = document.add_table(rows=0, cols=3)
    for row in [("0:01", "Ann", "one"), ("0:04", "Bo", "two"), ("0:09", "Ann", "three")]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text

    paragraphs = read(document).paragraphs
    assert [(p.speaker, p.text) for p in paragraphs] == [
        ("Ann", "one"),
        ("Bo", "two"),
        ("Ann", "three"),
    ]
    assert [p.marks[0].start_seconds for p in paragraphs] == [1, 4, 9]


def test_another_table_is_read_cell_by_cell() -> None:
    document = written()
    table = document.add_table(rows=1, cols=3)
    for cell, text in zip(table.rows[0].cells, ("a1", "b1", "c1"), strict=True):
        cell.text = text

    assert [text for _, text in said(document)] == ["a1", "b1", "c1"]


def test_a_docx_under_another_name_is_read() -> None:
    reading = read_interview(saved(written("I came.")), PurePath("a.txt"))

    assert (reading.format, reading.encoding) == ("docx", "binary")


def test_a_cut_off_file_is_refused() -> None:
    with pytest.raises(SourceError, match="damaged or cut-off"):
        read_interview(saved(written("I came."))[:-200], PurePath("a.docx"))


def test_a_garbled_body_is_refused() -> None:
    source = zipfile.ZipFile(io.BytesIO(saved(written("I came."))))
    out = io.BytesIO()
    with source, zipfile.ZipFile(out, "w") as garbled:
        for name in source.namelist():
            data = source.read(name)
            garbled.writestr(name, data[:300] if name == "word/document.xml" else data)

    with pytest.raises(SourceError, match="damaged Word document"):
        read_interview(out.getvalue(), PurePath("a.docx"))


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qualcode.ingest.packed._MAX_BYTES", 1_000)

    with pytest.raises(SourceError, match="unpacks to more"):
        read_interview(saved(written("I came.")), PurePath("a.docx"))


def test_more_marks_than_an_interview_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qualcode.ingest.packed._MAX_TAGS", 1_000)

    with pytest.raises(SourceError, match="more paragraphs and formats"):
        read_interview(saved(written(*["I came."] * 300)), PurePath("a.docx"))


def test_deleted_and_hidden_words_are_counted() -> None:
    document = written()
    add_xml(
        document,
        "<w:r><w:t>It was </w:t></w:r><w:del><w:r><w:delText>very very </w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden </w:t></w:r><w:r><w:t>good.</w:t></w:r>",
    )

    assert read(document).skipped == (
        "tracked changes: 2 deleted words are left out",
        "1 hidden words are left out",
    )


def test_an_empty_document_is_refused() -> None:
    with pytest.raises(SourceError, match="no words"):
        read_interview(saved(docx.Document()), PurePath("a.docx"))


def test_a_table_of_two_rows_is_turns_when_one_label_says_interviewer() -> None:
    document = written()
    table = document.add_table(rows=0, cols=2)
    for row in [("Interviewer", "one"), ("Ann", "two")]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text

    assert said(document) == [("Interviewer", "one"), ("Ann", "two")]


def test_recurring_headings_that_are_names_are_labels() -> None:
    document = docx.Document()
    for name, words in (("Tom", "one"), ("Ann", "two"), ("Tom", "three"), ("Ann", "four")):
        document.add_heading(name, 2)
        document.add_paragraph(words)

    assert said(document) == [("Tom", "one"), ("Ann", "two"), ("Tom", "three"), ("Ann", "four")]
