"""What goes to a model and what comes back, whoever the provider is.

Only `providers.py` knows langchain; everything else speaks in these records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

__all__ = [
    "Ask",
    "Connection",
    "Fault",
    "FaultKind",
    "Finish",
    "Message",
    "Mode",
    "Reply",
    "Usage",
]


class Mode(StrEnum):
    """Say how a server is made to answer in JSON; the order is that of the ladder, best first."""

    SCHEMA = "json_schema"
    TOOL = "tool"
    OBJECT = "json_object"
    TEXT = "text"


class Finish(StrEnum):
    """Say why a reply ended."""

    STOP = "stop"
    LENGTH = "length"
    FILTER = "filter"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message; `role` is "system", "user" or "assistant"."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Hold all that one request says.

    Attributes:
        messages: The first is the system's: the same bytes in every request of a run, so that
            providers can keep it.
        schema: JSON schema of the reply: every key required, no other key allowed.
        schema_name: Letters, digits and underscores.
        max_output_tokens: The reply may be so long, thinking included.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any]
    schema_name: str
    max_output_tokens: int

    @property
    def n_chars(self) -> int:
        """Return the characters of the messages, without the schema."""
        return sum(len(message.text) for message in self.messages)


@dataclass(frozen=True, slots=True)
class Usage:
    """Count the tokens of one attempt.

    Attributes:
        input_tokens: All that was read, what the provider had kept included.
        output_tokens: All that was written, thinking included.
        cached_tokens: The part of the input that the provider had kept from before.
        is_estimated: The server did not say; these are our own guesses.
    """

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold what a server answered, unread.

    Attributes:
        text: The reply's text, or the arguments of the tool that was to be called.
        finish: Why it ended.
        usage: None where the server did not say.
        fingerprint: The server's own word for its version, may be empty; what a `Connection`
            returns has it on one short line, without keys and what was asked.
        sent: The body of the request, byte for byte as it left.
    """

    text: str
    finish: Finish
    usage: Usage | None
    fingerprint: str = ""
    sent: bytes = b""


class FaultKind(StrEnum):
    """Say what follows from a failed attempt."""

    FATAL = "fatal"
    """Key, quota, model, address or a redirect: no request of the run will do."""
    STEP_DOWN = "step_down"
    """The server does not know this mode: the next one of the ladder."""
    TRANSIENT = "transient"
    """Another try may do."""
    TOO_LONG = "too_long"
    """More than the model can read at once: ask for fewer units."""
    BAD = "bad"
    """This request cannot be answered; others may be."""
    BUDGET = "budget"
    """Asking might cost more than is left."""
    STOPPED = "stopped"
    """The run ended before it was asked, or too many failed one after another."""


class Fault(Exception):
    """Say why an attempt brought no reply.

    Args:
        kind: What follows.
        reason: One line for people: what happened and where, scrubbed of keys and without
            participants' words.
        status: The HTTP status, 0 where there was none.
        retry_after: Seconds that the server asks to wait, None where it does not say.
        sent: The body of the request as far as it left.
    """

    def __init__(
        self,
        kind: FaultKind,
        reason: str,
        *,
        status: int = 0,
        retry_after: float | None = None,
        sent: bytes = b"",
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.sent = sent


class Connection(Protocol):
    """Send single requests to one model; safe to use from several threads at once."""

    def send(self, ask: Ask, mode: Mode, *, timeout: float) -> Reply:
        """Make one attempt, without any retry.

        Args:
            ask: What to say.
            mode: How the reply is to be made JSON.
            timeout: Seconds for the whole attempt, connecting and reading together.

        Raises:
            Fault: There is no reply. A reply that was refused, filtered or cut is a reply.
        """

    def close(self) -> None:
        """Close what is open; attempts under way fail soon."""
