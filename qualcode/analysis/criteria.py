"""Draft design criteria: needs and pain points grouped by meaning, each group backed by people.

A criterion's words are the codebook's, never a model's; its basis says so, for people to check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.analysis.clusters import Grouping, centroids, choose, class_terms, distinct, group
from qualcode.analysis.journey import Evidence, gather_evidence
from qualcode.codebook import Code, Codebook
from qualcode.draft import CriteriaDraft, DesignCriterion, Quote
from qualcode.records import Coding, Corpus, Segment, stable_id

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FAMILIES_BEHIND", "draft_criteria"]

FAMILIES_BEHIND = ("need", "pain_point")
"""Families whose codings criteria are made of."""

_MIN_PEOPLE = 6
_MIN_PEOPLE_PER_GROUP = 3
_MIN_NEARNESS = 0.5
"""Cosine of a group's middle to a need from which the need's wording is offered."""
_MAX_QUOTES = 12


@dataclass(frozen=True, slots=True)
class _Item:
    """Hold one segment with its needs and pains, strongest first."""

    segment: Segment
    person: str
    stage: str | None
    evidence: tuple[Evidence, ...]

    @property
    def codings(self) -> tuple[Coding, ...]:
        return tuple(e.coding for e in self.evidence)


@dataclass(frozen=True, slots=True)
class _Group:
    """Hold one group before it has words.

    Attributes:
        cosines: Of each item to the middle, in the order of items.
        people: Sorted ids.
        people_by_code: Code id to how many of them were coded with it.
    """

    items: tuple[_Item, ...]
    cosines: tuple[float, ...]
    middle: NDArray[np.float32]
    people: tuple[str, ...]
    people_by_code: Mapping[str, int]


def draft_criteria(
    corpus: Corpus,
    codebook: Codebook,
    vectors: Mapping[str, NDArray[np.float32]],
    *,
    seed: int,
    code_vectors: Mapping[str, NDArray[np.float32]] | None = None,
) -> CriteriaDraft:
    """Group needs and pain points of participants into three or four draft criteria.

    None are drafted from fewer than six people, or where three groups of at least three people
    each do not form; the reason says which. Ordered by people, then segments, then place in the
    corpus. The order of judgements has no influence.

    Args:
        vectors: Segment id to float32, (dim,), a unit vector. Segments without one, or with one
            of length 0, are left out and counted in `figures` as `n_without_vector`.
        seed: Of the sample that is grouped where there are more than 4,000 segments.
        code_vectors: Need code id to float32, (dim,), the mean of what describes the code; a
            need without one is matched by its codings alone.
    """
    items = _items(corpus, codebook)
    usable, matrix = _with_vectors(items, vectors, code_vectors or {})
    people = [item.person for item in usable]
    n_people = len(set(people))
    figures: dict[str, float] = {
        "n_people": n_people,
        "n_segments": len(usable),
        "n_without_vector": len(items) - len(usable),
    }
    if n_people < _MIN_PEOPLE or matrix is None:
        missing = figures["n_without_vector"]
        reason = (
            f"needs or pain points of {n_people} {_people_word(n_people)}; "
            f"criteria rest on at least {_MIN_PEOPLE}"
            + (f" ({missing:.0f} segments have no vector)" if missing else "")
        )
        return CriteriaDraft((), reason, figures)
    grouping, reason = _grouping(matrix, people, seed, figures)
    if grouping is None:
        return CriteriaDraft((), reason, figures)
    groups = _groups(usable, matrix, grouping)
    texts = {document.id: document.text for document in corpus.documents}
    terms = class_terms(
        [
            [(i.person, i.segment.span.of(texts[i.segment.document_id])) for i in g.items]
            for g in groups
        ]
    )
    needs = _assign_needs(groups, codebook.family("need"), code_vectors or {})
    criteria = [
        _criterion(g, own, statement, basis, codebook)
        for g, own, (statement, basis) in zip(
            groups, terms, _statements(groups, terms, needs, code_vectors or {}), strict=True
        )
    ]
    criteria.sort(key=lambda c: (-len(c.participants), -c.n_segments))
    return CriteriaDraft(tuple(criteria), "", figures)


def _people_word(count: int) -> str:
    return "person" if count == 1 else "people"


def _items(corpus: Corpus, codebook: Codebook) -> list[_Item]:
    by_place: dict[int, list[Evidence]] = {}
    for evidence in gather_evidence(corpus, codebook):
        if evidence.person is not None and evidence.coding.family in FAMILIES_BEHIND:
            by_place.setdefault(evidence.place, []).append(evidence)
    return [
        _Item(corpus.segments[at], evidence[0].person or "", evidence[0].stage, tuple(evidence))
        for at, evidence in sorted(by_place.items())
    ]


def _with_vectors(
    items: Sequence[_Item],
    vectors: Mapping[str, NDArray[np.float32]],
    code_vectors: Mapping[str, NDArray[np.float32]],
) -> tuple[list[_Item], NDArray[np.float32] | None]:
    """Return the items with a usable vector and their unit rows, None without any.

    A row is the segment's vector plus the mean of its codes' vectors: words alone group by topic
    ("ambulance", "bike"), codes bring in what is wrong or wanted.
    """
    import numpy as np

    known = [item for item in items if item.segment.id in vectors]
    if not known:
        return [], None
    rows = np.stack([np.asarray(vectors[item.segment.id], dtype=np.float32) for item in known])
    for row, item in zip(rows, known, strict=True):
        coded = [code_vectors[c.code] for c in item.codings if c.code in code_vectors]
        if coded:
            row += np.mean(coded, axis=0)
    norms = np.linalg.norm(rows, axis=1)
    good = np.isfinite(norms) & (norms > 0)
    usable = [item for item, ok in zip(known, good.tolist(), strict=True) if ok]
    return usable, np.asarray(rows[good] / norms[good, None], dtype=np.float32)


def _grouping(
    matrix: NDArray[np.float32], people: Sequence[str], seed: int, figures: dict[str, float]
) -> tuple[Grouping | None, str]:
    """Choose between three and four groups; write down the figures that decided."""
    found: dict[int, Grouping] = {}
    for k in (3, 4):
        if distinct(matrix) >= k:
            found[k] = group(matrix, people, k=k, seed=seed)
            figures[f"smallest_k{k}"] = found[k].smallest
            if (silhouette := found[k].silhouette) is not None:
                figures[f"silhouette_k{k}"] = silhouette
    if 3 not in found:
        return None, "fewer than three different things were said, so three groups do not form"
    grouping = choose(found[3], found[4]) if 4 in found else found[3]
    if grouping.smallest < _MIN_PEOPLE_PER_GROUP:
        grouping = found[3]
    if grouping.smallest < _MIN_PEOPLE_PER_GROUP:
        return None, (
            f"needs and pain points do not form three groups of at least {_MIN_PEOPLE_PER_GROUP} "
            f"people: the smallest has {grouping.smallest}"
        )
    figures["k"] = grouping.k
    return grouping, ""


def _groups(
    items: Sequence[_Item], matrix: NDArray[np.float32], grouping: Grouping
) -> list[_Group]:
    middles = centroids(matrix, grouping.labels, grouping.k)
    groups = []
    for label, middle in enumerate(middles):
        members = (grouping.labels == label).nonzero()[0].tolist()
        cosines = (matrix[members] @ middle).tolist()
        own = tuple(items[m] for m in members)
        pairs = {(coding.code, item.person) for item in own for coding in item.codings}
        groups.append(
            _Group(
                items=own,
                cosines=tuple(cosines),
                middle=middle,
                people=tuple(sorted({item.person for item in own})),
                people_by_code=Counter(code for code, _ in pairs),
            )
        )
    return groups


def _cosine(middle: NDArray[np.float32], vector: NDArray[np.float32] | None) -> float | None:
    import numpy as np

    norm = 0.0 if vector is None else float(np.linalg.norm(vector))
    return None if vector is None or norm == 0 else float(middle @ vector) / norm


def _assign_needs(
    groups: Sequence[_Group],
    needs: Sequence[Code],
    code_vectors: Mapping[str, NDArray[np.float32]],
) -> dict[int, Code]:
    """Return group index to need, each need at most once, so that the fits add up highest.

    The fit of a need is the share of the group's people coded with it plus the cosine of the
    group's middle to the need's vector.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    fit = np.zeros((len(groups), len(needs)))
    for row, one in enumerate(groups):
        for column, need in enumerate(needs):
            share = one.people_by_code.get(need.id, 0) / len(one.people)
            fit[row, column] = share + (_cosine(one.middle, code_vectors.get(need.id)) or 0.0)
    rows, columns = linear_sum_assignment(fit, maximize=True)
    return {int(r): needs[int(c)] for r, c in zip(rows, columns, strict=True)}


