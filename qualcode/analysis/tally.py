"""Count, person by person, what a journey map of any part of a study is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from qualcode.analysis.evidence import Evidence, person_of
from qualcode.draft import Felt, Said, Tally
from qualcode.records import Corpus, Role

__all__ = ["UNCOUNTED", "restrict", "tally"]

UNCOUNTED = -1
"""Stands for the voices that are not counted as people."""

Key = TypeVar("Key")
_Counts = dict[Key, dict[int, list[int]]]
_Sums = dict[Key, dict[int, list[float]]]


def tally(corpus: Corpus, evidence: Sequence[Evidence]) -> Tally:
    """Return the counts behind every cell.

    A weaker second stage of a segment counts nowhere: a segment stands in one column. Only people
    have feelings that count.

    Args:
        evidence: As `gather_evidence` returns it for this corpus.
    """
    people = tuple(sorted({p for s in corpus.segments if (p := person_of(s)) is not None}))
    number = {person: index for index, person in enumerate(people)}

    def of(person: str | None) -> int:
        return UNCOUNTED if person is None else number[person]

    segments: dict[int, tuple[int, str | None, bool]] = {}
    for item in evidence:
        known = segments.get(item.place)
        checked = item.is_checked or (known is not None and known[2])
        segments[item.place] = (of(item.person), item.stage, checked)

    heard: dict[int, list[int]] = {}
    for place, segment in enumerate(corpus.segments):
        if segment.role is not Role.INTERVIEWER:
            is_checked = place in segments and segments[place][2]
            _count(heard, of(person_of(segment)), is_checked)

    stages: _Counts[str] = defaultdict(dict)
    for person, stage, checked in segments.values():
        if stage is not None:
            _count(stages[stage], person, checked)

    findings: _Counts[tuple[str, str, str]] = defaultdict(dict)
    feelings: _Sums[str] = defaultdict(dict)
    touched: _Sums[tuple[str, str]] = defaultdict(dict)
    for item in evidence:
        coding, person = item.coding, of(item.person)
        if item.stage is None or coding.family == "stage":
            continue
        _count(findings[coding.family, item.stage, coding.code], person, item.is_checked)
        if person == UNCOUNTED:
            continue
        if coding.family == "emotion" and coding.valence is not None:
            _add(feelings[item.stage], person, coding.valence, item.is_checked)
        if coding.family == "touchpoint" and item.mood is not None:
            _add(touched[item.stage, coding.code], person, item.mood, item.is_checked)
    return Tally(
        people=people,
        heard=_said(heard),
        stages={key: _said(counts) for key, counts in stages.items()},
        findings={key: _said(counts) for key, counts in findings.items()},
        feelings=_felt(feelings),
        touched=_felt(touched),
        places={
            corpus.segments[place].id: (person, stage, checked)
            for place, (person, stage, checked) in segments.items()
        },
    )


def restrict(counts: Tally, numbers: frozenset[int], *, checked_only: bool) -> Tally:
    """Return the counts of some people only; their numbers stay.

    Args:
        numbers: Indices into `Tally.people`, and `UNCOUNTED` for the voices that are not counted.
        checked_only: Whether unchecked codings go too; what was heard is then still counted whole.
    """

    def said(entries: Iterable[Said]) -> tuple[Said, ...]:
        kept = (e for e in entries if e.person in numbers)
        if not checked_only:
            return tuple(kept)
        return tuple(Said(e.person, e.n_checked, e.n_checked) for e in kept if e.n_checked)

    def felt(entries: Iterable[Felt]) -> tuple[Felt, ...]:
        kept = (e for e in entries if e.person in numbers)
        if not checked_only:
            return tuple(kept)
        return tuple(
            Felt(e.person, e.total_checked, e.n_checked, e.total_checked, e.n_checked)
            for e in kept
            if e.n_checked
        )

    return Tally(
        people=counts.people,
        heard=tuple(e for e in counts.heard if e.person in numbers),
        stages={key: said(entries) for key, entries in counts.stages.items()},
        findings={key: said(entries) for key, entries in counts.findings.items()},
        feelings={key: felt(entries) for key, entries in counts.feelings.items()},
        touched={key: felt(entries) for key, entries in counts.touched.items()},
        places={
            segment: place
            for segment, place in counts.places.items()
            if place[0] in numbers and (place[2] or not checked_only)
        },
    )


def _count(counts: dict[int, list[int]], person: int, is_checked: bool) -> None:
    entry = counts.setdefault(person, [0, 0])
    entry[0] += 1
    entry[1] += is_checked


def _add(sums: dict[int, list[float]], person: int, valence: float, is_checked: bool) -> None:
    entry = sums.setdefault(person, [0.0, 0, 0.0, 0])
    entry[0] += valence
    entry[1] += 1
    if is_checked:
        entry[2] += valence
        entry[3] += 1


def _said(counts: Mapping[int, Sequence[int]]) -> tuple[Said, ...]:
    return tuple(Said(person, *counts[person]) for person in sorted(counts))


def _felt(sums: Mapping[Key, Mapping[int, Sequence[float]]]) -> dict[Key, tuple[Felt, ...]]:
    # Rounded, so that the order in which valences were added leaves no trace.
    return {
        key: tuple(
            Felt(person, round(entry[0], 6), int(entry[1]), round(entry[2], 6), int(entry[3]))
            for person, entry in _in_order(by_person.items())
        )
        for key, by_person in sums.items()
    }


def _in_order(items: Iterable[tuple[int, Sequence[float]]]) -> list[tuple[int, Sequence[float]]]:
    return sorted(items, key=lambda item: item[0])
