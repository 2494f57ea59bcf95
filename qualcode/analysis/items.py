"""The segments that criteria are made of, and those that speak against them.

Criteria rest on what people need: segments with a need, a pain point, a desired outcome or an
attitude. An emotion alone says that something was good or bad, not what is needed ("I was livid. At
the time. But no."), so a segment with nothing else shapes no group and joins none; where a need or
a pain stands beside it, the emotion is counted with the criterion. Praise, a coding of what works,
speaks against a criterion: there it is met already.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from qualcode.analysis.evidence import Evidence, gather_evidence
from qualcode.codebook import Codebook
from qualcode.records import Coding, Corpus, Segment

__all__ = ["FAMILIES_BEHIND", "PRAISE", "SHAPING", "Item", "gather_items", "telling"]

SHAPING = ("need", "pain_point", "desired_outcome", "attitude")
"""Families whose codings decide which segments belong together."""

FAMILIES_BEHIND = (*SHAPING, "emotion")
"""Families whose codings are counted with a criterion."""

PRAISE = "strength"
"""The family whose codings speak against a criterion."""


_TELLING_CHARS = 50


def telling(length: int) -> float:
    """Return 1 for a quote of 50 characters or more, less for a shorter one ("Shorter waits")."""
    return min(1.0, length / _TELLING_CHARS)


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one segment of a participant with its evidence.

    Attributes:
        place: Index in `Corpus.segments`.
        shaping: Needs, pains, outcomes and attitudes, strongest first.
        felt: Emotions, strongest first.
        praise: What works, strongest first.
        valence: Of the strongest emotion, None without one.
    """

    segment: Segment
    place: int
    person: str
    stage: str | None
    shaping: tuple[Evidence, ...]
    felt: tuple[Evidence, ...]
    praise: tuple[Evidence, ...]

    @property
    def codings(self) -> tuple[Coding, ...]:
        """Return the codings that shape groups."""
        return tuple(e.coding for e in self.shaping)

    @property
    def valence(self) -> float | None:
        return self.felt[0].valence if self.felt else None

    @property
    def weight(self) -> float:
        """Return how well its words serve as a quote: surely coded, and long enough to tell."""
        coding = self.shaping[0].coding
        return max(coding.score, 0.0) * telling(coding.end_char - coding.start_char)

    @property
    def is_mixed(self) -> bool:
        """Say whether it praises too, so that it is a poor quote for what is missing."""
        return bool(self.praise) or (self.valence or 0.0) > 0

    @property
    def is_content(self) -> bool:
        """Say whether it is praise more than anything else."""
        if not self.praise or (self.valence or 0.0) < 0:
            return False
        strongest = self.praise[0].coding.score
        return all(e.coding.score < strongest for e in self.shaping)


def gather_items(corpus: Corpus, codebook: Codebook) -> list[Item]:
    """Return participants' segments with a shaping coding or praise, in the order of the corpus."""
    by_place: dict[int, list[Evidence]] = defaultdict(list)
    for evidence in gather_evidence(corpus, codebook):
        if evidence.person is not None:
            by_place[evidence.place].append(evidence)

    def of(evidence: list[Evidence], *families: str) -> tuple[Evidence, ...]:
        return tuple(e for e in evidence if e.coding.family in families)

    items = []
    for place, found in sorted(by_place.items()):
        item = Item(
            segment=corpus.segments[place],
            place=place,
            person=found[0].person or "",
            stage=found[0].stage,
            shaping=of(found, *SHAPING),
            felt=of(found, "emotion"),
            praise=of(found, PRAISE),
        )
        if item.shaping or item.praise:
            items.append(item)
    return items
