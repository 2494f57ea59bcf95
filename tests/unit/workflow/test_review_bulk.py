"""Many suggestions are accepted at once only after random ones of them were judged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualcode.errors import UsageError
from qualcode.workflow import review_filter
from qualcode.workflow.review_bulk import BulkFilter, bulk_accept, bulk_preview, bulk_undo
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_queue import make_batch
from tests.review_sample import Reviewer, make_study

PAIN = "pain_point"
WAIT = BulkFilter(PAIN, "wait")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ReviewIndex]:
    with make_study(tmp_path / "reviewed", n_rows=200) as opened:
        yield ReviewIndex(opened)


@pytest.fixture
def ada(index: ReviewIndex) -> Reviewer:
    return Reviewer(index, "Ada")


def judge(ada: Reviewer, n_right: int, n_wrong: int = 0) -> list[str]:
    """Judge random ones of the filter as its queue offers them, the wrong ones first."""
    batch = make_batch(ada.index, ada.name, f"bulk:{WAIT.text}", n_right + n_wrong)
    for number, segment_id in enumerate(batch.segment_ids):
        ada.mark("reject" if number < n_wrong else "accept", segment_id, PAIN, "wait")
    return list(batch.segment_ids)


def statuses(index: ReviewIndex) -> dict[str, int]:
    counted: dict[str, int] = {}
    for coding in index.study.corpus().codings():
        if coding.code == "wait":
            counted[coding.status] = counted.get(coding.status, 0) + 1
    return counted


def test_nothing_is_accepted_before_ten_random_ones_were_judged(ada: Reviewer) -> None:
    judge(ada, 9)
    with pytest.raises(UsageError, match="judge 1 more random ones first"):
        bulk_accept(ada.index, "Ada", WAIT)


def test_none_wrong_in_ten_means_up_to_26_percent(ada: Reviewer) -> None:
    judge(ada, 10)
    preview = bulk_preview(ada.index, "Ada", WAIT)
    assert (preview.n_judged, preview.n_wrong, preview.refused) == (10, 0, "")
    assert preview.highest_error == pytest.approx(1 - 0.05**0.1, abs=1e-12)


def test_each_wrong_one_raises_the_bound(ada: Reviewer) -> None:
    judge(ada, 9, n_wrong=1)
    preview = bulk_preview(ada.index, "Ada", WAIT)
    assert preview.n_wrong == 1
    assert preview.highest_error == pytest.approx(0.394163, abs=1e-6)  # 1 of 10, tables


def test_before_anything_was_judged_there_is_no_bound(index: ReviewIndex) -> None:
    preview = bulk_preview(index, "Ada", WAIT)
    assert (preview.highest_error, preview.n_needed) == (None, 10)


def test_accepting_marks_what_is_left_as_bulk_and_not_as_checked(ada: Reviewer) -> None:
    judged = judge(ada, 10)
    n_codings = bulk_preview(ada.index, "Ada", WAIT).n_codings
    result = bulk_accept(ada.index, "Ada", WAIT)
    found = statuses(ada.index)
    assert result.n_codings == n_codings
    assert (found["bulk"], found["accepted"]) == (n_codings, len(judged))


def test_segments_of_the_random_sample_are_never_accepted_in_bulk(ada: Reviewer) -> None:
    judge(ada, 10)
    bulk_accept(ada.index, "Ada", WAIT)
    drawn = {ada.index.texts[at].segment.id for at in ada.index.order.drawn.tolist()}
    events = ada.index.study.repository.review_events.all()
    assert any(event.batch for event in events)
    assert not drawn & {event.segment_id for event in events}


def test_what_was_decided_by_hand_is_left_as_it_is(ada: Reviewer) -> None:
    rejected = judge(ada, 9, n_wrong=1)[0]
    bulk_accept(ada.index, "Ada", WAIT)
    standing = {c.segment_id for c in ada.index.study.corpus().codings() if c.code == "wait"}
    assert rejected not in standing


def test_one_undo_takes_the_whole_back(ada: Reviewer) -> None:
    judge(ada, 10)
    before = statuses(ada.index)
    result = bulk_accept(ada.index, "Ada", WAIT)
    undone = bulk_undo(ada.index, "Ada", result.batch)
    assert undone.n_codings == result.n_codings
    assert statuses(ada.index) == before


def test_nothing_is_undone_twice_nor_by_another_person(ada: Reviewer) -> None:
    judge(ada, 10)
    result = bulk_accept(ada.index, "Ada", WAIT)
    with pytest.raises(UsageError, match="of yours"):
        bulk_undo(ada.index, "Bob", result.batch)
    bulk_undo(ada.index, "Ada", result.batch)
    with pytest.raises(UsageError, match="of yours"):
        bulk_undo(ada.index, "Ada", result.batch)


def test_what_was_looked_at_since_stays_when_the_rest_is_taken_back(ada: Reviewer) -> None:
    judge(ada, 10)
    result = bulk_accept(ada.index, "Ada", WAIT)
    (event, *_) = ada.index.people.batches[result.batch]
    ada.done(event.segment_id)
    undone = bulk_undo(ada.index, "Ada", result.batch)
    assert undone.n_codings == result.n_codings - 1
    assert statuses(ada.index)["accepted"] == 11


def test_one_of_a_bulk_acceptance_is_not_undone_alone(ada: Reviewer) -> None:
    judge(ada, 10)
    result = bulk_accept(ada.index, "Ada", WAIT)
    (event, *_) = ada.index.people.batches[result.batch]
    assert ada.undo(event.uid).refused == "a bulk acceptance is taken back as a whole"


def test_only_the_beginning_of_the_random_order_counts_as_judged(ada: Reviewer) -> None:
    offered = make_batch(ada.index, "Ada", f"bulk:{WAIT.text}", 12).segment_ids
    for segment_id in offered[1:]:
        ada.mark("accept", segment_id, PAIN, "wait")
    assert bulk_preview(ada.index, "Ada", WAIT).n_judged == 0
    ada.mark("accept", offered[0], PAIN, "wait")
    assert bulk_preview(ada.index, "Ada", WAIT).n_judged == 12


def test_what_somebody_judged_before_is_not_among_the_random_ones(
    ada: Reviewer, index: ReviewIndex
) -> None:
    judged = make_batch(index, "Bob", "code:wait", 8, interleave=0.0).segment_ids
    for segment_id in judged:
        Reviewer(index, "Bob").mark("reject", segment_id, PAIN, "wait")
    offered = make_batch(index, "Ada", f"bulk:{WAIT.text}", 1000).segment_ids
    assert not set(judged) & set(offered)


def test_random_ones_that_no_longer_stand_for_the_rest_are_drawn_anew(
    ada: Reviewer, index: ReviewIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_filter, "_OFFERED", 10)
    judge(ada, 10)
    assert bulk_preview(index, "Ada", WAIT).n_judged == 10
    for segment_id in make_batch(index, "Bob", "code:wait", 12, interleave=0.0).segment_ids:
        Reviewer(index, "Bob").mark("reject", segment_id, PAIN, "wait")
    assert bulk_preview(index, "Ada", WAIT).n_judged == 0


def test_what_another_person_judged_does_not_count_for_me(ada: Reviewer) -> None:
    judge(ada, 10)
    assert bulk_preview(ada.index, "Bob", WAIT).n_judged == 0


def test_a_least_score_lets_through_what_has_it_or_more(index: ReviewIndex) -> None:
    counted = [
        bulk_preview(index, "Ada", BulkFilter(PAIN, "wait", score)).n_codings
        for score in (0.0, 0.7, 0.71)  # both words of the code are in each answer: 0.5 + 2 / 10
    ]
    assert counted[0] == counted[1] > counted[2] == 0


def test_a_source_lets_only_its_own_through(index: ReviewIndex) -> None:
    sources = index.study.repository.sources.all()
    of_each = [bulk_preview(index, "Ada", BulkFilter(PAIN, "wait", 0, s.id)) for s in sources]
    assert sum(p.n_codings for p in of_each) == bulk_preview(index, "Ada", WAIT).n_codings


def test_the_title_says_the_filter_in_words(index: ReviewIndex) -> None:
    source = index.study.repository.sources.all()[0]
    preview = bulk_preview(index, "Ada", BulkFilter(PAIN, "wait", 0.6, source.id))
    assert preview.title == f"Waiting, at least 60% likely, in {source.path}"


def test_a_filter_comes_back_from_its_text() -> None:
    asked = BulkFilter(PAIN, "wait", 0.6, "src_1")
    assert BulkFilter.of(asked.text) == asked


@pytest.mark.parametrize(
    "value",
    [{}, {"family": PAIN}, "pain_point", {"family": PAIN, "code": "wait", "min_score": "much"}]
    + [{"family": PAIN, "code": "wait", "min_score": score} for score in (-0.1, 1.1, float("nan"))],
)
def test_a_filter_that_makes_no_sense_is_refused(value: object) -> None:
    with pytest.raises(UsageError):
        BulkFilter.of(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "asked",
    [
        BulkFilter(PAIN, "unheard_of"),
        BulkFilter("need", "wait"),
        BulkFilter(PAIN, "wait", 0, "src_9"),
    ],
)
def test_a_filter_that_names_what_is_not_there_is_refused(
    index: ReviewIndex, asked: BulkFilter
) -> None:
    with pytest.raises(UsageError):
        bulk_preview(index, "Ada", asked)
