"""The random sample: drawn once, in a fixed order, and judged from its beginning."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qualcode.records import Role
from qualcode.review_events import Part
from qualcode.store.draws import ASSISTED, BLIND, Drawn
from qualcode.workflow import review_sample
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_item import reveal
from qualcode.workflow.review_sample import (
    draw,
    next_drawn,
    order_keys,
    reserve,
    reserved_share,
    sampled,
)
from qualcode.workflow.study import Study
from tests.codebook_sample import survey
from tests.review_sample import Reviewer, blind_ids, heard

Write = Callable[[str, str], Path]
PAIN = "pain_point"


def read_survey(study: Study, write: Write, n_rows: int, name: str = "more.csv") -> None:
    ingest(study, [write(name, survey(n_rows))], IngestOptions(text_cols=("comment",)))


def ids(index: ReviewIndex, numbers: list[int]) -> list[str]:
    return [index.texts[at].segment.id for at in numbers]


def test_every_segment_but_an_interviewers_has_one_place(index: ReviewIndex) -> None:
    drawn = draw(index.study)
    assert sorted(one.segment_id for one in drawn) == sorted(heard(index))


def test_places_of_a_stratum_count_up_from_0(index: ReviewIndex) -> None:
    places: dict[str, list[int]] = {}
    for one in draw(index.study):
        places.setdefault(one.stratum, []).append(one.place)
    assert all(some == list(range(len(some))) for some in places.values())


def test_each_source_is_a_stratum(index: ReviewIndex) -> None:
    sources = {source.id for source in index.study.repository.sources.all()}
    assert {one.stratum for one in draw(index.study)} == {f"{source}/1" for source in sources}


def test_drawing_again_changes_nothing(index: ReviewIndex) -> None:
    assert draw(index.study) == draw(index.study)


def test_the_order_is_not_that_of_the_source(study: Study, write: Write) -> None:
    read_survey(study, write, 60)
    drawn = [one.segment_id for one in draw(study)]
    assert drawn != [text.segment.id for text in study.repository.segment_texts.all()]


def test_a_later_ingest_is_a_new_stratum_and_leaves_earlier_places(
    index: ReviewIndex, write: Write
) -> None:
    before = draw(index.study)
    read_survey(index.study, write, 12)
    after = draw(index.study)
    added = [one for one in after if one not in before]
    assert set(before) <= set(after)
    assert {one.stratum.rpartition("/")[2] for one in added} == {"2"}
    assert len(added) == 12


def test_a_voice_that_is_no_interviewer_any_more_gets_places_in_a_new_stratum(
    index: ReviewIndex,
) -> None:
    before = draw(index.study)
    document = next(d for d in index.study.repository.sources.documents() if d.row is None)
    label = next(s.label for s in document.speakers if s.role is Role.INTERVIEWER)
    index.study.repository.people.set_speaker(document.id, label, Role.PARTICIPANT, "P99")
    added = set(draw(index.study)) - set(before)
    assert {one.stratum for one in added} == {f"{document.source_id}/2"}


def test_one_place_in_five_is_shown_with_suggestions_by_chance(study: Study, write: Write) -> None:
    read_survey(study, write, 600)
    share = sum(one.arm == ASSISTED for one in draw(study)) / 600
    assert 0.15 < share < 0.25


def test_a_quarter_of_a_small_study_is_reserved(index: ReviewIndex) -> None:
    assert len(index.order.drawn) == pytest.approx(len(heard(index)) / 4, abs=2)


def test_no_more_than_a_fixed_number_is_reserved_of_a_large_study(
    study: Study, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_sample, "RESERVED_MOST", 30)
    read_survey(study, write, 200)
    assert len(ReviewIndex(study).order.drawn) == pytest.approx(30, abs=1)


def test_asking_for_more_blind_places_reserves_the_next_ones(index: ReviewIndex) -> None:
    before = blind_ids(index)
    wanted = len(before) + 5
    assert reserve(index.study, wanted) == wanted
    again = ReviewIndex(index.study)
    assert set(before) < set(blind_ids(again))


def test_asking_for_fewer_blind_places_takes_none_away(index: ReviewIndex) -> None:
    before = len(blind_ids(index))
    assert reserve(index.study, 1) == before


def test_asking_for_more_than_there_are_reserves_all(index: ReviewIndex) -> None:
    assert reserve(index.study, 10_000) == sum(d.arm == BLIND for d in draw(index.study))


def test_strata_are_interleaved_in_proportion_to_their_size(study: Study) -> None:
    drawn = [Drawn(f"a{n}", "a/1", n, BLIND) for n in range(100)]
    drawn += [Drawn(f"b{n}", "b/1", n, BLIND) for n in range(20)]
    keyed = sorted(zip(order_keys(study, drawn), drawn, strict=True), key=lambda pair: pair[0])
    first = [one.stratum for _, one in keyed[:60]]
    assert abs(first.count("b/1") - 10) <= 1


def test_among_many_small_strata_a_beginning_takes_as_large_a_share_of_the_segments(
    study: Study,
) -> None:
    drawn = [Drawn(f"{s}-{n}", f"s{s}/1", n, BLIND) for s in range(400) for n in range(3)]
    below = sum(key < 0.2 for key in order_keys(study, drawn))
    assert below == pytest.approx(240, abs=40)  # two fifths of a place in each


def test_reserved_shares_are_those_of_the_draw_unless_more_was_asked_for(
    index: ReviewIndex,
) -> None:
    share = reserved_share(index.study)
    assert share("src/1") == 0.25
    reserve(index.study, 40)
    assert reserved_share(index.study)("src/1") > 0.25


def judged(index: ReviewIndex, *segment_ids: str, name: str = "Ada") -> None:
    reviewer = Reviewer(index, name)
    for segment_id in segment_ids:
        assert reviewer.done(segment_id).refused == ""


def run_of(index: ReviewIndex) -> list[str]:
    """Return the blind places of the largest stratum, in their order."""
    return ids(index, max(index.order.runs, key=len))


def test_the_judged_beginning_of_the_blind_places_is_the_sample(index: ReviewIndex) -> None:
    run = run_of(index)
    judged(index, *run[:3])
    found = sampled(index.study, PAIN)
    assert [one.segment_id for one in found.segments] == run[:3]


def test_a_place_behind_a_gap_is_not_in_the_sample_until_the_gap_is_closed(
    index: ReviewIndex,
) -> None:
    run = run_of(index)
    judged(index, run[0], run[2])
    assert [one.segment_id for one in sampled(index.study, PAIN).segments] == run[:1]
    judged(index, run[1])
    assert [one.segment_id for one in sampled(index.study, PAIN).segments] == run[:3]


def test_a_draw_of_which_a_stratum_has_too_few_judged_has_one_chance(index: ReviewIndex) -> None:
    run = run_of(index)
    judged(index, *run[:4])
    found = sampled(index.study, PAIN)
    stratum = found.segments[0].stratum
    n_all = len(draw(index.study))
    assert {one.probability for one in found.segments} == {4 / n_all}
    assert found.strata[stratum][0] == 4


def test_strata_with_some_judged_each_have_chances_of_their_own(index: ReviewIndex) -> None:
    strata = {place.stratum for place in draw(index.study)}
    of = {s: [p for p in draw(index.study) if p.stratum == s] for s in strata}
    index.study.repository.set_meta("review_reserved", '{"asked_for": 1.0}')
    index.renew()
    fresh = ReviewIndex(index.study)
    for places in of.values():
        judged(fresh, *[p.segment_id for p in places if p.arm == BLIND][:2])
    found = sampled(index.study, PAIN)
    assert {one.stratum: one.probability for one in found.segments} == {
        stratum: 2 / len(places) for stratum, places in of.items()
    }


def test_strata_of_which_nothing_was_judged_are_told_too(index: ReviewIndex) -> None:
    strata = sampled(index.study, PAIN).strata
    assert len(strata) == 2
    assert [n_judged for n_judged, _ in strata.values()] == [0, 0]


def test_each_family_has_its_own_sample(index: ReviewIndex) -> None:
    Reviewer(index, "Ada").done(run_of(index)[0], ["stage"])
    assert len(sampled(index.study, "stage").segments) == 1
    assert len(sampled(index.study, PAIN).segments) == 0


def test_what_was_decided_after_the_reveal_is_not_in_the_sample(index: ReviewIndex) -> None:
    segment_id = run_of(index)[0]
    ada = Reviewer(index, "Ada")
    ada.done(segment_id)
    reveal(index, "Ada", segment_id)
    ada.mark("accept", segment_id, PAIN, "dear")
    held = review_sample.held(index.study, blind_only=True)
    assert held["Ada", segment_id, Part.REVIEWER].applies(PAIN, "dear") is False


def test_a_code_that_the_book_got_later_has_no_sample_while_its_family_has(
    index: ReviewIndex,
) -> None:
    judged(index, run_of(index)[0])
    assert len(sampled(index.study, PAIN, "wait").segments) == 1
    assert len(sampled(index.study, PAIN, "unheard_of").segments) == 0


def test_a_voice_that_was_made_an_interviewer_is_in_neither_number(index: ReviewIndex) -> None:
    document = next(d for d in index.study.repository.sources.documents() if d.row is None)
    label = next(s.label for s in document.speakers if s.role is not Role.INTERVIEWER)
    index.study.repository.people.set_speaker(document.id, label, Role.INTERVIEWER, None)
    strata = sampled(index.study, PAIN).strata
    assert f"{document.source_id}/1" not in strata


def test_the_next_places_come_in_the_drawn_order(index: ReviewIndex) -> None:
    assert next_drawn(index, "Ada", 5) == index.order.drawn[:5].tolist()


def test_what_a_person_is_done_with_does_not_come_again(index: ReviewIndex) -> None:
    first = ids(index, next_drawn(index, "Ada", 1))
    judged(index, *first)
    assert ids(index, next_drawn(index, "Ada", 99))[:1] != first


def test_what_another_person_is_done_with_comes_only_where_two_judge(index: ReviewIndex) -> None:
    first = next_drawn(index, "Ada", 1)
    judged(index, *ids(index, first), name="Bob")
    assert first[0] not in next_drawn(index, "Ada", 99)
    assert first[0] in next_drawn(index, "Ada", 99, overlap=2)


def test_what_a_person_passed_over_comes_behind_the_rest(index: ReviewIndex) -> None:
    (first,) = next_drawn(index, "Ada", 1)
    Reviewer(index, "Ada").send("skip", index.texts[first].segment.id)
    assert next_drawn(index, "Ada", 99)[-1] == first


def test_a_place_that_the_person_saw_with_suggestions_is_not_given_as_a_blind_one(
    index: ReviewIndex,
) -> None:
    share = reserved_share(index.study)
    drawn = draw(index.study)
    keys = order_keys(index.study, drawn)
    behind = [
        one
        for key, one in sorted(zip(keys, drawn, strict=True), key=lambda pair: pair[0])
        if key > share(one.stratum) and one.arm == BLIND
    ]
    seen, other = behind[0].segment_id, behind[1].segment_id
    Reviewer(index, "Ada").send("flag", seen)
    reserve(index.study, 60)
    again = ReviewIndex(index.study)
    mine = ids(again, next_drawn(again, "Ada", 99))
    assert seen not in mine and other in mine
    assert seen in ids(again, next_drawn(again, "Bob", 99))
