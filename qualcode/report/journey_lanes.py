"""Which families are lanes of a journey map, in which order, and what they are called there."""

from __future__ import annotations

from qualcode.codebook import FAMILIES, Codebook, family_name
from qualcode.draft import Draft

__all__ = ["BARS", "lane_name", "lanes_of"]

BARS = {
    "pain_point": ("Pain points", "pain"),
    "strength": ("What works", "good"),
    "need": ("Needs", "need"),
}
_CHIPS = {"touchpoint": "Touchpoints", "duration": "Durations", "emotion": "Emotions named"}
_USUAL = ("pain_point", "strength", "touchpoint", "need", "duration")


def lanes_of(draft: Draft, codebook: Codebook) -> tuple[list[str], list[str]]:
    """Return the families shown as lanes, and the names of the usual ones that are left out.

    Shown are emotions, the usual ones, the book's own and others that were found. A usual or own
    family stands where the codebook has codes of it, found or not; "no evidence" would be untrue
    of one that nobody could have been coded with.
    """
    cells = draft.map.cells
    in_use = {family for family in codebook.families if codebook.family(family)}
    found = {family for (family, _), cell in cells.items() if cell.findings}
    first = ["emotion"] if "emotion" in found else []
    usual = [f for f in _USUAL if f in in_use | found]
    own = {f for f in in_use if f not in FAMILIES}
    others = dict.fromkeys([*codebook.families, *(f for f, _ in cells)])
    wanted = (own | found) - {"stage", "emotion", *_USUAL}
    lanes = [*first, *usual, *(family for family in others if family in wanted)]
    return lanes, [lane_name(f) for f in _USUAL if f not in in_use | found]


def lane_name(family: str) -> str:
    """Return the name of a family as a lane of the map."""
    if family in BARS:
        return BARS[family][0]
    return _CHIPS.get(family, family_name(family))
