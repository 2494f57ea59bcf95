"""One attempt as it went over the wire: what left, what came back, what went wrong on the way."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Exchange", "Trouble"]


class Trouble(StrEnum):
    """Say what went wrong on the way, before there was a whole answer."""

    CONNECT = "connect"
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    TOO_MUCH = "too much"
    CLOSED = "closed"
    ELSEWHERE = "elsewhere"


@dataclass(slots=True)
class Exchange:
    """Hold one attempt as it went over the wire.

    Attributes:
        deadline: By `time.monotonic()`.
        body: What was to be sent.
        n_left: Bytes that were handed to the network, of the head and the body.
        n_head: Those of them that belong to the head.
        status: 0 until the head of an answer came.
        headers: Of the answer, by lower-case names.
        content: Of the answer; None until it was read whole.
        trouble: What went wrong, None where nothing did.
    """

    deadline: float
    body: bytes = b""
    n_left: int = 0
    n_head: int = 0
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    trouble: Trouble | None = None

    @property
    def sent(self) -> bytes:
        """Return the body as far as it left."""
        return self.body[: max(0, self.n_left - self.n_head)]

    def remaining(self) -> float:
        """Return the seconds left, below zero where the time is over."""
        return self.deadline - time.monotonic()
