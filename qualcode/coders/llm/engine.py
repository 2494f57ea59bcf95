"""Get an answer for each unit: from the study, from a recording, or from the model.

Equal units are asked once; units go out packed; a unit whose answer cannot be used is asked once
more alone, with the reason, and is then given back without an answer. What was answered is kept at
once, reply by reply, so that a run that is killed repeats no more than the requests under way.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

from qualcode.coders.llm.pool import Answer, Pool, Request
from qualcode.coders.llm.steps import Answered, Reading, Step, Unit
from qualcode.coders.llm.wire import FaultKind, Finish

__all__ = ["Memory", "Stopped", "answers", "packed"]

_CHARS_A_REQUEST = 6_000
_UNITS_A_RECALL = 2_000
_MOST_TRIES = 2
_REQUESTS_A_COMMIT = 8
"""So that the first requests of a run need not wait until all of them are written down."""
_SPLIT_ON = (FaultKind.TOO_LONG, FaultKind.BAD)
_ENDINGS = {
    Finish.REFUSAL: "the model refused to answer",
    Finish.FILTER: "the provider's content filter held the reply back",
    Finish.LENGTH: "the reply was cut at the longest length (raise [llm] max_output_tokens)",
}


class Stopped(Exception):
    """Say why no request of the run will do any more; what was answered before is kept.

    Args:
        kind: `FaultKind.FATAL`, `BUDGET` or `STOPPED`.
        reason: One line for people.
    """

    def __init__(self, kind: FaultKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class Memory(Protocol):
    """Keep what was asked and answered; called from one thread."""

    def recall(self, step: Step, units: Sequence[Unit]) -> Mapping[str, Answered]:
        """Return what needs no asking, by content: kept answers, and all that a replay decides."""

    def sending(self, step: Step, request: Request) -> None:
        """Write down that a request is about to leave."""

    def keep(self, step: Step, unit: Unit, answer: Any, raw: str) -> None:
        """Keep a checked answer."""

    def fail(self, step: Step, unit: Unit, reason: str, raw: str) -> None:
        """Keep what a model said that could not be used."""

    def commit(self) -> None:
        """Save all that was told since the last time, in one transaction."""


def packed(units: Iterable[Unit], most_units: int) -> Iterator[tuple[Unit, ...]]:
    """Pack units into requests, in their order; those that are to be alone are."""
    batch: list[Unit] = []
    size = 0
    for unit in units:
        is_full = size + unit.n_chars > _CHARS_A_REQUEST or len(batch) >= most_units
        if batch and (is_full or unit.is_alone or batch[-1].is_alone):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(unit)
        size += unit.n_chars
    if batch:
        yield tuple(batch)


def answers(
    step: Step,
    units: Sequence[Unit],
    memory: Memory,
    pool: Pool | None,
    *,
    max_output_tokens: int | None = None,
) -> Iterator[Answered]:
    """Yield each unit once, with its answer or the reason why there is none, as they come.

    Args:
        step: What is asked.
        units: Any number, each with an id of its own.
        memory: Where answers are kept.
        pool: Asks the model; None where only what memory holds is to be had.
        max_output_tokens: No reply may be longer; None for as long as the step reckons.

    Raises:
        Stopped: The run cannot go on; units that were not yielded were not judged.
    """
    twins: dict[str, list[Unit]] = {}
    for unit in units:
        twins.setdefault(unit.content, []).append(unit)
    firsts = [equal[0] for equal in twins.values()]
    left: list[Unit] = []
    for at in range(0, len(firsts), _UNITS_A_RECALL):
        some = firsts[at : at + _UNITS_A_RECALL]
        known = memory.recall(step, some)
        for unit in some:
            held = known.get(unit.content)
            if held is None:
                left.append(unit)
                continue
            for twin in twins[unit.content]:
                yield Answered(twin, held.answer, held.reason, is_cached=True)
    if not left:
        return
    if pool is None:
        raise Stopped(FaultKind.STOPPED, f"{len(left)} units have no answer, and nothing is asked")
    for answered in _Asking(step, memory, pool, left, max_output_tokens).run():
        yield answered
        for twin in twins[answered.unit.content][1:]:
            yield Answered(twin, answered.answer, answered.reason, is_cached=True)


class _Asking:
    """Ask about units that nobody has answered, until each has its answer or its reason."""

    def __init__(
        self,
        step: Step,
        memory: Memory,
        pool: Pool,
        units: Sequence[Unit],
        max_output_tokens: int | None,
    ) -> None:
        self._most_output = max_output_tokens
        self._step = step
        self._memory = memory
        self._pool = pool
        self._fresh = packed(units, step.most_units)
        self._again: deque[tuple[tuple[Unit, ...], str, str]] = deque()
        self._tries: dict[str, int] = {}
        self._stop: Stopped | None = None
        self._in_hand: Answer | None = None
        self._number = 0

    def run(self) -> Iterator[Answered]:
        done: list[Answered] | None = None
        try:
            while True:
                sending = self._prepared()
                if sending or done is not None:
                    # What has come and what is to go: one transaction for both.
                    self._memory.commit()
                    self._pool.saved()
                for request in sending:
                    self._pool.submit(request)
                yield from done or ()
                done = None
                if sending:
                    continue
                if not self._pool.n_open:
                    break
                self._in_hand = self._pool.answer()
                done = self._kept()
        except (KeyboardInterrupt, GeneratorExit):
            # What has come is paid for; it is kept, though nobody waits for it any more.
            self._kept()
            self._memory.commit()
            raise
        except Exception:
            # One reply could not be dealt with; the others that have come are paid for too.
            self._in_hand = None
            with contextlib.suppress(Exception):
                self._kept()
                self._memory.commit()
            raise
        if self._stop is not None:
            raise self._stop

    def _kept(self) -> list[Answered]:
        """Take the answer in hand, and those that have come meanwhile.

        One that an interrupt tears out of the hand is still in it, and is taken once more.
        """
        done = [] if self._in_hand is None else list(self._handle(self._in_hand))
        for answer in self._pool.arrived():
            self._in_hand = answer
            done += self._handle(answer)
        self._in_hand = None
        return done

    def _prepared(self) -> list[Request]:
        """Write down the next few requests, as far as there is room and cause for any."""
        sending: list[Request] = []
        most = min(self._pool.room, _REQUESTS_A_COMMIT)
        while self._stop is None and len(sending) < most:
            if self._again:
                units, wrong, purpose = self._again.popleft()
            elif (batch := next(self._fresh, None)) is not None:
                units, wrong, purpose = batch, "", "ask"
            else:
                break
            self._number += 1
            ask = self._step.ask(units, wrong=wrong)
            if self._most_output is not None and self._most_output < ask.max_output_tokens:
                ask = replace(ask, max_output_tokens=self._most_output)
            request = Request(self._number, ask, purpose, len(units), units)
            self._memory.sending(self._step, request)
            sending.append(request)
        return sending

    def _handle(self, answer: Answer) -> Iterator[Answered]:
        units = cast("tuple[Unit, ...]", answer.request.subject)
        if answer.fault is not None:
            yield from self._faulted(units, answer)
            return
        assert answer.reply is not None
        raw = answer.reply.text
        if answer.reply.finish is not Finish.STOP:
            yield from self._apart(units, _ENDINGS[answer.reply.finish], raw)
            return
        reading = self._step.read(units, raw)
        if reading.whole:
            reading = Reading(refused={unit.id: reading.whole for unit in units})
        for unit in units:
            if unit.id in reading.good:
                value = reading.good[unit.id]
                self._memory.keep(self._step, unit, value, raw)
                yield Answered(unit, value)
            elif unit.id in reading.refused:
                yield from self._once_more(unit, reading.refused[unit.id], raw)
            elif len(units) > 1:
                self._again.append(((unit,), "", "missing"))
            else:
                yield from self._once_more(unit, "the reply does not hold it", raw)

    def _faulted(self, units: tuple[Unit, ...], answer: Answer) -> Iterator[Answered]:
        fault = answer.fault
        assert fault is not None
        if fault.kind in (FaultKind.FATAL, FaultKind.BUDGET, FaultKind.STOPPED):
            # The first reason is the cause; the others follow from it.
            if self._stop is None or self._stop.kind is FaultKind.STOPPED != fault.kind:
                self._stop = Stopped(fault.kind, fault.reason)
        elif fault.kind in _SPLIT_ON:
            yield from self._apart(units, fault.reason, "")
        else:
            for unit in units:
                yield self._failed(unit, fault.reason, "")

    def _apart(self, units: tuple[Unit, ...], reason: str, raw: str) -> Iterator[Answered]:
        """Ask in halves, so that one unit's trouble is not its neighbours'."""
        if len(units) == 1:
            yield self._failed(units[0], reason, raw)
            return
        half = len(units) // 2
        self._again += [(units[:half], "", "split"), (units[half:], "", "split")]

    def _once_more(self, unit: Unit, wrong: str, raw: str) -> Iterator[Answered]:
        self._tries[unit.id] = self._tries.get(unit.id, 0) + 1
        if self._tries[unit.id] < _MOST_TRIES:
            self._again.append(((unit,), wrong, "repair"))
        else:
            yield self._failed(unit, wrong, raw)

    def _failed(self, unit: Unit, reason: str, raw: str) -> Answered:
        self._memory.fail(self._step, unit, reason, raw)
        return Answered(unit, reason=reason)
