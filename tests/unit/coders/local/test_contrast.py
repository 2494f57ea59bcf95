"""What sets codes apart: how much examples count beside definitions is asked of the examples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qualcode.coders.local.contrast import SHARES, Contrast, log_softmax, regression

Floats = NDArray[np.float64]
N_CODES, N_EACH = 4, 8


def _units(rows: Floats) -> Floats:
    units: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units


RNG = np.random.default_rng(1)
MEANT = _units(RNG.normal(size=(N_CODES, 384)))
SAID = _units(RNG.normal(size=(N_CODES, 384)))
OWNERS = np.repeat(np.arange(N_CODES), N_EACH)


def _texts(about: Floats, seed: int) -> Floats:
    """Return texts of every code in turn, not far from what their codes are about."""
    noise = np.random.default_rng(seed).normal(size=(len(OWNERS), 384)) / np.sqrt(384)
    return _units(about[OWNERS] + 1.5 * noise)


def _right(contrast: Contrast, units: Floats) -> float:
    return float((contrast(units).argmax(axis=1) == OWNERS).mean())


def test_what_only_examples_tell_is_learnt_from_them() -> None:
    contrast = Contrast(MEANT, _texts(SAID, 2), OWNERS)
    assert _right(contrast, _texts(SAID, 3)) > 0.95


def test_what_only_definitions_tell_is_not_lost_to_examples_of_anything() -> None:
    anything = _texts(np.tile(SAID[:1], (N_CODES, 1)), 4)
    contrast = Contrast(MEANT, anything, OWNERS)
    assert _right(contrast, _texts(MEANT, 5)) > 0.95


def test_definitions_count_less_where_examples_say_something_else() -> None:
    like, unlike = (Contrast(MEANT, _texts(about, 6), OWNERS) for about in (MEANT, SAID))
    assert unlike.shares[1] < like.shares[1]


def test_regression_counts_less_where_examples_have_nothing_in_common() -> None:
    scattered = _units(np.random.default_rng(7).normal(size=(len(OWNERS), 384)))
    contrast = Contrast(MEANT, scattered, OWNERS)
    assert contrast.shares[0] < SHARES[0]


def test_chances_of_all_codes_sum_to_one() -> None:
    contrast = Contrast(MEANT, _texts(SAID, 8), OWNERS)
    totals = np.exp(contrast(_texts(SAID, 9)) - np.log(N_CODES)).sum(axis=1)
    np.testing.assert_allclose(totals, 1)


def test_one_example_a_code_is_enough_to_begin_with() -> None:
    contrast = Contrast(MEANT, MEANT, np.arange(N_CODES))
    assert np.isfinite(contrast(_texts(MEANT, 10))).all()


def test_the_regression_is_flat_at_what_it_finds() -> None:
    units = _texts(SAID, 11)
    weights = regression(units, OWNERS, N_CODES)
    wrong = np.exp(log_softmax(units @ weights[:-1] + weights[-1])) - np.eye(N_CODES)[OWNERS]
    np.testing.assert_allclose(units.T @ wrong, -0.1 * weights[:-1], atol=1e-3)
