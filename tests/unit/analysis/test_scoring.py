"""Figures of a coder, against scikit-learn and arithmetic that stands in the comments."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from evals.measures import calibration_error as calibration_error_of_evals
from qualcode.analysis.scoring import (
    Answers,
    average_precision,
    calibration_bins,
    calibration_error,
    measure,
)

CODES = ("a", "b", "c", "d")


def sample(n: int = 200, *, seed: int = 5) -> Answers:
    rng = np.random.default_rng(seed)
    scores = np.round(rng.random((n, len(CODES))), 2)
    wanted = rng.random(scores.shape) < scores**2
    predicted = scores > np.array([0.5, 0.6, 0.7, 0.8])
    return Answers(
        codes=CODES,
        wanted=wanted,
        predicted=predicted,
        scores=scores,
        any_predicted=np.asarray(predicted.any(axis=1), bool),
        any_scores=scores.max(axis=1),
    )


def lone(
    wanted: list[int], predicted: list[int], scores: list[float] | None = None, **given: object
) -> Answers:
    """Return answers for one code."""
    decided = np.array(predicted, bool)
    values = np.array(predicted if scores is None else scores, np.float64)
    return Answers(
        codes=("a",),
        wanted=np.array(wanted, bool).reshape(-1, 1),
        predicted=decided.reshape(-1, 1),
        scores=values.reshape(-1, 1),
        any_predicted=decided,
        any_scores=values,
        **given,  # type: ignore[arg-type]
    )


def test_precision_recall_and_f1_are_those_of_scikit_learn() -> None:
    answers = sample()
    figures = measure(answers, n_draws=10)
    expected = precision_recall_fscore_support(answers.wanted, answers.predicted)
    for at, code in enumerate(figures.codes):
        told = [code.precision.value, code.recall.value, code.f1.value, code.n_wanted]
        assert told == pytest.approx([values[at] for values in expected])


@pytest.mark.parametrize("average", ["macro", "micro"])
def test_means_are_those_of_scikit_learn(average: str) -> None:
    answers = sample()
    means = getattr(measure(answers, n_draws=10), average)
    expected = precision_recall_fscore_support(answers.wanted, answers.predicted, average=average)
    told = [means.precision.value, means.recall.value, means.f1.value]
    assert told == pytest.approx(expected[:3])


def test_macro_figures_equal_scikit_learns_over_the_labels_that_there_are() -> None:
    wanted = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]], bool)
    predicted = np.array([[1, 0, 1], [1, 0, 0], [1, 0, 0], [0, 0, 0]], bool)
    scores = predicted.astype(np.float64)
    any_predicted = np.asarray(predicted.any(axis=1), bool)
    answers = Answers(("a", "b", "c"), wanted, predicted, scores, any_predicted, scores.max(axis=1))
    macro = measure(answers, n_draws=10).macro
    expected = precision_recall_fscore_support(
        wanted[:, :2], predicted[:, :2], average="macro", zero_division=0
    )
    assert macro.n_codes == 2
    assert [macro.precision.value, macro.recall.value, macro.f1.value] == pytest.approx(
        expected[:3]
    )


@pytest.mark.parametrize("decimals", [1, 3])
def test_average_precision_is_that_of_scikit_learn_with_ties_and_weights(decimals: int) -> None:
    rng = np.random.default_rng(decimals)
    for n in range(2, 40):
        scores = np.round(rng.random(n), decimals)
        wanted = rng.random(n) < 0.4
        wanted[0] = True
        weights = rng.integers(0, 4, (3, n)).astype(np.float64)
        weights[:, 0] = 1
        expected = [average_precision_score(wanted, scores, sample_weight=w) for w in weights]
        assert average_precision(wanted, scores, weights).tolist() == pytest.approx(expected)
        plain = average_precision(wanted, scores)[0]
        assert plain == pytest.approx(average_precision_score(wanted, scores))


def test_ranking_figures_of_codes_are_average_precisions() -> None:
    answers = sample()
    figures = measure(answers, n_draws=10)
    expected = average_precision_score(answers.wanted, answers.scores, average=None)
    told = [code.average_precision.value for code in figures.codes]
    assert told == pytest.approx(expected.tolist())
    assert figures.macro.average_precision is not None
    assert figures.macro.average_precision.value == pytest.approx(float(np.mean(expected)))


def bins_of(n: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    rng = np.random.default_rng(8)
    scores = rng.permutation(np.linspace(0.01, 0.99, n))
    return rng.random(n) < scores**2, scores


def test_calibration_error_of_scores_that_differ_is_that_of_the_scripts() -> None:
    for n in (7, 40, 103):
        wanted, scores = bins_of(n)
        expected = calibration_error_of_evals(wanted.astype(np.float64), scores)
        assert calibration_error(wanted, scores) == pytest.approx(expected)


def test_calibration_bins_are_those_of_scikit_learns_quantiles() -> None:
    wanted, scores = bins_of(100)
    shares, means = calibration_curve(wanted, scores, n_bins=10, strategy="quantile")
    found = measure(
        lone(wanted.astype(int).tolist(), [1] * 100, scores.tolist()), n_draws=10
    ).calibration
    assert [b.share for b in found.bins] == pytest.approx(shares.tolist())
    assert [b.mean_score for b in found.bins] == pytest.approx(means.tolist())
    assert found.error.value == pytest.approx(float(np.abs(shares - means).mean()))


def test_equal_scores_stay_in_one_bin_whatever_the_order_of_rows() -> None:
    scores = np.array([0.2] * 7 + [0.5] * 2 + [0.9])
    for seed in range(5):
        shuffled = np.random.default_rng(seed).permutation(scores)
        bins = calibration_bins(shuffled, 5)
        assert [len(set(bins[shuffled == s])) for s in (0.2, 0.5, 0.9)] == [1, 1, 1]
        assert bins[shuffled == 0.2].max() < bins[shuffled == 0.9].min()


def test_calibration_among_proposals_counts_only_what_was_proposed() -> None:
    # Two proposals with 0.8, one of them right: |0.5 − 0.8| = 0.3
    found = measure(
        lone([1, 0, 1, 0], [1, 1, 0, 0], [0.8, 0.8, 0.1, 0.1]), n_draws=10
    ).calibration_proposed
    assert found.n == 2
    assert found.error.value == pytest.approx(0.3)


def test_without_scores_nothing_is_ranked_or_calibrated() -> None:
    figures = measure(lone([1, 0], [1, 1], has_scores=False), n_draws=10)
    for figure in (figures.codes[0].average_precision, figures.calibration.error):
        assert (figure.value, figure.reason) == (None, "the coder gave no scores")
    assert figures.codes[0].precision.value == 0.5


def test_what_is_undefined_is_none_with_a_reason() -> None:
    (code,) = measure(lone([0, 0], [0, 0]), n_draws=10).codes
    assert (code.precision.value, code.precision.reason) == (None, "nothing was proposed")
    assert (code.f1.value, code.f1.reason) == (None, "no row has this label")


def test_no_rows_give_no_figures() -> None:
    figures = measure(lone([], []))
    assert figures.n_rows == 0
    assert figures.micro.f1.value is None
    assert figures.calibration.error.value is None


def test_an_interval_covers_a_share_as_the_binomial_does() -> None:
    # 30 of 100 proposals right: standard error sqrt(0.3 · 0.7 / 100) = 0.046, so 0.21 to 0.39
    figure = measure(lone([1] * 30 + [0] * 70, [1] * 100)).codes[0].precision
    assert figure.value == pytest.approx(0.3)
    assert (figure.low, figure.high) == (
        pytest.approx(0.21, abs=0.02),
        pytest.approx(0.39, abs=0.02),
    )


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others() -> None:
    answers = sample(60)
    assert measure(answers, n_draws=50) == measure(answers, n_draws=50)
    assert measure(answers, n_draws=50) != measure(answers, seed=1, n_draws=50)


def test_a_group_has_the_figures_of_its_rows_alone() -> None:
    answers = lone(
        [1, 1, 0, 0],
        [1, 0, 1, 1],
        groups={"who": ["x", "x", "y", "y"]},
        group_order={"who": ("y", "x", "never")},
    )
    y, x = measure(answers, n_draws=10).groups["who"]
    assert (x.value, x.n_rows, x.n_wanted, x.precision.value, x.recall.value) == ("x", 2, 2, 1, 0.5)
    assert (y.value, y.precision.value, y.recall.value) == ("y", 0, None)


def test_whether_any_code_applies_is_measured_apart() -> None:
    # Row 1 has a and is given b: wrong for both codes, right for "any".
    wanted = np.array([[1, 0], [0, 0]], bool)
    predicted = np.array([[0, 1], [0, 0]], bool)
    answers = Answers(
        *(("a", "b"), wanted, predicted, predicted.astype(np.float64)),
        *(np.array([True, False]), np.array([0.9, 0.2])),
    )
    figures = measure(answers, n_draws=10)
    assert figures.micro.f1.value == 0
    assert (figures.any.f1.value, figures.any.average_precision.value) == (1, 1)
