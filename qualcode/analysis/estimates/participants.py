"""From units to participants: who has the code at least once.

Only participants that were judged completely can be told a no. Who is judged completely when single
units are drawn depends on how much they said, so that those few are no sample of anybody; the share
is estimated only where participants were drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.analysis.estimates.units import Unit

__all__ = ["as_participants"]

_COMPLETE = 0.9
"""Share of participants begun who must be finished: the queue's last ones may be under way."""
_SAME = 1e-9


def as_participants(units: Sequence[Unit]) -> tuple[tuple[Unit, ...], tuple[str, ...], str]:
    """Return a unit for each participant, warnings, and why people's answers are not used.

    A participant's answer is yes where any unit's is (of scores, the highest). The human answer is
    None where any unit of the participant is not judged; everybody's is None where there is a
    reason. Units without a participant are left out.
    """
    own: dict[str, list[Unit]] = {}
    for unit in units:
        if unit.participant is not None:
            own.setdefault(unit.participant, []).append(unit)
    begun = [name for name, theirs in own.items() if any(u.human is not None for u in theirs)]
    complete = {name for name in begun if all(u.human is not None for u in own[name])}
    warnings = []
    if len(units) > sum(map(len, own.values())):
        n_nobody = len(units) - sum(map(len, own.values()))
        warnings.append(f"{n_nobody} without a participant are left out")
    reason = ""
    if not begun:
        reason = "nobody is judged"
    elif len(complete) < _COMPLETE * len(begun):
        reason = (
            f"{len(complete)} of {len(begun)} participants begun are judged completely; who is "
            "depends on how much they said, so they are no sample of participants"
        )
    elif len(complete) < len(begun):
        warnings.append(
            f"{len(begun) - len(complete)} of {len(begun)} participants begun are not judged "
            "completely and are left out of the sample"
        )
    chances = {name: [u.probability for u in own[name]] for name in complete}
    if not reason and any(not _are_same(of) for of in chances.values()):
        reason = "the chance of being judged differs within a participant"
    people = tuple(
        Unit(
            id=name,
            machine=max(u.machine for u in theirs),
            human=any(u.human for u in theirs) if name in complete and not reason else None,
            participant=name,
            probability=theirs[0].probability,
        )
        for name, theirs in own.items()
    )
    return people, tuple(warnings), reason


def _are_same(chances: Sequence[float | None]) -> bool:
    known = [chance for chance in chances if chance is not None]
    return len(known) in (0, len(chances)) and (
        not known or max(known) - min(known) <= _SAME * max(known)
    )
