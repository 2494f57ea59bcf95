"""Trying a server out: each mode, the long text, and when it is no use to go on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from qualcode.coders.llm.model import Parameters
from qualcode.coders.llm.probe import n_requests, probe
from qualcode.coders.llm.probed import Context, Outcome, Probe
from qualcode.coders.llm.providers import connect
from qualcode.coders.llm.wire import Fault, FaultKind, Finish, Mode, Reply, Usage
from tests.llm_server import LlmServer, Said, Wire
from tests.llm_server import troubles as t
from tests.llm_server.asking import KEY, choice_for, connection_at, connection_to
from tests.scripted_connection import ScriptedConnection

GOOD = Reply('{"word": "quillwort"}', Finish.STOP, Usage(5_500, 20, 128), sent=b"{}")


def answer(said: Said) -> Any:
    """Answer as a model does that reads all that it is given."""
    text = said.system + said.user
    if "quillwort" in text:
        return {"word": "quillwort"}
    return {"word": "harbour" if "harbour" in text else "unknown"}


def is_long(said: Said) -> bool:
    return "remembered" in said.user


def on_long(trouble: t.Trouble) -> t.Trouble:
    return trouble.always.where(is_long)


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer(answer) as made:
        yield made


def tried(server: LlmServer, wire: Wire = Wire.OPENAI) -> Probe:
    connection = connect(choice_for(server.url, wire), Parameters(), KEY)
    try:
        return probe(connection, timeout=5, pause=lambda seconds: None)
    finally:
        connection.close()


def outcomes(found: Probe) -> dict[str, str]:
    return {one.mode.value: one.outcome.value for one in found.trials}


@pytest.mark.parametrize("wire", [Wire.OPENAI, Wire.AZURE, Wire.OLLAMA])
def test_a_server_in_good_health_works_in_every_mode(server: LlmServer, wire: Wire) -> None:
    found = tried(server, wire)
    assert set(outcomes(found).values()) == {"works"}
    assert server.n_requests == sum(n_requests())


def test_a_mode_that_a_provider_has_not_costs_no_request(server: LlmServer) -> None:
    found = tried(server, Wire.ANTHROPIC)
    assert outcomes(found)["json_object"] == "refused"
    assert server.n_requests == sum(n_requests()) - 1


@pytest.mark.parametrize("wire", list(Wire))
@pytest.mark.parametrize("refused", [[Mode.SCHEMA], [Mode.SCHEMA, Mode.TOOL, Mode.OBJECT]])
def test_the_best_mode_that_is_not_refused_is_found(
    server: LlmServer, wire: Wire, refused: list[Mode]
) -> None:
    server.script(t.picky(refused))
    found = tried(server, wire)
    best = next(mode for mode in Mode if mode not in refused)
    assert found.found is not None
    assert (found.found.mode, found.is_settled) == (best, True)


def test_a_mode_that_is_taken_but_ignored_is_not_the_one_found(server: LlmServer) -> None:
    server.script(t.garbage().always.where(lambda said: said.mode is Mode.SCHEMA))
    found = tried(server)
    assert outcomes(found)["json_schema"] == "unfit"
    assert found.found is not None and found.found.mode is Mode.TOOL


@pytest.mark.parametrize(
    "text", ['{"word": 3}', '{"word": "a", "more": 1}', "[]", '{"word": "a"', '{"words": "a"}']
)
def test_an_answer_of_another_form_is_unfit(text: str) -> None:
    found = probe(ScriptedConnection(then=Reply(text, Finish.STOP, None)), timeout=5)
    assert [one.outcome for one in found.trials] == [Outcome.UNFIT] * 4


def test_an_answer_that_was_not_finished_is_unfit_also_where_it_fits(server: LlmServer) -> None:
    found = probe(ScriptedConnection(then=Reply(GOOD.text, Finish.LENGTH, None)), timeout=5)
    assert "not finished after 2,000 tokens" in found.trials[0].reason


def test_the_long_text_is_not_sent_where_no_mode_works(server: LlmServer) -> None:
    server.script(t.garbage().always)
    found = tried(server)
    assert (server.n_requests, found.long.context) == (4, Context.UNKNOWN)


@pytest.mark.parametrize("wire", list(Wire))
def test_a_long_text_that_is_read_whole_is_told_as_that(server: LlmServer, wire: Wire) -> None:
    long = tried(server, wire).long
    assert (long.context, long.reason) == (Context.WHOLE, "")


def test_the_long_text_has_about_six_thousand_tokens(server: LlmServer) -> None:
    long = tried(server).long
    assert 5_500 < long.tokens_about < 6_500


def test_a_context_that_is_cut_silently_is_noticed(server: LlmServer) -> None:
    server.context_tokens = "ollama"
    long = tried(server).long
    assert long.context is Context.CUT
    assert "the server read 4,096 of about 6,0" in long.reason


def test_ollama_on_its_own_wire_is_told_how_much_room_to_make(server: LlmServer) -> None:
    server.context_tokens = "ollama"
    assert tried(server, Wire.OLLAMA).long.context is Context.WHOLE


def test_a_silent_cut_is_noticed_without_any_count_of_tokens(server: LlmServer) -> None:
    server.context_tokens = 4096
    server.script(t.no_usage().always)
    assert tried(server).long.context is Context.CUT


def test_a_model_that_read_all_and_found_nothing_is_no_cut(server: LlmServer) -> None:
    server.script(on_long(t.garbage('{"word": "unknown"}')))
    assert tried(server).long.context is Context.UNSURE


def test_a_server_that_says_what_is_too_long_does_not_cut_silently(server: LlmServer) -> None:
    server.script(on_long(t.fails("context")))
    assert tried(server).long.context is Context.REFUSED


@pytest.mark.parametrize("wire", [Wire.OPENAI, Wire.AZURE, Wire.ANTHROPIC])
def test_what_a_provider_had_kept_of_the_long_text_is_counted(
    server: LlmServer, wire: Wire
) -> None:
    n_kept = tried(server, wire).long.cached_tokens
    assert n_kept is not None and n_kept > 5_000


def test_a_server_that_never_tells_what_it_kept_has_kept_nothing(server: LlmServer) -> None:
    assert tried(server, Wire.OLLAMA).long.cached_tokens == 0


def test_a_server_that_counts_no_tokens_is_asked_the_long_text_once(server: LlmServer) -> None:
    server.script(t.no_usage().always)
    found = tried(server)
    assert (server.n_requests, found.long.cached_tokens) == (5, None)


def test_a_server_that_counts_no_tokens_is_told_as_that(server: LlmServer) -> None:
    server.script(t.no_usage().always)
    found = tried(server)
    assert [one.usage for one in found.trials] == [None] * 4


@pytest.mark.parametrize("kind", ["key", "missing", "quota", "forbidden"])
@pytest.mark.parametrize("wire", list(Wire))
def test_what_no_mode_can_mend_ends_it_after_one_request(
    server: LlmServer, wire: Wire, kind: str
) -> None:
    server.script(t.fails(kind).always)
    found = tried(server, wire)
    assert server.n_requests == 1
    assert found.stopped is not None and found.stopped.kind is FaultKind.FATAL


def test_a_server_that_is_not_there_is_asked_once() -> None:
    connection = connection_at("http://127.0.0.1:9", Wire.OPENAI)
    found = probe(connection, timeout=5)
    connection.close()
    assert found.stopped is not None
    assert list(outcomes(found).values()) == ["failed", "not tried", "not tried", "not tried"]


def test_a_server_that_hangs_is_not_waited_for_in_every_mode(server: LlmServer) -> None:
    server.script(t.hang().always)
    connection = connection_to(server, Wire.OPENAI)
    found = probe(connection, timeout=0.1, pause=lambda seconds: None)
    connection.close()
    assert found.stopped is not None and "did not finish" in found.stopped.reason
    assert outcomes(found)["tool"] == "not tried"


@pytest.mark.parametrize("trouble", [t.rate_limited(1), t.fails("broken"), t.reset(), t.html()])
def test_what_passes_is_tried_again(server: LlmServer, trouble: t.Trouble) -> None:
    server.script(trouble)
    assert set(outcomes(tried(server)).values()) == {"works"}


def test_a_server_that_asks_for_a_long_wait_is_left_alone(server: LlmServer) -> None:
    server.script(t.rate_limited(99).always)
    found = tried(server)
    assert (server.n_requests, found.stopped is not None) == (1, True)


def test_a_server_that_says_try_again_at_once_for_ever_is_left_alone() -> None:
    connection = ScriptedConnection(
        then=Fault(FaultKind.TRANSIENT, "busy", status=429, retry_after=0.0)
    )
    found = probe(connection, timeout=5, pause=lambda seconds: None)
    assert (len(connection.log), found.stopped is not None) == (8, True)


def test_a_mode_that_fails_by_chance_leaves_it_open_which_one_is_best(server: LlmServer) -> None:
    server.script(t.fails("broken").always.where(lambda said: said.mode is Mode.SCHEMA))
    found = tried(server)
    assert found.found is not None
    assert (found.found.mode, found.is_settled) == (Mode.TOOL, False)


def test_the_latency_is_that_of_the_quickest_answer() -> None:
    waits = iter([0.15, 0.0, 0.0, 0.0])

    def slow_at_first(n_now: int, sent: Any) -> None:
        time.sleep(next(waits, 0.0))

    found = probe(ScriptedConnection(then=GOOD, during=slow_at_first), timeout=5)
    assert found.trials[0].seconds is not None and found.latency is not None
    assert found.latency < 0.1 < found.trials[0].seconds


def test_the_question_after_the_long_text_does_not_give_the_word_away(server: LlmServer) -> None:
    tried(server)
    asked = [each.said for each in server.log if each.said is not None and is_long(each.said)]
    assert [("quillwort" in said.user, said.system.count("quillwort")) for said in asked] == [
        (False, 1)
    ] * 2


def test_both_long_requests_are_the_same_bytes(server: LlmServer) -> None:
    tried(server)
    bodies = {each.body for each in server.log if each.said is not None and is_long(each.said)}
    assert len(bodies) == 1
    assert json.loads(bodies.pop())["messages"][0]["role"] == "system"
