"""What a person may see of a segment before and after judging it."""

import json

import pytest

from qualcode.coders.local.weights import model_id
from qualcode.errors import UsageError
from qualcode.records import Role
from qualcode.review_events import Action, Part
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_item import item, reveal
from tests.review_sample import Reviewer, blind_ids, open_ids

PAIN = "pain_point"


@pytest.fixture
def ada(index: ReviewIndex) -> Reviewer:
    return Reviewer(index, "Ada")


@pytest.fixture
def bob(index: ReviewIndex) -> Reviewer:
    return Reviewer(index, "Bob")


@pytest.fixture
def blind(index: ReviewIndex) -> str:
    """Return the id of a blind segment that machines have proposed something for."""
    proposed = {index.texts[at].segment.id for at in index.suggestions.at.tolist()}
    return next(segment_id for segment_id in blind_ids(index) if segment_id in proposed)


@pytest.fixture
def shown(index: ReviewIndex) -> str:
    return open_ids(index)[0]


def keep_vectors(index: ReviewIndex, *segment_ids: str) -> None:
    """Keep one vector for all these texts, as if they meant the same."""
    import numpy as np

    vector = np.zeros(384, np.float32)
    vector[0] = 1
    keys = [index.texts[index.place[segment_id]].key for segment_id in segment_ids]
    index.study.repository.vectors.add(dict.fromkeys(keys, vector), model_id())


def test_an_assisted_item_holds_what_machines_propose(ada: Reviewer, shown: str) -> None:
    seen = ada.sees(shown)
    assert seen.suggestions and not seen.is_blind


def test_suggestions_stand_by_family_most_likely_first(ada: Reviewer, index: ReviewIndex) -> None:
    order = {family: at for at, family in enumerate(index.families)}
    for segment_id in open_ids(index):
        told = [(order[s.family], -s.score) for s in ada.sees(segment_id).suggestions]
        assert told == sorted(told)


def test_a_blind_item_holds_no_suggestion_and_nothing_of_others(
    ada: Reviewer, bob: Reviewer, blind: str
) -> None:
    bob.done(blind)
    seen = ada.sees(blind)
    assert (seen.is_blind, seen.arm) == (True, "blind")
    assert (seen.suggestions, seen.others, seen.similar) == ((), (), ())


def test_a_blind_item_stays_blind_when_the_person_is_done_until_it_is_revealed(
    ada: Reviewer, blind: str
) -> None:
    ada.done(blind)
    seen = ada.sees(blind)
    assert (seen.is_blind, seen.can_reveal, seen.suggestions) == (True, True, ())


def test_a_blind_item_cannot_be_revealed_before_the_person_is_done(
    ada: Reviewer, blind: str
) -> None:
    with pytest.raises(UsageError, match="without suggestions first"):
        reveal(ada.index, "Ada", blind)


def test_being_done_with_some_families_does_not_open_a_blind_item(
    ada: Reviewer, blind: str
) -> None:
    ada.done(blind, ["stage"])
    with pytest.raises(UsageError, match="without suggestions first"):
        reveal(ada.index, "Ada", blind)


def test_a_revealed_item_holds_suggestions(ada: Reviewer, blind: str) -> None:
    ada.done(blind)
    seen = reveal(ada.index, "Ada", blind)
    assert seen.suggestions and not seen.is_blind


def test_revealing_twice_is_one_event(ada: Reviewer, blind: str) -> None:
    ada.done(blind)
    for _ in range(2):
        reveal(ada.index, "Ada", blind)
    events = ada.index.study.repository.review_events.all()
    assert [e.action for e in events].count(Action.REVEAL) == 1


def test_a_reveal_opens_the_item_to_nobody_else(ada: Reviewer, bob: Reviewer, blind: str) -> None:
    ada.done(blind)
    reveal(ada.index, "Ada", blind)
    assert bob.sees(blind).is_blind


def test_undoing_the_judgement_after_the_reveal_makes_nothing_blind_again(
    ada: Reviewer, blind: str
) -> None:
    done = ada.done(blind)
    reveal(ada.index, "Ada", blind)
    ada.undo(done.uid)
    assert not ada.sees(blind).is_blind


def test_an_item_that_is_not_blind_is_revealed_without_an_event(ada: Reviewer, shown: str) -> None:
    reveal(ada.index, "Ada", shown)
    assert ada.index.study.repository.review_events.all() == ()


def test_others_are_seen_only_after_the_own_judgement_is_complete(
    ada: Reviewer, bob: Reviewer, shown: str
) -> None:
    bob.judge_suggestions(shown)
    assert ada.sees(shown).others == ()
    ada.done(shown, ["stage"])
    assert ada.sees(shown).others == ()
    ada.done(shown)
    assert [other.author for other in ada.sees(shown).others] == ["Bob"]


def test_others_are_hidden_again_when_the_own_judgement_is_taken_back(
    ada: Reviewer, bob: Reviewer, shown: str
) -> None:
    bob.judge_suggestions(shown)
    done = ada.done(shown)
    ada.undo(done.uid)
    assert ada.sees(shown).others == ()


