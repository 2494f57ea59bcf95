"""Who decided what, when, on which suggestion."""

from dataclasses import asdict

from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_log import OWN_WORDS, review_log
from tests.review_sample import Reviewer, open_ids


def a_suggestion(index: ReviewIndex) -> tuple[str, str, str, str]:
    """Return segment, family, code and id of a coding by the machine."""
    for segment_id in open_ids(index):
        for judgement in index.study.repository.judgements.current([segment_id]):
            for coding in judgement.codings:
                return segment_id, coding.family, coding.code, coding.id
    raise AssertionError("the machine proposes nothing")


def test_a_decision_tells_the_suggestion_its_coder_and_its_score(index: ReviewIndex) -> None:
    segment_id, family, code, coding_id = a_suggestion(index)
    Reviewer(index, "Ada").send(
        "reject", segment_id, family=family, code=code, value={"coding_id": coding_id}
    )
    (logged,) = review_log(index.study)
    (coding,) = [
        c
        for j in index.study.repository.judgements.current([segment_id])
        for c in j.codings
        if c.id == coding_id
    ]
    assert (logged.author, logged.action, logged.code) == ("Ada", "reject", code)
    assert (logged.coding_id, logged.coder, logged.score) == (
        coding_id,
        coding.coder,
        coding.score,
    )


def test_of_a_suggestion_that_is_unknown_the_score_that_was_seen_is_told_and_no_coder(
    index: ReviewIndex,
) -> None:
    segment_id, family, code, coding_id = a_suggestion(index)
    _, seen = index.study.repository.judgements.ever_proposed([segment_id])[coding_id]
    Reviewer(index, "Ada").send(
        "reject", segment_id, family=family, code=code, value={"coding_id": "cod_gone"}
    )
    (logged,) = review_log(index.study)
    assert (logged.coding_id, logged.coder, logged.score) == ("cod_gone", None, seen)


def test_an_undoing_says_what_it_took_back_and_a_redo_brings_it_again(
    index: ReviewIndex,
) -> None:
    ada = Reviewer(index, "Ada")
    flag = ada.send("flag", open_ids(index)[0])
    undo = ada.undo(flag.uid)
    first, second = review_log(index.study)
    assert (first.stands, first.undone_by, second.undoes) == (False, second.id, first.id)
    ada.undo(undo.uid)
    assert [e.stands for e in review_log(index.study)] == [True, False, True]


def test_no_words_of_a_person_are_told(index: ReviewIndex) -> None:
    segment_id, family, code, _ = a_suggestion(index)
    ada = Reviewer(index, "Ada")
    ada.send("note", segment_id, value={"text": "as Bartholomew says"})
    ada.send("reject", segment_id, family=family, code=code, reason="as Bartholomew says")
    ada.send("reject", segment_id, family=family, code=code, reason="wrong_place")
    logged = review_log(index.study)
    assert "Bartholomew" not in str([asdict(event) for event in logged])
    assert [event.reason for event in logged] == ["", OWN_WORDS, "wrong_place"]


def test_the_log_can_be_of_one_person_or_one_segment(index: ReviewIndex) -> None:
    first, second = open_ids(index)[:2]
    Reviewer(index, "Ada").send("flag", first)
    Reviewer(index, "Ben").send("flag", second)
    assert [e.segment_id for e in review_log(index.study, author="Ada")] == [first]
    assert [e.author for e in review_log(index.study, segment_id=second)] == ["Ben"]
    assert review_log(index.study, author="Ada", segment_id=second) == ()
