"""What people's review of a study comes to: who holds what, and the corpus settled by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from qualcode.analysis.reviewed import CodesOf, Reviewed, fold, judgements_of, seen_with_book
from qualcode.analysis.settled import settle
from qualcode.records import Corpus, Judgement
from qualcode.review_events import Part
from qualcode.workflow.codebook_versions import known_book
from qualcode.workflow.study import Study

__all__ = ["codes_of", "held", "peoples_judgements", "settled"]


def codes_of(study: Study) -> CodesOf:
    """Return which codes a family had in a version of the study's codebook.

    A version that the study does not know any more counts as the book of today.
    """

    @cache
    def codes(fingerprint: str, family: str) -> frozenset[str]:
        book = known_book(study, fingerprint) or study.codebook
        return frozenset(code.id for code in book.family(family) if code.status != "retired")

    return codes


def held(
    study: Study, segment_ids: Iterable[str] | None = None, *, blind_only: bool = False
) -> Mapping[tuple[str, str, Part], Reviewed]:
    """Return what people hold, by author, segment and part, with the codes of today; see `fold`.

    Args:
        segment_ids: Only of these segments; of all when None.
        blind_only: Only what was decided with suggestions hidden.
    """
    events = study.repository.review_events
    found = events.all() if segment_ids is None else events.on(segment_ids)
    folded = fold(found, codes_of(study), blind_only=blind_only)
    book = study.codebook
    return {key: seen_with_book(one, book) for key, one in folded.items()}


def settled(study: Study, corpus: Corpus) -> Corpus:
    """Return a corpus of machines' judgements with what people decided laid over it.

    Args:
        study: The study.
        corpus: Its machines' judgements with the codes of today (`codebook.changes.seen_with`),
            because people answered what they saw under these.
    """
    reviewed = held(study)
    if not reviewed:
        return corpus
    documents = {segment.id: segment.document_id for segment in corpus.segments}
    judgements = settle(corpus.judgements, reviewed.values(), study.codebook, documents)
    place = {segment.id: at for at, segment in enumerate(corpus.segments)}
    ordered = sorted(judgements, key=lambda j: (place[j.segment_id], j.family, j.coder))
    return replace(corpus, judgements=tuple(ordered))


def peoples_judgements(study: Study, *, blind_only: bool = False) -> tuple[Judgement, ...]:
    """Return people's complete judgements, reviewers' and adjudicators', as any coder's records."""
    documents = {s.id: s.document_id for s in study.repository.corpus().segments}
    return judgements_of(held(study, blind_only=blind_only).values(), documents)
