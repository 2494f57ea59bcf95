"""Code a few sentences through everything but the store: units, step, engine, pool, connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from qualcode.codebook import load_codebook
from qualcode.coders.base import Task
from qualcode.coders.llm.budget import Budget
from qualcode.coders.llm.coding_step import CodingStep
from qualcode.coders.llm.coding_units import coding_units
from qualcode.coders.llm.engine import answers
from qualcode.coders.llm.ladder import Ladder
from qualcode.coders.llm.pool import Pool, Request
from qualcode.coders.llm.steps import Answered, Step, Unit
from qualcode.prompts import load_prompt
from qualcode.records import Document, DocumentKind, Role, Segment, Speaker, Turn, stable_id
from qualcode.resources import default_codebook_path
from tests.llm_server.asking import QUICK, Hurried, connection_to
from tests.llm_server.said import Wire
from tests.llm_server.server import LlmServer

__all__ = ["Memory", "a_step", "coded", "units_of"]


class Memory:
    """Remember nothing for the next run; keep what was said to failures."""

    def __init__(self) -> None:
        self.failed: list[tuple[str, str]] = []

    def recall(self, step: Step, units: Sequence[Unit]) -> Mapping[str, Answered]:
        return {}

    def sending(self, step: Step, request: Request) -> None: ...

    def keep(self, step: Step, unit: Unit, answer: Any, raw: str) -> None: ...

    def fail(self, step: Step, unit: Unit, reason: str, raw: str) -> None:
        self.failed.append((reason, raw))

    def commit(self) -> None: ...


@cache
def a_step() -> CodingStep:
    """Return a step over the families that the obedient model knows."""
    book = load_codebook(default_codebook_path())
    families = ["stage", "emotion", "pain_point", "need", "strength"]
    prompts = {name: load_prompt(name, None) for name in ("code", "repair")}
    return CodingStep(book, families, (), prompts)


def units_of(said: Sequence[str], *, kind: DocumentKind) -> list[Unit]:
    """Return a unit for each turn of a participant, or each comment."""
    text, turns, segments = "", [], []
    for index, words in enumerate(said):
        start = len(text)
        text += f"{words}\n"
        turns.append(Turn(index, start, start + len(words), "P1"))
        key = stable_id("seg", str(index))
        segments.append(
            Segment(key, "doc", index, index, start, start + len(words), Role.PARTICIPANT)
        )
    speakers = (Speaker("P1", Role.PARTICIPANT),)
    document = Document("doc", "src", "Talk", kind, text, tuple(turns), speakers)
    task = Task(document, tuple(segments))
    return coding_units([task], frozenset(segment.id for segment in segments))


def coded(
    server: LlmServer, units: Sequence[Unit], memory: Memory | None = None, wire: Wire = Wire.OPENAI
) -> dict[str, Answered]:
    """Return what became of each unit, by its id."""
    memory = memory or Memory()
    connection = connection_to(server, wire)
    with Pool(
        connection, Ladder(), QUICK, Budget(), on_attempt=lambda attempt: None, clock=Hurried()
    ) as pool:
        answered = {each.unit.id: each for each in answers(a_step(), units, memory, pool)}
    connection.close()
    return answered
