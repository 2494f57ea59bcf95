"""Put a map's tally into its page, so that the page can count any part of the study itself.

Numbers are flat lists, because a study may hold tens of thousands of people: `said` is person,
count, count of what is checked, and so on; `felt` is person, total, count, total of what is
checked, count of that. A person is an index; −1 stands for the voices that are not counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.codebook import Codebook
from qualcode.draft import Draft, Felt, Said, Tally

__all__ = ["Attribute", "attributes_of", "criterion_said", "facts_of"]

_MOST_VALUES = 12
_MOST_ATTRIBUTES = 8
_LEAST_SHARE = 0.3  # of the people who must have an attribute for it to be a filter


@dataclass(frozen=True, slots=True)
class Attribute:
    """Hold a property that divides the people into a few groups.

    Attributes:
        key: As it stands in the study.
        name: As people see it.
        values: Most people first; spelt as it stands first, whatever the capitals.
        counts: People of each value who said anything.
        of: For every person of the tally, the index of the value, −1 without one.
    """

    key: str
    name: str
    values: tuple[str, ...]
    counts: tuple[int, ...]
    of: tuple[int, ...]


def attributes_of(
    tally: Tally, participants: Mapping[str, Mapping[str, str]]
) -> tuple[Attribute, ...]:
    """Return the properties by which a map can be filtered: persona first, then segment.

    Left out are properties of a few people only, with one value or with more than a dozen, and
    measures (numbers and dates), which would need classes that nobody has chosen.
    """
    spelling: dict[str, str] = {}
    held: dict[str, dict[int, str]] = defaultdict(dict)
    for number, person in enumerate(tally.people):
        for key, value in participants.get(person, {}).items():
            if value.strip():
                spelling.setdefault(key.casefold(), key)
                held[key.casefold()][number] = value.strip()
    first = ("persona", "segment")
    order = sorted(held, key=lambda k: (first.index(k) if k in first else len(first), k))
    found = []
    for key in order:
        attribute = _attribute(spelling[key], held[key], len(tally.people))
        if attribute is not None:
            found.append(attribute)
    return tuple(found[:_MOST_ATTRIBUTES])


def _attribute(key: str, held: Mapping[int, str], n_people: int) -> Attribute | None:
    spelt: dict[str, str] = {}
    for value in held.values():
        spelt.setdefault(value.casefold(), value)
    count = Counter(value.casefold() for value in held.values())
    if not 2 <= len(count) <= _MOST_VALUES or len(held) < _LEAST_SHARE * n_people:
        return None
    if all(_is_measure(value) for value in count):
        return None
    ranked = sorted(count, key=lambda value: (-count[value], value))
    index = {value: at for at, value in enumerate(ranked)}
    return Attribute(
        key=key,
        name=key.replace("_", " ").capitalize(),
        values=tuple(spelt[value] for value in ranked),
        counts=tuple(count[value] for value in ranked),
        of=tuple(index[held[n].casefold()] if n in held else -1 for n in range(n_people)),
    )


def _is_measure(value: str) -> bool:
    return not any(char.isalpha() for char in value)


def facts_of(draft: Draft, codebook: Codebook, attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Return what the page's script counts with, as values of JSON."""
    tally, rules = draft.map.tally, draft.map.rules
    cells: dict[str, list[str]] = defaultdict(list)
    for family, stage, code in tally.findings:
        cells[f"{family}/{stage}"].append(f"{family}/{stage}/{code}")
    return {
        "seed": rules.seed % 2**32,
        "minPeople": rules.min_people,
        "method": rules.method,
        "methodChecked": rules.method_checked,
        "moments": {
            "minPeople": rules.min_people_moment,
            "minStrength": rules.min_strength_moment,
            "aStage": rules.moments_a_stage,
            "most": rules.most_moments,
        },
        "attributes": [
            {"key": a.key, "name": a.name, "values": list(a.values), "of": list(a.of)}
            for a in attributes
        ],
        "people": list(tally.people),
        "stageNames": {stage.code: stage.name for stage in draft.map.stages},
        "order": {code.id: index for index, code in enumerate(codebook.codes)},
        "cells": dict(cells),
        "heard": _flat_said(tally.heard),
        "stages": {stage: _flat_said(said) for stage, said in tally.stages.items()},
        "findings": {"/".join(key): _flat_said(said) for key, said in tally.findings.items()},
        "feelings": {stage: _flat_felt(felt) for stage, felt in tally.feelings.items()},
        "touched": {"/".join(key): _flat_felt(felt) for key, felt in tally.touched.items()},
        "criteria": {
            c.id: {
                stage: _flat_said(said) for stage, said in criterion_said(tally, c.segments).items()
            }
            for c in draft.criteria.criteria
        },
    }


def criterion_said(tally: Tally, segments: Iterable[str]) -> dict[str, tuple[Said, ...]]:
    """Count a criterion's segments by stage; "" holds all of them, with or without a stage."""
    counts: dict[str, dict[int, list[int]]] = defaultdict(dict)
    for segment in segments:
        if segment not in tally.places:
            continue
        person, stage, checked = tally.places[segment]
        for key in ("", stage) if stage is not None else ("",):
            entry = counts[key].setdefault(person, [0, 0])
            entry[0] += 1
            entry[1] += checked
    return {
        key: tuple(Said(person, *said[person]) for person in sorted(said))
        for key, said in sorted(counts.items())
    }


def _flat_said(entries: Iterable[Said]) -> list[int]:
    return [n for e in entries for n in (e.person, e.n, e.n_checked)]


def _flat_felt(entries: Iterable[Felt]) -> list[float]:
    return [n for e in entries for n in (e.person, e.total, e.n, e.total_checked, e.n_checked)]
