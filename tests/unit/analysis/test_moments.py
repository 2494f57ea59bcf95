"""Candidates for moments of truth: reached by several people, felt strongly, shortlisted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from coded_corpus import BOOK, Said, corpus_of

from qualcode.analysis.journey import build_journey
from qualcode.codebook import Code, Codebook
from qualcode.draft import Moment

TOUCH = [Code(f"t{n}", f"Touchpoint {n}", "touchpoint") for n in range(20)]
STAGES = [Code(f"s{n}", f"Stage {n}", "stage") for n in range(12)]
WIDE = Codebook("wide", (*BOOK.codes, *TOUCH, *STAGES))


def moments(said: Sequence[Said]) -> tuple[Moment, ...]:
    corpus = corpus_of(said, families={c.id: c.family for c in WIDE.codes})
    return build_journey(corpus, WIDE, seed=1).moments


def met(who: str, stage: str, touch: str, valence: float | None, **more: float) -> Said:
    felt = {} if valence is None else {"joy": 0.9}
    return Said(who, {stage: 1.0, touch: 0.8, **felt, **more}, valence=valence)


def test_three_people_who_feel_strongly_make_a_candidate_and_two_do_not() -> None:
    three = [met(f"P{n}", "find", "t1", -1.5) for n in range(3)]
    (moment,) = moments(three)
    assert (moment.stage, moment.code, moment.share.count, moment.valence) == (
        "find",
        "t1",
        3,
        -1.5,
    )
    assert moments(three[:2]) == ()


@pytest.mark.parametrize(("valence", "is_one"), [(0.8, True), (-0.8, True), (0.79, False)])
def test_a_mean_feeling_from_0_8_on_counts_as_strong(valence: float, is_one: bool) -> None:
    assert bool(moments([met(f"P{n}", "find", "t1", valence) for n in range(3)])) is is_one


def test_where_no_emotion_was_heard_a_pain_point_counts_as_minus_one() -> None:
    (moment,) = moments([met(f"P{n}", "find", "t1", None, wait=0.7) for n in range(3)])
    assert moment.valence == -1.0


def test_each_person_counts_once_in_the_mean() -> None:
    # P0 says −2 five times, P1 and P2 say 0: by person (−2 + 0 + 0) / 3 = −0.67, not strong.
    said = [met("P0", "find", "t1", -2.0)] * 5 + [met(p, "find", "t1", 0.0) for p in ("P1", "P2")]
    assert moments(said) == ()


def test_the_weight_is_the_share_of_people_times_the_strength() -> None:
    said = [met(f"P{n}", "find", "t1", -1.5) for n in range(3)]
    said += [Said(f"Q{n}", {"find": 1.0}) for n in range(3)]
    (moment,) = moments(said)
    assert moment.weight == pytest.approx(3 / 6 * 1.5)


def test_a_stage_has_two_candidates_at_most_and_a_map_fifteen_weightiest_first() -> None:
    said = [
        met(f"P{n}", f"s{stage}", f"t{touch}", -2.0 + touch / 10)
        for stage in range(12)
        for touch in range(4)
        for n in range(3)
    ]
    found = moments(said)
    assert len(found) == 15
    assert [m.weight for m in found] == sorted((m.weight for m in found), reverse=True)
    assert max(sum(m.stage == s.id for m in found) for s in STAGES) == 2
    assert {m.code for m in found} == {"t0", "t1"}


def test_the_strongest_feelings_are_quoted_first() -> None:
    said = [met(f"P{n}", "find", "t1", v) for n, v in enumerate((-1.0, -2.0, -1.5))]
    (moment,) = moments(said)
    assert [q.participant_id for q in moment.quotes] == ["P1", "P2", "P0"]
