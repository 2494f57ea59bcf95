"""Ask many requests at once, over and over where that helps, and stop when nothing helps.

Worker threads do HTTP and nothing else; answers and attempts are handed over in the thread that
calls `answer`, which is where the store is written.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from qualcode.coders.llm.budget import Budget
from qualcode.coders.llm.jobs import Answer, Attempt, Clock, Flight, Job, Request
from qualcode.coders.llm.ladder import Ladder
from qualcode.coders.llm.limits import Gate, Rules, backoff
from qualcode.coders.llm.wire import Ask, Connection, Fault, FaultKind, Reply, Usage

__all__ = ["Answer", "Attempt", "Clock", "Pool", "Request", "Rules"]

_OK = "ok"
_LOOK_UP = 0.2
"""Seconds of a caller's wait at a time: on Windows Ctrl-C does not end one."""
_AT_LEAST = 8
_SETTLING = 0.5
_LEAVING = 1.0
"""Seconds that attempts under way get when the pool is left early."""
_CUT_CHARS_PER_TOKEN = 8
_CUT_FROM_CHARS = 2_000


class Pool:
    """Keep several requests on their way; to be used as a context.

    Args:
        connection: Closed only where the pool is left while attempts are under way.
        ladder: How replies are made JSON; told of modes that were refused, and, in the thread that
            takes the answers, of those that worked.
        rules: The limits.
        budget: What may be spent.
        on_attempt: Told of every attempt once, in the thread that takes the answers. One that
            raises is told of the same attempt again.
        clock: For tests.
        jitter: Random numbers in 0..1, for tests.
    """

    def __init__(
        self,
        connection: Connection,
        ladder: Ladder,
        rules: Rules,
        budget: Budget,
        *,
        on_attempt: Callable[[Attempt], None],
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._connection = connection
        self._ladder = ladder
        self._rules = rules
        self._budget = budget
        self._on_attempt = on_attempt
        self._clock = clock or Clock()
        self._jitter = jitter
        # One lock for all; who waits for what has a condition of their own, so that nobody is woken
        # in vain. The turnstile lets one worker at a time wait for the limits: the others would
        # only wake up to see that it is not their turn.
        self._turnstile = threading.Lock()
        self._lock = threading.Lock()
        self._has_queued = threading.Condition(self._lock)
        self._may_go = threading.Condition(self._lock)
        self._has_stopped = threading.Condition(self._lock)
        self._has_arrived = threading.Condition(self._lock)
        self._has_landed = threading.Condition(self._lock)
        self._gate = Gate(rules)
        self._jobs: set[Job] = set()
        self._queue: deque[Job] = deque()
        self._arrived: deque[Job] = deque()
        self._threads: list[threading.Thread] = []
        self._stopped: str | None = None
        self._is_left = False
        self._most_read = 0
        self._n_unsaved = 0
        self._n_handed_over = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Abandon what is open within about a second and report the attempts made so far."""
        self.stop("the run was left")
        with self._lock:
            is_flying = self._is_flying()
        if is_flying:
            self._connection.close()
        until = time.monotonic() + _LEAVING
        with self._lock:
            while self._is_flying() and (left := until - time.monotonic()) > 0:
                self._has_landed.wait(left)
            self._is_left = True
            self._has_queued.notify_all()
            for job in self._jobs:
                if job.flight is not None:
                    left_open = Fault(FaultKind.STOPPED, "left before it answered")
                    self._land(job, job.flight, left_open, job.flight.reservation.worst)
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        for job in self._jobs:
            self._report(job)

    @property
    def n_open(self) -> int:
        """Return how many requests were submitted whose answer was not handed over."""
        return len(self._jobs)

    @property
    def room(self) -> int:
        """Return how many more to submit: up to one on its way and one waiting for each worker.

        None while enough of them wait: to write several down at once costs less.
        """
        n_workers = self._rules.concurrency
        room = 2 * n_workers - len(self._jobs)
        return room if room >= min(_AT_LEAST, n_workers // 2) else 0

    def submit(self, request: Request) -> None:
        """Add a request; after a stop it comes back at once."""
        job = Job(request)
        with self._lock:
            self._jobs.add(job)
            if self._stopped is not None:
                self._arrive(job, Answer(request, fault=self._stop_fault()))
                return
            self._queue.append(job)
            self._has_queued.notify()
            if len(self._threads) < min(self._rules.concurrency, len(self._jobs)):
                name = f"qualcode-llm-{len(self._threads) + 1}"
                self._threads.append(threading.Thread(target=self._work, name=name, daemon=True))
                self._threads[-1].start()

    def answer(self) -> Answer:
        """Wait for an answer and hand it over, its attempts reported before.

        A KeyboardInterrupt on the way loses nothing: see `arrived`. Answers handed over before
        count as saved: see `saved`.

        Raises:
            LookupError: Nothing is open.
        """
        self.saved()
        with self._lock:
            if not self._jobs:
                raise LookupError("no request is open")
            while not self._arrived:
                self._has_arrived.wait(_LOOK_UP)
        return self._hand_over()

    def arrived(self) -> Iterator[Answer]:
        """Hand over what has come, without waiting: to be saved before an interrupted run ends."""
        while self._arrived:
            yield self._hand_over()

    def saved(self) -> None:
        """Take notice that all answers handed over so far are safe, so that others may be asked.

        No more requests are ever sent and not safe than may be under way at once: that is what a
        killed run repeats.
        """
        with self._lock:
            self._n_unsaved -= self._n_handed_over
            self._n_handed_over = 0
            self._may_go.notify()

    def stop(self, reason: str) -> None:
        """Send nothing more. What waits comes back as STOPPED, what is under way as it ends."""
        with self._lock:
            self._stop(reason)

    def _hand_over(self) -> Answer:
        job = self._arrived[0]
        self._report(job)
        self._jobs.discard(job)
        self._arrived.popleft()
        self._n_handed_over += job.ends is not None
        if job.error is not None:
            raise job.error
        assert job.answer is not None
        return job.answer

    def _report(self, job: Job) -> None:
        while job.attempts:
            attempt = job.attempts[0]
            self._on_attempt(attempt)
            if attempt.outcome == _OK:
                self._ladder.worked(attempt.mode)
            job.attempts.popleft()

    # Workers -----------------------------------------------------------------------------------

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                answer = self._ask(job)
            except BaseException as error:  # a mistake of ours: raised where answers are taken
                answer = None
                with self._lock:
                    job.error = error
                    self._stop(f"internal error: {type(error).__name__}")
            with self._lock:
                if not self._is_left:
                    self._arrive(job, answer)

    def _next(self) -> Job | None:
        with self._lock:
            while not self._queue and not self._is_left:
                self._has_queued.wait()
            return None if self._is_left else self._queue.popleft()

    def _ask(self, job: Job) -> Answer:
        """Try until there is a reply, or a fault that no further try can mend."""
        while True:
            try:
                flight = self._take_off(job)
                reply = self._send(job, flight)
            except Fault as fault:
                if fault.kind is FaultKind.STEP_DOWN:
                    # Another worker may have stepped already: the ladder knows from which mode.
                    if self._ladder.step_down(flight.mode) is not None:
                        continue
                    fault = Fault(
                        FaultKind.FATAL,
                        f"the server refuses every way of asking: {fault.reason}",
                        status=fault.status,
                    )
                    self.stop(fault.reason)
                if fault.kind is not FaultKind.TRANSIENT or not self._rest(job, fault):
                    return Answer(job.request, fault=fault)
            else:
                return Answer(job.request, reply=reply)

    def _take_off(self, job: Job) -> Flight:
        """Wait until an attempt is allowed and affordable, and count it.

        Raises:
            Fault: The pool has stopped, or the budget does not allow it.
        """
        came = self._clock.now()
        with self._turnstile, self._lock:
            while True:
                if self._stopped is not None:
                    raise self._stop_fault()
                now = self._clock.now()
                is_first = job.ends is None
                is_full = is_first and self._n_unsaved >= self._rules.concurrency
                seconds = None if is_full else self._gate.wait(now)
                if seconds == 0:
                    reservation = self._budget.reserve(job.request.ask)
                    if reservation is not None:
                        break
                    seconds = _SETTLING  # others may turn out cheaper than was set aside
                self._clock.wait(self._may_go, seconds)
            if job.ends is None:
                job.ends = now + self._rules.deadline
                self._n_unsaved += 1
            else:
                job.ends += now - came  # waiting for our own limits is not the server's fault
            ticket = self._gate.begin(now, reservation.tokens)
            timeout = min(self._rules.timeout, job.ends - now)
            job.flight = Flight(reservation, ticket, now, timeout, self._ladder.mode)
            return job.flight

    def _send(self, job: Job, flight: Flight) -> Reply:
        try:
            reply = self._connection.send(job.request.ask, flight.mode, timeout=flight.timeout)
        except Fault as fault:
            self._landed(job, flight, fault, None)
            raise
        except BaseException as error:
            mistake = Fault(FaultKind.BAD, f"internal error: {type(error).__name__}")
            self._landed(job, flight, mistake, None)
            raise
        cut = self._cut(job.request.ask, reply)
        self._landed(job, flight, reply, cut)
        if cut is not None:
            raise cut
        return reply

    def _cut(self, ask: Ask, reply: Reply) -> Fault | None:
        """Say whether the server has read only part of the request.

        One that has read as much before has room for it: some servers do not count what they had
        kept from the request before.
        """
        if reply.usage is None or not reply.usage.input_tokens:
            return None
        n_read = reply.usage.input_tokens
        self._most_read = max(self._most_read, n_read)
        n_least = ask.n_chars / _CUT_CHARS_PER_TOKEN
        if ask.n_chars <= _CUT_FROM_CHARS or self._most_read >= n_least:
            return None
        return Fault(
            FaultKind.FATAL,
            f"the server read only {n_read} tokens of {ask.n_chars} characters: its context is too "
            "short and it cut the request silently. Give the model more context (Ollama: num_ctx, "
            "and the provider ollama rather than its OpenAI-compatible address)",
            sent=reply.sent,
        )

    def _landed(self, job: Job, flight: Flight, outcome: Reply | Fault, cut: Fault | None) -> None:
        usage = flight.reservation.usage_of(outcome)
        with self._lock:
            if job.flight is flight:  # else the pool was left, and the attempt is reported already
                self._land(job, flight, outcome, usage, cut)

    def _land(
        self,
        job: Job,
        flight: Flight,
        outcome: Reply | Fault,
        usage: Usage,
        cut: Fault | None = None,
    ) -> None:
        """Count an attempt that has ended, in the budget, the gate and the report."""
        now = self._clock.now()
        job.flight = None
        fault = outcome if isinstance(outcome, Fault) else cut
        cost = self._budget.settle(flight.reservation, usage)
        used = usage.input_tokens + usage.output_tokens
        if fault is None:
            self._gate.answered(flight.ticket, used)
        elif fault.kind is FaultKind.TRANSIENT:
            if self._gate.failed(now, flight.ticket, used, fault):
                self._stop(f"too many attempts failed in a row, last: {fault.reason}")
        else:
            self._gate.ended(flight.ticket, used)
            if fault.kind is FaultKind.FATAL:
                self._stop(fault.reason)
        job.attempts.append(
            Attempt(
                request=job.request,
                mode=flight.mode,
                seconds=now - flight.began,
                outcome=_OK if fault is None else fault.reason,
                status=outcome.status if isinstance(outcome, Fault) else 200,
                usage=usage,
                cost=cost,
                sent=outcome.sent,
                version=outcome.fingerprint if isinstance(outcome, Reply) else "",
            )
        )
        self._may_go.notify()
        self._has_landed.notify_all()

    def _rest(self, job: Job, fault: Fault) -> bool:
        """Wait before the next try; say whether there is to be one."""
        job.n_failed += 1
        seconds = min(backoff(job.n_failed, self._jitter()), self._rules.max_wait)
        if fault.retry_after is not None:
            if fault.retry_after > self._rules.max_wait:
                return False
            seconds = max(seconds, fault.retry_after)
        with self._lock:
            until = self._clock.now() + seconds
            if job.n_failed >= self._rules.max_tries or (job.ends or 0.0) <= until:
                return False
            while self._stopped is None and (left := until - self._clock.now()) > 0:
                self._clock.wait(self._has_stopped, left)
        return True

    # With the lock held ------------------------------------------------------------------------

    def _stop(self, reason: str) -> None:
        if self._stopped is not None:
            return
        self._stopped = reason
        while self._queue:
            job = self._queue.popleft()
            self._arrive(job, Answer(job.request, fault=self._stop_fault()))
        self._may_go.notify_all()
        self._has_stopped.notify_all()

    def _stop_fault(self) -> Fault:
        return Fault(FaultKind.STOPPED, f"stopped: {self._stopped}")

    def _arrive(self, job: Job, answer: Answer | None) -> None:
        job.answer = answer
        self._arrived.append(job)
        self._has_arrived.notify()

    def _is_flying(self) -> bool:
        return any(job.flight is not None for job in self._jobs)
