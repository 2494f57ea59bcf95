"""Look at a study's codebook with its codings: counts a code, and what the lint finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from qualcode.codebook.changes import Touched
from qualcode.codebook.checks import Evidence, Likeness
from qualcode.codebook.codes import Code
from qualcode.codebook.lint import Finding, lint
from qualcode.workflow.embed import vectors_of
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qualcode.analysis.rejections import Suggestion

    Floats = NDArray[np.float64]

__all__ = ["CodeInUse", "codes_in_use", "lint_codebook", "suggest_changes"]


@dataclass(frozen=True, slots=True)
class CodeInUse:
    """Hold a code with the codings that stand under it now."""

    code: Code
    counts: Touched


def codes_in_use(study: Study) -> tuple[CodeInUse, ...]:
    """Return every code with its counts, in the order of the book, families together."""
    corpus = study.corpus()
    people = {segment.id: segment.participant_id for segment in corpus.segments}
    n_codings: Counter[str] = Counter()
    segments: dict[str, set[str]] = {}
    for coding in corpus.codings():
        n_codings[coding.code] += 1
        segments.setdefault(coding.code, set()).add(coding.segment_id)
    ordered = sorted(study.codebook.codes, key=lambda c: study.codebook.families.index(c.family))
    return tuple(
        CodeInUse(
            code,
            Touched(
                n_codings[code.id],
                len(said := segments.get(code.id, set())),
                len({people[segment_id] for segment_id in said} - {None}),
            ),
        )
        for code in ordered
    )


def lint_codebook(study: Study) -> tuple[tuple[Finding, ...], Mapping[str, str]]:
    """Check the study's codebook; return the findings, and the checks left out with the reason.

    Raises:
        ModelError: The weights are missing or altered.
    """
    corpus = study.corpus()
    evidence = Evidence(
        likeness=_likeness(study),
        n_codings=Counter(coding.code for coding in corpus.codings()),
        judged={judgement.family for judgement in study.repository.corpus().judgements},
    )
    return lint(study.codebook, evidence)


def suggest_changes(study: Study) -> tuple[Suggestion, ...]:
    """Return what people's decisions at the review say about the codebook.

    What is kept for judging blind has no say: a book that is mended by those places would be
    measured by the places that it was mended by.
    """
    from qualcode.analysis.rejections import suggest
    from qualcode.workflow.review_sample import reserved_blind
    from qualcode.workflow.reviews import held

    blind = reserved_blind(study)
    seen = [one for one in held(study).values() if one.segment_id not in blind]
    return suggest(seen, study.repository.corpus().judgements, study.codebook)


def _likeness(study: Study) -> dict[tuple[str, str], Likeness]:
    """Compare the codes of each family, by definition and examples, in the order of the book."""
    texts = {
        code.id: (code.definition or code.first_name, *code.examples)
        for code in study.codebook.codes
        if code.status != "retired"
    }
    vectors = vectors_of(study, {text for some in texts.values() for text in some})
    found = {}
    for family in study.codebook.families:
        codes = {c.id: _stacked(vectors, texts[c.id]) for c in study.codebook.family(family)}
        strayed = _strayed(codes)
        for one, two in combinations(codes, 2):
            cosine = float(_middle(codes[one]) @ _middle(codes[two]))
            found[one, two] = Likeness(
                cosine=round(cosine, 4),
                n_confused=strayed[one, two] + strayed[two, one],
                n_examples=len(texts[one]) + len(texts[two]) - 2,
            )
    return found


def _stacked(vectors: Mapping[str, NDArray[np.float32]], texts: Sequence[str]) -> Floats:
    import numpy as np

    return np.array([vectors[text] for text in texts], np.float64)


def _middle(rows: Floats) -> Floats:
    import numpy as np

    middle: Floats = rows.mean(axis=0)
    return middle / np.linalg.norm(middle)


def _strayed(codes: Mapping[str, Floats]) -> Counter[tuple[str, str]]:
    """Count examples of one code that lie nearest to another one, by the two.

    An example (any row but the first) is compared with its own code without it.
    """
    middles = {code: _middle(rows) for code, rows in codes.items()}
    count: Counter[tuple[str, str]] = Counter()
    for own, rows in codes.items():
        for row in rows[1:]:
            near = {code: float(row @ middle) for code, middle in middles.items()}
            near[own] = float(row @ _middle((rows.sum(axis=0) - row)[None]))
            nearest = max(near, key=lambda code: near[code])
            count[own, nearest] += nearest != own
    return count
