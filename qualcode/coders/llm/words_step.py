"""Have a model draft words: sentences over cells, criteria, personas and names of stages.

Each text names the quotes that it rests on. What rests on none, states a number or quotes what
nobody said is removed and counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from qualcode.coders.llm.steps import Reading, Unit, digest, firsts_of
from qualcode.coders.llm.strict import Problem, Strict, strict_json, unfit
from qualcode.coders.llm.wire import Ask, Message
from qualcode.coders.llm.words_checks import Removed, checked_text
from qualcode.coders.llm.words_material import KINDS, Cited, Material
from qualcode.prompts import Prompt

__all__ = ["WordsStep"]

_CHECKS = 1
"""Grows when the checks change, so that answers which older ones let pass are asked again."""
_MOST_UNITS = 6
_OUTPUT_TOKENS = 4_000, 500  # for thinking, and for each unit
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "texts": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "text": {"type": "string"},
                                "quotes": {"type": "array", "items": {"type": "integer"}},
                            },
                            "required": ["text", "quotes"],
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["id", "texts"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["items"],
    "additionalProperties": False,
}


class _Text(Strict):
    text: str
    quotes: list[int]


class _Item(Strict):
    id: str
    texts: list[_Text]


class _Reply(Strict):
    items: list[_Item]


class WordsStep:
    """Draft words of one kind; units are of `Material.unit`.

    An answer is `{"texts": [{"text", "quotes"}], "removed": {reason: number}}`, quotes by their
    place in the material, from 1.

    Args:
        kind: One of `KINDS`.
        prompt: Its parts "system" and "user".
        language: Of the codebook, such as "en".
    """

    def __init__(self, kind: str, prompt: Prompt, *, language: str) -> None:
        self.kind = kind
        self.name = f"draft {kind}"
        self.prompts: Mapping[str, str] = {f"{prompt.name}.v{prompt.version}": prompt.fingerprint}
        self.most_units = _MOST_UNITS
        self.output_tokens = (40, 400)
        self.limits = KINDS[kind]
        self._prompt = prompt
        self._system = prompt.render(
            "system",
            language=language,
            most_texts=self.limits.most_texts,
            most_chars=self.limits.most_chars,
        )
        self.setup = digest(self.name, self._system, prompt.fingerprint, _SCHEMA, _CHECKS)

    def ask(self, units: Sequence[Unit], *, wrong: str = "") -> Ask:
        """Return the same system message always, and the units with their quotes."""
        items = []
        for number, (unit, first) in enumerate(zip(units, _firsts(units), strict=True), start=1):
            material: Material = unit.subject
            items.append(
                {
                    "id": f"i{number}",
                    "name": material.name,
                    "about": material.about,
                    "counts": material.counts,
                    "quotes": [
                        {"number": first + at, "who": q.who, "codes": q.codes, "words": q.shown}
                        for at, q in enumerate(material.quotes)
                    ],
                }
            )
        # Follows from all that is said, so nobody can have written it into a transcript.
        marker = digest("marker", [unit.content for unit in units])[:8]
        thinking, each = _OUTPUT_TOKENS
        told = self._prompt.render("user", marker=marker, items=items, wrong=wrong)
        return Ask(
            messages=(Message("system", self._system), Message("user", told)),
            schema=_SCHEMA,
            schema_name=f"draft_{self.kind}",
            max_output_tokens=thinking + each * len(units),
        )

    def read(self, units: Sequence[Unit], text: str) -> Reading:
        """Check a reply; ids that were not asked about or stand twice make all of it unusable."""
        value = strict_json(text)
        if isinstance(value, Problem):
            return Reading(whole=value.reason)
        try:
            reply = _Reply.model_validate(value)
        except ValidationError as error:
            return Reading(whole=unfit(error, "the reply", _Reply, _Item, _Text))
        asked = {f"i{number}": unit for number, unit in enumerate(units, start=1)}
        given = Counter(item.id for item in reply.items)
        if any(n > 1 for n in given.values()):
            return Reading(whole="an item stands twice in the reply")
        if given.keys() - asked.keys():
            return Reading(whole="the reply has an item that was not asked about")
        firsts = dict(zip(asked, _firsts(units), strict=True))
        good: dict[str, Any] = {}
        refused: dict[str, str] = {}
        for item in reply.items:
            unit = asked[item.id]
            answer = self._answer(item, unit.subject, firsts[item.id])
            if item.texts and not answer["texts"]:
                reasons = ", ".join(f"it {reason}" for reason in answer["removed"])
                refused[unit.id] = f"no text of it may stand: {reasons}"
            else:
                good[unit.id] = answer
        return Reading(good, refused)

    def reply(self, unit: Unit, answer: Any) -> str:
        """Return a reply that says this of a unit alone; its quotes begin at 1 then, too."""
        texts = answer.get("texts") if isinstance(answer, Mapping) else answer
        return json.dumps({"items": [{"id": "i1", "texts": texts}]}, ensure_ascii=False)

    def _answer(self, item: _Item, material: Material, first: int) -> dict[str, Any]:
        texts: list[dict[str, Any]] = []
        removed: Counter[str] = Counter()
        seen: set[str] = set()
        for one in item.texts:
            places = list(dict.fromkeys(number - first for number in one.quotes))
            text = self._checked(one.text, places, material.quotes)
            if isinstance(text, Removed):
                removed[text.reason] += 1
            elif text.casefold() in seen:
                removed["says the same again"] += 1
            elif len(texts) == self.limits.most_texts:
                removed["is more than was asked for"] += 1
            else:
                seen.add(text.casefold())
                texts.append({"text": text, "quotes": [place + 1 for place in places]})
        return {"texts": texts, "removed": dict(removed)}

    def _checked(self, text: str, places: Sequence[int], quotes: Sequence[Cited]) -> str | Removed:
        if any(not 0 <= place < len(quotes) for place in places):
            return Removed("names a quote that is not among its own")
        return checked_text(text, [quotes[place] for place in places], self.limits)


def _firsts(units: Sequence[Unit]) -> list[int]:
    return firsts_of([len(unit.subject.quotes) for unit in units])
