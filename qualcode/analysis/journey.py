"""The journey map: stages × lanes, every number counted in people from codings.

A segment stands in the column of its strongest stage coding, and its other codings stand there
in the lane of their family. A person counts once, however much they say; voices whose speaker is
not assigned are quoted but never counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qualcode.analysis.intervals import bootstrap_mean, wilson
from qualcode.codebook import Codebook
from qualcode.draft import Cell, Feeling, Finding, JourneyMap, Quote, Share, StageColumn
from qualcode.records import Coding, Corpus, Role, Segment

__all__ = ["MIN_PEOPLE", "Evidence", "build_journey", "gather_evidence", "person_of"]

MIN_PEOPLE = 8
"""Below this many people an interval would be wider than anything it could tell."""

_METHOD = "95 % Wilson; sampling only, codings unchecked"
_TOO_FEW = f"fewer than {MIN_PEOPLE} people"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold one coding with what counting and showing it need.

    Attributes:
        place: The segment's index in `Corpus.segments`.
        person: Whose words; None for a voice that is not counted as a person.
        stage: The segment's stage, None where it has no stage coding.
        valence: That of the segment's strongest emotion, None without one.
    """

    coding: Coding
    place: int
    person: str | None
    stage: str | None
    valence: float | None

    def quote(self) -> Quote:
        """Return the pointer to the words."""
        coding = self.coding
        return Quote(
            coding_id=coding.id,
            document_id=coding.document_id,
            segment_id=coding.segment_id,
            start_char=coding.start_char,
            end_char=coding.end_char,
            participant_id=self.person,
            score=coding.score,
            valence=self.valence,
        )


def person_of(segment: Segment) -> str | None:
    """Return whose words count as a person's, None for an unassigned or an interviewing voice."""
    return segment.participant_id if segment.role is Role.PARTICIPANT else None


def gather_evidence(corpus: Corpus, codebook: Codebook) -> list[Evidence]:
    """Return the codings that may be shown, in order of segments, then strongest first.

    Left out are an interviewer's words, codings that a person rejected and codings of segments
    that the corpus lacks. Where several coders put one code on one span, the strongest stays.
    Ties go by the order of the codebook.
    """
    order = {code.id: index for index, code in enumerate(codebook.codes)}
    stages = {code.id for code in codebook.family("stage")}
    place = {segment.id: index for index, segment in enumerate(corpus.segments)}
    by_place: dict[int, list[Coding]] = {}
    for coding in corpus.codings():
        at = place.get(coding.segment_id)
        if at is None or coding.status == "rejected":
            continue
        if corpus.segments[at].role is not Role.INTERVIEWER:
            by_place.setdefault(at, []).append(coding)

    def rank(coding: Coding) -> tuple[float, int, int, int, str]:
        known = order.get(coding.code, len(order))
        return (-coding.score, known, coding.start_char, coding.end_char, coding.id)

    found: list[Evidence] = []
    for at in sorted(by_place):
        unique: dict[tuple[str, str, int, int], Coding] = {}
        for coding in sorted(by_place[at], key=rank):
            key = (coding.family, coding.code, coding.start_char, coding.end_char)
            unique.setdefault(key, coding)
        codings = unique.values()
        stage = next((c.code for c in codings if c.family == "stage" and c.code in stages), None)
        valence = next(
            (c.valence for c in codings if c.family == "emotion" and c.valence is not None), None
        )
        person = person_of(corpus.segments[at])
        found += [Evidence(coding, at, person, stage, valence) for coding in codings]
    return found


@dataclass(slots=True)
class _Column:
    """Gather what one stage holds."""

    people: set[str] = field(default_factory=set)
    segments: set[int] = field(default_factory=set)
    unassigned: set[int] = field(default_factory=set)
    marks: list[Evidence] = field(default_factory=list)
    lanes: dict[str, dict[str, list[Evidence]]] = field(default_factory=dict)
    valences: dict[str, list[float]] = field(default_factory=dict)

    def add(self, evidence: Evidence) -> None:
        coding, person = evidence.coding, evidence.person
        self.segments.add(evidence.place)
        if person is None:
            self.unassigned.add(evidence.place)
        else:
            self.people.add(person)
        if coding.family == "stage":
            # A weaker second stage of the segment stands nowhere: a segment is in one column.
            if coding.code == evidence.stage:
                self.marks.append(evidence)
            return
        self.lanes.setdefault(coding.family, {}).setdefault(coding.code, []).append(evidence)
        if coding.family == "emotion" and coding.valence is not None and person is not None:
            self.valences.setdefault(person, []).append(coding.valence)


