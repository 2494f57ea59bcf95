"""Every provider over loopback: what is sent, what comes back, and where nothing may go."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from qualcode.coders.llm.model import ModelChoice, Parameters
from qualcode.coders.llm.providers import connect
from qualcode.coders.llm.wire import (
    Ask,
    Connection,
    Fault,
    FaultKind,
    Finish,
    Message,
    Mode,
    Reply,
)
from qualcode.errors import UsageError
from tests.llm_server import LlmServer, replies, troubles
from tests.llm_server.trap import Trap

KEY = "plainkey-0aB1-no-known-form"
SCHEMA = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": {"type": "string", "enum": ["s1"]}},
                "required": ["id"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["items"],
    "additionalProperties": False,
}
ANSWER = {"items": [{"id": "s1"}]}
SYSTEM = "You read interviews with care.\n" * 200
ASK = Ask(
    (Message("system", SYSTEM), Message("user", "s1: Das Frühstück war «gut» 😀, sagte sie.")),
    SCHEMA,
    "answer",
    500,
)
SPECS = {
    "compatible": ("compatible:test-model", "/v1"),
    "azure": ("azure:test-model", ""),
    "anthropic": ("anthropic:claude-test", ""),
    "ollama": ("ollama:test-model", ""),
}
PROVIDERS = tuple(SPECS)
ADDRESSES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "OPENAI_PROXY",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_API_URL",
    "ANTHROPIC_PROXY",
    "OLLAMA_HOST",
    "AZURE_OPENAI_ENDPOINT",
    "LANGSMITH_ENDPOINT",
    "LANGCHAIN_ENDPOINT",
    "LANGSMITH_GATEWAY",
)
KEYS = (
    "OPENAI_API_KEY",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_AD_TOKEN",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "OLLAMA_API_KEY",
)


@pytest.fixture(scope="module")
def serving() -> Iterator[LlmServer]:
    with LlmServer(lambda said: ANSWER) as server:
        yield server


@pytest.fixture(scope="module")
def connections(serving: LlmServer) -> Iterator[dict[str, Connection]]:
    opened = {name: open_at(name, serving.url) for name in PROVIDERS}
    yield opened
    for connection in opened.values():
        connection.close()


@pytest.fixture
def server(serving: LlmServer) -> LlmServer:
    serving.forget()
    serving.script()
    serving.latency = 0.0
    return serving


def open_at(provider: str, url: str, parameters: Parameters | None = None) -> Connection:
    spec, path = SPECS[provider]
    choice = ModelChoice.parse(spec, url + path, "SOME_KEY", environ={})
    return connect(choice, parameters or Parameters(0.0, 7), KEY)


def fault_of(connection: Connection, *, mode: Mode = Mode.SCHEMA, timeout: float = 5) -> Fault:
    with pytest.raises(Fault) as caught:
        connection.send(ASK, mode, timeout=timeout)
    return caught.value


every_provider = pytest.mark.parametrize("provider", PROVIDERS)
every_mode = pytest.mark.parametrize(
    ("provider", "mode"),
    [
        (provider, mode)
        for provider in PROVIDERS
        for mode in Mode
        if (provider, mode) != ("anthropic", Mode.OBJECT)
    ],
)


@every_mode
def test_an_answer_comes_back_in_every_mode(
    server: LlmServer, connections: dict[str, Connection], provider: str, mode: Mode
) -> None:
    assert json.loads(connections[provider].send(ASK, mode, timeout=5).text) == ANSWER


@every_mode
def test_the_server_is_asked_in_the_mode_that_was_wanted(
    server: LlmServer, connections: dict[str, Connection], provider: str, mode: Mode
) -> None:
    connections[provider].send(ASK, mode, timeout=5)
    said = server.log[-1].said
    assert said is not None and said.mode is mode


@every_mode
def test_what_was_sent_is_handed_back_byte_for_byte(
    server: LlmServer, connections: dict[str, Connection], provider: str, mode: Mode
) -> None:
    assert connections[provider].send(ASK, mode, timeout=5).sent == server.log[-1].body


@every_provider
def test_a_fault_hands_back_what_was_sent_byte_for_byte(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    server.script(troubles.fails("broken"))
    assert fault_of(connections[provider]).sent == server.log[-1].body


@every_provider
def test_the_limit_of_the_reply_is_always_sent(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    connections[provider].send(ASK, Mode.SCHEMA, timeout=5)
    said = server.log[-1].said
    assert said is not None and said.max_output_tokens == 500


@every_provider
def test_the_schema_arrives_whole(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    connections[provider].send(ASK, Mode.SCHEMA, timeout=5)
    said = server.log[-1].said
    assert said is not None and said.schema == SCHEMA


@every_provider
def test_plain_text_is_told_the_schema_in_words(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    connections[provider].send(ASK, Mode.TEXT, timeout=5)
    said = server.log[-1].said
    assert said is not None and json.dumps(SCHEMA, separators=(",", ":")) in said.system


@every_provider
def test_the_system_message_is_the_same_in_every_request(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    other = Ask((ASK.messages[0], Message("user", "s1: something else")), SCHEMA, "answer", 500)
    for ask in (ASK, other):
        connections[provider].send(ask, Mode.TEXT, timeout=5)
    first, second = (logged.said for logged in server.log)
    assert first is not None and second is not None and first.system == second.system


@every_provider
def test_usage_is_read(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    usage = connections[provider].send(ASK, Mode.SCHEMA, timeout=5).usage
    assert usage is not None and usage.input_tokens > len(SYSTEM) // 4


@pytest.mark.parametrize("provider", ["compatible", "azure", "anthropic"])
def test_tokens_that_the_provider_had_kept_are_counted(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    replies = [connections[provider].send(ASK, Mode.SCHEMA, timeout=5) for _ in range(2)]
    assert [reply.usage.cached_tokens > 1000 for reply in replies if reply.usage][1]


@every_provider
def test_a_reply_without_usage_has_none(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    server.script(troubles.no_usage())
    assert connections[provider].send(ASK, Mode.SCHEMA, timeout=5).usage is None


def test_ollama_makes_room_for_the_longest_request_so_far(
    server: LlmServer, connections: dict[str, Connection]
) -> None:
    told = Message("user", "word " * 20_000)
    long = replace(ASK, messages=(*ASK.messages[:1], told))
    for ask in (ASK, long, ASK):
        connections["ollama"].send(ask, Mode.SCHEMA, timeout=5)
    rooms = [json.loads(logged.body)["options"]["num_ctx"] for logged in server.log[-3:]]
    assert rooms == [8_192, 40_960, 40_960]


def test_what_does_not_fit_into_the_room_that_a_user_gives_is_not_sent(server: LlmServer) -> None:
    choice = ModelChoice.parse("ollama:test", base_url=server.url)
    connection = connect(choice, Parameters(context_tokens=1_024))
    n_before = len(server.log)
    with pytest.raises(Fault) as raised:
        connection.send(replace(ASK, max_output_tokens=2_000), Mode.SCHEMA, timeout=5)
    connection.close()
    assert raised.value.kind is FaultKind.TOO_LONG
    assert len(server.log) == n_before


def test_anthropic_has_no_json_mode_and_is_not_asked_for_it(
    server: LlmServer, connections: dict[str, Connection]
) -> None:
    kind = fault_of(connections["anthropic"], mode=Mode.OBJECT).kind
    assert (kind, server.n_requests) == (FaultKind.STEP_DOWN, 0)


@pytest.mark.parametrize("provider", ["compatible", "azure"])
@pytest.mark.parametrize(
    ("trouble", "finish"),
    [
        (troubles.refusal(), Finish.REFUSAL),
        (troubles.content_filter(), Finish.FILTER),
        (troubles.fails("filtered"), Finish.FILTER),
        (troubles.cut_reply(Finish.LENGTH), Finish.LENGTH),
    ],
)
def test_a_reply_that_is_none_to_use_is_still_a_reply(
    server: LlmServer,
    connections: dict[str, Connection],
    provider: str,
    trouble: troubles.Trouble,
    finish: Finish,
) -> None:
    server.script(trouble)
    assert connections[provider].send(ASK, Mode.SCHEMA, timeout=5).finish is finish


@every_provider
@pytest.mark.parametrize(
    "trouble",
    [
        troubles.html(),
        troubles.empty(),
        troubles.error_in_200(),
        troubles.reset(),
        troubles.cut_body(),
    ],
    ids=lambda trouble: trouble.name,
)
def test_an_answer_that_is_no_reply_is_transient(
    server: LlmServer,
    connections: dict[str, Connection],
    provider: str,
    trouble: troubles.Trouble,
) -> None:
    server.script(trouble)
    assert fault_of(connections[provider]).kind is FaultKind.TRANSIENT


@every_provider
def test_one_attempt_is_one_request(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    server.script(troubles.rate_limited(1))
    fault = fault_of(connections[provider])
    assert (server.n_requests, fault.retry_after) == (1, 1.0)


@every_provider
def test_a_cut_reply_is_handed_on_cut(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    server.script(troubles.cut_reply(Finish.STOP))
    text = connections[provider].send(ASK, Mode.SCHEMA, timeout=5).text
    assert text == json.dumps(ANSWER)[: len(json.dumps(ANSWER)) // 2]


@pytest.mark.alone
@pytest.mark.parametrize(
    "trouble",
    [troubles.hang(5), troubles.drip(0.02), troubles.drip(0.02, headers=True)],
    ids=["silence", "dripping body", "dripping head"],
)
def test_the_deadline_of_an_attempt_holds_within_a_tenth(
    server: LlmServer, connections: dict[str, Connection], trouble: troubles.Trouble
) -> None:
    server.script(trouble)
    begin = time.monotonic()
    fault = fault_of(connections["compatible"], timeout=1.0)
    took = time.monotonic() - begin
    assert ("in time" in fault.reason, took < 1.1) == (True, True), took


@every_provider
def test_a_server_that_drips_is_given_up(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    server.script(troubles.drip(0.02))
    assert "in time" in fault_of(connections[provider], timeout=0.2).reason


@every_provider
def test_a_redirect_is_not_followed(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    with Trap() as trap:
        server.script(troubles.redirect(trap.url))
        kind = fault_of(connections[provider]).kind
    assert (kind, trap.heard) == (FaultKind.FATAL, [])


@every_provider
def test_the_environment_diverts_nothing(
    server: LlmServer, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Trap() as trap:
        for name in ADDRESSES:
            monkeypatch.setenv(name, trap.url)
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
        for name in ("LANGSMITH_API_KEY", "LANGSMITH_GATEWAY_API_KEY", "LANGCHAIN_API_KEY"):
            monkeypatch.setenv(name, "ls-key")
        connection = open_at(provider, server.url)
        replies = [connection.send(ASK, mode, timeout=5) for mode in (Mode.SCHEMA, Mode.TEXT)]
        connection.close()
        time.sleep(0.2)  # a tracer sends in the background
    assert (len(replies), server.n_requests, trap.heard) == (2, 2, [])


@every_provider
def test_no_other_key_and_no_other_header_of_the_environment_is_sent(
    server: LlmServer, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KEYS:
        monkeypatch.setenv(name, "somebody-elses")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-More: somebody-elses")
    connection = open_at(provider, server.url)
    connection.send(ASK, Mode.SCHEMA, timeout=5)
    connection.close()
    assert "somebody-elses" not in str(server.log[-1].headers)


@pytest.mark.parametrize("provider", ["compatible", "anthropic", "ollama"])
def test_without_a_key_none_is_sent(
    server: LlmServer, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "somebody-elses")
    spec, path = SPECS[provider]
    connection = connect(
        ModelChoice.parse(spec, server.url + path, environ={}), Parameters(None), ""
    )
    try:
        connection.send(ASK, Mode.SCHEMA, timeout=5)
    except Fault as fault:
        assert fault.status == 401
    connection.close()
    headers = server.log[-1].headers
    assert not {"authorization", "x-api-key", "api-key"} & set(headers)


@every_provider
def test_the_key_is_in_no_body_and_no_repr(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    connection = connections[provider]
    reply = connection.send(ASK, Mode.TOOL, timeout=5)
    assert KEY not in f"{connection!r} {reply!r} {reply.sent!r}"


@every_provider
def test_a_key_in_a_servers_error_gets_into_no_fault(
    server: LlmServer, connections: dict[str, Connection], provider: str
) -> None:
    server.script(troubles.fails("key"))
    fault = fault_of(connections[provider])
    said = f"{fault} {fault!r} {fault.reason} {fault.__cause__!r} {fault.sent!r}"
    assert (KEY in said, KEY in str(server.log[-1].headers)) == (False, True)


def test_a_server_that_cannot_be_reached_was_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    connection = open_at("compatible", f"http://127.0.0.1:{port}")
    fault = fault_of(connection)
    assert (fault.kind, fault.sent, fault.status) == (FaultKind.TRANSIENT, b"", 0)


@every_provider
def test_a_server_that_cannot_speak_safely_is_sent_nothing(
    server: LlmServer, provider: str
) -> None:
    connection = open_at(provider, server.url.replace("http:", "https:"))
    fault = fault_of(connection)
    connection.close()
    assert (fault.kind, fault.sent, server.n_requests) == (FaultKind.FATAL, b"", 0)


def test_a_parameter_that_a_server_does_not_take_is_left_out_from_then_on(
    server: LlmServer,
) -> None:
    refusal = b'{"error": {"message": "no", "param": "temperature", "code": "unsupported_value"}}'
    server.script(troubles.changed("picky", status=400, raw=refusal))
    connection = open_at("compatible", server.url)
    kind = fault_of(connection).kind
    connection.send(ASK, Mode.SCHEMA, timeout=5)
    connection.close()
    bodies = [json.loads(logged.body) for logged in server.log]
    assert (kind, ["temperature" in body for body in bodies]) == (
        FaultKind.TRANSIENT,
        [True, False],
    )


def test_a_limit_of_another_name_is_sent_under_its_other_name(server: LlmServer) -> None:
    refusal = b'{"error": {"message": "Unsupported parameter: \'max_tokens\'"}}'
    server.script(troubles.changed("picky", status=400, raw=refusal))
    connection = open_at("compatible", server.url)
    fault_of(connection)
    connection.send(ASK, Mode.SCHEMA, timeout=5)
    connection.close()
    assert json.loads(server.log[-1].body)["max_completion_tokens"] == 500


def test_a_limit_without_another_name_is_not_tried_again_as_it_was(server: LlmServer) -> None:
    refusal = b'{"error": {"message": "max_tokens: 100000 > 64000 is not supported"}}'
    server.script(troubles.changed("picky", status=400, raw=refusal))
    connection = open_at("anthropic", server.url)
    kind = fault_of(connection).kind
    connection.close()
    assert kind is not FaultKind.TRANSIENT


def test_parameters_that_were_not_set_are_not_sent(server: LlmServer) -> None:
    connection = open_at("compatible", server.url, Parameters(None, None))
    connection.send(ASK, Mode.SCHEMA, timeout=5)
    connection.close()
    assert not {"temperature", "seed"} & set(json.loads(server.log[-1].body))


def test_a_text_with_half_a_character_fails_alone(connections: dict[str, Connection]) -> None:
    ask = Ask((Message("system", "x"), Message("user", "\ud800")), SCHEMA, "answer", 10)
    with pytest.raises(Fault) as caught:
        connections["compatible"].send(ask, Mode.SCHEMA, timeout=5)
    assert caught.value.kind is FaultKind.BAD


@pytest.mark.alone
@every_provider
def test_sixty_four_at_once_each_get_their_own_reply(provider: str) -> None:
    def answer(said: Any) -> Any:
        found = re.search(r"unit (\d+)", said.user)
        return {"number": int(found.group(1)) if found else None}

    def send(number: int) -> tuple[int, bool]:
        words = f"unit {number}"
        ask = Ask((Message("system", "x"), Message("user", words)), SCHEMA, "answer", 50)
        reply = connection.send(ask, Mode.SCHEMA, timeout=20)
        return json.loads(reply.text)["number"], words.encode() in reply.sent

    with LlmServer(answer, latency=0.2) as server, ThreadPoolExecutor(64) as workers:
        connection = open_at(provider, server.url)
        got = list(workers.map(send, range(192)))
        connection.close()
        assert (got, server.most_at_once > 32) == ([(n, True) for n in range(192)], True)


@pytest.mark.alone
def test_closing_ends_attempts_under_way_soon(server: LlmServer) -> None:
    server.script(troubles.hang(20))
    connection = open_at("compatible", server.url)
    threading.Timer(0.2, connection.close).start()
    begin = time.monotonic()
    fault = fault_of(connection, timeout=20)
    took = time.monotonic() - begin
    assert (fault.kind, took < 1.5) == (FaultKind.STOPPED, True), took


@pytest.mark.parametrize(
    ("provider", "package", "extra"),
    [
        ("anthropic", "langchain_anthropic", "qualcode[anthropic]"),
        ("ollama", "langchain_ollama", "qualcode[ollama]"),
    ],
)
def test_a_package_that_is_not_installed_is_named_with_the_command_for_it(
    provider: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError) as caught:
        open_at(provider, "http://127.0.0.1:9")
    assert caught.value.hint == f"run: pip install '{extra}'"


def test_a_missing_key_is_said_before_anything_is_asked() -> None:
    with pytest.raises(UsageError, match="OPENAI_API_KEY is not set"):
        connect(ModelChoice.parse("openai:gpt-x", environ={}), Parameters(), "")


def test_making_connections_opens_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was about to be connected")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    opened = [
        connect(ModelChoice.parse(spec, environ={}), Parameters(), "some-key")
        for spec in ("openai:gpt-5-mini", "anthropic:claude-sonnet-4-5", "ollama:llama3")
    ]
    assert len(opened) == 3


def test_a_name_that_leads_elsewhere_gets_no_plain_http(
    server: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.9", 80))]
    connection = open_at("compatible", server.url.replace("127.0.0.1", "localhost"))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: public)
    assert fault_of(connection).kind is FaultKind.FATAL


def test_a_model_that_takes_no_temperature_is_not_sent_one(
    server: LlmServer,
) -> None:
    choice = ModelChoice.parse("compatible:gpt-5-mini", f"{server.url}/v1", environ={})
    connection = connect(choice, Parameters(0.0))
    connection.send(ASK, Mode.SCHEMA, timeout=5)
    connection.close()
    assert "temperature" not in json.loads(server.log[-1].body)


def test_importing_the_layer_imports_no_providers_package() -> None:
    code = (
        "import sys, qualcode.coders.llm.providers, qualcode.coders.llm.ladder\n"
        "print([n for n in sys.modules if n.split('.')[0] in "
        "('langchain_core','langchain_openai','openai','anthropic','ollama','httpx','httpx2',"
        "'langsmith','tiktoken')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_reply_holds_the_servers_version(
    server: LlmServer, connections: dict[str, Connection]
) -> None:
    reply: Reply = connections["compatible"].send(ASK, Mode.SCHEMA, timeout=5)
    assert reply.fingerprint == "test-model fp_loopback"


def version_told(connection: Connection, monkeypatch: pytest.MonkeyPatch, said: str) -> str:
    """Return what is kept of a version, after the model's name, where a server says this."""
    monkeypatch.setattr(replies, "FINGERPRINT", said)
    return connection.send(ASK, Mode.SCHEMA, timeout=5).fingerprint.removeprefix("test-model ")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("fp\r\n\x1b[31m\u202e 1", "fp [31m 1"),
        (f"fp for {KEY}", "fp for [key]"),
        ("fp, Authorization: Bearer ab.cd", "fp, [key]"),
        ("f" * 500, "f" * (200 - len("test-model ") - 1) + "…"),
        ("f" * 180 + KEY, "f" * 180 + "[key]"),
    ],
    ids=["control characters", "the key", "another key", "a long one", "the key at the end"],
)
def test_a_version_is_kept_as_one_short_line_without_keys(
    server: LlmServer,
    connections: dict[str, Connection],
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    kept: str,
) -> None:
    assert version_told(connections["compatible"], monkeypatch, said) == kept


def test_a_version_that_repeats_what_was_asked_is_not_kept(
    server: LlmServer, connections: dict[str, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = f"fp {ASK.messages[1].text}"
    assert version_told(connections["compatible"], monkeypatch, said) == ""
