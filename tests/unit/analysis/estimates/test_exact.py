"""Exact intervals against published tables, enumeration and each other."""

from __future__ import annotations

from math import comb

import pytest

from qualcode.analysis.estimates import clopper_pearson, clopper_pearson_upper, hypergeometric


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 5.
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0000, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_clopper_pearson_gives_the_published_bounds(
    count: int, n: int, low: float, high: float
) -> None:
    assert tuple(round(bound, 4) for bound in clopper_pearson(count, n)) == (low, high)


def test_no_error_in_ten_means_up_to_26_percent() -> None:
    assert clopper_pearson_upper(0, 10) == pytest.approx(1 - 0.05 ** (1 / 10), abs=1e-9)


def test_the_hypergeometric_interval_is_worked_out_by_hand() -> None:
    # None of 2 drawn of 5. With K positives among all, none is drawn with chance
    # C(5-K, 2) / 10 = 1, 0.6, 0.3, 0.1, 0: K = 3 is the last above 0.025.
    assert hypergeometric(0, 2, 5) == (0.0, 0.6)


@pytest.mark.parametrize("n", [1, 7, 20, 40])
def test_the_hypergeometric_interval_covers_every_population(n: int) -> None:
    n_all = 40
    intervals = [hypergeometric(count, n, n_all) for count in range(n + 1)]
    for positives in range(n_all + 1):
        held = sum(
            comb(positives, count) * comb(n_all - positives, n - count)
            for count, (low, high) in enumerate(intervals)
            if low <= positives / n_all <= high
        )
        assert held / comb(n_all, n) >= 0.95


def test_with_all_drawn_the_share_is_known() -> None:
    assert hypergeometric(3, 10, 10) == (0.3, 0.3)


def test_of_a_very_large_population_it_is_clopper_pearson() -> None:
    assert hypergeometric(5, 60, 5_000_000) == pytest.approx(clopper_pearson(5, 60), abs=1e-5)


@pytest.mark.parametrize(("count", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        clopper_pearson(count, n)
