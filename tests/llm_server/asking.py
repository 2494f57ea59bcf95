"""Ask the server on loopback through the package's own connection and pool."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from qualcode.coders.llm.budget import Budget
from qualcode.coders.llm.ladder import Ladder
from qualcode.coders.llm.limits import Rules
from qualcode.coders.llm.model import ModelChoice, Parameters
from qualcode.coders.llm.pool import Answer, Attempt, Clock, Pool, Request
from qualcode.coders.llm.providers import connect
from qualcode.coders.llm.wire import Ask, Connection, Fault, FaultKind, Message, Mode, Reply
from tests.llm_server.said import Wire
from tests.llm_server.server import LlmServer
from tests.llm_server.troubles import Trouble

__all__ = [
    "GOOD",
    "GOOD_TEXT",
    "KEY",
    "QUICK",
    "SCHEMA",
    "Hurried",
    "Line",
    "Ran",
    "an_ask",
    "choice_for",
    "connection_at",
    "connection_to",
    "interrupted",
    "run",
]

KEY = "sk-loopback-" + "0aB1" * 8

_ITEM = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "label": {"type": "string", "enum": ["joy", "anger"]}},
    "required": ["id", "label"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": _ITEM}},
    "required": ["items"],
    "additionalProperties": False,
}
GOOD = {"items": [{"id": "s1", "label": "joy"}, {"id": "s2", "label": "anger"}]}
GOOD_TEXT = json.dumps(GOOD)

QUICK = Rules(concurrency=4, timeout=5, deadline=2_000, max_tries=3, max_wait=30, breaker_after=99)


class Hurried(Clock):
    """Let a pool's own time pass 200 times as fast, so that its waits cost nothing.

    An attempt's timeout stays in real seconds, the deadline of all tries is in hurried ones.
    """

    _SPEED = 200.0

    def now(self) -> float:
        return time.monotonic() * self._SPEED

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        condition.wait(None if seconds is None else seconds / self._SPEED)


def an_ask(words: str = "It took for ever, and then it was lovely.", *, system: str = "") -> Ask:
    """Return a small request."""
    messages = (Message("system", system or "Label the items."), Message("user", words))
    return Ask(messages, SCHEMA, "labels", 500)


def choice_for(url: str, wire: Wire) -> ModelChoice:
    """Return the choice of a model that a server serves on one wire format."""
    specs = {
        Wire.OPENAI: ("compatible:test-model", f"{url}/v1"),
        Wire.AZURE: ("azure:test-model", url),
        Wire.ANTHROPIC: ("anthropic:claude-test", url),
        Wire.OLLAMA: ("ollama:test-model", url),
    }
    spec, base_url = specs[wire]
    return ModelChoice.parse(spec, base_url, environ={})


def connection_at(
    url: str, wire: Wire, parameters: Parameters | None = None, *, key: str = KEY
) -> Connection:
    """Return a connection that speaks one wire format to a server."""
    choice = choice_for(url, wire)
    return connect(choice, parameters or Parameters(), key)


def connection_to(
    server: LlmServer, wire: Wire, parameters: Parameters | None = None
) -> Connection:
    """Return a connection that speaks one wire format to the server."""
    return connection_at(server.url, wire, parameters)


@dataclass(slots=True)
class Line:
    """Hold a server and a connection to it."""

    wire: Wire
    server: LlmServer
    connection: Connection

    def fresh(self, *script: Trouble | None) -> None:
        """Empty the log and set what happens next."""
        self.server.forget()
        self.server.script(*script)
        self.server.latency = 0.0

    def send(
        self, ask: Ask | None = None, *, mode: Mode = Mode.SCHEMA, timeout: float = 5
    ) -> Reply:
        """Make one attempt."""
        return self.connection.send(ask or an_ask(), mode, timeout=timeout)

    def fault(
        self, *, mode: Mode = Mode.SCHEMA, timeout: float = 5, ask: Ask | None = None
    ) -> Fault:
        """Make one attempt that must fail, and return how it did."""
        try:
            reply = self.connection.send(ask or an_ask(), mode, timeout=timeout)
        except Fault as fault:
            return fault
        raise AssertionError(f"there was a reply: {reply}")


@dataclass(slots=True)
class Ran:
    """Hold what came of some requests; `answers` by the requests' order."""

    answers: list[Answer]
    attempts: list[Attempt] = field(default_factory=list)
    modes: list[Mode] = field(default_factory=list)

    @property
    def texts(self) -> list[str | None]:
        """Return the text of each reply, None where there is none."""
        return [each.reply.text if each.reply else None for each in self.answers]

    @property
    def kinds(self) -> list[FaultKind | None]:
        """Return the kind of each fault, None where there is none."""
        return [each.fault.kind if each.fault else None for each in self.answers]

    @property
    def reasons(self) -> list[str]:
        """Return what the faults say."""
        return [each.fault.reason for each in self.answers if each.fault]


def run(
    connection: Connection,
    asks: Sequence[Ask],
    *,
    rules: Rules = QUICK,
    known: Mode | None = None,
    is_hurried: bool = True,
) -> Ran:
    """Send requests through a pool and return all that came back.

    Args:
        connection: Where to.
        asks: What.
        rules: How.
        known: The mode that was found earlier.
        is_hurried: See `Hurried`; else the pool waits as it does in earnest, but never by chance.
    """
    ran = Ran([])
    ladder = Ladder(known, ran.modes.append)

    def note(attempt: Attempt) -> None:
        ran.attempts.append(attempt)
        if attempt.outcome == "ok":
            ladder.worked(attempt.mode)

    clock = Hurried() if is_hurried else Clock()
    with Pool(
        connection, ladder, rules, Budget(), on_attempt=note, clock=clock, jitter=lambda: 1.0
    ) as pool:
        for number, ask in enumerate(asks):
            pool.submit(Request(number, ask, "ask", 1, None))
        ran.answers = sorted(
            (pool.answer() for _ in asks), key=lambda answer: answer.request.number
        )
    return ran


def interrupted(connection: Connection, asks: Sequence[Ask]) -> None:
    """Send requests and press Ctrl-C a moment later."""
    with Pool(connection, Ladder(), QUICK, Budget(), on_attempt=lambda attempt: None) as pool:
        for number, ask in enumerate(asks):
            pool.submit(Request(number, ask, "ask", 1, None))
        time.sleep(0.2)
        raise KeyboardInterrupt
