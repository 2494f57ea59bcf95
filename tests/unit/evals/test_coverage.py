"""The simulations behind the coverage of intervals, a few of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evals.coverage import IN_REGIME, Setting, mean_for, prevalence_of, sampled, simulate, worlds

SETTING = Setting("a", 120, 8, 0.2)


def test_the_share_in_the_world_is_the_one_that_studies_have_on_average() -> None:
    rng = np.random.default_rng(1)
    units, positives = 0, 0.0
    for world in worlds(SETTING, 400, rng):
        units, positives = units + len(world.truth), positives + world.truth.sum()
    # about 384,000 units in 48,000 participants: one standard error is 0.001
    assert positives / units == pytest.approx(SETTING.prevalence, abs=0.003)


@pytest.mark.parametrize("setting", IN_REGIME)
def test_every_setting_has_the_prevalence_it_says(setting: Setting) -> None:
    assert prevalence_of(setting, mean_for(setting)) == pytest.approx(setting.prevalence, abs=1e-9)


@pytest.mark.parametrize("weights", ["equal", "by source", "by answer"])
def test_as_many_are_judged_as_wished_and_weights_add_up(weights: str) -> None:
    rng = np.random.default_rng(2)
    for world in worlds(SETTING, 20, rng):
        columns = sampled(world, 200, weights, rng)
        judged = ~np.isnan(columns.human)
        assert abs(int(judged.sum()) - 200) <= 1
        assert columns.weight[judged].sum() == pytest.approx(columns.n_units, rel=0.15)


def figures(weights: str, setting: Setting = SETTING) -> Any:
    return simulate(setting, weights, 400, 11)["targets"]


@pytest.mark.parametrize("weights", ["equal", "by answer"])
def test_intervals_hold_the_share_about_19_times_in_20(weights: str) -> None:
    # 400 simulations: one standard error of 95 % is 1.1 points
    told = figures(weights)
    for target in ("data", "population"):
        for kind in ("human_only", "prediction_powered"):
            assert 0.92 <= told[target][kind]["coverage"] <= 0.98


def test_the_naive_count_misses_the_share_that_both_together_hold() -> None:
    # One half of 0.75 and one half of 0.07: the machine says 41 % where 50 % have the code.
    told = figures("equal", Setting("b", 120, 8, 0.5))["data"]
    assert told["naive"]["coverage"] < 0.6 < told["prediction_powered"]["coverage"]
    assert told["prediction_powered"]["mean_width"] < 0.9 * told["human_only"]["mean_width"]
