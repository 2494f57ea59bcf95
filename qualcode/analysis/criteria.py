"""Draft design criteria: what people need, grouped by meaning, each group backed by people.

A criterion's words are the codebook's and its customers', never a model's; its basis says so, for
people to check. Where things are: `items.py` what criteria are made of, `meaning.py` where it
stands, `clusters.py` Ward's method, `stability.py` and `grouping.py` how many groups, `wording.py`
and `own_words.py` their words, `proof.py` what speaks against them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.analysis.grouping import MIN_PEOPLE, Group, Placed, find_groups, place_items
from qualcode.analysis.items import FAMILIES_BEHIND, PRAISE, SHAPING, gather_items
from qualcode.analysis.own_words import in_their_words
from qualcode.analysis.proof import counter_evidence, different_people_first, left_out, merges
from qualcode.analysis.terms import class_terms
from qualcode.analysis.wording import Wording, word_groups
from qualcode.codebook import Codebook
from qualcode.draft import CriteriaDraft, DesignCriterion, Quote
from qualcode.records import Corpus, stable_id

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qualcode.analysis.own_words import Embed

    Vectors = Mapping[str, NDArray[np.float32]]

__all__ = ["FAMILIES_BEHIND", "FAMILIES_READ", "draft_criteria"]

FAMILIES_READ = (*SHAPING, PRAISE)
"""Families whose segments and codes must come with vectors."""

_DRAWS = 100
_MOST_QUOTES = 12


def draft_criteria(
    corpus: Corpus,
    codebook: Codebook,
    vectors: Vectors,
    *,
    seed: int,
    code_vectors: Vectors | None = None,
    participants: Mapping[str, Mapping[str, str]] | None = None,
    embed: Embed | None = None,
    n_draws: int = _DRAWS,
) -> CriteriaDraft:
    """Group what participants need into three or four draft criteria.

    None are drafted from fewer than six people, or where three groups of at least three people
    each do not form; the reason says which. Ordered by people, then segments, then place in the
    corpus. The order of judgements has no influence.

    Args:
        vectors: Segment id to float32, (dim,), a unit vector, of segments with a coding of
            `FAMILIES_READ`. Segments without one, or with one of length 0, are left out and
            counted in `figures` as `n_without_vector`.
        seed: Of the draws of people, and of the sample that is grouped where there are more than
            4,000 segments.
        code_vectors: Code id to float32, (dim,), the mean of what describes the code; a code
            without one is matched by its codings alone.
        participants: Participant id to attributes, of which `persona` is counted.
        embed: Gives the unit vector of each text, to find the sentence in people's own words.
        n_draws: How often half of the people are drawn to see which groups come back.
    """
    items = gather_items(corpus, codebook)
    shaping = [item for item in items if item.shaping]
    placed = place_items(shaping, codebook, vectors, code_vectors or {})
    people = {item.person for item in placed.items} if placed else set()
    missing = len(shaping) - (len(placed.items) if placed else 0)
    figures: dict[str, float] = {
        "n_people": len(people),
        "n_segments": len(shaping) - missing,
        "n_without_vector": missing,
    }
    if placed is None or len(people) < MIN_PEOPLE:
        reason = (
            f"needs or pain points of {len(people)} {'person' if len(people) == 1 else 'people'}; "
            f"criteria rest on at least {MIN_PEOPLE}"
        )
        if missing:
            reason += f" ({missing} segments have no vector)"
        return CriteriaDraft((), reason, figures)
    grouped = find_groups(placed, seed=seed, n_draws=n_draws)
    figures |= grouped.figures
    if not grouped.groups:
        return CriteriaDraft((), grouped.reason, figures)
    texts = {document.id: document.text for document in corpus.documents}
    members = [[placed.items[m] for m in group.members] for group in grouped.groups]
    terms = class_terms(
        [
            [(i.person, i.segment.span.of(texts[i.segment.document_id])) for i in some]
            for some in members
        ]
    )
    wordings = word_groups(grouped.groups, placed, codebook, terms)
    against = counter_evidence(items, grouped, placed, codebook, vectors, code_vectors or {})
    out = left_out(grouped, placed)
    log = merges(grouped, placed, texts)
    criteria = []
    for at, (group, wording) in enumerate(zip(grouped.groups, wordings, strict=True)):
        words = in_their_words(group, wording, placed, codebook, texts, embed)
        criterion = _criterion(group, wording, placed, codebook, participants or {})
        quotes = _quotes(group, placed, texts)
        criteria.append(
            replace(
                criterion,
                terms=terms[at],
                quotes=quotes,
                in_their_words=words,
                counter_evidence=against[at][0],
                n_counter_evidence=against[at][1],
                left_out=out[at][0],
                n_left_out=out[at][1],
                merges=log[at],
            )
        )
    criteria.sort(key=lambda c: (-len(c.participants), -c.n_segments))
    return CriteriaDraft(tuple(criteria), "", figures, grouped.choice)


def _criterion(
    group: Group,
    wording: Wording,
    placed: Placed,
    codebook: Codebook,
    participants: Mapping[str, Mapping[str, str]],
) -> DesignCriterion:
    """Count what stands behind a group."""
    order = {code.id: index for index, code in enumerate(codebook.codes)}
    last = len(order)
    members = [placed.items[m] for m in group.members]
    stages: dict[str, set[str]] = {}
    codes: Counter[str] = Counter()
    for item in members:
        codes.update({e.coding.code for e in (*item.shaping, *item.felt)})
        if item.stage is not None:
            stages.setdefault(item.stage, set()).add(item.person)
    people = tuple(sorted({item.person for item in members}))
    personas = Counter(_persona(participants.get(person, {})) for person in people)
    notes = [wording.note] if wording.note else []
    if len(stages) == 1:
        notes.append(
            "All that has a stage is from one stage: it may be a matter of that stage rather than "
            "of any experience."
        )
    ids = sorted(coding.id for item in members for coding in item.codings)
    return DesignCriterion(
        id=stable_id("criterion", *ids),
        statement=wording.statement,
        basis=wording.basis,
        terms=(),
        participants=people,
        stages={s: len(stages[s]) for s in sorted(stages, key=lambda s: order.get(s, last))},
        codes={
            code: codes[code]
            for code in sorted(codes, key=lambda c: (-codes[c], order.get(c, last), c))
        },
        quotes=(),
        n_segments=len(members),
        segments=tuple(item.segment.id for item in members),
        needs=wording.needs,
        personas={name: personas[name] for name in sorted(personas) if name},
        stability=None if group.stability is None else round(group.stability, 4),
        note=" ".join(notes),
    )


def _quotes(group: Group, placed: Placed, texts: Mapping[str, str]) -> tuple[Quote, ...]:
    """Return one quote a segment: everybody's most telling one, then their next.

    A segment that praises as well comes after the same person's others, and one whose words stand
    there already after all.
    """
    best = sorted(
        range(len(group.members)),
        key=lambda i: (
            placed.items[group.members[i]].is_mixed,
            -round(group.told(i, placed), 6),
            i,
        ),
    )
    ranked = different_people_first([placed.items[group.members[i]] for i in best])
    quotes = [item.shaping[0].quote() for item in ranked]
    said: set[str] = set()
    fresh: list[Quote] = []
    again: list[Quote] = []
    for quote in quotes:
        words = texts[quote.document_id][quote.start_char : quote.end_char]
        key = " ".join(words.casefold().split()).rstrip(".!")
        (again if key in said else fresh).append(quote)
        said.add(key)
    return (*fresh, *again)[:_MOST_QUOTES]


def _persona(attributes: Mapping[str, str]) -> str:
    return next((v.strip() for k, v in attributes.items() if k.casefold() == "persona"), "")
