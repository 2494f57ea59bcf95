"""Quotes under a code: what is chosen, in which order, and how it reads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from export_samples import BOOK, PARTICIPANTS, coded, comment, corpora, sample, segments_of
from hypothesis import given, settings

from qualcode.errors import StoreError, UsageError
from qualcode.records import Corpus
from qualcode.report.quotes import render_quotes, select_quotes


def chosen(corpus=None, **conditions):
    return select_quotes(corpus or sample(), BOOK, PARTICIPANTS, **conditions)


def refusal(**conditions):
    with pytest.raises(UsageError) as error:
        chosen(**conditions)
    return error.value


@given(corpora())
@settings(max_examples=60, deadline=None)
def test_every_coding_is_a_row_whose_quote_is_its_slice(corpus):
    texts = {document.id: document.text for document in corpus.documents}
    by_id = {coding.id: coding for coding in corpus.codings()}
    rows = chosen(corpus)
    assert sorted(row.coding_id for row in rows) == sorted(by_id)
    for row in rows:
        assert row.quote == texts[by_id[row.coding_id].document_id][row.start_char : row.end_char]
    assert "interviewer" not in {row.role for row in rows}


def test_rows_stand_by_participant_then_place_and_strangers_come_last():
    assert [(row.participant, row.place, row.code) for row in chosen()] == [
        ("P2", "row 2", "gone"),
        ("P2", "row 2", "queue"),
        ("P10", "01:02", "joy"),
        ("P10", "01:02", "waiting"),
        ("P10", "01:02", "choose"),
        (None, "1:02:05", "waiting"),
    ]


@pytest.mark.parametrize("code", ["queue", "Queueing", " QUEUEING "])
def test_a_code_is_found_by_its_id_or_its_name_in_any_case(code):
    assert [row.code for row in chosen(code=code)] == ["queue"]


def test_a_code_brings_the_codes_beneath_it():
    assert [row.code for row in chosen(code="waiting")] == ["queue", "waiting", "waiting"]


def test_an_unknown_code_is_refused_with_its_near_misses():
    error = refusal(code="Waitng")
    assert "waiting" in error.hint.casefold()
    assert "'Waitng'" in error.message


def test_a_code_of_another_family_is_refused():
    assert "in family stage" in refusal(code="waiting", family="stage").message


def test_a_code_that_left_the_book_is_found_by_its_id():
    document = comment(2, "Hm.")
    (segment,) = segments_of(document)
    corpus = Corpus((document,), (segment,), (coded(segment, "need", "old_code"),))
    assert [row.code_name for row in chosen(corpus, code="old_code")] == ["old_code"]


def test_a_family_keeps_its_codes_only():
    assert [row.code for row in chosen(family="emotion")] == ["joy"]


@pytest.mark.parametrize("family", ["pain_point", "Pain point", " PAIN POINT ", "Pain_Point"])
def test_a_family_is_found_by_its_identifier_or_its_name_in_any_case(family):
    rows = chosen(family=family)
    assert rows
    assert rows == tuple(row for row in chosen() if row.family == "pain_point")


def test_what_works_names_the_family_of_strengths():
    document = comment(2, "Hm.")
    (segment,) = segments_of(document)
    corpus = Corpus((document,), (segment,), (coded(segment, "strength", "kept"),))
    assert [row.code for row in chosen(corpus, family="what works")] == ["kept"]


def test_a_code_is_looked_for_in_the_family_of_a_display_name():
    assert [row.code for row in chosen(code="queue", family="Pain point")] == ["queue"]


def test_an_unknown_family_is_refused():
    assert "pain_point" in refusal(family="pain_points").hint


def test_a_persona_keeps_its_people_in_any_case_and_no_strangers():
    assert {row.participant for row in chosen(persona="wanderer")} == {"P10"}


def test_an_unknown_persona_is_refused_with_those_there_are():
    assert "Planner" in refusal(persona="Plannr").hint


def test_a_persona_that_nobody_quoted_has_is_no_error():
    assert chosen(persona="Planner", code="joy") == ()


def test_a_participant_keeps_their_own_words():
    assert {row.participant for row in chosen(participant="P2")} == {"P2"}


def test_an_unknown_participant_is_refused():
    assert "P2" in refusal(participant="P3").hint


def test_a_coding_without_its_segment_is_an_error():
    with pytest.raises(StoreError, match="belongs to no document"):
        chosen(replace(sample(), segments=()))


def test_quotes_are_grouped_by_code_with_counts_of_people():
    text = render_quotes(chosen(code="waiting"))
    assert "Waiting (Pain point, waiting): 1 person, 2 quotes (1 with voice not assigned)" in text
    assert "Queueing (Pain point, queue): 1 person, 1 quote\n" in text
    assert text.index("Waiting (") < text.index("Queueing (")


def test_a_quote_stands_verbatim_under_its_person_with_its_place():
    text = render_quotes(chosen(code="choose"))
    assert text == (
        "Find what fits me (Stage, choose): 1 person, 1 quote\n"
        "\n"
        "  P10 (Wanderer)\n"
        "    “I waited 😀 hours. שלום, then joy.”\n"
        "      talks/one.vtt, 01:02; score 0.71\n"
    )


def test_words_of_nobody_known_are_shown_as_a_voice_not_assigned():
    strangers = [row for row in chosen() if row.participant is None]
    assert "\n  voice not assigned\n" in render_quotes(strangers)


def test_a_quote_cannot_steer_a_terminal():
    (row, *_) = chosen(code="choose")
    text = render_quotes([replace(row, quote="a\x1b[2J\nb\x9b")])
    assert "“a\ufffd[2J\n      b\ufffd”" in text


def test_no_quotes_are_said_to_be_none():
    assert render_quotes(()) == "No quotes.\n"


def test_an_unassigned_voice_has_neither_participant_nor_its_talks_persona():
    corpus = sample()
    talk = replace(corpus.documents[0], attributes={"persona": "Planner"})
    segments = tuple(replace(segment, participant_id="P10") for segment in corpus.segments)
    named = replace(corpus, documents=(talk, *corpus.documents[1:]), segments=segments)
    (stranger,) = [row for row in chosen(named) if row.role == "unknown"]
    assert (stranger.participant, stranger.persona) == (None, None)
