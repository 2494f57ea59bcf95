"""Shares against arithmetic by hand and published figures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from qualcode.analysis.estimates import Columns, Target, Unit, estimate_shares, report_shares
from qualcode.analysis.estimates.clustered import population_influences
from qualcode.analysis.estimates.difference import data_influences
from qualcode.analysis.estimates.ppi import share_interval, t_quantile

EXACT = 1e-9


def columns(
    machine: Sequence[float],
    human: Sequence[float],
    weight: Sequence[float] | None = None,
    cluster: Sequence[int] | None = None,
) -> Columns:
    """Return columns; only the first units are judged, as many as `human` has."""
    n = len(machine)
    return Columns(
        machine=np.array(machine, np.float64),
        human=np.array([*human, *[np.nan] * (n - len(human))], np.float64),
        weight=np.array(weight if weight is not None else [1.0] * n, np.float64),
        cluster=np.array(cluster if cluster is not None else range(n), np.int_),
        is_clustered=cluster is not None,
        has_weights=weight is not None,
    )


# Eight units, the first four judged: people 1 0 0 0 (mean 1/4), the machine 1 1 0 0 on these (1/2)
# and 3 of all 8 (3/8), so it says 1/8 less of all than of the sample. Residuals around the means:
# people 3/4 -1/4 -1/4 -1/4, machine 1/2 1/2 -1/2 -1/2; products add up to 1/2, squares of the
# machine's to 1.
EIGHT = columns([1, 1, 0, 0, 0, 0, 1, 0], [1, 0, 0, 0])


def test_lambda_is_the_slope_of_people_on_machine_worked_out_by_hand() -> None:
    parts = data_influences(EIGHT, EIGHT.judged())
    assert parts.tuned() == pytest.approx(0.5, abs=EXACT)  # (1/2) / 1


def test_the_estimate_moves_by_lambda_times_what_the_sample_is_short_of() -> None:
    parts = data_influences(EIGHT, EIGHT.judged())
    assert parts.estimate(0.5) == pytest.approx(0.25 - 0.5 / 8, abs=EXACT)


def test_without_the_machine_the_variance_is_that_of_a_mean_of_a_finite_population() -> None:
    # s² = (9/16 + 3/16) / 3 = 1/4; (1 - 4/8) / 4 · 1/4 = 1/32
    parts = data_influences(EIGHT, EIGHT.judged())
    assert parts.variance(0.0) == pytest.approx(1 / 32, abs=EXACT)


def test_the_variance_of_the_difference_is_worked_out_by_hand() -> None:
    # Residuals at λ = 1/2: 1/2 -1/2 0 0. Squares times (1 - π) w² / W² = 1/2 · 4 / 64 = 1/32; each
    # over 1 - 1/4 for the mean, and over (1 - 1/4)² for λ: 2 · (1/4 / 32) / (3/4)³ = 1/27.
    parts = data_influences(EIGHT, EIGHT.judged())
    assert parts.variance(0.5) == pytest.approx(1 / 27, abs=EXACT)


def test_unmet_errors_add_their_own_variance() -> None:
    # One more error among four moves the share by 1/4, less the half that is known: 1/16 · 1/2.
    parts = data_influences(EIGHT, EIGHT.judged())
    added = (parts.variance(0.5, 2) or 0.0) - (parts.variance(0.5) or 0.0)
    assert added == pytest.approx(2 / 32, abs=EXACT)


def test_the_regression_estimate_of_the_dead_trees_is_the_published_one() -> None:
    # S. Lohr, Sampling: Design and Analysis (1999), chapter 3: dead trees on 25 of 100 plots,
    # counted on photographs (mean of all 11.3) and in the field. Slope 0.613, mean 11.99; standard
    # error 0.408 from Σe² / (n - 1), without a correction for the slope.
    photo = [10, 12, 7, 13, 13, 6, 17, 16, 15, 10, 14, 12, 10]
    photo += [5, 12, 10, 10, 9, 6, 11, 7, 9, 11, 10, 10]
    field = [15, 14, 9, 14, 8, 5, 18, 15, 13, 15, 11, 15, 12]
    field += [8, 13, 9, 11, 12, 9, 12, 13, 11, 10, 9, 8]
    rest = (1130 - sum(photo)) / 75
    trees = columns([*photo, *[rest] * 75], field)
    parts = data_influences(trees, trees.judged())
    tuning = parts.tuned()
    squares = (parts.own + tuning * parts.by) ** 2
    published = math.sqrt(squares.sum() * 25 / 24)
    assert [round(tuning, 3), round(parts.estimate(tuning), 2), round(published, 3)] == [
        *(0.613, 11.99, 0.408)
    ]


def test_unequal_weights_give_the_weighted_mean() -> None:
    # (2 · 1 + 3 · 0 + 5 · 1) / 10
    weighted = columns([0] * 10, [1, 0, 1], [2, 3, 5, *[1] * 7])
    assert data_influences(weighted, weighted.judged()).human == pytest.approx(0.7, abs=EXACT)


def test_the_variance_under_unequal_weights_is_worked_out_by_hand() -> None:
    # Weights 2 3 5, residuals around 0.7: 0.3 -0.7 0.3; 1 - π = 1/2 2/3 4/5; leverages 0.2 0.3 0.5.
    # 1/2 · 4 · 0.09 / 0.8 + 2/3 · 9 · 0.49 / 0.7 + 4/5 · 25 · 0.09 / 0.5 = 0.225 + 4.2 + 3.6,
    # over 10².
    weighted = columns([0] * 10, [1, 0, 1], [2, 3, 5, *[1] * 7])
    variance = data_influences(weighted, weighted.judged()).variance(0.0)
    assert variance == pytest.approx(0.08025, abs=EXACT)


# The eight units again, two a participant. Machine influences of all units, Σ (f - 3/8) / 8:
# 5/32 -3/32 -3/32 1/32; of the judged, Σ (f - 1/2) / 4: 1/4 -1/4 0 0; people's 1/8 -1/8 0 0.
PAIRS = columns([1, 1, 0, 0, 0, 0, 1, 0], [1, 0, 0, 0], cluster=[0, 0, 1, 1, 2, 2, 3, 3])


def test_lambda_under_clusters_is_worked_out_by_hand() -> None:
    # by = -3/32 5/32 -3/32 1/32, squares 44/1024; own · by = 1/8 · (-3/32 - 5/32) = -1/32;
    # λ = (1/32) / (44/1024) = 8/11
    parts = population_influences(PAIRS, PAIRS.judged())
    assert parts.tuned() == pytest.approx(8 / 11, abs=EXACT)


def test_the_clustered_variance_is_worked_out_by_hand() -> None:
    # Two participants of leverage 1/2: 2 · (1/8)² / (1/2) = 1/16
    parts = population_influences(PAIRS, PAIRS.judged())
    assert parts.variance(0.0) == pytest.approx(1 / 16, abs=EXACT)


def test_participants_that_only_the_machine_read_are_part_of_the_variance() -> None:
    # At λ = 1 there is no leverage of λ: own + by = 1/32 1/32 -3/32 1/32, the first two over 1/2:
    # (2 · 2 + 9 + 1) / 1024
    parts = population_influences(PAIRS, PAIRS.judged())
    assert parts.variance(1.0) == pytest.approx(14 / 1024, abs=EXACT)


def test_judging_whole_participants_makes_them_the_sample() -> None:
    # Two of four drawn: (1 - 2/4) · 2 · (1/8)² / (1/2) = 1/32
    parts = data_influences(PAIRS, PAIRS.judged())
    assert (parts.n_parts, parts.variance(0.0)) == (2, pytest.approx(1 / 32, abs=EXACT))


def test_the_estimate_is_that_of_the_paper_whose_lambda_is_smaller() -> None:
    # arXiv 2311.01453: λ' mean of f over the unlabelled + mean of (Y - λ' f) over the labelled,
    # with λ' = λ (1 - n/N).
    rng = np.random.default_rng(3)
    machine, human = rng.random(60), (rng.random(20) < 0.4).astype(float)
    some = columns(machine.tolist(), human.tolist())
    parts = data_influences(some, some.judged())
    tuning = parts.tuned()
    theirs = tuning * (1 - 20 / 60)
    paper = theirs * machine[20:].mean() + (human - theirs * machine[:20]).mean()
    assert parts.estimate(tuning) == pytest.approx(paper, abs=EXACT)


def test_an_interval_on_the_log_odds_is_worked_out_by_hand() -> None:
    # 0.2 ± on log-odds ln(1/4) with half t · 0.04 / 0.16 = t / 4; t of 10 degrees: 2.228138852
    low, high = share_interval(0.2, 0.0016, 10)
    half = 2.2281388519649385 / 4
    assert low == pytest.approx(0.25 * math.exp(-half) / (1 + 0.25 * math.exp(-half)), abs=EXACT)
    assert high == pytest.approx(0.25 * math.exp(half) / (1 + 0.25 * math.exp(half)), abs=EXACT)


def test_quantiles_of_t_are_those_of_the_tables() -> None:
    # R. Fisher, Statistical Methods for Research Workers, table IV, P = 0.05
    assert [round(t_quantile(df), 3) for df in (1, 10, 30)] == [12.706, 2.228, 2.042]


def sampled(n: int, n_judged: int, *, each: int = 1, seed: int = 1) -> list[Unit]:
    """Return units of which a third has the code; the machine is right four times in five."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 1 / 3
    machine = np.where(rng.random(n) < 0.8, truth, ~truth)
    judged = set(rng.permutation(n)[:n_judged].tolist())
    return [
        Unit(
            f"s{at}",
            float(machine[at]),
            bool(truth[at]) if at in judged else None,
            f"p{at // each}",
            None,
            {"wave": "one" if at % 3 else "two"},
        )
        for at in range(n)
    ]


