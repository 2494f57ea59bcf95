"""What commands that may ask a language model share: options, the question first, the bill last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qualcode.cli.common import ask, print_json, say
from qualcode.errors import UsageError

if TYPE_CHECKING:
    from qualcode.coders.llm.wire import Ask
    from qualcode.workflow.llm import LlmOptions, LlmSession
    from qualcode.workflow.llm_plan import AskPlan
    from qualcode.workflow.study import Study

__all__ = [
    "BaseUrlOption",
    "BudgetOption",
    "DryRunOption",
    "MaxTokensOption",
    "ModelOption",
    "RecordOption",
    "RefreshOption",
    "ReplayOption",
    "agreed",
    "as_json",
    "opened_session",
    "print_bill",
    "print_dry_run",
    "print_plan",
]

ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="PROVIDER:NAME",
        help="The model to ask: openai:NAME, azure:DEPLOYMENT, anthropic:NAME, ollama:NAME or "
        "compatible:NAME with --base-url. By default [llm] model of the settings.",
        show_default=False,
    ),
]
BaseUrlOption = Annotated[
    str,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="Where a server is that is not the provider's own: vLLM, LM Studio, llama.cpp, …",
        show_default=False,
    ),
]
DryRunOption = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Tell what would be asked, where it would go, what it would cost and what it would "
        "say; send nothing.",
    ),
]
BudgetOption = Annotated[
    float | None,
    typer.Option(
        "--budget", metavar="USD", min=0, help="Spend no more than so many dollars in this run."
    ),
]
MaxTokensOption = Annotated[
    int | None,
    typer.Option(
        "--max-tokens",
        metavar="N",
        min=1,
        help="Use no more than so many tokens in this run, read and written together.",
    ),
]
RecordOption = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FILE",
        help="Write every answer into a file as well, for --replay. It may hold participants' "
        "words.",
    ),
]
RefreshOption = Annotated[
    bool,
    typer.Option("--refresh", help="Ask the language model again about what is finished."),
]
ReplayOption = Annotated[
    Path | None,
    typer.Option(
        "--replay",
        metavar="FILE",
        help="Take every answer from such a file: no key, no network, the same results again.",
    ),
]


@contextmanager
def opened_session(study: Study, options: LlmOptions) -> Iterator[LlmSession | str]:
    """Give the session that asks, or in one line why no model can be asked."""
    from qualcode.workflow.llm import LlmSession, chosen_model

    choice = None
    if options.replay is None:
        found = chosen_model(study, options)
        if isinstance(found, str):
            yield found
            return
        choice = found
    with LlmSession(study, choice, options) as session:
        yield session


def agreed(session: LlmSession, plans: Sequence[AskPlan], masking: str, *, yes: bool) -> None:
    """Say what is about to be sent, and ask whether it may be, where it leaves the machine.

    Args:
        session: Who asks.
        plans: What would be asked.
        masking: What of the texts is pseudonymised, one sentence.
        yes: Do not ask.

    Raises:
        UsageError: Nobody is there to answer and `yes` was not said, or no limit is known.
    """
    asking = [plan for plan in plans if plan.n_to_ask]
    for plan in plans:
        print_plan(plan)
    if not asking or session.replay is not None:
        return
    session.require_a_limit()
    if not session.is_remote:
        return
    say(masking)
    if yes:
        return
    answer = ask(f"Send this to {session.host}? yes or no", "no", yes=False)
    if answer.strip().casefold() in ("y", "yes"):
        return
    raise UsageError(
        f"nothing was sent to {session.host}", hint="--yes sends without asking; --dry-run shows it"
    )


def print_plan(plan: AskPlan, *, sample: bool = False) -> None:
    """Print what a run would ask, for people."""
    say(f"{plan.coder} at {plan.host}")
    say(
        f"  {plan.n_units:,} units: {plan.n_held:,} have an answer, {plan.n_equal:,} equal others, "
        f"{plan.n_to_ask:,} to ask in {plan.n_requests:,} requests or more"
    )
    if plan.n_missing:
        say(f"  the recording has no answer that can be used on {plan.n_missing:,}")
    if plan.n_alone:
        say(f"  words like an instruction to the model, so asked about alone: {plan.n_alone:,}")
    if plan.n_to_ask:
        about, at_most = plan.input_tokens
        low, high = plan.output_tokens
        price = "price unknown" if plan.usd is None else f"{_usd(plan.usd[0])}–{_usd(plan.usd[1])}"
        say(f"  about {about:,} tokens to read (at most {at_most:,}), {low:,}–{high:,} to write")
        say(f"  {price}, without repairs and retries")
    if sample and plan.sample is not None:
        say("\nThe first request would say, whole:\n")
        print(_told(plan.sample))


def print_dry_run(plans: Sequence[AskPlan], masking: str, *, json: bool) -> None:
    """Print what would be asked, with the first request of each whole."""
    if json:
        print_json([{**as_json(plan), "masking": masking} for plan in plans])
        return
    for plan in plans:
        print_plan(plan, sample=True)
    say(f"\n{masking}\nNothing was sent.")


def _told(request: Ask) -> str:
    from qualcode.workflow.llm_memory import as_text

    return as_text(request)


def as_json(plan: AskPlan) -> dict[str, Any]:
    """Return a plan for `--json`."""
    return {
        "step": plan.step,
        "coder": plan.coder,
        "host": plan.host,
        "units": plan.n_units,
        "held": plan.n_held,
        "missing": plan.n_missing,
        "equal": plan.n_equal,
        "to_ask": plan.n_to_ask,
        "asked_alone": plan.n_alone,
        "requests": plan.n_requests,
        "input_tokens": list(plan.input_tokens),
        "output_tokens": list(plan.output_tokens),
        "usd": None if plan.usd is None else list(plan.usd),
        "sample": None if plan.sample is None else _told(plan.sample),
    }


def print_bill(session: LlmSession) -> None:
    """Say what was spent, and what of a recording did not fit."""
    if session.replay is not None:
        replay = session.replay
        say(f"Answers come from a recording ({replay.made}); nothing was asked.")
        if replay.n_other_setup:
            say(
                f"{replay.n_other_setup:,} of them were given under another prompt, codebook or "
                "examples; each was checked against today's."
            )
        if replay.n_missing:
            say(
                f"It has no answer that can be used on {replay.n_missing:,} units: these are left "
                "without one."
            )
        return
    if not session.has_asked:
        say("Nothing was asked.")
        return
    spent = session.budget.spent_usd
    money = "" if spent is None else f", {_usd(spent)}"
    looked_up = " What left: qualcode log --egress" if session.keeps else ""
    say(f"Used {session.budget.spent_tokens:,} tokens{money}.{looked_up}")
    if over := session.budget.exceeded:
        say(
            f"That is {over} over the limit: the server counted more than its request can take. "
            "Nothing was sent after it."
        )


def _usd(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 0.1 or not amount else f"${amount:.4f}"
