"""A code of a codebook, the families there are, and a code as files and the log hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from qualcode.codebook.files import KEYS

__all__ = ["FAMILIES", "Code", "code_from_entry", "entry_of", "family_name"]

FAMILIES: Mapping[str, str] = {
    "stage": "Stage",
    "emotion": "Emotion",
    "pain_point": "Pain point",
    "need": "Need",
    "strength": "What works",
    "touchpoint": "Touchpoint",
    "duration": "Duration",
    "desired_outcome": "Desired outcome",
    "attitude": "Attitude",
    "action": "Action",
    "importance": "Importance",
    "satisfaction": "Satisfaction",
    "moment_of_truth": "Moment of truth",
    "outcome": "Outcome",
}
"""Known families in the order of display, with the name that people see."""


@dataclass(frozen=True, slots=True)
class Code:
    """Hold one code.

    Attributes:
        id: Stable; codings refer to it, so a rename changes `name` only.
        include: Situations to include; entries of up to three words are also lexical cues.
        goemotions: For an emotion, the GoEmotions labels that speak for it.
        valence: For an emotion, its typical valence, −2 … +2.
        goal: For a stage, the customer's question in it.
        statement: For a need, or a pain to which no need is near, how a draft design criterion
            for it is phrased.
        former_names: Oldest first; each still finds the code.
        merged_into: For a retired code, the one that its codings count for.
        split_from: The retired code that this one is a part of.
        owner: Who answers for it in the organisation.
    """

    id: str
    name: str
    family: str
    parent: str | None = None
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    status: str = "active"
    valence: float | None = None
    goemotions: tuple[str, ...] = ()
    goal: str = ""
    statement: str = ""
    former_names: tuple[str, ...] = ()
    merged_into: str | None = None
    split_from: str | None = None
    owner: str = ""

    @property
    def first_name(self) -> str:
        """Return the name that the code began with: coders read this one, so a rename is free."""
        return self.former_names[0] if self.former_names else self.name

    @property
    def meaning(self) -> tuple[object, ...]:
        """Return all that says to which words the code applies; other fields change no coding."""
        return (
            *(self.first_name, self.definition, self.include, self.exclude, self.examples),
            *(self.counter_examples, self.valence, self.goemotions),
        )

    @property
    def cues(self) -> tuple[str, ...]:
        """Return the short `include` entries, which also work as words to look for."""
        return tuple(entry for entry in self.include if len(entry.split()) <= 3)


def family_name(family: str) -> str:
    """Return the name of a family that people see."""
    return FAMILIES.get(family, family.replace("_", " ").capitalize())


def entry_of(code: Code) -> dict[str, Any]:
    """Return a code as a file holds it: plain values in the order of `KEYS`, no empty ones."""
    entry = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in asdict(code).items()
        if value not in ((), "", None)
    }
    return {key: entry[key] for key in KEYS if key in entry}


def code_from_entry(entry: Mapping[str, Any]) -> Code:
    """Return the code that `entry_of` was given."""
    known = {field.name for field in fields(Code)}
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in entry.items()
        if key in known
    }
    return Code(**values)
