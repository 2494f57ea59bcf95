"""The step that codes segments: what a model is told about the codebook and about segments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from qualcode.codebook import Code, Codebook, family_name
from qualcode.coders.llm.coding_reply import read_reply, reply_of
from qualcode.coders.llm.coding_units import Shown
from qualcode.coders.llm.pieces import flat
from qualcode.coders.llm.steps import Reading, Unit, digest
from qualcode.coders.llm.suspicious import suspicion
from qualcode.coders.llm.wire import Ask, Message
from qualcode.prompts import Prompt

__all__ = ["CodingStep", "Example"]

MOST_UNITS = 12
OUTPUT_TOKENS = (4_000, 500)
"""For thinking, and for each unit."""
N_EXAMPLES = 2
N_COUNTER_EXAMPLES = 1
_CHECKS = "1"
"""Grows whenever the same reply could be read otherwise."""


@dataclass(frozen=True, slots=True)
class Example:
    """Hold words that people in the study gave a code or refused it, masked."""

    code: str
    applies: bool
    text: str


class CodingStep:
    """Ask which codes apply to segments, all families at once; see `Step`.

    An answer says, in numbers and offsets that hold wherever the segment is asked about:

        {"codings": [{"code", "sentences": [1, …], "words": [[start, end], …], "tier", "why",
                      "intensity", "confidence"}], "unsure": [family, …]}

    Sentences count from 1 in the segment; offsets are of its masked text.

    Args:
        book: What there is to find.
        families: Of the book, in the order in which they are told.
        examples: What people decided; those that read like an instruction are left out.
        prompts: "code", with the parts "system" and "user", and "repair".

    Raises:
        PromptError: A prompt takes other inputs than this step gives.
    """

    name = "code"
    most_units = MOST_UNITS

    def __init__(
        self,
        book: Codebook,
        families: Sequence[str],
        examples: Sequence[Example],
        prompts: Mapping[str, Prompt],
    ) -> None:
        self.families = tuple(families)
        # About one family there is often nothing to say.
        self.output_tokens = (min(40, 10 + 10 * len(self.families)), 400)
        self._prompt, self._repair = prompts["code"], prompts["repair"]
        codes = [code for family in self.families for code in book.family(family)]
        self._codes = {code.id: code.family for code in codes}
        self._names = frozenset(
            name.casefold()
            for code in codes
            for name in (code.id, code.name, code.first_name, family_name(code.family))
        )
        told = [
            {
                "id": family,
                "name": family_name(family),
                "codes": [_told(code) for code in book.family(family)],
            }
            for family in self.families
        ]
        self.system = self._prompt.render(
            "system", language=book.language, families=told, decided=_decided(examples, self._codes)
        )
        self.schema = _schema(list(self._codes), self.families)
        self.prompts: Mapping[str, str] = {
            f"{prompt.name}.v{prompt.version}": prompt.fingerprint
            for prompt in (self._prompt, self._repair)
        }
        self.setup = digest(
            *(self.name, _CHECKS, self.system, self.schema, sorted(self.prompts.items()))
        )

    def ask(self, units: Sequence[Unit], *, wrong: str = "") -> Ask:
        """Return what to say about some units; a repair follows the same words as before."""
        told = self._prompt.render("user", marker=_marker(units), items=_items(units))
        messages = [Message("system", self.system), Message("user", told)]
        if wrong:
            # Some servers want turns to alternate, so something of the model's stands between.
            messages += [
                Message("assistant", self._repair.render("assistant")),
                Message("user", self._repair.render("user", reason=wrong.rstrip("."))),
            ]
        thinking, each = OUTPUT_TOKENS
        return Ask(tuple(messages), self.schema, "codings", thinking + each * len(units))

    def read(self, units: Sequence[Unit], text: str) -> Reading:
        """Check a reply; see `coding_reply`."""
        return read_reply(units, text, self._codes, self._names)

    def reply(self, unit: Unit, answer: Any) -> str:
        """Return the reply that says this of a unit that was asked about alone."""
        return json.dumps(reply_of(unit, answer), ensure_ascii=False)


def _told(code: Code) -> dict[str, Any]:
    """Return what is said about a code: what `Code.meaning` holds, so that a rename is free."""
    return {
        "id": code.id,
        "name": flat(code.first_name),
        "definition": flat(code.definition),
        "include": [flat(text) for text in code.include],
        "exclude": [flat(text) for text in code.exclude],
        "examples": [flat(text) for text in code.examples[:N_EXAMPLES]],
        "counter_examples": [flat(text) for text in code.counter_examples[:N_COUNTER_EXAMPLES]],
    }


def _decided(examples: Sequence[Example], codes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return examples code by code, in the order of the codebook."""
    by_code: dict[str, dict[str, Any]] = {
        code: {"id": code, "applies": [], "does_not": []} for code in codes
    }
    for example in examples:
        if example.code in by_code and not suspicion(example.text):
            key = "applies" if example.applies else "does_not"
            by_code[example.code][key].append(flat(example.text))
    return [one for one in by_code.values() if one["applies"] or one["does_not"]]


def _items(units: Sequence[Unit]) -> list[dict[str, Any]]:
    # Numbers go through the whole request: one item's are no other's.
    numbers = count(1)
    items: list[dict[str, Any]] = []
    for at, unit in enumerate(units, start=1):
        shown: Shown = unit.subject
        items.append(
            {
                "id": f"s{at}",
                "question": flat(shown.question),
                "before": [{"who": one.who, "text": flat(one.text)} for one in shown.before],
                "sentences": [
                    {"number": next(numbers), "text": flat(span.of(shown.text))}
                    for span in shown.sentences
                ],
            }
        )
    return items


def _marker(units: Sequence[Unit]) -> str:
    """Return what marks the lines between items.

    It follows from all that is said, so nobody can have written it into a text, and the same
    request has the same bytes.
    """
    return f"@@{digest('marker', [unit.content for unit in units])[:10]}"


def _schema(codes: Sequence[str], families: Sequence[str]) -> Mapping[str, Any]:
    """Return the reply's schema, in what all providers understand.

    What a coding rests on is written before its code, so that it is looked at first.
    """
    coding = {
        "sentences": {"type": "array", "items": {"type": "integer"}},
        "words": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "why": {"type": "string"},
        "code": {"type": "string", "enum": list(codes)},
        "intensity": {"anyOf": [{"type": "integer", "enum": [1, 2, 3]}, {"type": "null"}]},
        "confidence": {"type": "number"},
    }
    item = {
        "id": {"type": "string"},
        "codings": {"type": "array", "items": _object(coding)},
        "unsure": {"type": "array", "items": {"type": "string", "enum": list(families)}},
    }
    return _object({"items": {"type": "array", "items": _object(item)}})


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
