"""What a model is given to draft words from: quotes cut from their sources, counts made by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qualcode.coders.llm.steps import Unit, digest

__all__ = ["KINDS", "Cited", "Limits", "Material"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Say how much may be written about one thing.

    Attributes:
        most_texts: Texts that are kept; more are removed.
        most_chars: Of one text.
        may_quote: Texts may hold words of their quotes, in quote marks.
        is_name: Texts are names, not sentences.
    """

    most_texts: int
    most_chars: int
    may_quote: bool = False
    is_name: bool = False


KINDS: Mapping[str, Limits] = {
    "cell": Limits(most_texts=2, most_chars=220, may_quote=True),
    "criterion": Limits(most_texts=1, most_chars=160),
    "persona": Limits(most_texts=4, most_chars=240, may_quote=True),
    "stage": Limits(most_texts=3, most_chars=60, is_name=True),
}
"""What words are drafted for: cells of the map, criteria, personas, names of stages."""


@dataclass(frozen=True, slots=True)
class Cited:
    """Hold one quote that a text may rest on.

    Attributes:
        coding_id: Of the coding that points at the words.
        words: As the source has them.
        shown: The same on one line, as they leave the machine: what is masked there is masked.
        who: Letter of the person within the material, "?" for a voice that is nobody's yet.
        codes: Names of the codes on it.
    """

    coding_id: str
    words: str
    shown: str
    who: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """Hold all that is said to a model about one thing.

    Attributes:
        kind: One of `KINDS`.
        target: What it is: "lane/stage", or the id of a criterion, persona or stage.
        name: How people call it.
        about: Lines of the study's own words, such as definitions.
        counts: Lines of what code has counted.
        quotes: What texts may rest on; a text names them by their place, from 1.
    """

    kind: str
    target: str
    name: str
    about: tuple[str, ...]
    counts: tuple[str, ...]
    quotes: tuple[Cited, ...]

    def unit(self) -> Unit:
        """Return it as a unit of a run; equal ones have equal content."""
        told = [[q.words, q.shown, q.who, list(q.codes)] for q in self.quotes]
        lines = [self.name, *self.about, *self.counts]
        return Unit(
            id=f"{self.kind}:{self.target}",
            content=digest(self.kind, self.name, list(self.about), list(self.counts), told),
            n_chars=sum(map(len, lines)) + sum(len(q.shown) + 30 for q in self.quotes),
            subject=self,
        )
