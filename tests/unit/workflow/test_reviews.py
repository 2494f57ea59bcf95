"""A study's corpus is what machines proposed with what people decided laid over it."""

from qualcode.records import Verdict
from qualcode.workflow import codebook
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.reviews import coded_with, peoples_judgements, settled_on
from qualcode.workflow.search import Filters, search
from tests.review_sample import Reviewer, open_ids

PAIN = "pain_point"


def with_code(index: ReviewIndex, code: str) -> list[str]:
    return [
        i for i in open_ids(index) if (PAIN, code) in index.suggestions.codes_of(index.place[i])
    ]


def standing(index: ReviewIndex, segment_id: str) -> dict[str, str]:
    codings = index.study.corpus().codings()
    return {c.code: c.status for c in codings if c.segment_id == segment_id and c.family == PAIN}


def test_a_study_that_nobody_reviewed_is_as_machines_left_it(index: ReviewIndex) -> None:
    assert index.study.corpus() == index.study.repository.corpus()


def test_what_people_decided_lies_over_what_machines_proposed(index: ReviewIndex) -> None:
    ada = Reviewer(index, "Ada")
    one, two, three = with_code(index, "wait")[:3]
    ada.mark("accept", one, PAIN, "wait")
    ada.mark("reject", two, PAIN, "wait")
    ada.mark("add", three, PAIN, "dear")
    assert standing(index, one)["wait"] == "accepted"
    assert "wait" not in standing(index, two)
    assert standing(index, three)["dear"] == "accepted"


def test_judgements_stay_in_the_order_of_the_segments(index: ReviewIndex) -> None:
    ada = Reviewer(index, "Ada")
    for segment_id in reversed(open_ids(index)[:6]):
        ada.mark("add", segment_id, PAIN, "dear")
    places = [index.place[j.segment_id] for j in index.study.corpus().judgements]
    assert places == sorted(places)


def test_what_stands_on_some_segments_is_what_the_corpus_has_there(index: ReviewIndex) -> None:
    ada = Reviewer(index, "Ada")
    some = open_ids(index)[:6]
    for number, segment_id in enumerate(some):
        ada.judge_suggestions(segment_id, "accept" if number % 2 else "reject")
    segments = [index.texts[index.place[i]].segment for i in some]
    found = {j for j in settled_on(index.study, segments)}
    assert found == {j for j in index.study.corpus().judgements if j.segment_id in some}


def test_a_decision_on_a_code_counts_for_the_one_that_it_is_merged_into(
    index: ReviewIndex,
) -> None:
    ada = Reviewer(index, "Ada")
    kept, gone = with_code(index, "broken")[:2]
    ada.mark("accept", kept, PAIN, "broken")
    ada.mark("reject", gone, PAIN, "broken")
    codebook.merge(index.study, ["broken"], into="dear", by="Ada")
    assert standing(index, kept) == {"dear": "accepted"}
    assert "dear" not in standing(index, gone)


def test_what_is_suggested_by_a_merged_code_is_judged_under_its_survivor(
    index: ReviewIndex,
) -> None:
    codebook.merge(index.study, ["broken"], into="dear", by="Ada")
    again = ReviewIndex(index.study)
    one, two = with_code(again, "dear")[:2]
    ada = Reviewer(again, "Ada")
    ada.mark("reject", one, PAIN, "dear")
    ada.mark("accept", two, PAIN, "dear")
    assert "dear" not in standing(again, one)
    assert standing(again, two)["dear"] == "accepted"


def test_peoples_complete_judgements_are_records_of_their_own(index: ReviewIndex) -> None:
    segment_id = with_code(index, "wait")[0]
    ada = Reviewer(index, "Ada")
    ada.mark("accept", segment_id, PAIN, "wait")
    ada.done(segment_id, [PAIN, "need"])
    found = {j.family: (j.coder, j.verdict) for j in peoples_judgements(index.study)}
    assert found == {
        PAIN: ("human:Ada", Verdict.CODED),
        "need": ("human:Ada", Verdict.NONE),
    }


def test_the_blind_record_leaves_out_what_was_seen(index: ReviewIndex) -> None:
    Reviewer(index, "Ada").done(open_ids(index)[0])
    assert peoples_judgements(index.study, blind_only=True) == ()


def test_a_search_by_code_finds_what_stands_after_the_review(index: ReviewIndex) -> None:
    ada = Reviewer(index, "Ada")
    gone = with_code(index, "wait")[0]
    given = next(i for i in open_ids(index) if i not in with_code(index, "wait"))
    ada.mark("reject", gone, PAIN, "wait")
    ada.mark("add", given, PAIN, "wait")
    found = coded_with(index.study, {"wait"})
    assert gone not in found and given in found


def test_a_hit_of_a_search_carries_the_codings_that_stand(index: ReviewIndex) -> None:
    gone = with_code(index, "wait")[0]
    Reviewer(index, "Ada").mark("reject", gone, PAIN, "wait")
    asked = Filters(sources=["survey.csv"])
    hits = search(index.study, "queue", filters=asked, meaning=False, limit=1000).hits
    codes = {hit.segment.id: [coding.code for coding in hit.codings] for hit in hits}
    assert "wait" not in codes[gone]
    assert any("wait" in some for some in codes.values())
