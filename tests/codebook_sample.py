"""A small codebook with comments in it, and a coder that codes by its words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qualcode.codebook import Codebook, parse_codebook
from qualcode.coders.base import Task
from qualcode.records import Coding, Judgement, Rationale, Role, StepResult, Verdict, stable_id

__all__ = ["BOOK", "TEXT", "WordCoder", "survey"]

TEXT = """\
# The book of the parking study.
schema: 1
name: Parking  # working title
language: en

codes:
  # Stages first, in the order of the journey.
  - id: find
    name: Find a place
    family: stage
    goal: Where can I leave the car?
    include: [search, looking]
  - id: pay
    name: Pay and go
    family: stage
    include: [pay, ticket]
  - id: return
    name: Come back
    family: stage
    include: [back]

  # What hurts.
  - id: wait
    name: "Waiting"  # agreed in May
    family: pain_point
    definition: It takes too long.
    include:
      - queue
      - slow
    exclude:
      - a broken machine (broken)
    examples: [The queue was endless.]
  - id: wait_exit
    name: Waiting at the exit
    family: pain_point
    parent: wait
    include: [barrier]
  - id: broken
    name: Broken machine
    family: pain_point
    include: [broken]
    examples:
      - It ate my coin.
    status: active
  # The last one is on trial.
  - id: dear
    name: Too dear
    family: pain_point
    include: [dear]
    status: draft

  - id: sign
    name: Clear signs
    family: need
    include: [sign]
    statement: Show me the way.
# End of the book.
"""

BOOK: Codebook = parse_codebook(TEXT, Path("codebook.yaml"))


class WordCoder:
    """Give a code to each segment that holds a word of its `include`, as a coder of books does.

    Attributes:
        judged: Segment id and family of all that it was asked for, in order.
    """

    name = "local:words"

    def __init__(self, book: Codebook, *, stop_after: int | None = None) -> None:
        self._book = book
        self._stop_after = stop_after
        self.families = book.families
        self.judged: list[tuple[str, str]] = []

    def basis(self, family: str) -> str:
        return f"words-{family}"

    def code(self, tasks: Sequence[Task], families: Sequence[str]) -> StepResult[Judgement]:
        """Raise KeyboardInterrupt once `stop_after` batches are done."""
        if self._stop_after is not None:
            if self._stop_after == 0:
                raise KeyboardInterrupt
            self._stop_after -= 1
        judgements = []
        for task in tasks:
            for segment in task.segments:
                if segment.role is Role.INTERVIEWER:
                    continue
                words = segment.span.of(task.document.text).casefold()
                for family in families:
                    self.judged.append((segment.id, family))
                    codings = tuple(
                        Coding(
                            id=stable_id("cod", segment.id, family, code.id, self.name),
                            document_id=segment.document_id,
                            segment_id=segment.id,
                            start_char=segment.start_char,
                            end_char=segment.end_char,
                            family=family,
                            code=code.id,
                            coder=self.name,
                            score=0.5 + 0.1 * sum(words.count(word) for word in code.include),
                            rationale=Rationale("cue", code.include[0]),
                        )
                        for code in self._book.family(family)
                        if any(word in words for word in code.include)
                    )
                    verdict = Verdict.CODED if codings else Verdict.NONE
                    judgements.append(
                        Judgement(segment.id, family, self.name, verdict, codings=codings)
                    )
        return StepResult(tuple(judgements))


def survey(n_rows: int = 16) -> str:
    """Return a survey whose answers hold the words of the codes in turn."""
    answers = (
        "The queue was slow",
        "It was broken again",
        "Far too dear for me",
        "Nobody told us anything",
        "I was looking for a sign",
        "The barrier and the queue were slow",
        "I could not pay, the ticket machine was broken",
        "Back to the car at last",
    )
    rows = [f"r{n},P{n},{answers[n % len(answers)]} {n}" for n in range(n_rows)]
    return "\n".join(["id,person,comment", *rows]) + "\n"
