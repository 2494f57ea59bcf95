"""What a run of requests comes to when the server fails once, or always, on each wire format."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from qualcode.coders.llm.model import Parameters
from qualcode.coders.llm.wire import FaultKind, Finish, Mode
from tests.llm_server import LlmServer, Trouble, Wire
from tests.llm_server import troubles as t
from tests.llm_server.asking import (
    GOOD,
    GOOD_TEXT,
    QUICK,
    Line,
    an_ask,
    choice_for,
    connection_to,
    interrupted,
    run,
)

PASSING: dict[str, Trouble] = {
    "429": t.rate_limited(),
    "429 with Retry-After 0": t.rate_limited(0),
    "500": t.fails("broken"),
    "503": t.fails("unavailable"),
    "529": t.fails("overloaded"),
    "html": t.html(),
    "error in 200": t.error_in_200(),
    "empty": t.empty(),
    "reset": t.reset(),
    "cut body": t.cut_body(),
}
FINAL: dict[str, Trouble] = {
    "quota": t.fails("quota"),
    "401": t.fails("key"),
    "403": t.fails("forbidden"),
    "404": t.fails("missing"),
    "redirect": t.redirect("http://127.0.0.1:9/v1"),
}
ONE_ONLY: dict[str, tuple[Trouble, FaultKind]] = {
    "context": (t.fails("context"), FaultKind.TOO_LONG),
    "400": (t.fails("bad"), FaultKind.BAD),
}
PICKY = {
    Wire.OPENAI: ([Mode.SCHEMA], [Mode.SCHEMA, Mode.TOOL], [Mode.SCHEMA, Mode.TOOL, Mode.OBJECT]),
    Wire.AZURE: ([Mode.SCHEMA], [Mode.SCHEMA, Mode.TOOL], [Mode.SCHEMA, Mode.TOOL, Mode.OBJECT]),
    Wire.ANTHROPIC: ([Mode.SCHEMA], [Mode.SCHEMA, Mode.TOOL]),
    Wire.OLLAMA: ([Mode.SCHEMA], [Mode.SCHEMA, Mode.TOOL, Mode.OBJECT]),
}
LONG = "The parcel came late and nobody could say where it was. " * 100


@pytest.fixture(scope="module")
def lines() -> Iterator[dict[Wire, Line]]:
    """Yield one server, and a connection to it for each wire format."""
    with LlmServer(lambda said: GOOD) as server:
        made = {wire: Line(wire, server, connection_to(server, wire)) for wire in Wire}
        yield made
        for line in made.values():
            line.connection.close()


@pytest.fixture(params=list(Wire))
def line(lines: dict[Wire, Line], request: pytest.FixtureRequest) -> Line:
    made = lines[request.param]
    made.fresh()
    return made


@pytest.mark.parametrize("name", PASSING)
def test_what_fails_once_is_asked_again_and_answered(line: Line, name: str) -> None:
    line.fresh(PASSING[name])
    ran = run(line.connection, [an_ask()])
    assert ran.texts == [GOOD_TEXT]
    assert line.server.n_requests == 2


@pytest.mark.parametrize("name", PASSING)
def test_what_always_fails_is_given_back_after_the_allowed_tries(line: Line, name: str) -> None:
    line.fresh(PASSING[name].always)
    ran = run(line.connection, [an_ask()])
    assert ran.kinds == [FaultKind.TRANSIENT]
    assert line.server.n_requests == QUICK.max_tries


@pytest.mark.parametrize("name", ["429", "500", "reset"])
def test_every_attempt_is_told(line: Line, name: str) -> None:
    line.fresh(PASSING[name])
    ran = run(line.connection, [an_ask()])
    assert [attempt.outcome == "ok" for attempt in ran.attempts] == [False, True]
    assert [attempt.sent for attempt in ran.attempts] == [each.body for each in line.server.log]


def test_one_in_three_failing_costs_no_answer(line: Line) -> None:
    line.fresh(*[t.fails("broken"), None, None] * 4)
    # By chance, the same request may meet several of them.
    asks = [an_ask(f"Number {n}.") for n in range(12)]
    ran = run(line.connection, asks, rules=replace(QUICK, max_tries=5))
    assert ran.texts == [GOOD_TEXT] * 12
    assert line.server.n_requests == 16


@pytest.mark.parametrize("name", FINAL)
def test_what_no_request_can_pass_stops_the_run(line: Line, name: str) -> None:
    line.fresh(FINAL[name].always)
    ran = run(line.connection, [an_ask(f"Number {n}.") for n in range(20)])
    assert FaultKind.FATAL in ran.kinds
    assert set(ran.kinds) <= {FaultKind.FATAL, FaultKind.STOPPED}
    assert line.server.n_requests <= QUICK.concurrency


@pytest.mark.parametrize("name", FINAL)
def test_one_such_fault_is_enough(line: Line, name: str) -> None:
    """A key that was taken back does not come to be good again by asking."""
    line.fresh(None, None, FINAL[name])
    rules = replace(QUICK, concurrency=1)
    ran = run(line.connection, [an_ask(f"Number {n}.") for n in range(10)], rules=rules)
    assert ran.kinds == [None, None, FaultKind.FATAL, *[FaultKind.STOPPED] * 7]
    assert line.server.n_requests == 3


@pytest.mark.parametrize("name", ONE_ONLY)
def test_what_is_wrong_with_one_request_concerns_no_other(line: Line, name: str) -> None:
    trouble, kind = ONE_ONLY[name]
    line.fresh(trouble.where(lambda said: "Number 3." in said.user).always)
    ran = run(line.connection, [an_ask(f"Number {n}.") for n in range(6)])
    assert ran.kinds == [None, None, None, kind, None, None]
    assert line.server.n_requests == 6


@pytest.mark.parametrize("wire", [Wire.OPENAI, Wire.AZURE, Wire.ANTHROPIC])
@pytest.mark.parametrize("trouble", [t.refusal(), t.content_filter()], ids=["refusal", "filter"])
def test_a_refused_request_is_asked_once_and_concerns_no_other(
    lines: dict[Wire, Line], wire: Wire, trouble: Trouble
) -> None:
    line = lines[wire]
    line.fresh(trouble.where(lambda said: "Number 3." in said.user).always)
    ran = run(line.connection, [an_ask(f"Number {n}.") for n in range(6)])
    good = [each.reply is not None and each.reply.finish is Finish.STOP for each in ran.answers]
    assert good == [True, True, True, False, True, True]
    assert line.server.n_requests == 6


def test_retry_after_is_waited_for(line: Line) -> None:
    line.fresh(t.rate_limited(0.4))
    ran = run(line.connection, [an_ask()], is_hurried=False)
    assert ran.texts == [GOOD_TEXT]
    assert 0.4 <= line.server.gaps[0] < 1.2


@pytest.mark.alone
def test_a_longer_retry_after_than_allowed_is_not_slept_through(line: Line) -> None:
    line.fresh(t.rate_limited(99).always)
    began = time.monotonic()
    ran = run(line.connection, [an_ask()])
    assert ran.kinds == [FaultKind.TRANSIENT]
    assert (line.server.n_requests, time.monotonic() - began < 1) == (1, True)


def test_429_halves_how_many_are_asked_at_once(line: Line) -> None:
    line.fresh(*[t.rate_limited()] * 8)
    line.server.latency = 0.06
    rules = replace(QUICK, concurrency=8)
    run(line.connection, [an_ask(f"Number {n}.") for n in range(16)], rules=rules)
    after = [each.at for each in line.server.log][8:]
    assert after[4] - after[0] > 0.05  # the fifth left when the first had come back


def test_a_server_that_is_down_is_left_alone_before_long(line: Line) -> None:
    line.fresh(t.fails("broken").always)
    rules = replace(QUICK, max_tries=2, breaker_after=3)
    ran = run(line.connection, [an_ask(f"Number {n}.") for n in range(40)], rules=rules)
    assert set(ran.kinds) <= {FaultKind.TRANSIENT, FaultKind.STOPPED}
    assert ran.kinds[-1] is FaultKind.STOPPED
    assert line.server.n_requests < 40


@pytest.mark.alone
@pytest.mark.parametrize(
    "trouble",
    [t.hang(), t.drip(), t.drip(headers=True)],
    ids=["hang", "drip", "drip, head"],
)
def test_the_deadline_is_for_all_tries_together(line: Line, trouble: Trouble) -> None:
    line.fresh(trouble.always)
    rules = replace(QUICK, timeout=0.15, deadline=0.45, max_tries=9)
    began = time.monotonic()
    ran = run(line.connection, [an_ask()], rules=rules, is_hurried=False)
    assert ran.kinds == [FaultKind.TRANSIENT]
    assert 0.1 < time.monotonic() - began < 0.45 * 1.1 + 0.3


def test_a_server_that_hangs_once_is_asked_again(line: Line) -> None:
    line.fresh(t.hang())
    rules = replace(QUICK, timeout=0.25)
    assert run(line.connection, [an_ask()], rules=rules).texts == [GOOD_TEXT]


def test_one_that_hangs_holds_no_other_up(line: Line) -> None:
    line.fresh(t.hang().where(lambda said: "Number 0." in said.user).always)
    rules = replace(QUICK, timeout=0.3, max_tries=1)
    asks = [an_ask(f"Number {n}.") for n in range(12)]
    assert run(line.connection, asks, rules=rules).texts == [None, *[GOOD_TEXT] * 11]


@pytest.mark.parametrize(
    ("wire", "refused"), [(wire, modes) for wire, steps in PICKY.items() for modes in steps]
)
def test_a_picky_server_is_asked_in_the_first_mode_that_it_knows(
    lines: dict[Wire, Line], wire: Wire, refused: list[Mode]
) -> None:
    line = lines[wire]
    line.fresh(t.picky(refused))
    ran = run(line.connection, [an_ask(f"Number {n}.") for n in range(8)])
    assert [json.loads(text or "null") for text in ran.texts] == [GOOD] * 8
    assert len(ran.modes) == 1 and ran.modes[0] not in refused
    assert line.server.n_requests <= 8 + QUICK.concurrency * len(refused)


@pytest.mark.parametrize("wire", list(Wire))
def test_the_mode_that_was_found_is_used_from_the_start(
    lines: dict[Wire, Line], wire: Wire
) -> None:
    line = lines[wire]
    refused = PICKY[wire][-1]
    line.fresh(t.picky(refused))
    first = run(line.connection, [an_ask()])
    line.server.forget()
    run(line.connection, [an_ask(f"Number {n}.") for n in range(4)], known=first.modes[0])
    assert line.server.n_requests == 4


def test_a_server_that_refuses_every_mode_is_not_asked_for_ever(line: Line) -> None:
    line.fresh(t.fails("json_schema").always)
    rules = replace(QUICK, concurrency=1)
    ran = run(line.connection, [an_ask()], rules=rules)
    assert ran.texts == [None]
    assert line.server.n_requests <= len(Mode)


def test_a_mode_refused_is_no_failed_try(line: Line) -> None:
    line.fresh(t.picky([Mode.SCHEMA]))
    rules = replace(QUICK, max_tries=1)
    assert run(line.connection, [an_ask()], rules=rules).kinds == [None]


def test_what_the_server_does_not_count_is_estimated_and_said_to_be(line: Line) -> None:
    line.fresh(t.no_usage().always)
    [attempt] = run(line.connection, [an_ask(LONG)]).attempts
    assert attempt.usage.is_estimated
    assert len(LONG) / 5 < attempt.usage.input_tokens < len(LONG)


def test_a_context_that_is_cut_without_a_word_stops_the_run(line: Line) -> None:
    line.fresh(t.silent_cut(60).always)
    ran = run(line.connection, [an_ask(LONG) for _ in range(20)])
    assert set(ran.kinds) <= {FaultKind.FATAL, FaultKind.STOPPED}
    assert "num_ctx" in " ".join(ran.reasons)
    assert line.server.n_requests <= QUICK.concurrency


def test_a_short_text_of_few_tokens_is_no_cut_context(line: Line) -> None:
    line.fresh(t.silent_cut(3).always)
    assert run(line.connection, [an_ask("Fine.")]).texts == [GOOD_TEXT]


@pytest.fixture
def ollama() -> Iterator[LlmServer]:
    """Yield a server that cuts what is longer than it was told to make room for, silently."""
    with LlmServer(lambda said: GOOD, context_tokens="ollama") as server:
        yield server


def test_ollama_reads_all_that_it_was_told_to_make_room_for(ollama: LlmServer) -> None:
    connection = connection_to(ollama, Wire.OLLAMA)
    ran = run(connection, [an_ask(LONG * 5)])
    connection.close()
    assert ran.attempts[0].usage.input_tokens > len(LONG * 5) / 4


def test_ollama_that_is_spoken_to_as_openai_is_found_to_cut(ollama: LlmServer) -> None:
    connection = connection_to(ollama, Wire.OPENAI)
    ran = run(connection, [an_ask(LONG * 8)])
    connection.close()
    assert ran.kinds == [FaultKind.FATAL]


def test_ollama_answers_nothing_of_which_it_read_a_part_only(ollama: LlmServer) -> None:
    # 11,200 tokens into 8,192
    connection = connection_to(ollama, Wire.OLLAMA, Parameters(context_tokens=8_192))
    ran = run(connection, [an_ask(LONG * 8)])
    connection.close()
    n_read = [each.usage.input_tokens for each in ran.attempts]
    assert ran.texts == [None] or n_read[-1] > len(LONG * 8) / 4


@pytest.mark.alone
def test_leaving_early_waits_for_nobody_who_hangs(line: Line) -> None:
    connection = connection_to(line.server, line.wire)
    line.fresh(t.hang().always)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted(connection, [an_ask(f"Number {n}.") for n in range(8)])
    assert time.monotonic() - began < 2


def test_the_choice_is_named_in_each_reason_that_stops_a_run(line: Line) -> None:
    line.fresh(t.fails("missing").always)
    host = choice_for(line.server.url, line.wire).host
    [reason] = run(line.connection, [an_ask()]).reasons
    assert "test" in reason or host in reason
