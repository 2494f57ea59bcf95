"""A model in memory that answers as a script says, and a clock that waits for nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from qualcode.coders.llm.budget import Budget
from qualcode.coders.llm.jobs import Clock
from qualcode.coders.llm.ladder import Ladder
from qualcode.coders.llm.pool import Answer, Attempt, Pool, Request, Rules
from qualcode.coders.llm.wire import Ask, Fault, FaultKind, Finish, Message, Mode, Reply, Usage

__all__ = ["GOOD", "FakeClock", "Ran", "ScriptedConnection", "Sent", "an_ask", "busy", "run"]

GOOD = Reply("{}", Finish.STOP, Usage(100, 20), sent=b"{}")


def an_ask(words: str = "It took for ever.", max_output_tokens: int = 100) -> Ask:
    return Ask((Message("system", "Code."), Message("user", words)), {}, "codes", max_output_tokens)


def busy(status: int = 500, retry_after: float | None = None) -> Fault:
    """Return a fault that may pass."""
    return Fault(
        FaultKind.TRANSIENT, f"HTTP {status}", status=status, retry_after=retry_after, sent=b"{}"
    )


class FakeClock(Clock):
    """Tell a time that moves only when somebody waits for it; for one worker."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        if seconds is None:
            condition.wait(0.01)
        else:
            self.time += seconds


@dataclass(frozen=True, slots=True)
class Sent:
    at: float
    words: str
    mode: Mode
    timeout: float


Outcome = Reply | BaseException | None


class ScriptedConnection:
    """Answer attempts in their order; None in the script, and what follows it, is `then`.

    Args:
        script: What comes of the first attempts.
        then: What comes of all others.
        seconds: How long each attempt really takes.
        clock: Whose time is noted.
        during: Called in the worker's thread for each attempt, with how many are under way.
    """

    def __init__(
        self,
        *script: Outcome,
        then: Outcome = GOOD,
        seconds: float = 0.0,
        clock: Clock | None = None,
        during: Callable[[int, Sent], Outcome] | None = None,
    ) -> None:
        self._script = list(script)
        self._then = then
        self._seconds = seconds
        self._clock = clock or Clock()
        self._during = during
        self._lock = threading.Lock()
        self.log: list[Sent] = []
        self.n_now = 0
        self.n_peak = 0
        self.is_closed = threading.Event()

    def send(self, ask: Ask, mode: Mode, *, timeout: float) -> Reply:
        with self._lock:
            sent = Sent(self._clock.now(), ask.messages[-1].text, mode, timeout)
            self.log.append(sent)
            outcome = self._script.pop(0) if self._script else None
            self.n_now += 1
            self.n_peak = max(self.n_peak, self.n_now)
            n_now = self.n_now
        try:
            if self._seconds:
                time.sleep(self._seconds)
            if self._during is not None:
                outcome = self._during(n_now, sent) or outcome
        finally:
            with self._lock:
                self.n_now -= 1
        outcome = outcome or self._then
        if isinstance(outcome, Reply):
            return outcome
        assert outcome is not None
        raise outcome

    def close(self) -> None:
        self.is_closed.set()

    @property
    def gaps(self) -> list[float]:
        """Return the seconds between one attempt and the next."""
        times = [sent.at for sent in self.log]
        return [after - before for before, after in zip(times, times[1:], strict=False)]


@dataclass(slots=True)
class Ran:
    answers: list[Answer]
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def kinds(self) -> list[FaultKind | None]:
        """Return the kind of each fault by the requests' order, None where there is a reply."""
        return [answer.fault.kind if answer.fault else None for answer in self.answers]

    @property
    def n_replies(self) -> int:
        return sum(answer.reply is not None for answer in self.answers)


def run(
    connection: ScriptedConnection,
    n: int = 1,
    *,
    asks: Iterable[Ask] | None = None,
    clock: Clock | None = None,
    ladder: Ladder | None = None,
    budget: Budget | None = None,
    rules: Rules | None = None,
) -> Ran:
    """Ask through a pool as the engine does: as many as there is room for, then an answer."""
    ran = Ran([])
    todo = iter([an_ask(str(k)) for k in range(n)] if asks is None else asks)
    with Pool(
        connection,
        ladder or Ladder(),
        rules or Rules(concurrency=1),
        budget or Budget(),
        on_attempt=ran.attempts.append,
        clock=clock,
        jitter=lambda: 0.0,
    ) as pool:
        number = 0
        while True:
            while pool.room and (ask := next(todo, None)) is not None:
                pool.submit(Request(number, ask, "code", 1))
                number += 1
            if not pool.n_open:
                break
            ran.answers.append(pool.answer())
    ran.answers.sort(key=lambda answer: answer.request.number)
    return ran