def build_journey(
    corpus: Corpus,
    codebook: Codebook,
    *,
    persona: str | None = None,
    seed: int,
    participants: Mapping[str, Mapping[str, str]] | None = None,
) -> JourneyMap:
    """Count and order the evidence of every stage and lane.

    Stages stand in the order of the codebook, cells for every lane and stage even when empty,
    findings by people, then quotes, then the order of the codebook. Codes that the book has lost
    keep their evidence under their id.

    Args:
        persona: Only participants whose attribute `persona` is this, whatever its case; then
            voices that are not assigned are not shown either, because nobody knows whose they are.
        seed: Of the bootstrap behind the feeling curve's band.
        participants: Participant id to attributes; None takes them from the documents.
    """
    subset = None if persona is None else _with_persona(corpus, persona, participants)
    shown = [s for s in corpus.segments if _is_shown(s.role, person_of(s), subset)]
    evidence = [
        e for e in gather_evidence(corpus, codebook) if subset is None or e.person in subset
    ]
    stages = codebook.family("stage")
    columns = {stage.id: _Column() for stage in stages}
    for item in evidence:
        if item.stage is not None:
            columns[item.stage].add(item)
    lanes = [family for family in codebook.families if family != "stage"]
    used = dict.fromkeys(item.coding.family for item in evidence)
    lanes += [family for family in used if family != "stage" and family not in lanes]
    cells = {
        (lane, stage.id): Cell(lane, stage.id, _findings(columns[stage.id], lane, codebook))
        for lane in lanes
        for stage in stages
    }
    return JourneyMap(
        stages=tuple(
            StageColumn(
                code=stage.id,
                name=stage.name,
                goal=stage.goal,
                n_people=len(column.people),
                n_segments=len(column.segments),
                n_unassigned=len(column.unassigned),
                quotes=_quotes(column.marks),
            )
            for stage, column in ((stage, columns[stage.id]) for stage in stages)
        ),
        cells=cells,
        feelings=tuple(_feeling(stage.id, columns[stage.id].valences, seed) for stage in stages),
        n_people=len({person_of(s) for s in shown} - {None}),
        n_segments=len(shown),
        n_coded_segments=len({item.place for item in evidence}),
        n_unassigned_segments=sum(person_of(s) is None for s in shown),
        persona=persona,
    )


def _is_shown(role: Role, person: str | None, subset: set[str] | None) -> bool:
    return role is not Role.INTERVIEWER and (subset is None or person in subset)


def _with_persona(
    corpus: Corpus, persona: str, participants: Mapping[str, Mapping[str, str]] | None
) -> set[str]:
    if participants is None:
        attributes = {document.id: document.attributes for document in corpus.documents}
        known = (
            (person, attributes.get(segment.document_id, {}))
            for segment in corpus.segments
            if (person := person_of(segment)) is not None
        )
    else:
        known = ((person, values) for person, values in participants.items())
    wanted = persona.strip().casefold()
    return {
        person
        for person, values in known
        for key, value in values.items()
        if key.casefold() == "persona" and value.strip().casefold() == wanted
    }


def _quotes(evidence: Iterable[Evidence]) -> tuple[Quote, ...]:
    """Return quotes strongest first; ties stay in the order of segments (the sort is stable)."""
    return tuple(e.quote() for e in sorted(evidence, key=lambda e: -e.coding.score))


def _findings(column: _Column, lane: str, codebook: Codebook) -> tuple[Finding, ...]:
    order = {code.id: index for index, code in enumerate(codebook.codes)}
    names = {code.id: code.name for code in codebook.codes}
    found = []
    for code, evidence in column.lanes.get(lane, {}).items():
        people = {e.person for e in evidence if e.person is not None}
        share = _share(len(people), len(column.people))
        found.append(Finding(code, names.get(code, code), share, _quotes(evidence)))
    return tuple(
        sorted(
            found,
            key=lambda f: (-f.share.count, -len(f.quotes), order.get(f.code, len(order)), f.code),
        )
    )


def _share(count: int, total: int) -> Share:
    if total == 0:
        return Share(0, 0, None, None, "", "no voice here is assigned to a participant")
    if total < MIN_PEOPLE:
        return Share(count, total, None, None, "", _TOO_FEW)
    low, high, _ = wilson(count, total)
    return Share(count, total, low, high, _METHOD)


def _feeling(stage: str, valences: Mapping[str, list[float]], seed: int) -> Feeling:
    if not valences:
        return Feeling(
            stage, None, None, None, 0, reason="nobody who is counted has an emotion here"
        )
    # fsum is exact whatever the order, so equal evidence gives equal figures.
    by_person = {p: math.fsum(valences[p]) / len(valences[p]) for p in sorted(valences)}
    mean = math.fsum(by_person.values()) / len(by_person)
    if len(by_person) < MIN_PEOPLE:
        reason = f"{_TOO_FEW}: dots instead of a band"
        return Feeling(stage, mean, None, None, len(by_person), by_person, reason)
    low, high, _ = bootstrap_mean(list(by_person.values()), seed=seed)
    return Feeling(stage, mean, low, high, len(by_person), by_person)
