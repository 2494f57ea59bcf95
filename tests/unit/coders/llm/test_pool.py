from __future__ import annotations

import _thread
import math
import threading
import time
from dataclasses import replace

import pytest

from qualcode.coders.llm.budget import Budget
from qualcode.coders.llm.ladder import Ladder
from qualcode.coders.llm.pool import Answer, Attempt, Pool, Request, Rules
from qualcode.coders.llm.prices import Price
from qualcode.coders.llm.wire import Fault, FaultKind, Finish, Mode, Reply, Usage
from tests.scripted_connection import (
    GOOD,
    FakeClock,
    ScriptedConnection,
    Sent,
    an_ask,
    busy,
    run,
)

FATAL = Fault(FaultKind.FATAL, "HTTP 401", status=401, sent=b"{}")
BAD = Fault(FaultKind.BAD, "HTTP 400", status=400, sent=b"{}")
REFUSED_MODE = Fault(FaultKind.STEP_DOWN, "no such mode", status=400, sent=b"{}")


def one_worker(**limits: float) -> Rules:
    return Rules(concurrency=1, **limits)  # type: ignore[arg-type]


def a_pool(connection: ScriptedConnection, rules: Rules, attempts: list[Attempt]) -> Pool:
    return Pool(connection, Ladder(), rules, Budget(), on_attempt=attempts.append)


# L1: too many requests -----------------------------------------------------------------------


def test_a_429_is_tried_again_until_it_passes() -> None:
    connection = ScriptedConnection(busy(429), busy(429))
    ran = run(connection, clock=FakeClock())
    assert ran.n_replies == 1 and len(connection.log) == 3


def test_backing_off_takes_longer_each_time() -> None:
    clock = FakeClock()
    connection = ScriptedConnection(busy(), busy(), busy(), clock=clock)
    run(connection, clock=clock)
    assert connection.gaps == [0.5, 1.0, 2.0]


def test_a_server_that_asks_for_seven_seconds_is_given_seven() -> None:
    clock = FakeClock()
    connection = ScriptedConnection(busy(429, retry_after=7), clock=clock)
    run(connection, clock=clock)
    assert connection.gaps == [7.0]


def test_a_server_that_asks_for_seven_seconds_is_asked_nothing_else_meanwhile() -> None:
    connection = ScriptedConnection(busy(429, retry_after=0.15), seconds=0.01)
    run(connection, 8, rules=Rules(concurrency=2))
    first = connection.log[0].at
    assert not [sent for sent in connection.log if first + 0.03 < sent.at < first + 0.15]


def test_a_longer_wait_than_allowed_gives_the_request_back_at_once() -> None:
    clock = FakeClock()
    ran = run(ScriptedConnection(busy(429, retry_after=99)), clock=clock)
    assert (ran.kinds, clock.time) == ([FaultKind.TRANSIENT], 0.0)


def test_a_wait_that_outlasts_the_deadline_gives_the_request_back_at_once() -> None:
    clock = FakeClock()
    connection = ScriptedConnection(busy(429, retry_after=20))
    ran = run(connection, clock=clock, rules=one_worker(deadline=10))
    assert (ran.kinds, clock.time) == ([FaultKind.TRANSIENT], 0.0)


# L2: nothing will do -------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_after_a_fatal_fault_at_most_as_many_requests_leave_as_there_are_workers(
    workers: int,
) -> None:
    n_before: list[int] = []

    def fail_first(n_now: int, sent: Sent) -> Fault | None:
        if sent.words != "0":
            return None
        n_before.append(len(connection.log))
        return FATAL

    connection = ScriptedConnection(seconds=0.01, during=fail_first)
    run(connection, 100, rules=Rules(concurrency=workers))
    assert len(connection.log) - n_before[0] <= workers


def test_after_a_fatal_fault_every_request_still_comes_back() -> None:
    ran = run(ScriptedConnection(GOOD, FATAL, seconds=0.005), 50, rules=Rules(concurrency=4))
    assert len(ran.answers) == 50 and ran.kinds.count(FaultKind.FATAL) == 1


def test_after_a_fatal_fault_replies_that_were_under_way_are_kept() -> None:
    together = threading.Barrier(3)

    def fail_first(n_now: int, sent: Sent) -> Fault | None:
        together.wait(5)
        time.sleep(0.0 if sent.words == "0" else 0.05)
        return FATAL if sent.words == "0" else None

    ran = run(ScriptedConnection(during=fail_first), 9, rules=Rules(concurrency=3))
    assert ran.n_replies == 2


