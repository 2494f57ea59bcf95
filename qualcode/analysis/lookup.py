"""Find evidence by coding, by segment and by place: what people's edits refer to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from qualcode.analysis.evidence import Evidence, gather_evidence, person_of
from qualcode.codebook import Codebook
from qualcode.records import Corpus, Document, Role, Segment
from qualcode.spans import Span

__all__ = ["Lookup"]

_SAME_WORDS = 0.5
"""Share of two spans' characters that both must cover for them to be the same quote."""


class Lookup:
    """Hold a corpus with its evidence at hand; each index is made when it is first asked for."""

    def __init__(
        self,
        corpus: Corpus,
        codebook: Codebook,
        participants: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.corpus = corpus
        self.codebook = codebook
        self.participants = participants or {}

    @cached_property
    def evidence(self) -> Sequence[Evidence]:
        """Return all that may be shown, in the order of segments."""
        return gather_evidence(self.corpus, self.codebook)

    @cached_property
    def by_coding(self) -> Mapping[str, Evidence]:
        return {e.coding.id: e for e in self.evidence}

    @cached_property
    def by_segment(self) -> Mapping[str, Sequence[Evidence]]:
        """Return segment id to its evidence, strongest first."""
        found: dict[str, list[Evidence]] = defaultdict(list)
        for item in self.evidence:
            found[item.coding.segment_id].append(item)
        return found

    @cached_property
    def segments(self) -> Mapping[str, Segment]:
        return {segment.id: segment for segment in self.corpus.segments}

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Return segment id to its position in the corpus."""
        return {segment.id: at for at, segment in enumerate(self.corpus.segments)}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """Return code id to its position in the codebook."""
        return {code.id: at for at, code in enumerate(self.codebook.codes)}

    @cached_property
    def _documents(self) -> Mapping[str, Document]:
        return {document.id: document for document in self.corpus.documents}

    @cached_property
    def _segments_of(self) -> Mapping[str, Sequence[Segment]]:
        found: dict[str, list[Segment]] = defaultdict(list)
        for segment in self.corpus.segments:
            found[segment.document_id].append(segment)
        return found

    @cached_property
    def _by_code(self) -> Mapping[tuple[str, str], Sequence[Evidence]]:
        found: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
        for item in self.evidence:
            found[item.coding.document_id, item.coding.code].append(item)
        return found

    def name(self, code_id: str) -> str:
        """Return a code's name, its id where the book has lost it."""
        at = self.order.get(code_id)
        return code_id if at is None else self.codebook.codes[at].name

    def in_order(self, segment_ids: Iterable[str]) -> tuple[str, ...]:
        """Return segments that are a participant's now, each once, in the order of the corpus."""
        heard = {
            i for i in segment_ids if i in self.segments and person_of(self.segments[i]) is not None
        }
        return tuple(sorted(heard, key=self.place.__getitem__))

    def similar(self, document_id: str, code: str, span: Span) -> Evidence | None:
        """Return the evidence with this code on the same words, give or take some characters.

        Of several the one that shares most of its characters, then the strongest.
        """

        def shared(item: Evidence) -> float:
            both = min(item.coding.end_char, span.end_char) - max(
                item.coding.start_char, span.start_char
            )
            either = max(item.coding.end_char, span.end_char) - min(
                item.coding.start_char, span.start_char
            )
            return both / either if either else 1.0

        found = self._by_code.get((document_id, code), ())
        best = max(found, key=lambda item: (shared(item), item.coding.score), default=None)
        return best if best is not None and shared(best) >= _SAME_WORDS else None

    def segment_at(self, document_id: str, span: Span) -> Segment | None:
        """Return the segment in which a span begins; None for words that are no evidence.

        Those are an interviewer's, and words of documents that have left the study.
        """
        document = self._documents.get(document_id)
        if document is None or span.end_char > len(document.text) or not len(span):
            return None
        for segment in self._segments_of.get(document_id, ()):
            if segment.start_char <= span.start_char < segment.end_char:
                return None if segment.role is Role.INTERVIEWER else segment
        return None
