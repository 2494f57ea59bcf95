"""Laws of shares that hold for any sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis.estimates import Columns, Estimate, Target, estimate_shares
from qualcode.analysis.estimates.shares import influences_for

targets = st.sampled_from(list(Target))


@st.composite
def samples(draw: st.DrawFn) -> Columns:
    """Draw units with a human answer on some of them."""
    n = draw(st.integers(40, 120))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    truth = rng.random(n) < draw(st.floats(0.1, 0.9))
    machine = np.where(rng.random(n) < draw(st.floats(0.3, 1.0)), truth, ~truth).astype(float)
    if draw(st.booleans()):
        machine = np.clip(machine * 0.7 + rng.random(n) * 0.3, 0, 1)
    human = np.where(rng.random(n) < 0.6, truth.astype(float), np.nan)
    human[:2] = truth[:2]
    each = draw(st.integers(1, 4))
    return Columns(machine, human, 1 + 9 * rng.random(n), np.arange(n) // each)


def same(one: Estimate, other: Estimate) -> bool:
    pairs = zip(
        (one.estimate, one.low, one.high), (other.estimate, other.low, other.high), strict=True
    )
    return all(
        a is b is None or (a is not None and b is not None and abs(a - b) < 1e-9) for a, b in pairs
    )


@given(samples(), targets)
@settings(max_examples=60, deadline=None)
def test_lambda_lies_between_0_and_1_and_no_other_has_less_variance(
    columns: Columns, target: Target
) -> None:
    parts = influences_for(columns, columns.judged(), target)
    tuning = parts.tuned()
    assert 0 <= tuning <= 1
    least = float(((parts.own + tuning * parts.by) ** 2).sum())
    for other in (0.0, 0.25, 0.5, 0.75, 1.0):
        assert least <= float(((parts.own + other * parts.by) ** 2).sum()) + 1e-12


@given(samples(), targets)
@settings(max_examples=60, deadline=None)
def test_without_use_of_the_machine_the_estimate_is_peoples(
    columns: Columns, target: Target
) -> None:
    same_of_all = Columns(
        np.full(columns.n_units, 0.4), columns.human, columns.weight, columns.cluster
    )
    shares = estimate_shares(same_of_all, target)
    assert shares.prediction_powered.estimate == pytest.approx(shares.human_only.estimate, abs=1e-9)
    if not shares.human_only.reason:
        assert same(shares.human_only, shares.prediction_powered)


@given(samples(), targets)
@settings(max_examples=60, deadline=None)
def test_a_perfect_coder_leaves_no_residual(columns: Columns, target: Target) -> None:
    judged = ~np.isnan(columns.human)
    perfect = Columns(
        np.where(judged, columns.human, np.round(columns.machine)),
        columns.human,
        columns.weight,
        columns.cluster,
    )
    parts = influences_for(perfect, perfect.judged(), target)
    assert parts.estimate(1.0) == pytest.approx(float(perfect.machine.mean()), abs=1e-9)
    if target is Target.DATA:
        assert parts.variance(1.0) == pytest.approx(0, abs=1e-12)


@given(samples(), targets, st.floats(0.01, 100))
@settings(max_examples=60, deadline=None)
def test_weights_count_only_up_to_a_factor(columns: Columns, target: Target, factor: float) -> None:
    scaled = Columns(columns.machine, columns.human, columns.weight * factor, columns.cluster)
    one, other = estimate_shares(columns, target), estimate_shares(scaled, target)
    assert same(one.prediction_powered, other.prediction_powered)


@given(samples(), targets, st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_the_order_of_units_does_not_matter(columns: Columns, target: Target, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(columns.n_units)
    shuffled = Columns(
        columns.machine[order], columns.human[order], columns.weight[order], columns.cluster[order]
    )
    one, other = estimate_shares(columns, target), estimate_shares(shuffled, target)
    assert same(one.human_only, other.human_only)
    assert same(one.prediction_powered, other.prediction_powered)


@given(samples(), targets)
@settings(max_examples=60, deadline=None)
def test_every_interval_holds_its_estimate_and_lies_within_0_and_1(
    columns: Columns, target: Target
) -> None:
    shares = estimate_shares(columns, target)
    for told in (shares.naive, shares.human_only, shares.prediction_powered):
        if told.low is None or told.high is None or told.estimate is None:
            assert told.reason
        else:
            assert 0 <= told.low <= told.estimate + 1e-12
            assert told.estimate - 1e-12 <= told.high <= 1
