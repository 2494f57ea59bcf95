"""Spend no more than allowed, at any concurrency: the worst case is set aside beforehand."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from qualcode.coders.llm.prices import Price
from qualcode.coders.llm.tokens import Estimator, at_most, input_at_most
from qualcode.coders.llm.wire import Ask, Fault, FaultKind, Reply, Usage
from qualcode.errors import UsageError

__all__ = ["Budget", "Reservation"]

_ROUNDING = 1e-9
_NOT_BEGUN = frozenset({503, 529})


@dataclass(frozen=True, slots=True, eq=False)
class Reservation:
    """Hold what was set aside for one attempt.

    Attributes:
        worst: The most tokens that it can use.
        cap: Its input tokens before any correction, see `tokens.input_at_most`.
        usd: What they would cost, None where the price is unknown.
    """

    ask: Ask
    worst: Usage
    cap: int
    usd: float | None

    @property
    def tokens(self) -> int:
        """Return input and output together."""
        return self.worst.input_tokens + self.worst.output_tokens

    def usage_of(self, outcome: Reply | Fault) -> Usage:
        """Return what an attempt used, guessed at the upper end where the server did not say.

        Nothing was used where nothing left, and where the server refused before it began: any 4xx,
        503 and 529. All else that left counts in full.
        """
        if isinstance(outcome, Reply):
            if outcome.usage is not None:
                return outcome.usage
            written = min(at_most(len(outcome.text)), self.worst.output_tokens)
            return Usage(self.worst.input_tokens, written, is_estimated=True)
        was_refused = 400 <= outcome.status < 500 or outcome.status in _NOT_BEGUN
        if was_refused or not (outcome.sent or outcome.status):
            return Usage(0, 0)
        return self.worst


class Budget:
    """Set aside, then settle; safe to use from several threads at once.

    What a server reports above the worst case is counted, and may exceed the limit by that much:
    nothing more is allowed then. The worst case of later attempts is raised by as much.

    Args:
        limit_usd: Dollars that may be spent, None for no limit.
        max_tokens: Tokens, input and output together, None for no limit.
        price: What the model costs, None where that is unknown.

    Raises:
        UsageError: Dollars alone are limited, and the price is unknown.
    """

    def __init__(
        self,
        limit_usd: float | None = None,
        max_tokens: int | None = None,
        price: Price | None = None,
    ) -> None:
        if limit_usd is not None and price is None and max_tokens is None:
            raise UsageError(
                "a budget in dollars needs a price, and none is known for this model",
                hint="limit tokens instead (--max-tokens N), or give the price in a table of yours",
            )
        self._limit_usd = limit_usd
        self._max_tokens = max_tokens
        self._price = price
        self._estimator = Estimator()
        self._lock = threading.Lock()
        self._held: set[Reservation] = set()
        self._spent_usd = 0.0
        self._spent_tokens = 0

    @property
    def spent_usd(self) -> float | None:
        """Return the dollars spent so far, None where the price is unknown."""
        return None if self._price is None else self._spent_usd

    @property
    def spent_tokens(self) -> int:
        """Return the tokens spent so far."""
        return self._spent_tokens

    @property
    def exceeded(self) -> str:
        """Say by how much servers' counts went over the limits, "" where they did not."""
        over = []
        if self._limit_usd is not None and self._price is not None:
            usd = self._spent_usd - self._limit_usd
            over += [f"${usd:.4f}"] if usd > _ROUNDING else []
        if self._max_tokens is not None and self._spent_tokens > self._max_tokens:
            over.append(f"{self._spent_tokens - self._max_tokens:,} tokens")
        return " and ".join(over)

    def reserve(self, ask: Ask) -> Reservation | None:
        """Set aside the most that an attempt can cost.

        Returns:
            None where it does not fit now but may when others have been settled.

        Raises:
            Fault: It does not fit into what is left, whatever others turn out to cost (BUDGET).
        """
        cap = input_at_most(ask)
        with self._lock:
            worst = Usage(self._estimator.at_most(cap), ask.max_output_tokens, is_estimated=True)
            usd = self._cost(worst)
            wanted = Reservation(ask, worst, cap, usd)
            if not self._fits([wanted]):
                raise Fault(FaultKind.BUDGET, self._what_is_left(wanted))
            if not self._fits([wanted, *self._held]):
                return None
            self._held.add(wanted)
            return wanted

    def settle(self, reservation: Reservation, usage: Usage) -> float | None:
        """Replace what was set aside by what was used.

        Returns:
            What that cost, None where the price is unknown.
        """
        with self._lock:
            self._held.remove(reservation)
            cost = self._cost(usage)
            self._spent_usd += cost or 0.0
            self._spent_tokens += usage.input_tokens + usage.output_tokens
            if not usage.is_estimated and usage.input_tokens:
                self._estimator.observe(reservation.cap, usage.input_tokens)
            return cost

    def _cost(self, usage: Usage) -> float | None:
        if self._price is None:
            return None
        return self._price.cost(usage.input_tokens, usage.output_tokens, usage.cached_tokens)

    def _fits(self, wanted: list[Reservation]) -> bool:
        if self._limit_usd is not None and self._price is not None:
            usd = self._spent_usd + sum(one.usd or 0.0 for one in wanted)
            if usd > self._limit_usd + _ROUNDING:
                return False
        if self._max_tokens is not None:
            return self._spent_tokens + sum(one.tokens for one in wanted) <= self._max_tokens
        return True

    def _what_is_left(self, wanted: Reservation) -> str:
        if self.exceeded:
            return (
                "the budget does not allow another request: the server counted more than the "
                f"requests can take, {self.exceeded} over the limit"
            )
        parts = []
        if self._limit_usd is not None and self._price is not None:
            left = max(0.0, self._limit_usd - self._spent_usd)
            parts.append(f"${left:.4f} left, the request may cost ${wanted.usd or 0.0:.4f}")
        if self._max_tokens is not None:
            n_left = max(0, self._max_tokens - self._spent_tokens)
            parts.append(f"{n_left} tokens left, the request may take {wanted.tokens}")
        return "the budget does not allow another request: " + "; ".join(parts)
