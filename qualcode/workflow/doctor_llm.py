"""Try a model out with words of our own; in a study, keep what was found and what was sent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.coders.llm.budget import Budget
from qualcode.coders.llm.model import ModelChoice, Parameters
from qualcode.coders.llm.prices import Price, price_of, read_prices
from qualcode.coders.llm.probe import n_requests, probe, tokens_at_most
from qualcode.coders.llm.probed import LONG_TOKENS, Probe
from qualcode.coders.llm.wire import Ask, Connection, Fault, Mode, Reply
from qualcode.settings import LlmSection
from qualcode.store.ledger import Ending, Outgoing
from qualcode.workflow.llm import ladder_of
from qualcode.workflow.llm_memory import as_text
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    Connect = Callable[..., Connection]

__all__ = ["Examined", "examine", "examiner", "what_is_sent"]

_STEP = "doctor"


@dataclass(frozen=True, slots=True)
class Examined:
    """Hold what was found about a model.

    Attributes:
        has_key: The key's variable is set, or none is needed.
        price: None where it is not known.
        probe: What the server can do; None where it was not asked.
        remembered: The study keeps the mode that was found.
        tokens: That were used, read and written together; a guess where the server did not say.
        usd: That were spent, None where the price is not known.
    """

    choice: ModelChoice
    has_key: bool
    price: Price | None
    probe: Probe | None = None
    remembered: bool = False
    tokens: int = 0
    usd: float | None = None


def what_is_sent(known: Examined) -> str:
    """Say what trying a model out sends, where to, and what it may cost."""
    tiny, long = n_requests()
    told = (
        f"Sends {tiny} tiny requests and {long} of about {LONG_TOKENS:,} tokens to "
        f"{known.choice.host}: words of qualcode's own, nothing of a study."
    )
    usd = None if known.price is None else known.price.cost(*tokens_at_most())
    return f"{told} It costs about ${usd:.4f}, without second tries." if usd else told


def examiner(choice: ModelChoice, held: LlmSection) -> Examined:
    """Return what is known of a model before it is asked.

    Raises:
        UsageError: The key's variable holds what cannot be a key.
        SettingsError: The user's own table of prices cannot be read.
    """
    own = read_prices(Path(held.prices).expanduser()) if held.prices else ()
    has_key = not choice.needs_key or bool(choice.key(os.environ))
    return Examined(choice, has_key, price_of(choice, own))


def examine(
    known: Examined,
    held: LlmSection,
    study: Study | None,
    *,
    connect: Connect | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Examined:
    """Ask the model; in a study each request stands in its log, outside nothing is stored.

    Args:
        known: Of `examiner`; it must have its key.
        held: The settings.
        study: None outside of one.
        connect: Opens the connection; tests give their own.
        pause: Waits between tries; tests give their own.

    Raises:
        UsageError: The provider's package is not installed.
    """
    from qualcode.coders.llm import providers

    make = connect or providers.connect
    choice = known.choice
    parameters = Parameters(held.temperature, held.seed, held.context_tokens)
    # A limit in dollars says nothing where the price is unknown; what is sent is little anyway.
    budget = Budget(None if known.price is None else held.budget_usd, None, known.price)
    with ExitStack() as stack:
        connection = make(choice, parameters, choice.key(os.environ))
        stack.callback(connection.close)
        watched = _Watched(connection, choice, budget, study)
        if study is not None:
            stack.enter_context(recorded(study, _STEP, coder=choice.coder_name))
        probed = probe(watched, timeout=held.timeout_seconds, pause=pause)
        found = probed.found
        is_remembered = study is not None and found is not None and probed.is_settled
        if study is not None and found is not None and is_remembered:
            ladder = ladder_of(study, choice.coder_name, is_fresh=True)
            while ladder.mode is not found.mode:
                ladder.step_down(ladder.mode)
            ladder.worked(found.mode)
    return Examined(
        choice,
        known.has_key,
        known.price,
        probed,
        is_remembered,
        budget.spent_tokens,
        budget.spent_usd,
    )


@dataclass(slots=True)
class _Watched:
    """Send through a connection; count what it costs and write it into the study's ledger."""

    connection: Connection
    choice: ModelChoice
    budget: Budget
    study: Study | None
    _n_sent: int = field(default=0)

    def send(self, ask: Ask, mode: Mode, *, timeout: float) -> Reply:
        """Make one attempt; see `wire.Connection`."""
        reservation = self.budget.reserve(ask)
        assert reservation is not None  # nothing else is under way
        row = self._opened(ask, mode)
        began = time.monotonic()
        outcome: Reply | Fault
        try:
            outcome = self.connection.send(ask, mode, timeout=timeout)
        except Fault as fault:
            outcome = fault
        seconds = time.monotonic() - began
        usage = reservation.usage_of(outcome)
        cost = self.budget.settle(reservation, usage)
        if row is not None and self.study is not None:
            ending = Ending(
                outcome=outcome.reason if isinstance(outcome, Fault) else "ok",
                mode=mode.value,
                status=outcome.status if isinstance(outcome, Fault) else 200,
                seconds=seconds,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                cached_tokens=usage.cached_tokens,
                is_estimated=usage.is_estimated,
                cost_usd=cost,
                sent=outcome.sent,
                version=outcome.fingerprint if isinstance(outcome, Reply) else "",
            )
            self.study.repository.ledger.closed(row, ending)
        if isinstance(outcome, Fault):
            raise outcome
        return outcome

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _opened(self, ask: Ask, mode: Mode) -> int | None:
        if self.study is None or self.study.run_id is None:
            return None
        body = as_text(ask).encode("utf-8")
        coder, host = self.choice.coder_name, self.choice.host
        outgoing = Outgoing(_STEP, ask.schema_name, coder, host, 0, mode=mode.value, body=body)
        return self.study.repository.ledger.opened(self.study.run_id, outgoing)
