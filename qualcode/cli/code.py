"""qualcode code: have the embedded coder, a language model or both judge segments."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.code_llm import (
    Wanted,
    code_in_two_tiers,
    code_with_model,
    propose_codes,
    tell_plan,
)
from qualcode.cli.common import (
    JsonOption,
    StudyOption,
    YesOption,
    open_study,
    print_json,
    print_table,
    say,
    shown_progress,
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
    opened_session,
)
from qualcode.errors import UsageError

if TYPE_CHECKING:
    from qualcode.workflow.code import CodeReport
    from qualcode.workflow.llm import LlmOptions
    from qualcode.workflow.study import Study

__all__ = ["code", "print_report"]

_SOME_UNPROCESSED = 3


class CoderName(StrEnum):
    """Say who codes."""

    LOCAL = "local"
    LLM = "llm"
    TWO_TIER = "two-tier"


def code(
    study: StudyOption = None,
    family: Annotated[
        list[str] | None,
        typer.Option(metavar="FAMILY", help="Only this family of codes; repeat for several."),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Judge anew all that stands on an earlier version of the codebook, not only what "
            "its changes touch.",
        ),
    ] = False,
    coder: Annotated[
        CoderName,
        typer.Option(
            "--coder",
            help="Who judges: the embedded model, a language model, or the embedded one first and "
            "a language model where that one is unsure or was often corrected.",
        ),
    ] = CoderName.LOCAL,
    model: ModelOption = "",
    base_url: BaseUrlOption = "",
    propose: Annotated[
        bool,
        typer.Option(
            "--propose",
            help="Have a language model propose codes that the codebook lacks, instead of coding; "
            "see codebook candidates.",
        ),
    ] = False,
    refresh: RefreshOption = False,
    dry_run: DryRunOption = False,
    budget: BudgetOption = None,
    max_tokens: MaxTokensOption = None,
    record: RecordOption = None,
    replay: ReplayOption = None,
    as_json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Propose codes for the segments.

    Judges every segment that is new, changed or unprocessed. After a change of the codebook it
    judges those that the change touches: all of a family for a new code, else the segments with a
    code that changed. The embedded model runs on this machine; no text leaves it. A language model
    is asked only with --coder llm or two-tier: --dry-run shows what would be sent. Stop with
    Ctrl-C at any time: the same command goes on where it stopped.
    """
    from qualcode.workflow.llm import LlmOptions

    options = LlmOptions(model, base_url, budget, max_tokens, refresh, record, replay)
    if coder is CoderName.LOCAL and (options != LlmOptions() or dry_run or propose):
        raise UsageError(
            "that is for a language model, and the embedded coder asks none",
            hint="add --coder llm, or --coder two-tier",
        )
    wanted = Wanted(tuple(family or ()), again, refresh)
    with open_study(study) as opened:
        report = _coded(
            opened, coder, options, wanted, propose=propose, is_dry=dry_run, json=as_json, yes=yes
        )
    if report is None:
        return
    if as_json:
        print_json(_as_json(report))
    else:
        print_report(report, data=True)
        if report.n_segments:
            say("\nNext: qualcode map   (or: qualcode quotes --code CODE)")
        else:
            say("\nThere is nothing to code yet: qualcode ingest PATH…")
    if report.n_unprocessed:
        raise typer.Exit(_SOME_UNPROCESSED)


def _coded(
    opened: Study,
    coder: CoderName,
    options: LlmOptions,
    wanted: Wanted,
    *,
    propose: bool,
    is_dry: bool,
    json: bool,
    yes: bool,
) -> CodeReport | None:
    """Code with whom was asked for; None where nothing was coded on purpose."""
    if coder is CoderName.LOCAL:
        return _coded_here(opened, wanted)
    with opened_session(opened, options) as session:
        if isinstance(session, str):
            if propose:
                raise UsageError(f"codes are proposed by a language model, and {session}")
            say(f"The embedded coder does it, nothing leaves this machine: {session}.")
            return None if is_dry else _coded_here(opened, wanted)
        if propose:
            propose_codes(session, wanted.families, is_dry=is_dry, json=json, yes=yes)
            return None
        if coder is CoderName.TWO_TIER:
            return code_in_two_tiers(opened, session, wanted, is_dry=is_dry, json=json, yes=yes)
        if is_dry:
            tell_plan(session, wanted, json=json)
            return None
        return code_with_model(session, wanted, yes=yes)


def _coded_here(opened: Study, wanted: Wanted) -> CodeReport:
    from qualcode.workflow.code import code as judge
    from qualcode.workflow.code import local_coder

    with shown_progress() as progress:
        return judge(
            opened,
            local_coder(opened),
            families=wanted.families,
            again=wanted.again,
            progress=progress,
            announce=say,
        )


def _as_json(report: CodeReport) -> dict[str, object]:
    return {
        "coder": report.coder,
        "segments": report.n_segments,
        "judged": report.n_judged,
        "codings": report.n_codings,
        "median_codings_a_segment": report.median_codings,
        "unprocessed": report.n_unprocessed,
        "on_an_earlier_codebook": dict(report.n_earlier),
        "seconds": round(report.seconds, 2),
        "families": {family: dict(counts) for family, counts in report.verdicts.items()},
    }


def print_report(report: CodeReport, *, data: bool = False) -> None:
    """Print how segments were judged, family by family, and the density of codings."""
    from qualcode.codebook import family_name

    names = ("coded", "none", "abstained", "unprocessed")
    rows = [
        (family_name(family), *(counts.get(name, 0) for name in names))
        for family, counts in report.verdicts.items()
    ]
    print_table(("family", *names), rows, data=data)
    rate = f", {60 * report.n_judged / report.seconds:,.0f} a minute" if report.n_judged else ""
    median = "no" if report.median_codings is None else f"{report.median_codings:g}"
    say(f"\n{report.coder}")
    say(f"Judged {report.n_judged} of {report.n_segments} segments now{rate}.")
    say(f"{report.n_codings} codings stand, {median} in the median segment.")
    for note in report.notes:
        say(note)
