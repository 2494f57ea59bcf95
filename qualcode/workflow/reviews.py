"""What people's review of a study comes to: who holds what, and the corpus settled by it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from qualcode.analysis.leading import leading
from qualcode.analysis.reviewed import CodesOf, Reviewed, fold, judgements_of, seen_with_book
from qualcode.analysis.settled import settle
from qualcode.codebook import Codebook
from qualcode.codebook.changes import standing_judgements
from qualcode.records import Corpus, Judgement, Segment
from qualcode.review_events import Part
from qualcode.workflow.codebook_versions import known_book
from qualcode.workflow.study import Study

__all__ = ["coded_with", "codes_of", "held", "peoples_judgements", "settled", "settled_on"]


def codes_of(study: Study) -> CodesOf:
    """Return which codes a family had in a version of the study's codebook.

    A version that the study does not know any more counts as the book of today.
    """

    @cache
    def book_of(fingerprint: str) -> Codebook:
        return known_book(study, fingerprint) or study.codebook

    @cache
    def codes(fingerprint: str, family: str) -> frozenset[str]:
        book = book_of(fingerprint)
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
    seen = seen_with_book(study.codebook)
    return {key: seen(one) for key, one in folded.items()}


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


def settled_on(study: Study, segments: Sequence[Segment]) -> tuple[Judgement, ...]:
    """Return what stands on some segments alone: as `Study.corpus` has it, without reading it."""
    documents = {segment.id: segment.document_id for segment in segments}
    current = study.repository.judgements.current(list(documents))
    is_coded = any(judgement.codings for judgement in current)
    machines = standing_judgements(current, study.codebook) if is_coded else current
    machines = leading(machines, study.repository.judgements.coders())
    reviewed = held(study, documents)
    if not reviewed:
        return machines
    return settle(machines, reviewed.values(), study.codebook, documents)


def coded_with(study: Study, codes: Collection[str]) -> frozenset[str]:
    """Return the segments on which one of these codes stands.

    Args:
        study: The study.
        codes: Their ids, with those of the codes that were merged into them.
    """
    found = study.repository.judgements.coded_with(sorted(codes))
    reviewed = {event.segment_id for event in study.repository.review_events.all()}
    if not reviewed:
        return found
    texts = study.repository.segment_texts.all()
    segments = [text.segment for text in texts if text.segment.id in reviewed]
    standing = {
        judgement.segment_id
        for judgement in settled_on(study, segments)
        if any(coding.code in codes for coding in judgement.codings)
    }
    return (found - reviewed) | standing


def peoples_judgements(study: Study, *, blind_only: bool = False) -> tuple[Judgement, ...]:
    """Return reviewers' complete judgements as any coder's records.

    An adjudicator's are left out: that person saw what the others gave.
    """
    segments = (text.segment for text in study.repository.segment_texts.all())
    documents = {segment.id: segment.document_id for segment in segments}
    reviewed = held(study, blind_only=blind_only).values()
    own = (one for one in reviewed if one.part is Part.REVIEWER)
    live = {
        family: [code.id for code in study.codebook.family(family) if code.status != "retired"]
        for family in study.codebook.families
    }
    return judgements_of(own, documents, live)
