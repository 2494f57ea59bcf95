"""What the proof page of the criteria shows, as plain values for its template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.codebook import Codebook, family_name
from qualcode.draft import CriteriaDraft, DesignCriterion, Draft, Merge, Quote
from qualcode.records import Corpus, Role
from qualcode.report.own_words import shown_words
from qualcode.report.quote_sources import Sources, persona_of

__all__ = [
    "Bar",
    "CriteriaView",
    "TriedNumber",
    "shown_words",
    "stability_word",
    "tried_numbers",
]

_MOST_CODES = 10
_STABLE = ((0.85, "almost unchanged"), (0.75, "as a whole"), (0.6, "in outline"), (0.5, "in part"))
"""After C. Hennig, cluster-wise assessment (2007): 0.85 very stable, 0.75 valid, 0.6 a pattern,
0.5 and less dissolved."""


def stability_word(stability: float | None) -> str:
    """Say how a group comes back when half of the people are drawn again."""
    if stability is None:
        return "not measured"
    for least, word in _STABLE:
        if stability >= least:
            return f"comes back {word}"
    return "falls apart more often than not"


@dataclass(frozen=True, slots=True)
class Bar:
    """Hold one line of a bar chart: so many people of so many.

    `length` and `filled` are in percent of the chart's width.
    """

    name: str
    count: int
    total: int
    length: float
    filled: float


@dataclass(frozen=True, slots=True)
class TriedNumber:
    """Hold the figures of one number of groups; None where it could not be tried."""

    k: int
    agreement: float
    shuffled: float
    gain: float
    tightness: float | None
    smallest: int | None
    is_chosen: bool


def tried_numbers(figures: Mapping[str, float]) -> list[TriedNumber]:
    """Read the figures of `CriteriaDraft.figures` back as a table, fewest groups first."""
    found = []
    for k in range(2, 10):
        if f"agreement_k{k}" not in figures:
            continue
        smallest = figures.get(f"smallest_k{k}")
        found.append(
            TriedNumber(
                k=k,
                agreement=figures[f"agreement_k{k}"],
                shuffled=figures[f"shuffled_k{k}"],
                gain=figures[f"gain_k{k}"],
                tightness=figures.get(f"silhouette_k{k}"),
                smallest=None if smallest is None else int(smallest),
                is_chosen=figures.get("k") == k,
            )
        )
    return found


class CriteriaView:
    """Turn a draft's criteria into what the page shows.

    Args:
        draft: Its criteria, its stages with their people, and what people wrote.
        corpus: Quotes are cut from its documents.
        codebook: Names of codes.
        participants: Participant id to attributes.
    """

    def __init__(
        self,
        draft: Draft,
        corpus: Corpus,
        codebook: Codebook,
        participants: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._draft = draft
        self._sources = Sources(corpus, participants, kept=draft.edits.kept)
        self._participants = participants
        self._codes = {code.id: code for code in codebook.codes}
        self._stages = [(s.code, s.name, s.n_people) for s in draft.map.stages]
        spoke = {s.participant_id for s in corpus.segments if s.role is Role.PARTICIPANT}
        self._personas = Counter(
            persona
            for who, attributes in participants.items()
            if who in spoke and (persona := persona_of(attributes))
        )

    def context(self) -> dict[str, Any]:
        """Return the template's context."""
        made = self._draft.criteria
        shown = [c for c in made.criteria if c.status != "rejected"]
        return {
            "criteria": [self._criterion(number, c) for number, c in enumerate(shown, start=1)],
            "set_aside": [
                {"id": c.id, "statement": c.statement, "status": _status(c), "note": c.note}
                for c in (*(c for c in made.criteria if c.status == "rejected"), *made.set_aside)
            ],
            "reason": made.reason[:1].upper() + made.reason[1:],
            "choice": made.choice,
            "tried": tried_numbers(made.figures),
            "figures": {k: made.figures[k] for k in _TOLD if k in made.figures},
            "difference": _difference(made),
            "n_people": int(made.figures.get("n_people", 0)),
            "n_segments": int(made.figures.get("n_segments", 0)),
        }

    def _criterion(self, number: int, criterion: DesignCriterion) -> dict[str, Any]:
        own = shown_words(criterion, self._draft.edits.hidden)
        staged = self._stage_bars(criterion.stages)
        return {
            "number": number,
            "id": criterion.id,
            "statement": criterion.statement,
            "words": None if own is None else self._sources.brief(own),
            "status": _status(criterion),
            "is_draft": criterion.status == "draft",
            "owner": self._draft.edits.owners.get(criterion.id, ""),
            "basis": criterion.basis,
            "note": criterion.note,
            "n_people": len(criterion.participants),
            "n_segments": criterion.n_segments,
            "stability": criterion.stability,
            "stability_word": stability_word(criterion.stability),
            "stages": staged,
            "n_stages": sum(bar.count > 0 for bar in staged),
            "personas": _bars(
                [
                    (name, criterion.personas.get(name, 0), total)
                    for name, total in sorted(
                        self._personas.items(), key=lambda item: (-item[1], item[0])
                    )
                ]
            ),
            "people": [
                (who, persona_of(self._participants.get(who, {}))) for who in criterion.participants
            ],
            "needs": [self._code_name(need) for need in criterion.needs],
            "codes": [
                (self._code_name(code), self._family(code), n)
                for code, n in list(criterion.codes.items())[:_MOST_CODES]
            ],
            "n_more_codes": max(0, len(criterion.codes) - _MOST_CODES),
            "terms": criterion.terms,
            "quotes": self._records(criterion.quotes),
            "n_quoted": len({q.participant_id for q in criterion.quotes}),
            "against": self._records(criterion.counter_evidence),
            "n_against": max(criterion.n_counter_evidence, len(criterion.counter_evidence)),
            "left_out": self._records(criterion.left_out),
            "n_left_out": max(criterion.n_left_out, len(criterion.left_out)),
            "merges": [self._merge(merge) for merge in criterion.merges],
        }

    def _stage_bars(self, counts: Mapping[str, int]) -> list[Bar]:
        known = {code for code, _, _ in self._stages}
        rows = [(name, counts.get(code, 0), total) for code, name, total in self._stages]
        rows += [(self._code_name(c), n, n) for c, n in counts.items() if c not in known]
        return _bars(rows)

    def _records(self, quotes: Iterable[Quote]) -> list[dict[str, Any]]:
        return [self._sources.record(quote) for quote in quotes]

    def _merge(self, merge: Merge) -> dict[str, Any]:
        return {
            "distance": merge.distance,
            "sides": [
                {
                    "codes": [self._code_name(code) for code in codes],
                    "words": words,
                    "people": n_people,
                    "segments": n_segments,
                }
                for codes, words, n_people, n_segments in zip(
                    merge.codes, merge.words, merge.n_people, merge.n_segments, strict=True
                )
            ],
        }

    def _code_name(self, code_id: str) -> str:
        code = self._codes.get(code_id)
        return code_id if code is None else code.name

    def _family(self, code_id: str) -> str:
        code = self._codes.get(code_id)
        return "" if code is None else family_name(code.family)


_TOLD = ("n_draws", "n_shuffles", "n_drawn_from", "n_left_out", "n_without_vector")


def _difference(made: CriteriaDraft) -> tuple[float, float, float] | None:
    keys = ("difference", "difference_low", "difference_high")
    if not all(key in made.figures for key in keys):
        return None
    middle, low, high = (made.figures[key] for key in keys)
    return middle, low, high


def _bars(rows: Sequence[tuple[str, int, int]]) -> list[Bar]:
    """Return lines as long as their total, filled as far as their count; the longest is 100 %."""
    longest = max((max(count, total) for _, count, total in rows), default=0) or 1
    return [
        Bar(
            name=name,
            count=count,
            total=max(count, total),
            length=round(100 * max(count, total) / longest, 1),
            filled=round(100 * count / longest, 1),
        )
        for name, count, total in rows
    ]


def _status(criterion: DesignCriterion) -> str:
    if criterion.status == "draft":
        by = f" by {criterion.author}" if criterion.author else ""
        return f"draft{by}, nobody has decided on it"
    return f"{criterion.status} by {criterion.author}" if criterion.author else criterion.status
