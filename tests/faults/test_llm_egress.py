"""Where requests to a model go: to the host that was named, and nowhere else."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator

import langsmith.utils
import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.tracers.langchain import wait_for_all_tracers

from qualcode.coders.llm.model import ModelChoice
from qualcode.coders.llm.wire import FaultKind
from qualcode.errors import UsageError
from tests.llm_server import LlmServer, Wire
from tests.llm_server import troubles as t
from tests.llm_server.asking import GOOD, GOOD_TEXT, KEY, Line, connection_to, run
from tests.llm_server.asking import an_ask as asked
from tests.llm_server.trap import Trap

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "OPENAI_PROXY", "ANTHROPIC_PROXY")
ADDRESSES = (
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_API_URL",
    "OLLAMA_HOST",
    "LANGSMITH_ENDPOINT",
    "LANGCHAIN_ENDPOINT",
)
TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2")


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer(lambda said: GOOD) as made:
        yield made


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    """Yield a trap to which everything in the environment points."""
    for name in [name for name in os.environ if name.lower() == "no_proxy"]:
        monkeypatch.delenv(name)
    with Trap() as made:
        for name in PROXIES + ADDRESSES:
            monkeypatch.setenv(name, made.url)
            monkeypatch.setenv(name.lower(), made.url)
        for name in TRACING:
            monkeypatch.setenv(name, "true")
        monkeypatch.setenv("LANGSMITH_API_KEY", "lsv2_trap")
        langsmith.utils.get_env_var.cache_clear()
        yield made
    langsmith.utils.get_env_var.cache_clear()


@pytest.mark.parametrize("wire", list(Wire))
def test_nothing_in_the_environment_gets_a_byte_of_what_is_asked(
    server: LlmServer, wire: Wire, trap: Trap
) -> None:
    connection = connection_to(server, wire)
    ran = run(connection, [asked("A secret about Hillcross.") for _ in range(3)])
    connection.close()
    wait_for_all_tracers()
    assert ran.texts == [GOOD_TEXT] * 3, ran.reasons
    assert (server.n_requests, trap.heard) == (3, [])


@pytest.mark.parametrize("name", ["LANGCHAIN_TRACING", "LANGCHAIN_HANDLER"])
def test_a_tracing_variable_of_former_times_stops_no_request(
    server: LlmServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "true")
    connection = connection_to(server, Wire.OPENAI)
    ran = run(connection, [asked()])
    connection.close()
    assert ran.texts == [GOOD_TEXT], ran.reasons


def test_the_trap_catches_who_heeds_proxies(server: LlmServer, trap: Trap) -> None:
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(server.url, timeout=5)
    assert (server.n_requests, len(trap.heard)) == (0, 1)


def test_the_trap_catches_who_heeds_tracing(trap: Trap) -> None:
    FakeListChatModel(responses=["Fine."]).invoke("A secret about Hillcross.")
    wait_for_all_tracers()
    assert any(b"langsmith" in begin.lower() or b"/runs" in begin for begin in trap.heard)


@pytest.mark.parametrize("wire", list(Wire))
def test_a_redirect_takes_nothing_to_another_host(server: LlmServer, wire: Wire) -> None:
    with LlmServer(lambda said: GOOD) as other:
        path = {Wire.ANTHROPIC: "/v1/messages", Wire.OLLAMA: "/api/chat"}
        server.script(t.redirect(other.url + path.get(wire, "/v1/chat/completions")).always)
        connection = connection_to(server, wire)
        kinds = run(connection, [asked()]).kinds
        connection.close()
        assert kinds == [FaultKind.FATAL]
        assert (server.n_requests, other.n_requests) == (1, 0)


@pytest.mark.parametrize("wire", list(Wire))
def test_a_redirect_is_not_followed_on_the_same_host_either(server: LlmServer, wire: Wire) -> None:
    server.script(t.redirect("/v1/chat/completions").always)
    connection = connection_to(server, wire)
    fault = Line(wire, server, connection).fault()
    connection.close()
    assert (fault.kind, fault.status, server.n_requests) == (FaultKind.FATAL, 307, 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/v1",
        "http://93.184.216.34/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost.example.com/v1",
        "http://127.0.0.1@example.com/v1",
        "http://2130706433.example.com",
        "http://[::ffff:93.184.216.34]/v1",
        "http://10.0.0.5:11434",
        "file:///etc/passwd",
        "ftp://example.com",
        "//example.com/v1",
        "https://user:secret@example.com/v1",
    ],
)
def test_what_would_go_out_in_the_open_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        ModelChoice.parse("compatible:any", url)


@pytest.mark.parametrize(
    "url", ["https://example.com/v1", "http://127.0.0.1:8000/v1", "http://localhost:11434"]
)
def test_https_and_this_machine_are_not_refused(url: str) -> None:
    assert ModelChoice.parse("compatible:any", url).base_url == url


@pytest.mark.parametrize("kind", ["key", "echo", "broken echo"])
@pytest.mark.parametrize("wire", list(Wire))
def test_a_key_that_the_server_repeats_is_in_nothing_that_is_kept(
    server: LlmServer, wire: Wire, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    server.script(t.fails(kind).always)
    connection = connection_to(server, wire)
    ran = run(connection, [asked()])
    connection.close()
    kept = repr(ran.attempts) + repr(ran.reasons) + repr(connection) + "".join(capfd.readouterr())
    assert ran.reasons and KEY not in kept


@pytest.mark.parametrize("wire", list(Wire))
def test_a_key_does_not_show_in_what_the_log_of_packages_says(
    server: LlmServer, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    connection = connection_to(server, wire)
    run(connection, [asked("A secret about Hillcross.")])
    connection.close()
    assert KEY not in caplog.text
