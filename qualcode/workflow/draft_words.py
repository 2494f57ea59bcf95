"""Have a language model draft words on cells, criteria, personas and stages; people decide.

What is drafted lies beside people's words and never in their place: `analysis/model_words.py` shows
it as a draft for as long as the codings that it rests on stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qualcode.draft import ModelWords, Supported
from qualcode.errors import UsageError
from qualcode.workflow.model_words import keep_words, model_words
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from qualcode.analysis.lookup import Lookup
    from qualcode.coders.llm.pieces import Veil
    from qualcode.coders.llm.steps import Answered, Step, Unit
    from qualcode.coders.llm.words_material import Material
    from qualcode.coders.llm.words_step import WordsStep
    from qualcode.workflow.draft import Drafted

    Answers = Callable[[Step, Sequence[Unit]], Iterator[Answered]]

__all__ = ["DraftedWords", "PlannedWords", "WordsReport", "draft_words", "plan_words", "show_words"]


@dataclass(frozen=True, slots=True)
class PlannedWords:
    """Hold what would be asked: for a dry run, and for the run itself.

    Attributes:
        kind: "cell", "criterion", "persona" or "stage".
        step: What asks.
        units: What is asked about.
        n_written: Things that have a person's words and are left alone.
        thin: Names of things with fewer quotes than a sentence is worth.
        n_held_back: Passages that read like an instruction to a model, or are too long to be sent.
        behind: Target to the fingerprint of its codings now.
    """

    kind: str
    step: WordsStep
    units: tuple[Unit, ...]
    n_written: int
    thin: tuple[str, ...]
    n_held_back: int
    behind: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DraftedWords:
    """Hold what was drafted for one thing.

    Attributes:
        name: How people call the thing.
        texts: Each with how many quotes it rests on.
        note: What a reader must know, empty when nothing.
    """

    kind: str
    target: str
    name: str
    texts: tuple[tuple[str, int], ...]
    author: str
    note: str = ""


@dataclass(slots=True)
class WordsReport:
    """Say what came of a run.

    Attributes:
        kind: What was drafted.
        n_asked: Things that the model was asked about.
        n_cached: Of these, answers that were there already.
        drafted: Those that have words now, in the order of the map.
        n_nothing: Things of which the model had nothing to say.
        removed: Why sentences were removed, to how many.
        failed: Name of each thing without a usable answer, and why.
        n_written: Things that have a person's words and were left alone.
        thin: Names of things with fewer quotes than a sentence is worth.
        n_held_back: Passages that were not sent.
    """

    kind: str
    n_asked: int = 0
    n_cached: int = 0
    drafted: list[DraftedWords] = field(default_factory=list)
    n_nothing: int = 0
    removed: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)
    n_written: int = 0
    thin: tuple[str, ...] = ()
    n_held_back: int = 0

    @property
    def n_removed(self) -> int:
        return self.removed.total()


def plan_words(study: Study, kind: str, *, veil: Veil | None = None) -> PlannedWords:
    """Return what would be asked to draft words of one kind; takes seconds and sends nothing.

    Raises:
        UsageError: The kind is unknown.
        PromptError: The study's own prompt is malformed.
    """
    from qualcode.analysis.model_words import codings_behind, fingerprint
    from qualcode.coders.llm.words_material import KINDS
    from qualcode.coders.llm.words_step import WordsStep
    from qualcode.prompts import load_prompt
    from qualcode.workflow.draft_materials import gather

    if kind not in KINDS:
        raise UsageError(f"no words are drafted for {kind!r}", hint=f"for: {', '.join(KINDS)}")
    bare, found = _bare(study)
    machines = bare.draft.unedited or bare.draft
    behind = {
        target: ids for (of, target), ids in codings_behind(machines, found).items() if of == kind
    }
    gathered = gather(bare, found, kind, behind, veil)
    step = WordsStep(
        kind,
        load_prompt(kind, study.path),
        language=study.codebook.language,
    )
    return PlannedWords(
        kind=kind,
        step=step,
        units=tuple(material.unit() for material in gathered.materials),
        n_written=gathered.n_written,
        thin=tuple(gathered.thin),
        n_held_back=gathered.n_held_back,
        behind={target: fingerprint(ids) for target, ids in behind.items()},
    )


def _bare(study: Study) -> tuple[Drafted, Lookup]:
    """Return the draft with people's decisions and without a model's words."""
    from qualcode.analysis.lookup import Lookup
    from qualcode.workflow.draft import machines_draft, with_edits

    held = study.held_draft
    machines = machines_draft(study) if held is None else held.machines
    found = Lookup(machines.corpus, study.codebook, machines.participants)
    decisions = study.repository.decisions.standing()
    return with_edits(machines, study.codebook, decisions, found=found), found


def draft_words(
    study: Study,
    answers: Answers,
    kind: str,
    *,
    coder: str,
    planned: PlannedWords | None = None,
    veil: Veil | None = None,
    parameters: Mapping[str, object] | None = None,
) -> WordsReport:
    """Draft words of one kind in a run of the log, and keep them answer by answer.

    An equal draft is not kept twice, so that a run of an unchanged study changes nothing.

    Args:
        answers: Asks a step's units, as `LlmSession.answers` does.
        kind: "cell", "criterion", "persona" or "stage".
        coder: The model's name.
        planned: What to ask, where it was planned already.
        veil: Masks what leaves the machine, where it was not.
        parameters: What the log keeps of how the model is asked, besides the prompt.

    Raises:
        UsageError: The kind is unknown.
    """
    planned = planned or plan_words(study, kind, veil=veil)
    step = planned.step
    told = {"prompts": dict(step.prompts), "setup": step.setup[:16], **(parameters or {})}
    with recorded(study, step.name, coder=coder, parameters=told) as run:
        report = _drafted(study, answers, planned, coder, run.id)
        run.counts |= {
            "asked": report.n_asked,
            "drafted": len(report.drafted),
            "removed": report.n_removed,
            "failed": len(report.failed),
        }
    return report


def _drafted(
    study: Study, answers: Answers, planned: PlannedWords, coder: str, run_id: int
) -> WordsReport:
    kind = planned.kind
    report = WordsReport(
        kind,
        n_written=planned.n_written,
        thin=planned.thin,
        n_held_back=planned.n_held_back,
    )
    before = {one.target: one for one in model_words(study) if one.kind == kind}
    drafted: dict[str, DraftedWords] = {}
    for answered in answers(planned.step, planned.units):
        material: Material = answered.unit.subject
        report.n_asked += 1
        report.n_cached += answered.is_cached
        if answered.answer is None:
            report.failed.append((material.name, answered.reason))
            continue
        words, removed = _words(answered, coder, planned.behind.get(material.target, ""))
        report.removed.update(removed)
        old = before.get(material.target)
        is_new = words != old and (words.texts or old is not None)
        if is_new:
            keep_words(study, run_id, [(words, removed.total())])
        if not words.texts:
            report.n_nothing += 1
            continue
        texts = tuple((text.text, len(text.codings)) for text in words.texts)
        drafted[material.target] = DraftedWords(kind, material.target, material.name, texts, coder)
    for unit in planned.units:
        if (one := drafted.get(unit.subject.target)) is not None:
            report.drafted.append(one)
    return report


def _words(answered: Answered, coder: str, behind: str) -> tuple[ModelWords, Counter[str]]:
    """Return an answer with the codings of the quotes that its texts name."""
    material: Material = answered.unit.subject
    texts = tuple(
        Supported(
            str(text["text"]),
            tuple(material.quotes[place - 1].coding_id for place in text["quotes"]),
        )
        for text in answered.answer["texts"]
    )
    words = ModelWords(material.kind, material.target, texts, coder, behind)
    return words, Counter(answered.answer["removed"])


def show_words(study: Study, kind: str = "") -> list[DraftedWords]:
    """Return the drafts that stand now, with what they rest on; those that people took over too.

    Args:
        kind: Only drafts of this kind, empty for all.
    """
    from qualcode.analysis.edited_quotes import hidden_quotes
    from qualcode.analysis.model_words import codings_behind, persona_ids, standing_words
    from qualcode.report.journey_lanes import lane_name

    words = model_words(study)
    if not words:
        return []
    bare, found = _bare(study)
    machines = bare.draft.unedited or bare.draft
    hidden = hidden_quotes(study.repository.decisions.standing(("quote",)), found)
    standing = standing_words(words, codings_behind(machines, found), study.codebook, hidden)
    personas = persona_ids(bare.participants)
    statements = {c.id: c.statement for c in machines.criteria.criteria}

    def name(of: str, target: str) -> str:
        if of == "persona":
            return personas.get(target, target)
        if of == "criterion":
            return statements.get(target, target)
        lane, _, stage = target.rpartition("/")
        return f"{lane_name(lane)}, {found.name(stage)}" if lane else found.name(stage)

    return [
        DraftedWords(
            of,
            target,
            name(of, target),
            tuple((text.text, len(text.codings)) for text in one.texts),
            one.words.author,
            one.note(found),
        )
        for (of, target), one in standing.items()
        if kind in ("", of)
    ]
