"""The long table and the survey with its codes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from export_samples import (
    BOOK,
    PARTICIPANTS,
    coded,
    comment,
    corpora,
    declined,
    sample,
    segments_of,
    survey_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import StoreError
from qualcode.records import Corpus, Role, Verdict
from qualcode.report.export_tables import (
    CODINGS_COLUMNS,
    SurveyTable,
    codings_table,
    read_me_sheet,
    survey_table,
)

DOCS = Path(__file__).parents[3] / "docs"


def long_rows(corpus, participants=PARTICIPANTS):
    header, rows = codings_table(corpus, BOOK, participants)
    return [dict(zip(header, row, strict=True)) for row in rows]


def marks(corpus, table=None):
    header, rows = survey_table(table or survey_of(corpus), corpus, BOOK)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_every_column_of_the_long_table_is_documented():
    prose = (DOCS / "export.md").read_text(encoding="utf-8")
    assert [name for name in CODINGS_COLUMNS if f"`{name}`" not in prose] == []


def test_the_long_table_has_a_row_for_each_coding_and_for_each_segment_without_one():
    rows = long_rows(sample())
    assert [(row["segment_id"], row["code"]) for row in rows] == [
        ("seg-doc-talk-2", "choose"),
        ("seg-doc-talk-2", "waiting"),
        ("seg-doc-talk-2", "joy"),
        ("seg-doc-talk-3", "waiting"),
        ("seg-doc-2-0", "queue"),
        ("seg-doc-2-0", "gone"),
        ("seg-doc-3-0", ""),
        ("seg-doc-4-0", ""),
        ("seg-doc-6-0", ""),
    ]


def test_a_row_without_a_code_says_what_became_of_the_segment():
    assert [row["verdicts"] for row in long_rows(sample())[-3:]] == [
        "pain_point: none",
        "pain_point: abstained (too short)",
        "pain_point: unprocessed (model failed)",
    ]


def test_a_segment_that_nobody_looked_at_is_not_judged():
    corpus = replace(sample(), judgements=())
    assert {row["verdicts"] for row in long_rows(corpus)} == {"not judged"}


def test_verdicts_name_the_coder_where_there_are_several():
    document = comment(2, "Hm.")
    (segment,) = segments_of(document)
    judged = (coded(segment, "stage"), coded(segment, "stage", coder="human:me"))
    (row,) = long_rows(Corpus((document,), (segment,), judged))
    assert row["verdicts"] == "stage: none by local:test; stage: none by human:me"


def test_the_attributes_of_participants_and_rows_are_the_last_columns():
    header, _ = codings_table(sample(), BOOK, PARTICIPANTS)
    talk, survey = long_rows(sample())[0], long_rows(sample())[4]
    assert header[: len(CODINGS_COLUMNS)] == CODINGS_COLUMNS
    # A talk's persona comes from its participant, a comment's region from its writer. The name
    # persona is a column of ours already.
    assert (talk["wave"], talk["persona"], talk["persona (qualcode)"]) == (
        *("1", "Wanderer", "Wanderer"),
    )
    assert (survey["nps"], survey["region"]) == ("2", "North")


def test_a_place_is_a_time_a_row_or_a_turn():
    corpus = sample()
    talk = corpus.documents[0]
    untimed = replace(talk, turns=tuple(replace(turn, marks=()) for turn in talk.turns))
    without = replace(corpus, documents=(untimed, *corpus.documents[1:]))
    assert [row["place"] for row in long_rows(corpus)[2:5]] == ["01:02", "1:02:05", "row 2"]
    assert long_rows(without)[0]["place"] == "turn 3"
    assert (long_rows(corpus)[0]["start_seconds"], long_rows(without)[0]["start_seconds"]) == (
        *(62.0, ""),
    )


@given(corpora())
@settings(max_examples=60, deadline=None)
def test_the_long_table_holds_every_voice_but_the_interviewers_and_every_quote_is_a_slice(corpus):
    texts = {document.id: document.text for document in corpus.documents}
    rows = long_rows(corpus)
    assert list(dict.fromkeys(row["segment_id"] for row in rows)) == [
        segment.id for segment in corpus.segments if segment.role is not Role.INTERVIEWER
    ]
    for row in rows:
        assert row["quote"] == texts[row["document_id"]][row["start_char"] : row["end_char"]]


def test_a_coding_that_points_beyond_its_text_is_an_error():
    corpus = sample()
    shorter = replace(corpus.documents[1], text="The")
    documents = (corpus.documents[0], shorter, *corpus.documents[2:])
    with pytest.raises(StoreError, match="outside its document"):
        long_rows(replace(corpus, documents=documents))


@given(corpora(), st.lists(st.text(max_size=8), max_size=3))
@settings(max_examples=60, deadline=None)
def test_a_survey_comes_back_with_exactly_its_rows_and_columns_in_order(corpus, extra):
    table = survey_of(corpus, extra=extra)
    header, rows = survey_table(table, corpus, BOOK)
    width = len(table.header)
    assert header[:width] == table.header
    assert tuple(row[:width] for row in rows) == table.rows
    assert {len(row) for row in rows} <= {len(header)}
    ours = [name.casefold() for name in header[width:]]
    assert len(set(ours)) == len(ours)
    assert set(ours).isdisjoint(name.casefold() for name in table.header)


def test_a_code_is_1_where_found_0_where_none_and_empty_where_not_known():
    # Rows 2 coded, 3 none, 4 abstained, 5 without words, 6 unprocessed.
    assert [row["pain_point: Queueing"] for row in marks(sample())] == [1, 0, "", "", ""]
    assert [row["pain_point: Waiting"] for row in marks(sample())] == [0, 0, "", "", ""]


def test_a_row_with_a_segment_that_was_declined_has_no_zeros():
    document = replace(comment(2, "Long wait. Hm."))
    (whole,) = segments_of(document)
    halves = (replace(whole, id="a", end_char=10), replace(whole, id="b", start_char=11))
    judged = (coded(halves[0], "pain_point", "queue"), declined(halves[1], "pain_point"))
    (row,) = marks(Corpus((document,), halves, judged))
    assert (row["pain_point: Queueing"], row["pain_point: Waiting"]) == (1, "")


def test_only_families_judged_in_this_survey_get_columns():
    header, _ = survey_table(survey_of(sample()), sample(), BOOK)
    assert header == (
        *("id", "comment"),
        *("pain_point: Waiting", "pain_point: Queueing", "pain_point: No longer used"),
        "pain_point",
    )


def test_a_retired_code_has_a_column_only_where_it_was_used():
    corpus = sample()
    kept = tuple(j for j in corpus.judgements if j.segment_id != "seg-doc-2-0")
    header, _ = survey_table(survey_of(corpus), replace(corpus, judgements=kept), BOOK)
    assert "pain_point: No longer used" not in header


def test_the_familys_column_joins_the_names_of_the_codes():
    assert [row["pain_point"] for row in marks(sample())] == [
        *("Queueing; No longer used", "", "", "", ""),
    ]


def test_a_column_that_the_survey_has_already_gets_another_name():
    table = survey_of(sample(), header=("Pain_Point", "pain_point (qualcode)"))
    header, _ = survey_table(table, sample(), BOOK)
    assert header[-1] == "pain_point (qualcode 2)"


def test_a_second_coder_that_looked_fills_the_gap_of_the_first():
    document = comment(2, "Hm.")
    (segment,) = segments_of(document)
    judged = (declined(segment, "pain_point"), coded(segment, "pain_point", coder="human:me"))
    (row,) = marks(Corpus((document,), (segment,), judged))
    assert row["pain_point: Waiting"] == 0


def test_ragged_rows_lose_no_cell():
    table = SurveyTable("s.csv", ("id",), ("doc-2", "doc-3"), (("1", "more"), ()))
    header, rows = survey_table(table, Corpus((), (), ()), BOOK)
    assert (header, rows) == (("id", "column 2"), (("1", "more"), ("", "")))


def test_a_survey_table_with_more_rows_than_documents_is_refused():
    with pytest.raises(ValueError, match="2 rows for 1 documents"):
        SurveyTable("s.csv", ("id",), ("doc-2",), (("1",), ("2",)))


def test_the_read_me_tells_drafts_counts_and_masking():
    name, header, rows = read_me_sheet(sample(), study="Test", masked=False)
    said = dict(rows)
    assert (name, header, said["Study"]) == ("Read me", ("What", "Value"), "Test")
    assert said["Draft"].startswith("6 of 6 codings are drafts")
    assert said["Names"].startswith("NOT replaced")
    assert (said["Documents"], said["Participants"], said["Segments"]) == (6, 2, 6)
    assert said["of voices not assigned"] == 1
    assert [said[f"Judgements: {verdict.value}"] for verdict in Verdict] == [5, 1, 1, 1]


def test_the_read_me_of_a_masked_study_says_so():
    _, _, rows = read_me_sheet(sample(), study="Test", masked=True)
    assert "were replaced" in dict(rows)["Names"]
