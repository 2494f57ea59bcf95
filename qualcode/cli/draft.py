"""qualcode draft: have a language model draft words; people accept, change or drop them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from qualcode.cli.common import (
    JsonOption,
    StudyOption,
    YesOption,
    one_line,
    open_study,
    print_json,
    program,
    say,
)
from qualcode.cli.llm_options import (
    BaseUrlOption,
    BudgetOption,
    DryRunOption,
    MaxTokensOption,
    ModelOption,
    RecordOption,
    RefreshOption,
    ReplayOption,
)

if TYPE_CHECKING:
    from qualcode.workflow.draft_words import DraftedWords, PlannedWords, WordsReport
    from qualcode.workflow.llm import LlmOptions, LlmSession
    from qualcode.workflow.study import Study

__all__ = ["app", "draft_with"]

app = typer.Typer(
    help="Have a language model draft sentences and names; people decide.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_SOME_FAILED = 3
_NEXT = {
    "cell": "Read each against its quotes, then: {program} edit summary accept LANE STAGE",
    "criterion": "Read each against its quotes, then: {program} edit criterion accept C1",
    "persona": "Read each against its quotes, then: {program} edit summary accept persona NAME",
    "stage": "Choose one, or none: {program} edit stage rename STAGE NAME",
}


_COMMANDS = {
    "cells": (
        "cell",
        """Draft the sentence over each cell of the map.

        Each rests on quotes of its cell and holds no numbers: those are counted. Cells over which
        a person has written are left alone. What is drafted stands on the map, marked as a draft,
        until somebody accepts it (edit summary accept, or the review's map page) or its quotes are
        gone.
        """,
    ),
    "criteria": (
        "criterion",
        """Draft how each design criterion is worded.

        It is drafted from the quotes behind it. Criteria on which a person has decided are left
        alone. Accept one with edit criterion accept, word it yourself with edit criterion edit.
        """,
    ),
    "personas": (
        "persona",
        """Draft a short description of each persona.

        It is drafted from what its people said. Personas are the values of the participants'
        attribute persona. Accept a description with
        edit summary accept persona NAME.
        """,
    ),
    "stages": (
        "stage",
        """Suggest names for the stages in the customers' words.

        Nothing is renamed by this: edit stage rename, or codebook rename, takes a name over.
        """,
    ),
}
"""Name of the command to the kind of words that it drafts, and its help."""


def _drafting(kind: str) -> Callable[..., None]:
    """Return the command that drafts one kind of words; all take the same options."""

    def command(
        study: StudyOption = None,
        model: ModelOption = "",
        base_url: BaseUrlOption = "",
        dry_run: DryRunOption = False,
        budget: BudgetOption = None,
        max_tokens: MaxTokensOption = None,
        refresh: RefreshOption = False,
        record: RecordOption = None,
        replay: ReplayOption = None,
        as_json: JsonOption = False,
        yes: YesOption = False,
    ) -> None:
        from qualcode.workflow.llm import LlmOptions

        options = LlmOptions(model, base_url, budget, max_tokens, refresh, record, replay)
        _draft(kind, study, options, dry_run=dry_run, as_json=as_json, yes=yes)

    return command


for _name, (_kind, _help) in _COMMANDS.items():
    app.command(_name, help=inspect.cleandoc(_help))(_drafting(_kind))


@app.command("show")
def show(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the drafts that stand, with their quotes; ask no model."""
    from qualcode.workflow.draft_words import show_words

    with open_study(study) as opened:
        found = show_words(opened)
    if as_json:
        print_json([_record(one) for one in found])
        return
    for one in found:
        _print(one)
    if not found:
        say(f"No draft stands. A language model makes some: {program()} draft cells")


def _draft(
    kind: str, study: Any, options: LlmOptions, *, dry_run: bool, as_json: bool, yes: bool
) -> None:
    from qualcode.cli.llm_options import as_json as plan_json
    from qualcode.cli.llm_options import opened_session, print_plan
    from qualcode.errors import UsageError
    from qualcode.workflow.draft_words import plan_words
    from qualcode.workflow.llm_code import masking_told
    from qualcode.workflow.llm_veil import veil_of

    with open_study(study) as opened, opened_session(opened, options) as session:
        if isinstance(session, str):
            raise UsageError(
                f"no words were drafted: {session}",
                hint="only a language model drafts words; write your own with: edit summary write",
            )
        veil = veil_of(opened, opened.repository.sources.documents())
        planned = plan_words(opened, kind, veil=veil)
        if dry_run:
            plan = session.plan(planned.step, planned.units)
            if as_json:
                print_json({**plan_json(plan), "masking": masking_told(session)})
                return
            print_plan(plan, sample=True)
            say(f"\n{masking_told(session)}\nNothing was sent.")
            return
        report = draft_with(opened, session, planned, yes=yes)
    print_report(report, as_json=as_json)
    if report.failed:
        raise typer.Exit(_SOME_FAILED)


def draft_with(
    study: Study, session: LlmSession, planned: PlannedWords, *, yes: bool
) -> WordsReport:
    """Draft what was planned, after the question whether it may be sent."""
    from qualcode.cli.llm_options import agreed, print_bill
    from qualcode.workflow.draft_words import draft_words
    from qualcode.workflow.llm_code import masking_told

    plan = session.plan(planned.step, planned.units)
    agreed(session, [plan], masking_told(session), yes=yes)
    try:
        return draft_words(
            study, session.answers, planned.kind, coder=session.coder, planned=planned
        )
    finally:
        if planned.units:
            print_bill(session)


def print_report(report: WordsReport, *, as_json: bool = False) -> None:
    """Print what was drafted, and what was not and why."""
    if as_json:
        print_json(
            {
                "kind": report.kind,
                "asked": report.n_asked,
                "cached": report.n_cached,
                "drafted": [_record(one) for one in report.drafted],
                "nothing_to_say": report.n_nothing,
                "removed": dict(report.removed),
                "failed": [{"name": name, "reason": reason} for name, reason in report.failed],
                "written_by_people": report.n_written,
                "too_few_quotes": list(report.thin),
                "passages_held_back": report.n_held_back,
            }
        )
        return
    for one in report.drafted:
        _print(one)
    say(
        f"{len(report.drafted)} drafted of {report.n_asked} asked about, "
        f"{report.n_cached} of them known already."
    )
    if report.n_nothing:
        say(f"Of {report.n_nothing} the model had nothing to say that the quotes carry.")
    for reason, n in report.removed.most_common():
        say(f"Removed: {n}, because it {reason}.")
    for name, reason in report.failed:
        say(f"Without an answer: {name}: {reason}")
    if report.n_written:
        say(f"Left alone: {report.n_written} with a person's words.")
    if report.thin:
        say(f"Not asked about: {len(report.thin)} with fewer than two quotes.")
    if report.n_held_back:
        say(
            f"Not sent: {report.n_held_back} passages that are too long or read like an "
            "instruction to the model."
        )
    if report.drafted:
        say(_NEXT[report.kind].format(program=program()))


def _print(one: DraftedWords) -> None:
    print(f"{one.kind} {one.target}  {one_line(one.name)}")
    for text, n_quotes in one.texts:
        print(f"    {one_line(text)}  ({n_quotes} {'quote' if n_quotes == 1 else 'quotes'})")
    print(f"    draft by {one.author}" + (f"; {one.note}" if one.note else ""))


def _record(one: DraftedWords) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "target": one.target,
        "name": one.name,
        "texts": [{"text": text, "quotes": n_quotes} for text, n_quotes in one.texts],
        "author": one.author,
        "note": one.note,
    }
