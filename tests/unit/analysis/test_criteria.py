"""Draft criteria rest on people, take their words from the codebook, and are stable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from criteria_sample import BOOK, CODE_VECTORS, NEEDS, Said, by_about, draft, study, talk
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis.criteria import FAMILIES_BEHIND, draft_criteria
from qualcode.codebook import Codebook
from qualcode.records import Role


def test_three_things_that_six_people_say_make_three_criteria() -> None:
    made = draft(talk(6))
    assert (len(made.criteria), made.reason, made.figures["k"]) == (3, "", 3)


def test_four_clearly_different_things_make_four_criteria_with_the_figures_shown() -> None:
    made = draft(talk(12, (0, 1, 2, 3)), n_draws=60)
    assert len(made.criteria) == made.figures["k"] == 4
    assert made.figures["difference_low"] > 0
    assert made.choice.startswith("Four: when half of the people are drawn again, four groups")


def test_five_people_make_no_criteria_and_the_reason_says_so() -> None:
    made = draft(talk(5))
    assert made.criteria == ()
    assert made.reason == "needs or pain points of 5 people; criteria rest on at least 6"


def test_nothing_at_all_makes_no_criteria_with_a_reason() -> None:
    made = draft([])
    assert made.criteria == ()
    assert made.reason == "needs or pain points of 0 people; criteria rest on at least 6"


@pytest.mark.parametrize("codes", [("find",), ("hurt",), ("quick",), ()])
def test_people_count_only_with_a_need_or_a_pain_point(codes: tuple[str, ...]) -> None:
    assert "of 5 people" in draft([*talk(5), Said("P5", 0, codes)]).reason


def test_unassigned_voices_and_interviewers_are_behind_no_criterion() -> None:
    extra = [Said(None, 0), Said("P9", 0, role=Role.INTERVIEWER), Said("P8", 1, role=Role.UNKNOWN)]
    made = draft([*talk(6), *extra])
    assert {p for c in made.criteria for p in c.participants} == {f"P{i}" for i in range(6)}
    assert sum(c.n_segments for c in made.criteria) == 18


def test_a_fourth_group_of_two_people_gives_way_to_three_groups() -> None:
    made = draft([*talk(6), Said("P0", 3), Said("P1", 3)])
    assert (made.figures["smallest_k4"], made.figures["k"], len(made.criteria)) == (2, 3, 3)
    assert made.choice.startswith("Three: of four groups one would rest on fewer than 3 people.")


def test_without_three_groups_of_three_people_there_are_none_and_the_reason_says_so() -> None:
    made = draft([*talk(6, (0, 1)), Said("P0", 2), Said("P1", 2)])
    assert made.criteria == ()
    assert made.reason == (
        "needs and pain points do not form three groups of at least 3 people: the smallest has 2"
    )


def test_people_who_all_say_the_same_make_no_criteria() -> None:
    corpus, vectors = study(talk(6, (0,)), noise=0.0)
    made = draft_criteria(corpus, BOOK, vectors, seed=1)
    assert made.criteria == ()
    assert made.reason == (
        "fewer than three different things were said, so three groups do not form"
    )


def test_data_without_groups_makes_drafts_that_say_so() -> None:
    corpus, vectors = study(talk(60, (0, 0)))
    rng = np.random.default_rng(0)
    for segment in vectors:
        row = rng.normal(size=384)
        vectors[segment] = (row / np.linalg.norm(row)).astype(np.float32)
    made = draft_criteria(corpus, BOOK, vectors, seed=1, n_draws=40)
    assert len(made.criteria) == 3
    assert "The grouping is hardly more stable than chance" in made.choice


def test_segments_without_a_usable_vector_are_left_out_and_counted() -> None:
    corpus, vectors = study(talk(7))
    del vectors["s0"]
    vectors["s1"] = np.zeros(384, dtype=np.float32)
    made = draft_criteria(corpus, BOOK, vectors, seed=1, n_draws=5)
    assert made.figures["n_without_vector"] == 2
    assert sum(c.n_segments for c in made.criteria) == 19


def test_without_vectors_the_reason_says_how_many_are_missing() -> None:
    made = draft_criteria(study(talk(6))[0], BOOK, {}, seed=1)
    assert made.reason.endswith("(18 segments have no vector)")


def test_criteria_stand_by_people_then_segments() -> None:
    said = [*talk(5, (1,)), *talk(5, (2,)), *[Said("P0", 2)] * 9, *talk(6, (0,))]
    made = [(len(c.participants), c.n_segments) for c in draft(said).criteria]
    assert made == [(6, 6), (5, 14), (5, 5)]


def test_stages_count_people_in_the_order_of_the_journey() -> None:
    said = [*talk(6, (1, 2)), *(Said(f"P{p}", 0, ("wait", "join")) for p in (0, 1, 1, 2))]
    said += [Said("P3", 0, ("wait", "find"))]
    (stages,) = [c.stages for c in draft(said).criteria if c.stages]
    assert list(stages.items()) == [("find", 1), ("join", 3)]


def test_a_criterion_from_one_stage_says_so() -> None:
    said = [*talk(6, (1, 2)), *(Said(f"P{p}", 0, ("wait", "join")) for p in range(6))]
    made = by_about(draft(said), said)
    assert "from one stage" in made[0].note
    assert "from one stage" not in made[1].note


def test_codes_count_segments_most_frequent_first_emotions_beside_them_included() -> None:
    said = [*talk(6, (1, 2)), *(Said(f"P{p}", 0, ("broken",)) for p in range(6))]
    said += [Said("P0", 0, ("broken", "hurt")), Said("P0", 0)]
    made = by_about(draft(said), said)
    assert list(made[0].codes.items()) == [("broken", 7), ("wait", 1), ("hurt", 1)]


def test_an_emotion_alone_joins_no_criterion() -> None:
    said = [*talk(6), Said("P7", 0, ("hurt",))]
    assert "P7" not in {p for c in draft(said).criteria for p in c.participants}


def test_personas_count_people() -> None:
    participants = {f"P{i}": {"Persona": "Parent" if i < 2 else "Commuter"} for i in range(5)}
    for criterion in draft(talk(6), participants=participants).criteria:
        assert criterion.personas == {"Commuter": 3, "Parent": 2}


def test_segments_stand_in_the_order_of_the_corpus() -> None:
    for criterion in draft(talk(6)).criteria:
        places = [int(segment[1:]) for segment in criterion.segments]
        assert places == sorted(places)
        assert len(places) == criterion.n_segments


def test_terms_are_the_words_of_the_group() -> None:
    said = talk(6)
    made = by_about(draft(said), said)
    assert {"queue", "hours"} <= set(made[0].terms)
    assert {"price", "bill"} <= set(made[1].terms)


def test_quotes_are_twelve_at_most_and_from_different_people_first() -> None:
    said = [
        Said("P0", 0, text=f"{i} hours we stood in this endless queue there.") for i in range(30)
    ]
    said += [replace(one, text=f"{one.who} says {one.about} of it was new.") for one in talk(6)]
    (most,) = [c for c in draft(said).criteria if c.n_segments == 36]
    people = [quote.participant_id for quote in most.quotes]
    assert len(people) == 12
    assert len(set(people[:6])) == 6


def test_equal_words_of_others_come_after_all_that_was_said_differently() -> None:
    said = talk(6)
    said[3] = replace(said[3], text="No seat for us.")  # short, so it would come last
    made = by_about(draft(said), said)
    assert made[0].quotes[1].segment_id == "s3"
    assert len(made[0].quotes) == 6


def test_short_words_and_words_that_praise_as_well_come_last() -> None:
    said = talk(6)
    said = [
        replace(s, text=f"{i} of us had to stand in the queue for hours.")
        for i, s in enumerate(said)
    ]
    said[0] = replace(said[0], text="Wait.")
    said[3] = replace(said[3], codes=("wait", "quick"))
    made = by_about(draft(said), said)
    assert [q.segment_id for q in made[0].quotes[-2:]] == ["s0", "s3"]


def test_stability_is_that_of_the_group() -> None:
    for criterion in draft(talk(20)).criteria:
        assert criterion.stability == 1


TALKS = st.lists(
    st.builds(
        Said,
        who=st.sampled_from([f"P{i}" for i in range(7)] + [None]),
        about=st.integers(0, 3),
        codes=st.sampled_from(
            [("wait",), ("speed", "find"), ("trust", "broken", "hurt"), ("join",), (), ("quick",)]
        ),
        role=st.sampled_from([Role.PARTICIPANT] * 5 + [Role.INTERVIEWER, Role.UNKNOWN]),
    ),
    max_size=30,
).map(lambda said: talk(5) + said)
SLOW = settings(max_examples=25, deadline=None)


@SLOW
@given(TALKS, st.data())
def test_the_order_of_judgements_has_no_influence_and_a_second_run_gives_the_same(
    said: list[Said], data: st.DataObject
) -> None:
    corpus, vectors = study(said)
    moved = replace(corpus, judgements=tuple(data.draw(st.permutations(corpus.judgements))))
    options: Mapping[str, Any] = {"seed": 1, "code_vectors": CODE_VECTORS, "n_draws": 3}
    first = draft_criteria(corpus, BOOK, vectors, **options)
    assert first == draft_criteria(corpus, BOOK, vectors, **options)
    assert first == draft_criteria(moved, BOOK, vectors, **options)


@SLOW
@given(TALKS)
def test_a_draft_has_criteria_of_three_people_each_or_none_with_a_reason(said: list[Said]) -> None:
    made = draft(said, n_draws=3)
    assert len(made.criteria) in ((0,) if made.reason else (3, 4))
    assert bool(made.choice) == bool(made.criteria)
    participants = {one.who for one in said if one.role is Role.PARTICIPANT} - {None}
    assert len({c.statement for c in made.criteria}) == len(made.criteria)
    for criterion in made.criteria:
        assert 3 <= len(criterion.participants) <= len(participants)
        assert set(criterion.participants) <= participants
        assert all(n <= len(criterion.participants) for n in criterion.stages.values())


@SLOW
@given(TALKS)
def test_every_segment_is_behind_one_criterion_at_most_or_left_out(said: list[Said]) -> None:
    made = draft(said, n_draws=3)
    behind = [segment for c in made.criteria for segment in c.segments]
    assert len(behind) == len(set(behind))
    if made.criteria:
        out = sum(c.n_left_out for c in made.criteria)
        assert len(behind) + out == made.figures["n_segments"]
        assert out == made.figures["n_left_out"]
        left = {quote.segment_id for c in made.criteria for quote in c.left_out}
        assert not left & set(behind)


@SLOW
@given(TALKS)
def test_every_quote_is_within_a_coding_of_a_participant(said: list[Said]) -> None:
    corpus, vectors = study(said)
    known = {c.id: c for c in corpus.codings()}
    roles = {segment.id: segment.role for segment in corpus.segments}
    made = draft_criteria(corpus, BOOK, vectors, seed=1, n_draws=3)
    for criterion in made.criteria:
        own = [q for q in (criterion.in_their_words,) if q is not None]
        for quote in (*criterion.quotes, *own, *criterion.counter_evidence, *criterion.left_out):
            coding = known[quote.coding_id]
            assert coding.segment_id == quote.segment_id
            assert coding.start_char <= quote.start_char < quote.end_char <= coding.end_char
            assert roles[quote.segment_id] is Role.PARTICIPANT
        for quote in (*criterion.quotes, *own):
            assert known[quote.coding_id].family in FAMILIES_BEHIND
            assert quote.segment_id in criterion.segments


def test_equal_groups_keep_their_id_when_another_group_grows() -> None:
    ids = {c.id for c in draft(talk(6)).criteria}
    grown = {c.id for c in draft([*talk(6), Said("P0", 2)]).criteria}
    assert len(ids & grown) == 2


@pytest.mark.parametrize("seed", [1, 2])
def test_where_no_sample_is_drawn_the_seed_changes_no_criterion(seed: int) -> None:
    corpus, vectors = study(talk(20))
    made = draft_criteria(corpus, BOOK, vectors, seed=seed, n_draws=20)
    assert made.criteria == draft_criteria(corpus, BOOK, vectors, seed=0, n_draws=20).criteria


def test_a_book_without_needs_makes_criteria_too() -> None:
    corpus, vectors = study(talk(6))
    made = draft_criteria(corpus, Codebook("test", BOOK.codes[:4]), vectors, seed=1, n_draws=3)
    assert len({c.statement for c in made.criteria}) == 3
    assert all(c.needs == () for c in made.criteria)


def test_needs_of_a_criterion_stand_in_no_other() -> None:
    said = [Said(f"P{p}", a, (NEEDS[a], NEEDS[3])) for p in range(6) for a in (0, 1, 2)]
    needs = [need for c in draft(said).criteria for need in c.needs]
    assert len(needs) == len(set(needs))
