"""What asking would send, need and cost, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.coders.llm import tokens
from qualcode.coders.llm.engine import packed
from qualcode.coders.llm.prices import Price
from qualcode.coders.llm.steps import Step, Unit
from qualcode.coders.llm.wire import Ask
from qualcode.workflow.llm_memory import Replay, StudyMemory

__all__ = ["AskPlan", "plan_asking"]


@dataclass(frozen=True, slots=True)
class AskPlan:
    """Say what a run would do.

    Attributes:
        step: What is asked.
        coder: Who.
        host: Where texts would go.
        n_units: Units in all.
        n_held: Those that have an answer in the study or the recording.
        n_missing: Those to which the recording has none that can be used; nobody is asked.
        n_equal: Those that are equal to another one, which is asked.
        n_alone: Those that read like an instruction, each asked by itself.
        n_requests: At least so many.
        input_tokens: About, and at most without repairs.
        output_tokens: Likely at least, and likely at most.
        usd: Likely at least, where the provider keeps what all requests begin with, and likely at
            most; None where no price is known.
        sample: What the first request would say; None where nothing is to be asked.
    """

    step: str
    coder: str
    host: str
    n_units: int
    n_held: int
    n_missing: int
    n_equal: int
    n_alone: int
    n_requests: int
    input_tokens: tuple[int, int]
    output_tokens: tuple[int, int]
    usd: tuple[float, float] | None
    sample: Ask | None

    @property
    def n_to_ask(self) -> int:
        return self.n_units - self.n_held - self.n_missing - self.n_equal


def plan_asking(
    step: Step,
    units: Sequence[Unit],
    memory: StudyMemory,
    price: Price | None,
    *,
    max_output_tokens: int | None = None,
) -> AskPlan:
    """Reckon what asking about some units would take; nothing is sent or saved.

    Args:
        step: What would be asked.
        units: About what.
        memory: What is known already.
        price: None where it is unknown.
        max_output_tokens: No reply may be longer; None for as long as the step reckons.
    """
    firsts: dict[str, Unit] = {}
    for unit in units:
        firsts.setdefault(unit.content, unit)
    held = set() if memory.is_fresh else set(memory.held(step, list(firsts.values())))
    missing: set[str] = set()
    if memory.replay is not None:
        trial = Replay(memory.replay.recording)  # the run's own counts begin with the run
        open_ = [unit for content, unit in firsts.items() if content not in held]
        usable = {u.content for u in open_ if trial.answer(step, u).answer is not None}
        missing = {unit.content for unit in open_} - usable
        held |= usable
    left = [unit for content, unit in firsts.items() if content not in held | missing]
    asked = {unit.content for unit in left}
    asks = [step.ask(batch) for batch in packed(left, step.most_units)]
    about = sum(map(tokens.input_about, asks))
    at_most = sum(map(tokens.input_at_most, asks))
    longest = [min(a.max_output_tokens, max_output_tokens or a.max_output_tokens) for a in asks]
    low, high = (min(len(left) * each, sum(longest)) for each in step.output_tokens)
    return AskPlan(
        step=step.name,
        coder=memory.coder,
        host=memory.host,
        n_units=len(units),
        n_held=sum(unit.content in held for unit in units),
        n_missing=sum(unit.content in missing for unit in units),
        n_equal=sum(unit.content in asked for unit in units) - len(left),
        n_alone=sum(unit.is_alone for unit in left),
        n_requests=len(asks),
        input_tokens=(about, at_most),
        output_tokens=(low, high),
        usd=None if price is None else _usd(asks, (about, at_most), (low, high), price),
        sample=asks[0] if asks else None,
    )


def _usd(
    asks: Sequence[Ask], read: tuple[int, int], written: tuple[int, int], price: Price
) -> tuple[float, float]:
    """Return what requests of average length likely cost at least and at most."""
    if not asks:
        return 0.0, 0.0
    n = len(asks)
    kept = tokens.about(len(asks[0].messages[0].text))
    first, others = (price.cost(read[0] // n, written[0] // n, cached) for cached in (0, kept))
    return first + (n - 1) * others, n * price.cost(read[1] // n, written[1] // n)