def test_the_naive_count_never_has_an_interval() -> None:
    naive = estimate_shares(Columns.of(sampled(400, 100)), Target.DATA).naive
    assert (naive.low, naive.high, bool(naive.reason)) == (None, None, True)


def test_these_data_have_narrower_intervals_than_customers_like_these() -> None:
    units = Columns.of(sampled(400, 200))
    widths = [
        (told.high or 0) - (told.low or 0)
        for told in (estimate_shares(units, t).prediction_powered for t in Target)
    ]
    assert widths[0] < widths[1]


def test_a_share_of_these_data_is_known_when_all_is_judged() -> None:
    for n in (1, 200):
        told = estimate_shares(Columns.of(sampled(n, n)), Target.DATA).prediction_powered
        assert told.estimate is not None
        assert told.estimate == told.low == told.high


def test_a_share_of_customers_like_these_is_not_known_when_all_is_judged() -> None:
    told = estimate_shares(Columns.of(sampled(200, 200)), Target.POPULATION).prediction_powered
    assert (told.low or 1) < (told.estimate or 0) < (told.high or 0)


def test_under_thirty_participants_with_several_units_there_is_no_interval() -> None:
    shares = estimate_shares(Columns.of(sampled(400, 100, each=20)), Target.POPULATION)
    for told in (shares.human_only, shares.prediction_powered):
        assert (told.low, told.high) == (None, None)
        assert "20 participants with judged rows, under 30" in told.reason


