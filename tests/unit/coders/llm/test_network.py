"""The sockets under a request: closing them, and what is known to have left."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from qualcode.coders.llm.model import ModelChoice, Parameters
from qualcode.coders.llm.providers import connect
from qualcode.coders.llm.wire import Ask, Fault, FaultKind, Message, Mode
from tests.llm_server import LlmServer
from tests.llm_server.troubles import cut_body

SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
ASK = Ask((Message("system", "Answer."), Message("user", "Why?")), SCHEMA, "answer", 100)


@contextmanager
def listening(n_read: int, *, hangs_up: bool) -> Iterator[str]:
    """Listen as a server that reads so many bytes and never answers; yield its address."""
    gone = threading.Event()

    def serve() -> None:
        client, _ = listener.accept()
        with closing(client):
            left = n_read
            while left > 0 and (data := client.recv(min(left, 65_536))):
                left -= len(data)
            if not hangs_up:
                gone.wait(10)

    with closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        gone.set()
        thread.join(5)


def test_who_waits_for_an_answer_is_woken_at_once_when_the_connection_is_closed() -> None:
    with listening(100, hangs_up=False) as url:
        connection = connect(ModelChoice.parse("compatible:m", base_url=url), Parameters())
        closer = threading.Timer(0.3, connection.close)
        closer.start()
        began = time.monotonic()
        with pytest.raises(Fault):
            connection.send(ASK, Mode.SCHEMA, timeout=60)
    assert time.monotonic() - began < 1.3


def test_of_a_request_that_breaks_off_as_much_is_told_as_had_left() -> None:
    long = replace(
        ASK, messages=(Message("system", "Answer."), Message("user", "why " * 5_000_000))
    )
    with listening(1_000_000, hangs_up=True) as url:
        connection = connect(ModelChoice.parse("compatible:m", base_url=url), Parameters())
        with pytest.raises(Fault) as raised:
            connection.send(long, Mode.SCHEMA, timeout=30)
        connection.close()
    assert 900_000 < len(raised.value.sent) < 20_000_000


def test_a_connection_that_breaks_while_it_is_written_to_stops_no_run() -> None:
    long = replace(ASK, messages=(Message("system", "why " * 5_000_000),))
    with listening(1, hangs_up=True) as url:
        connection = connect(ModelChoice.parse("compatible:m", base_url=url), Parameters())
        with pytest.raises(Fault) as raised:
            connection.send(long, Mode.SCHEMA, timeout=30)
        connection.close()
    assert raised.value.kind is FaultKind.TRANSIENT


def test_later_requests_go_where_and_how_the_first_one_went() -> None:
    with LlmServer(lambda said: {}) as server:
        choice = ModelChoice.parse("compatible:m", server.openai_url, "SOME_KEY", environ={})
        connection = connect(choice, Parameters(), "a-key-of-some-length")
        for mode in (Mode.SCHEMA, Mode.TOOL, Mode.SCHEMA):
            connection.send(ASK, mode, timeout=5)
        connection.close()
    first, *later = [(one.path, dict(one.headers)) for one in server.log]
    lengths = [headers.pop("content-length") for _, headers in (first, *later)]
    assert later == [first] * 2 and lengths == [str(len(one.body)) for one in server.log]


def test_connections_whose_answer_was_cut_are_given_back() -> None:
    with LlmServer(lambda said: {}) as server:
        choice = ModelChoice.parse("compatible:m", base_url=server.openai_url)
        connection = connect(choice, Parameters())
        connection.send(ASK, Mode.SCHEMA, timeout=5)
        server.script(*[cut_body()] * 3)
        for _ in range(3):
            with pytest.raises(Fault):
                connection.send(ASK, Mode.SCHEMA, timeout=5)
        pools = connection._plan.transport._pools[0]  # type: ignore[attr-defined]
        connection.close()
    assert len(pools._free) == len(pools._all) == 1
