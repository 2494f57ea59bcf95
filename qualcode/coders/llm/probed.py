"""What trying a server out came to: each mode, the long text, and how fast it was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qualcode.coders.llm.wire import Fault, Mode, Usage

__all__ = ["LONG_TOKENS", "Context", "LongTrial", "Outcome", "Probe", "Trial"]

LONG_TOKENS = 6_000
"""About so many tokens the long text has: more than the context that servers start with."""


class Outcome(StrEnum):
    """Say what became of asking in one mode."""

    WORKS = "works"
    REFUSED = "refused"
    UNFIT = "unfit"
    """There was an answer, and it is not of the form that was asked for."""
    FAILED = "failed"
    """There was none, for a reason that need not lie in the mode."""
    UNTRIED = "not tried"


class Context(StrEnum):
    """Say what became of the long text."""

    WHOLE = "whole"
    CUT = "cut"
    UNSURE = "unsure"
    """The server counts all of it, and the word at its beginning did not come back."""
    REFUSED = "refused"
    """It is too long for the server, which says so."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold what became of the tiny question in one mode.

    Attributes:
        reason: Why it does not work, empty where it does.
        seconds: The last attempt took so long; None where there was none.
        usage: As the server reported it, None where it did not or there was no answer.
    """

    mode: Mode
    outcome: Outcome
    reason: str = ""
    seconds: float | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class LongTrial:
    """Hold what became of the long text.

    Attributes:
        reason: One line, empty where all was read.
        tokens_about: It has about so many.
        tokens_read: As the server reported it, None where it did not.
        cached_tokens: Of the same text sent again, what the server says it had kept; None where
            it was not sent again or nothing was reported.
    """

    context: Context = Context.UNKNOWN
    reason: str = "not tried"
    seconds: float | None = None
    tokens_about: int = LONG_TOKENS
    tokens_read: int | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """Hold what a server can do.

    Attributes:
        trials: One for each mode, in the order of the ladder.
        long: The long text, asked about in the mode that was found.
        stopped: Why the rest was not tried, None where all was.
    """

    trials: tuple[Trial, ...]
    long: LongTrial = LongTrial()
    stopped: Fault | None = None

    @property
    def found(self) -> Trial | None:
        """Return the best mode that works, None where none does."""
        return next((one for one in self.trials if one.outcome is Outcome.WORKS), None)

    @property
    def is_settled(self) -> bool:
        """Say whether a mode works and each better one does not, whenever it is asked."""
        for trial in self.trials:
            if trial.outcome is Outcome.WORKS:
                return True
            if trial.outcome in (Outcome.FAILED, Outcome.UNTRIED):
                break
        return False

    @property
    def latency(self) -> float | None:
        """Return the seconds of the quickest tiny answer: the first one may load the model."""
        taken = [
            one.seconds
            for one in self.trials
            if one.outcome is Outcome.WORKS and one.seconds is not None
        ]
        return min(taken, default=None)
