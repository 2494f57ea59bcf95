"""Counts, F1 and intervals, against arithmetic that stands in the comments."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from evals.measures import (
    N_BOOTSTRAP,
    calibration_error,
    f1_of,
    macro_f1,
    micro_f1,
    resampled,
    scores,
    spread,
    tally,
)

WANTED = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]], bool)
PROPOSED = np.array([[1, 0, 0], [0, 1, 1], [0, 1, 0], [1, 0, 0]], bool)


def test_scores_are_the_shares_of_what_was_right() -> None:
    found = scores(3, 4, 6)  # P 3/4, R 3/6, F1 2·3 / (4 + 6)
    assert (found["precision"], found["recall"], found["f1"]) == (0.75, 0.5, 0.6)


def test_nothing_proposed_has_no_precision() -> None:
    assert scores(0, 0, 5) == {
        **{"precision": None, "recall": 0.0, "f1": 0.0},
        **{"n_right": 0, "n_proposed": 0, "n_labelled": 5},
    }


def test_f1_of_tallies_is_that_of_scikit_learn() -> None:
    counts = tally(WANTED, PROPOSED).sum(axis=0)
    expected = f1_score(WANTED[:, :2], PROPOSED[:, :2], average=None)
    assert f1_of(counts)[:2].tolist() == pytest.approx(expected.tolist())
    assert float(micro_f1(counts)) == pytest.approx(f1_score(WANTED, PROPOSED, average="micro"))


def test_macro_f1_leaves_out_labels_that_nobody_wanted() -> None:
    # label 0: 2·1 / (2 + 2) = 0.5; label 1: 2·2 / (2 + 2) = 1; label 2 was never wanted
    assert float(macro_f1(tally(WANTED, PROPOSED).sum(axis=0))) == pytest.approx(0.75)


def test_macro_f1_without_any_wanted_label_is_undefined() -> None:
    nothing = np.zeros((2, 3), bool)
    assert np.isnan(macro_f1(tally(nothing, nothing).sum(axis=0)))


def test_an_interval_covers_a_share_as_the_binomial_does() -> None:
    # 30 of 100: standard error sqrt(0.3 · 0.7 / 100) = 0.046, so about 0.21 to 0.39
    parts = np.repeat([1.0, 0.0], [30, 70])[:, None]
    low, high = spread(resampled(parts)[:, 0] / 100) or (0, 0)
    assert (low, high) == (pytest.approx(0.21, abs=0.015), pytest.approx(0.39, abs=0.015))


def test_every_stratum_keeps_its_size() -> None:
    parts = np.array([[1.0, 0.0]] * 3 + [[0.0, 1.0]] * 5)
    drawn = resampled(parts, ["a"] * 3 + ["b"] * 5)
    assert drawn.tolist() == [[3.0, 5.0]] * N_BOOTSTRAP


def test_the_same_parts_give_the_same_draws() -> None:
    parts = np.arange(20.0)[:, None]
    assert resampled(parts).tolist() == resampled(parts).tolist()


def test_a_figure_that_was_never_defined_has_no_interval() -> None:
    assert spread(np.array([np.nan, np.nan])) is None


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    # two bins of two: |0 - 0.2| and |0.5 - 0.8|, so (0.2 + 0.3) / 2
    labels, said = np.array([0.0, 0.0, 1.0, 0.0]), np.array([0.2, 0.2, 0.8, 0.8])
    assert calibration_error(labels, said, n_bins=2) == pytest.approx(0.25)
