"""What a study remembers of asking a model: answers, failures, and every attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qualcode.coders.llm.pool import Attempt, Request
from qualcode.coders.llm.recording import Recorder, Recording
from qualcode.coders.llm.steps import Answered, Step, Unit, digest
from qualcode.coders.llm.wire import Ask
from qualcode.store.ledger import Ending, Outgoing
from qualcode.store.replies import FailedReply, KeptReply
from qualcode.workflow.study import Study

__all__ = ["Replay", "StudyMemory"]

_AS_BEFORE = "(the same as in the request before)"


@dataclass(slots=True)
class Replay:
    """Answer from a recording alone.

    Attributes:
        recording: What is answered from.
        n_other_setup: Answers that were given under another template, codebook or examples.
        n_missing: Units to which it has no answer that can be used.
    """

    recording: Recording
    n_other_setup: int = 0
    n_missing: int = 0

    @property
    def made(self) -> str:
        """Say how the answers came about."""
        header = self.recording.header
        return f"{header.made.value}, {header.by}"

    def answer(self, step: Step, unit: Unit) -> Answered:
        """Return what the recording says to a unit, checked like a model's reply."""
        found = self.recording.find(step.name, unit.content, step.setup, unit_id=unit.id)
        if found is None:
            return Answered(unit, reason="not in the recording")
        self.n_other_setup += found.is_other_setup
        if found.failed:
            return Answered(unit, reason=found.failed)
        try:
            reading = step.read([unit], step.reply(unit, found.reply))
        except (KeyError, TypeError, ValueError, AttributeError):
            return Answered(unit, reason="the recording's answer has another form")
        if unit.id in reading.good:
            return Answered(unit, reading.good[unit.id])
        wrong = reading.refused.get(unit.id) or reading.whole or "the reply does not hold it"
        return Answered(unit, reason=f"in the recording: {wrong}")


@dataclass(slots=True)
class StudyMemory:
    """Keep replies and attempts of one run in the study; see `engine.Memory`.

    Attributes:
        study: Where to.
        run_id: The run that asks.
        coder: Names provider and model.
        parameters: What else of the model replies rest on.
        host: Where requests go.
        is_fresh: Kept answers are not looked at.
        replay: Answers instead of a model, where there is one.
        recorder: Writes each answer into a file as well, where there is one.
    """

    study: Study
    run_id: int
    coder: str
    parameters: Mapping[str, object]
    host: str
    is_fresh: bool = False
    replay: Replay | None = None
    recorder: Recorder | None = None
    _kept: list[KeptReply] = field(default_factory=list)
    _failed: list[FailedReply] = field(default_factory=list)
    _sending: list[tuple[int, Outgoing]] = field(default_factory=list)
    _ended: list[tuple[int, Ending]] = field(default_factory=list)
    _more: list[tuple[Outgoing, Ending]] = field(default_factory=list)
    _rows: dict[int, int] = field(default_factory=dict)
    _step: str = ""
    _known: str = ""

    def key(self, step: Step, unit: Unit) -> str:
        return digest(step.name, step.setup, self.coder, dict(self.parameters), unit.content)

    def held(self, step: Step, units: Sequence[Unit]) -> Mapping[str, Any]:
        """Return the answers that the study holds already, by content."""
        keys = {self.key(step, unit): unit.content for unit in units}
        found = self.study.repository.replies.valid(keys)
        return {keys[key]: answer for key, answer in found.items()}

    def recall(self, step: Step, units: Sequence[Unit]) -> Mapping[str, Answered]:
        held = {} if self.is_fresh else self.held(step, units)
        known: dict[str, Answered] = {}
        for unit in units:
            if unit.content in held:
                answer = held[unit.content]
                known[unit.content] = Answered(unit, answer, is_cached=True)
                self._record(step, unit, answer)
            elif self.replay is not None:
                known[unit.content] = self.replay.answer(step, unit)
        return known

    def sending(self, step: Step, request: Request) -> None:
        self._step = step.name
        body = as_text(request.ask, known=self._known).encode("utf-8", "backslashreplace")
        self._known = request.ask.messages[0].text
        outgoing = self._outgoing(request, purpose=request.purpose, body=body)
        self._sending.append((request.number, outgoing))

    def attempted(self, attempt: Attempt) -> None:
        """Take an attempt that has ended; the first of a request closes the row that it has."""
        usage = attempt.usage
        ending = Ending(
            outcome=attempt.outcome,
            mode=attempt.mode.value,
            status=attempt.status,
            seconds=attempt.seconds,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cached_tokens=usage.cached_tokens,
            is_estimated=usage.is_estimated,
            cost_usd=attempt.cost,
            sent=attempt.sent,
            version=attempt.version,
        )
        row = self._rows.pop(attempt.request.number, None)
        if row is not None:
            self._ended.append((row, ending))
        else:
            self._more.append((self._outgoing(attempt.request, purpose="retry"), ending))

    def keep(self, step: Step, unit: Unit, answer: Any, raw: str) -> None:
        key = self.key(step, unit)
        self._kept.append(
            KeptReply(
                key, unit.content, step.setup, step.name, self.coder, answer, unit.document_id
            )
        )
        self._record(step, unit, answer)

    def fail(self, step: Step, unit: Unit, reason: str, raw: str) -> None:
        key = self.key(step, unit)
        self._failed.append(
            FailedReply(
                key, unit.content, step.setup, step.name, self.coder, reason, raw, unit.document_id
            )
        )
        if self.recorder is not None:
            self.recorder.failed(step.name, unit.content, step.setup, reason)

    def commit(self) -> None:
        repository = self.study.repository
        # A power cut may take the last answers, which are asked again, and the ledger's last rows.
        # To wait for the disk each time would keep the others from being asked.
        with repository.writing(is_flushed=False):
            if self._sending:
                rows = repository.ledger.opened_many(
                    self.run_id, [outgoing for _, outgoing in self._sending]
                )
                numbers = (number for number, _ in self._sending)
                self._rows |= dict(zip(numbers, rows, strict=True))
            repository.ledger.closed_many(self._ended)
            for outgoing, ending in self._more:
                repository.ledger.add(self.run_id, outgoing, ending)
            repository.replies.keep(self.run_id, self._kept)
            repository.replies.fail(self.run_id, self._failed)
            # Before the transaction ends: Ctrl-C may come between that and the next line.
            for told in (self._sending, self._ended, self._more, self._kept, self._failed):
                told.clear()

    def unsent(self) -> None:
        """Say of every request without an attempt that nothing of it left."""
        ending = Ending(
            "not sent: the run stopped before", input_tokens=0, output_tokens=0, cost_usd=0.0
        )
        self._ended += [(row, ending) for row in self._rows.values()]
        self._rows.clear()

    def close(self) -> None:
        """Save what is left, and nothing that was only prepared."""
        self.commit()
        self.study.repository.ledger.drop_unused()

    def _outgoing(self, request: Request, *, purpose: str, body: bytes = b"") -> Outgoing:
        return Outgoing(self._step, purpose, self.coder, self.host, request.n_units, body=body)

    def _record(self, step: Step, unit: Unit, answer: Any) -> None:
        if self.recorder is not None:
            self.recorder.keep(step.name, unit.content, step.setup, answer)


def as_text(ask: Ask, *, known: str = "") -> str:
    """Return what a request says, for people to read: its messages, one after another.

    Args:
        ask: The request.
        known: A text that was told before; where a message is the same, it is not told again.
    """
    return "\n\n".join(
        f"[{message.role}]\n{_AS_BEFORE if message.text == known else message.text}"
        for message in ask.messages
    )
