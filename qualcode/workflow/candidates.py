"""Codes that a model proposed: look at them with their quotes, adopt or dismiss them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qualcode.codebook import Codebook, edits
from qualcode.codebook.codes import Code
from qualcode.codebook.names import find_code
from qualcode.errors import UsageError
from qualcode.records import Document, Segment
from qualcode.report.quotes import cut_quote, path_of, place_of, voice_of
from qualcode.spans import Span
from qualcode.store.candidates import Candidate, CandidateQuote, CandidateStatus
from qualcode.workflow.codebook import family_called
from qualcode.workflow.codebook_apply import Changed, apply_change
from qualcode.workflow.embed import vectors_of
from qualcode.workflow.propose_merge import told
from qualcode.workflow.study import Study

__all__ = ["Offered", "OfferedQuote", "adopt", "dismiss", "offered"]


@dataclass(frozen=True, slots=True)
class OfferedQuote:
    """Hold words that a candidate rests on; `quote` is `document.text[start_char:end_char]`.

    Attributes:
        participant: Who says it; None where the source does not tell.
        place: See `QuoteRow.place`.
    """

    segment_id: str
    participant: str | None
    path: str
    place: str
    start_char: int
    end_char: int
    quote: str


@dataclass(frozen=True, slots=True)
class Offered:
    """Hold a candidate as people decide on it.

    Attributes:
        candidate: As stored.
        quotes: Those that are a participant's words now, in the order of the study.
        n_people: Who says them.
        n_segments: In so many segments.
        nearest: Id of the code of its family that means the most similar, None where there is none.
        nearness: Cosine of the two (`propose_merge`), None likewise.
    """

    candidate: Candidate
    quotes: tuple[OfferedQuote, ...]
    n_people: int
    n_segments: int
    nearest: str | None
    nearness: float | None


def offered(
    study: Study, statuses: Sequence[CandidateStatus] = (CandidateStatus.OPEN,)
) -> tuple[Offered, ...]:
    """Return candidates by family, what most people speak of first.

    Args:
        study: The study.
        statuses: Only these; all when empty.

    Raises:
        ModelError: The embedded encoder's weights are missing or altered.
    """
    found = study.repository.candidates.all(statuses)
    if not found:
        return ()
    book = study.codebook
    families = {candidate.family for candidate in found}
    codes = [c for c in book.codes if c.family in families and c.status != "retired"]
    compared: list[Code | Candidate] = [*found, *codes]
    vectors = vectors_of(study, {told(one) for one in compared})
    documents = {d.id: d for d in study.repository.sources.documents()}
    segments = {s.id: s for s in study.repository.sources.segments(tuple(documents.values()))}
    rows = []
    for candidate in found:
        quotes = _quotes(candidate, segments, documents)
        near = [
            (round(float(vectors[told(candidate)] @ vectors[told(code)]), 4), code.id)
            for code in codes
            if code.family == candidate.family
        ]
        nearness, nearest = max(near, key=lambda pair: pair[0], default=(None, None))
        people = {quote.participant for quote in quotes} - {None}
        n_segments = len({quote.segment_id for quote in quotes})
        rows.append(Offered(candidate, quotes, len(people), n_segments, nearest, nearness))
    order = [*book.families, *sorted(families - set(book.families))]
    return tuple(
        sorted(
            rows,
            key=lambda row: (order.index(row.candidate.family), -row.n_people, row.candidate.id),
        )
    )


def _quotes(
    candidate: Candidate, segments: dict[str, Segment], documents: dict[str, Document]
) -> tuple[OfferedQuote, ...]:
    """Cut a candidate's quotes; what stands one after the other in a segment is one quote.

    A quote is left out where its segment is gone, or no participant's any more.
    """
    by_segment: dict[str, list[CandidateQuote]] = defaultdict(list)
    for quote in candidate.quotes:
        by_segment[quote.segment_id].append(quote)
    rows = []
    for segment_id, quotes in by_segment.items():
        segment = segments.get(segment_id)
        if segment is None or (voice := voice_of(segment)) is None:
            continue
        document = documents[segment.document_id]
        for span in _joined(quotes, document.text):
            if segment.span.contains(span):
                rows.append(
                    OfferedQuote(
                        segment_id=segment_id,
                        participant=voice,
                        path=path_of(document),
                        place=place_of(document, span.start_char, segment.turn_index),
                        start_char=span.start_char,
                        end_char=span.end_char,
                        quote=cut_quote(
                            document,
                            span.start_char,
                            span.end_char,
                            of=f"candidate {candidate.id}",
                        ),
                    )
                )
    return tuple(rows)


def _joined(quotes: Sequence[CandidateQuote], text: str) -> list[Span]:
    spans: list[Span] = []
    for quote in sorted(quotes, key=lambda q: q.start_char):
        last = spans[-1] if spans else None
        if last is not None and not text[last.end_char : quote.start_char].strip():
            spans[-1] = Span(last.start_char, max(last.end_char, quote.end_char))
        else:
            spans.append(Span(quote.start_char, quote.end_char))
    return spans


def adopt(
    study: Study,
    number: int,
    *,
    name: str = "",
    code_id: str = "",
    family: str = "",
    definition: str = "",
    before: str | None = None,
    after: str | None = None,
    by: str | None,
    reason: str = "",
    dry_run: bool = False,
) -> Changed:
    """Add a candidate to the codebook as a code, with what is given in place of its own.

    Its quotes are not taken over as examples: participants' words stay in the study's sources.

    Raises:
        UsageError: There is no such candidate, or it was decided on already.
        CodebookError: The book has that id, or that name in the family.
    """
    candidate, book = _undecided(study, number), study.codebook
    code = Code(
        id=code_id.strip(),
        name=name.strip() or candidate.name,
        family=family_called(book, family) if family.strip() else candidate.family,
        definition=definition.strip() or candidate.definition,
    )
    code = replace(code, id=code.id or edits.free_id(book, code.name, code.family))
    first, last = (
        None if place is None else find_code(book, place, families=[code.family]).id
        for place in (before, after)
    )

    def make(book: Codebook) -> Codebook:
        return edits.added(book, code, before=first, after=last)

    return apply_change(
        study,
        "adopt",
        code.id,
        make,
        by=by,
        reason=reason,
        dry_run=dry_run,
        settles=(number, CandidateStatus.ACCEPTED),
    )


def dismiss(study: Study, number: int, *, by: str | None, reason: str = "") -> Changed:
    """Decide against a candidate; one that means the same is not offered again.

    Raises:
        UsageError: There is no such candidate, or it was decided on already.
    """
    _undecided(study, number)
    return apply_change(
        study,
        "dismiss",
        f"candidate {number}",
        lambda book: book,
        by=by,
        reason=reason,
        settles=(number, CandidateStatus.REFUSED),
    )


def _undecided(study: Study, number: int) -> Candidate:
    held = study.repository.candidates.get(number)
    if held is None:
        raise UsageError(
            f"there is no candidate {number}", hint="qualcode codebook candidates lists them"
        )
    if held.status is not CandidateStatus.OPEN:
        what = "adopted" if held.status is CandidateStatus.ACCEPTED else "dismissed"
        raise UsageError(
            f"candidate {number} was {what} by {held.author}",
            hint="qualcode codebook undo takes the decision back",
        )
    return held
