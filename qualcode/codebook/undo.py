"""Take a change of a codebook back: exactly what it touched, and only if nothing else did since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from qualcode.codebook.book import Codebook, checked
from qualcode.codebook.codes import code_from_entry, entry_of
from qualcode.errors import UsageError

__all__ = ["footprint", "restored"]


def footprint(before: Codebook, after: Codebook) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a change left of each touched code, and what it found: JSON values.

    Each holds `codes`, id to entry, None where there is no such code; `places`, for codes that the
    other book lacks, the id of the code before them; and `order`, the ids of the shortest run of
    codes that stand in another order, where some do.
    """
    old, new = ({code.id: code for code in book.codes} for book in (before, after))
    ids = [i for i in {**old, **new} if old.get(i) != new.get(i)]
    value: dict[str, Any]
    replaced: dict[str, Any]
    value, replaced = (
        {
            "codes": {i: entry_of(book[i]) if i in book else None for i in ids},
            "places": _places(list(book), other),
        }
        for book, other in ((new, old), (old, new))
    )
    was, now = [i for i in old if i in new], [i for i in new if i in old]
    moved = [n for n, (one, two) in enumerate(zip(was, now, strict=True)) if one != two]
    if moved:
        run = slice(moved[0], moved[-1] + 1)
        value["order"], replaced["order"] = now[run], was[run]
    return value, replaced


def _places(ids: Sequence[str], other: Mapping[str, object]) -> dict[str, str | None]:
    """Return the code before each one that the other book lacks, in the order of the book."""
    before = [None, *ids[:-1]]
    return {i: place for i, place in zip(ids, before, strict=True) if i not in other}


def restored(book: Codebook, value: Mapping[str, Any], replaced: Mapping[str, Any]) -> Codebook:
    """Take a change back, given what `footprint` said of it.

    Raises:
        UsageError: A touched code, or the order of moved ones, is no longer as the change left it.
        CodebookError: The book would not fit together without it.
    """
    now = {code.id: code for code in book.codes}
    for code_id, entry in value["codes"].items():
        held = now.get(code_id)
        if (None if held is None else entry_of(held)) != entry:
            raise _changed_since(f"{code_id} was changed since")
    order = value.get("order", [])
    if [code_id for code_id in now if code_id in order] != order:
        raise _changed_since(f"the order of {', '.join(order)} was changed since")
    back = iter(replaced.get("order", []))
    ids = [next(back) if code_id in order else code_id for code_id in now]
    for code_id, entry in replaced["codes"].items():
        if entry is not None:
            now[code_id] = code_from_entry(entry)
    ids = [i for i in ids if i not in value["places"]]
    for code_id, place in _in_turn(replaced["places"]):
        ids.insert(
            ids.index(place) + 1 if place in ids else 0 if place is None else len(ids), code_id
        )
    return checked(replace(book, codes=tuple(now[code_id] for code_id in ids)))


def _in_turn(places: Mapping[str, str | None]) -> list[tuple[str, str | None]]:
    """Return codes so that one comes after the code that it stands behind.

    The log's JSON has sorted keys, so their order in it says nothing.
    """
    waiting = dict(places)
    turn: list[tuple[str, str | None]] = []
    while waiting:
        ready = [i for i, place in waiting.items() if place not in waiting]
        turn += [(i, waiting.pop(i)) for i in ready]
    return turn


def _changed_since(what: str) -> UsageError:
    return UsageError(
        f"it cannot be taken back: {what}",
        hint="take the later change back first, or edit codebook.yaml by hand",
    )