def test_after_a_fatal_fault_the_others_say_why_they_were_not_asked() -> None:
    ran = run(ScriptedConnection(FATAL), 5)
    last = ran.answers[-1].fault
    assert last is not None and (last.kind, last.reason) == (FaultKind.STOPPED, "stopped: HTTP 401")


def test_a_bad_request_is_not_tried_again_and_stops_nobody() -> None:
    ran = run(ScriptedConnection(BAD), 3)
    assert ran.kinds == [FaultKind.BAD, None, None]


# L3: server errors ---------------------------------------------------------------------------


def test_a_server_error_that_stays_gives_the_request_back_after_four_tries() -> None:
    connection = ScriptedConnection(then=busy())
    ran = run(connection, clock=FakeClock())
    assert (ran.kinds, len(connection.log)) == ([FaultKind.TRANSIENT], 4)


def test_a_dead_server_is_given_up_after_a_few_pauses() -> None:
    connection = ScriptedConnection(then=busy(0))
    ran = run(connection, 100, clock=FakeClock())
    assert len(connection.log) == 20 and len(ran.answers) == 100


def test_a_dead_server_is_named_as_the_reason() -> None:
    ran = run(ScriptedConnection(then=busy(503)), 100, clock=FakeClock())
    last = ran.answers[-1].fault
    assert last is not None
    assert last.reason == "stopped: too many attempts failed in a row, last: HTTP 503"


def test_pauses_before_giving_up_grow() -> None:
    clock = FakeClock()
    connection = ScriptedConnection(then=busy(), clock=clock)
    run(connection, 100, clock=clock)
    assert [connection.gaps[at] for at in (4, 9, 14)] == [2.0, 10.0, 30.0]


def test_a_server_that_comes_back_during_the_pauses_is_asked_on() -> None:
    ran = run(ScriptedConnection(*[busy()] * 12), 100, clock=FakeClock())
    assert FaultKind.STOPPED not in ran.kinds and ran.n_replies == 97


# L4: deadlines -------------------------------------------------------------------------------


def test_all_tries_of_a_request_end_within_its_deadline() -> None:
    clock = FakeClock()

    def hang(n_now: int, sent: Sent) -> Fault:
        clock.time += sent.timeout
        return busy(0)

    connection = ScriptedConnection(during=hang, clock=clock)
    rules = one_worker(timeout=60, deadline=100, max_tries=9)
    run(connection, clock=clock, rules=rules)
    assert 90 <= clock.time <= 110


def test_no_attempt_is_given_more_time_than_its_request_has_left() -> None:
    clock = FakeClock()

    def hang(n_now: int, sent: Sent) -> Fault:
        clock.time += sent.timeout
        return busy(0)

    connection = ScriptedConnection(during=hang, clock=clock)
    run(connection, clock=clock, rules=one_worker(timeout=60, deadline=100))
    assert [sent.timeout for sent in connection.log] == [60.0, 39.5]


def test_waiting_for_our_own_limits_does_not_use_up_the_deadline() -> None:
    clock = FakeClock()
    connection = ScriptedConnection(busy(), busy(), clock=clock)
    rules = one_worker(requests_per_minute=0.1, deadline=10)
    assert run(connection, clock=clock, rules=rules).n_replies == 1


# L10: modes ----------------------------------------------------------------------------------


def test_a_refused_mode_is_followed_by_the_next_and_costs_no_try() -> None:
    connection = ScriptedConnection(REFUSED_MODE, REFUSED_MODE)
    ran = run(connection, rules=one_worker(max_tries=1))
    assert ran.n_replies == 1 and [sent.mode for sent in connection.log] == list(Mode)[:3]


def test_workers_that_are_refused_together_step_down_once() -> None:
    def only_tools(n_now: int, sent: Sent) -> Fault | None:
        return REFUSED_MODE if sent.mode is Mode.SCHEMA else None

    connection = ScriptedConnection(during=only_tools, seconds=0.01)
    run(connection, 32, rules=Rules(concurrency=8))
    assert {sent.mode for sent in connection.log} == {Mode.SCHEMA, Mode.TOOL}


def test_a_server_that_knows_no_mode_at_all_stops_the_run() -> None:
    ran = run(ScriptedConnection(then=REFUSED_MODE), 3)
    assert ran.kinds == [FaultKind.FATAL, FaultKind.STOPPED, FaultKind.STOPPED]


