"""Three or four groups: the rule, its words and its figures."""

from __future__ import annotations

import numpy as np
import pytest
from criteria_sample import BOOK, CODE_VECTORS, Said, study, talk

from qualcode.analysis.clusters import silhouettes
from qualcode.analysis.grouping import (
    Grouped,
    _choose,
    _clear,
    _smallest,
    find_groups,
    place_items,
)
from qualcode.analysis.items import gather_items
from qualcode.analysis.stability import Stability


def stability(three: list[float], four: list[float], shuffled: float = 0.4) -> Stability:
    return Stability(
        agreement={3: np.array(three), 4: np.array(four)},
        shuffled={3: np.full(5, shuffled), 4: np.full(5, shuffled)},
        by_group={3: (0.9,) * 3, 4: (0.9,) * 4},
        n_items=100,
    )


BOTH = {3: 5, 4: 4}


def test_four_groups_are_taken_where_they_come_back_more_surely() -> None:
    k, words = _choose(stability([0.6, 0.7] * 20, [0.8, 0.9] * 20), BOTH, {})
    assert k == 4
    assert words.startswith("Four: when half of the people are drawn again, four groups come back")


def test_three_groups_are_taken_where_they_come_back_more_surely() -> None:
    k, words = _choose(stability([0.8, 0.9] * 20, [0.6, 0.7] * 20), BOTH, {})
    assert k == 3
    assert words.startswith("Three: when half of the people are drawn again, three groups come")


def test_where_they_cannot_be_told_apart_three_are_taken_and_it_is_said() -> None:
    k, words = _choose(stability([0.6, 0.9] * 20, [0.9, 0.62] * 20), BOTH, {})
    assert k == 3
    assert words.startswith("Three and four cannot be told apart, so three are taken:")


def test_four_groups_of_which_one_rests_on_two_people_are_not_taken() -> None:
    k, words = _choose(stability([0.6] * 20, [0.9] * 20), {3: 5, 4: 2}, {})
    assert k == 3
    assert words.startswith("Three: of four groups one would rest on fewer than 3 people.")


def test_groups_that_gain_nothing_over_shuffled_data_are_said_to_be_chance() -> None:
    k, words = _choose(stability([0.40, 0.42] * 20, [0.44, 0.45] * 20), BOTH, {})
    assert k == 3
    assert "hardly more stable than chance" in words


@pytest.mark.parametrize(
    ("agreement", "words"), [(0.5, "comes back in part only"), (0.9, "much more surely")]
)
def test_the_words_say_how_far_the_grouping_can_be_trusted(agreement: float, words: str) -> None:
    assert words in _choose(stability([agreement] * 20, [agreement] * 20), BOTH, {})[1]


def test_the_gain_is_what_is_left_over_shuffled_data() -> None:
    # (0.7 - 0.4) / (1 - 0.4) = 0.5 and (0.85 - 0.4) / 0.6 = 0.75.
    figures: dict[str, float] = {}
    _choose(stability([0.6, 0.8] * 20, [0.85] * 40), BOTH, figures)
    assert (figures["gain_k3"], figures["gain_k4"]) == (0.5, 0.75)
    assert figures["difference"] == 0.25
    assert figures["difference_low"] < 0.25 < figures["difference_high"]


def grouped(said: list[Said]) -> Grouped:
    corpus, vectors = study(said)
    placed = place_items(gather_items(corpus, BOOK), BOOK, vectors, CODE_VECTORS)
    assert placed is not None
    return find_groups(placed, seed=1, n_draws=5)


def test_figures_are_there_for_every_number_that_was_tried() -> None:
    found = grouped(talk(6))
    for k in range(2, 7):
        for name in ("agreement", "shuffled", "gain", "silhouette", "smallest"):
            assert f"{name}_k{k}" in found.figures
    assert found.figures["n_draws"] == 5


def test_a_group_holds_its_members_their_nearness_and_its_node() -> None:
    found = grouped(talk(6))
    for group in found.groups:
        assert len(group.members) == len(group.cosines) == 6
        assert min(group.cosines) > 0.9
        assert float(np.linalg.norm(group.middle)) == pytest.approx(1, abs=1e-5)
        assert found.clustering is not None
        assert found.clustering.tree.items(group.root) == list(group.members)


def test_nothing_with_a_vector_is_placed_nowhere() -> None:
    corpus, _ = study(talk(6))
    assert place_items(gather_items(corpus, BOOK), BOOK, {}, CODE_VECTORS) is None


def clear_of(*angles: float, labels: list[int]) -> list[bool]:
    turned = np.radians(angles)
    rows = np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)
    k = max(labels) + 1
    found = np.array(labels)
    return _clear(rows, found, k, silhouettes(rows, found, k)).tolist()


def test_a_segment_nearer_to_another_group_is_not_clear() -> None:
    # That at 50° is only 25° from its group's middle, but nearer still to the three at 60°.
    found = clear_of(0, 0, 50, 60, 60, 60, labels=[0, 0, 0, 1, 1, 1])
    assert found == [True, True, False, True, True, True]


def test_a_segment_far_from_its_groups_middle_is_not_clear() -> None:
    # Nothing is nearer to that at 90° than its own group, whose middle is 83° away.
    found = clear_of(*[0] * 9, 90, 180, 180, labels=[0] * 10 + [1, 1])
    assert found[9] is False
    assert all(found[:9])


def test_a_segment_alone_in_its_group_is_clear() -> None:
    assert clear_of(0, 90, 95, labels=[0, 1, 1]) == [True, True, True]


def test_only_people_with_a_clear_segment_count_for_a_group() -> None:
    labels, clear = np.array([0, 0, 0, 1, 1]), np.array([True, False, True, True, True])
    assert _smallest(["a", "b", "a", "c", "d"], labels, clear, 2) == 1
