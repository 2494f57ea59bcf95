"""Where segments stand: what was said and which need it points to, half and half."""

from __future__ import annotations

import numpy as np
import pytest

from qualcode.analysis.meaning import Directions, Space, unit
from qualcode.codebook import Code, Codebook
from qualcode.records import Coding, Rationale

BOOK = Codebook(
    "test",
    (
        Code("speed", "Speed", "need"),
        Code("clarity", "Clarity", "need"),
        Code("wait", "Waiting", "pain_point"),
        Code("rude", "Rude", "pain_point"),
        Code("gone", "Gone", "pain_point", status="retired"),
        Code("joy", "Joy", "emotion"),
    ),
)
FAMILIES = ("need", "pain_point")
AXES = np.eye(4, dtype=np.float32)


def leaning(*parts: float) -> np.ndarray:
    return np.array(parts, dtype=np.float32)


VECTORS = {
    "speed": AXES[0],
    "clarity": AXES[1],
    "wait": leaning(0.8, 0.6, 0, 0),  # cosine 0.8 to speed, 0.6 to clarity
    "rude": AXES[2],
}


def coding(code: str, score: float = 0.5, family: str = "need") -> Coding:
    return Coding(code, "d", "s", 0, 1, family, code, "local:t", score, Rationale("cue", "x"))


def test_a_need_points_to_itself() -> None:
    assert Directions(BOOK, FAMILIES, VECTORS).weights([coding("clarity")]).tolist() == [0, 1, 0]


def test_a_pain_points_most_to_the_need_that_is_nearest_to_it() -> None:
    # 0.2 of cosine between them at 0.05 for a factor of e: 1 and exp(-4) = 0.0183.
    weights = Directions(BOOK, FAMILIES, VECTORS).weights([coding("wait")])
    assert weights == pytest.approx([1 / 1.018316, 0.018316 / 1.018316, 0], abs=1e-5)


def test_a_pain_without_a_near_need_stands_for_itself() -> None:
    directions = Directions(BOOK, FAMILIES, VECTORS)
    assert directions.ids == ["speed", "clarity", "rude"]
    assert directions.weights([coding("rude")]).tolist() == [0, 0, 1]


def test_codings_count_by_their_scores() -> None:
    weights = Directions(BOOK, FAMILIES, VECTORS).weights(
        [coding("speed", 0.9), coding("rude", 0.1)]
    )
    assert weights == pytest.approx([0.9, 0, 0.1])


@pytest.mark.parametrize("code", ["joy", "gone", "lost"])
def test_codes_of_other_families_and_lost_ones_point_nowhere(code: str) -> None:
    assert not Directions(BOOK, FAMILIES, VECTORS).weights([coding(code)]).any()


def test_without_vectors_every_code_stands_for_itself() -> None:
    directions = Directions(BOOK, FAMILIES, {})
    assert directions.ids == ["speed", "clarity", "wait", "rude"]
    assert directions.vectors.shape == (4, 0)


def test_words_and_directions_weigh_the_same_whatever_their_spread() -> None:
    rng = np.random.default_rng(3)
    words, directions = rng.normal(size=(50, 4)), 0.01 * rng.normal(size=(50, 4)) + 7
    space = Space.of(words, directions)
    said, points = space.words.place(words), space.directions.place(directions)
    for part in (said, points):
        assert np.abs(part.mean(axis=0)).max() < 1e-9
        assert (part**2).sum(axis=1).mean() == pytest.approx(1)
    assert space.scaled(words, directions) == pytest.approx(said + points)


def test_a_row_that_points_nowhere_stands_where_its_words_put_it() -> None:
    words = np.array([[1.0, 0], [0, 1], [0, -1]])
    directions = np.array([[1.0, 0], [0, 1], [0, 0]])
    space = Space.of(words, directions)
    assert space.scaled(words, directions)[2] == pytest.approx(space.words.place(words)[2])


def test_what_is_all_the_same_stands_in_the_middle_of_everything() -> None:
    same = np.full((10, 3), 0.1)  # the mean of ten is 0.09999999999999999
    assert not Space.of(same, same).place(same, same).any()


def test_unit_leaves_rows_of_no_length_at_zero() -> None:
    assert unit(np.array([[3.0, 4.0], [0, 0]])).tolist() == [
        pytest.approx([0.6, 0.8]),
        [0.0, 0.0],
    ]
