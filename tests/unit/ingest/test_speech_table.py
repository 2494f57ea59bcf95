from collections.abc import Sequence

from qualcode.ingest.lines import Kind
from qualcode.ingest.reading import Paragraph
from qualcode.ingest.speech_table import table_lines
from qualcode.ingest.transcript import paragraphs_of


def read(*rows: Sequence[str]) -> tuple[Paragraph, ...]:
    return paragraphs_of(table_lines(rows, "table").lines)[0]


def said(*rows: Sequence[str]) -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in read(*rows) if p.is_speech]


TITLED = (
    ("No.", "Start", "End", "Speaker", "Transcript", "Notes"),
    ("1", "00:01", "00:04", "Ann", "one", "looks away"),
    ("2", "00:04", "00:09", "Bo", "two", ""),
    ("3", "", "", "", "more", ""),
)


def test_titles_say_which_columns_are_the_talk() -> None:
    assert said(*TITLED) == [("Ann", "one"), ("Bo", "two"), ("Bo", "more")]


def test_columns_beside_the_talk_are_left_out_and_counted() -> None:
    assert table_lines(TITLED, "table at paragraph 2").left_out == (
        "table at paragraph 2, column 1: 3 words stand beside the talk and are left out",
        "table at paragraph 2, column 6: 2 words stand beside the talk and are left out",
    )


def test_start_and_end_columns_are_a_mark() -> None:
    first = next(p for p in read(*TITLED) if p.is_speech)

    assert [(m.start_seconds, m.end_seconds) for m in first.marks] == [(1, 4)]


def test_a_row_of_one_cell_is_a_heading_in_the_talk() -> None:
    paragraphs = read(("Ann", "one"), ("Part 2",), ("Ann", "two"), ("", "three"))

    assert [(p.text, p.is_speech, p.speaker) for p in paragraphs] == [
        ("one", True, "Ann"),
        ("Part 2", False, None),
        ("two", True, "Ann"),
        ("three", True, "Ann"),
    ]


def test_a_column_for_each_voice_is_read_row_by_row() -> None:
    assert said(
        ("Interviewer", "Participant"),
        ("How was it?", "It was long."),
        ("And then?", ""),
        ("", "Then we left."),
    ) == [
        ("Interviewer", "How was it?"),
        ("Participant", "It was long."),
        ("Interviewer", "And then?"),
        ("Participant", "Then we left."),
    ]


def test_a_first_row_of_two_speakers_is_no_title_where_names_recur_below() -> None:
    assert said(("Interviewer", "guest"), ("Ann", "one"), ("Ann", "two"))[0] == (
        "Interviewer",
        "guest",
    )


def test_a_table_without_names_is_read_cell_by_cell() -> None:
    lines = table_lines(
        [("a long cell with many words", "b1"), ("a2 as well", "b2")], "table"
    ).lines

    assert [line.text for line in lines if line.kind is Kind.WORDS] == [
        "a long cell with many words",
        "b1",
        "a2 as well",
        "b2",
    ]
    assert all(line.label is None for line in lines)
