"""What a page sends is checked, one event at a time, and stored once."""

from typing import Any

import pytest

from qualcode.records import Role
from qualcode.review_events import Action, Part
from qualcode.workflow import codebook
from qualcode.workflow.mask import mask
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_item import reveal
from qualcode.workflow.review_queue import make_batch
from qualcode.workflow.review_record import record
from tests.review_sample import Reviewer, blind_ids, open_ids

PAIN = "pain_point"


@pytest.fixture
def ada(index: ReviewIndex) -> Reviewer:
    return Reviewer(index, "Ada")


@pytest.fixture
def segment(index: ReviewIndex) -> str:
    return open_ids(index)[0]


def span(index: ReviewIndex, segment_id: str) -> tuple[int, int]:
    own = index.texts[index.place[segment_id]].segment
    return own.start_char, own.end_char


def adding(ada: Reviewer, segment_id: str, **fields: Any) -> str:
    """Send an added code, changed by fields, and return why it was refused."""
    start, end = span(ada.index, segment_id)
    told = {"family": PAIN, "code": "dear", "start_char": start, "end_char": end, **fields}
    return ada.send("add", segment_id, **told).refused


def stored(index: ReviewIndex) -> list[Action]:
    return [event.action for event in index.study.repository.review_events.all()]


def test_a_valid_event_is_stored_with_author_part_and_time(ada: Reviewer, segment: str) -> None:
    got = ada.mark("accept", segment, PAIN, "wait")
    (event,) = ada.index.study.repository.review_events.all()
    assert (got.id, got.is_new, got.refused) == (1, True, "")
    assert (event.author, event.part, event.code) == ("Ada", Part.REVIEWER, "wait")


def test_what_is_sent_again_is_answered_and_not_stored_again(
    index: ReviewIndex, segment: str
) -> None:
    sent = [{"uid": "u1", "segment_id": segment, "action": "flag"}]
    first = record(index, "Ada", Part.REVIEWER, sent)
    again = record(index, "Ada", Part.REVIEWER, sent)
    assert [(r[0].id, r[0].is_new) for r in (first, again)] == [(1, True), (1, False)]
    assert stored(index) == [Action.FLAG]


def test_one_invalid_event_holds_up_no_other(index: ReviewIndex, segment: str) -> None:
    sent = [
        {"uid": "u1", "segment_id": segment, "action": "flag"},
        {"uid": "u2", "segment_id": "seg_nowhere", "action": "flag"},
        {"uid": "u3", "segment_id": segment, "action": "skip"},
    ]
    answers = record(index, "Ada", Part.REVIEWER, sent)
    assert [(a.uid, bool(a.refused)) for a in answers] == [
        ("u1", False),
        ("u2", True),
        ("u3", False),
    ]
    assert stored(index) == [Action.FLAG, Action.SKIP]


@pytest.mark.parametrize("uid", ["", None, 7, "x" * 101, "reveal/Ada/seg", "bulk/b/0", "\ud800"])
def test_a_uid_that_is_none_is_refused(index: ReviewIndex, segment: str, uid: object) -> None:
    sent = {"uid": uid, "segment_id": segment, "action": "flag"}
    (answer,) = record(index, "Ada", Part.REVIEWER, [sent])
    assert answer.refused and stored(index) == []


@pytest.mark.parametrize("action", ["", "explode", "reveal", None, 3])
def test_an_action_that_a_page_may_not_send_is_refused(
    ada: Reviewer, segment: str, action: Any
) -> None:
    assert ada.send(action, segment).refused
    assert stored(ada.index) == []


def test_an_interviewers_segment_takes_no_event(ada: Reviewer) -> None:
    own = next(t.segment.id for t in ada.index.texts if t.segment.role is Role.INTERVIEWER)
    assert "interviewer" in ada.send("flag", own).refused


@pytest.mark.parametrize(
    ("family", "code"), [("need", "dear"), (PAIN, "unheard_of"), ("", ""), (PAIN, 5)]
)
def test_a_code_that_the_book_lacks_in_that_family_is_refused(
    ada: Reviewer, segment: str, family: Any, code: Any
) -> None:
    assert adding(ada, segment, family=family, code=code)


