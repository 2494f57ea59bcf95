"""What a model is shown of people's judgements: the most telling ones of each code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.analysis.settled import settlements
from qualcode.coders.llm.coding_step import Example
from qualcode.spans import Span
from qualcode.workflow.embed import vectors_of
from qualcode.workflow.review_sample import reserved_blind
from qualcode.workflow.reviews import held
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qualcode.coders.llm.pieces import Veil

    Floats = NDArray[np.float32]

__all__ = ["chosen_examples"]

_EACH = 3
"""Examples of a code that applies, and of one that does not."""
_MOST_CHARS = 12_000
"""Of all examples together, about 3,000 tokens."""
_LONGEST = 240
_MOST_LOOKED_AT = 60
"""Candidates of a code among which is chosen."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Hold words that people judged.

    Attributes:
        is_correction: The machine had said otherwise.
    """

    text: str
    is_correction: bool
    segment_id: str


def chosen_examples(study: Study, veil: Veil) -> tuple[Example, ...]:
    """Choose examples from what people accepted, added and rejected at the review.

    Of each code, corrections of a machine go before what it had right, then what is least like the
    examples chosen so far. What was accepted in bulk, what people disagree on and what is kept for
    judging blind is left out; so are the noes that nobody gave by name.

    Args:
        study: The study.
        veil: Masks what goes out.

    Returns:
        In the order of the codebook; the same for the same judgements.
    """
    found = _candidates(study, veil)
    if not found:
        return ()
    texts = {one.text for some in found.values() for one in some}
    vectors = vectors_of(study, texts)
    ranked = {key: _ranked(some, vectors) for key, some in found.items()}
    chosen: dict[tuple[str, bool], list[str]] = defaultdict(list)
    size = 0
    # Round by round, so that a code with many judgements does not take the room of the others.
    for at in range(_EACH):
        for code in study.codebook.codes:
            for applies in (True, False):
                texts_of = ranked.get((code.id, applies), ())
                if at < len(texts_of) and size + len(texts_of[at]) <= _MOST_CHARS:
                    chosen[code.id, applies].append(texts_of[at])
                    size += len(texts_of[at])
    return tuple(
        Example(code.id, applies, text)
        for code in study.codebook.codes
        for applies in (True, False)
        for text in chosen[code.id, applies]
    )


def _candidates(study: Study, veil: Veil) -> Mapping[tuple[str, bool], list[_Candidate]]:
    blind = reserved_blind(study)
    people = defaultdict(list)
    for one in held(study).values():
        if one.segment_id not in blind:
            people[one.segment_id].append(one)
    if not people:
        return {}
    repository = study.repository
    wanted = sorted(people)
    proposed: dict[str, set[str]] = defaultdict(set)
    for judgement in repository.judgements.current(wanted):
        proposed[judgement.segment_id] |= {coding.code for coding in judgement.codings}
    segments = {t.segment.id: t.segment for t in repository.segment_texts.all()}
    documents = repository.sources.documents_of(
        sorted({segments[i].document_id for i in wanted if i in segments})
    )
    found: dict[tuple[str, bool], list[_Candidate]] = defaultdict(list)
    for segment_id in wanted:
        segment = segments.get(segment_id)
        if segment is None:
            continue
        text = documents[segment.document_id].text
        for (_, code), outcome in settlements(people[segment_id], ()).items():
            if outcome.applies is None or outcome.status == "bulk" or outcome.mark is None:
                continue
            span = segment.span
            if outcome.applies and outcome.mark.start_char is not None:
                span = Span(outcome.mark.start_char, outcome.mark.end_char or span.end_char)
            words = " ".join(veil(span.of(text))[0].split())
            if words and len(words) <= _LONGEST:
                is_correction = outcome.applies != (code in proposed[segment_id])
                found[code, outcome.applies].append(_Candidate(words, is_correction, segment_id))
    return found


def _ranked(candidates: Sequence[_Candidate], vectors: Mapping[str, Floats]) -> list[str]:
    """Order texts: corrections first, then each as unlike those before as can be."""
    import numpy as np

    ordered = sorted(candidates, key=lambda one: (not one.is_correction, one.segment_id))
    left = list({one.text: one for one in reversed(ordered[:_MOST_LOOKED_AT])}.values())
    left.reverse()
    chosen: list[str] = []
    while left and len(chosen) < _EACH:
        if chosen:
            near = np.stack([vectors[text] for text in chosen])
            likeness = [float((near @ vectors[one.text]).max()) for one in left]
        else:
            likeness = [0.0] * len(left)
        at = min(
            range(len(left)),
            key=lambda n: (not left[n].is_correction, round(likeness[n], 4), left[n].segment_id),
        )
        chosen.append(left.pop(at).text)
    return chosen
