"""Code a study with a language model: prompts, examples and masking come together here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from qualcode.coders.llm.coder import LlmCoder
from qualcode.prompts import Prompt, load_prompt
from qualcode.workflow.code import pendings
from qualcode.workflow.llm import LlmSession
from qualcode.workflow.llm_examples import chosen_examples
from qualcode.workflow.llm_plan import AskPlan
from qualcode.workflow.llm_veil import veil_of
from qualcode.workflow.study import Study

__all__ = ["asking_parameters", "llm_coder", "masking_told", "plan_coding_by_model", "prompts_of"]

_PROMPTS = ("code", "repair")


def llm_coder(session: LlmSession) -> LlmCoder:
    """Return the model as a coder of the session's study."""
    study = session.study
    veil = veil_of(study, study.repository.sources.documents())
    return LlmCoder(
        study.codebook,
        session.coder,
        session.answers,
        prompts_of(study),
        examples=chosen_examples(study, veil),
        veil=veil,
    )


def prompts_of(study: Study) -> Mapping[str, Prompt]:
    """Return the templates of coding: the study's own where it has some."""
    return {name: load_prompt(name, study.path) for name in _PROMPTS}


def plan_coding_by_model(
    session: LlmSession,
    coder: LlmCoder,
    *,
    families: Sequence[str] = (),
    again: bool = False,
    refresh: bool = False,
    only: Collection[str] | None = None,
) -> AskPlan:
    """Reckon what `code` with the same arguments would ask; nothing is sent or saved."""
    found = pendings(
        session.study, coder, families=families, again=again, refresh=refresh, only=only
    )
    step = coder.step(found.open_families or found.families)
    return session.plan(step, coder.units(found.tasks, found.segments))


def asking_parameters(session: LlmSession, coder: LlmCoder) -> dict[str, object]:
    """Return what the log keeps of how a model is asked."""
    step = coder.step(coder.families)
    return {
        "prompts": dict(step.prompts),
        "setup": step.setup[:16],
        "examples": coder.n_examples,
        **session.told_parameters,
    }


def masking_told(session: LlmSession) -> str:
    """Say in one sentence what of the texts is pseudonymised before it is sent."""
    unmasked = sum(not source.masked for source in session.study.repository.sources.all())
    masked = (
        "Contact details and the names that are listed or label a speaker are replaced by "
        "placeholders before anything is sent; this reduces what texts tell of people, it does "
        "not make them anonymous."
    )
    if unmasked:
        masked += f" {unmasked} sources were taken in unmasked; their texts are masked on the way."
    return masked
