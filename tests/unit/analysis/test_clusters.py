"""Groups by meaning, the choice of their number, and the words that set them apart."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis.clusters import (
    Grouping,
    centroids,
    choose,
    class_terms,
    distinct,
    group,
)


def blobs(n_axes: int, per_axis: int, *, noise: float = 0.02, seed: int = 0) -> Any:
    """Return unit rows around `n_axes` axes in turn, and the axis of each."""
    rng = np.random.default_rng(seed)
    axes = np.tile(np.arange(n_axes), per_axis)
    rows = np.eye(384)[axes] + rng.normal(scale=noise, size=(len(axes), 384))
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit.astype(np.float32), axes


def people(n: int, n_people: int) -> list[str]:
    return [f"P{(i // 4) % n_people}" for i in range(n)]


def test_items_around_one_axis_come_into_one_group() -> None:
    vectors, axes = blobs(4, 20)
    found = group(vectors, people(80, 9), k=4, seed=1)
    assert found.labels.tolist() == axes.tolist()


def test_labels_are_numbered_by_first_appearance() -> None:
    vectors, _ = blobs(3, 10)
    found = group(vectors[::-1], people(30, 5), k=3, seed=1)
    assert list(dict.fromkeys(found.labels.tolist())) == [0, 1, 2]


def test_the_silhouette_is_the_one_worked_out_by_hand() -> None:
    # Two pairs at 0° and 60°, the members of a pair equal: a = 0, b = 1 − cos 60° = 0.5, so each
    # item's (b − a) / max(a, b) is 1. Turning one member of the first pair to 90° makes
    # distances 1 (to its pair) and 1 − cos 30° = 0.1340 (to the other pair), and Ward pairs it
    # with the other: labels 0, 1, 1, 1. The lone item counts 0 (Rousseeuw 1987); the turned one
    # a = 0.1340, b = 1, s = 0.8660; the two at 60° a = 0.1340 / 2 = 0.0670, b = 0.5, s = 0.8660.
    # Mean = 3 · 0.8660 / 4 = 0.6495.
    angles = np.radians([0.0, 90.0, 60.0, 60.0])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = group(vectors, ["a", "b", "c", "d"], k=2, seed=1)
    assert found.labels.tolist() == [0, 1, 1, 1]
    assert found.silhouette == pytest.approx(0.6495, abs=1e-4)


def test_as_many_groups_as_items_have_no_silhouette_but_a_reason() -> None:
    found = group(np.eye(3, dtype=np.float32), ["a", "b", "c"], k=3, seed=1)
    assert (found.silhouette, found.reason) == (None, "as many groups as items")


def test_smallest_counts_people_and_not_items() -> None:
    vectors, axes = blobs(3, 10)
    owners = ["one" if axis == 2 else f"P{i}" for i, axis in enumerate(axes)]
    assert group(vectors, owners, k=3, seed=1).smallest == 1


def test_beyond_the_limit_every_item_still_gets_the_group_of_its_axis() -> None:
    vectors, axes = blobs(3, 100)
    found = group(vectors, people(300, 30), k=3, seed=1, max_items=40)
    assert found.labels.tolist() == axes.tolist()


def test_a_talkative_person_does_not_crowd_others_out_of_the_sample() -> None:
    # 300 items of one person on two axes, and three people with one item each on a third: a
    # plain sample of 20 would hold all three of them once in thousands of draws.
    vectors, _ = blobs(2, 150)
    rare = np.eye(384, dtype=np.float32)[[5, 5, 5]]
    both = np.concatenate([vectors, rare])
    found = group(both, ["talker"] * 300 + ["a", "b", "c"], k=3, seed=1, max_items=20)
    assert Counter(found.labels.tolist()) == {0: 150, 1: 150, 2: 3}


def test_a_sample_without_enough_different_items_falls_back_to_the_different_ones() -> None:
    same = np.repeat(np.eye(384, dtype=np.float32)[[0]], 500, axis=0)
    vectors = np.concatenate([same, np.eye(384, dtype=np.float32)[[1, 2]]])
    found = group(vectors, ["one"] * 502, k=3, seed=1, max_items=10)
    assert found.labels.tolist() == [*[0] * 500, 1, 2]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(8, 40), st.integers(2, 4), st.booleans())
def test_the_same_items_and_seed_give_the_same_complete_grouping(
    seed: int, n: int, k: int, sampled: bool
) -> None:
    vectors, _ = blobs(5, n // 4 + 1, noise=0.3, seed=seed % 1000)
    owners = people(len(vectors), 4)
    limit = 8 if sampled else 4000
    first = group(vectors, owners, k=k, seed=seed, max_items=limit)
    second = group(vectors, owners, k=k, seed=seed, max_items=limit)
    assert first.labels.tolist() == second.labels.tolist()
    assert first.silhouette == second.silhouette
    assert set(first.labels.tolist()) == set(range(k))


def test_more_groups_than_different_items_are_refused() -> None:
    same = np.repeat(np.eye(384, dtype=np.float32)[[0]], 9, axis=0)
    with pytest.raises(ValueError, match="1 different vectors do not make 3 groups"):
        group(same, people(9, 3), k=3, seed=1)


def test_vectors_without_their_people_are_refused() -> None:
    with pytest.raises(ValueError, match="3 vectors of 2 people"):
        group(np.eye(3, dtype=np.float32), ["a", "b"], k=2, seed=1)


def grouping(k: int, silhouette: float | None) -> Grouping:
    return Grouping(k, np.zeros(1, dtype=np.intp), silhouette, 3)


@pytest.mark.parametrize(
    ("three", "four", "k"),
    [
        (0.10, 0.10, 3),  # a tie
        (0.10, 0.1199, 3),  # a difference under 0.02
        (0.10, 0.12, 4),
        (0.30, 0.10, 3),
        (None, 0.50, 3),
        (0.10, None, 3),
    ],
)
def test_four_groups_are_taken_only_when_clearly_tighter(
    three: float | None, four: float | None, k: int
) -> None:
    assert choose(grouping(3, three), grouping(4, four)).k == k


def test_middles_are_unit_vectors_and_zero_where_members_cancel_out() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 0], [-1, 0]], dtype=np.float32)
    middles = centroids(vectors, np.array([0, 0, 1, 1]), 2)
    assert middles == pytest.approx(np.array([[math.sqrt(0.5)] * 2, [0, 0]]), abs=1e-6)


def test_distinct_counts_equal_rows_once() -> None:
    assert distinct(np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)) == 2


def test_terms_are_ordered_by_the_weight_worked_out_by_hand() -> None:
    # Words by people: class 1: router 3, bill 2; class 2: bill 3, engineer 2. A = 10 / 2 = 5.
    # Class 1: router 3 · ln(1 + 5/3) = 2.94, bill 2 · ln(1 + 5/5) = 1.39.
    # Class 2: engineer 2 · ln(1 + 5/2) = 2.51, bill 3 · ln(1 + 5/5) = 2.08: the rarer word leads.
    first = [("a", "router bill"), ("b", "router bill"), ("c", "router")]
    second = [("a", "bill engineer"), ("b", "bill engineer"), ("c", "bill")]
    assert class_terms([first, second]) == (("router", "bill"), ("engineer", "bill"))


def test_a_word_that_one_person_repeats_comes_after_words_that_two_people_use() -> None:
    # By weight "broken" leads: A = 26 / 2 = 13; 1 · ln(1 + 13/1) = 2.64 against slow's
    # 2 · ln(1 + 13/22) = 0.93, with 3 + 20 + 3 words by people, slow in 22 of them.
    members = [("a", "broken broken broken"), ("a", "broken slow"), ("b", "slow")]
    other = [(f"P{i}", "slow") for i in range(20)]
    other += [(f"P{i}", "fine") for i in range(3)]
    assert class_terms([members, other])[0] == ("slow", "broken")


def test_stop_words_placeholders_and_short_words_are_no_terms() -> None:
    assert class_terms([[("a", "I don’t know [PERSON_3] [POST_CODE_1] ok router")]]) == (
        ("router",),
    )


def test_a_class_without_words_has_no_terms() -> None:
    assert class_terms([[("a", "")], []]) == ((), ())
