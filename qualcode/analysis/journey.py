"""The journey map: stages × lanes, every number counted in people from codings.

A segment stands in the column of its strongest stage coding, and its other codings stand there
in the lane of their family. A person counts once, however much they say; voices whose speaker is
not assigned are quoted but never counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from qualcode.analysis.evidence import Evidence, gather_evidence, person_of
from qualcode.analysis.intervals import bootstrap_mean, wilson
from qualcode.analysis.moments import shortlist
from qualcode.analysis.tally import UNCOUNTED, restrict, tally
from qualcode.analysis.telling import doing, thinking
from qualcode.codebook import Codebook
from qualcode.draft import (
    Cell,
    Feeling,
    Finding,
    Group,
    JourneyMap,
    MapRules,
    Said,
    Share,
    StageColumn,
    Tally,
)
from qualcode.records import Corpus

__all__ = ["MIN_PEOPLE", "build_journey", "members"]

MIN_PEOPLE = 8
"""Below this many people an interval would be wider than anything it could tell."""

_METHOD = "naive counts, 95 % Wilson; sampling only, codings unchecked"
_METHOD_CHECKED = "naive counts, 95 % Wilson; sampling only, codings that a person decided on"
_TOO_FEW = f"fewer than {MIN_PEOPLE} people"


def build_journey(
    corpus: Corpus,
    codebook: Codebook,
    *,
    seed: int,
    group: Group | None = None,
    participants: Mapping[str, Mapping[str, str]] | None = None,
) -> JourneyMap:
    """Count and order the evidence of every stage and lane.

    Stages stand in the order of the codebook, cells for every lane and stage even when empty,
    findings by people, then quotes, then the order of the codebook. Codes that the book has lost
    keep their evidence under their id.

    Args:
        seed: Of the bootstrap behind the feeling curve's band.
        group: The part of the study to count, None for all of it. Where it names attributes,
            voices that are not assigned are not shown either, because nobody knows whose they are.
            With `checked_only` a segment keeps its stage, also where that is still a draft.
        participants: Participant id to attributes; None takes them from the documents.
    """
    group = group or Group()
    evidence = gather_evidence(corpus, codebook)
    whole = tally(corpus, evidence)
    subset = members(group, _attributes(corpus, participants)) if group.attributes else None
    numbers = frozenset(i for i, p in enumerate(whole.people) if subset is None or p in subset)
    if subset is None:
        numbers |= {UNCOUNTED}
    is_whole = subset is None and not group.checked_only
    counts = whole if is_whole else restrict(whole, numbers, checked_only=group.checked_only)
    rules = MapRules(
        seed=seed, min_people=MIN_PEOPLE, method=_METHOD, method_checked=_METHOD_CHECKED
    )
    view = _View(counts, codebook, seed, _METHOD_CHECKED if group.checked_only else _METHOD)
    shown = [
        e
        for e in evidence
        if is_whole
        or ((subset is None or e.person in subset) and (e.is_checked or not group.checked_only))
    ]
    stages = codebook.family("stage")
    lanes = [family for family in codebook.families if family != "stage"]
    used = dict.fromkeys(item.coding.family for item in shown)
    lanes += [family for family in used if family != "stage" and family not in lanes]
    by_cell: dict[tuple[str, str], dict[str, list[Evidence]]] = {}
    for item in shown:
        if item.stage is not None:
            cell = by_cell.setdefault((item.coding.family, item.stage), {})
            cell.setdefault(item.coding.code, []).append(item)
    texts = {document.id: document.text for document in corpus.documents}
    columns = []
    for stage in stages:
        # A weaker second stage of the segment stands nowhere: a segment is in one column.
        marks = by_cell.get(("stage", stage.id), {}).get(stage.id, [])
        said = counts.stages.get(stage.id, ())
        columns.append(
            StageColumn(
                code=stage.id,
                name=stage.name,
                goal=stage.goal,
                n_people=n_people(said),
                n_segments=sum(e.n for e in said),
                n_unassigned=_n_unassigned(said),
                quotes=tuple(e.quote() for e in _strongest(marks)),
                doing=doing(_strongest(marks), texts),
                thinking=thinking(_strongest(marks), texts),
            )
        )
    return JourneyMap(
        stages=tuple(columns),
        cells={
            (lane, stage.id): Cell(
                lane, stage.id, view.findings(lane, stage.id, by_cell.get((lane, stage.id), {}))
            )
            for lane in lanes
            for stage in stages
        },
        feelings=tuple(view.feeling(stage.id) for stage in stages),
        n_people=n_people(counts.heard),
        n_segments=sum(e.n for e in counts.heard),
        n_coded_segments=len({item.place for item in shown}),
        n_unassigned_segments=_n_unassigned(counts.heard),
        group=group,
        moments=shortlist(by_cell, columns, codebook, view.share, rules),
        tally=counts,
        rules=rules,
    )


def members(group: Group, participants: Mapping[str, Mapping[str, str]]) -> frozenset[str] | None:
    """Return the ids of the participants that have every attribute, None where none is named."""
    if not group.attributes:
        return None
    wanted = {(k.casefold(), v.strip().casefold()) for k, v in group.attributes.items()}
    return frozenset(
        person
        for person, values in participants.items()
        if wanted <= {(key.casefold(), value.strip().casefold()) for key, value in values.items()}
    )


def _attributes(
    corpus: Corpus, participants: Mapping[str, Mapping[str, str]] | None
) -> Mapping[str, Mapping[str, str]]:
    if participants is not None:
        return participants
    attributes = {document.id: document.attributes for document in corpus.documents}
    return {
        person: attributes.get(segment.document_id, {})
        for segment in corpus.segments
        if (person := person_of(segment)) is not None
    }


class _View:
    """Count the cells of a tally."""

    def __init__(self, counts: Tally, codebook: Codebook, seed: int, method: str) -> None:
        self._counts = counts
        self._order = {code.id: index for index, code in enumerate(codebook.codes)}
        self._names = {code.id: code.name for code in codebook.codes}
        self._seed = seed
        self._method = method

    def share(self, count: int, total: int) -> Share:
        if total == 0:
            return Share(0, 0, None, None, "", "no voice here is assigned to a participant")
        if total < MIN_PEOPLE:
            return Share(count, total, None, None, "", _TOO_FEW)
        low, high, _ = wilson(count, total)
        return Share(count, total, low, high, self._method)

    def findings(
        self, lane: str, stage: str, evidence: Mapping[str, Sequence[Evidence]]
    ) -> tuple[Finding, ...]:
        total = n_people(self._counts.stages.get(stage, ()))
        found = [
            Finding(
                code,
                self._names.get(code, code),
                self.share(n_people(self._counts.findings[lane, stage, code]), total),
                tuple(e.quote() for e in _strongest(items)),
            )
            for code, items in evidence.items()
        ]
        last = len(self._order)
        return tuple(
            sorted(
                found,
                key=lambda f: (
                    *(-f.share.count, -len(f.quotes)),
                    *(self._order.get(f.code, last), f.code),
                ),
            )
        )

    def feeling(self, stage: str) -> Feeling:
        values = {
            self._counts.people[e.person]: e.total / e.n
            for e in self._counts.feelings.get(stage, ())
        }
        if not values:
            reason = "nobody who is counted has an emotion here"
            return Feeling(stage, None, None, None, 0, reason=reason)
        mean = round(math.fsum(values.values()) / len(values), 9)  # as the page's script counts it
        if len(values) < MIN_PEOPLE:
            reason = f"{_TOO_FEW}: dots instead of a band"
            return Feeling(stage, mean, None, None, len(values), values, reason)
        low, high, _ = bootstrap_mean(list(values.values()), seed=self._seed)
        return Feeling(stage, mean, low, high, len(values), values)


def n_people(entries: Iterable[Said]) -> int:
    """Count the people among those who said something."""
    return sum(e.person != UNCOUNTED for e in entries)


def _n_unassigned(entries: Iterable[Said]) -> int:
    return sum(e.n for e in entries if e.person == UNCOUNTED)


def _strongest(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Sort strongest first; ties stay in the order of segments (the sort is stable)."""
    return sorted(evidence, key=lambda e: -e.coding.score)
