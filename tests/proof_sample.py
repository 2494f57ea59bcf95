"""The made-up study of `journey_sample.py` with all that the proof page of the criteria shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from journey_sample import Sample, edited_sample, make_sample

from qualcode.draft import CriteriaDraft, DesignCriterion, Finding, Merge, Quote
from qualcode.spans import Span

__all__ = ["FIGURES", "edited_proof", "proof_sample"]

FIGURES = {
    "n_people": 8,
    "n_segments": 41,
    "n_without_vector": 1,
    "n_left_out": 5,
    "n_draws": 100,
    "n_shuffles": 10,
    "n_drawn_from": 41,
    "k": 3,
    "difference": -0.03,
    "difference_low": -0.11,
    "difference_high": 0.05,
    **{f"agreement_k{k}": 0.9 - k / 20 for k in range(2, 7)},
    **{f"shuffled_k{k}": 0.42 for k in range(2, 7)},
    **{f"gain_k{k}": round((0.48 - k / 20) / 0.58, 4) for k in range(2, 7)},
    **{f"silhouette_k{k}": 0.3 for k in range(2, 7)},
    **{f"smallest_k{k}": 9 - k for k in range(2, 7)},
}
CHOICE = (
    "Three and four cannot be told apart, so three are taken: when half of the people are drawn "
    "again, they come back about equally (gain over shuffled data 0.57 for three and 0.48 for "
    "four; difference −0.03, 95 % interval −0.11 to +0.05). The grouping comes back much more "
    "surely than by chance."
)


def proof_sample(**options: Any) -> Sample:
    """Return a sample whose criteria have proofs; options are those of `make_sample`."""
    return _proven(make_sample(**options))


def edited_proof() -> Sample:
    """Return the sample in which people decided on criteria, with proofs."""
    return _proven(edited_sample())


def _proven(sample: Sample) -> Sample:
    made = sample.draft.criteria
    criteria = tuple(_proof(sample, c, at) for at, c in enumerate(made.criteria))
    figures = dict(FIGURES) if criteria else {}
    whole = CriteriaDraft(
        criteria, made.reason, figures, CHOICE if criteria else "", made.set_aside
    )
    return replace(sample, draft=replace(sample.draft, criteria=whole))


def _proof(sample: Sample, criterion: DesignCriterion, at: int) -> DesignCriterion:
    praise = _quotes(sample, "strength")
    pains = _quotes(sample, "pain_point")
    own = criterion.quotes[0]
    text = next(d.text for d in sample.corpus.documents if d.id == own.document_id)
    words = Span(own.start_char, own.end_char).of(text)
    first = replace(own, end_char=own.start_char + len(words.split(".")[0]) + 1)
    people = {who: sample.participants.get(who, {}) for who in criterion.participants}
    personas = [a["persona"] for a in people.values() if a.get("persona")]
    merge = Merge(
        words=(("date", "text"), ("bill", "price", "first")),
        n_segments=(14, 9),
        n_people=(8, 5),
        distance=2.41,
        codes=tuple(  # type: ignore[arg-type]
            tuple(list(criterion.codes)[at : at + 2]) for at in (0, 1)
        ),
    )
    return replace(
        criterion,
        quotes=criterion.quotes,
        in_their_words=first if len(words) >= first.end_char - first.start_char else own,
        stability=(0.91, 0.72, 0.41)[at % 3],
        counter_evidence=() if at == 2 else praise[at : at + 5],
        n_counter_evidence=0 if at == 2 else 9,
        left_out=() if at == 1 else pains[at : at + 2],
        n_left_out=0 if at == 1 else 2 + at,
        merges=() if at == 2 else (merge, replace(merge, distance=1.7)),
        personas={name: personas.count(name) for name in sorted(set(personas))},
        needs=tuple(c.id for c in sample.codebook.family("need"))[at : at + 2],
        note=criterion.note or ("Only 2 of its 8 people point to this need." if at == 0 else ""),
    )


def _quotes(sample: Sample, family: str) -> tuple[Quote, ...]:
    findings: list[Finding] = [
        finding
        for (lane, _), cell in sample.draft.map.cells.items()
        if lane == family
        for finding in cell.findings
    ]
    return tuple(finding.quotes[0] for finding in findings if finding.quotes)
