"""From which score on codings may be accepted without a look."""

from __future__ import annotations

import numpy as np
import pytest

from qualcode.analysis.estimates import clopper_pearson_upper, lowest_threshold
from qualcode.analysis.estimates.auto_accept import fewest_without_error


@pytest.mark.parametrize(
    ("rate", "n"),
    # The rule of three, exactly: ln 0.05 / ln(1 - rate), upwards. J. Hanley and A. Lippman-Hand,
    # JAMA 249 (1983), 1743-1745.
    [(0.05, 59), (0.10, 29), (0.01, 299)],
)
def test_so_many_without_an_error_put_the_bound_below_the_rate(rate: float, n: int) -> None:
    assert fewest_without_error(rate) == n
    assert clopper_pearson_upper(0, n) < rate <= clopper_pearson_upper(0, n - 1)


def test_all_right_gives_the_lowest_score_there_is() -> None:
    judged = [(at / 200, True) for at in range(200)]
    accepted = lowest_threshold(judged, rate=0.05, seed=1)
    assert accepted.threshold is not None and accepted.threshold < 0.03
    assert (accepted.error, accepted.n_wrong) == (0.0, 0)


def test_low_scores_that_are_wrong_are_not_accepted() -> None:
    judged = [(at / 1000, at >= 500) for at in range(1000)]
    accepted = lowest_threshold(judged, rate=0.05, seed=1)
    # Going down a tenth at a time, a step may take in up to a tenth of wrong ones less the rate.
    assert 0.45 <= (accepted.threshold or 0) <= 0.6


def test_the_error_is_told_from_judgements_that_had_no_say() -> None:
    judged = [(at / 1000, at >= 300) for at in range(1000)]
    accepted = lowest_threshold(judged, rate=0.1, seed=3)
    half = sum(score >= (accepted.threshold or 0) for score, _ in judged)
    assert accepted.n_chosen_on + accepted.n == half


def test_too_few_judgements_give_none_and_how_many_are_missing() -> None:
    # 59 on the half that chooses are 118 in all
    accepted = lowest_threshold([(0.9, True)] * 50, rate=0.05, seed=1)
    assert (accepted.threshold, accepted.needed) == (None, 68)


def test_a_code_that_is_often_wrong_gives_none_that_more_would_not_help() -> None:
    judged = [(0.9, at % 5 > 0) for at in range(300)]
    accepted = lowest_threshold(judged, rate=0.05, seed=1)
    assert (accepted.threshold, accepted.needed) == (None, None)
    assert "will hardly help" in accepted.reason


def test_an_error_close_to_the_rate_needs_more() -> None:
    judged = [(0.9, at % 25 > 0) for at in range(150)]
    accepted = lowest_threshold(judged, rate=0.06, seed=1)
    assert accepted.threshold is None and (accepted.needed or 0) > 0


def test_the_order_of_judgements_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    judged = [
        (float(s), bool(r)) for s, r in zip(rng.random(400), rng.random(400) < 0.98, strict=True)
    ]
    assert lowest_threshold(judged, rate=0.1, seed=2) == lowest_threshold(
        judged[::-1], rate=0.1, seed=2
    )


def test_no_judgement_is_no_threshold() -> None:
    assert lowest_threshold([], rate=0.05, seed=1).needed == 118


def test_thresholds_err_more_than_the_rate_at_most_one_time_in_twenty() -> None:
    # Every coding errs with exactly the rate, so that any threshold is a false one: binomially
    # 20 of 400 expected, 32 at most but for one time in two hundred.
    rng = np.random.default_rng(5)
    false = 0
    for seed in range(400):
        scores, right = rng.random(300), rng.random(300) >= 0.1
        judged = list(zip(scores.tolist(), right.tolist(), strict=True))
        false += lowest_threshold(judged, rate=0.1, seed=seed).threshold is not None
    assert false <= 32
