"""qualcode code --coder llm and two-tier: what a language model does, and what it costs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from qualcode.cli.common import print_json, say, shown_progress
from qualcode.cli.llm_options import agreed, print_bill, print_dry_run

if TYPE_CHECKING:
    from qualcode.workflow.code import CodeReport
    from qualcode.workflow.llm import LlmSession
    from qualcode.workflow.study import Study

__all__ = ["Wanted", "code_in_two_tiers", "code_with_model", "propose_codes", "tell_plan"]


_SOME_UNPROCESSED = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold what the command was told about the coding."""

    families: Sequence[str] = ()
    again: bool = False
    refresh: bool = False


def tell_plan(
    session: LlmSession,
    wanted: Wanted,
    *,
    only: Collection[str] | None = None,
    json: bool = False,
) -> None:
    """Tell what coding would send and cost, and show the first request; send nothing."""
    from qualcode.workflow.llm_code import llm_coder, masking_told, plan_coding_by_model

    plan = plan_coding_by_model(
        session,
        llm_coder(session),
        families=wanted.families,
        again=wanted.again,
        refresh=wanted.refresh,
        only=only,
    )
    print_dry_run([plan], masking_told(session), json=json)


def code_with_model(
    session: LlmSession,
    wanted: Wanted,
    *,
    only: Collection[str] | None = None,
    yes: bool,
) -> CodeReport:
    """Code what is pending with the session's model, after the question whether it may be sent."""
    from qualcode.workflow.code import code
    from qualcode.workflow.llm_code import (
        asking_parameters,
        llm_coder,
        masking_told,
        plan_coding_by_model,
    )

    coder = llm_coder(session)
    plan = plan_coding_by_model(
        session,
        coder,
        families=wanted.families,
        again=wanted.again,
        refresh=wanted.refresh,
        only=only,
    )
    for place in coder.own_prompts:
        say(f"The study's own prompt is used: {place}")
    agreed(session, [plan], masking_told(session), yes=yes)
    try:
        with shown_progress() as progress:
            report = code(
                session.study,
                coder,
                families=wanted.families,
                again=wanted.again,
                refresh=wanted.refresh,
                only=only,
                parameters=asking_parameters(session, coder),
                progress=progress,
                announce=say,
            )
    finally:
        if plan.n_units:
            print_bill(session)
    _print_suspicious(coder.suspicious)
    return report


def _print_suspicious(segments: Collection[str]) -> None:
    if segments:
        some = ",".join(sorted(segments)[:5])
        say(
            f"Words like an instruction to the model stand in {len(segments)} of the segments. "
            "Each was asked about alone, so that no other one depends on it; look at them: "
            f"qualcode review --queue segments:{some}"
        )


def code_in_two_tiers(
    opened: Study, session: LlmSession, wanted: Wanted, *, is_dry: bool, json: bool, yes: bool
) -> CodeReport | None:
    """Have the embedded coder judge everything, and the model what that one is unsure about."""
    from qualcode.workflow.code import code, local_coder
    from qualcode.workflow.two_tier import worth_asking

    local = local_coder(opened)
    book = opened.codebook
    families = wanted.families or opened.settings.coding.families or book.families
    own = [f for f in families if f in local.families and book.family(f)]
    if own:
        with shown_progress() as progress:
            code(opened, local, families=own, again=wanted.again, progress=progress, announce=say)
    worth = worth_asking(opened, local.name, families)
    say(
        f"{len(worth.segments):,} of {worth.n_heard:,} segments ({worth.share:.0%}) go to the "
        f"model: {worth.n_unsure:,} the embedded coder is unsure about, {worth.n_close:,} are a "
        f"close call, {worth.n_corrected:,} have a code that people often correct"
        + (f" ({', '.join(worth.corrected)})" if worth.corrected else "")
        + (f", {worth.n_unjudged:,} it does not judge" if worth.n_unjudged else "")
    )
    if is_dry:
        tell_plan(session, wanted, only=worth.segments, json=json)
        return None
    return code_with_model(session, wanted, only=worth.segments, yes=yes)


def propose_codes(
    session: LlmSession, families: Sequence[str], *, is_dry: bool, json: bool, yes: bool
) -> None:
    """Have the model propose codes that the book lacks; they wait for a person."""
    from dataclasses import asdict

    from qualcode.workflow.llm_code import masking_told
    from qualcode.workflow.llm_veil import veil_of
    from qualcode.workflow.propose import propose, proposing
    from qualcode.workflow.runs import recorded

    study = session.study
    veil = veil_of(study, study.repository.sources.documents())
    asked = proposing(study, families, veil=veil)
    plan = session.plan(asked.step, asked.units)
    if is_dry:
        print_dry_run([plan], masking_told(session), json=json)
        return
    agreed(session, [plan], masking_told(session), yes=yes)
    parameters = {
        "prompts": dict(asked.step.prompts),
        "setup": asked.step.setup[:16],
        **session.told_parameters,
    }
    try:
        with recorded(study, "propose", coder=session.coder, parameters=parameters) as run:
            report = propose(study, session.answers, families, veil=veil, prepared=asked)
            run.counts.update(candidates=len(report.new), unprocessed=len(report.unprocessed))
    finally:
        print_bill(session)
    if json:
        print_json(asdict(report))
        _leave_with(report.unprocessed)
        return
    say(
        f"{report.n_proposed} codes were proposed: {report.n_in_book} the codebook has, "
        f"{report.n_dismissed} were dismissed before, {report.n_merged} mean the same as others."
    )
    if report.unprocessed:
        say(f"{len(report.unprocessed)} packs of text got no usable answer; run it again for them.")
    say(f"{len(report.new)} candidates are new, {len(report.joined)} were proposed again.")
    say("Look at them: qualcode codebook candidates")
    _leave_with(report.unprocessed)


def _leave_with(unprocessed: Sequence[object]) -> None:
    if unprocessed:
        raise typer.Exit(_SOME_UNPROCESSED)
