"""Small batches that end, from queues that a person can open."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.codebook.codes import Code
from qualcode.draft import (
    Cell,
    CriteriaDraft,
    Draft,
    Finding,
    JourneyMap,
    Quote,
    Share,
    StageColumn,
)
from qualcode.errors import CodebookError, UsageError
from qualcode.records import Judgement, Role, Verdict
from qualcode.review_events import Part
from qualcode.workflow import codebook
from qualcode.workflow.code import code
from qualcode.workflow.draft import Drafted
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_item import reveal
from qualcode.workflow.review_queue import make_batch, queues
from tests.codebook_sample import WordCoder
from tests.review_sample import Reviewer, blind_ids, heard, open_ids

Write = Callable[[str, str], Path]
PAIN = "pain_point"
ALL = 1000


def ids_of(index: ReviewIndex, queue: str, size: int = ALL, **options: object) -> list[str]:
    """Return a batch's segments with nothing interleaved."""
    batch = make_batch(index, "Ada", queue, size, interleave=0.0, **options)  # type: ignore[arg-type]
    return list(batch.segment_ids)


def reserved(index: ReviewIndex) -> set[str]:
    return {index.texts[at].segment.id for at in index.order.drawn.tolist()}


def test_everything_in_order_is_all_but_interviewers(index: ReviewIndex) -> None:
    assert ids_of(index, "new") == heard(index)


def test_a_batch_has_as_many_as_were_asked_for_and_says_how_many_are_left(
    index: ReviewIndex,
) -> None:
    batch = make_batch(index, "Ada", "new", 7, interleave=0.0)
    assert (len(batch.segment_ids), batch.n_in_queue) == (7, len(heard(index)))


def test_the_next_batch_goes_on_where_the_person_is(index: ReviewIndex) -> None:
    ada = Reviewer(index, "Ada")
    first = ids_of(index, "new", 5)
    for segment_id in first:
        ada.done(segment_id)
    assert ids_of(index, "new", 5) == heard(index)[5:10]


def test_a_queue_ends(index: ReviewIndex) -> None:
    ada = Reviewer(index, "Ada")
    for segment_id in heard(index):
        ada.done(segment_id)
    batch = make_batch(index, "Ada", "new")
    assert (batch.segment_ids, batch.n_in_queue, batch.n_drawn) == ((), 0, 0)


def test_uncertain_suggestions_come_first(index: ReviewIndex) -> None:
    suggestions = index.suggestions
    nearest = {
        segment_id: min(
            abs(score - 0.5) for score in suggestions.score[suggestions.of(index.place[segment_id])]
        )
        for segment_id in ids_of(index, "uncertain")
    }
    assert list(nearest.values()) == sorted(nearest.values())
    assert set(nearest) == set(open_ids(index))


@pytest.mark.parametrize("queue", ["uncertain", "code:wait", "disagreed"])
def test_a_queue_that_chooses_by_suggestions_holds_nothing_of_the_reserved_sample(
    index: ReviewIndex, queue: str
) -> None:
    assert not set(ids_of(index, queue)) & reserved(index)


def test_a_blind_item_stands_in_a_queue_that_tells_nothing_of_suggestions(
    index: ReviewIndex,
) -> None:
    assert set(blind_ids(index)) <= set(ids_of(index, "new"))


def test_one_code_is_what_is_suggested_under_it(index: ReviewIndex) -> None:
    found = ids_of(index, "code:wait")
    assert found and all(
        any(s.code == "wait" for s in Reviewer(index, "Ada").sees(i).suggestions) for i in found
    )


def test_a_suggestion_that_the_person_answered_leaves_the_queue_of_its_code(
    index: ReviewIndex,
) -> None:
    first, *rest = ids_of(index, "code:wait")
    Reviewer(index, "Ada").mark("reject", first, PAIN, "wait")
    assert ids_of(index, "code:wait") == rest


def test_a_code_that_the_book_got_later_brings_back_what_the_person_was_done_with(
    index: ReviewIndex,
) -> None:
    ada = Reviewer(index, "Ada")
    shown = next(i for i in open_ids(index) if has(index, i, "broken"))
    hidden = next(i for i in blind_ids(index) if has(index, i, "broken"))
    for segment_id in (shown, hidden):
        ada.done(segment_id)
    study = index.study
    codebook.add(study, Code("", "Out of order", PAIN, include=("broken",)), by="Ada")
    code(study, WordCoder(study.codebook))
    again = ReviewIndex(study)
    found = ids_of(again, "code:out_of_order")
    assert shown in found and hidden not in found


def test_one_source_is_its_segments_in_order(index: ReviewIndex) -> None:
    source = next(s for s in index.study.repository.sources.all() if s.path == "talk.txt")
    own = [i for i in heard(index) if index.texts[index.place[i]].path == "talk.txt"]
    assert ids_of(index, f"source:{source.id}") == own