def test_the_mode_that_worked_is_remembered_in_the_callers_thread() -> None:
    remembered: list[tuple[Mode, int]] = []
    ladder = Ladder(None, lambda mode: remembered.append((mode, threading.get_ident())))
    run(ScriptedConnection(REFUSED_MODE), ladder=ladder)
    assert remembered == [(Mode.TOOL, threading.get_ident())]


# L12: silent context cuts --------------------------------------------------------------------


def reading(tokens: int) -> Reply:
    return Reply("{}", Finish.STOP, Usage(tokens, 20), sent=b"{}")


def test_a_server_that_read_only_part_of_the_request_stops_the_run() -> None:
    ran = run(ScriptedConnection(then=reading(2048)), asks=[an_ask("word " * 8_000)] * 3)
    fault = ran.answers[0].fault
    assert fault is not None and fault.kind is FaultKind.FATAL and "num_ctx" in fault.reason


def test_a_short_request_is_never_taken_for_cut() -> None:
    assert run(ScriptedConnection(then=reading(10)), asks=[an_ask("word " * 300)]).n_replies == 1


def test_a_server_that_does_not_count_what_it_had_kept_is_not_taken_for_cut() -> None:
    connection = ScriptedConnection(reading(10_000), reading(50))
    assert run(connection, asks=[an_ask("word " * 8_000)] * 2).n_replies == 2


def test_a_cut_request_counts_as_spent() -> None:
    budget = Budget()
    run(ScriptedConnection(then=reading(2048)), asks=[an_ask("word " * 8_000)], budget=budget)
    assert budget.spent_tokens == 2068


# L13: budgets --------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_no_more_than_the_budget_is_ever_spent(workers: int) -> None:
    budget = Budget(max_tokens=5_000)
    connection = ScriptedConnection(seconds=0.002)
    run(connection, 100, budget=budget, rules=Rules(concurrency=workers))
    assert 5_000 - 600 < budget.spent_tokens <= 5_000


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_no_more_dollars_than_the_budget_are_ever_spent(workers: int) -> None:
    budget = Budget(0.01, price=Price(1.0, 0.1, 8.0))
    connection = ScriptedConnection(busy(), busy(), busy(), seconds=0.002)
    rules = Rules(concurrency=workers, max_wait=0.01, breaker_after=99)
    run(connection, 100, budget=budget, rules=rules)
    assert 0.008 < (budget.spent_usd or 0.0) <= 0.01


@pytest.mark.parametrize("workers", [1, 16])
def test_what_the_budget_left_unasked_is_asked_by_later_runs_and_nothing_twice(
    workers: int,
) -> None:
    left, connection = set(range(100)), ScriptedConnection(seconds=0.001)
    for _ in range(20):
        ran = run(
            connection,
            asks=[an_ask(str(number)) for number in sorted(left)],
            budget=Budget(max_tokens=3_000),
            rules=Rules(concurrency=workers),
        )
        asked = {answer.request.ask.messages[-1].text for answer in ran.answers if answer.reply}
        left -= {int(words) for words in asked}
    assert not left and len(connection.log) == 100


def test_nothing_leaves_after_a_reply_that_cost_more_than_the_budget() -> None:
    dear = Reply("{}", Finish.STOP, Usage(9_000, 20), sent=b"{}")
    connection = ScriptedConnection(dear)
    ran = run(connection, 10, budget=Budget(max_tokens=5_000))
    assert (len(connection.log), ran.kinds) == (1, [None, *[FaultKind.BUDGET] * 9])


def test_no_retry_leaves_after_a_reply_that_cost_more_than_the_budget() -> None:
    dear = Reply("{}", Finish.STOP, Usage(9_000, 20), sent=b"{}")
    connection = ScriptedConnection(busy(503, retry_after=0.3), dear)
    rules = Rules(concurrency=2, max_tries=9)
    run(connection, 2, budget=Budget(max_tokens=5_000), rules=rules)
    assert len(connection.log) == 2


def test_a_budget_that_is_set_aside_for_others_is_waited_for() -> None:
    connection = ScriptedConnection(seconds=0.01)
    ran = run(connection, 3, budget=Budget(max_tokens=1_000), rules=Rules(concurrency=3))
    assert ran.n_replies == 3


# Limits on every attempt -----------------------------------------------------------------------


def test_requests_a_minute_hold_for_retries_too() -> None:
    clock = FakeClock()
    connection = ScriptedConnection(*[busy()] * 4, clock=clock)
    rules = one_worker(requests_per_minute=20, breaker_after=99)
    run(connection, 10, clock=clock, rules=rules)
    assert min(connection.gaps) >= 3.0 - 1e-9


