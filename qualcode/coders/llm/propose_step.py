"""The step that proposes codes: what the model is told, and how its reply is checked.

Nothing of a reply goes into the codebook; what is good is offered to people (workflow/propose.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from qualcode.codebook import Codebook, family_name
from qualcode.coders.llm.pieces import flat
from qualcode.coders.llm.propose_packs import Pack, Place
from qualcode.coders.llm.steps import Reading, Unit, digest
from qualcode.coders.llm.strict import Problem, Strict, strict_json, unfit
from qualcode.coders.llm.wire import Ask, Message
from qualcode.prompts import Prompt

__all__ = ["ProposeStep", "Proposed", "proposed"]

_MOST_CANDIDATES = 12
_LONGEST_NAME = 80
_LONGEST_DEFINITION = 400
_MOST_OUTPUT_TOKENS = 4_000
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]*_[0-9]+\]")


@dataclass(frozen=True, slots=True)
class Proposed:
    """Hold a code that one reply proposed, with the sentences that it rests on."""

    family: str
    name: str
    definition: str
    places: tuple[Place, ...]


class _Candidate(Strict):
    family: str
    name: str
    definition: str
    sentences: list[int]


class _Reply(Strict):
    candidates: list[_Candidate]


class ProposeStep:
    """Ask for codes that a codebook lacks, one pack a request; see `Step`.

    Args:
        book: What is there already.
        families: Ids of the families to propose codes for; the book need not have them yet.
        prompt: "propose", with the parts "system" and "user".
    """

    name = "propose"
    most_units = 1
    output_tokens = (40, 2_000)

    def __init__(self, book: Codebook, families: Sequence[str], prompt: Prompt) -> None:
        self.families = tuple(families)
        self._prompt = prompt
        self._system = prompt.render(
            "system",
            language=book.language,
            families=[
                {
                    "id": family,
                    "name": family_name(family),
                    "codes": [
                        {"name": flat(code.name), "definition": flat(code.definition)}
                        for code in book.family(family)
                    ],
                }
                for family in self.families
            ],
        )
        # Retired codes too: people have decided on them, and their names stay theirs.
        self._known = {
            (code.family, name.casefold())
            for code in book.codes
            for name in (code.id, code.name, *code.former_names)
        }
        self._schema = _schema(self.families)
        self.prompts: Mapping[str, str] = {prompt.name: prompt.fingerprint}
        self.setup = digest(self._system, prompt.fingerprint, self._schema)

    def is_known(self, family: str, name: str) -> bool:
        """Say whether the book has a code that is or was called so."""
        return (family, name.casefold()) in self._known

    def ask(self, units: Sequence[Unit], *, wrong: str = "") -> Ask:
        """Return what to say about one pack."""
        (unit,) = units
        pack: Pack = unit.subject
        user = self._prompt.render(
            "user", marker=f"m{unit.content[:10]}", lines=pack.lines, wrong=wrong
        )
        return Ask(
            messages=(Message("system", self._system), Message("user", user)),
            schema=self._schema,
            schema_name="candidates",
            max_output_tokens=_MOST_OUTPUT_TOKENS,
        )

    def read(self, units: Sequence[Unit], text: str) -> Reading:
        """Check a reply; a good answer is {"candidates": [{family, name, definition, sentences}]}.

        Sentences are as numbered in the pack. A code that the book has is a good answer too, which
        `is_known` tells: asking again for it would be money spent on nothing.
        """
        if len(units) != 1:
            return Reading(whole="packs are asked about one by one")
        value = strict_json(text)
        if isinstance(value, Problem):
            return Reading(whole=value.reason)
        try:
            reply = _Reply.model_validate(value)
        except ValidationError as error:
            return Reading(whole=unfit(error, "the reply", _Reply, _Candidate))
        if len(reply.candidates) > _MOST_CANDIDATES:
            return Reading(whole=f"more than {_MOST_CANDIDATES} candidates")
        unit = units[0]
        n_sentences = len(unit.subject.places)
        kept: list[dict[str, Any]] = []
        for number, one in enumerate(reply.candidates, start=1):
            name, definition = flat(one.name), flat(one.definition)
            wrong = self._wrong(one.family, name, definition)
            wrong = wrong or _misplaced(one.sentences, n_sentences)
            if wrong:
                return Reading(refused={unit.id: f"candidate {number}: {wrong}"})
            sentences = sorted(one.sentences)
            kept.append(
                {
                    "family": one.family,
                    "name": name,
                    "definition": definition,
                    "sentences": sentences,
                }
            )
        return Reading(good={unit.id: {"candidates": kept}})

    def reply(self, unit: Unit, answer: Any) -> str:
        """Return a reply that gives this answer."""
        return json.dumps(answer, ensure_ascii=False)

    def _wrong(self, family: str, name: str, definition: str) -> str:
        if family not in self.families:
            return f"family is none of {', '.join(self.families)}"
        for what, text, longest in (
            ("name", name, _LONGEST_NAME),
            ("definition", definition, _LONGEST_DEFINITION),
        ):
            if not any(char.isalpha() for char in text):
                return f"{what} says nothing"
            if len(text) > longest:
                return f"{what} is longer than {longest} characters"
            if _PLACEHOLDER.search(text):
                return f"{what} holds the placeholder of a person or thing"
        return ""


def proposed(unit: Unit, answer: Mapping[str, Any]) -> tuple[Proposed, ...]:
    """Return the codes that a good answer proposes, in its order."""
    places = unit.subject.places
    return tuple(
        Proposed(
            family=one["family"],
            name=one["name"],
            definition=one["definition"],
            places=tuple(place for n in one["sentences"] for place in places[n - 1]),
        )
        for one in answer["candidates"]
    )


def _misplaced(sentences: Sequence[int], n_sentences: int) -> str:
    if not sentences:
        return "sentences is empty"
    if len(set(sentences)) != len(sentences):
        return "a sentence stands twice"
    unknown = [number for number in sentences if not 1 <= number <= n_sentences]
    if unknown:
        return f"no sentence of a participant has the number {unknown[0]}"
    return ""


def _schema(families: Sequence[str]) -> Mapping[str, Any]:
    candidate = {
        "type": "object",
        "properties": {
            "family": {"type": "string", "enum": list(families)},
            "name": {"type": "string"},
            "definition": {"type": "string"},
            "sentences": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["family", "name", "definition", "sentences"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"candidates": {"type": "array", "items": candidate}},
        "required": ["candidates"],
        "additionalProperties": False,
    }
