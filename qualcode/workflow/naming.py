"""Find what a person means by a number, a name or an id; say what there is where nothing fits."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from qualcode.analysis.model_words import persona_ids
from qualcode.codebook import Code, Codebook, family_name
from qualcode.codebook.names import codes_called, find_code, similar
from qualcode.draft import CriteriaDraft, DesignCriterion
from qualcode.errors import UsageError

__all__ = [
    "find_criterion",
    "find_id",
    "find_lane",
    "find_persona",
    "live_code",
    "numbered",
]

_NUMBER = re.compile(r"([cr]?)([0-9]+)", re.IGNORECASE)
_LEAST_OF_AN_ID = 6
_FEW = 15
Thing = TypeVar("Thing")


def live_code(codebook: Codebook, named: str, *, families: Collection[str] | None = None) -> Code:
    """Return the code in use that an id, a name or a former name stands for.

    A code that was merged stands for the one it was merged into.

    Args:
        families: Only codes of these; None for all.

    Raises:
        UsageError: None is called so, several are, or it is retired.
    """
    found = codes_called(codebook, named, families=families)
    live = [c for c in codebook.codes if c.status != "retired"]
    if families is not None:
        live = [c for c in live if c.family in families]
    if not found and live and len(live) <= _FEW:
        near = similar(named, [w for c in live for w in (c.id, c.name)])
        listed = ", ".join(f"{c.id} ({c.name})" for c in live)
        raise UsageError(
            f"no {_kind(families)} is called {named!r}",
            hint=f"did you mean {near}?" if near else f"there are: {listed}",
        )
    code = codebook.code(codebook.standing(find_code(codebook, named, families=families).id))
    if code.status == "retired":
        raise UsageError(f"the {_kind(families)} {code.id} is retired", hint="name one in use")
    return code


def _kind(families: Collection[str] | None) -> str:
    only = next(iter(families)) if families is not None and len(families) == 1 else ""
    return family_name(only).lower() if only else "code"


def find_lane(codebook: Codebook, named: str, others: Sequence[str]) -> str:
    """Return the family with this id or with this name that people see, or one of `others`.

    Raises:
        UsageError: There is none.
    """
    folded = named.strip().casefold()
    lanes = [*others, *(f for f in codebook.families if f != "stage")]
    for lane in lanes:
        if folded in (lane.casefold(), family_name(lane).casefold()):
            return lane
    raise UsageError(f"the map has no lane {named!r}", hint=f"there are: {', '.join(lanes)}")


def find_persona(participants: Mapping[str, Mapping[str, str]], named: str) -> str:
    """Return the id of the persona with this id or name.

    Raises:
        UsageError: No participant is of such a persona.
    """
    known = persona_ids(participants)
    folded = named.strip().casefold()
    for persona_id, name in known.items():
        if folded in (persona_id, name.casefold()):
            return persona_id
    raise UsageError(
        f"no participant is of the persona {named!r}",
        hint=f"there are: {', '.join(known.values())}"
        if known
        else "give participants the attribute persona when you ingest",
    )


def numbered(criteria: CriteriaDraft) -> dict[str, DesignCriterion]:
    """Return the criteria under the names by which people call them: C1, C2, …, then R1, …."""
    named = {f"C{at}": c for at, c in enumerate(criteria.criteria, start=1)}
    return named | {f"R{at}": c for at, c in enumerate(criteria.set_aside, start=1)}


def find_criterion(criteria: CriteriaDraft, named: str) -> DesignCriterion:
    """Return the criterion of a number (2, C2; R1 for one set aside), id or statement.

    Raises:
        UsageError: None fits.
    """
    wanted = named.strip()
    known = numbered(criteria)
    if number := _NUMBER.fullmatch(wanted):
        found = known.get(f"{number[1].upper() or 'C'}{int(number[2])}")
        if found is not None:
            return found
    for criterion in known.values():
        if wanted == criterion.id or wanted.casefold() == criterion.statement.casefold():
            return criterion
    if not known:
        raise UsageError("there are no criteria", hint=criteria.reason or "qualcode criteria")
    raise UsageError(
        f"no criterion is called {named!r}",
        hint=f"there are {', '.join(known)}; qualcode edit show tells which is which",
    )


def find_id(named: str, things: Iterable[tuple[str, Thing]], *, what: str, hint: str) -> Thing:
    """Return the thing with this id, or the only one whose id begins like this.

    Args:
        things: Ids and what they stand for; equal ids stand for the first.
        what: In words, for messages.
        hint: How to list them.

    Raises:
        UsageError: None fits, or several do.
    """
    wanted = named.strip()
    known: dict[str, Thing] = {}
    for thing_id, thing in things:
        known.setdefault(thing_id, thing)
    if wanted in known:
        return known[wanted]
    begins = [i for i in known if i.startswith(wanted) or i.partition("_")[2].startswith(wanted)]
    if len(begins) == 1 and len(wanted) >= _LEAST_OF_AN_ID:
        return known[begins[0]]
    if len(begins) > 1 and len(wanted) >= _LEAST_OF_AN_ID:
        raise UsageError(f"more than one {what} begins with {named!r}", hint="give more of the id")
    raise UsageError(f"there is no {what} {named!r}", hint=hint)
