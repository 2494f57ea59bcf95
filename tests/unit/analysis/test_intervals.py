"""Intervals against published tables and arithmetic by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis.intervals import _drawn, bootstrap_mean, wilson


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3
        # (score, no continuity correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_bounds(count: int, total: int, low: float, high: float) -> None:
    interval = wilson(count, total)
    assert (round(interval.low or 0.0, 4), round(interval.high or 0.0, 4)) == (low, high)


def test_wilson_gives_the_bounds_worked_out_by_hand() -> None:
    # 9 of 12, z = 1.959964, z² = 3.841459:
    # middle = 0.75 + 3.841459 / 24 = 0.910061
    # half = 1.959964 · √(0.75 · 0.25 / 12 + 3.841459 / 576)
    #      = 1.959964 · √(0.015625 + 0.006669) = 1.959964 · 0.149313 = 0.292648
    # scale = 1 + 3.841459 / 12 = 1.320122
    # low = 0.617413 / 1.320122 = 0.467694, high = 1.202709 / 1.320122 = 0.911059
    low, high, reason = wilson(9, 12)
    assert low == pytest.approx(0.467694, abs=1e-5)
    assert high == pytest.approx(0.911059, abs=1e-5)
    assert reason == ""


@settings(deadline=None)
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_encloses_the_share_and_stays_between_0_and_1(pair: tuple[int, int]) -> None:
    count, total = pair
    low, high, _ = wilson(count, total)
    assert low is not None and high is not None
    assert 0 <= low <= count / total <= high <= 1


def test_wilson_of_nobody_is_undefined_with_a_reason() -> None:
    assert wilson(0, 0) == (None, None, "nobody to count")


@pytest.mark.parametrize(("count", "total"), [(-1, 3), (4, 3), (0, -1)])
def test_wilson_refuses_what_is_not_a_share(count: int, total: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        wilson(count, total)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_wilson_refuses_a_confidence_outside_0_to_1(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        wilson(1, 3, confidence)


def test_the_bootstrap_gives_the_percentiles_worked_out_by_hand() -> None:
    # Seven people at 0 and one at 8: the mean of a resample of eight is Binomial(8, 1/8):
    # P(0) = 0.3436, P(<=2) = 0.9327, P(<=3) = 0.9888. So the 2.5 % point is 0 and the 97.5 %
    # point 3; with 2,000 draws both are more than five standard errors from the next value.
    assert bootstrap_mean([0, 0, 0, 0, 0, 0, 0, 8], seed=1) == (0.0, 3.0, "")


def test_the_bootstrap_of_equal_values_is_that_value() -> None:
    assert bootstrap_mean([0.1] * 9, seed=1) == (0.1, 0.1, "")


@settings(deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=2, max_size=30), st.integers(0, 2**32))
def test_the_bootstrap_stays_within_the_values_and_repeats_with_the_seed(
    values: list[float], seed: int
) -> None:
    low, high, _ = bootstrap_mean(values, seed=seed, n_resamples=50)
    assert low is not None and high is not None
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    assert (low, high, "") == bootstrap_mean(values, seed=seed, n_resamples=50)


@pytest.mark.parametrize("values", [[], [1.0]])
def test_the_bootstrap_of_fewer_than_two_people_is_undefined_with_a_reason(
    values: list[float],
) -> None:
    assert bootstrap_mean(values, seed=1) == (None, None, "fewer than two people")


def test_the_bootstrap_refuses_values_that_are_not_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        bootstrap_mean([1.0, float("nan")], seed=1)


def test_above_400_people_the_interval_is_the_normal_one() -> None:
    # Half zeros, half ones, 600 people: the standard error is √(0.25 · 600/599) / √600 = 0.02043,
    # so the bounds are 0.5 ± 1.96 · 0.02043 = 0.5 ± 0.04004.
    low, high, _ = bootstrap_mean([0.0, 1.0] * 300, seed=3)
    assert low == pytest.approx(0.45996, abs=1e-5)
    assert high == pytest.approx(0.54004, abs=1e-5)


def test_at_400_people_bootstrap_and_normal_interval_nearly_agree() -> None:
    values = [i % 5 - 2.0 for i in range(400)]
    low, high, _ = bootstrap_mean(values, seed=3)
    # Standard deviation √2 · √(400/399), standard error 0.0708: ± 0.1388.
    assert low == pytest.approx(-0.1388, abs=0.01)
    assert high == pytest.approx(0.1388, abs=0.01)


def test_the_draws_are_those_of_mulberry32() -> None:
    # Worked out with the published JavaScript, a = 1: 2693262067, 11749833, 2265367787 of 2^32.
    assert list(_drawn(1000, 3, seed=1)) == [
        n * 1000 // 2**32 for n in (2693262067, 11749833, 2265367787)
    ]
