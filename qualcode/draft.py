"""The records of a draft: design criteria and the journey map.

Everything here is counted by code from codings and points back at them by id. Quotes are spans of
documents, cut when shown. A language model's sentences (`ModelWords`) name the codings that they
rest on, and are drafts until a person accepts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = [
    "Cell",
    "CriteriaDraft",
    "DesignCriterion",
    "Draft",
    "Feeling",
    "Felt",
    "Finding",
    "Group",
    "JourneyMap",
    "MapEdits",
    "MapRules",
    "Merge",
    "ModelWords",
    "Moment",
    "Opportunity",
    "Quote",
    "Said",
    "Share",
    "SignOff",
    "StageColumn",
    "Summary",
    "Supported",
    "Tally",
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
        doing: Sentences in which a participant tells what he or she did, strongest first.
        thinking: Sentences in which a participant tells what went through his or her mind.
    """

    code: str
    name: str
    goal: str
    n_people: int
    n_segments: int
    n_unassigned: int
    quotes: tuple[Quote, ...]
    doing: tuple[Quote, ...] = ()
    thinking: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """Tell one step of the clustering: two groups became one.

    Attributes:
        words: Words that set either group apart, strongest first.
        n_segments: Segments of either group.
        n_people: People of either group.
        distance: Ward's distance at which they were merged; grows with every step.
        codes: Ids of either group's most frequent codes, by people.
    """

    words: tuple[tuple[str, ...], tuple[str, ...]]
    n_segments: tuple[int, int]
    n_people: tuple[int, int]
    distance: float
    codes: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


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
        segments: Ids of the cluster's segments, in the order of the corpus.
        needs: Ids of the need codes that the criterion stands for, the one that words it first.
        personas: Persona to number of people, of those behind it.
        in_their_words: A sentence of a customer that says it well, None where none is fit.
        stability: Mean Jaccard index, 0 … 1, of the cluster with the one that comes back when
            half of the people are drawn again; None where it was not measured.
        counter_evidence: What speaks against it: people who are content with just this, those of
            the criterion and of its stages first, then nearest in meaning; empty where nothing
            was found.
        n_counter_evidence: How many such segments there are in all.
        left_out: Quotes near the cluster that were not counted for it, nearest first.
        n_left_out: How many there are in all.
        merges: How the cluster came together, the last and widest merge first.
        status: "draft" until a person decides, then "accepted", "edited" or "rejected".
        author: Who decided; of a draft the model that worded it, empty for the codebook's wording.
        note: What a reader must know about it beyond that, empty when nothing.
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
    segments: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    personas: Mapping[str, int] = field(default_factory=dict)
    in_their_words: Quote | None = None
    stability: float | None = None
    counter_evidence: tuple[Quote, ...] = ()
    n_counter_evidence: int = 0
    left_out: tuple[Quote, ...] = ()
    n_left_out: int = 0
    merges: tuple[Merge, ...] = ()
    status: str = "draft"
    author: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CriteriaDraft:
    """Hold three or four criteria, or none with the reason; `figures` shows how k was chosen.

    `choice` says in words how their number was chosen and how far the grouping can be trusted.
    `set_aside` holds what people rejected, and drafts for which people's own criteria left no
    room; `status` and `note` say which.
    """

    criteria: tuple[DesignCriterion, ...]
    reason: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    choice: str = ""
    set_aside: tuple[DesignCriterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """Hold a touchpoint at a stage where feelings run high: a candidate moment of truth.

    Attributes:
        stage: Stage code id.
        code: Touchpoint code id.
        name: Of the touchpoint.
        share: People who met it there, of all people at the stage.
        valence: Mean over people of each person's mean mood there, −2 … +2.
        weight: Share times distance of the valence from 0; the order of the shortlist.
        quotes: Strongest feelings first.
    """

    stage: str
    code: str
    name: str
    share: Share
    valence: float
    weight: float
    quotes: tuple[Quote, ...]


class Said(NamedTuple):
    """Count what one person said of one thing.

    `person` is an index into `Tally.people`, −1 for the voices that are not counted as people.
    """

    person: int
    n: int
    n_checked: int


class Felt(NamedTuple):
    """Add up one person's valences of one thing; the mean is `total / n`."""

    person: int
    total: float
    n: int
    total_checked: float
    n_checked: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Hold all that a map is counted from, person by person, so that any subset can be counted.

    The page embeds it: what a filter shows there is counted from the same numbers, by the same
    rules, as what a command shows. Entries stand in the order of people.

    Attributes:
        people: Ids, sorted.
        heard: Person to number of segments, coded or not.
        stages: Stage to segments with evidence there.
        findings: (family, stage, code) to codings.
        feelings: Stage to valences.
        touched: (stage, touchpoint) to moods, see `Evidence.mood`.
        places: Segment id to (person, stage or None, whether any of its codings is checked), for
            segments with evidence.
    """

    people: tuple[str, ...] = ()
    heard: tuple[Said, ...] = ()
    stages: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    findings: Mapping[tuple[str, str, str], tuple[Said, ...]] = field(default_factory=dict)
    feelings: Mapping[str, tuple[Felt, ...]] = field(default_factory=dict)
    touched: Mapping[tuple[str, str], tuple[Felt, ...]] = field(default_factory=dict)
    places: Mapping[str, tuple[int, str | None, bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Name the part of a study that a map shows.

    Attributes:
        attributes: Attribute to value, all of which a participant must have; whatever the case.
        checked_only: Whether only codings count that a person has decided on.
    """

    attributes: Mapping[str, str] = field(default_factory=dict)
    checked_only: bool = False


@dataclass(frozen=True, slots=True)
class MapRules:
    """Hold the rules by which a map was counted, so that its page can count a part of it alike.

    Attributes:
        seed: Of the bootstrap.
        min_people: Below this many there is no interval.
        method: What an interval is and covers.
        method_checked: The same where only checked codings count.
        min_people_moment: Who must have met a touchpoint with a feeling for it to be a candidate.
        min_strength_moment: Distance of their mean feeling from 0 from which it is one.
        moments_a_stage: Candidates of a stage at most.
        most_moments: Candidates at most.
    """

    seed: int = 0
    min_people: int = 8
    method: str = ""
    method_checked: str = ""
    min_people_moment: int = 3
    min_strength_moment: float = 0.8
    moments_a_stage: int = 2
    most_moments: int = 15


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """Hold stages × lanes with the evidence of each cell.

    `group` names the part of the study that is counted. `cells` are keyed by (family, stage id);
    families are the lanes that the codebook and the coder know. `moments` is the shortlist of
    candidate moments of truth, weightiest first; `tally` is what everything is counted from, the
    group's only.
    """

    stages: tuple[StageColumn, ...]
    cells: Mapping[tuple[str, str], Cell]
    feelings: tuple[Feeling, ...]
    n_people: int
    n_segments: int
    n_coded_segments: int
    n_unassigned_segments: int
    group: Group = field(default_factory=Group)
    moments: tuple[Moment, ...] = ()
    tally: Tally = field(default_factory=Tally)
    rules: MapRules = field(default_factory=MapRules)

    @property
    def persona(self) -> str | None:
        """Return the persona that the map is of, None for everyone."""
        return self.group.attributes.get("persona")


@dataclass(frozen=True, slots=True)
class Opportunity:
    """Hold what a person wants to do about a stage; only people write these."""

    id: str
    stage: str
    text: str
    owner: str
    author: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Hold a sentence or two that stand over a cell, or that describe a persona.

    Attributes:
        stage: Id of the stage; for a persona the persona's id.
        lane: A family, "doing" or "thinking", or "persona".
        text: Without numbers where a model wrote it.
        status: "draft" where a model wrote it, "accepted", "edited" or "written" by a person.
        author: The person, or the model.
        name: Of the persona, empty for a cell.
        codings: Ids of the codings that a model's text rests on.
        note: What a reader must know about a draft, counted by code; empty for people's.
    """

    stage: str
    lane: str
    text: str
    status: str
    author: str
    name: str = ""
    codings: tuple[str, ...] = ()
    note: str = ""


class Supported(NamedTuple):
    """Hold one text of a model with the ids of the codings that it rests on."""

    text: str
    codings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelWords:
    """Hold what a language model drafted last for one thing.

    Attributes:
        kind: "cell", "criterion", "persona" or "stage".
        target: "lane/stage", or the id of a criterion, persona or stage.
        texts: Sentences in their order; for a stage, names to choose from.
        author: The model's name as coder.
        behind: What `model_words.fingerprint` said of all codings of the thing at that time.
    """

    kind: str
    target: str
    texts: tuple[Supported, ...]
    author: str
    behind: str = ""


@dataclass(frozen=True, slots=True)
class SignOff:
    """Hold one person's word on the names of the stages.

    `is_current` is false once stages were renamed, moved, added or retired after it. `agrees` is
    false for a dissent; `note` says why.
    """

    author: str
    role: str
    at: str
    agrees: bool
    note: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class MapEdits:
    """Hold what people wrote on the map, apart from what they did to criteria and codes.

    Attributes:
        opportunities: In the order in which they were written.
        summaries: One a cell at most.
        owners: Stage, criterion or code id to who answers for it.
        pinned: Cell key ("family/stage/code", or "doing/stage", "thinking/stage") to coding ids
            that stand first there, in the order of pinning.
        hidden: Coding ids that are counted but not shown, to the reason.
        sign_offs: Of the stages' names, oldest first.
    """

    opportunities: tuple[Opportunity, ...] = ()
    summaries: tuple[Summary, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    pinned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    sign_offs: tuple[SignOff, ...] = ()

    @property
    def kept(self) -> frozenset[str]:
        """Return the coding ids of all pinned quotes; these stand also without their coding."""
        return frozenset(coding for ids in self.pinned.values() for coding in ids)


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold a study's whole draft at one moment, with what people made of it.

    `unedited` is the machine's draft where people's edits are in this one, else None.
    """

    criteria: CriteriaDraft
    map: JourneyMap
    edits: MapEdits = field(default_factory=MapEdits)
    unedited: Draft | None = field(default=None, repr=False)