def test_one_persona_is_what_its_people_said(index: ReviewIndex, write: Write) -> None:
    rows = "id,persona,comment\na,Planner,The queue was slow\nb,Wanderer,Too dear for me today\n"
    options = IngestOptions(text_cols=("comment",), id_col="id", attr_cols=("persona",))
    ingest(index.study, [write("more.csv", rows)], options)
    again = ReviewIndex(index.study)
    (found,) = ids_of(again, "persona:planner")
    assert again.texts[again.place[found]].text == "The queue was slow"
    assert make_batch(again, "Ada", "persona:planner").title == "One persona: Planner"


def test_chosen_segments_come_as_they_were_chosen_also_when_done(index: ReviewIndex) -> None:
    one, two = heard(index)[3], heard(index)[1]
    Reviewer(index, "Ada").done(one)
    assert ids_of(index, f"segments:{one},{two},{one}") == [one, two]


def test_flagged_are_the_own_ones_and_those_of_others_that_are_not_done(
    index: ReviewIndex,
) -> None:
    ada, bob = Reviewer(index, "Ada"), Reviewer(index, "Bob")
    first, second, third = heard(index)[:3]
    ada.send("flag", first)
    ada.done(first)
    for segment_id in (second, third):
        bob.send("flag", segment_id)
    ada.done(third)
    assert ids_of(index, "flagged") == [first, second]


def test_a_flag_that_was_taken_off_leaves_the_queue(index: ReviewIndex) -> None:
    ada = Reviewer(index, "Ada")
    for action in ("flag", "unflag"):
        ada.send(action, heard(index)[0])
    assert ids_of(index, "flagged") == []


def test_what_the_person_passed_over_comes_last(index: ReviewIndex) -> None:
    first, *rest = heard(index)
    Reviewer(index, "Ada").send("skip", first)
    assert ids_of(index, "new") == [*rest, first]


def test_machines_that_differ_make_a_segment_disagreed(index: ReviewIndex) -> None:
    assert ids_of(index, "disagreed") == []
    wanted = next(i for i in open_ids(index) if has(index, i, "wait"))
    agreed = next(i for i in open_ids(index) if i != wanted and has(index, i, "wait"))
    judgements = index.study.repository.judgements
    same = [j for j in judgements.current([agreed]) if j.family == PAIN]
    codings = tuple(replace(c, coder="llm:y", id=c.id + "y") for c in same[0].codings)
    run_id = judgements.begin_run("code", code_version="0")
    judgements.add(
        run_id,
        [
            (Judgement(wanted, PAIN, "llm:y", Verdict.NONE), "b"),
            (replace(same[0], coder="llm:y", codings=codings), "b"),
        ],
    )
    assert ids_of(index, "disagreed") == [wanted]


def has(index: ReviewIndex, segment_id: str, code_id: str) -> bool:
    return (PAIN, code_id) in index.suggestions.codes_of(index.place[segment_id])


def test_where_another_person_disagrees_comes_back_until_the_person_looks_again(
    index: ReviewIndex,
) -> None:
    ada, bob = Reviewer(index, "Ada"), Reviewer(index, "Bob")
    segment_id = open_ids(index)[0]
    ada.judge_suggestions(segment_id, "accept")
    assert ids_of(index, "disagreed") == []
    bob.judge_suggestions(segment_id, "reject")
    assert ids_of(index, "disagreed") == [segment_id]
    ada.done(segment_id)
    assert ids_of(index, "disagreed") == []


def test_that_another_person_disagrees_on_a_blind_item_is_not_told_before_the_reveal(
    index: ReviewIndex,
) -> None:
    ada, bob = Reviewer(index, "Ada"), Reviewer(index, "Bob")
    segment_id = blind_ids(index)[0]
    ada.mark("add", segment_id, PAIN, "dear")
    ada.done(segment_id)
    bob.done(segment_id)
    assert ids_of(index, "disagreed") == []
    reveal(index, "Ada", segment_id)
    bob.send("note", segment_id, value={"text": "?"})
    assert ids_of(index, "disagreed") == [segment_id]


def test_the_random_check_is_the_reserved_sample_in_its_order(index: ReviewIndex) -> None:
    drawn = [index.texts[at].segment.id for at in index.order.drawn.tolist()]
    assert ids_of(index, "random") == drawn


