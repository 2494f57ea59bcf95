"""A quote that a person pinned, swapped or hid stays so when the codings are made again."""

from __future__ import annotations

from dataclasses import replace

from qualcode.draft import Finding, Group, Quote
from tests.edits_sample import PERSONAS, Study, coding_id, segment_id, usual_codes

CELL = "pain_point/join/wait"
"""Two segments a person: what will it cost, and they promised it."""


def finding(study: Study, cell: str = CELL) -> Finding:
    family, stage, code = cell.split("/")
    return next(f for f in study.draft.map.cells[family, stage].findings if f.code == code)


def ids(study: Study, cell: str = CELL) -> list[str]:
    return [quote.coding_id for quote in finding(study, cell).quotes]


def wait(person: int, thing: int = 1, coder: str = "local:a") -> str:
    return coding_id(segment_id(person, thing), "wait", coder)


def without_waiting(study: Study) -> None:
    study.codes = {s: [c for c in codes if c != "wait"] for s, codes in study.codes.items()}


def words(quote: Quote, study: Study) -> str:
    texts = {document.id: document.text for document in study.corpus.documents}
    return texts[quote.document_id][quote.start_char : quote.end_char]


def test_pinned_quotes_stand_first_in_the_order_of_pinning() -> None:
    study = Study()
    before = ids(study)
    study.pin(CELL, wait(0))
    study.pin(CELL, wait(3))
    others = [i for i in before if i not in (wait(0), wait(3))]
    assert ids(study) == [wait(0), wait(3), *others]
    assert study.draft.edits.pinned == {CELL: (wait(0), wait(3))}


def test_pinning_changes_no_count() -> None:
    study = Study()
    before = finding(study).share
    study.pin(CELL, wait(0))
    assert (finding(study).share, len(ids(study))) == (before, 16)


def test_an_unpinned_quote_stands_where_its_score_puts_it() -> None:
    study = Study()
    before = study.draft
    study.pin(CELL, wait(0))
    study.unpin(CELL, wait(0))
    assert study.draft == before


def test_a_swapped_quote_takes_the_place_of_the_other_which_stands_last() -> None:
    study = Study()
    first = ids(study)[0]
    study.swap(CELL, first, wait(0))
    assert (ids(study)[0], ids(study)[-1]) == (wait(0), first)
    assert study.draft.edits.pinned == {CELL: (wait(0),)}


def test_a_swap_keeps_the_place_among_those_that_are_pinned() -> None:
    study = Study()
    for person in (0, 1, 2):
        study.pin(CELL, wait(person))
    study.swap(CELL, wait(1), wait(5))
    assert study.draft.edits.pinned == {CELL: (wait(0), wait(5), wait(2))}


def test_unpinning_a_swapped_quote_brings_the_other_one_back_up() -> None:
    study = Study()
    before = study.draft
    study.swap(CELL, ids(study)[0], wait(0))
    study.unpin(CELL, wait(0))
    assert study.draft == before


def test_a_hidden_quote_counts_and_is_not_pinned() -> None:
    study = Study()
    study.pin(CELL, wait(0))
    study.hide(wait(0), "her street is named")
    draft = study.draft
    assert draft.edits.hidden == {wait(0): "her street is named"}
    assert draft.edits.pinned == {}
    assert wait(0) in ids(study)


def test_a_quote_shown_again_is_pinned_as_before() -> None:
    study = Study()
    study.pin(CELL, wait(0))
    before = study.draft
    study.hide(wait(0))
    study.show(wait(0))
    assert study.draft == before


def test_a_pin_goes_over_to_the_coding_that_another_coder_put_on_the_same_words() -> None:
    study = Study()
    study.pin(CELL, wait(0))
    study.hide(wait(3))
    study.coder = "llm:b"
    assert study.draft.edits.pinned == {CELL: (wait(0, coder="llm:b"),)}
    assert study.draft.edits.hidden == {wait(3, coder="llm:b"): "private"}
    assert len(ids(study)) == 16