def _statements(
    groups: Sequence[_Group],
    terms: Sequence[tuple[str, ...]],
    needs: Mapping[int, Code],
    code_vectors: Mapping[str, NDArray[np.float32]],
) -> list[tuple[str, str]]:
    """Return each group's statement and its basis."""
    written = []
    for index, (one, own) in enumerate(zip(groups, terms, strict=True)):
        need = needs.get(index)
        about = ", ".join(own) or "(no words that set it apart)"
        if need is None:
            basis = "The codebook has no need left for this group; its words stand in for one."
            written.append((f"A need to be worded: {about}", basis))
            continue
        count, total = one.people_by_code.get(need.id, 0), len(one.people)
        cosine = _cosine(one.middle, code_vectors.get(need.id))
        if cosine is not None and cosine < _MIN_NEARNESS:
            basis = (
                f"No need of the codebook is near enough to word this group: the nearest, "
                f"{need.name!r}, at {cosine:.2f}. Its words stand in for one."
            )
            written.append((f"A need to be worded: {about}", basis))
            continue
        near = "" if cosine is None else f"; nearness in meaning {cosine:.2f}"
        coded = (
            f"{count} of the group's {total} people were coded with it"
            if count
            else f"none of the group's {total} people was coded with it"
        )
        basis = f"The wording is the codebook's, of the need {need.name!r}: {coded}{near}."
        written.append((need.statement or need.definition or need.name, basis))
    return written


