"""Make single attempts at one model, and say what each came to."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from qualcode.coders.llm.faults import complaint_of, fault_of, is_filtered, refused_parameter
from qualcode.coders.llm.model import ModelChoice
from qualcode.coders.llm.received import Unreadable, parsed, reader_of
from qualcode.coders.llm.scrub import echoes, scrubbed
from qualcode.coders.llm.transport import Transport
from qualcode.coders.llm.wire import Ask, Fault, FaultKind, Finish, Mode, Reply

__all__ = ["OTHER_LIMIT", "ModelConnection", "Plan"]

OTHER_LIMIT = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""The two names of one limit; a server that refuses one is told the other."""


_SHORTEST_KEY = 8
_MOST_VERSION_CHARS = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """Say how one provider is spoken to.

    Attributes:
        transport: The way to the server.
        how: Ask, mode and the names of parameters to leave out to what `post` is given; None for a
            mode that the provider has not.
        post: Sends a request through langchain's model, or its client.
        optional: The names of parameters that requests do without where a server wants that.
    """

    transport: Transport
    how: Callable[[Ask, Mode, frozenset[str]], dict[str, Any] | None]
    post: Callable[..., object]
    optional: frozenset[str]


class ModelConnection:
    """Ask one model; a `wire.Connection`."""

    def __init__(self, choice: ModelChoice, plan: Plan, key: str) -> None:
        self._choice = choice
        self._plan = plan
        self._secrets = (key,) if key else ()
        self._read = reader_of(choice.provider)
        self._lock = threading.Lock()
        self._left_out: frozenset[str] = frozenset()
        self._known_version = ("", "")
        self._untraced = importlib.import_module("langsmith").tracing_context

    def __repr__(self) -> str:
        return f"<connection to {self._choice.coder_name}>"

    def send(self, ask: Ask, mode: Mode, *, timeout: float) -> Reply:
        """Make one attempt; see `wire.Connection`.

        Where a server does not take a parameter that can be left out, the fault is TRANSIENT, to be
        tried again at once: later requests go without it.
        """
        exchange = self._plan.transport.begin(timeout)
        arguments = self._plan.how(ask, mode, self._left_out)
        if arguments is None:
            raise Fault(FaultKind.STEP_DOWN, f"{self._choice.provider} has no mode {mode.value}")
        error: Exception | None = None
        try:
            with self._untraced(enabled=False):
                self._plan.post(**arguments)
        except Exception as raised:
            # Whatever a package makes of it, `Received` included: the exchange says what it was.
            # Without its way here: that would hold on to this call, and the call to it.
            error = raised.with_traceback(None)
        complaint = complaint_of(exchange, ask)
        unreadable = ""
        if complaint is not None and is_filtered(complaint):
            return Reply("", Finish.FILTER, None, sent=exchange.sent)
        if complaint is None and exchange.status == 200 and exchange.content is not None:
            try:
                reply = self._read(parsed(exchange.content))
                # A server may say the key back; what it says is stored and shown.
                return replace(
                    reply,
                    text=self._without_key(reply.text),
                    fingerprint=self._version(reply.fingerprint, ask),
                    sent=exchange.sent,
                )
            except Unreadable as found:
                unreadable = str(found)
        if complaint is not None and self._leaves_out(refused_parameter(complaint)):
            name = refused_parameter(complaint)
            raise Fault(
                FaultKind.TRANSIENT,
                f"{self._choice.host} does not take “{name}”; it is left out from now on",
                status=exchange.status,
                retry_after=0.0,
                sent=exchange.sent,
            )
        # The package's own error is not chained: its text may hold what was asked, and the key.
        raise fault_of(
            exchange,
            complaint,
            self._choice,
            mode,
            error=error,
            unreadable=unreadable,
            secrets=self._secrets,
        ) from None

    def close(self) -> None:
        """Close all connections; attempts under way fail within a moment."""
        self._plan.transport.close()

    def _without_key(self, text: str) -> str:
        for secret in self._secrets:
            if len(secret) >= _SHORTEST_KEY:  # "x" and "none" are no secrets, and stand in words
                text = text.replace(secret, "[key]")
        return text

    def _version(self, said: str, ask: Ask) -> str:
        """Return a server's word for its version as it may be kept, empty where it repeats the ask.

        Masking a name and forgetting a person look for words in what was sent and answered, not
        here. A word that was looked at is not looked at again: it says nothing of this ask either.
        """
        seen, kept = self._known_version
        if said != seen:
            kept = scrubbed(self._without_key(said), most_chars=_MOST_VERSION_CHARS)
            if echoes(kept, "\n".join(message.text for message in ask.messages)):
                return ""
            self._known_version = (said, kept)
        return kept

    def _leaves_out(self, name: str) -> bool:
        if name not in self._plan.optional:
            return False
        with self._lock:
            if OTHER_LIMIT.get(name) in self._left_out:
                return False  # some limit must stand: the budget counts on it
            self._left_out |= {name}
        return True
