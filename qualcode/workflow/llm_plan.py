"""What asking would send, need and cost, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.coders.llm import tokens
from qualcode.coders.llm.engine import packed
from qualcode.coders.llm.prices import Price
from qualcode.coders.llm.steps import Step, Unit
from qualcode.coders.llm.wire import Ask
from qualcode.workflow.llm_memory import StudyMemory

__all__ = ["AskPlan", "plan_asking"]

_OUTPUT_TOKENS_A_UNIT = (40, 400)
"""What an answer about one unit takes, from a bare one to one with reasons and thinking."""


@dataclass(frozen=True, slots=True)
class AskPlan:
    """Say what a run would do.

    Attributes:
        step: What is asked.
        coder: Who.
        host: Where texts would go.
        n_units: Units in all.
        n_held: Those that have an answer in the study or the recording.
        n_equal: Those that are equal to another one, which is asked.
        n_alone: Those that read like an instruction, each asked by itself.
        n_requests: At least so many.
        input_tokens: About, and at most without repairs.
        output_tokens: Likely at least, and likely at most.
        usd: Likely at least and at most; None where no price is known.
        sample: What the first request would say; None where nothing is to be asked.
    """

    step: str
    coder: str
    host: str
    n_units: int
    n_held: int
    n_equal: int
    n_alone: int
    n_requests: int
    input_tokens: tuple[int, int]
    output_tokens: tuple[int, int]
    usd: tuple[float, float] | None
    sample: Ask | None

    @property
    def n_to_ask(self) -> int:
        return self.n_units - self.n_held - self.n_equal


def plan_asking(
    step: Step, units: Sequence[Unit], memory: StudyMemory, price: Price | None
) -> AskPlan:
    """Reckon what asking about some units would take; nothing is sent or saved."""
    firsts = list({unit.content: unit for unit in units}.values())
    known = {} if memory.is_fresh else memory.held(step, firsts)
    if memory.replay is not None:
        known = {unit.content: None for unit in firsts}
    left = [unit for unit in firsts if unit.content not in known]
    asked = {unit.content for unit in left}
    asks = [step.ask(batch) for batch in packed(left, step.most_units)]
    about = sum(tokens.about(ask.n_chars) for ask in asks)
    at_most = sum(map(tokens.input_at_most, asks))
    low, high = (len(left) * each for each in _OUTPUT_TOKENS_A_UNIT)
    high = min(high, sum(ask.max_output_tokens for ask in asks))
    usd = None
    if price is not None:
        n = max(1, len(asks))
        usd = (
            n * price.cost(about // n, low // n),
            n * price.cost(at_most // n, high // n),
        )
    return AskPlan(
        step=step.name,
        coder=memory.coder,
        host=memory.host,
        n_units=len(units),
        n_held=sum(unit.content not in asked for unit in units),
        n_equal=sum(unit.content in asked for unit in units) - len(left),
        n_alone=sum(unit.is_alone for unit in left),
        n_requests=len(asks),
        input_tokens=(about, at_most),
        output_tokens=(min(low, high), high),
        usd=usd,
        sample=asks[0] if asks else None,
    )