def test_a_pinned_quote_whose_coding_vanished_still_stands_there_and_counts_as_nobody() -> None:
    study = Study()
    study.pin(CELL, wait(0))
    before = words(finding(study).quotes[0], study)
    without_waiting(study)
    found = finding(study)
    (quote,) = found.quotes
    assert words(quote, study) == before == "What will it cost?"
    assert (quote.coding_id, quote.participant_id) == (wait(0), "P0")
    assert study.draft.edits.pinned == {CELL: (wait(0),)}
    assert (found.share.count, found.share.total) == (0, 8)
    assert found.share.reason == "no coding stands here any more; a person pinned the quote"


def test_a_pinned_quote_whose_segment_went_to_another_stage_stays_where_it_was_pinned() -> None:
    study = Study()
    study.pin(CELL, wait(0))
    study.codes = {
        s: ["find" if c == "join" and s == segment_id(0, 1) else c for c in codes]
        for s, codes in study.codes.items()
    }
    assert ids(study)[0] == wait(0)
    assert finding(study).share.count == 8


def test_a_pinned_quote_of_a_document_that_left_the_study_is_not_shown() -> None:
    study = Study()
    study.pin(CELL, wait(7))
    study.people = 7
    assert study.draft.edits.pinned == {}


def test_a_pinned_quote_of_a_voice_that_became_an_interviewers_is_not_shown() -> None:
    study = Study()
    study.pin(CELL, wait(0))
    study.silent = (0,)
    assert study.draft.edits.pinned == {}


def test_a_personas_map_shows_only_its_own_peoples_pins() -> None:
    study = Study()
    study.pin(CELL, wait(0))
    study.pin(CELL, wait(1))
    study.group = Group({"persona": "Planner"})
    assert PERSONAS["P1"] == {"persona": "Planner"}
    assert study.draft.edits.pinned == {CELL: (wait(1),)}
    assert wait(0) not in ids(study)


def test_a_checked_only_map_shows_no_pin_of_an_unchecked_coding() -> None:
    study = Study()
    study.pin(CELL, wait(0))
    study.group = Group(checked_only=True)
    assert study.draft.edits.pinned == {}


def test_a_sentence_pinned_under_thinking_stands_first_there() -> None:
    study = Study()
    column = study.machine.map.stages[0]
    assert [words(q, study) for q in column.thinking] == ["I thought it would never come."] * 8
    last = column.thinking[-1]
    study.pin("thinking/find", last.coding_id)
    first = study.draft.map.stages[0].thinking[0]
    assert first.coding_id == last.coding_id
    assert study.draft.edits.pinned == {"thinking/find": (last.coding_id,)}


def test_a_pinned_sentence_is_found_when_the_stage_is_coded_again() -> None:
    study = Study()
    quote = study.machine.map.stages[0].thinking[-1]
    pin = study.pin("thinking/find", quote.coding_id)
    pin.value["quote"].update(start_char=quote.start_char, end_char=quote.end_char)
    study.coder = "llm:b"
    (_, *others) = thinking = study.draft.map.stages[0].thinking
    assert words(thinking[0], study) == "I thought it would never come."
    assert thinking[0].coding_id == coding_id(quote.segment_id, "find", "llm:b")
    assert len(others) == 7


def test_a_pin_under_a_code_that_was_merged_stands_under_the_one_it_was_merged_into() -> None:
    study = Study()
    study.pin("pain_point/join/wait", wait(0))
    codes = [
        replace(c, status="retired", merged_into="broken") if c.id == "wait" else c
        for c in study.book.codes
    ]
    study.book = replace(study.book, codes=tuple(codes))
    study.codes = {
        s: ["broken" if c == "wait" else c for c in codes] for s, codes in usual_codes().items()
    }
    broken = coding_id(segment_id(0, 1), "broken")
    assert study.draft.edits.pinned == {"pain_point/join/broken": (broken,)}
