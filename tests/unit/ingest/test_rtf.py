from pathlib import PurePath

import pytest

from qualcode.errors import SourceError
from qualcode.ingest import rtf_text
from qualcode.ingest.interview import read_interview
from qualcode.ingest.reading import Reading

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}"
    r"{\f1\fnil\fcharset204 Arial Cyr;}{\f2\fnil\fcharset128 MS Gothic;}}"
    r"{\colortbl;\red0\green0\blue0;}{\stylesheet{\s0 Normal;}{\s1 heading 1;}}"
    r"{\info{\author Somebody}{\title Interview}}"
)


def read(body: str) -> Reading:
    return read_interview(f"{HEAD}{body}}}".encode("cp1252"), PurePath("a.rtf"))


def said(body: str) -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in read(body).paragraphs if p.is_speech]


def test_paragraphs_with_labels_are_turns() -> None:
    body = r"\pard Ann: one\par more\par Bo: two\par {\b Ann:} three\par"

    assert said(body) == [("Ann", "one"), ("Ann", "more"), ("Bo", "two"), ("Ann", "three")]


def test_line_ends_of_the_file_are_no_words() -> None:
    assert said("\\pard I ca\r\nme in\n May.\\par") == [(None, "I came in May.")]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"Caf\'e9", "Café"),
        (r"\u8212?so\u8211-", "—so–"),
        (r"{\uc0\u20170}x", "今x"),
        (r"{\uc2\u26085\'93\'fa}x", "日x"),
        (r"\u-10179?\u-8704?", "\U0001f600"),
        (r"{\f1 \'cf\'f0\'e8}", "При"),
        (r"{\f2 \'93\'fa\'96\'7b}", "日本"),
        (r"{\upr{Pri}{\*\ud{\u1055?\u1088?}}}", "Пр"),
        (r"\ldblquote a\rdblquote\~b\_c\-d", "“a”\u00a0b\u2011cd"),
        (r"\{a\}\\", "{a}\\"),
        (r"a\tab b\line c", "a\tb\nc"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt there}}", "there"),
        (r"{\pict\wmetafile8 0102}{\pict\bin3 }}}}x", "x"),
        (r"{\*\unknown gone}x", "x"),
        (r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt in a box}}{\shprslt gone}}", "in a box"),
    ],
)
def test_what_a_reader_sees_is_the_text(written: str, text: str) -> None:
    assert said(rf"\pard {written}\par") == [(None, text)]


def test_headings_by_style_or_outline_are_not_said() -> None:
    body = r"\pard\s1 Part 1\par\pard I came.\par\pard\outlinelevel1 Part 2\par"

    assert [(p.text, p.is_speech) for p in read(body).paragraphs] == [
        ("Part 1", False),
        ("I came.", True),
        ("Part 2", False),
    ]


def test_a_bold_name_before_a_tab_is_a_label() -> None:
    body = r"\pard{\b Ann\tab}one\par{\b Bo}\tab two\par"

    assert said(body.replace(r"\tab}", r"}\tab ")) == [("Ann", "one"), ("Bo", "two")]


def test_a_table_of_speaker_and_words_is_turns_in_its_place() -> None:
    rows = "".join(
        rf"\trowd\cellx1\cellx2\pard\intbl {left}\cell {right}\cell\row "
        for left, right in (("Ann", "one"), ("Bo", r"two\par more"), ("Ann", "three"))
    )

    assert said(rows + r"\pard after it\par") == [
        ("Ann", "one"),
        ("Bo", "two\nmore"),
        ("Ann", "three"),
        ("Ann", "after it"),
    ]


def test_words_outside_the_talk_are_left_out_and_counted() -> None:
    body = (
        r"{\header\pard Strictly confidential\par}{\footer\pard 1\par}\pard It was"
        r"{\footnote\pard a short note} good{\deleted  bad}{\v  secret words}.\par"
        r"{\listtext 1.\tab}{\*\annotation hm}Yes.\par"
    )

    reading = read(body)
    assert [p.text for p in reading.paragraphs] == ["It was good.", "Yes."]
    assert set(reading.skipped) == {
        "headers: 2 words outside the talk, left out",
        "footers: 1 word outside the talk, left out",
        "footnotes: 3 words outside the talk, left out",
        "tracked changes: 1 word deleted, left out",
        "2 words hidden, left out",
        "numbers of lists: 1 word outside the talk, left out",
        "comments: 1 word outside the talk, left out",
    }


def test_bytes_that_are_no_letters_are_kept_as_a_sign_and_counted() -> None:
    reading = read(r"\pard a\'81b\par")

    assert reading.paragraphs[0].text == "a\ufffdb"
    assert reading.skipped == ("1 characters are none of their code page, kept as \ufffd",)


def test_a_cut_off_file_is_refused() -> None:
    with pytest.raises(SourceError, match="cut-off rich text file"):
        read_interview(f"{HEAD}\\pard Ann: one\\par Bo".encode("ascii"), PurePath("a.rtf"))


@pytest.mark.parametrize("body", ["{}" * 600, "{" * 2_100 + "}" * 2_100])
def test_more_marks_than_a_document_has_are_refused(
    body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtf_text, "MAX_TOKENS", 1_000 if len(body) < 2_000 else 10_000)

    with pytest.raises(SourceError, match="more marks"):
        read(body)


def test_an_rtf_under_another_name_is_read() -> None:
    reading = read_interview(rb"{\rtf1\ansi I came.\par}", PurePath("a.doc"))

    assert (reading.format, reading.encoding) == ("rtf", "binary")