def test_what_the_map_and_the_criteria_quote_is_a_queue(
    index: ReviewIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (index.texts[index.place[i]].segment for i in open_ids(index)[5:7])
    quotes = [
        Quote("cod", s.document_id, s.id, s.start_char, s.end_char, None, 0.5)
        for s in (first, second)
    ]
    share = Share(1, 1, None, None, "")
    cell = Cell(PAIN, "find", (Finding("wait", "Waiting", share, (quotes[0],) * 9),))
    column = StageColumn("find", "Find", "", 1, 1, 0, quotes=(quotes[1],))
    journey = JourneyMap((column,), {(PAIN, "find"): cell}, (), 1, 1, 1, 0)
    drafted = Drafted(
        Draft(CriteriaDraft(()), journey), index.study.corpus(), index.study.codebook, {}
    )
    monkeypatch.setattr("qualcode.workflow.draft.draft", lambda study: drafted)
    assert ids_of(index, "on_map") == [second.id, first.id]


def test_items_of_the_random_sample_come_in_between(index: ReviewIndex) -> None:
    batch = make_batch(index, "Ada", "uncertain", 20)
    places = [at for at, i in enumerate(batch.segment_ids) if i in reserved(index)]
    assert batch.n_drawn == 4
    assert places == [2, 7, 12, 17]


def test_little_left_in_a_queue_brings_few_of_the_random_sample(index: ReviewIndex) -> None:
    batch = make_batch(index, "Ada", "code:sign", 20)
    own = [i for i in batch.segment_ids if i not in reserved(index)]
    assert batch.n_drawn == -(-len(own) // 4)


@pytest.mark.parametrize("queue", ["flagged", "segments"])
def test_nothing_comes_in_between_what_was_chosen_by_hand(index: ReviewIndex, queue: str) -> None:
    first = open_ids(index)[0]
    Reviewer(index, "Ada").send("flag", first)
    batch = make_batch(index, "Ada", queue if queue == "flagged" else f"segments:{first}")
    assert batch.segment_ids == (first,)


def test_two_people_are_not_given_the_same_segment(index: ReviewIndex) -> None:
    one = make_batch(index, "Ada", "new", 10).segment_ids
    two = make_batch(index, "Bob", "new", 10).segment_ids
    assert not set(one) & set(two)


def test_what_another_person_is_done_with_does_not_come_again(index: ReviewIndex) -> None:
    first = heard(index)[0]
    Reviewer(index, "Bob").done(first)
    assert first not in ids_of(index, "new")


def test_where_two_people_judge_a_segment_it_comes_to_two_and_not_to_a_third(
    index: ReviewIndex,
) -> None:
    first = heard(index)[0]
    Reviewer(index, "Bob").done(first)
    assert ids_of(index, "new", overlap=2)[0] == first
    Reviewer(index, "Cy").done(first)
    assert first not in ids_of(index, "new", overlap=2)


def test_a_person_who_holds_and_has_done_a_segment_counts_once(index: ReviewIndex) -> None:
    (first,) = make_batch(index, "Bob", "new", 1, interleave=0.0, overlap=2).segment_ids
    Reviewer(index, "Bob").done(first)
    assert first in ids_of(index, "new", overlap=2)


def test_what_an_adjudicator_settled_does_not_come_any_more(index: ReviewIndex) -> None:
    first = heard(index)[0]
    Reviewer(index, "Cy", Part.ADJUDICATOR).done(first)
    assert first not in ids_of(index, "new")


def test_the_adjudicator_gets_what_is_contested(index: ReviewIndex) -> None:
    segment_id = open_ids(index)[0]
    Reviewer(index, "Ada").judge_suggestions(segment_id, "accept")
    Reviewer(index, "Bob").judge_suggestions(segment_id, "reject")
    batch = make_batch(index, "Cy", "contested", part=Part.ADJUDICATOR)
    assert batch.segment_ids == (segment_id,)
    Reviewer(index, "Cy", Part.ADJUDICATOR).judge_suggestions(segment_id)
    assert make_batch(index, "Cy", "contested", part=Part.ADJUDICATOR).segment_ids == ()


def test_a_reviewer_does_not_get_what_is_contested(index: ReviewIndex) -> None:
    with pytest.raises(UsageError, match="not for the reviewer"):
        make_batch(index, "Ada", "contested")


@pytest.mark.parametrize("queue", ["", "nonsense", "code", "new:1", "source:", "persona:Nobody"])
def test_a_queue_that_there_is_not_is_refused(index: ReviewIndex, queue: str) -> None:
    with pytest.raises(UsageError):
        make_batch(index, "Ada", queue)


def test_the_queue_of_no_code_is_refused(index: ReviewIndex) -> None:
    with pytest.raises(CodebookError, match="no code"):
        make_batch(index, "Ada", "code:unheard_of")


def test_an_interviewers_segment_cannot_be_chosen(index: ReviewIndex) -> None:
    own = next(t.segment.id for t in index.texts if t.segment.role is Role.INTERVIEWER)
    with pytest.raises(UsageError, match="interviewer"):
        make_batch(index, "Ada", f"segments:{own}")


def test_the_queues_are_offered_with_what_is_left_in_them(index: ReviewIndex) -> None:
    offered = {view.queue: view.n_left for view in queues(index, "Ada")}
    for queue in ("new", "uncertain", "random", "code:wait"):
        assert offered[queue] == make_batch(index, "Ada", queue).n_in_queue
    assert "contested" not in offered


def test_the_adjudicator_is_offered_what_is_contested_and_flagged(index: ReviewIndex) -> None:
    offered = [view.queue for view in queues(index, "Cy", part=Part.ADJUDICATOR)]
    assert offered == ["contested", "flagged"]
