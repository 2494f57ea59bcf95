"""A study of comments and talks to propose codes for, and a model that proposes by words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from qualcode.coders.llm.steps import Answered, Step, Unit
from qualcode.settings import Charter
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.propose import Answers, ProposeReport, propose
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study, create_study
from tests.codebook_sample import TEXT

__all__ = ["COMMENTS", "NOISE", "STAIRS", "TALK", "answering", "make_study", "proposed_by", "run"]

COMMENTS = (
    "The stairs are steep. I cannot carry my pram up there.",
    "n/a",
    "So loud in there that I got a headache.",
    "The queue was slow.",
    "So loud in there that I got a headache.",
    "Stairs and stairs, and no lift.",
)
TALK = """\
Interviewer: What was it like down there, with the noise?
Ada: It was so loud. I could not hear my own phone ring.
Interviewer: Were there stairs?
Ada: Yes, and the stairs were wet. I nearly fell.
"""
STAIRS = ("pain_point", "Stairs in the way", "Customers meet stairs where they need a lift.")
NOISE = ("pain_point", "Too loud", "Customers are disturbed by noise while they are there.")

Candidate = tuple[str, str, str]


def make_study(folder: Path, *, comments: Sequence[str] = COMMENTS, talk: str = TALK) -> Study:
    """Make a study with the parking book; each comment is by a person of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f'r{n},P{n},"{comment}"' for n, comment in enumerate(comments)]
    files = {
        "book.yaml": TEXT,
        "survey.csv": "\n".join(["id,person,What bothered you?", *rows]) + "\n",
        "talk.txt": talk,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    study = create_study(
        folder / "study", name="Steps", charter=Charter(), codebook=folder / "book.yaml"
    )
    options = IngestOptions(
        text_cols=("What bothered you?",), id_col="id", participant_col="person"
    )
    ingest(study, [folder / "survey.csv", folder / "talk.txt"], options)
    return study


def proposed_by(words: Mapping[str, Candidate]) -> Callable[[Unit], str]:
    """Return what a model replies that proposes a code wherever it reads a word."""

    def reply(unit: Unit) -> str:
        candidates = []
        for word, (family, name, definition) in words.items():
            said = [
                line.number
                for line in unit.subject.lines
                if line.number and word in line.text.casefold()
            ]
            if said:
                candidates.append(
                    {"family": family, "name": name, "definition": definition, "sentences": said}
                )
        return json.dumps({"candidates": candidates})

    return reply


def answering(reply: Callable[[Unit], str], *, backwards: bool = False) -> Answers:
    """Return what a session does with a model's replies, here without any model."""

    def answers(step: Step, units: Sequence[Unit]) -> Iterator[Answered]:
        for unit in reversed(units) if backwards else units:
            reading = step.read([unit], reply(unit))
            reason = reading.whole or reading.refused.get(unit.id, "")
            yield Answered(unit, reading.good.get(unit.id), reason)

    return answers


def run(
    study: Study,
    words: Mapping[str, Candidate],
    families: Sequence[str] = (),
    *,
    backwards: bool = False,
) -> ProposeReport:
    """Propose codes in a run of the study's log."""
    with recorded(study, "propose"):
        answers = answering(proposed_by(words), backwards=backwards)
        return propose(study, answers, families)
