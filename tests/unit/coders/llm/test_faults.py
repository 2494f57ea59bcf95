"""What a failed attempt means, and what its reason may say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from qualcode.coders.llm.exchange import Exchange, Trouble
from qualcode.coders.llm.faults import complaint_of, fault_of, is_filtered, refused_parameter
from qualcode.coders.llm.model import ModelChoice
from qualcode.coders.llm.wire import Ask, Fault, FaultKind, Message, Mode

SAID = "My neighbour Margarethe never once opened the door to the nurse."
ASK = Ask((Message("system", "Code."), Message("user", SAID)), {"type": "object"}, "answer", 100)
CHOICE = ModelChoice.parse("openai:gpt-x", environ={})


def _exchange(status: int, body: Any = None, *, sent: bytes = b"sent", **headers: str) -> Exchange:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(0.0, sent, len(sent), 0, status, named, content)


def _fault(exchange: Exchange, mode: Mode = Mode.SCHEMA, **more: Any) -> Fault:
    return fault_of(exchange, complaint_of(exchange, ASK), CHOICE, mode, **more)


def _error(status: int, words: str = "", **more: Any) -> Exchange:
    return _exchange(status, {"error": {"message": words, **more}})


@pytest.mark.parametrize(
    ("exchange", "kind"),
    [
        (_error(401, "no"), FaultKind.FATAL),
        (_error(402, "pay"), FaultKind.FATAL),
        (_error(403, "no"), FaultKind.FATAL),
        (_error(404, "no such model"), FaultKind.FATAL),
        (_error(405, "no"), FaultKind.FATAL),
        (_error(408), FaultKind.TRANSIENT),
        (_error(409), FaultKind.TRANSIENT),
        (_error(413), FaultKind.TOO_LONG),
        (_error(429, "slow down"), FaultKind.TRANSIENT),
        (_error(429, "slow down", code="insufficient_quota"), FaultKind.FATAL),
        (_error(400, "Your credit balance is too low to access the API"), FaultKind.FATAL),
        (_error(400, "You have reached your specified API usage limits."), FaultKind.FATAL),
        (_error(500, "boom"), FaultKind.TRANSIENT),
        (_error(503, "loading"), FaultKind.TRANSIENT),
        (_error(529, "overloaded"), FaultKind.TRANSIENT),
        (_error(400, "could not parse"), FaultKind.BAD),
        (_error(400, "x", code="context_length_exceeded"), FaultKind.TOO_LONG),
        (_error(400, "prompt is too long: 9 tokens > 8 maximum"), FaultKind.TOO_LONG),
        (_error(400, "max_tokens is too large: 9. At most 8."), FaultKind.FATAL),
        (_exchange(200, {"error": "model is loading"}), FaultKind.TRANSIENT),
        (_exchange(200, {"error": {"code": 402, "message": "pay"}}), FaultKind.FATAL),
        (_exchange(502, b"<html>Bad gateway</html>"), FaultKind.TRANSIENT),
        (_exchange(307, b"", location="https://else.example.org/v1?a=b"), FaultKind.FATAL),
    ],
)
def test_an_answer_means_what_its_status_and_words_say(exchange: Exchange, kind: FaultKind) -> None:
    assert _fault(exchange).kind is kind


@pytest.mark.parametrize(
    ("mode", "body", "status"),
    [
        (Mode.SCHEMA, {"error": "'response_format.type' must be 'json_object'"}, 400),
        (Mode.SCHEMA, {"error": {"message": "response_format type must be one of x"}}, 500),
        (Mode.SCHEMA, {"error": {"message": "output_config.format: not permitted"}}, 400),
        (Mode.SCHEMA, {"error": "json: cannot unmarshal object into ChatRequest.format"}, 400),
        (
            Mode.SCHEMA,
            {"detail": [{"loc": ["body", "response_format"], "msg": "Extra inputs"}]},
            422,
        ),
        (Mode.TOOL, {"error": "registry/llama does not support tools"}, 400),
        (Mode.TOOL, {"error": {"message": "No endpoints found that support tool use."}}, 404),
        (Mode.OBJECT, {"error": "'response_format.type' must be 'json_schema' or 'text'"}, 400),
    ],
)
def test_a_refused_mode_is_a_step_down(mode: Mode, body: Any, status: int) -> None:
    assert _fault(_exchange(status, body), mode).kind is FaultKind.STEP_DOWN


def test_plain_text_has_nothing_to_step_down_from() -> None:
    assert _fault(_error(400, "response_format is wrong"), Mode.TEXT).kind is FaultKind.BAD


def test_a_schema_refused_in_its_context_is_no_text_that_is_too_long() -> None:
    words = "Invalid schema for response_format 'a': In context=('properties', 'b'), wrong."
    assert _fault(_error(400, words)).kind is FaultKind.STEP_DOWN


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble.CONNECT, FaultKind.TRANSIENT),
        (Trouble.TIMEOUT, FaultKind.TRANSIENT),
        (Trouble.TOO_MUCH, FaultKind.TRANSIENT),
        (Trouble.CERTIFICATE, FaultKind.FATAL),
        (Trouble.ELSEWHERE, FaultKind.FATAL),
        (Trouble.CLOSED, FaultKind.STOPPED),
    ],
)
def test_a_trouble_on_the_way_names_the_host(trouble: Trouble, kind: FaultKind) -> None:
    fault = _fault(Exchange(0.0, trouble=trouble))
    assert (fault.kind, "api.openai.com" in fault.reason) == (kind, True)


def test_a_request_that_could_not_be_made_stops_the_run() -> None:
    fault = _fault(Exchange(0.0), error=TypeError(SAID))
    assert (fault.kind, SAID in fault.reason) == (FaultKind.FATAL, False)


def test_a_text_that_cannot_be_encoded_is_bad_alone() -> None:
    error = UnicodeEncodeError("utf-8", SAID, 0, 1, "surrogates")
    assert _fault(Exchange(0.0), error=error).kind is FaultKind.BAD


def test_an_answer_cut_in_its_body_is_transient() -> None:
    exchange = Exchange(0.0, b"sent", 4, 0, 200)
    assert _fault(exchange).kind is FaultKind.TRANSIENT


def test_a_reason_leaves_out_what_repeats_the_prompt() -> None:
    fault = _fault(_error(400, f"could not read “{SAID[:30]}”"))
    assert SAID[3:20] not in fault.reason


def test_a_reason_keeps_the_servers_word_where_it_repeats_nothing() -> None:
    assert "n must be one" in _fault(_error(400, "n must be one")).reason


def test_a_prompt_repeated_in_an_error_does_not_lead_down_the_ladder() -> None:
    ask = Ask((Message("user", "The response_format of it all was too much"),), {}, "a", 1)
    exchange = _error(400, "bad: The response_format of it all was too much")
    complaint = complaint_of(exchange, ask)
    assert fault_of(exchange, complaint, CHOICE, Mode.SCHEMA).kind is FaultKind.BAD


def test_a_key_in_an_error_is_masked() -> None:
    fault = _fault(_error(401, "wrong key plain-words-key"), secrets=("plain-words-key",))
    assert "plain-words-key" not in fault.reason


def test_a_wrong_key_is_named_by_its_variable() -> None:
    assert "OPENAI_API_KEY" in _fault(_error(401, "no")).reason


def test_a_redirect_names_the_other_host_and_nothing_more_of_the_address() -> None:
    exchange = _exchange(307, b"", location="https://else.example.org/v1?key=abc")
    reason = _fault(exchange).reason
    assert ("else.example.org" in reason, "abc" in reason) == (True, False)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry_after": "99"}, 99.0), ({"retry_after_ms": "250"}, 0.25), ({}, None)],
)
def test_the_wait_that_a_server_asks_for_is_handed_on(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert _fault(_exchange(429, {"error": "slow"}, **headers)).retry_after == seconds


def test_the_wait_may_be_a_date() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=60))
    wait = _fault(_exchange(429, {"error": "slow"}, retry_after=until)).retry_after
    assert wait is not None and 55 < wait <= 60


@pytest.mark.parametrize("words", ["soon", "-5", "nan", "1e9"])
def test_a_wait_that_makes_no_sense_is_none(words: str) -> None:
    assert _fault(_exchange(429, {"error": "slow"}, retry_after=words)).retry_after is None


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "content_filter", "message": "x"}},
        {"error": {"type": "e", "message": "Output blocked by content filtering policy"}},
    ],
)
def test_a_filter_that_holds_the_request_back_is_known(body: Any) -> None:
    complaint = complaint_of(_exchange(400, body), ASK)
    assert complaint is not None and is_filtered(complaint)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ({"param": "temperature", "code": "unsupported_value", "message": "no"}, "temperature"),
        ({"message": "Unknown field: seed"}, "seed"),
        ({"message": "Extra inputs are not permitted: 'strict'"}, "strict"),
        ({"message": "Unsupported parameter: 'max_tokens'. Use another."}, "max_tokens"),
        ({"message": "temperature must lie between 0 and 1"}, ""),
        ({"message": "nonsense"}, ""),
    ],
)
def test_a_parameter_that_is_not_taken_is_found(error: dict[str, Any], name: str) -> None:
    every = {"temperature": 0, "seed": 1, "max_tokens": 9, "tools": [{"strict": True}]}
    assert _refused(error, every) == name


@pytest.mark.parametrize(
    "error",
    [
        {"message": "Unknown field seed; known are max_tokens, temperature and top_p"},
        {"param": "temperature", "message": "seed is not supported without a temperature"},
    ],
)
def test_only_a_parameter_that_was_sent_is_one_that_is_not_taken(error: dict[str, Any]) -> None:
    assert _refused(error, {"seed": 1, "max_completion_tokens": 9}) == "seed"


def test_what_somebody_said_is_no_parameter_that_was_sent() -> None:
    said = {"messages": [{"content": 'I wrote "temperature": 3 there'}], "seed": 1}
    assert _refused({"message": "temperature and seed are not supported"}, said) == "seed"


def _refused(error: dict[str, Any], sent: dict[str, Any]) -> str:
    exchange = _exchange(400, {"error": error}, sent=json.dumps(sent).encode())
    complaint = complaint_of(exchange, ASK)
    assert complaint is not None
    return refused_parameter(complaint)
