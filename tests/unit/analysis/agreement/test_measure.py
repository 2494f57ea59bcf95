"""Intervals, reasons and warnings of agreement, and what chance looks like."""

from __future__ import annotations

import numpy as np
import pytest

from qualcode.analysis.agreement import Agreement, Ratings, confusion, measure, ordinal_alpha
from qualcode.analysis.agreement.acceptance import acceptance
from tests.ratings_sample import FOUR_OBSERVERS, ratings_of


def guessed(shares: dict[str, float], n_units: int = 3000, n_coders: int = 3) -> Ratings:
    """Return ratings by coders who draw a code at random, whatever the unit."""
    rng = np.random.default_rng(7)
    drawn = rng.choice(list(shares), size=(n_coders, n_units), p=list(shares.values()))
    return ratings_of(*(" ".join(line) for line in drawn))


def many(n: int, clusters: int) -> Ratings:
    """Return ratings of two coders who mostly agree; each cluster says one thing all along."""
    rng = np.random.default_rng(3)
    says = rng.choice(["x", "y"], clusters)
    agrees = rng.random(clusters) < 0.7
    of = [at % clusters for at in range(n)]
    other = {"x": "y", "y": "x"}
    first = [str(says[at]) for at in of]
    second = [word if agrees[at] else other[word] for at, word in zip(of, first, strict=True)]
    return ratings_of(" ".join(first), " ".join(second), clusters=[f"p{at}" for at in of])


BALANCED = measure(guessed(dict.fromkeys("wxyz", 0.25)), n_resamples=0)
SKEWED = measure(guessed({"x": 0.95, "y": 0.05}), n_resamples=0)
CORRECTED = ("cohen_kappa", "fleiss_kappa", "krippendorff_alpha", "krippendorff_alpha_masi")


@pytest.mark.parametrize("name", CORRECTED)
@pytest.mark.parametrize("by_chance", [BALANCED, SKEWED], ids=["balanced", "skewed"])
def test_kappa_and_alpha_of_guesses_are_near_zero(by_chance: Agreement, name: str) -> None:
    value = by_chance.overall[name].value
    assert value is not None and abs(value) < 0.05


@pytest.mark.parametrize("name", ["cohen_kappa", "fleiss_kappa", "krippendorff_alpha"])
def test_kappa_and_alpha_of_a_rare_code_that_is_guessed_are_near_zero(name: str) -> None:
    value = SKEWED.codes["y"].figures[name].value
    assert value is not None and abs(value) < 0.05


@pytest.mark.parametrize("name", ["percent", "gwet_ac1"])
def test_percent_and_ac1_of_skewed_guesses_are_high(name: str) -> None:
    value = SKEWED.overall[name].value
    assert value is not None and value > 0.85


def test_a_rare_code_has_a_warning_with_what_guessing_would_reach() -> None:
    # .1^2 + .9^2 = .82, and AC1 (.82 - .18) / (1 - .18) = .78
    found = measure(ratings_of("y y" + " x" * 18, "x y y" + " x" * 17), n_resamples=0)
    assert found.codes["y"].warning == (
        "given in 10.0% of judgements: percent and AC1 are high by construction (coders who guess "
        "would reach 0.82 and 0.78); kappa and alpha are not"
    )


def test_the_overall_warnings_name_a_code_set_that_is_nearly_everywhere() -> None:
    assert any("'x' in 9" in warning for warning in SKEWED.warnings)


def test_balanced_codes_have_no_such_warning() -> None:
    assert (BALANCED.warnings, BALANCED.codes["x"].warning) == ((), "")


def test_the_same_seed_gives_the_same_intervals() -> None:
    assert measure(many(200, 40)) == measure(many(200, 40))


def test_another_seed_gives_other_intervals() -> None:
    name = "krippendorff_alpha"
    first, second = (measure(many(200, 40), seed=seed).overall[name] for seed in (1, 2))
    assert first.low != second.low and first.value == second.value


def test_an_interval_holds_its_figure() -> None:
    for figure in measure(many(200, 40)).overall.values():
        assert figure.low is not None and figure.high is not None and figure.value is not None
        assert figure.low <= figure.value <= figure.high


def test_drawing_participants_gives_wider_intervals_than_drawing_units() -> None:
    by_person = many(400, 40)
    by_unit = Ratings(by_person.units, by_person.coders, by_person.values, by_person.units)
    person, unit = (measure(r).overall["percent"] for r in (by_person, by_unit))
    widths = [(f.high or 0) - (f.low or 0) for f in (person, unit)]
    # Ten equal units a person: the standard error is the root of ten times as large.
    assert 2.5 < widths[0] / widths[1] < 4


def test_the_interval_of_percent_is_that_of_a_binomial_share() -> None:
    ratings = ratings_of("x " * 300 + "y " * 100, "x " * 400)
    figure = measure(ratings, n_resamples=4000).overall["percent"]
    half = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert figure.low == pytest.approx(0.75 - half, abs=0.005)
    assert figure.high == pytest.approx(0.75 + half, abs=0.005)


def test_fewer_than_twenty_participants_are_warned_of() -> None:
    found = measure(many(100, 19))
    assert any("19 participants; from fewer than 20" in w for w in found.warnings)


def test_twenty_participants_are_not_warned_of() -> None:
    assert not any("fewer than 20" in w for w in measure(many(100, 20)).warnings)


def test_one_participant_gives_a_figure_without_interval() -> None:
    figure = measure(ratings_of("x y x", "x y y", clusters=["p"] * 3)).overall["percent"]
    assert (figure.low, figure.reason) == (None, "no interval: fewer than two participants")