@pytest.mark.parametrize(
    ("start", "end"),
    [(None, None), (0, 0), (5, 5), (9, 3), (-2, 4), ("0", "4"), (True, 5), (0.0, 4.0)],
)
def test_a_span_that_is_none_is_refused(
    ada: Reviewer, segment: str, start: object, end: object
) -> None:
    assert adding(ada, segment, start_char=start, end_char=end) == "it names no words"


def test_words_outside_the_segments_turn_are_refused(ada: Reviewer, segment: str) -> None:
    _, end = span(ada.index, segment)
    assert "outside the segment's turn" in adding(ada, segment, end_char=end + 1)


def talk_segment(index: ReviewIndex) -> str:
    return next(
        t.segment.id
        for t in index.texts
        if t.path == "talk.txt" and t.segment.role is not Role.INTERVIEWER
    )


def test_an_interviewers_words_are_refused(ada: Reviewer) -> None:
    segment_id = talk_segment(ada.index)
    asked = next(t.segment for t in ada.index.texts if t.segment.role is Role.INTERVIEWER)
    refused = adding(ada, segment_id, start_char=asked.start_char, end_char=asked.end_char)
    assert "outside the segment's turn" in refused


def test_words_of_white_space_are_refused(ada: Reviewer) -> None:
    segment_id = talk_segment(ada.index)
    segment = ada.index.texts[ada.index.place[segment_id]].segment
    text = ada.index.conversation(ada.index.place[segment_id]).text
    blank = text.index(" ", segment.start_char)
    assert adding(ada, segment_id, start_char=blank, end_char=blank + 1) == "it names no words"


def test_what_the_page_says_of_blindness_author_and_part_does_not_count(
    ada: Reviewer, segment: str
) -> None:
    ada.send("flag", segment, is_blind=True, author="Bob", part="adjudicator", batch="b")
    (event,) = ada.index.study.repository.review_events.all()
    told = (event.is_blind, event.author, event.part, event.batch)
    assert told == (False, "Ada", Part.REVIEWER, "")


def test_events_on_a_blind_item_are_blind_until_the_reveal(ada: Reviewer) -> None:
    segment_id = blind_ids(ada.index)[0]
    ada.mark("add", segment_id, PAIN, "dear")
    ada.done(segment_id)
    reveal(ada.index, "Ada", segment_id)
    ada.mark("reject", segment_id, PAIN, "dear")
    events = ada.index.study.repository.review_events.all()
    assert [event.is_blind for event in events] == [True, True, False, False]


def test_an_undoing_after_the_reveal_is_not_blind(ada: Reviewer) -> None:
    segment_id = blind_ids(ada.index)[0]
    done = ada.done(segment_id)
    reveal(ada.index, "Ada", segment_id)
    ada.undo(done.uid)
    assert not ada.index.study.repository.review_events.all()[-1].is_blind


def test_a_reveal_cannot_be_undone(ada: Reviewer) -> None:
    segment_id = blind_ids(ada.index)[0]
    ada.done(segment_id)
    reveal(ada.index, "Ada", segment_id)
    assert ada.undo(f"reveal/Ada/{segment_id}").refused == "what was revealed stays seen"


def test_undo_and_redo_go_back_and_forth(ada: Reviewer, segment: str) -> None:
    marked = ada.mark("reject", segment, PAIN, "wait")
    undone = ada.undo(marked.uid)
    assert ada.sees(segment).mine.marks == ()
    ada.undo(undone.uid)
    assert [mark.code for mark in ada.sees(segment).mine.marks] == ["wait"]


def test_an_event_and_its_undoing_may_come_together(index: ReviewIndex, segment: str) -> None:
    sent = [
        {"uid": "u1", "segment_id": segment, "action": "flag"},
        {"uid": "u2", "action": "undo", "undoes": "u1"},
    ]
    answers = record(index, "Ada", Part.REVIEWER, sent)
    assert [answer.refused for answer in answers] == ["", ""]


def test_nobody_undoes_what_another_person_did(ada: Reviewer, segment: str) -> None:
    marked = ada.mark("reject", segment, PAIN, "wait")
    assert Reviewer(ada.index, "Bob").undo(marked.uid).refused == "what it takes back is another's"


