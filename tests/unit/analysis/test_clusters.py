"""Ward's tree, its cuts, and everybody's group in it."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis.clusters import (
    centroids,
    cluster,
    distinct,
    silhouettes,
    spread,
    ward,
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


LINE = np.array([[0.0], [1.0], [10.0], [12.0], [40.0]])


def test_distances_of_merges_are_those_worked_out_by_hand() -> None:
    # Ward's distance of two groups is sqrt(2 |a| |b| / (|a| + |b|)) times that of their middles:
    # {0, 1} at 1; {10, 12} at 2; middles 0.5 and 11 at sqrt(2·2·2/4)·10.5 = 14.849; 40 to the
    # middle 5.75 of four at sqrt(2·4·1/5)·34.25 = 43.323.
    tree = ward(LINE)
    assert [tree.distance(node) for node in (5, 6, 7, 8)] == pytest.approx(
        [1.0, 2.0, 10.5 * math.sqrt(2), 34.25 * math.sqrt(1.6)]
    )


@pytest.mark.parametrize(
    ("k", "labels"),
    [(1, [0] * 5), (2, [0, 0, 0, 0, 1]), (3, [0, 0, 1, 1, 2]), (5, [0, 1, 2, 3, 4])],
)
def test_a_cut_undoes_the_last_merges(k: int, labels: list[int]) -> None:
    assert ward(LINE).cut(k).tolist() == labels


def test_a_tree_knows_what_each_merge_joined() -> None:
    tree = ward(LINE)
    assert [tree.items(part) for part in tree.parts(7)] in ([[0, 1], [2, 3]], [[2, 3], [0, 1]])
    assert sorted(tree.items(root) for root in tree.roots(3)) == [[0, 1], [2, 3], [4]]


def test_the_widest_merges_of_a_group_come_last_one_first() -> None:
    tree = ward(LINE)
    assert tree.widest(7, 5) == [7, 6, 5]
    assert tree.widest(8, 2) == [8, 7]
    assert tree.widest(4, 5) == []


def test_items_around_one_axis_come_into_one_group() -> None:
    rows, axes = blobs(4, 20)
    assert cluster(rows, people(80, 9), seed=1).labels(4).tolist() == axes.tolist()


def test_labels_are_numbered_by_first_appearance() -> None:
    rows, _ = blobs(3, 10)
    found = cluster(rows[::-1], people(30, 5), seed=1).labels(3)
    assert list(dict.fromkeys(found.tolist())) == [0, 1, 2]


def test_the_silhouette_is_the_one_worked_out_by_hand() -> None:
    # One item at 0°, one at 90°, two at 60°, in the groups 0, 1, 1, 1. The lone item counts 0
    # (Rousseeuw 1987). The one at 90°: a = 1 − cos 30° = 0.1340, b = 1 − cos 90° = 1, s = 0.8660.
    # The two at 60°: a = 0.1340 / 2 = 0.0670, b = 1 − cos 60° = 0.5, s = 0.8660.
    angles = np.radians([0.0, 90.0, 60.0, 60.0])
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    found = silhouettes(rows, np.array([0, 1, 1, 1]), 2)
    assert found == pytest.approx([0.0, 0.8660, 0.8660, 0.8660], abs=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(6, 40), st.integers(2, 4))
def test_silhouettes_are_those_of_scikit_learn(seed: int, n: int, k: int) -> None:
    from sklearn.metrics import silhouette_samples

    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 8))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    labels = np.concatenate([np.arange(k), rng.integers(k, size=n - k)])
    expected = silhouette_samples(rows, labels, metric="cosine")
    assert silhouettes(rows, labels, k) == pytest.approx(expected, abs=1e-9)


def test_beyond_the_limit_every_item_still_gets_the_group_of_its_axis() -> None:
    rows, axes = blobs(3, 100)
    found = cluster(rows, people(300, 30), seed=1, max_items=40)
    assert found.labels(3).tolist() == axes.tolist()


def test_a_talkative_person_does_not_crowd_others_out_of_the_sample() -> None:
    # 300 items of one person on two axes, and three people with one item each on a third: a
    # plain sample of 20 would hold all three of them once in thousands of draws.
    rows, _ = blobs(2, 150)
    both = np.concatenate([rows, np.eye(384, dtype=np.float32)[[5, 5, 5]]])
    found = cluster(both, ["talker"] * 300 + ["a", "b", "c"], seed=1, max_items=20)
    assert Counter(found.labels(3).tolist()) == {0: 150, 1: 150, 2: 3}


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=40), st.integers(1, 40))
def test_a_sample_takes_everybodys_first_before_anybodys_second(
    owners: list[str], most: int
) -> None:
    given_by = Counter(owners[i] for i in spread(owners, most, 7).tolist())
    assert sum(given_by.values()) == min(most, len(owners))
    for person, count in Counter(owners).items():
        fewest = min(count, max(given_by.values()) - 1)
        assert given_by[person] >= fewest


def test_a_sample_without_enough_different_items_falls_back_to_the_different_ones() -> None:
    same = np.repeat(np.eye(384, dtype=np.float32)[[0]], 500, axis=0)
    rows = np.concatenate([same, np.eye(384, dtype=np.float32)[[1, 2]]])
    found = cluster(rows, ["one"] * 502, seed=1, max_items=10)
    assert found.labels(3).tolist() == [*[0] * 500, 1, 2]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(8, 40), st.integers(2, 4), st.booleans())
def test_the_same_items_and_seed_give_the_same_complete_grouping(
    seed: int, n: int, k: int, sampled: bool
) -> None:
    rows, _ = blobs(5, n // 4 + 1, noise=0.3, seed=seed % 1000)
    owners = people(len(rows), 4)
    limit = 8 if sampled else 4000
    first = cluster(rows, owners, seed=seed, max_items=limit).labels(k)
    second = cluster(rows, owners, seed=seed, max_items=limit).labels(k)
    assert first.tolist() == second.tolist()
    assert set(first.tolist()) == set(range(k))


def test_rows_without_their_people_are_refused() -> None:
    with pytest.raises(ValueError, match="3 rows of 2 people"):
        cluster(np.eye(3, dtype=np.float32), ["a", "b"], seed=1)


def test_a_single_item_is_refused() -> None:
    with pytest.raises(ValueError, match="1 items cannot be grouped"):
        cluster(np.eye(1, dtype=np.float32), ["a"], seed=1)


def test_middles_are_unit_vectors_and_zero_where_members_cancel_out() -> None:
    rows = np.array([[1, 0], [0, 1], [1, 0], [-1, 0]], dtype=np.float32)
    middles = centroids(rows, np.array([0, 0, 1, 1]), 2)
    assert middles == pytest.approx(np.array([[math.sqrt(0.5)] * 2, [0, 0]]), abs=1e-6)


def test_distinct_counts_equal_rows_once_and_takes_minus_zero_for_zero() -> None:
    assert distinct(np.array([[1, 0], [1, -0.0], [0, 1]], dtype=np.float32)) == 2
