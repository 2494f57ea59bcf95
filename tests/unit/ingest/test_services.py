"""Documents of meeting tools and transcription services, made after what these write."""

import io
from pathlib import PurePath
from typing import Any

import docx
import pytest

from qualcode.errors import SourceError
from qualcode.ingest.interview import read_interview
from qualcode.ingest.reading import Reading
from tests.pdf_files import page_of, pdf_of


def written(*paragraphs: str) -> Any:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return document


def data_of(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read(*paragraphs: str, named: str | None = None) -> Reading:
    return read_interview(data_of(written(*paragraphs)), PurePath("a.docx"), named=named)


def said(reading: Reading) -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in reading.paragraphs if p.is_speech]


def unsaid(reading: Reading) -> list[str]:
    return [p.text for p in reading.paragraphs if not p.is_speech]


TEAMS_FIRST = (
    *("0:0:5.100 --> 0:0:8.250", "Nair, Priya (Guest)", "So the first thing", ""),
    *("0:0:8.250 --> 0:0:10.3", "Nair, Priya (Guest)", "was that it rained.", ""),
    *("0:1:2.0 --> 0:1:4.0", "Bo Ek", "Well: how was it?", ""),
)


def test_entries_of_teams_first_way_are_joined_while_one_speaks() -> None:
    reading = read(*TEAMS_FIRST)

    assert reading.dialect == "teams"
    assert said(reading) == [
        ("Nair, Priya (Guest)", "So the first thing was that it rained."),
        ("Bo Ek", "Well: how was it?"),
    ]


def test_entries_of_teams_first_way_may_be_one_paragraph_each() -> None:
    paragraphs = ["\n".join(TEAMS_FIRST[n : n + 3]) for n in (0, 4, 8)]

    assert said(read(*paragraphs)) == said(read(*TEAMS_FIRST))


def test_times_of_teams_first_way_are_marks_at_their_words() -> None:
    first, second = read(*TEAMS_FIRST).paragraphs

    assert [(m.start_char, m.start_seconds, m.end_seconds) for m in first.marks] == [
        (0, 5.1, 8.25),
        (19, 8.25, 10.3),
    ]
    assert [(m.start_seconds, m.end_seconds) for m in second.marks] == [(62, 64)]


TEAMS_NOW = (
    "Call about the move-20240311_101500-Meeting Transcript",
    "11 March 2024, 10:15am",
    "27m 42s",
    "Priya Nair started transcription",
    "Priya Nair   0:03\nSo that was the move.\nAnd there it was.",
    "Jean-Pierre de la Fontaine van den Berg   0:19",
    "Yeah: right.",
    "Priya Nair   1:02:22\nFine.",
    "Priya Nair stopped transcription",
)


def test_what_teams_writes_now_has_its_names_over_the_words() -> None:
    reading = read(*TEAMS_NOW)

    assert reading.dialect == "teams"
    assert said(reading) == [
        ("Priya Nair", "So that was the move.\nAnd there it was."),
        ("Jean-Pierre de la Fontaine van den Berg", "Yeah: right."),
        ("Priya Nair", "Fine."),
    ]


def test_title_date_and_what_teams_says_of_itself_are_said_by_nobody() -> None:
    assert unsaid(read(*TEAMS_NOW)) == [*TEAMS_NOW[:4], TEAMS_NOW[-1]]


def test_the_time_over_teams_words_is_their_mark() -> None:
    starts = [p.marks[0].start_seconds for p in read(*TEAMS_NOW).paragraphs if p.is_speech]

    assert starts == [3, 19, 3742]


def test_words_under_a_time_without_a_name_are_nobodys() -> None:
    reading = read("Bo Ek   0:03\nSo.", "   0:09\nWell.", "Bo Ek   0:12\nYes.")

    assert said(reading) == [("Bo Ek", "So."), (None, "Well."), ("Bo Ek", "Yes.")]
    assert "1 entries have no name; whose words they are is not known" in reading.skipped


def test_whatever_stands_before_teams_three_spaces_is_a_name() -> None:
    reading = read("+49 30 ···55   0:03\nSo.", "Bo Ek   0:09\nWell.")

    assert said(reading) == [("+49 30 ···55", "So."), ("Bo Ek", "Well.")]


