"""Agreement, against the examples of Krippendorff, "Computing Krippendorff's alpha" (2011)."""

import pytest

from evals.agreement import krippendorff_alpha, masi


def test_alpha_of_binary_data_is_the_published_one() -> None:
    meg, owen = "0100000010", "1110010000"
    alpha = krippendorff_alpha(list(zip(meg, owen, strict=True)))
    assert alpha == pytest.approx(0.095, abs=5e-4)


def test_alpha_of_nominal_data_is_the_published_one() -> None:
    ben, gerry = "aabbdcccedda", "babbbccceddd"
    alpha = krippendorff_alpha(list(zip(ben, gerry, strict=True)))
    assert alpha == pytest.approx(0.692, abs=5e-4)


def test_readers_who_agree_in_everything_have_an_alpha_of_one() -> None:
    assert krippendorff_alpha([("a", "a"), ("b", "b")]) == 1


def test_alpha_is_undefined_where_all_said_the_same_of_all() -> None:
    assert krippendorff_alpha([("a", "a"), ("a", "a")]) is None


def test_alpha_without_units_is_undefined() -> None:
    assert krippendorff_alpha([]) is None


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0),
        ("ab", "ab", 0),
        ("", "a", 1),
        ("a", "b", 1),
        ("ab", "abcd", 1 - 2 / 3 * 2 / 4),
        ("ab", "bc", 1 - 1 / 3 * 1 / 3),
    ],
)
def test_masi_is_less_for_sets_that_hold_each_other(one: str, other: str, distance: float) -> None:
    assert masi(set(one), set(other)) == pytest.approx(distance)
    assert masi(set(other), set(one)) == pytest.approx(distance)


def test_alpha_with_masi_forgives_part_of_a_set() -> None:
    apart = [(frozenset("a"), frozenset("c")), (frozenset("b"), frozenset("b"))]
    near = [(frozenset("a"), frozenset("ac")), (frozenset("b"), frozenset("b"))]
    assert (krippendorff_alpha(near, masi) or 0) > (krippendorff_alpha(apart, masi) or 0)
