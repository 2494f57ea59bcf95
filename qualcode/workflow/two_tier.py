"""Which segments are worth asking a language model about, once the embedded coder has judged all.

Those where it said that it was unsure, where a code was a close call, and those with a code, or in
a family, in which people at the review often found it wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qualcode.analysis.settled import settlements
from qualcode.records import Judgement, Role, Verdict
from qualcode.workflow.reviews import held
from qualcode.workflow.study import Study

__all__ = ["WorthAsking", "worth_asking"]

_CLOSE = 0.5
"""Below this, the embedded coder's own chance that a code is right speaks as much against it."""
_LEAST_JUDGED = 5
_OFTEN = 0.4
"""A code is often corrected where so many of its suggestions that people judged were wrong."""


@dataclass(frozen=True, slots=True)
class WorthAsking:
    """Hold the segments to ask about, and why.

    Attributes:
        segments: Their ids.
        n_heard: Segments that are not an interviewer's.
        n_unsure: With a family about which the coder could not tell.
        n_close: With a code that is as likely wrong as right, and not among those before.
        n_corrected: With a code that people often correct, and not among those before.
        corrected: Those codes' ids.
        n_unjudged: Not judged by the coder at all, and not among those before.
    """

    segments: frozenset[str]
    n_heard: int
    n_unsure: int
    n_close: int
    n_corrected: int
    corrected: tuple[str, ...]
    n_unjudged: int

    @property
    def share(self) -> float:
        """Return the part of all segments that is worth asking about, 0 where there are none."""
        return len(self.segments) / self.n_heard if self.n_heard else 0.0


def worth_asking(study: Study, coder: str, families: Sequence[str]) -> WorthAsking:
    """Find the segments on which the embedded coder is unsure or was often corrected.

    Args:
        study: The study, coded by it.
        coder: Its name.
        families: Those that count.
    """
    repository = study.repository
    heard = [
        text.segment.id
        for text in repository.segment_texts.all()
        if text.segment.role is not Role.INTERVIEWER
    ]
    own = [
        judgement
        for judgement in repository.judgements.current(heard)
        if judgement.coder == coder and judgement.family in families
    ]
    corrected = _often_corrected(study, own)
    unsure, close, wrong, judged = set[str](), set[str](), set[str](), set[str]()
    for judgement in own:
        judged.add(judgement.segment_id)
        if judgement.verdict in (Verdict.ABSTAINED, Verdict.UNPROCESSED):
            unsure.add(judgement.segment_id)
        for coding in judgement.codings:
            if coding.score < _CLOSE:
                close.add(judgement.segment_id)
            if coding.code in corrected:
                wrong.add(judgement.segment_id)
    unjudged = set(heard) - judged
    return WorthAsking(
        segments=frozenset(unsure | close | wrong | unjudged),
        n_heard=len(heard),
        n_unsure=len(unsure),
        n_close=len(close - unsure),
        n_corrected=len(wrong - close - unsure),
        corrected=corrected,
        n_unjudged=len(unjudged),
    )


def _often_corrected(study: Study, judgements: Sequence[Judgement]) -> tuple[str, ...]:
    """Return codes of which people rejected many suggestions, in the order of the book."""
    people = defaultdict(list)
    for one in held(study).values():
        people[one.segment_id].append(one)
    right: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    for judgement in judgements:
        codes: Mapping[tuple[str, str], None] = dict.fromkeys(
            (coding.family, coding.code) for coding in judgement.codings
        )
        if judgement.segment_id not in people or not codes:
            continue
        for key, outcome in settlements(people[judgement.segment_id], codes).items():
            if key in codes and outcome.applies is not None and outcome.status != "bulk":
                judged[key[1]] += 1
                right[key[1]] += outcome.applies
    return tuple(
        code.id
        for code in study.codebook.codes
        if judged[code.id] >= _LEAST_JUDGED and 1 - right[code.id] / judged[code.id] >= _OFTEN
    )
