"""Every figure of agreement against arithmetic done by hand, to 1e-9."""

from __future__ import annotations

from math import isclose

import pytest

from qualcode.analysis.agreement import Ratings, masi, measure, ordinal_alpha
from tests.ratings_sample import ratings_of

TWO = ratings_of("x x y x -", "x y y x+y -")
THREE = ratings_of("x x y .", "x y y .", "x y . x")


def is_near(value: float | None, wanted: float) -> bool:
    return value is not None and isclose(value, wanted, rel_tol=0, abs_tol=1e-9)


def overall(ratings: Ratings, name: str) -> float | None:
    return measure(ratings, n_resamples=0).overall[name].value


def of_code(ratings: Ratings, code: str, name: str) -> float | None:
    return measure(ratings, n_resamples=0).codes[code].figures[name].value


# Two coders, sets: units 1, 3 and 5 are equal, 2 (x, y) and 4 (x, xy) differ. Ten judgements:
# x 4, y 3, xy 1, none 2, of which the first coder's are x 3, y 1, none 1, the second's x 1, y 2,
# xy 1, none 1. Squares 16 + 9 + 1 + 4 = 30.
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("percent", 3 / 5),
        # p_e = (3 * 1 + 1 * 2 + 1 * 1) / 25 = 6/25; (15/25 - 6/25) / (1 - 6/25)
        ("cohen_kappa", 9 / 19),
        # p_e = 30/100; (60/100 - 30/100) / (70/100)
        ("fleiss_kappa", 3 / 7),
        # D_o = 4/10 (two units, two ordered pairs each); D_e = (100 - 30) / (10 * 9)
        ("krippendorff_alpha", 1 - (4 / 10) / (70 / 90)),
        # pi = .4 .3 .1 .2; p_e = (1 - .16 - .09 - .01 - .04) / 3; (.6 - p_e) / (1 - p_e)
        ("gwet_ac1", 11 / 23),
        # distances: x|y 1, x|xy and y|xy 1 - 1/2 * 2/3 = 2/3, anything|none 1.
        # observed 2 * 1 + 2 * 2/3 = 10/3; expected 2 * (12 + 4 * 2/3 + 8 + 3 * 2/3 + 6 + 2) = 196/3
        ("krippendorff_alpha_masi", 1 - 9 * (10 / 3) / (196 / 3)),
    ],
)
def test_figures_of_two_coders_sets_are_those_of_the_hand(name: str, wanted: float) -> None:
    assert is_near(overall(TWO, name), wanted)


# Code x of the same: given by the first coder to units 1, 2, 4, by the second to 1 and 4.
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("percent", 4 / 5),
        # p_e = (3 * 2 + 2 * 3) / 25 = 12/25; (20/25 - 12/25) / (13/25)
        ("cohen_kappa", 8 / 13),
        # half of the ten judgements: p_e = 1/2; (.8 - .5) / .5
        ("fleiss_kappa", 3 / 5),
        # D_o = 2/10; D_e = 2 * 5 * 5 / 90
        ("krippendorff_alpha", 1 - (2 / 10) / (50 / 90)),
        # pi = 1/2: p_e = 2 * 1/2 * 1/2
        ("gwet_ac1", 3 / 5),
    ],
)
def test_figures_of_a_code_are_those_of_the_hand(name: str, wanted: float) -> None:
    assert is_near(of_code(TWO, "x", name), wanted)


# Three coders with gaps: unit 1 is x x x, unit 2 x y y, unit 3 y y and unit 4 x by one coder only.
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        # 1, 1/3 and 1 of the pairs of the units that two judged
        ("percent", 7 / 9),
        # a-b: 2 of 3 equal, p_e (2 * 1 + 1 * 2) / 9: 2/5; a-c: 1 of 2, p_e 2/4: 0; b-c: 1
        ("cohen_kappa", (2 / 5 + 0 + 1) / 3),
        # eight judgements, x 4 and y 4; unit 2 has 4 ordered pairs of different ones over 3 - 1
        ("krippendorff_alpha", 1 - (2 / 8) / (32 / 56)),
        # of all four units: x (1 + 1/3 + 0 + 1) / 4 = 7/12; p_e = 2 * 7/12 * 5/12 = 35/72
        ("gwet_ac1", (7 / 9 - 35 / 72) / (1 - 35 / 72)),
    ],
)
def test_figures_with_missing_values_are_those_of_the_hand(name: str, wanted: float) -> None:
    assert is_near(overall(THREE, name), wanted)


def test_ordinal_alpha_is_that_of_the_hand() -> None:
    # 1 twice, 2 once, 3 three times. Squared differences of ranks: 1|2 (3 - 3/2)^2 = 9/4,
    # 2|3 (4 - 2)^2 = 4, 1|3 (6 - 5/2)^2 = 49/4. Observed 2 * 4; expected
    # 2 * (2 * 9/4 + 6 * 49/4 + 3 * 4) = 180; alpha = 1 - 5 * 8 / 180.
    assert is_near(ordinal_alpha(ratings_of("1 2 3", "1 3 3")).value, 7 / 9)


def test_ordinal_alpha_goes_by_the_order_of_numbers_not_of_their_letters() -> None:
    tens = ratings_of("2 10 30 2", "2 30 30 10")
    ones = ratings_of("1 2 3 1", "1 3 3 2")
    assert is_near(ordinal_alpha(tens).value, ordinal_alpha(ones).value or 0)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0),
        ("a", "a", 0),
        ("a", "", 1),
        ("a", "b", 1),
        ("a", "ab", 1 - (1 / 2) * (2 / 3)),
        ("ab", "bc", 1 - (1 / 3) * (1 / 3)),
        ("ab", "abcd", 1 - (2 / 4) * (2 / 3)),
    ],
)
def test_masi_is_jaccard_times_the_weight_of_passonneau(
    one: str, other: str, distance: float
) -> None:
    # Passonneau (2006), section 3: 1 equal, 2/3 one within the other, 1/3 overlap, 0 nothing common
    assert is_near(masi(frozenset(one), frozenset(other)), distance)


def test_masi_counts_what_is_nearly_equal_as_nearer_than_nominal_alpha_does() -> None:
    nearly = ratings_of("a+b c d a+b", "a c d+a a+b")
    masi_alpha = overall(nearly, "krippendorff_alpha_masi")
    assert masi_alpha is not None and masi_alpha > (overall(nearly, "krippendorff_alpha") or 1)


def test_figures_between_people_and_models_are_means_over_their_pairs() -> None:
    # a with m: 2 of 3 equal; b with m: 3 of 3; a with b would be 2 of 3 and must not count.
    ratings = ratings_of("x x y", "x y y", "x y y")
    found = measure(ratings, between=[("a", "c"), ("b", "c")], n_resamples=0)
    assert is_near(found.overall["percent"].value, (2 / 3 + 1) / 2)


def test_a_pair_without_a_common_unit_is_left_out_of_the_mean() -> None:
    found = measure(ratings_of("x y . .", "x y y x", ". . y x"), n_resamples=0)
    kappa = found.overall["cohen_kappa"]
    assert (kappa.value, kappa.reason[:19]) == (1, "mean of 2 of 3 pair")
