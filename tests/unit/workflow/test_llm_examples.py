"""What people judged at the review becomes the examples that a model is shown."""

from __future__ import annotations

import pytest

from qualcode.coders.llm.coding_step import Example
from qualcode.workflow.llm_examples import chosen_examples
from qualcode.workflow.llm_veil import veil_of
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.study import Study
from tests.review_sample import Reviewer, blind_ids, open_ids

PAIN = "pain_point"


@pytest.fixture
def ada(index: ReviewIndex) -> Reviewer:
    return Reviewer(index, "Ada")


def examples(index: ReviewIndex) -> tuple[Example, ...]:
    veil = veil_of(index.study, index.study.repository.sources.documents())
    return chosen_examples(index.study, veil)


def text_of(index: ReviewIndex, segment: str) -> str:
    return index.texts[index.place[segment]].text


def open_with(index: ReviewIndex, words: str) -> list[str]:
    """Return open segments that say something."""
    return [one for one in open_ids(index) if words in text_of(index, one)]


def test_without_a_review_there_is_no_example(index: ReviewIndex) -> None:
    assert examples(index) == ()


def test_what_people_accepted_and_rejected_are_examples(ada: Reviewer) -> None:
    yes, no, *_ = open_with(ada.index, "The queue was slow")
    ada.mark("accept", yes, PAIN, "wait")
    ada.mark("reject", no, PAIN, "wait")
    assert examples(ada.index) == (
        Example("wait", True, text_of(ada.index, yes)),
        Example("wait", False, text_of(ada.index, no)),
    )


def test_a_code_that_a_person_added_is_an_example(ada: Reviewer) -> None:
    segment = open_ids(ada.index)[0]
    ada.mark("add", segment, "need", "sign")
    assert examples(ada.index) == (Example("sign", True, text_of(ada.index, segment)),)


def test_what_the_machine_had_wrong_goes_first(ada: Reviewer) -> None:
    right = open_with(ada.index, "The queue was slow")[:4]
    for segment in right:
        ada.mark("accept", segment, PAIN, "wait")
    missed = open_with(ada.index, "broken")[0]
    ada.mark("add", missed, PAIN, "wait")
    first, *others = examples(ada.index)
    assert first.text == text_of(ada.index, missed)
    assert len(others) == 2 and {one.text for one in others} <= {
        text_of(ada.index, segment) for segment in right
    }


def test_no_example_comes_from_a_place_kept_for_judging_blind(ada: Reviewer) -> None:
    blind = blind_ids(ada.index)[:3]
    for segment in blind:
        ada.mark("add", segment, PAIN, "broken")
        ada.done(segment)
    assert examples(ada.index) == ()


def test_what_two_people_disagree_on_is_no_example(ada: Reviewer) -> None:
    segment = open_with(ada.index, "The queue was slow")[0]
    ada.mark("accept", segment, PAIN, "wait")
    Reviewer(ada.index, "Ben").mark("reject", segment, PAIN, "wait")
    assert examples(ada.index) == ()


def test_words_of_which_only_a_part_was_meant_are_that_part(ada: Reviewer) -> None:
    segment = open_with(ada.index, "The barrier and the queue")[0]
    start = ada.index.texts[ada.index.place[segment]].segment.start_char
    ada.send(
        "add",
        segment,
        family="need",
        code="sign",
        start_char=start,
        end_char=start + len("The barrier"),
    )
    assert examples(ada.index) == (Example("sign", True, "The barrier"),)


def test_the_same_judgements_give_the_same_examples(ada: Reviewer) -> None:
    for segment in open_ids(ada.index)[:12]:
        ada.judge_suggestions(segment)
    with Study(ada.index.study.path) as again:
        assert chosen_examples(again, veil_of(again, again.repository.sources.documents())) == (
            examples(ada.index)
        )


def test_no_code_takes_the_room_of_the_others(ada: Reviewer) -> None:
    for segment in open_with(ada.index, "slow")[:12]:
        ada.mark("accept", segment, PAIN, "wait")
    ada.mark("add", open_with(ada.index, "broken")[0], "need", "sign")
    assert [one.code for one in examples(ada.index)] == ["wait", "wait", "wait", "sign"]


def test_a_name_listed_since_is_masked_in_the_examples(ada: Reviewer) -> None:
    segment = open_with(ada.index, "Back to the car")[0]
    ada.mark("add", segment, "need", "sign")
    settings = ada.index.study.path / "study.toml"
    text = settings.read_text(encoding="utf-8")
    assert "# names = []" in text
    settings.write_text(
        text.replace("# names = []", 'names = ["Back"]'), encoding="utf-8", newline="\n"
    )
    with Study(ada.index.study.path) as opened:
        veil = veil_of(opened, opened.repository.sources.documents())
        (one,) = chosen_examples(opened, veil)
    assert one.text.startswith("[PERSON_") and "Back" not in one.text
