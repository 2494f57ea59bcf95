"""A small study on disk, coded by a coder that goes by plain words, to edit and to code again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from qualcode.analysis.lookup import Lookup
from qualcode.codebook import Codebook
from qualcode.coders.base import Task
from qualcode.draft import CriteriaDraft
from qualcode.records import (
    Coding,
    Corpus,
    Judgement,
    Rationale,
    Role,
    Segment,
    StepResult,
    Verdict,
    stable_id,
)
from qualcode.settings import Charter
from qualcode.workflow.code import code
from qualcode.workflow.draft import draft
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.study import create_study
from tests.edits_sample import machine_criterion

BOOK = """\
schema: 1
name: Small book
language: en
codes:
  - {id: stage_order, name: Order it, family: stage, goal: What will it cost?}
  - {id: stage_wait, name: Wait for it, family: stage, goal: When does it come?}
  - {id: stage_help, name: Get help, family: stage, goal: Who helps me?}
  - {id: pain_slow, name: Slow, family: pain_point, definition: It takes long.}
  - {id: pain_dear, name: Dear, family: pain_point, definition: It costs too much.}
  - {id: pain_alone, name: Left alone, family: pain_point, definition: Nobody helps.}
  - id: need_soon
    name: Get it soon
    family: need
    definition: To get it in good time.
    statement: Let me have it when I need it.
  - id: need_price
    name: Know the price
    family: need
    definition: To know what it costs before buying.
    statement: Tell me the price before I commit.
  - id: need_person
    name: Reach a person
    family: need
    definition: To reach somebody who helps.
    statement: Let me reach a person who helps.
"""
_THEMES = (
    (
        ("I waited {} weeks for the delivery, it was so slow", "stage_wait"),
        ("pain_slow", "need_soon"),
        ("waited", "slow"),
    ),
    (
        ("The price went up by {} pounds, far too dear", "stage_order"),
        ("pain_dear", "need_price"),
        ("price", "dear"),
    ),
    (
        ("I rang {} times for help and reached no person", "stage_help"),
        ("pain_alone", "need_person"),
        ("rang", "person"),
    ),
)
N_ROWS = 36


def comment(row: int) -> str:
    """Return what row n says: one of three things, each in its own number of something."""
    (words, _), _, _ = _THEMES[row % 3]
    return words.format(row + 2) + ("." if row % 2 else ", said Bartholomew.")


class PlainCoder:
    """Code segments by words; `name` and `without` make another coder, or another run, of it."""

    def __init__(self, name: str = "local:plain", *, without: Sequence[str] = ()) -> None:
        self.name = name
        self.families = ("stage", "pain_point", "need")
        self._without = frozenset(without)

    def basis(self, family: str) -> str:
        return f"{self.name}-{family}-{sorted(self._without)}"

    def code(self, tasks: Sequence[Task], families: Sequence[str]) -> StepResult[Judgement]:
        made = []
        for task in tasks:
            for segment in task.segments:
                if segment.role is not Role.INTERVIEWER:
                    text = segment.span.of(task.document.text)
                    made += [self._judged(segment, text, family) for family in families]
        return StepResult(tuple(made))

    def _judged(self, segment: Segment, text: str, family: str) -> Judgement:
        codes = [c for c in self._codes(text).get(family, ()) if c not in self._without]
        codings = tuple(
            Coding(
                id=stable_id("cod", segment.id, code, self.name),
                document_id=segment.document_id,
                segment_id=segment.id,
                start_char=segment.start_char,
                end_char=segment.end_char,
                family=family,
                code=code,
                coder=self.name,
                score=round(0.5 + len(text) / 1000, 4),
                rationale=Rationale("cue", "words"),
            )
            for code in codes
        )
        verdict = Verdict.CODED if codings else Verdict.NONE
        return Judgement(segment.id, family, self.name, verdict, codings=codings)

    def _codes(self, text: str) -> Mapping[str, Sequence[str]]:
        for (_, stage), (pain, need), (cue, _) in _THEMES:
            if cue in text:
                return {"stage": [stage], "pain_point": [pain], "need": [need]}
        return {}


def grouped_by_need(corpus: Corpus, codebook: Codebook, *_: object, **__: object) -> CriteriaDraft:
    """Stand in for the clustering: each need with its segments is a criterion, if three people are.

    Editing asks for the criteria again and again, and not how they came about.
    """
    found = Lookup(corpus, codebook)
    made = []
    for need in codebook.family("need"):
        coded = [e.coding.segment_id for e in found.evidence if e.coding.code == need.id]
        if len(coded) >= 3:
            made.append(machine_criterion(coded, need.statement, found))
    return CriteriaDraft(tuple(made), "" if made else "fewer than three people")


def make_study(folder: Path) -> None:
    """Make the study below a folder, read and coded, with its survey beside it."""
    book = folder / "book.yaml"
    book.write_text(BOOK, encoding="utf-8", newline="\n")
    survey = folder / "survey.csv"
    lines = ["id,persona,comment"]
    lines += [f'c{n},{"Planner" if n % 2 else "Wanderer"},"{comment(n)}"' for n in range(N_ROWS)]
    survey.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    charter = Charter()
    with create_study(folder / "study", name="Small", charter=charter, codebook=book) as study:
        options = IngestOptions(text_cols=("comment",), id_col="id")
        ingest(study, [survey], options)
        code(study, PlainCoder())
        draft(study)  # keeps the vectors that every draft needs
