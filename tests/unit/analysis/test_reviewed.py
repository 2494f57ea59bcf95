"""What a person holds of a segment follows from what he or she did to it."""

from dataclasses import replace

from qualcode.analysis.reviewed import Reviewed, fold, judgements_of, seen_with_book
from qualcode.codebook.codes import Code
from qualcode.records import Verdict
from qualcode.review_events import Action, Part, ReviewEvent, standing_events
from tests.review_sample import BOOK, SEGMENT, codes_of, event, numbered

PAIN = "pain_point"
KEY = ("Ada", SEGMENT, Part.REVIEWER)
DONE = event(Action.DONE, value={"families": [PAIN], "codebook": "f"})


def accept(code: str = "wait", **fields: object) -> ReviewEvent:
    return event(Action.ACCEPT, family=PAIN, code=code, **fields)


def reject(code: str = "wait", **fields: object) -> ReviewEvent:
    return event(Action.REJECT, family=PAIN, code=code, **fields)


def undo(uid: str, own_uid: str = "", **fields: object) -> ReviewEvent:
    return event(Action.UNDO, own_uid, undoes=uid, **fields)


def held(*events: ReviewEvent, blind_only: bool = False) -> Reviewed:
    return fold(numbered(*events), codes_of, blind_only=blind_only)[KEY]


def test_an_accepted_code_is_a_yes_on_its_words() -> None:
    mark = held(accept()).marks[PAIN, "wait"]
    assert (mark.applies, mark.start_char, mark.end_char) == (True, 10, 50)


def test_a_rejected_code_is_a_no_without_words() -> None:
    mark = held(reject(reason="wrong_code")).marks[PAIN, "wait"]
    assert (mark.applies, mark.start_char, mark.reason) == (False, None, "wrong_code")


def test_the_last_word_on_a_code_counts() -> None:
    assert held(accept(), reject()).applies(PAIN, "wait") is False


def test_what_nobody_judged_is_neither_yes_nor_no() -> None:
    assert held(accept()).applies(PAIN, "dear") is None


def test_being_done_with_a_family_is_a_no_to_every_code_that_was_not_set() -> None:
    one = held(accept(), DONE)
    assert {c.id: one.applies(PAIN, c.id) for c in BOOK.family(PAIN)} == {
        "wait": True,
        "wait_exit": False,
        "broken": False,
        "dear": False,
    }


def test_being_done_says_nothing_of_another_family() -> None:
    assert held(DONE).applies("stage", "find") is None


def test_a_changed_code_is_a_yes_to_the_new_and_a_no_to_the_old_one() -> None:
    change = event(Action.CHANGE, family=PAIN, code="dear", value={"instead_of": "wait"})
    one = held(change)
    assert (one.applies(PAIN, "dear"), one.applies(PAIN, "wait")) == (True, False)


def test_moved_words_keep_the_suggestion_that_they_answer() -> None:
    moved = event(Action.SPAN, family=PAIN, code="wait", start_char=12, end_char=20)
    mark = held(accept(value={"coding_id": "cod_1"}), moved).marks[PAIN, "wait"]
    assert (mark.start_char, mark.end_char, mark.coding_id) == (12, 20, "cod_1")


def test_a_cleared_code_is_as_if_nothing_had_been_said() -> None:
    cleared = event(Action.CLEAR, family=PAIN, code="wait")
    assert held(accept(), cleared).applies(PAIN, "wait") is None


def test_an_undone_event_does_not_stand() -> None:
    events = numbered(accept(uid="a"), undo("a"))
    assert fold(events, codes_of) == {}


def test_undoing_an_undoing_brings_the_event_back() -> None:
    assert held(accept(uid="a"), undo("a", "u"), undo("u")).applies(PAIN, "wait") is True


def test_undo_goes_back_to_the_beginning() -> None:
    keys = [accept(uid="a"), reject(uid="b"), replace(DONE, uid="c")]
    back = [undo("c"), undo("b"), undo("a")]
    assert standing_events(numbered(*keys, *back)) == []


def test_nobody_takes_back_what_another_person_did() -> None:
    assert held(accept(uid="a"), undo("a", author="Bob")).applies(PAIN, "wait") is True


def test_flags_and_notes_are_kept_and_taken_off() -> None:
    note = event(Action.NOTE, value={"text": "look again"})
    one = held(event(Action.FLAG), note, event(Action.UNFLAG))
    assert (one.is_flagged, one.notes) == (False, ["look again"])


