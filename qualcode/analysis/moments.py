"""Candidates for moments of truth: touchpoints at a stage that many meet and feel strongly about.

A candidate is a place to look, counted by a rule that a reader can follow: the share of the stage's
people who met the touchpoint, times how far their mean mood there lies from neutral: the valence of
an emotion, else −1 for a pain point and +1 for a strength in the same words. Whether it
makes or breaks the relationship is for people to decide (code family `moment_of_truth`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from qualcode.analysis.evidence import Evidence
from qualcode.codebook import Codebook
from qualcode.draft import MapRules, Moment, Share, StageColumn

__all__ = ["shortlist"]


def shortlist(
    by_cell: Mapping[tuple[str, str], Mapping[str, Sequence[Evidence]]],
    columns: Sequence[StageColumn],
    codebook: Codebook,
    share: Callable[[int, int], Share],
    rules: MapRules,
) -> tuple[Moment, ...]:
    """Return the weightiest candidates; usually ten to fifteen matter most (PRACTICES 15).

    Ties go by the order of stages, then of the codebook.

    Args:
        by_cell: (family, stage) to code to evidence.
        share: Makes a share with its interval of a count and a total.
        rules: From how many people and which strength on, and how many at most.
    """
    order = {code.id: index for index, code in enumerate(codebook.codes)}
    names = {code.id: code.name for code in codebook.codes}
    found: list[tuple[float, int, int, Moment]] = []
    for index, column in enumerate(columns):
        here = []
        for code, evidence in by_cell.get(("touchpoint", column.code), {}).items():
            moment = _moment(column, code, names.get(code, code), evidence, share, rules)
            if moment is not None:
                here.append((-moment.weight, index, order.get(code, len(order)), moment))
        found += sorted(here, key=lambda item: item[:3])[: rules.moments_a_stage]
    return tuple(item[3] for item in sorted(found, key=lambda item: item[:3])[: rules.most_moments])


def _moment(
    column: StageColumn,
    code: str,
    name: str,
    evidence: Sequence[Evidence],
    share: Callable[[int, int], Share],
    rules: MapRules,
) -> Moment | None:
    felt: dict[str, list[float]] = {}
    for item in evidence:
        if item.person is not None and item.mood is not None:
            felt.setdefault(item.person, []).append(item.mood)
    if len(felt) < rules.min_people_moment:
        return None
    means = [math.fsum(felt[person]) / len(felt[person]) for person in sorted(felt)]
    valence = round(math.fsum(means) / len(means), 9)  # as the page's script counts it
    if abs(valence) < rules.min_strength_moment:
        return None
    count = len({item.person for item in evidence if item.person is not None})
    reach = count / column.n_people
    strongest = sorted(evidence, key=lambda e: (-abs(e.mood or 0.0), -e.coding.score))
    return Moment(
        stage=column.code,
        code=code,
        name=name,
        share=share(count, column.n_people),
        valence=valence,
        weight=reach * abs(valence),
        quotes=tuple(e.quote() for e in strongest),
    )