def test_there_is_no_interval_where_over_a_twentieth_of_resamples_is_undefined() -> None:
    # One unit of 20 has another code: (19/20)^20 = 36 % of resamples lack it.
    figure = measure(ratings_of("x " * 19 + "y", "x " * 19 + "y")).overall["krippendorff_alpha"]
    assert (figure.value, figure.low) == (1, None)
    assert figure.reason.startswith("no interval: undefined in 3")


def test_there_is_an_interval_where_few_resamples_are_undefined() -> None:
    # Four of 20: (16/20)^20 = 1.2 % of resamples lack them.
    words = "x " * 16 + "y " * 4
    figure = measure(ratings_of(words, words)).overall["krippendorff_alpha"]
    assert (figure.low, figure.high, figure.reason) == (1, 1, "")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("cohen_kappa", "Cohen's kappa undefined: one code only"),
        ("fleiss_kappa", "Fleiss' kappa undefined: one code only"),
        ("krippendorff_alpha", "alpha undefined: one code only"),
        ("krippendorff_alpha_masi", "MASI alpha undefined: one code only"),
        ("gwet_ac1", "AC1 undefined: one code only"),
    ],
)
def test_one_code_only_leaves_chance_corrected_figures_undefined(name: str, reason: str) -> None:
    figure = measure(ratings_of("x x x", "x x x")).overall[name]
    assert (figure.value, figure.low, figure.reason) == (None, None, reason)


def test_a_code_that_everybody_always_gave_has_no_kappa() -> None:
    figure = measure(ratings_of("x x+y x", "x x x")).codes["x"].figures["cohen_kappa"]
    assert figure.reason == "Cohen's kappa undefined: everybody always gave it"


def test_a_code_given_only_where_nobody_else_judged_has_no_alpha() -> None:
    figure = measure(ratings_of("x y z", "x y .")).codes["z"].figures["krippendorff_alpha"]
    assert figure.reason == "alpha undefined: nobody gave it"


def test_fleiss_kappa_is_undefined_where_values_are_missing() -> None:
    figure = measure(ratings_of(*FOUR_OBSERVERS)).overall["fleiss_kappa"]
    assert figure.reason == "Fleiss' kappa undefined: 4 of 12 units were not judged by every coder"


def test_one_coder_alone_has_no_figure() -> None:
    found = measure(ratings_of("x y x"))
    assert {f.value for f in found.overall.values()} == {None}
    assert found.overall["percent"].reason == "percent agreement undefined: one coder only"


def test_coders_without_a_common_unit_have_no_figure() -> None:
    figure = measure(ratings_of("x y . .", ". . x y")).overall["krippendorff_alpha"]
    assert figure.reason == "alpha undefined: no unit was judged by two coders"


def test_units_of_one_coder_are_counted_apart() -> None:
    found = measure(ratings_of("x y x", "x y ."))
    assert (found.n_units, found.n_compared) == (3, 2)
    assert "1 units were judged by one coder only and are compared with nothing" in found.warnings


def test_a_judgement_without_a_code_is_a_no_and_not_missing() -> None:
    assert measure(ratings_of("x -", "x -")).codes["x"].figures["percent"].value == 1
    assert measure(ratings_of("x -", "x -")).n_compared == 2


def test_ordinal_alpha_leaves_out_what_is_no_single_number() -> None:
    mixed = ratings_of("1 2 3 - 1+2 high", "1 3 3 1 1 1")
    assert ordinal_alpha(mixed).value == ordinal_alpha(ratings_of("1 2 3", "1 3 3")).value


def test_each_pair_of_three_coders_has_figures_on_what_both_judged() -> None:
    pairs = measure(ratings_of("x y . .", "x x y x", ". . y y")).pairs
    told = [(p.coders, p.n_units, p.figures["percent"].value) for p in pairs]
    assert told == [(("a", "b"), 2, 0.5), (("a", "c"), 0, None), (("b", "c"), 2, 0.5)]


def test_confusion_puts_shared_codes_on_the_diagonal_and_crosses_the_rest() -> None:
    cells = confusion(ratings_of("a+b a -", "a+c - -"))
    assert [(c.row, c.column, c.units) for c in cells] == [
        ("a", "a", ("u0",)),
        ("a", None, ("u1",)),
        ("b", "c", ("u0",)),
    ]


def test_confusion_takes_mirror_images_together_unless_sides_differ() -> None:
    ratings = ratings_of("a b", "b a")
    assert [(c.row, c.column, c.n) for c in confusion(ratings)] == [("a", "b", 2)]
    sides = confusion(ratings, between=[("a", "b")])
    assert [(c.row, c.column, c.n) for c in sides] == [("a", "b", 1), ("b", "a", 1)]


def test_the_acceptance_rate_is_the_share_of_proposed_codes_that_were_kept() -> None:
    # The model (b) proposes x, x+y, y and nothing; the person keeps x, x, no y, and adds z.
    found = acceptance(ratings_of("x x - z", "x x+y y -"), [("a", "b")])
    assert (found.n_proposed, found.n_kept, found.n_added, found.rate.value) == (4, 2, 1, 0.5)
    assert found.codes["y"].rate.value == 0


def test_nothing_proposed_leaves_the_acceptance_rate_undefined() -> None:
    found = acceptance(ratings_of("x -", "- -"), [("a", "b")])
    assert found.rate.reason == "acceptance rate undefined: nothing was proposed"


def test_ratings_of_a_coder_who_is_there_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Ratings(("u",), ("a", "a"), ((frozenset(), None),), ("u",))