def test_under_thirty_participants_these_data_still_have_an_interval() -> None:
    shares = estimate_shares(Columns.of(sampled(400, 100, each=20)), Target.DATA)
    assert shares.prediction_powered.low is not None


def test_few_positives_of_independent_units_get_the_exact_interval() -> None:
    # 2 of 50: Clopper-Pearson gives 0.0049 to 0.1371
    few = columns([0.0] * 300, [1, 1, *[0] * 48])
    told = estimate_shares(few, Target.POPULATION).human_only
    assert (told.estimate, round(told.low or 0, 4), round(told.high or 0, 4)) == (
        *(0.04, 0.0049, 0.1371),
    )
    assert "Clopper-Pearson" in told.reason


def test_few_positives_of_these_data_get_the_hypergeometric_interval() -> None:
    few = columns([0.0] * 300, [1, 1, *[0] * 48])
    told = estimate_shares(few, Target.DATA).human_only
    assert "hypergeometric" in told.reason
    assert (told.low or 0) * 300 == pytest.approx(round((told.low or 0) * 300), abs=EXACT)


def test_few_negatives_are_as_few_as_few_positives() -> None:
    few = columns([1.0] * 300, [*[1] * 48, 0, 0])
    told = estimate_shares(few, Target.POPULATION).prediction_powered
    assert (told.low, told.reason) == (None, "2 of 50 judged rows are a no, under 10")


