"""Surveys: a profile names columns as the table writes them; each row becomes one document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.answers import is_non_answer
from qualcode.errors import SourceError
from qualcode.ingest.columns import Profile
from qualcode.ingest.survey import (
    NoOpenAnswers,
    SurveyReading,
    apply_profile,
    left_out,
    read_survey,
)
from qualcode.ingest.survey_heads import RowState
from qualcode.ingest.table import Row, Table, read_table
from qualcode.records import DocumentKind, Role, stable_id

# --- profile -----------------------------------------------------------------------------------

WIDE = "id,Why did  you leave?,Plan,plan\n1,it broke,a,b\n"


def applied(**given: object) -> Profile:
    table = read_table(WIDE.encode(), PurePath("s.csv"))
    return apply_profile(table, Profile(**{"text_cols": ("#2",), **given}))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["Why did  you leave?", "why did you LEAVE?", "#2"])
def test_a_column_is_found_by_name_or_number(name: str) -> None:
    assert applied(text_cols=(name,)).text_cols == ("Why did  you leave?",)


@pytest.mark.parametrize("name", ["Q5", "q5"])
def test_a_column_is_found_by_the_survey_tools_own_code(name: str) -> None:
    table = replace(read_table(WIDE.encode(), PurePath("s.csv")), codes={"Q5": "Plan"})
    assert apply_profile(table, Profile(text_cols=(name,))).text_cols == ("Plan",)


def test_a_header_goes_before_a_code() -> None:
    table = replace(read_table(WIDE.encode(), PurePath("s.csv")), codes={"plan": "id"})
    assert apply_profile(table, Profile(text_cols=("plan",))).text_cols == ("plan",)


def test_an_exact_name_goes_before_one_that_differs_in_case() -> None:
    assert applied(attr_cols=("plan",)).attr_cols == ("plan",)


def test_a_name_that_fits_two_columns_is_an_error() -> None:
    with pytest.raises(SourceError, match="--attr 'PLAN' fits 2 columns"):
        applied(attr_cols=("PLAN",))


@pytest.mark.parametrize(
    ("given", "flag"),
    [
        ({"text_cols": ("why did you leave",)}, "--text-col"),
        ({"id_col": "why did you leave"}, "--id-col"),
        ({"attr_cols": ("leave",)}, "--attr"),
        ({"participant_col": "leave"}, "--participant-col"),
    ],
)
def test_a_column_that_is_not_there_is_an_error_with_the_flag_and_near_misses(
    given: dict[str, object], flag: str
) -> None:
    with pytest.raises(SourceError, match=f"{flag}: there is no column") as caught:
        applied(**given)
    assert caught.value.hint == "did you mean: #2 'Why did you leave?'"


@pytest.mark.parametrize("number", ["#0", "#5"])
def test_a_number_beyond_the_table_is_an_error(number: str) -> None:
    with pytest.raises(SourceError, match="no column"):
        applied(text_cols=(number,))


def test_no_column_of_open_answers_is_an_error_that_lists_the_columns() -> None:
    with pytest.raises(NoOpenAnswers, match="no column of open answers") as caught:
        applied(text_cols=())
    assert "--text-col" in str(caught.value.hint) and "#4 'plan'" in str(caught.value.hint)


@pytest.mark.parametrize(
    "given",
    [{"text_cols": ()}, {"attr_cols": ("PLAN",)}, {"id_col": "nowhere"}],
)
def test_errors_of_a_profile_begin_with_the_name_of_the_file(given: dict[str, object]) -> None:
    with pytest.raises(SourceError) as caught:
        applied(**given)
    assert caught.value.message.startswith("s.csv: ")


def test_what_is_named_as_text_is_neither_id_nor_attribute() -> None:
    assert applied(text_cols=("id", "Plan"), id_col="id", attr_cols=("Plan", "plan")) == Profile(
        None, ("id", "Plan"), ("plan",)
    )


# --- rows to documents -------------------------------------------------------------------------

ONE = Profile("id", ("comment",), ("plan", "nps"))
TWO = Profile("id", ("good", "bad"))


def read(text: str, profile: Profile) -> SurveyReading:
    table = read_table(text.encode(), PurePath("s.csv"))
    return read_survey(table, profile, path="s.csv", source_id="src", source_sha256="abc")


def test_a_row_becomes_a_comment_with_all_that_is_known_of_it() -> None:
    (document,) = read(
        'id,plan,nps,comment\n R1 , Solo ,,"  It broke.\n\nTwice. "\n', ONE
    ).documents
    assert document.id == stable_id("doc", "abc", "s.csv", "2")
    assert (document.source_id, document.path, document.row) == ("src", "s.csv", 2)
    assert document.kind is DocumentKind.COMMENT
    assert document.text == "It broke.\n\nTwice."
    assert (document.external_id, document.participant_id) == ("R1", "R1")
    assert document.attributes == {"plan": "Solo", "question": "comment"}
    (speaker,) = document.speakers
    assert (speaker.label, speaker.role, speaker.participant_id, speaker.guessed) == (
        None,
        Role.PARTICIPANT,
        "R1",
        False,
    )


def test_an_answer_with_line_breaks_is_one_turn() -> None:
    (document,) = read('id,plan,nps,comment\n1,,,"a\n\nb"\n', ONE).documents
    assert [(turn.span.of(document.text), turn.speaker) for turn in document.turns] == [
        ("a\n\nb", None)
    ]


def test_with_several_text_columns_each_answer_follows_its_question() -> None:
    (document,) = read("id,good,bad\n1,all,it squeaks\n", TWO).documents
    assert document.text == "good\nall\nbad\nit squeaks"
    assert [(turn.span.of(document.text), turn.is_speech) for turn in document.turns] == [
        ("good", False),
        ("all", True),
        ("bad", False),
        ("it squeaks", True),
    ]
    assert "question" not in document.attributes


def test_a_question_without_an_answer_is_left_out() -> None:
    (document,) = read("id,good,bad\n1,,nothing\n", TWO).documents
    assert document.text == "bad\nnothing"


@pytest.mark.parametrize("profile", [Profile("id", ("good",)), TWO])
def test_a_row_without_an_answer_is_a_document_without_turns(profile: Profile) -> None:
    (document,) = read("id,good,bad\n1, ,\n", profile).documents
    assert (document.text, document.turns, document.external_id) == ("", (), "1")
    assert document.speakers[0].role is Role.PARTICIPANT


@pytest.mark.parametrize("answer", ["none", "n/a", "-", ".", "=SUM(A1)", "<b>x</b>", "שלום 🚲"])
def test_an_answer_is_kept_verbatim_whatever_it_says(answer: str) -> None:
    (document,) = read(f"id,plan,nps,comment\n1,,,{answer}\n", ONE).documents
    assert document.text == answer


@pytest.mark.parametrize("answer", ["none", "n/a", "N/A.", "-", "Nothing", "no comment"])
def test_an_answer_that_is_none_stays_in_the_text_and_is_said_by_nobody(answer: str) -> None:
    (document,) = read(f"id,plan,nps,comment\n1,,,{answer}\n", ONE).documents
    assert [(t.span.of(document.text), t.is_speech) for t in document.turns] == [(answer, False)]


def test_answers_that_are_none_are_counted() -> None:
    reading = read("id,good,bad\n1,none,n/a\n2,all of it,-\n", TWO)
    assert reading.problems == ('3 answer(s) such as "none" or "n/a": counted as empty',)


def test_a_question_that_was_not_shown_has_neither_answer_nor_attribute() -> None:
    table = read_table(b"id,plan,c\n1,N/A,N/A\n", PurePath("s.csv"))
    profile = Profile("id", ("c",), ("plan",))
    (document,) = read_survey(
        replace(table, unshown="N/A"), profile, path="s", source_id="s", source_sha256="s"
    ).documents
    assert (document.text, dict(document.attributes)) == ("", {"question": "c"})


# --- rows left out ------------------------------------------------------------------------------

STATES: dict[int, RowState] = {2: "preview", 4: "unfinished", 5: "unfinished"}


def table_of_states() -> Table:
    rows = tuple(Row(n, (str(n),), STATES.get(n, "answered")) for n in range(2, 7))
    return Table("s.csv", "csv", "utf-8", ("c",), rows)


def test_rows_are_left_out_by_what_the_tool_says_of_them() -> None:
    table, _ = left_out(table_of_states(), ["preview", "unfinished"])
    assert [row.number for row in table.rows] == [3, 6]


def test_rows_that_stay_and_rows_that_go_are_both_told() -> None:
    _, told = left_out(table_of_states(), ["preview"])
    assert told == (
        "1 preview row(s): row 2; left out",
        "2 unfinished row(s): rows 4 and 5; kept",
    )


def test_a_table_of_which_no_row_would_remain_is_an_error() -> None:
    table = table_of_states()
    with pytest.raises(SourceError, match="all 2 rows are preview or unfinished ones"):
        left_out(replace(table, rows=(table.rows[0], table.rows[2])), ["preview", "unfinished"])


def test_a_question_column_of_the_table_is_not_overwritten() -> None:
    profile = Profile(None, ("comment",), ("question",))
    first, second = read("question,comment\nWhy?,x\n,y\n", profile).documents
    assert (first.attributes["question"], second.attributes["question"]) == ("Why?", "comment")


def test_the_participant_is_the_named_column_else_the_id_else_the_row() -> None:
    profile = Profile("id", ("c",), (), "who")
    reading = read("id,who,c\n1,Q,x\n2,,x\n,,x\n", profile)
    assert [d.participant_id for d in reading.documents] == ["Q", "2", "s row 4"]
    assert [d.external_id for d in reading.documents] == ["1", "2", None]


def test_rows_with_the_same_id_both_stay_and_are_reported() -> None:
    reading = read("id,c\n7,x\n8,y\n7,z\n,w\n", Profile("id", ("c",)))
    assert [d.participant_id for d in reading.documents] == ["7", "8", "7", "s row 5"]
    assert len({d.id for d in reading.documents}) == 4
    assert [problem.split(":")[0] for problem in reading.problems] == ["row 5", "rows 2 and 4"]


def test_equal_comments_stay_two_documents() -> None:
    first, second = read("id,c\n1,ok\n2,ok\n", Profile("id", ("c",))).documents
    assert first.text == second.text and first.id != second.id


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), min_size=1, max_size=6))
def test_every_row_comes_back_once_and_turns_are_its_answers(rows: list[tuple[str, str]]) -> None:
    numbered = tuple(Row(number, row) for number, row in enumerate(rows, start=2))
    table = Table("s", "csv", "utf-8", ("good", "bad"), numbered)
    profile = Profile(None, ("good", "bad"))
    documents = read_survey(table, profile, path="s", source_id="s", source_sha256="s").documents
    assert [d.row for d in documents] == [row.number for row in table.rows]
    for document, row in zip(documents, rows, strict=True):
        spoken = [t.span.of(document.text) for t in document.turns if t.is_speech]
        assert spoken == [c.strip() for c in row if c.strip() and not is_non_answer(c.strip())]
