"""Search a study's segments by words and by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.analysis.fulltext import WordQuery, parse_query
from qualcode.errors import UsageError
from qualcode.records import Coding, Document, Role, Segment
from qualcode.spans import Span
from qualcode.workflow.embed import vectors_of
from qualcode.workflow.index import IndexUse, Scored, nearest, nearest_exactly
from qualcode.workflow.progress import Progress, silent
from qualcode.workflow.reviews import settled_on
from qualcode.workflow.search_filters import Filters, Selection
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qualcode.store.segment_texts import SegmentText

    Vector = NDArray[np.float32]

__all__ = ["LEAST_SIMILARITY", "Filters", "Found", "Hit", "search", "similar"]

LEAST_SIMILARITY = 0.25
"""Cosine below which words are not said to mean the same. Two survey comments picked at random lie
around 0.1, one in twenty pairs above 0.3; what a person would call on the subject begins there."""

_WORDS, _MEANING = "words", "meaning"


@dataclass(frozen=True, slots=True)
class Hit:
    """Hold one segment that was found.

    Attributes:
        label: Of its speaker, None for the lone voice of an unlabelled file.
        score: Cosine to what was asked for; None when meaning was not asked for.
        why: "words", "meaning" or both.
        words: Where the words of the query stand, in offsets of the document; none where it was
            found by meaning alone.
        codings: What stands on the segment, in the order of families; none for an interviewer's.
        attributes: Of the participant, and of the document where the participant has none.
    """

    segment: Segment
    document: Document
    label: str | None
    score: float | None
    why: tuple[str, ...]
    words: tuple[Span, ...]
    codings: tuple[Coding, ...]
    attributes: dict[str, str]

    @property
    def quote(self) -> str:
        return self.segment.span.of(self.document.text)


@dataclass(frozen=True, slots=True)
class Found:
    """Hold the hits, best first.

    Attributes:
        n_searched: Segments that the filters let through.
        n_with_words: Of these, how many hold the words; None when words were not asked for.
        engine: "exact" or "chroma"; empty when meaning was not asked for.
        doubt: Why the search index was wanted and not used, else empty.
    """

    hits: tuple[Hit, ...]
    n_searched: int
    n_with_words: int | None = None
    engine: str = ""
    doubt: str = ""


def search(
    study: Study,
    query: str,
    *,
    filters: Filters | None = None,
    words: bool = True,
    meaning: bool = True,
    limit: int = 10,
    min_score: float = LEAST_SIMILARITY,
    use: IndexUse = IndexUse.AUTO,
    progress: Progress = silent,
) -> Found:
    """Find segments that hold the words of a query, and segments that mean the like.

    Those with the words come first, nearest in meaning first; then those without them, down to
    `min_score`. With words alone the order is that of the corpus. What the query excludes is
    not found either way. The query itself is not kept, nor is its vector.

    Args:
        study: The study.
        query: As `analysis.fulltext` reads it.
        filters: Which segments may be found; all but interviewers' when None.
        words: Whether words are looked for.
        meaning: Whether meaning is compared.
        limit: How many hits at most.
        min_score: For hits by meaning alone.
        use: Whether the search index answers.
        progress: Takes how far the embedding of texts without a vector is.

    Raises:
        UsageError: The query holds nothing to look for, or a filter names what is not there.
    """
    asked = parse_query(query)
    if not asked.wanted:
        raise UsageError(
            "the query only says what to leave out", hint='qualcode search "delivery -refund"'
        )
    selection = Selection(study, filters or Filters())
    judged = [(text, asked.holds(text.text)) for text in selection.texts]
    with_words = [text for text, holds in judged if holds]
    others = [text for text, holds in judged if holds is False or (holds and not words)]
    n_with_words = len(with_words) if words else None
    n_searched = len(selection.texts)
    if not meaning:
        found = [_Match(text, None, (_WORDS,)) for text in with_words[:limit]]
        return Found(_hits(study, selection, found, asked), n_searched, n_with_words)
    vector = _vector_of(asked.text)
    first = nearest_exactly(study, with_words if words else [], vector, limit, progress=progress)
    rest = nearest(
        study,
        selection.everything,
        others,
        vector,
        limit - len(first),
        use=use,
        progress=progress,
    )
    found = [
        _Match(s.text, s.score, (_WORDS, _MEANING) if s.score >= min_score else (_WORDS,))
        for s in first
    ]
    found += [_Match(s.text, s.score, (_MEANING,)) for s in rest.found if s.score >= min_score]
    hits = _hits(study, selection, found, asked if words else None)
    return Found(hits, n_searched, n_with_words, rest.engine, rest.doubt)


def similar(
    study: Study,
    segment_id: str,
    *,
    filters: Filters | None = None,
    others_first: bool = False,
    limit: int = 10,
    min_score: float = LEAST_SIMILARITY,
    use: IndexUse = IndexUse.AUTO,
    progress: Progress = silent,
) -> Found:
    """Find segments that mean the like of one segment, itself left out.

    Args:
        study: The study.
        segment_id: Of a segment, or of a coding, which stands for its segment.
        filters: Which segments may be found; all but interviewers' when None.
        others_first: Whether the words of other people go before those of the same.
        limit: How many hits at most.
        min_score: The least cosine of a hit.
        use: Whether the search index answers.
        progress: Takes how far the embedding of texts without a vector is.

    Raises:
        UsageError: There is no such segment, or a filter names what is not there.
    """
    selection = Selection(study, filters or Filters())
    known = study.repository.judgements.segment_of(segment_id) or segment_id
    own = next((t for t in selection.everything if t.segment.id == known), None)
    if own is None:
        raise UsageError(
            f"the study has no segment or coding {segment_id!r}",
            hint="qualcode search … --json and qualcode quotes --json tell their ids",
        )
    vector = vectors_of(study, [own.text])[own.text]
    others = [text for text in selection.texts if text.segment.id != known]
    groups = [others]
    if others_first:
        groups = [
            [text for text in others if (_voice(text) == _voice(own)) is is_same]
            for is_same in (False, True)
        ]
    scored: list[Scored] = []
    engine = doubt = ""
    for group in groups:
        part = nearest(
            study,
            selection.everything,
            group,
            vector,
            limit - len(scored),
            use=use,
            progress=progress,
        )
        scored += [s for s in part.found if s.score >= min_score]
        engine, doubt = engine or part.engine, doubt or part.doubt
    found = [_Match(s.text, s.score, (_MEANING,)) for s in scored]
    return Found(_hits(study, selection, found, None), len(others), None, engine, doubt)


@dataclass(frozen=True, slots=True)
class _Match:
    text: SegmentText
    score: float | None
    why: tuple[str, ...]


def _vector_of(query: str) -> Vector:
    """Return the query's vector, which is not kept: a query may hold a name."""
    from qualcode.coders.local.encoder import Encoder

    vector: Vector = Encoder().encode([query])[0]
    return vector