def _criterion(
    one: _Group, terms: tuple[str, ...], statement: str, basis: str, codebook: Codebook
) -> DesignCriterion:
    order = {code.id: index for index, code in enumerate(codebook.codes)}
    stages: dict[str, set[str]] = {}
    codes: Counter[str] = Counter()
    for item in one.items:
        codes.update({coding.code for coding in item.codings})
        if item.stage is not None:
            stages.setdefault(item.stage, set()).add(item.person)
    ids = sorted(coding.id for item in one.items for coding in item.codings)
    return DesignCriterion(
        id=stable_id("criterion", *ids),
        statement=statement,
        basis=basis,
        terms=terms,
        participants=one.people,
        stages={stage: len(stages[stage]) for stage in sorted(stages, key=lambda s: order[s])},
        codes={
            code: codes[code]
            for code in sorted(codes, key=lambda c: (-codes[c], order.get(c, len(order)), c))
        },
        quotes=_quotes(one),
        n_segments=len(one.items),
    )


def _quotes(one: _Group) -> tuple[Quote, ...]:
    """Return one quote a segment: everybody's nearest to the middle, then their next nearest."""
    nearest = sorted(range(len(one.items)), key=lambda i: (-one.cosines[i], i))
    given: Counter[str] = Counter()
    ranked = []
    for place, index in enumerate(nearest):
        person = one.items[index].person
        ranked.append((given[person], place, index))
        given[person] += 1
    return tuple(one.items[i].evidence[0].quote() for _, _, i in sorted(ranked)[:_MAX_QUOTES])
