"""What stands beside a criterion: counter-evidence, what was left out, merges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from criteria_sample import BOOK, CODE_VECTORS, Said, by_about, draft, study, talk

from qualcode.analysis.criteria import draft_criteria
from qualcode.analysis.grouping import find_groups, place_items
from qualcode.analysis.items import gather_items
from qualcode.analysis.proof import left_out


def praise(who: str, about: int, *codes: str, score: float = 0.9) -> Said:
    return Said(who, about, codes or ("quick",), score=score)


def test_praise_speaks_against_the_criterion_that_it_lies_nearest_to() -> None:
    said = [*talk(6), praise("P7", 1)]
    made = by_about(draft(said), said)
    assert [q.segment_id for q in made[1].counter_evidence] == ["s18"]
    assert made[1].n_counter_evidence == 1
    assert made[0].counter_evidence == made[2].counter_evidence == ()


def test_praise_far_from_everything_speaks_against_nothing() -> None:
    said = [*talk(6), praise("P7", 3)]
    assert not any(c.n_counter_evidence for c in draft(said).criteria)


def test_weak_praise_and_praise_beside_a_bad_feeling_count_for_nothing() -> None:
    said = [*talk(6), praise("P7", 0, score=0.4), praise("P8", 0, "quick", "hurt")]
    assert not any(c.n_counter_evidence for c in draft(said).criteria)


def test_a_segment_behind_a_criterion_does_not_speak_against_it() -> None:
    said = [*talk(6), Said("P6", 0, ("wait", "quick"), scores=(0.5, 0.9))]
    made = by_about(draft(said), said)
    assert "s18" in made[0].segments
    assert made[0].counter_evidence == ()


def test_people_of_the_criterion_and_of_its_stages_come_first() -> None:
    said = [Said(f"P{p}", a, ("wait", "join")) for p in range(6) for a in (0, 1, 2)]
    said += [praise("X1", 0), praise("X2", 0, "quick", "find"), praise("X3", 0, "quick", "join")]
    said += [praise("P0", 0)]
    made = by_about(draft(said), said)
    who = [q.participant_id for q in made[0].counter_evidence]
    assert set(who[:2]) == {"P0", "X3"}
    assert set(who[2:]) == {"X1", "X2"}


def test_everybodys_praise_comes_before_anybodys_second_and_all_of_it_is_counted() -> None:
    said = [
        *talk(6),
        *(praise("X1", 0) for _ in range(20)),
        *(praise(f"Y{i}", 0) for i in range(5)),
    ]
    made = by_about(draft(said), said)[0]
    assert len({q.participant_id for q in made.counter_evidence[:6]}) == 6
    assert (len(made.counter_evidence), made.n_counter_evidence) == (12, 25)


def between(a: int, b: int) -> np.ndarray:
    row = np.zeros(384, dtype=np.float32)
    row[a] = row[b] = np.sqrt(0.5)
    return row


def test_what_lies_between_two_groups_or_far_from_all_is_left_out_and_shown() -> None:
    said = [*talk(12), Said("P0", 3), Said("P1", 0)]
    corpus, vectors = study(said)
    vectors["s37"] = between(0, 1)
    made = draft_criteria(corpus, BOOK, vectors, seed=1, n_draws=3)
    assert made.figures["n_left_out"] == sum(c.n_left_out for c in made.criteria)
    shown = {q.segment_id for c in made.criteria for q in c.left_out}
    behind = {s for c in made.criteria for s in c.segments}
    assert "s36" in shown
    assert not shown & behind


def test_what_is_left_out_is_shown_with_the_group_that_it_lies_nearest_to() -> None:
    corpus, vectors = study(talk(6))
    placed = place_items(gather_items(corpus, BOOK), BOOK, vectors, CODE_VECTORS)
    assert placed is not None
    grouped = find_groups(placed, seed=1, n_draws=3)
    nearest = [group.members[0] for group in grouped.groups]
    found = left_out(replace(grouped, left_out=tuple(nearest)), placed)
    assert [([q.segment_id for q in quotes], count) for quotes, count in found] == [
        ([placed.items[at].segment.id], 1) for at in nearest
    ]


def test_merges_tell_people_segments_codes_and_words_of_both_sides() -> None:
    said = [Said(f"P{p}", 0, ("wait",)) for p in range(6)]
    said += [Said(f"Q{p}", 0, ("broken",), text="The motor failed on the hill.") for p in range(5)]
    said += [Said(f"R{p}", a) for p in range(6) for a in (1, 2)]
    corpus, vectors = study(said, noise=0.002)
    for at in range(6, 11):
        row = np.zeros(384)
        row[0], row[9] = 0.9, np.sqrt(1 - 0.81)
        vectors[f"s{at}"] = row.astype(np.float32) + vectors[f"s{at}"] * 0.001
    made = draft_criteria(corpus, BOOK, vectors, seed=1, n_draws=3)
    first = by_about(made, said)[0].merges[0]
    assert sorted(zip(first.n_people, first.n_segments, first.codes, strict=True)) == [
        (5, 5, ("broken",)),
        (6, 6, ("wait",)),
    ]
    assert {"motor", "queue"} <= {word for words in first.words for word in words}


def test_merges_stand_widest_first_and_hold_two_people_on_either_side() -> None:
    for criterion in draft(talk(20), noise=0.05).criteria:
        distances = [merge.distance for merge in criterion.merges]
        assert distances
        assert distances == sorted(distances, reverse=True)
        assert all(min(merge.n_people) >= 2 for merge in criterion.merges)