def test_a_heading_among_the_turns_is_said_by_nobody() -> None:
    document = written("Bo Ek   0:03\nSo.", "Ann   0:09\nWell.")
    document.add_heading("Part 2", 1)
    document.add_paragraph("Bo Ek   0:12\nYes.")

    reading = read_interview(data_of(document), PurePath("a.docx"))
    assert (reading.dialect, unsaid(reading)) == ("teams", ["Part 2"])


def test_turns_with_another_label_are_not_given_to_the_speaker_before() -> None:
    reading = read("Ann  0:03\nSo.", "Bo: how was it?", "Ann  0:09\nFine.", "Bo: and then?")

    assert reading.dialect == ""
    assert ("Bo", "how was it?") in said(reading)


REV = (
    "This transcript was exported on Feb 03, 2021 - view latest version here.",
    "Speaker 1 (00:01):",
    "So tell me of the [inaudible 00:00:07] move.",
    "Speaker 2 (00:09):",
    "It was long.",
    "(00:31):",
    "Note: we had two vans.",
    "Speaker 1 (01:02):",
    "Thanks.",
)


def test_rev_names_are_over_the_words_and_a_time_alone_goes_on() -> None:
    reading = read(*REV)

    assert reading.dialect == "rev"
    assert said(reading) == [
        ("Speaker 1", "So tell me of the [inaudible 00:00:07] move."),
        ("Speaker 2", "It was long."),
        ("Speaker 2", "Note: we had two vans."),
        ("Speaker 1", "Thanks."),
    ]
    assert unsaid(reading) == [REV[0]]


def test_words_transcript_has_times_before_the_names() -> None:
    reading = read(
        *("Audio file", "talk.mp3", "Transcript"),
        *("00:00:00 Speaker 1", "So tell me.", "00:00:07 Speaker 2", "It was long."),
    )

    assert reading.dialect == "word"
    assert said(reading) == [("Speaker 1", "So tell me."), ("Speaker 2", "It was long.")]


def test_otters_summary_and_last_line_are_said_by_nobody() -> None:
    reading = read(
        *("The move", "Mon, Mar 11", "SUMMARY KEYWORDS", "van, boxes", "SPEAKERS", "Bo, Ann"),
        *(
            "Bo  0:01",
            "So tell me.",
            "Ann  0:05",
            "It was long.",
            "Transcribed by https://otter.ai",
        ),
    )

    assert reading.dialect == "otter"
    assert said(reading) == [("Bo", "So tell me."), ("Ann", "It was long.")]
    assert unsaid(reading)[-1] == "Transcribed by https://otter.ai"


def test_a_pdf_of_a_teams_transcript_is_known_by_what_teams_says() -> None:
    lines = [
        "Bo Ek started transcription",
        "Bo Ek 0:03",
        "So.",
        "Ann Bly 0:09",
        "Well.",
        "Bo Ek 0:12",
        "Yes.",
    ]
    page = page_of(*[(72, 760 - 14 * n, line) for n, line in enumerate(lines)])

    reading = read_interview(pdf_of(page), PurePath("a.pdf"))
    assert (reading.full_format, said(reading)) == (
        "pdf/teams",
        [("Bo Ek", "So."), ("Ann Bly", "Well."), ("Bo Ek", "Yes.")],
    )


def test_a_rev_transcript_in_rtf_is_known_too() -> None:
    body = r"\par ".join(REV[1:])
    reading = read_interview(rb"{\rtf1\ansi " + body.encode("ascii") + rb"\par}", PurePath("a.rtf"))

    assert reading.full_format == "rtf/rev"


def test_an_ordinary_document_has_no_dialect() -> None:
    assert read("Ann: one", "Bo: two", "Ann: three").dialect == ""


def test_a_named_dialect_reads_what_would_not_be_known_by_itself() -> None:
    lines = ("Bo Ek 0:03\nSo.", "Some words of his.", "Bo Ek 0:12\nYes.")

    assert read(*lines).dialect == ""
    assert read(*lines, named="docx/teams").dialect == "teams"


def test_a_named_dialect_that_the_file_is_not_of_is_refused() -> None:
    with pytest.raises(SourceError, match=r"a\.docx: no line has a name and a time as rev"):
        read("Ann: one", "Bo: two", named="docx/rev")