def test_tokens_a_minute_hold() -> None:
    clock = FakeClock()
    connection = ScriptedConnection(clock=clock)
    run(connection, 20, clock=clock, rules=one_worker(tokens_per_minute=120))
    assert clock.time >= 19 * 60 - 1


def test_a_server_that_takes_only_four_at_once_still_answers_everything() -> None:
    def crowded(n_now: int, sent: Sent) -> Fault | None:
        return busy(429) if n_now > 4 else None

    connection = ScriptedConnection(during=crowded, seconds=0.005)
    rules = Rules(concurrency=16, max_wait=0.02, max_tries=20, breaker_after=99)
    assert run(connection, 200, rules=rules).n_replies == 200


def test_a_server_that_takes_only_four_at_once_is_asked_less() -> None:
    def crowded(n_now: int, sent: Sent) -> Fault | None:
        return busy(429) if n_now > 4 else None

    connection = ScriptedConnection(during=crowded, seconds=0.005)
    rules = Rules(concurrency=16, max_wait=0.02, max_tries=20, breaker_after=99)
    n_refused = len(run(connection, 200, rules=rules).attempts) - 200
    assert n_refused < 100


# Attempts --------------------------------------------------------------------------------------


def test_every_attempt_is_reported_once() -> None:
    script = [busy(), GOOD, busy(429), REFUSED_MODE, GOOD, BAD, busy()]
    connection = ScriptedConnection(*script, seconds=0.001)
    ran = run(connection, 40, rules=Rules(concurrency=4, max_wait=0.01))
    assert len(ran.attempts) == len(connection.log)


def test_attempts_are_reported_before_their_answer_and_in_the_callers_thread() -> None:
    seen: list[int] = []
    connection = ScriptedConnection(busy())

    def note(attempt: Attempt) -> None:
        seen.append(threading.get_ident())

    rules = one_worker(max_wait=0.01)
    with Pool(connection, Ladder(), rules, Budget(), on_attempt=note) as pool:
        pool.submit(Request(1, an_ask(), "code", 1))
        pool.answer()
        assert seen == [threading.get_ident()] * 2


def test_an_attempt_whose_report_failed_is_reported_again() -> None:
    told: list[Attempt] = []

    def fail_once(attempt: Attempt) -> None:
        told.append(attempt)
        if len(told) == 1:
            raise OSError("disk full")

    with Pool(ScriptedConnection(), Ladder(), one_worker(), Budget(), on_attempt=fail_once) as pool:
        pool.submit(Request(1, an_ask(), "code", 1))
        with pytest.raises(OSError, match="disk full"):
            pool.answer()
        assert pool.answer().reply is not None and told[0] is told[1]


def test_an_attempt_says_what_it_took() -> None:
    ran = run(ScriptedConnection(), budget=Budget(price=Price(1.0, 1.0, 2.0)))
    attempt = ran.attempts[0]
    assert (attempt.outcome, attempt.status, attempt.cost) == ("ok", 200, pytest.approx(140e-6))


def test_an_attempt_says_which_version_answered() -> None:
    ran = run(
        ScriptedConnection(busy(), replace(GOOD, fingerprint="m-2026 fp_1")), clock=FakeClock()
    )
    assert [attempt.version for attempt in ran.attempts] == ["", "m-2026 fp_1"]


def test_a_failed_attempt_that_left_is_reported_with_a_guess() -> None:
    ran = run(ScriptedConnection(busy(0)), clock=FakeClock())
    usage = ran.attempts[0].usage
    assert usage.is_estimated and usage.output_tokens == 100


# Leaving -----------------------------------------------------------------------------------------


def interrupted(
    connection: ScriptedConnection, attempts: list[Attempt], n: int
) -> tuple[list[Answer], float]:
    """Press Ctrl-C while answers are waited for; return what had come, and seconds to leave."""
    answers: list[Answer] = []
    began = 0.0
    with (
        pytest.raises(KeyboardInterrupt),
        a_pool(connection, Rules(concurrency=4), attempts) as pool,
    ):
        for number in range(n):
            pool.submit(Request(number, an_ask(str(number)), "code", 1))
        threading.Timer(0.3, _thread.interrupt_main).start()
        try:
            while True:
                answers.append(pool.answer())
                time.sleep(0.03)
        except KeyboardInterrupt:
            began = time.monotonic()
            answers.extend(pool.arrived())
            raise
    return answers, time.monotonic() - began


