"""Word criteria without a language model: by the codebook's sentences.

No sentence is generated. A criterion's statement is that of the need to which most of its people
point; `own_words.py` finds what one of them said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.analysis.grouping import Group, Placed
from qualcode.codebook import Code, Codebook, family_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Wording", "word_groups"]

_WEAK = 1 / 3
"""A statement to which fewer people point is narrower than its group."""
_MIN_PEOPLE_A_NEED = 3
_DERIVED = 0.5
"""What a code without a statement of its own loses in fit: needs are worded, pains turned round."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Hold a group's words.

    Attributes:
        statement: What customers need; no two groups have the same.
        basis: How it came about.
        note: What a reader must know about it, may be empty.
        needs: Need codes that the group stands for, the one that words it first.
        points: float64, (dim,), unit: the direction that words it; 0 without a vector.
    """

    statement: str
    basis: str
    note: str
    needs: tuple[str, ...]
    points: Floats


def word_groups(
    groups: Sequence[Group],
    placed: Placed,
    codebook: Codebook,
    terms: Sequence[Sequence[str]],
) -> list[Wording]:
    """Give each group the sentence that fits it best, each sentence at most once.

    Sentences are given so that the fits add up highest. The fit of one is the share of the group's
    people who point to it, plus by how much the words of all of them are nearer to it than those
    of other groups.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    directions = placed.directions
    names = {code.id: code for code in codebook.codes}
    codes = [names[code_id] for code_id in directions.ids]
    if not codes:
        return [_without_book(at, some) for at, some in enumerate(terms, start=1)]
    texts = list(dict.fromkeys(map(_sentence, codes)))
    pointing = [_pointing(group, placed) for group in groups]
    shares = np.array([[len(who) for who in some] for some in pointing], dtype=np.float64)
    shares /= [[len({placed.items[m].person for m in group.members})] for group in groups]
    said = np.stack([placed.words[list(g.members)].mean(axis=0) for g in groups])
    said /= np.maximum(np.linalg.norm(said, axis=1, keepdims=True), 1e-9)
    cosines = said @ directions.vectors.T if directions.vectors.shape[1] else np.zeros_like(shares)
    # Less their mean, because some texts stand near to everything.
    fits = shares + cosines - cosines.mean(axis=0)
    fits -= [0.0 if _is_worded(code) else _DERIVED for code in codes]
    by_text = np.full((len(groups), len(texts)), -np.inf)
    best = np.zeros((len(groups), len(texts)), dtype=int)
    for at, code in enumerate(codes):
        column = texts.index(_sentence(code))
        better = fits[:, at] > by_text[:, column]
        best[better, column] = at
        by_text[:, column] = np.maximum(by_text[:, column], fits[:, at])
    rows, columns = linear_sum_assignment(by_text, maximize=True)
    given = {int(r): int(best[r, c]) for r, c in zip(rows, columns, strict=True)}
    own = _needs(pointing, codes, given)
    return [
        _wording(group, placed, codes, pointing[at], given.get(at), terms[at], own[at], fits[at])
        for at, group in enumerate(groups)
    ]


def _pointing(group: Group, placed: Placed) -> list[set[str]]:
    """Return, for each direction, the people of whom a segment points there most of all."""
    found: list[set[str]] = [set() for _ in placed.directions.ids]
    for member in group.members:
        weights = placed.pointing[member]
        if weights.any():
            found[int(weights.argmax())].add(placed.items[member].person)
    return found


def _needs(
    pointing: Sequence[Sequence[set[str]]], codes: Sequence[Code], given: Mapping[int, int]
) -> list[tuple[str, ...]]:
    """Give each need to the group in which most people point to it, if three do.

    A need that words a group stays with it and stands first.
    """
    wording = {at: group for group, at in given.items()}
    found: list[list[tuple[bool, int, str]]] = [[] for _ in pointing]
    for at, code in enumerate(codes):
        if code.family != "need":
            continue
        counts = [len(some[at]) for some in pointing]
        if at in wording:
            found[wording[at]].append((False, 0, code.id))
        elif max(counts) >= _MIN_PEOPLE_A_NEED:
            found[counts.index(max(counts))].append((True, -max(counts), code.id))
    # The sort is stable: ties stay in the order of the book.
    return [tuple(code for *_, code in sorted(own, key=lambda n: n[:2])) for own in found]


def _wording(
    group: Group,
    placed: Placed,
    codes: Sequence[Code],
    pointing: Sequence[set[str]],
    at: int | None,
    terms: Sequence[str],
    needs: tuple[str, ...],
    fits: Floats,
) -> Wording:
    members = [placed.items[m] for m in group.members]
    n_people = len({item.person for item in members})
    if at is None:  # the book has fewer sentences than there are groups
        at = int(fits.argmax())
        return Wording(
            statement=f"{_sentence(codes[at])} (here: {', '.join(terms) or 'no words of its own'})",
            basis=f"The sentence is that of {_named(codes[at])}, which words another group too.",
            note="The codebook has too few needs to word every group: word this one yourself.",
            needs=needs,
            points=placed.directions.vectors[at],
        )
    code = codes[at]
    coded = {item.person for item in members if any(c.code == code.id for c in item.codings)}
    who = pointing[at] | coded
    basis = (
        f"The wording is the codebook's, of {_named(code)}: {len(who)} of the group's {n_people} "
        f"people said something that points to it"
    )
    if coded and code.family == "need":
        basis += f", {len(coded)} of them in so many words"
    note = ""
    if len(who) < _WEAK * n_people:
        others = sorted(
            (-len(pointing[o]), o) for o in range(len(codes)) if o != at and pointing[o]
        )
        named = " and ".join(f"“{codes[o].name}” ({-n})" for n, o in others[:2])
        note = f"Only {len(who)} of its {n_people} people point to this need: " + (
            f"others point to {named}. Read the quotes and word it so that it holds for all."
            if named
            else "read the quotes and word it anew."
        )
    return Wording(_sentence(code), f"{basis}.", note, needs, placed.directions.vectors[at])


def _without_book(number: int, terms: Sequence[str]) -> Wording:
    import numpy as np

    return Wording(
        statement=f"Need {number}, to be worded: {', '.join(terms) or 'no words of its own'}",
        basis="The codebook has no needs and no pain points any more to word it.",
        note="Word it yourself, or add needs to the codebook.",
        needs=(),
        points=np.zeros(0),
    )


def _named(code: Code) -> str:
    return f"the {family_name(code.family).lower()} “{code.name}”"


def _is_worded(code: Code) -> bool:
    return bool(code.statement) or code.family in ("need", "desired_outcome")


def _sentence(code: Code) -> str:
    """Return how a criterion for the code is phrased."""
    text = code.definition or code.name
    if code.statement or code.family in ("need", "desired_outcome"):
        return code.statement or text
    if code.family == "attitude":
        return f"An experience for those of whom this is true: {text}"
    return f"No more of this: {text}"
