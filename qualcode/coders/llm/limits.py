"""When an attempt may go: requests and tokens a minute, yielding to overload, pausing, giving up.

Everything here is told the time and waits for nothing, so that it can be tested without waiting;
`pool.py` does the waiting and holds the lock.
"""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.coders.llm.wire import Fault
from qualcode.errors import UsageError

__all__ = ["Gate", "Pace", "Rules", "Ticket", "backoff"]

_BAD_REQUEST = 400
_OVERLOADED = frozenset({429, 503, 529})
_PAUSES = (2.0, 10.0, 30.0)
_FIRST_BACKOFF, _LONGEST_BACKOFF = 0.5, 8.0
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Rules:
    """Hold how hard a server is asked.

    Attributes:
        concurrency: So many attempts at once, at most.
        requests_per_minute: None for no limit; counts every attempt.
        tokens_per_minute: The same for input and output together.
        timeout: Seconds for one attempt.
        deadline: Seconds for all tries of a request, from its first attempt on; waiting for our own
            limits does not count.
        max_tries: So many attempts that failed in a way that may pass.
        max_wait: Nothing is waited for longer; a server that asks for more is left alone, and the
            request comes back at once.
        breaker_after: So many failed attempts in a row, over all requests, pause everything; after
            a few pauses the run stops.
    """

    concurrency: int = 8
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout: float = 60.0
    deadline: float = 300.0
    max_tries: int = 4
    max_wait: float = 30.0
    breaker_after: int = 5

    def __post_init__(self) -> None:
        """Refuse what no run could go by.

        Raises:
            UsageError: A number is not above zero.
        """
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UsageError(f"{name} is {value}", hint="it must be above zero")


def backoff(n_failed: int, jitter: float) -> float:
    """Return seconds before the next try: doubled each time, up to 8, less up to half by chance.

    Args:
        n_failed: Tries so far, from 1.
        jitter: A random number in 0..1.
    """
    doubled = _FIRST_BACKOFF * 2.0 ** min(n_failed - 1, 16)
    return min(_LONGEST_BACKOFF, doubled) * (1.0 - jitter / 2)


class Pace:
    """Keep an amount a minute, evenly spread: what went delays what comes next.

    There are no bursts, so that any minute holds at most the limit and the last thing that went.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._seconds_each = 0.0 if per_minute is None else _MINUTE / per_minute
        self._free_at = float("-inf")

    def wait(self, now: float) -> float:
        """Return seconds until the next may go."""
        return max(0.0, self._free_at - now)

    def take(self, now: float, amount: float) -> None:
        """Count something that goes now."""
        if self._seconds_each:
            self._free_at = max(now, self._free_at) + amount * self._seconds_each

    def correct(self, difference: float) -> None:
        """Count so much more, or less, for something that went before."""
        self._free_at += difference * self._seconds_each


@dataclass(frozen=True, slots=True)
class Ticket:
    """Remember of an attempt what state of affairs it was sent in, and what it was counted for."""

    tokens: int
    halvings: int
    pauses: int


class Gate:
    """Let attempts go one by one. The caller holds a lock and tells the time.

    Concurrency is halved when the server is overloaded, once for all attempts that were on their
    way, and grows by one with each round of successes.

    Args:
        rules: The limits.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._requests = Pace(rules.requests_per_minute)
        self._tokens = Pace(rules.tokens_per_minute)
        self._allowed = float(rules.concurrency)
        self._n_running = 0
        self._closed_until = float("-inf")
        self._in_a_row = 0
        self._pauses_in_a_row = 0
        self._n_halvings = 0
        self._n_pauses = 0

    @property
    def allowed(self) -> int:
        """Return how many attempts may be on their way at once."""
        return int(self._allowed)

    def wait(self, now: float) -> float | None:
        """Return seconds until an attempt may go, None for: when another one has ended."""
        if self._n_running >= self.allowed:
            return None
        return max(0.0, self._closed_until - now, self._requests.wait(now), self._tokens.wait(now))

    def begin(self, now: float, tokens: int) -> Ticket:
        """Count an attempt that goes now and may use so many tokens."""
        self._n_running += 1
        self._requests.take(now, 1)
        self._tokens.take(now, tokens)
        return Ticket(tokens, self._n_halvings, self._n_pauses)

    def answered(self, ticket: Ticket, used: int) -> None:
        """Count an attempt that brought a reply and used so many tokens."""
        self.ended(ticket, used)
        self._allowed = min(float(self._rules.concurrency), self._allowed + 1 / self._allowed)

    def ended(self, ticket: Ticket, used: int) -> None:
        """Count an attempt that the server dealt with, in whatever way."""
        self._n_running -= 1
        self._tokens.correct(used - ticket.tokens)
        self._in_a_row = self._pauses_in_a_row = 0

    def failed(self, now: float, ticket: Ticket, used: int, fault: Fault) -> bool:
        """Count an attempt that failed in a way that may pass.

        Returns:
            Whether it is time to give up: too many in a row, also after pauses.
        """
        self._n_running -= 1
        self._tokens.correct(used - ticket.tokens)
        if fault.status == _BAD_REQUEST:  # a parameter that the next attempt leaves out
            return False
        if fault.status in _OVERLOADED and ticket.halvings == self._n_halvings:
            self._allowed = max(1.0, self._allowed / 2)
            self._n_halvings += 1
        if fault.retry_after is not None and fault.retry_after <= self._rules.max_wait:
            self._close(now + fault.retry_after)
        if ticket.pauses != self._n_pauses:  # it was on its way before the last pause
            return False
        self._in_a_row += 1
        if self._in_a_row < self._rules.breaker_after:
            return False
        if self._pauses_in_a_row == len(_PAUSES):
            return True
        self._close(now + min(_PAUSES[self._pauses_in_a_row], self._rules.max_wait))
        self._in_a_row = 0
        self._pauses_in_a_row += 1
        self._n_pauses += 1
        return False

    def _close(self, until: float) -> None:
        self._closed_until = max(self._closed_until, until)
