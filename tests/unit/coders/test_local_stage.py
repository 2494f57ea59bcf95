"""Stages of a conversation, decided together."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qualcode.coders.local.stage import PLAIN, _moves, _posterior


def test_moves_are_chances_and_staying_is_likeliest() -> None:
    chances = np.exp(_moves(5, PLAIN))
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert (chances.argmax(axis=1) == np.arange(5)).all()


def test_the_next_stage_is_likelier_than_the_one_before() -> None:
    chances = np.exp(_moves(5, PLAIN))
    assert chances[2, 3] > chances[2, 1] > 0


@given(st.lists(st.tuples(*[st.floats(-5, 5)] * 3), min_size=1, max_size=5))
def test_chances_are_those_of_summing_over_all_paths(rows: list[tuple[float, ...]]) -> None:
    likely, moves = np.array(rows), _moves(3, PLAIN)
    expected = np.zeros_like(likely)
    for path in itertools.product(range(3), repeat=len(rows)):
        weight = sum(likely[at, stage] for at, stage in enumerate(path))
        weight += sum(moves[a, b] for a, b in itertools.pairwise(path))
        for at, stage in enumerate(path):
            expected[at, stage] += np.exp(weight)
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(_posterior(likely, moves), expected, atol=1e-9)


def test_a_segment_that_says_little_follows_its_neighbours() -> None:
    likely = np.array([[4.0, 0, 0], [0, 0.3, 0], [4.0, 0, 0]])
    assert _posterior(likely, _moves(3, PLAIN)).argmax(axis=1).tolist() == [0, 0, 0]
