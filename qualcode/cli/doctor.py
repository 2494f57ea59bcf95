"""qualcode doctor: look whether the installation, or a language model, can do its work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qualcode.cli.common import (
    JsonOption,
    StudyOption,
    YesOption,
    ask,
    one_line,
    print_json,
    program,
    say,
)
from qualcode.cli.llm_options import BaseUrlOption, ModelOption
from qualcode.errors import StudyError, UsageError

if TYPE_CHECKING:
    from qualcode.settings import LlmSection
    from qualcode.workflow.doctor import Check
    from qualcode.workflow.doctor_llm import Examined
    from qualcode.workflow.study import Study

__all__ = ["doctor"]

_BROKEN = 1
_MARKS = {"ok": "OK", "note": "note", "broken": "BROKEN"}


def doctor(
    llm: Annotated[
        bool,
        typer.Option(
            "--llm",
            help="Try a language model out instead: which modes of answering it knows, how fast it "
            "is, whether it cuts long texts silently. Sends words of qualcode's own only.",
        ),
    ] = False,
    model: ModelOption = "",
    base_url: BaseUrlOption = "",
    study: StudyOption = None,
    as_json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Look whether the installation or a language model works.

    One line for each thing that was looked at, with what to do where something is amiss; the exit
    code is 1 where something that is needed does not work. With --llm the model's host is asked a
    few tiny questions and one long one; --yes asks a remote host without a question before. In a
    study the requests stand in its log and the mode that was found is remembered; outside of one
    nothing is stored.
    """
    if llm:
        checks, told = _model(model, base_url, study, yes=yes)
    elif model or base_url:
        raise UsageError("a model is tried out with --llm only", hint="add --llm")
    else:
        from qualcode.workflow.doctor import installation

        checks, told = installation(Path.cwd()), {}
    if as_json:
        print_json({**told, "checks": [asdict(check) for check in checks]})
    else:
        _print(checks)
        if not llm:
            say(f"\nA language model is tried out with: {program()} doctor --llm")
    if any(check.state == "broken" for check in checks):
        raise typer.Exit(_BROKEN)


def _print(checks: Sequence[Check]) -> None:
    marks = max(len(_MARKS[check.state]) for check in checks)
    names = max(len(check.name) for check in checks)
    for check in checks:
        todo = f" – {check.todo}" if check.todo else ""
        line = f"{_MARKS[check.state]:<{marks}}  {check.name:<{names}}  "
        print(line + one_line(f"{check.told}{todo}"))


def _model(
    model: str, base_url: str, named: Path | None, *, yes: bool
) -> tuple[tuple[Check, ...], dict[str, Any]]:
    """Try a model out and return what was found, for people and for programs."""
    from qualcode.workflow.doctor_llm import examine, examiner, what_is_sent
    from qualcode.workflow.doctor_told import checks_of
    from qualcode.workflow.llm import LlmOptions, named_model

    with _settings(named) as (study, held):
        choice = named_model(held, LlmOptions(model, base_url))
        if choice is None:
            raise UsageError(
                "no model is named",
                hint="--model PROVIDER:NAME, such as openai:gpt-5-mini or ollama:NAME, or [llm] "
                "model in the settings",
            )
        examined = examiner(choice, held)
        if examined.has_key:
            say(what_is_sent(examined))
            if not choice.is_loopback:
                _require_consent(choice.host, yes=yes)
            examined = examine(examined, held, study)
            money = f", ${examined.usd:.4f}" if examined.usd else ""
            kept = " What left: qualcode log --egress" if study is not None else ""
            say(f"Used {examined.tokens:,} tokens{money}.{kept}")
    return checks_of(examined), _as_json(examined)


def _require_consent(host: str, *, yes: bool) -> None:
    if yes:
        return
    answer = ask(f"Send this to {host}? yes or no", "no", yes=False)
    if answer.strip().casefold() not in ("y", "yes"):
        raise UsageError(f"nothing was sent to {host}", hint="--yes sends without asking")


@contextmanager
def _settings(named: Path | None) -> Iterator[tuple[Study | None, LlmSection]]:
    """Give the study, None outside of one, and the settings that hold there."""
    from qualcode.workflow.doctor import settings_outside
    from qualcode.workflow.study import Study, find_study

    folder = None
    with suppress(StudyError):
        folder = find_study(named, Path.cwd())
    if folder is None:
        yield None, settings_outside().llm
        return
    with Study(folder) as study:
        yield study, study.settings.llm


def _as_json(examined: Examined) -> dict[str, Any]:
    choice, probed = examined.choice, examined.probe
    price = examined.price
    told: dict[str, Any] = {
        "model": choice.coder_name.removeprefix("llm:"),
        "host": choice.host,
        "leaves_this_machine": not choice.is_loopback,
        "key_variable": choice.key_variable or None,
        "has_key": examined.has_key,
        "usd_per_million": None if price is None else [price.input, price.output],
    }
    if probed is None:
        return told
    found = probed.found
    return told | {
        "mode": None if found is None else found.mode,
        "is_remembered": examined.remembered,
        "modes": {
            one.mode: {
                "outcome": one.outcome,
                "reason": one.reason or None,
                "seconds": _rounded(one.seconds),
            }
            for one in probed.trials
        },
        "latency_seconds": _rounded(probed.latency),
        "reports_usage": None if found is None else found.usage is not None,
        "cached_tokens": probed.long.cached_tokens,
        "long_text": {
            "context": probed.long.context,
            "reason": probed.long.reason or None,
            "seconds": _rounded(probed.long.seconds),
            "tokens_about": probed.long.tokens_about,
            "tokens_read": probed.long.tokens_read,
        },
        "used_tokens": examined.tokens,
        "used_usd": examined.usd,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
