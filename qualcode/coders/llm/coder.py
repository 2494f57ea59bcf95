"""The LLM as a coder: the same judgements as any other, asked for unit by unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from qualcode.codebook import Codebook
from qualcode.coders.base import Task
from qualcode.coders.llm.coding_reply import judgements_of, unprocessed
from qualcode.coders.llm.coding_step import CodingStep, Example
from qualcode.coders.llm.coding_units import coding_units
from qualcode.coders.llm.pieces import Veil
from qualcode.coders.llm.steps import Answered, Step, Unit, digest
from qualcode.coders.local.passages import NO_ANSWER, is_non_answer
from qualcode.prompts import Prompt
from qualcode.records import DocumentKind, Judgement, Role, Segment, StepResult, Verdict

__all__ = ["LlmCoder"]

_LOGIC_VERSION = "1"


class LlmCoder:
    """Judge segments by asking a model about each with all families at once.

    Attributes:
        name: "llm:", provider and model.
        families: All of the book.
        suspicious: Ids of segments, asked so far, whose words read like an instruction.
        own_prompts: The files of templates that are the study's own.

    Args:
        book: What to look for.
        name: As above.
        answers: Asks a step's units, as `engine.answers` does.
        prompts: The templates.
        examples: What people accepted and rejected, for the model to learn from.
        veil: Masks what goes out.
    """

    def __init__(
        self,
        book: Codebook,
        name: str,
        answers: Callable[[Step, Sequence[Unit]], Iterator[Answered]],
        prompts: Mapping[str, Prompt],
        *,
        examples: Sequence[Example] = (),
        veil: Veil | None = None,
    ) -> None:
        self.name = name
        self.families = book.families
        self.suspicious: set[str] = set()
        self._book = book
        self._answers = answers
        self._prompts = prompts
        places = [prompt.place for prompt in prompts.values()]
        self.own_prompts = tuple(p for p in places if not p.startswith("shipped"))
        self._examples = tuple(examples)
        self._veil = veil

    @property
    def n_examples(self) -> int:
        return len(self._examples)

    def basis(self, family: str) -> str:
        """Return what judgements rest on besides the codebook, which is next to nothing.

        A newer template or other examples would give other answers, but finished segments are
        asked again only when somebody wants that: each costs.
        """
        return digest("llm", _LOGIC_VERSION, family)[:12]

    def step(self, families: Sequence[str]) -> CodingStep:
        """Return what asks for some families."""
        ordered = [family for family in self.families if family in families]
        return CodingStep(self._book, ordered, self._examples, self._prompts)

    def units(self, tasks: Sequence[Task], wanted: frozenset[str]) -> list[Unit]:
        """Return what is asked about: a unit for each wanted segment that says something."""
        silent = {segment.id for task in tasks for segment in _without_an_answer(task)}
        return coding_units(tasks, wanted - silent, self._veil)

    def judge_each(
        self, tasks: Sequence[Task], families: Sequence[str], wanted: frozenset[str]
    ) -> Iterator[Sequence[Judgement]]:
        step = self.step(families)
        silent = [s for task in tasks for s in _without_an_answer(task) if s.id in wanted]
        yield [
            Judgement(one.id, family, self.name, Verdict.NONE, NO_ANSWER)
            for one in silent
            for family in step.families
        ]
        units = self.units(tasks, wanted)
        self.suspicious |= {unit.id for unit in units if unit.is_alone}
        for answered in self._answers(step, units):
            if answered.answer is None:
                yield unprocessed(answered.unit, step.families, self.name, answered.reason)
            else:
                yield judgements_of(
                    answered.unit, answered.answer, step.families, self.name, self._book
                )

    def code(self, tasks: Sequence[Task], families: Sequence[str]) -> StepResult[Judgement]:
        heard = [s for t in tasks for s in t.segments if s.role is not Role.INTERVIEWER]
        wanted = frozenset(segment.id for segment in heard)
        found: dict[tuple[str, str], Judgement] = {}
        for judgements in self.judge_each(tasks, families, wanted):
            found |= {(one.segment_id, one.family): one for one in judgements}
        return StepResult(tuple(_ordered(heard, families, found)))


def _without_an_answer(task: Task) -> list[Segment]:
    """Return the comments of a document that say "n/a" and the like: nobody is asked about them."""
    if task.document.kind is not DocumentKind.COMMENT:
        return []
    return [s for s in task.segments if is_non_answer(s.span.of(task.document.text))]


def _ordered(
    heard: Sequence[Segment],
    families: Sequence[str],
    found: Mapping[tuple[str, str], Judgement],
) -> Iterator[Judgement]:
    for segment in heard:
        for family in families:
            yield found[segment.id, family]
