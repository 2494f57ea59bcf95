"""Ask a language model on behalf of a study: who, how, at what price, and what is kept of it."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from qualcode.coders.llm.budget import Budget
from qualcode.coders.llm.engine import Stopped, answers
from qualcode.coders.llm.ladder import Ladder
from qualcode.coders.llm.model import ModelChoice, Parameters
from qualcode.coders.llm.pool import Pool, Rules
from qualcode.coders.llm.prices import Price, price_of, read_prices
from qualcode.coders.llm.recording import Recorder, Recording
from qualcode.coders.llm.steps import Answered, Step, Unit
from qualcode.coders.llm.wire import Connection, FaultKind, Mode
from qualcode.errors import BudgetReached, ModelError, UsageError
from qualcode.settings import LlmSection
from qualcode.workflow.llm_memory import Replay, StudyMemory
from qualcode.workflow.llm_plan import AskPlan, plan_asking
from qualcode.workflow.outputs import note_output
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    Connect = Callable[..., Connection]

__all__ = ["LlmOptions", "LlmSession", "chosen_model", "ladder_of", "named_model"]

_REPLAYED = "recording"


@dataclass(frozen=True, slots=True)
class LlmOptions:
    """Hold what a command was told about asking; None and empty stand for the settings.

    Attributes:
        model: PROVIDER:NAME.
        base_url: Of a server that is not the provider's own.
        budget_usd: The run spends no more.
        max_tokens: The run uses no more, read and written together.
        is_fresh: Ask also what was answered before.
        record: Write every answer into this file as well.
        replay: Answer from this file alone; nothing is asked.
    """

    model: str = ""
    base_url: str = ""
    budget_usd: float | None = None
    max_tokens: int | None = None
    is_fresh: bool = False
    record: Path | None = None
    replay: Path | None = None


def named_model(held: LlmSection, options: LlmOptions) -> ModelChoice | None:
    """Return the model that the command or the settings name, None where neither does.

    Raises:
        UsageError: What was named is no model, or may not be reached.
    """
    named = options.model or held.model
    if not named:
        return None
    return ModelChoice.parse(
        named,
        base_url=options.base_url or held.base_url,
        key_variable=held.key_variable,
        allow_http=held.allow_http,
    )


def ladder_of(study: Study, coder: str, *, is_fresh: bool = False) -> Ladder:
    """Return the ladder of a model, which begins with the mode that its server took before.

    Args:
        study: It remembers the mode.
        coder: Names provider, model and server.
        is_fresh: Begin with the best mode, and remember what is found.
    """
    repository = study.repository
    place = f"llm_mode/{coder}"
    known = None if is_fresh else repository.meta(place)
    return Ladder(
        Mode(known) if known in set(Mode) else None,
        lambda mode: repository.set_meta(place, mode.value),
    )


def chosen_model(
    study: Study, options: LlmOptions, environment: Mapping[str, str] | None = None
) -> ModelChoice | str:
    """Return the model to ask, or in one line why there is none.

    Raises:
        UsageError: What was named is no model, or may not be reached.
    """
    choice = named_model(study.settings.llm, options)
    if choice is None:
        return "no model is named (--model PROVIDER:NAME, such as openai:gpt-5-mini or ollama:NAME)"
    environment = os.environ if environment is None else environment
    if choice.needs_key and not choice.key(environment):
        return f"there is no key for {choice.provider} in ${choice.key_variable}"
    return choice


class LlmSession:
    """Ask one model on behalf of one study, within one budget.

    Attributes:
        coder: The name that stands beside what the model says.
        host: Where texts go; "recording" where they go nowhere.

    Args:
        study: The study; what is answered is kept in it.
        choice: Whom to ask; None with a replay.
        options: What the command was told.
        connect: Opens the connection; tests give their own.
        keeps: Whether the study outlives the session.

    Raises:
        UsageError: The price is not known and no limit of tokens is given.
        SourceError: The recording cannot be read.
    """

    def __init__(
        self,
        study: Study,
        choice: ModelChoice | None,
        options: LlmOptions,
        *,
        connect: Connect | None = None,
        keeps: bool = True,
    ) -> None:
        self.study = study
        self.choice = choice
        self.options = options
        held = study.settings.llm
        self._parameters = Parameters(held.temperature, held.seed, held.context_tokens)
        self._connect = connect
        self.keeps = keeps
        self._connection: Connection | None = None
        self._open = ExitStack()
        self.replay: Replay | None = None
        if options.replay is not None:
            self.replay = Replay(Recording.load(options.replay))
            self.coder = f"llm:{self.replay.recording.model}"
            self.host = _REPLAYED
            self.price: Price | None = None
        else:
            assert choice is not None
            self.coder, self.host = choice.coder_name, choice.host
            own = read_prices(Path(held.prices).expanduser()) if held.prices else ()
            self.price = price_of(choice, own)
        self._recorder: Recorder | None = None

    @cached_property
    def budget(self) -> Budget:
        """Return what may be spent.

        Raises:
            UsageError: Dollars are limited, and the price is not known.
        """
        options, limit = self.options, self.study.settings.llm.budget_usd
        if options.budget_usd is not None:
            limit = options.budget_usd
        return Budget(None if self.replay else limit, options.max_tokens, self.price)

    @property
    def is_remote(self) -> bool:
        """Say whether texts would leave this machine."""
        return self.choice is not None and self.replay is None and not self.choice.is_loopback

    @property
    def told_parameters(self) -> dict[str, object]:
        """Return what the log keeps of how the model is asked."""
        held = self._parameters
        return {
            "temperature": held.temperature,
            "seed": held.seed,
            "context_tokens": held.context_tokens,
        }

    def plan(self, step: Step, units: Sequence[Unit]) -> AskPlan:
        """Reckon what asking would send and cost; nothing is sent or saved."""
        most = self.study.settings.llm.max_output_tokens
        return plan_asking(step, units, self._memory(0), self.price, max_output_tokens=most)

    @property
    def has_asked(self) -> bool:
        """Say whether anything was spent, or might have been."""
        return self.budget.spent_tokens > 0 if "budget" in self.__dict__ else False

    def require_a_limit(self) -> None:
        """Refuse to ask without knowing what it may come to.

        Raises:
            UsageError: The price is not known, and dollars are limited or tokens are not.
        """
        assert self.budget is not None  # made now, so that an impossible one is told before work
        if self.price is not None or self.options.max_tokens is not None:
            return
        raise UsageError(
            f"the price of {self.coder} is not known, so nobody can say what it will cost",
            hint="give --max-tokens N, or the price in a table of your own ([llm] prices)",
        )

    def answers(self, step: Step, units: Sequence[Unit]) -> Iterator[Answered]:
        """Yield each unit once with its answer, as they come, within a run of the study's log.

        Raises:
            ModelError: The model cannot be asked any more; what was answered is kept.
            BudgetReached: Asking on might cost more than was allowed.
        """
        if self.study.run_id is None:
            raise RuntimeError("asking belongs into a run of the study's log")
        memory = self._memory(self.study.run_id)
        try:
            if self.replay is not None:
                for answered in answers(step, units, memory, None):
                    self.replay.n_missing += answered.answer is None
                    yield answered
                return
            self.require_a_limit()
            pool = self._pool(memory)
            try:
                yield from answers(
                    step,
                    units,
                    memory,
                    pool,
                    max_output_tokens=self.study.settings.llm.max_output_tokens,
                )
            except BaseException:
                # A pool that is left early closes what it asked through.
                self._connection = None
                raise
            finally:
                pool.__exit__(None, None, None)
                # Left in full, it has told of every attempt: what has none never left.
                memory.unsent()
        except Stopped as stopped:
            raise self._translated(stopped) from stopped
        finally:
            memory.close()

    def _memory(self, run_id: int) -> StudyMemory:
        if self.options.record is not None and self._recorder is None and run_id:
            self._recorder = self._open.enter_context(
                Recorder(self.options.record, model=self.coder.removeprefix("llm:"))
            )
            note_output(self.study, self.options.record)
        return StudyMemory(
            study=self.study,
            run_id=run_id,
            coder=self.coder,
            parameters=self.told_parameters,
            host=self.host,
            is_fresh=self.options.is_fresh,
            replay=self.replay,
            recorder=self._recorder,
        )

    def _pool(self, memory: StudyMemory) -> Pool:
        held = self.study.settings.llm
        rules = Rules(
            concurrency=held.concurrency,
            requests_per_minute=held.requests_per_minute,
            tokens_per_minute=held.tokens_per_minute,
            timeout=held.timeout_seconds,
            deadline=held.deadline_seconds,
        )
        ladder = ladder_of(self.study, self.coder)
        return Pool(self._connected(), ladder, rules, self.budget, on_attempt=memory.attempted)

    def _connected(self) -> Connection:
        if self._connection is None:
            from qualcode.coders.llm.providers import connect

            assert self.choice is not None
            make = self._connect or connect
            key = self.choice.key(os.environ)
            self._connection = make(self.choice, self._parameters, key)
            self._open.callback(self._connection.close)
            # The packages hold some hundred thousand objects that live as long as the run. To look
            # through them again and again for garbage stops all requests for 0.2 s each time.
            gc.freeze()
            self._open.callback(gc.unfreeze)
        return self._connection

    def _translated(self, stopped: Stopped) -> ModelError | BudgetReached:
        again = "what was answered is saved; the same command goes on from there"
        if self.options.is_fresh:
            again = "what was answered is saved; with --refresh the command begins anew"
        elif not self.keeps:
            again = "nothing of it is kept; the command begins anew"
        if stopped.kind is FaultKind.BUDGET:
            return BudgetReached(f"{self.coder}: {stopped.reason}", hint=f"{again}, with more")
        return ModelError(f"{self.coder}: {stopped.reason}", hint=again)

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> LlmSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
