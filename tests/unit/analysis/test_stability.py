"""Which groups come back, against what shuffled data does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis.clusters import cluster
from qualcode.analysis.meaning import Space
from qualcode.analysis.stability import HARDLY, Stability, _mixed, compare, measure_stability


def planted(n_groups: int, n_people: int, *, noise: float, seed: int = 1) -> Any:
    """Return rows around axes, one of each for everybody; their directions are theirs too."""
    rng = np.random.default_rng(seed)
    axes = np.tile(np.arange(n_groups), n_people)
    rows = np.eye(48)[axes] + rng.normal(scale=noise, size=(len(axes), 48))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), [
        f"P{i // n_groups}" for i in range(len(axes))
    ]


def measured(rows: Any, people: list[str], *, seed: int = 1, n_draws: int = 40) -> Stability:
    nowhere = np.zeros((len(rows), 0))
    placed = Space.of(rows, nowhere).place(rows, nowhere)
    found = cluster(placed, people, seed=seed)
    groups = {k: found.labels(k) for k in (2, 3, 4, 5)}
    return measure_stability(rows, nowhere, people, groups, seed=seed, n_draws=n_draws)


def test_the_adjusted_rand_index_is_the_one_worked_out_by_hand() -> None:
    # Together in the first: 01, 02, 12, 34; in the second: 01, 23, 24, 34; in both two of the ten
    # pairs. Expected are 4 · 4 / 10 = 1.6, at most 4: (2 - 1.6) / (4 - 1.6) = 0.1667.
    index, _ = compare(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1]), 2)
    assert index == pytest.approx((2 - 1.6) / (4 - 1.6))


def test_each_groups_jaccard_index_is_that_with_its_best_match() -> None:
    # {0,1,2} with {0,1}: 2 of 3; {3,4} with {2,3,4}: 2 of 3.
    _, jaccard = compare(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1]), 2)
    assert jaccard == pytest.approx([2 / 3, 2 / 3])


def test_a_group_without_items_has_no_jaccard_index() -> None:
    _, jaccard = compare(np.array([0, 0]), np.array([0, 1]), 2)
    assert np.isnan(jaccard).tolist() == [False, True]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_the_adjusted_rand_index_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    from sklearn.metrics import adjusted_rand_score

    one, other = (np.array(labels) for labels in zip(*pairs, strict=True))
    assert compare(one, other, 4)[0] == pytest.approx(adjusted_rand_score(one, other))


@pytest.mark.parametrize("n", [6, 40, 200])
def test_shuffled_data_keeps_means_variances_and_correlations(n: int) -> None:
    rows = np.random.default_rng(2).normal(size=(n, 12)) * np.linspace(3, 0.1, 12)
    rows -= rows.mean(axis=0)
    lengths = np.linalg.svd(rows, compute_uv=False)
    mixed = _mixed(n, lengths, np.random.default_rng(3))
    kept = np.linalg.svd(mixed, compute_uv=False)
    assert np.abs(mixed.mean(axis=0)).max() < 1e-9
    assert kept == pytest.approx(lengths[: len(kept)], abs=1e-8)
    assert len(kept) == min(n - 1, 12)


def test_planted_groups_come_back_and_shuffled_ones_do_not() -> None:
    found = measured(*planted(3, 20, noise=0.05))
    assert found.agreement[3].mean() == pytest.approx(1)
    assert found.shuffled[3].mean() < 0.7
    assert found.gain(3) == pytest.approx(1)
    assert found.by_group[3] == pytest.approx((1, 1, 1))


def test_three_planted_groups_come_back_more_surely_as_three_than_as_four() -> None:
    difference, low, high = measured(*planted(3, 20, noise=0.05)).difference()
    assert low <= difference <= high < 0


def test_four_planted_groups_come_back_more_surely_as_four_than_as_three() -> None:
    difference, low, high = measured(*planted(4, 20, noise=0.05)).difference()
    assert 0 < low <= difference <= high


@pytest.mark.parametrize("seed", range(4))
def test_data_without_groups_gains_hardly_anything(seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(120, 48))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = measured(rows, [f"P{i // 2}" for i in range(120)], seed=seed)
    assert found.gain(3) <= HARDLY
    assert found.gain(4) <= HARDLY


def test_the_same_seed_gives_the_same_figures() -> None:
    rows, people = planted(3, 8, noise=0.3)
    first, second = measured(rows, people), measured(rows, people)
    for k in (2, 3, 4, 5):
        assert first.agreement[k].tolist() == second.agreement[k].tolist()
        assert first.shuffled[k].tolist() == second.shuffled[k].tolist()
    assert first.difference() == second.difference()


def test_people_are_drawn_and_not_segments() -> None:
    # One person says everything about the second thing, sixty times. Half of the people without
    # that person leave nothing of it: in those draws its group has nobody in it. Were segments
    # drawn, some of its sixty would be there each time.
    rng = np.random.default_rng(1)
    axes = np.array([0] * 20 + [1] * 60 + [2] * 20)
    rows = np.eye(48)[axes] + rng.normal(scale=0.02, size=(100, 48))
    people = [f"A{i}" for i in range(20)] + ["talker"] * 60 + [f"B{i}" for i in range(20)]
    agreement = measured(rows, people, n_draws=60).agreement[3]
    assert 10 < (agreement < 1 - 1e-9).sum() < 50


def test_a_large_study_is_measured_on_a_sample() -> None:
    rows, people = planted(3, 500, noise=0.05)
    assert measured(rows, people, n_draws=2).n_items == 1000


def test_a_draw_with_hardly_anything_in_it_does_no_harm() -> None:
    rows, _ = planted(3, 2, noise=0.05)
    found = measured(rows, ["a", "a", "a", "a", "a", "b"], n_draws=12)
    assert np.isfinite(found.agreement[3]).all()
    assert np.isfinite(found.gain(3))
