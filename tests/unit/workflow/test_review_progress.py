"""How far the review is, for one person, for everybody, for each code, for the sample."""

import pytest

from qualcode.review_events import Part
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_item import reveal
from qualcode.workflow.review_progress import mine, progress
from qualcode.workflow.review_work import CodeProgress
from tests.review_sample import Reviewer, blind_ids, heard, open_ids

PAIN = "pain_point"


@pytest.fixture
def ada(index: ReviewIndex) -> Reviewer:
    return Reviewer(index, "Ada")


def code_of(index: ReviewIndex, code: str) -> CodeProgress:
    return next(c for c in progress(index, "Ada").codes if c.code == code)


def test_at_first_everything_is_left(index: ReviewIndex) -> None:
    told = progress(index, "Ada")
    assert (told.mine.done, told.mine.left) == (0, len(heard(index)))
    assert (told.team.done, told.team.left) == (0, len(heard(index)))


def test_a_segment_counts_as_done_once_all_families_are(ada: Reviewer) -> None:
    first = heard(ada.index)[0]
    ada.done(first, ["stage"])
    assert mine(ada.index, "Ada").done == 0
    ada.done(first, [PAIN, "need"])
    assert mine(ada.index, "Ada").done == 1


def test_what_two_people_are_done_with_counts_once_for_the_team(ada: Reviewer) -> None:
    first, second = heard(ada.index)[:2]
    ada.done(first)
    for segment_id in (first, second):
        Reviewer(ada.index, "Bob").done(segment_id)
    told = progress(ada.index, "Ada")
    assert (told.mine.done, told.team.done) == (1, 2)
    assert told.people == (("Ada", 1), ("Bob", 2))


def test_what_is_undone_is_left_again(ada: Reviewer) -> None:
    done = ada.done(heard(ada.index)[0])
    ada.undo(done.uid)
    assert mine(ada.index, "Ada").done == 0


def test_decisions_flags_and_skips_are_counted(ada: Reviewer) -> None:
    first, second = open_ids(ada.index)[:2]
    ada.mark("reject", first, PAIN, "wait")
    ada.mark("add", first, PAIN, "dear")
    ada.send("flag", first)
    ada.send("skip", second)
    counts = mine(ada.index, "Ada")
    assert (counts.n_decisions, counts.flagged, counts.skipped) == (2, 1, 1)


def test_a_code_tells_what_became_of_what_machines_proposed(ada: Reviewer) -> None:
    index = ada.index
    proposed = [
        i for i in open_ids(index) if (PAIN, "wait") in index.suggestions.codes_of(index.place[i])
    ]
    before = code_of(index, "wait")
    ada.mark("accept", proposed[0], PAIN, "wait")
    ada.mark("reject", proposed[1], PAIN, "wait")
    ada.mark("accept", proposed[2], PAIN, "wait")
    Reviewer(index, "Bob").mark("reject", proposed[2], PAIN, "wait")
    now = code_of(index, "wait")
    assert (now.proposed, now.accepted, now.rejected, now.contested) == (before.proposed, 1, 1, 1)
    assert now.left == before.left - 3


def test_what_people_gave_where_no_machine_had_is_added(ada: Reviewer) -> None:
    index = ada.index
    without = next(
        i
        for i in open_ids(index)
        if (PAIN, "dear") not in index.suggestions.codes_of(index.place[i])
    )
    added = ada.mark("add", without, PAIN, "dear")
    assert code_of(index, "dear").added == 1
    ada.undo(added.uid)
    assert code_of(index, "dear").added == 0


def test_contested_segments_are_those_that_the_person_may_know_of(ada: Reviewer) -> None:
    bob = Reviewer(ada.index, "Bob")
    segment_id = blind_ids(ada.index)[0]
    ada.mark("add", segment_id, PAIN, "dear")
    ada.done(segment_id)
    bob.done(segment_id)
    told = progress(ada.index, "Ada")
    assert (told.mine.contested, told.team.contested) == (0, 1)
    reveal(ada.index, "Ada", segment_id)
    assert mine(ada.index, "Ada").contested == 1


def test_an_adjudicated_segment_is_contested_no_more(ada: Reviewer) -> None:
    segment_id = open_ids(ada.index)[0]
    ada.judge_suggestions(segment_id)
    Reviewer(ada.index, "Bob").judge_suggestions(segment_id, "reject")
    assert progress(ada.index, "Ada").team.contested == 1
    Reviewer(ada.index, "Cy", Part.ADJUDICATOR).judge_suggestions(segment_id)
    assert progress(ada.index, "Ada").team.contested == 0


def test_the_sample_counts_the_judged_beginning_and_what_lies_beyond_gaps(ada: Reviewer) -> None:
    index = ada.index
    run = [index.texts[at].segment.id for at in max(index.order.runs, key=len)]
    for segment_id in (run[0], run[1], run[3]):
        ada.done(segment_id)
    sample = progress(index, "Ada").sample
    assert (sample.n_judged, sample.n_beyond_gaps) == (2, 1)
    assert sample.n_segments == len(heard(index))
    assert sample.n_reserved == sample.n_blind + int(index.order.is_assisted.sum())


def test_assisted_items_of_the_sample_are_counted_apart(ada: Reviewer) -> None:
    index = ada.index
    assisted = next(
        t.segment.id for t, yes in zip(index.texts, index.order.is_assisted, strict=True) if yes
    )
    ada.done(assisted)
    sample = progress(index, "Ada").sample
    assert (sample.n_assisted, sample.n_judged) == (1, 0)
