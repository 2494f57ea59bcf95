"""Material that a model drafts words from, and models that answer as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from qualcode.coders.llm.steps import Answered, Step, Unit
from qualcode.coders.llm.words_material import Cited, Material
from qualcode.coders.llm.words_step import WordsStep
from qualcode.prompts import load_prompt

__all__ = ["Model", "cited", "material", "reply", "step", "text"]

Says = Callable[[Material], list[dict[str, Any]]]


def cited(words: str, number: int = 1, who: str = "A") -> Cited:
    return Cited(f"cod_{number}", words, " ".join(words.split()), who, ("Slow",))


def material(
    *words: str, target: str = "pain_point/wait", kind: str = "cell", name: str = "Pain points"
) -> Material:
    said = words or ("I waited weeks for it.", "It came far too late.", "Nobody rang me back.")
    quotes = tuple(cited(one, at, chr(64 + at)) for at, one in enumerate(said, start=1))
    return Material(kind, target, name, ("A goal.",), ("4 people.",), quotes)


def step(kind: str = "cell") -> WordsStep:
    return WordsStep(kind, load_prompt(kind), language="en")


def text(words: str, *quotes: int) -> dict[str, Any]:
    return {"text": words, "quotes": list(quotes)}


def reply(*texts: dict[str, Any], item: str = "i1") -> str:
    return json.dumps({"items": [{"id": item, "texts": list(texts)}]})


class Model:
    """Answer each unit alone with what `says` returns for its material, checked by the step."""

    def __init__(self, says: Says) -> None:
        self.says = says
        self.asked: list[str] = []

    def __call__(self, step: Step, units: Sequence[Unit]) -> Iterator[Answered]:
        for unit in units:
            self.asked.append(unit.subject.target)
            step.ask([unit])
            reading = step.read([unit], reply(*self.says(unit.subject)))
            if unit.id in reading.good:
                yield Answered(unit, reading.good[unit.id])
            else:
                yield Answered(unit, reason=reading.refused.get(unit.id) or reading.whole)