def hang_from(number: int, connection: list[ScriptedConnection]) -> ScriptedConnection:
    def hang(n_now: int, sent: Sent) -> Fault | None:
        if int(sent.words) < number:
            return None
        connection[0].is_closed.wait(20)
        return busy(0)

    connection.append(ScriptedConnection(during=hang))
    return connection[0]


def test_no_more_is_sent_than_may_be_under_way_while_what_came_is_not_saved() -> None:
    connection = ScriptedConnection()
    with a_pool(connection, Rules(concurrency=4), []) as pool:
        for number in range(12):
            pool.submit(Request(number, an_ask(str(number)), "code", 1))
        pool.answer()
        time.sleep(0.1)
        n_before = len(connection.log)
        pool.saved()
        until = time.monotonic() + 5
        while len(connection.log) < 5 and time.monotonic() < until:
            time.sleep(0.01)
        assert (n_before, len(connection.log)) == (4, 5)


def test_ctrl_c_loses_no_answer_that_had_come() -> None:
    attempts: list[Attempt] = []
    answers, _ = interrupted(hang_from(9, []), attempts, 40)
    assert sorted(answer.request.number for answer in answers if answer.reply) == list(range(9))


def test_ctrl_c_leaves_within_two_seconds() -> None:
    _, seconds = interrupted(hang_from(5, []), [], 40)
    assert seconds < 2


def test_ctrl_c_leaves_within_two_seconds_also_from_a_server_that_does_not_let_go() -> None:
    release = threading.Event()

    def stubborn(n_now: int, sent: Sent) -> None:
        release.wait(20)

    _, seconds = interrupted(ScriptedConnection(during=stubborn), [], 40)
    release.set()
    assert seconds < 2


def test_ctrl_c_reports_every_attempt_that_was_made_also_those_under_way() -> None:
    release = threading.Event()

    def stubborn(n_now: int, sent: Sent) -> None:
        if int(sent.words) >= 5:
            release.wait(20)

    attempts: list[Attempt] = []
    connection = ScriptedConnection(during=stubborn)
    interrupted(connection, attempts, 40)
    release.set()
    time.sleep(0.05)
    assert len(attempts) == len(connection.log) == 9


def test_ctrl_c_closes_the_connection_so_that_what_is_under_way_ends() -> None:
    connection = hang_from(5, [])
    interrupted(connection, [], 40)
    assert connection.is_closed.is_set()


def test_leaving_when_nothing_is_under_way_does_not_close_the_connection() -> None:
    connection = ScriptedConnection()
    run(connection, 3)
    assert not connection.is_closed.is_set()


def test_leaving_ends_all_threads() -> None:
    before = set(threading.enumerate())
    run(ScriptedConnection(), 20, rules=Rules(concurrency=8))
    assert not set(threading.enumerate()) - before


def test_a_stopped_pool_gives_requests_back_unasked() -> None:
    connection = ScriptedConnection()
    with a_pool(connection, one_worker(), []) as pool:
        pool.stop("enough")
        pool.submit(Request(1, an_ask(), "code", 1))
        fault = pool.answer().fault
    assert fault is not None and fault.kind is FaultKind.STOPPED and not connection.log


def test_a_mistake_of_ours_is_raised_where_answers_are_taken() -> None:
    with a_pool(ScriptedConnection(ValueError("oops")), one_worker(), []) as pool:
        pool.submit(Request(1, an_ask(), "code", 1))
        with pytest.raises(ValueError, match="oops"):
            pool.answer()


def test_waiting_for_an_answer_when_nothing_is_open_is_an_error() -> None:
    with a_pool(ScriptedConnection(), one_worker(), []) as pool, pytest.raises(LookupError):
        pool.answer()


# Throughput ----------------------------------------------------------------------------------


@pytest.mark.alone
def test_sixty_four_workers_reach_95_percent_of_the_ideal_rate() -> None:
    connection = ScriptedConnection(seconds=0.25)
    began = time.monotonic()
    run(connection, 1_000, rules=Rules(concurrency=64))
    ideal = math.ceil(1_000 / 64) * 0.25
    assert ideal / (time.monotonic() - began) >= 0.95


def test_a_request_takes_the_pool_less_than_a_thousandth_of_a_second_of_the_processor() -> None:
    began = time.process_time()
    run(ScriptedConnection(), 1_000, rules=Rules(concurrency=64))
    assert time.process_time() - began < 1.0


def test_no_more_requests_are_under_way_than_there_are_workers() -> None:
    connection = ScriptedConnection(seconds=0.002)
    run(connection, 200, rules=Rules(concurrency=8))
    assert connection.n_peak == 8