def _voice(text: SegmentText) -> tuple[str, str | None]:
    """Return what is the same for all that one person says, as far as the study knows."""
    if text.segment.participant_id is not None:
        return text.segment.participant_id, None
    return text.segment.document_id, text.label


def _hits(
    study: Study, selection: Selection, matches: Sequence[_Match], asked: WordQuery | None
) -> tuple[Hit, ...]:
    repository = study.repository
    documents = repository.sources.documents_of(
        list({match.text.segment.document_id for match in matches})
    )
    codings = _codings(study, [m.text.segment for m in matches])
    hits = []
    for match in matches:
        segment = match.text.segment
        at = segment.start_char
        spans = asked.spans(match.text.text) if asked is not None and _WORDS in match.why else ()
        document = documents[segment.document_id]
        hits.append(
            Hit(
                segment=segment,
                document=document,
                label=match.text.label,
                score=match.score,
                why=match.why,
                words=tuple(Span(at + s.start_char, at + s.end_char) for s in spans),
                codings=codings.get(segment.id, ()),
                attributes=selection.attributes_of(segment, document.attributes),
            )
        )
    return tuple(hits)


def _codings(study: Study, segments: Sequence[Segment]) -> dict[str, tuple[Coding, ...]]:
    """Return what stands on these segments now; an interviewer's words carry nothing."""
    heard = [s for s in segments if s.role is not Role.INTERVIEWER]
    found: dict[str, tuple[Coding, ...]] = {}
    for judgement in settled_on(study, heard):
        found[judgement.segment_id] = found.get(judgement.segment_id, ()) + judgement.codings
    if not found:
        return {}  # without reading the codebook
    order = {family: at for at, family in enumerate(study.codebook.families)}
    return {
        segment_id: tuple(sorted(some, key=lambda c: (order.get(c.family, len(order)), -c.score)))
        for segment_id, some in found.items()
    }
