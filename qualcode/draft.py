"""The records of a draft: design criteria and the journey map.

Everything here is counted by code from codings and points back at them by id; no text in it
comes from a model. Quotes are spans of documents, cut when shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "Cell",
    "CriteriaDraft",
    "DesignCriterion",
    "Draft",
    "Feeling",
    "Finding",
    "JourneyMap",
    "Quote",
    "Share",
    "StageColumn",
]


@dataclass(frozen=True, slots=True)
class Share:
    """Hold how many of how many people, with an interval that says what it covers.

    Attributes:
        count: People with the code.
        total: People with any evidence at that stage.
        low: Lower bound in [0, 1], None where undefined.
        high: Upper bound.
        method: Such as "Wilson 95 %; sampling only, codings unchecked".
        reason: Why there is no interval, else empty.
    """

    count: int
    total: int
    low: float | None
    high: float | None
    method: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Point at the words behind a claim; `valence` −2 … +2 is that of the segment's emotion."""

    coding_id: str
    document_id: str
    segment_id: str
    start_char: int
    end_char: int
    participant_id: str | None
    score: float
    valence: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one code in one cell: who raised it and the quotes, strongest first."""

    code: str
    name: str
    share: Share
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Hold a lane at a stage; `findings` empty means no evidence, and is shown as that."""

    family: str
    stage: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Feeling:
    """Hold the mean valence of people at a stage, −2 … +2.

    Attributes:
        mean: Mean over people of each person's mean; None without evidence.
        low: Lower bound of a 95 % bootstrap interval over people, None with the reason.
        high: Upper bound.
        n_people: People with a valence at this stage.
        by_person: Participant id to that person's mean.
        reason: Why there is no mean or interval, else empty.
    """

    stage: str
    mean: float | None
    low: float | None
    high: float | None
    n_people: int
    by_person: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StageColumn:
    """Hold one stage of the map.

    Attributes:
        code: Id of the stage's code.
        name: In the customer's words.
        goal: The customer's question at this stage.
        n_people: People with evidence here.
        n_segments: Segments coded with the stage.
        n_unassigned: Segments by voices not counted as people.
        quotes: What people do and say here: the strongest stage codings.
    """

    code: str
    name: str
    goal: str
    n_people: int
    n_segments: int
    n_unassigned: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class DesignCriterion:
    """Hold a draft criterion: what the customer needs, backed by one cluster.

    Attributes:
        id: From the cluster's codings, so equal clusters keep their id.
        statement: What customers need, from the codebook's need texts.
        basis: How the statement came about, for people to check.
        terms: Words that set the cluster apart (class-based TF-IDF), strongest first.
        participants: Ids of the people behind it.
        stages: Stage code id to number of people.
        codes: Code id to number of segments, most frequent first.
        quotes: From different people first, nearest to the cluster's middle first.
        n_segments: Size of the cluster.
    """

    id: str
    statement: str
    basis: str
    terms: tuple[str, ...]
    participants: tuple[str, ...]
    stages: Mapping[str, int]
    codes: Mapping[str, int]
    quotes: tuple[Quote, ...]
    n_segments: int


@dataclass(frozen=True, slots=True)
class CriteriaDraft:
    """Hold three or four criteria, or none with the reason; `figures` shows how k was chosen."""

    criteria: tuple[DesignCriterion, ...]
    reason: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """Hold stages × lanes with the evidence of each cell.

    `persona` names the participants' subset, None for everyone. `cells` are keyed by
    (family, stage id); families are the lanes that the codebook and the coder know.
    """

    stages: tuple[StageColumn, ...]
    cells: Mapping[tuple[str, str], Cell]
    feelings: tuple[Feeling, ...]
    n_people: int
    n_segments: int
    n_coded_segments: int
    n_unassigned_segments: int
    persona: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold a study's whole draft at one moment."""

    criteria: CriteriaDraft
    map: JourneyMap
