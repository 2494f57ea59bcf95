"""What the pool works with: requests, their attempts, their answers, and the clock."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field

from qualcode.coders.llm.budget import Reservation
from qualcode.coders.llm.limits import Ticket
from qualcode.coders.llm.wire import Ask, Fault, Mode, Reply, Usage

__all__ = ["Answer", "Attempt", "Clock", "Flight", "Job", "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """Hold something to ask.

    Attributes:
        number: The caller's own, such as the row of the ledger.
        ask: What to say.
        purpose: Such as "code" or "repair".
        n_units: How many units it is about.
        subject: The caller's own.
    """

    number: int
    ask: Ask
    purpose: str
    n_units: int
    subject: object = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Hold what became of one HTTP request.

    Attributes:
        outcome: "ok", or the reason why there is no reply.
        status: The HTTP status, 0 where there was none.
        usage: What it used; a guess where the server did not say.
        cost: Dollars, None where the price is unknown.
        sent: The body, as far as it left.
        version: The server's own word for what answered, empty where there is none.
    """

    request: Request
    mode: Mode
    seconds: float
    outcome: str
    status: int
    usage: Usage
    cost: float | None
    sent: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold a reply, or the fault that stands for all tries."""

    request: Request
    reply: Reply | None = None
    fault: Fault | None = None


class Clock:
    """Tell the time and wait; a test may replace it."""

    def now(self) -> float:
        """Return seconds from some beginning; they never run backwards."""
        return time.monotonic()

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Wait until the condition is notified, or so long."""
        condition.wait(seconds)


@dataclass(slots=True, eq=False)
class Flight:
    """An attempt under way."""

    reservation: Reservation
    ticket: Ticket
    began: float
    timeout: float
    mode: Mode


@dataclass(slots=True, eq=False)
class Job:
    """A request from `submit` until its answer is handed over."""

    request: Request
    attempts: deque[Attempt] = field(default_factory=deque)
    answer: Answer | None = None
    error: BaseException | None = None
    flight: Flight | None = None
    ends: float | None = None
    n_failed: int = 0
