"""Evaluate a language model: it codes the texts as it would those of a study."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qualcode.coders.base import Scores, Task
from qualcode.coders.llm.coder import LlmCoder
from qualcode.records import Judgement, Verdict
from qualcode.settings import Charter
from qualcode.workflow.eval_coders import comment_tasks
from qualcode.workflow.eval_gold import Gold, GoldRow
from qualcode.workflow.llm import LlmOptions, LlmSession, chosen_model
from qualcode.workflow.llm_code import prompts_of
from qualcode.workflow.llm_plan import AskPlan
from qualcode.workflow.llm_veil import veil_of
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study, create_study

__all__ = ["ModelRater", "model_rater"]


@contextmanager
def model_rater(gold: Gold, options: LlmOptions) -> Iterator[ModelRater | str]:
    """Give what asks a model about the rows of a gold file, or in one line why none can be asked.

    What is asked is kept in a study of its own for as long as this lasts; --record keeps answers.

    Raises:
        UsageError: See `chosen_model` and `LlmSession`.
        SourceError: The recording cannot be read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="qualcode-eval-", ignore_cleanup_errors=True) as folder,
        create_study(Path(folder) / "study", name="Evaluation", charter=Charter()) as study,
    ):
        choice = None
        if options.replay is None:
            found = chosen_model(study, options)
            if isinstance(found, str):
                yield found
                return
            choice = found
        with LlmSession(study, choice, options, keeps=False) as session:
            yield ModelRater(study, session, gold)


class ModelRater:
    """Answer for rows of a gold file; see `eval_coders.Rater`."""

    has_scores = True

    def __init__(self, study: Study, session: LlmSession, gold: Gold) -> None:
        self.session = session
        self.name = session.coder
        self._gold = gold
        self._coder = LlmCoder(
            gold.scheme.book,
            session.coder,
            session.answers,
            prompts_of(study),
            veil=veil_of(study, ()),
        )
        self._study = study
        self._tasks = _tasks([row for row in gold.rows if not row.problem])
        self._said: dict[int, list[Judgement]] = {}

    def plan(self) -> AskPlan:
        """Reckon what asking about all rows would send and cost."""
        tasks = list(self._tasks.values())
        wanted = frozenset(s.id for task in tasks for s in task.segments)
        step = self._coder.step(self._gold.families)
        return self.session.plan(step, self._coder.units(tasks, wanted))

    def rate(self, rows: Sequence[GoldRow], family: str) -> Scores:
        """Return the scores of rows; a model is asked about all rows and families at once."""
        if not self._said:
            self._ask()
        codes = tuple(code.id for code in self._gold.scheme.codes((family,)))
        column = {code: at for at, code in enumerate(codes)}
        scores: NDArray[np.float64] = np.zeros((len(rows), len(codes)))
        proposed: NDArray[np.bool_] = np.zeros((len(rows), len(codes)), bool)
        unprocessed: dict[int, str] = {}
        for at, row in enumerate(rows):
            for judgement in self._said[row.index]:
                if judgement.family != family:
                    continue
                if judgement.verdict is Verdict.UNPROCESSED:
                    unprocessed[at] = judgement.reason
                for coding in judgement.codings:
                    place = column[coding.code]
                    scores[at, place] = max(scores[at, place], coding.score)
                    proposed[at, place] = True
        return Scores(
            codes,
            scores,
            proposed,
            scores.max(axis=1, initial=0.0),
            np.any(proposed, axis=1).reshape(len(rows)),
            unprocessed,
        )

    def _ask(self) -> None:
        row_of = {s.id: index for index, task in self._tasks.items() for s in task.segments}
        found: dict[int, list[Judgement]] = {index: [] for index in self._tasks}
        with recorded(self._study, "eval", coder=self.name):
            tasks = list(self._tasks.values())
            for judgement in self._coder.code(tasks, self._gold.families).items:
                found[row_of[judgement.segment_id]].append(judgement)
        self._said = found


def _tasks(rows: Sequence[GoldRow]) -> Mapping[int, Task]:
    """Return the rows as comments; their ids follow from their place in the file."""
    last = max((row.index for row in rows), default=-1)
    texts = [""] * (last + 1)
    for row in rows:
        texts[row.index] = row.text
    made = comment_tasks(texts)
    return {row.index: made[row.index] for row in rows}
