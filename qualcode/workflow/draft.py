"""Compute the draft: criteria and map, from what the store holds now."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.codebook import Codebook
from qualcode.draft import Draft
from qualcode.records import Corpus
from qualcode.workflow.study import Study

__all__ = ["Drafted", "draft"]


@dataclass(frozen=True, slots=True)
class Drafted:
    """Hold a draft with everything that it points at."""

    draft: Draft
    corpus: Corpus
    codebook: Codebook
    participants: dict[str, dict[str, str]]


def draft(study: Study, *, persona: str | None = None) -> Drafted:
    """Cluster needs and pains to criteria and count the map's cells; the same each time.

    Raises:
        UsageError: No participant has that persona.
    """
    from qualcode.analysis.criteria import draft_criteria
    from qualcode.analysis.journey import build_journey
    from qualcode.errors import UsageError
    from qualcode.workflow.embed import code_vectors, segment_vectors

    repository = study.repository
    corpus = study.corpus()
    people = {key: dict(value) for key, value in repository.people.participants().items()}
    if persona is not None:
        known = sorted({a["persona"] for a in people.values() if "persona" in a})
        if persona.casefold() not in [name.casefold() for name in known]:
            raise UsageError(
                f"no participant has the persona {persona!r}",
                hint=f"there are: {', '.join(known)}" if known else "set it with --attr persona=…",
            )
    seed = study.settings.coding.seed
    wanted = {c.segment_id for c in corpus.codings() if c.family in ("need", "pain_point")}
    criteria = draft_criteria(
        corpus,
        study.codebook,
        segment_vectors(study, corpus, wanted),
        code_vectors={**code_vectors(study, "need"), **code_vectors(study, "pain_point")},
        seed=seed,
    )
    journey = build_journey(corpus, study.codebook, persona=persona, seed=seed, participants=people)
    return Drafted(Draft(criteria, journey), corpus, study.codebook, people)
