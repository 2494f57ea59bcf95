from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.coders.llm.limits import Gate, Pace, Rules, backoff
from qualcode.coders.llm.wire import Fault
from qualcode.errors import UsageError
from tests.scripted_connection import busy


def went(pace: Pace, amounts: list[float], pauses: list[float]) -> list[tuple[float, float]]:
    """Send things one after the other, each as soon as it may, and note when."""
    now, log = 0.0, []
    for amount, pause in zip(amounts, pauses, strict=False):
        now += pause
        now += pace.wait(now)
        pace.take(now, amount)
        log.append((now, amount))
    return log


@given(st.floats(1, 600), st.lists(st.floats(0, 30), min_size=50, max_size=80))
def test_no_minute_holds_more_requests_than_the_limit(limit: float, pauses: list[float]) -> None:
    log = went(Pace(limit), [1.0] * 80, pauses)
    assert all(sum(at <= t < at + 60 - 1e-6 for t, _ in log) <= limit + 1 for at, _ in log)


@given(
    st.floats(1_000, 100_000),
    st.lists(st.floats(1, 5_000), min_size=30, max_size=30),
    st.lists(st.floats(0, 10), min_size=30, max_size=30),
)
def test_no_minute_holds_more_tokens_than_the_limit_and_the_last_attempt(
    limit: float, tokens: list[float], pauses: list[float]
) -> None:
    log = went(Pace(limit), tokens, pauses)
    for at, _ in log:
        minute = [amount for t, amount in log if at <= t < at + 60]
        assert sum(minute[:-1]) <= limit + 1e-3


def test_without_a_limit_nothing_waits() -> None:
    pace = Pace(None)
    pace.take(0.0, 1e9)
    assert pace.wait(0.0) == 0.0


def test_tokens_that_were_not_used_are_given_back() -> None:
    pace = Pace(600)
    pace.take(0.0, 600)
    pace.correct(-300)
    assert pace.wait(0.0) == pytest.approx(30)


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_backing_off_never_takes_longer_than_eight_seconds(jitter: float) -> None:
    assert max(backoff(n, jitter) for n in range(1, 2_000)) <= 8.0


def test_backing_off_is_spread_by_chance() -> None:
    assert (backoff(3, 0.0), backoff(3, 1.0)) == (2.0, 1.0)


@pytest.mark.parametrize("name", ["concurrency", "timeout", "max_tries", "requests_per_minute"])
def test_rules_that_no_run_could_go_by_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=name):
        Rules(**{name: 0})


def a_gate(concurrency: int = 16) -> Gate:
    return Gate(Rules(concurrency=concurrency))


def test_a_gate_lets_as_many_go_as_there_are_workers() -> None:
    gate = a_gate(2)
    gate.begin(0.0, 1)
    gate.begin(0.0, 1)
    assert gate.wait(0.0) is None


def test_an_attempt_that_ended_makes_room_for_another() -> None:
    gate = a_gate(1)
    gate.answered(gate.begin(0.0, 1), 1)
    assert gate.wait(0.0) == 0.0


def fail(gate: Gate, *faults: Fault, at: float = 0.0) -> bool:
    """Let attempts go together and fail together; return whether it is time to give up."""
    tickets = [gate.begin(at, 1) for _ in faults]
    given_up = [
        gate.failed(at, ticket, 0, fault) for ticket, fault in zip(tickets, faults, strict=True)
    ]
    return any(given_up)


def test_an_attempt_that_used_less_than_it_might_lets_the_next_go_sooner() -> None:
    gate = Gate(Rules(tokens_per_minute=600))
    gate.answered(gate.begin(0.0, 600), 60)
    assert gate.wait(0.0) == pytest.approx(6)


def test_overload_halves_how_many_may_go() -> None:
    gate = a_gate()
    fail(gate, busy(429))
    assert gate.allowed == 8


def test_attempts_that_meet_the_same_overload_halve_once() -> None:
    gate = a_gate()
    fail(gate, *[busy(429)] * 4)
    assert gate.allowed == 8


def test_overload_that_goes_on_halves_down_to_one() -> None:
    gate = a_gate()
    for _ in range(9):
        fail(gate, busy(429))
    assert gate.allowed == 1


@pytest.mark.parametrize(("status", "allowed"), [(503, 8), (529, 8), (500, 16), (0, 16)])
def test_only_a_server_that_says_it_is_overloaded_is_asked_less(status: int, allowed: int) -> None:
    gate = a_gate()
    fail(gate, busy(status))
    assert gate.allowed == allowed


def succeed(gate: Gate, n: int) -> None:
    for _ in range(n):
        gate.answered(gate.begin(0.0, 1), 1)


def test_a_round_of_successes_allows_one_more() -> None:
    gate = a_gate()
    fail(gate, busy(429))
    succeed(gate, 9)
    assert gate.allowed == 9


def test_successes_never_allow_more_than_there_are_workers() -> None:
    gate = a_gate(4)
    succeed(gate, 500)
    assert gate.allowed == 4


def test_after_overload_the_old_rate_comes_back() -> None:
    gate = a_gate(16)
    fail(gate, busy(429))
    succeed(gate, 16 * 16)
    assert gate.allowed == 16


def test_a_wait_that_the_server_asks_for_holds_for_all() -> None:
    gate = a_gate()
    fail(gate, busy(429, retry_after=12))
    assert gate.wait(0.0) == 12


def test_a_longer_wait_than_allowed_holds_nobody() -> None:
    gate = a_gate()
    fail(gate, busy(429, retry_after=99))
    assert gate.wait(0.0) == 0


def test_five_failures_in_a_row_pause_everything() -> None:
    gate = a_gate()
    fail(gate, *[busy()] * 5)
    assert gate.wait(0.0) == 2.0


def test_a_success_among_failures_prevents_the_pause() -> None:
    gate = a_gate()
    fail(gate, *[busy()] * 4)
    succeed(gate, 1)
    fail(gate, *[busy()] * 4)
    assert gate.wait(0.0) == 0.0


def test_failures_of_what_left_before_a_pause_do_not_lengthen_it() -> None:
    gate = a_gate()
    fail(gate, *[busy()] * 16)
    assert gate.wait(0.0) == 2.0


def test_failing_after_every_pause_means_giving_up() -> None:
    gate = a_gate()
    assert [fail(gate, *[busy()] * 5, at=100.0 * n) for n in range(4)] == [False] * 3 + [True]


def test_a_refusal_counts_as_a_sign_of_life() -> None:
    gate = a_gate()
    fail(gate, *[busy()] * 4)
    gate.ended(gate.begin(0.0, 1), 0)
    fail(gate, busy())
    assert gate.wait(0.0) == 0.0
