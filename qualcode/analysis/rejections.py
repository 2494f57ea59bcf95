"""What people's decisions say about the codebook: codes mixed up, exclusions missing, codes unused.

These are questions for whoever keeps the book; nothing is changed by them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qualcode.analysis.reviewed import Reviewed
from qualcode.codebook import Codebook
from qualcode.records import Judgement

__all__ = ["LEAST", "Suggestion", "suggest"]

LEAST = 3
"""Decisions from which on a pattern is told; fewer may be chance."""
UNACCEPTED_LEAST = 5
MIXED_SHARE = 0.2
"""Of the judged proposals of a code, the share that became another one."""
TOGETHER_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hold one thing to look at in the codebook.

    Attributes:
        kind: "mixed_up", "missing_exclusion", "together" or "unaccepted".
        codes: The code concerned first.
        text: What people did, with counts.
        advice: What could be done about it.
        segment_ids: Where it can be seen, in the order of the input.
    """

    kind: str
    codes: tuple[str, ...]
    text: str
    advice: str
    segment_ids: tuple[str, ...]


def suggest(
    reviewed: Iterable[Reviewed], judgements: Sequence[Judgement], book: Codebook
) -> tuple[Suggestion, ...]:
    """Return what is worth a look, the most decisions first, then in the order of the book.

    Args:
        reviewed: What people hold; marks made in bulk are left out, nobody looked.
        judgements: Machines' judgements, for what was proposed.
        book: As it stands; codes that it lacks or retired are left out.
    """
    live = {code.id: code for code in book.codes if code.status != "retired"}
    place = {code: at for at, code in enumerate(live)}
    proposed: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for judgement in judgements:
        for coding in judgement.codings:
            proposed[coding.segment_id].add((coding.family, coding.code))
    judged: dict[str, list[str]] = defaultdict(list)
    accepted: dict[str, list[str]] = defaultdict(list)
    became: dict[tuple[str, str], list[str]] = defaultdict(list)
    applied: dict[str, list[str]] = defaultdict(list)
    both: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in reviewed:
        yes = {
            (m.family, m.code)
            for m in one.marks.values()
            if m.applies and not m.is_bulk and m.code in live
        }
        for family, code in sorted(yes, key=lambda pair: place[pair[1]]):
            applied[code].append(one.segment_id)
            for other_family, other in yes:
                if other_family == family and place[code] < place[other]:
                    both[code, other].append(one.segment_id)
        for family, code in proposed[one.segment_id]:
            mark = one.marks.get((family, code))
            answer = one.applies(family, code)
            if answer is None or code not in live or (mark is not None and mark.is_bulk):
                continue
            judged[code].append(one.segment_id)
            if answer:
                accepted[code].append(one.segment_id)
                continue
            for other_family, other in yes - proposed[one.segment_id]:
                if other_family == family:
                    became[code, other].append(one.segment_id)
    found: list[Suggestion] = []
    for (code, other), segments in became.items():
        n_judged = len(judged[code])
        if len(segments) < LEAST or len(segments) < MIXED_SHARE * n_judged:
            continue
        names = f"“{live[code].name}” was proposed and people gave “{live[other].name}” instead"
        told = f"{names} {len(segments)} of {n_judged} times"
        if any(other in line or live[other].name in line for line in live[code].exclude):
            advice = "the exclusion is there already: sharpen both definitions, or merge the codes"
            found.append(Suggestion("mixed_up", (code, other), told, advice, tuple(segments)))
        else:
            advice = f"say under exclude of {code} what belongs to {other}"
            found.append(
                Suggestion("missing_exclusion", (code, other), told, advice, tuple(segments))
            )
    for (code, other), segments in both.items():
        rarer = min(len(applied[code]), len(applied[other]))
        if len(segments) >= LEAST and len(segments) >= TOGETHER_SHARE * rarer:
            told = (
                f"“{live[code].name}” and “{live[other].name}” were given together {len(segments)} "
                f"times; the rarer of them {rarer} times in all"
            )
            advice = "merge them, or say what sets them apart"
            found.append(Suggestion("together", (code, other), told, advice, tuple(segments)))
    for code, segments in judged.items():
        if len(segments) >= UNACCEPTED_LEAST and not accepted[code]:
            told = f"“{live[code].name}” was proposed {len(segments)} times and never accepted"
            advice = "narrow the definition, add counter-examples from these places, or retire it"
            found.append(Suggestion("unaccepted", (code,), told, advice, tuple(segments)))
    return tuple(
        sorted(found, key=lambda s: (-len(s.segment_ids), *(place[code] for code in s.codes)))
    )
