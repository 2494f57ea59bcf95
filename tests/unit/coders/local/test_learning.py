"""Learning a code from yes and no: from the definitions on, bounded, the same in any order."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from qualcode.coders.local.learning import (
    LEAST_CUT,
    MOST_CUT,
    N_SEEN,
    VECTOR_SCALE,
    Learnt,
    best_cut,
    fingerprint,
    learn,
    log_odds,
    seen,
)
from qualcode.coders.local.readings import read_answers

Floats = NDArray[np.float64]
NEAR_ODDS = -1.0
FAR_ODDS = -5.0


def _direction(seed: int) -> Floats:
    drawn: Floats = np.random.default_rng(seed).normal(size=384)
    return drawn / np.linalg.norm(drawn)


def _texts(n: int, *, near: Floats, seed: int, likeness: float = 0.8) -> Floats:
    """Return what is seen in texts whose vectors have that cosine to a direction."""
    rng = np.random.default_rng(seed)
    rest = rng.normal(size=(n, 384))
    rest -= np.outer(rest @ near, near)
    rest /= np.linalg.norm(rest, axis=1, keepdims=True)
    vectors = likeness * near + np.sqrt(1 - likeness**2) * rest
    return np.column_stack([VECTOR_SCALE * vectors, np.full((n, N_SEEN - 384), 0.1)])


SUBJECT, ELSEWHERE = _direction(1), _direction(2)
LIKE_IT = _texts(20, near=SUBJECT, seed=3)
FAR = _texts(20, near=ELSEWHERE, seed=4)


def _taught(*, yes: int = 0, no: int = 0) -> Learnt:
    """Return what is learnt from so many yeses to texts on the subject and noes to far ones."""
    rows = np.concatenate([LIKE_IT[:yes], FAR[:no]])
    odds = np.concatenate([np.full(yes, NEAR_ODDS), np.full(no, FAR_ODDS)])
    return learn(odds, rows, np.arange(yes + no) < yes)


def test_without_judgements_the_definitions_stand_to_the_last_bit() -> None:
    odds = np.random.default_rng(5).normal(-3, 2, len(LIKE_IT))
    nothing = learn(np.zeros(0), np.zeros((0, N_SEEN)), np.zeros(0, bool))
    assert nothing.odds(odds, LIKE_IT).tobytes() == odds.tobytes()


def test_judgements_of_no_weight_teach_nothing() -> None:
    untold = learn(np.full(5, -1.0), LIKE_IT[:5], np.ones(5, bool), np.zeros(5))
    assert (untold, untold.weights.any()) == (Learnt(), False)


def test_ten_yeses_raise_texts_like_them() -> None:
    after = _taught(yes=10).odds(np.full(10, NEAR_ODDS), LIKE_IT[10:])
    assert after.min() > NEAR_ODDS + 1.5


def test_ten_yeses_leave_far_texts_where_they_were() -> None:
    near = _taught(yes=10).odds(np.full(10, NEAR_ODDS), LIKE_IT[10:]) - NEAR_ODDS
    far = _taught(yes=10).odds(np.full(10, FAR_ODDS), FAR[10:]) - FAR_ODDS
    assert np.abs(far).max() < near.min() / 4


def test_texts_that_nobody_judged_keep_their_chances_the_more_when_they_are_named() -> None:
    odds = np.full(10, -1.5)
    judged = (np.full(10, NEAR_ODDS), LIKE_IT[:10], np.ones(10, bool))
    plain = learn(*judged).odds(odds, FAR[10:]) - odds
    named = learn(*judged, elsewhere=(odds, FAR[10:])).odds(odds, FAR[10:]) - odds
    assert np.abs(named).max() < np.abs(plain).max()


def test_texts_that_nobody_judged_are_no_judgements() -> None:
    learnt = learn(np.zeros(2), LIKE_IT[:2], np.ones(2, bool), elsewhere=(np.zeros(5), FAR[:5]))
    assert (learnt.n_yes, learnt.n_no) == (2, 0)


def test_a_no_lowers_texts_like_it() -> None:
    learnt = learn(np.full(1, 0.5), LIKE_IT[:1], np.zeros(1, bool))
    assert (learnt.odds(np.full(10, 0.5), LIKE_IT[10:]) < 0.5).all()


def test_a_yes_lowers_no_text_like_it() -> None:
    learnt = _taught(yes=1)
    assert (learnt.odds(np.full(10, NEAR_ODDS), LIKE_IT[10:]) > NEAR_ODDS).all()


@pytest.mark.parametrize("said", [True, False])
def test_a_thousand_judgements_of_one_kind_stay_within_bounds(said: bool) -> None:
    rows = np.tile(LIKE_IT, (50, 1))
    learnt = learn(np.full(1000, -2.0), rows, np.full(1000, said))
    assert max(abs(learnt.bias), abs(learnt.scale), np.abs(learnt.weights).max()) < 5


def test_yes_and_no_to_the_same_text_end_between_them() -> None:
    rows = np.repeat(LIKE_IT[:1], 40, axis=0)
    learnt = learn(np.full(40, -4.0), rows, np.arange(40) % 2 == 0)
    assert abs(learnt.odds(np.full(1, -4.0), LIKE_IT[:1])[0]) < 0.5


def test_the_order_of_judgements_does_not_matter() -> None:
    rng = np.random.default_rng(6)
    rows = np.concatenate([LIKE_IT, FAR, LIKE_IT[:3]])
    odds, said = rng.normal(-2, 2, len(rows)), rng.random(len(rows)) < 0.5
    weight = rng.choice([0.5, 1.0], len(rows))
    order = rng.permutation(len(rows))
    one = learn(odds, rows, said, weight)
    other = learn(odds[order], rows[order], said[order], weight[order])
    assert one.as_json() == other.as_json()


def test_the_same_judgements_give_the_same_bytes() -> None:
    one, other = (json.dumps(_taught(yes=9, no=7).as_json()) for _ in range(2))
    assert one == other


def test_a_judgement_of_weight_two_counts_like_two() -> None:
    once = learn(np.full(4, -1.0), LIKE_IT[:4], np.arange(4) < 2, np.full(4, 2.0))
    twice = learn(np.full(8, -1.0), np.tile(LIKE_IT[:4], (2, 1)), np.arange(8) % 4 < 2)
    np.testing.assert_allclose(once.weights, twice.weights, atol=2e-5)


def test_the_rule_found_is_where_the_posterior_is_flat() -> None:
    rng = np.random.default_rng(7)
    rows = np.concatenate([LIKE_IT, FAR])
    odds, said = rng.normal(-2, 2, len(rows)), rng.random(len(rows)) < 0.4
    learnt = learn(odds, rows, said)
    chance = 1 / (1 + np.exp(-learnt.odds(odds, rows)))
    # Weights have a standard normal prior: the gradient of log posterior is zero at its mode.
    np.testing.assert_allclose(rows.T @ (said - chance), learnt.weights, atol=1e-4)


def test_many_judgements_are_learnt_like_few() -> None:
    # Beyond twice as many judgements as coefficients another system of equations is solved.
    rng = np.random.default_rng(8)
    n = 2 * (N_SEEN + 2) + 40
    rows = _texts(n, near=SUBJECT, seed=9, likeness=0.5)
    odds, said = rng.normal(-2, 2, n), rng.random(n) < 0.3
    learnt = learn(odds, rows, said)
    chance = 1 / (1 + np.exp(-learnt.odds(odds, rows)))
    np.testing.assert_allclose(rows.T @ (said - chance), learnt.weights, atol=1e-4)


def test_a_text_has_the_same_odds_in_whatever_batch_it_comes() -> None:
    learnt, odds = _taught(yes=10, no=10), np.linspace(-4, 1, 20)
    alone = [learnt.odds(odds[i : i + 1], FAR[i : i + 1])[0] for i in range(20)]
    assert learnt.odds(odds, FAR).tolist() == alone


def test_what_was_learnt_survives_json() -> None:
    learnt = replace(_taught(yes=5, no=5), cut=0.25)
    again = Learnt.from_json(json.loads(json.dumps(learnt.as_json())))
    assert (again, again.weights.tobytes()) == (learnt, learnt.weights.tobytes())


def test_weights_of_another_version_are_refused() -> None:
    given = {**Learnt().as_json(), "weights": [0.0, 0.0]}
    with pytest.raises(ValueError, match="415 weights"):
        Learnt.from_json(given)


@pytest.mark.parametrize("weight", [-1.0, np.nan])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        learn(np.zeros(1), LIKE_IT[:1], np.ones(1, bool), np.array([weight]))


def test_a_fingerprint_changes_with_one_more_judgement() -> None:
    one, other = {"a": _taught(yes=5)}, {"a": _taught(yes=6)}
    assert fingerprint(one) != fingerprint(other)


def test_a_fingerprint_changes_with_the_cut() -> None:
    assert fingerprint({"a": Learnt()}) != fingerprint({"a": Learnt(cut=0.3)})


def test_a_fingerprint_does_not_depend_on_the_order_of_codes() -> None:
    a, b = _taught(yes=5), _taught(no=5)
    assert fingerprint({"a": a, "b": b}) == fingerprint({"b": b, "a": a})


def test_the_best_cut_is_the_one_of_the_best_f1_to_be_expected() -> None:
    chances = np.array([0.9, 0.8, 0.4, 0.1, 0.05, 0.05])
    # Expected F1 of the first one, two, three …: 2 * sum / (how many + 2.3).
    expected = [2 * chances[:n].sum() / (n + chances.sum()) for n in range(1, 7)]
    assert (int(np.argmax(expected)), best_cut(chances)) == (2, 0.4)


def test_a_cut_lets_the_text_through_that_it_was_taken_from() -> None:
    chances = np.array([1 / 3, 1e-6])
    assert best_cut(chances) <= 1 / 3


@pytest.mark.parametrize(
    ("chances", "cut"),
    [([], MOST_CUT), ([0.99, 0.98], MOST_CUT), ([0.01] * 50, LEAST_CUT)],
)
def test_a_cut_stays_where_proposals_can_be_read(chances: list[float], cut: float) -> None:
    assert best_cut(np.array(chances)) == cut


def test_chances_of_zero_and_one_have_finite_odds() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


def test_what_is_seen_holds_vectors_and_answers() -> None:
    answers = np.full((2, 31), 0.25, np.float32)
    looked_at = seen(np.eye(2, 384), read_answers(answers))
    assert (looked_at.shape, looked_at[0, 0]) == ((2, N_SEEN), VECTOR_SCALE)


@pytest.mark.alone
def test_sixty_codes_with_300_judgements_each_are_learnt_in_a_second() -> None:
    rng = np.random.default_rng(10)
    rows = _texts(300, near=SUBJECT, seed=11, likeness=0.4)
    odds, said = rng.normal(-3, 2, (60, 300)), rng.random((60, 300)) < 0.3
    learn(odds[0], rows, said[0])
    # Processor time, of one core at least: other programs may run beside the tests.
    started = time.process_time()
    for code in range(60):
        learn(odds[code], rows, said[code])
    assert time.process_time() - started < 1.0
