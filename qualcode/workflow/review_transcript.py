"""A whole document to read during the review: its words and voices, and nothing of its codings."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.errors import UsageError
from qualcode.records import Document, Segment, Turn
from qualcode.report.quote_sources import clock
from qualcode.workflow.study import Study

__all__ = ["ReadTurn", "Transcript", "transcript"]


@dataclass(frozen=True, slots=True)
class ReadTurn:
    """Hold a turn, cut where the segment that the reader comes from begins and ends.

    Attributes:
        time: Where it begins in the recording, mm:ss; "" where that is not known.
        before: Its words before the segment; all of them in a turn that does not hold it.
        marked: The segment's words, else "".
        after: Its words behind the segment, else "".
    """

    index: int
    speaker: str
    role: str
    time: str
    is_speech: bool
    before: str
    marked: str
    after: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """Hold a document as it is read; `participant` is None where several or none speak."""

    document_id: str
    path: str
    kind: str
    row: int | None
    participant: str | None
    attributes: dict[str, str]
    turns: tuple[ReadTurn, ...]


def transcript(study: Study, document_id: str, segment_id: str = "") -> Transcript:
    """Return a document with the words of one of its segments marked.

    Args:
        segment_id: Marked where the document has it; nothing is marked otherwise.

    Raises:
        UsageError: The study has no such document.
    """
    sources = study.repository.sources
    document = sources.documents_of([document_id]).get(document_id)
    if document is None:
        raise UsageError(f"the study has no document {document_id!r}")
    marked: Segment | None = None
    if segment_id:
        found = sources.segments((document,), document.source_id)
        marked = next((segment for segment in found if segment.id == segment_id), None)
    return Transcript(
        document_id=document.id,
        path=document.path,
        kind=document.kind.value,
        row=document.row,
        participant=document.participant_id,
        attributes=dict(document.attributes),
        turns=tuple(_turn(document, turn, marked) for turn in document.turns),
    )


def _turn(document: Document, turn: Turn, marked: Segment | None) -> ReadTurn:
    start = end = turn.end_char
    if marked is not None and marked.turn_index == turn.index:
        start, end = marked.start_char, marked.end_char
    seconds = turn.start_seconds
    speaker = document.speaker(turn.speaker)
    return ReadTurn(
        index=turn.index,
        speaker=turn.speaker or speaker.participant_id or document.participant_id or "",
        role=speaker.role.value,
        time="" if seconds is None else clock(seconds),
        is_speech=turn.is_speech,
        before=document.text[turn.start_char : start],
        marked=document.text[start:end],
        after=document.text[end : turn.end_char],
    )
