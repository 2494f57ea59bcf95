"""What becomes of judgements that were made with an earlier version of the codebook."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from qualcode.codebook import Codebook
from qualcode.codebook.changes import Effect, family_effect
from qualcode.workflow.codebook_versions import known_book
from qualcode.workflow.study import Study

__all__ = ["Books", "Reckoning", "basis_parts", "reckon"]


def basis_parts(basis: str) -> tuple[str, str, str] | None:
    """Take a basis apart: coder, meaning of the family's codes, talk; None for an older form."""
    parts = basis.split("/")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


class Books:
    """Read versions of a study's codebook by fingerprint, each once."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._held: dict[str, Codebook | None] = {}

    def of(self, fingerprint: str) -> Codebook | None:
        if fingerprint not in self._held:
            self._held[fingerprint] = known_book(self._study, fingerprint)
        return self._held[fingerprint]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Say which of some earlier judgements a book touches.

    Attributes:
        touched: Ids of the segments that are to be judged again.
        n_standing: The others.
        changed: Ids of codes that apply to other words since, or to none.
        added: Ids of codes that nobody had looked for.
    """

    touched: frozenset[str]
    n_standing: int
    changed: frozenset[str]
    added: frozenset[str]


def reckon(
    study: Study,
    book: Codebook,
    family: str,
    coder: str,
    earlier: Iterable[tuple[str, str, str]],
    *,
    books: Books,
    again: bool = False,
) -> Reckoning:
    """Compare the versions that judgements were made with to a book, code by code.

    Args:
        study: The study.
        book: What the codes mean now.
        family: The judgements'.
        coder: The judgements'.
        earlier: Segment id, meaning of the family then, fingerprint of the book then.
        books: The versions.
        again: Touch all of them.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for segment_id, meaning, fingerprint in earlier:
        groups.setdefault((meaning, fingerprint), []).append(segment_id)
    now: Mapping[str, Collection[str]] = {}
    ever: Mapping[str, Collection[str]] = {}
    if groups:
        now = study.repository.judgements.codes(family, coder)
        ever = study.repository.judgements.codes(family, coder, ever=True)
    touched: set[str] = set()
    changed: set[str] = set()
    added: set[str] = set()
    for (meaning, fingerprint), ids in groups.items():
        old = books.of(fingerprint)
        if old is None or old.meaning(family) != meaning:
            touched.update(ids)  # nobody knows what has changed since
            continue
        effect = family_effect(old, book, family)
        changed |= effect.redefined | effect.lost
        added.update(effect.added)
        touched.update(
            i for i in ids if again or _touches(effect, book, now.get(i, ()), ever.get(i, ()))
        )
    n_all = sum(map(len, groups.values()))
    return Reckoning(frozenset(touched), n_all - len(touched), frozenset(changed), frozenset(added))


def _touches(effect: Effect, book: Codebook, now: Collection[str], ever: Collection[str]) -> bool:
    """Tell whether a change touches a segment, by the codes that it has and those that it had.

    One that has lost a code is looked at again when that code is defined anew: so a change and its
    undoing end where they began.
    """
    if effect.added:
        return True
    has = {book.standing(code) for code in now}
    return bool(has & effect.lost or {book.standing(code) for code in ever} & effect.redefined)