def test_what_is_not_there_cannot_be_undone(ada: Reviewer) -> None:
    assert ada.undo("nothing").refused == "what it takes back is not there"


@pytest.mark.parametrize("families", [None, [], "stage", ["unheard_of"], [3], {"stage": 1}])
def test_being_done_needs_families_of_the_book(
    ada: Reviewer, segment: str, families: object
) -> None:
    assert ada.send("done", segment, value={"families": families}).refused


def test_being_done_is_told_with_the_codebook_that_the_person_had(
    ada: Reviewer, segment: str
) -> None:
    ada.done(segment)
    (event,) = ada.index.study.repository.review_events.all()
    assert event.value["codebook"] == ada.index.study.codebook.fingerprint()


def test_being_done_with_a_codebook_that_the_study_never_had_is_refused(
    ada: Reviewer, segment: str
) -> None:
    value = {"families": ["stage"], "codebook": "abc"}
    assert "load the page again" in ada.send("done", segment, value=value).refused


def test_being_done_with_an_earlier_codebook_is_about_the_codes_of_then(
    ada: Reviewer, segment: str
) -> None:
    from qualcode.codebook.codes import Code

    study = ada.index.study
    then = study.codebook.fingerprint()
    codebook.add(study, Code("", "Lost", PAIN, include=("lost",)), by="Ada")
    later = Reviewer(ReviewIndex(study), "Ada")
    value = {"families": [PAIN], "codebook": then}
    assert later.send("done", segment, value=value).refused == ""
    own = later.index.people.of("Ada", Part.REVIEWER, later.index.place[segment])
    assert own is not None
    assert (own.applies(PAIN, "dear"), own.applies(PAIN, "lost")) == (False, None)


@pytest.mark.parametrize("text", ["", "   ", None, 5, "x" * 10_001])
def test_a_note_without_words_is_refused(ada: Reviewer, segment: str, text: object) -> None:
    assert ada.send("note", segment, value={"text": text}).refused


@pytest.mark.parametrize("value", [5, "text", ["a"]])
def test_a_value_that_is_no_object_is_refused(ada: Reviewer, segment: str, value: object) -> None:
    assert ada.send("flag", segment, value=value).refused == "its value is no object"


def test_a_change_names_what_it_replaces(ada: Reviewer, segment: str) -> None:
    start, end = span(ada.index, segment)
    told = {"family": PAIN, "code": "dear", "start_char": start, "end_char": end}
    assert ada.send("change", segment, value={"instead_of": "nothing"}, **told).refused
    assert not ada.send("change", segment, value={"instead_of": "wait"}, **told).refused


def test_a_refusal_never_holds_what_a_participant_said(ada: Reviewer, segment: str) -> None:
    words = ada.index.texts[ada.index.place[segment]].text
    for fields in ({"uid": words + "x" * 100}, {"reason": [words]}, {"value": [words]}):
        assert words not in ada.send("flag", segment, **fields).refused


def test_a_person_at_work_keeps_what_he_or_she_has(index: ReviewIndex) -> None:
    batch = make_batch(index, "Ada", "new", 3)
    leases = index.study.repository.leases
    before = {segment_id for segment_id, _ in leases.holders()}
    Reviewer(index, "Ada").done(batch.segment_ids[0])
    assert {segment_id for segment_id, _ in leases.holders()} == before


def test_names_in_notes_are_masked_with_the_study(ada: Reviewer, segment: str) -> None:
    ada.send("note", segment, value={"text": "Zebulonia said this"})
    ada.mark("reject", segment, PAIN, "wait")
    ada.send("reject", segment, family=PAIN, code="dear", reason="Zebulonia is wrong")
    mask(ada.index.study, ["Zebulonia"])
    told = str(ada.index.study.repository.review_events.all())
    assert "Zebulonia" not in told and told.count("[PERSON_") == 2


def test_what_a_page_showed_with_suggestions_is_not_blind_though_the_place_is_reserved_since(
    index: ReviewIndex,
) -> None:
    ada = Reviewer(index, "Ada")
    one, other = blind_ids(index)[:2]
    ada.send("flag", one, is_blind=False)
    ada.send("flag", other, is_blind=True)
    events = {e.segment_id: e.is_blind for e in index.study.repository.review_events.all()}
    assert events == {one: False, other: True}