def test_the_adjudicator_sees_everybody_and_nothing_is_blind(
    ada: Reviewer, bob: Reviewer, blind: str
) -> None:
    ada.done(blind)
    bob.done(blind)
    seen = Reviewer(ada.index, "Cy", Part.ADJUDICATOR).sees(blind)
    assert [other.author for other in seen.others] == ["Ada", "Bob"]
    assert not seen.is_blind


def test_who_decided_as_adjudicator_is_not_blind_as_a_reviewer_afterwards(
    ada: Reviewer, blind: str
) -> None:
    Reviewer(ada.index, "Ada", Part.ADJUDICATOR).done(blind)
    assert not ada.sees(blind).is_blind


def test_what_the_person_holds_stands_in_the_item(ada: Reviewer, shown: str) -> None:
    (first, *_) = ada.sees(shown).suggestions
    ada.mark("reject", shown, first.family, first.code)
    ada.send("flag", shown)
    ada.send("note", shown, value={"text": "look again"})
    ada.done(shown)
    mine = ada.sees(shown).mine
    assert [(m.code, m.applies) for m in mine.marks] == [(first.code, False)]
    assert (mine.is_flagged, mine.notes) == (True, ("look again",))
    assert set(mine.complete) == {"stage", PAIN, "need"}


def test_a_segment_stands_among_three_turns_before_and_after(index: ReviewIndex) -> None:
    talk = next(
        t.segment
        for t in index.texts
        if t.path == "talk.txt"
        and t.segment.role is not Role.INTERVIEWER
        and t.segment.turn_index > 3
    )
    seen = item(index, "Ada", Part.REVIEWER, talk.id)
    turns = [turn.index - talk.turn_index for turn in seen.turns]
    assert turns == [-3, -2, -1, 0, 1, 2, 3][: len(turns)]
    assert [turn.is_current for turn in seen.turns].index(True) == 3


def test_offsets_point_at_the_words_in_the_turn(index: ReviewIndex) -> None:
    for text in index.texts:
        if text.segment.role is Role.INTERVIEWER:
            continue
        seen = item(index, "Ada", Part.REVIEWER, text.segment.id)
        turn = next(t for t in seen.turns if t.is_current)
        start = seen.segment.start_char - turn.start_char
        end = seen.segment.end_char - turn.start_char
        assert turn.text[start:end] == text.text


def test_an_interviewers_segment_is_refused(index: ReviewIndex) -> None:
    own = next(t.segment.id for t in index.texts if t.segment.role is Role.INTERVIEWER)
    with pytest.raises(UsageError, match="interviewer"):
        item(index, "Ada", Part.REVIEWER, own)


def test_a_segment_that_is_not_there_is_refused(index: ReviewIndex) -> None:
    with pytest.raises(UsageError, match="no segment"):
        item(index, "Ada", Part.REVIEWER, "seg_nowhere")


def test_an_item_is_json(ada: Reviewer, shown: str) -> None:
    told = json.loads(json.dumps(ada.sees(shown).as_json()))
    assert set(told) >= {"segment_id", "turns", "suggestions", "mine", "similar", "others"}


def test_similar_segments_are_those_that_the_person_is_done_with(
    ada: Reviewer, index: ReviewIndex
) -> None:
    first, second, third = open_ids(index)[:3]
    keep_vectors(index, first, second, third)
    assert ada.sees(first).similar == ()
    ada.judge_suggestions(second)
    (similar,) = ada.sees(first).similar
    assert (similar.segment_id, similar.similarity) == (second, 1.0)
    assert {code.author for code in similar.codes} == {"Ada"}


def test_similar_segments_of_other_people_are_not_shown(
    ada: Reviewer, bob: Reviewer, index: ReviewIndex
) -> None:
    first, second = open_ids(index)[:2]
    keep_vectors(index, first, second)
    bob.judge_suggestions(second)
    assert ada.sees(first).similar == ()


def test_what_an_adjudicator_settled_is_shown_as_similar_to_everybody(
    ada: Reviewer, index: ReviewIndex
) -> None:
    first, second = open_ids(index)[:2]
    keep_vectors(index, first, second)
    judge = Reviewer(index, "Cy", Part.ADJUDICATOR)
    judge.judge_suggestions(second)
    (similar,) = ada.sees(first).similar
    assert {code.author for code in similar.codes} == {"Cy"}


def test_a_blind_item_shows_no_similar_segments(
    ada: Reviewer, index: ReviewIndex, blind: str
) -> None:
    other = open_ids(index)[0]
    keep_vectors(index, blind, other)
    ada.judge_suggestions(other)
    assert ada.sees(blind).similar == ()


def test_a_text_without_a_vector_has_no_similar_segments(ada: Reviewer, index: ReviewIndex) -> None:
    first, second = open_ids(index)[:2]
    keep_vectors(index, second)
    ada.judge_suggestions(second)
    assert ada.sees(first).similar == ()
