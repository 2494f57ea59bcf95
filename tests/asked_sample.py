"""Talks and comments as a model is asked about them, for tests of the coding step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from qualcode.codebook import Code, Codebook
from qualcode.coders.base import Task
from qualcode.coders.llm.coding_step import CodingStep, Example
from qualcode.coders.llm.coding_units import coding_units
from qualcode.coders.llm.pieces import Veil
from qualcode.coders.llm.steps import Reading, Unit
from qualcode.ingest.segmentation import segment
from qualcode.prompts import load_prompt
from qualcode.records import Document, DocumentKind, Role, Speaker, Turn

BOOK = Codebook(
    "test",
    (
        Code("stage_get", "Get it", "stage", definition="It arrives or is set up."),
        Code(
            "emo_anger",
            "Anger",
            "emotion",
            definition="The customer is angry.",
            include=("furious", "fed up"),
            exclude=("mere disappointment",),
            examples=("I was furious.", "I could have screamed.", "So angry."),
            counter_examples=("It was fine.",),
            valence=-2.0,
        ),
        Code("emo_joy", "Joy", "emotion", definition="The customer is happy.", valence=2.0),
        Code("pain_wait", "Waiting", "pain_point", definition="It takes too long."),
        Code("need_know", "Know what is happening", "need", definition="Wants to be told."),
        Code("own_sound", "Sounds", "sound", definition="Something is heard."),
        Code("pain_gone", "Gone", "pain_point", status="retired"),
    ),
)
PROMPTS = {name: load_prompt(name) for name in ("code", "repair")}


def talk(*turns: tuple[str, str]) -> Task:
    """Return an interview; voices are "I", the interviewer, and participants of any other name."""
    text = "\n".join(words for _, words in turns)
    made: list[Turn] = []
    at = 0
    for index, (who, words) in enumerate(turns):
        made.append(Turn(index, at, at + len(words), who))
        at += len(words) + 1
    speakers = tuple(
        Speaker(who, Role.INTERVIEWER if who == "I" else Role.PARTICIPANT, None)
        for who in dict.fromkeys(who for who, _ in turns)
    )
    document = Document(
        "doc", "src", "talk.txt", DocumentKind.INTERVIEW, text, tuple(made), speakers
    )
    return Task(document, segment(document))


def comment(text: str, question: str = "", number: int = 1) -> Task:
    """Return a survey's comment with attributes that nobody may see."""
    attributes = {"persona": "Commuter", "nps": "3"} | ({"question": question} if question else {})
    document = Document(
        f"doc{number}",
        "src",
        "survey.csv",
        DocumentKind.COMMENT,
        text,
        (Turn(0, 0, len(text)),),
        (Speaker(None, Role.PARTICIPANT, f"p{number}"),),
        row=number + 1,
        attributes=attributes,
    )
    return Task(document, segment(document))


def units_of(*tasks: Task, veil: Veil | None = None) -> list[Unit]:
    """Return the units of all segments."""
    wanted = frozenset(segment.id for task in tasks for segment in task.segments)
    return coding_units(tasks, wanted, veil)


def step_of(examples: Sequence[Example] = (), families: Sequence[str] = ()) -> CodingStep:
    return CodingStep(BOOK, families or BOOK.families, examples, PROMPTS)


def coding(
    code: str = "pain_wait", sentences: Sequence[int] = (1,), **other: Any
) -> dict[str, Any]:
    """Return one coding of a reply, good unless something else is said."""
    return {
        "sentences": list(sentences),
        "words": None,
        "why": "Tells of a long wait.",
        "code": code,
        "intensity": None,
        "confidence": 0.8,
    } | other


def item(id_: str, *codings: Mapping[str, Any], unsure: Sequence[str] = ()) -> dict[str, Any]:
    return {"id": id_, "codings": list(codings), "unsure": list(unsure)}


def reply(*items: Mapping[str, Any]) -> str:
    return json.dumps({"items": list(items)})


def read(units: Sequence[Unit], *items: Mapping[str, Any]) -> Reading:
    """Return what the step reads from a reply with these items."""
    return step_of().read(units, reply(*items))
