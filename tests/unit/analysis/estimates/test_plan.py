"""How many more to judge, against arithmetic and against what judging them brings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qualcode.analysis.estimates import Columns, Target, estimate_shares, plan_more


def study(n: int, n_judged: int, *, each: int = 1, seed: int = 2) -> Columns:
    """Return units of a share of about 0.3 that differs from participant to participant."""
    rng = np.random.default_rng(seed)
    cluster = np.arange(n) // each
    share = rng.beta(2, 5, n)[cluster]
    truth = rng.random(n) < share
    machine = np.where(rng.random(n) < 0.85, truth, ~truth).astype(float)
    human = np.where(rng.permutation(n) < n_judged, truth.astype(float), np.nan)
    return Columns(machine, human, np.ones(n), cluster, has_weights=False)


def test_the_plan_for_these_data_is_worked_out_by_hand() -> None:
    # 100 of 10,000 judged, half of them yes, the machine saying yes to all: no use, λ = 0.
    # s² = 25 / 99; the half-width on the log-odds scale of 1/2 is tanh(t √V / 0.25 / 2) / 2, so
    # ± 5 points need t √V = 0.5 artanh(0.1) = 0.0501677: V = (1/n - 1/N) s² with t of n - 1
    # degrees. n = 373: t = 1.96636, √(0.0025810 · 0.2525253) = 0.0255295, product 0.0502002 > it;
    # n = 374: t = 1.96635, √(0.0025738 · 0.2525253) = 0.0254939, product 0.0501300 < it.
    human = np.full(10_000, np.nan)
    human[:100] = [1, 0] * 50
    columns = Columns(np.ones(10_000), human, np.ones(10_000), np.arange(10_000))
    assert plan_more(columns, Target.DATA, 5).more == 274


@pytest.mark.parametrize("target", list(Target))
def test_judging_as_many_as_planned_brings_about_the_width_wished_for(target: Target) -> None:
    more = plan_more(study(3000, 150, each=10), target, 5).more
    assert more is not None and more > 0
    told = estimate_shares(study(3000, 150 + more, each=10), target).prediction_powered
    assert 50 * ((told.high or 1) - (told.low or 0)) == pytest.approx(5, rel=0.15)


def test_what_other_participants_would_say_no_judging_narrows() -> None:
    plan = plan_more(study(400, 100, each=10), Target.POPULATION, 1)
    assert plan.more is None and "only more participants" in plan.reason


def test_an_interval_that_is_narrow_enough_needs_nothing() -> None:
    assert plan_more(study(3000, 500), Target.DATA, 10).more == 0


def test_before_anything_is_judged_there_is_no_plan() -> None:
    plan = plan_more(study(100, 0), Target.DATA, 5)
    assert (plan.more, plan.reason) == (None, "0 of the rows judged: too few to plan from")


def test_with_one_answer_only_there_is_no_plan() -> None:
    human = np.full(50, np.nan)
    human[:20] = 0
    columns = Columns(np.zeros(50), human, np.ones(50), np.arange(50))
    assert "all 20 judged rows are a no" in plan_more(columns, Target.DATA, 5).reason


def test_a_plan_asks_for_enough_positives_to_have_an_interval_at_all() -> None:
    # 2 in 40 are a yes: ten take 200
    human = np.full(2000, np.nan)
    human[:40] = [1, 1, *[0] * 38]
    columns = Columns(np.zeros(2000), human, np.ones(2000), np.arange(2000))
    plan = plan_more(columns, Target.DATA, 20)
    assert (plan.more, math.isclose(40 + (plan.more or 0), 200)) == (160, True)


def test_no_width_is_refused() -> None:
    with pytest.raises(ValueError, match="no width"):
        plan_more(study(100, 50), Target.DATA, 0)