def test_a_segment_that_was_passed_over_is_so_until_something_is_said_of_it() -> None:
    skip = event(Action.SKIP)
    assert (held(skip).is_skipped, held(skip, accept()).is_skipped) == (True, False)


def test_the_same_person_holds_apart_what_he_decided_as_adjudicator() -> None:
    folded = fold(numbered(accept(), reject(part=Part.ADJUDICATOR)), codes_of)
    assert {key[2]: one.applies(PAIN, "wait") for key, one in folded.items()} == {
        Part.REVIEWER: True,
        Part.ADJUDICATOR: False,
    }


REVEAL = event(Action.REVEAL)


def test_what_is_changed_after_the_reveal_leaves_the_blind_record_as_it_was() -> None:
    events = [accept(is_blind=True), replace(DONE, is_blind=True), REVEAL, reject()]
    assert held(*events, blind_only=True).applies(PAIN, "wait") is True
    assert held(*events).applies(PAIN, "wait") is False


def test_what_is_undone_after_the_reveal_stays_in_the_blind_record() -> None:
    events = [accept(uid="a", is_blind=True), REVEAL, undo("a")]
    assert held(*events, blind_only=True).applies(PAIN, "wait") is True
    assert fold(numbered(*events), codes_of) == {}


def test_what_is_undone_before_the_reveal_is_not_in_the_blind_record() -> None:
    events = [accept(uid="a", is_blind=True), undo("a", is_blind=True), REVEAL]
    assert fold(numbered(*events), codes_of, blind_only=True) == {}


def test_a_reveal_alone_makes_no_decision_less_blind() -> None:
    assert held(accept(is_blind=True), REVEAL).is_blind is True


def test_a_bulk_mark_is_no_bulk_mark_any_more_once_the_person_was_done_with_the_segment() -> None:
    bulk = accept(batch="b")
    marks = [held(bulk).marks[PAIN, "wait"], held(bulk, DONE).marks[PAIN, "wait"]]
    assert [mark.is_bulk for mark in marks] == [True, False]


MERGED = replace(
    BOOK,
    codes=tuple(
        replace(code, status="retired", merged_into="dear") if code.id == "broken" else code
        for code in BOOK.codes
    ),
)
seen_merged = seen_with_book(MERGED)


def test_a_yes_to_a_merged_code_is_a_yes_to_the_one_it_was_merged_into() -> None:
    one = seen_merged(held(accept("broken"), reject("dear"), DONE))
    assert one.marks[PAIN, "dear"].applies is True
    assert (PAIN, "broken") not in one.marks


def test_a_yes_to_the_survivor_outweighs_a_no_to_the_merged_code() -> None:
    assert seen_merged(held(accept("dear"), reject("broken"))).applies(PAIN, "dear") is True


def test_what_was_absent_before_a_merge_is_absent_after_it() -> None:
    assert seen_merged(held(DONE)).complete == {PAIN: frozenset({"wait", "wait_exit", "dear"})}


def test_what_was_said_of_a_retired_code_is_left_out() -> None:
    gone = replace(
        BOOK, codes=tuple(replace(c, status="retired") if c.id == "wait" else c for c in BOOK.codes)
    )
    one = seen_with_book(gone)(held(accept("wait"), accept("dear")))
    assert set(one.marks) == {(PAIN, "dear")}


def test_a_code_that_the_book_got_later_was_not_judged() -> None:
    later = replace(BOOK, codes=(*BOOK.codes, Code("lost", "Lost", PAIN)))
    assert seen_with_book(later)(held(DONE)).applies(PAIN, "lost") is None


def test_complete_judgements_are_records_like_those_of_any_coder() -> None:
    (record,) = judgements_of([held(accept(), DONE)], {SEGMENT: "doc_1"})
    assert (record.family, record.coder, record.verdict) == (PAIN, "human:Ada", Verdict.CODED)
    assert [(c.code, c.start_char, c.end_char, c.score) for c in record.codings] == [
        ("wait", 10, 50, 1.0)
    ]


def test_a_family_that_was_judged_in_part_gives_no_record() -> None:
    assert judgements_of([held(accept())], {SEGMENT: "doc_1"}) == ()


def test_judgements_on_segments_that_the_study_lost_are_left_out() -> None:
    assert judgements_of([held(DONE)], {}) == ()