def test_few_positives_under_unequal_weights_have_no_interval() -> None:
    few = columns([0.0] * 300, [1, 1, *[0] * 48], [2.0, *[6.0] * 299])
    told = estimate_shares(few, Target.DATA).human_only
    assert told.low is None and "same chance" in told.reason


def test_a_sample_that_one_weight_rules_has_no_interval() -> None:
    # 99 weights of 1 and one of 100: 199² / (99 + 100²) = 3.9 of 100
    uneven = columns([0, 1] * 150, [0, 1] * 50, [100.0, *[1.0] * 299])
    told = estimate_shares(uneven, Target.DATA).prediction_powered
    assert told.low is None and "100 judged rows count as 4" in told.reason


def test_a_machine_that_made_no_error_yet_does_not_get_an_interval_of_no_width() -> None:
    machine = [1, 1, 0, 0] * 100
    faultless = columns(machine, machine[:100])
    told = estimate_shares(faultless, Target.DATA).prediction_powered
    # √(2 · 0.75) / 100 · t, on the log-odds of one half
    assert (told.high or 0) - (told.low or 0) == pytest.approx(2 * 1.984 * 0.01225, abs=2e-4)
    assert "0 of 100 judged rows differ" in told.reason


def test_a_machine_that_says_the_same_of_all_is_not_used() -> None:
    shares = estimate_shares(columns([1.0] * 300, [1, 0] * 50), Target.POPULATION)
    assert shares.tuning == 0
    assert shares.prediction_powered == shares.human_only


def test_nothing_judged_is_none_with_the_reason() -> None:
    shares = estimate_shares(columns([1, 0, 1], []), Target.DATA)
    assert (shares.human_only.estimate, shares.human_only.reason) == (
        *(None, "none of the rows is judged"),
    )


def test_weights_that_do_not_add_up_are_told() -> None:
    shares = estimate_shares(columns([0, 1] * 150, [0, 1] * 50, [1.0] * 300), Target.DATA)
    assert any("add up to 100, and there are 300" in w for w in shares.warnings)


def test_a_probability_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="not a chance"):
        Columns.of([Unit("a", 1.0, True, None, 1.5)])


def test_groups_are_estimated_as_if_they_were_all() -> None:
    units = sampled(600, 300)
    report = report_shares(units, Target.POPULATION, by=["wave"])
    alone = report_shares([u for u in units if u.attributes["wave"] == "two"], Target.POPULATION)
    assert {g.value: g.shares for g in report.groups["wave"]}["two"] == alone.overall


def participants(judged: Sequence[bool | None]) -> list[Unit]:
    """Return forty participants of two units; the second unit of each is judged as told."""
    units = []
    for at, verdict in enumerate(judged):
        units.append(Unit(f"a{at}", 0.0, False, f"p{at}"))
        units.append(Unit(f"b{at}", float(bool(verdict)), verdict, f"p{at}"))
    return units


def test_a_participant_has_the_code_when_one_unit_has() -> None:
    units = participants([at % 2 == 0 for at in range(40)])
    report = report_shares(units, Target.POPULATION, unit="participants")
    assert (report.overall.n_positives, report.overall.human_only.estimate) == (20, 0.5)


def test_participants_judged_in_part_are_left_out_of_their_share() -> None:
    units = participants([None, *[at % 2 == 0 for at in range(39)]])
    shares = report_shares(units, Target.POPULATION, unit="participants").overall
    assert (shares.n_units, shares.n_judged) == (40, 39)
    assert any("1 of 40 participants begun" in warning for warning in shares.warnings)


def test_participants_judged_completely_by_chance_are_no_sample() -> None:
    units = participants([None if at % 2 else True for at in range(40)])
    told = report_shares(units, Target.POPULATION, unit="participants").overall.prediction_powered
    assert told.estimate is None and "no sample of participants" in told.reason
