"""The records that every step takes and returns; the words are those of ARCHITECTURE.md.

Records are immutable. Offsets are code points of `Document.text`; times are seconds from the
start of the recording; scores lie in [0, 1].
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from qualcode.spans import Span

__all__ = [
    "CHECKED",
    "TAUGHT",
    "Coding",
    "Corpus",
    "Decision",
    "Document",
    "DocumentKind",
    "Judgement",
    "Rationale",
    "Role",
    "Segment",
    "Speaker",
    "StepResult",
    "TimeMark",
    "Turn",
    "Unprocessed",
    "Verdict",
    "stable_id",
]


CHECKED = frozenset({"accepted", "adjudicated"})
"""Statuses of codings that a person looked at and let stand.

The others are "draft", "contested" and "bulk" (accepted among many, unseen).
"""

TAUGHT = "~"
"""Stands in the basis of judgements by a coder that had learnt from people's."""


def stable_id(prefix: str, *parts: str) -> str:
    """Return `prefix_` and 16 hex digits of the SHA-256 of the parts: the same for ever."""
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{prefix}_{digest[:16]}"


class Role(StrEnum):
    """Say whose words a turn holds: only a participant's are evidence."""

    PARTICIPANT = "participant"
    INTERVIEWER = "interviewer"
    UNKNOWN = "unknown"


class DocumentKind(StrEnum):
    INTERVIEW = "interview"
    COMMENT = "comment"


class Verdict(StrEnum):
    """Say what became of one segment for one family; the four are never merged or counted as 0."""

    CODED = "coded"
    NONE = "none"
    ABSTAINED = "abstained"
    UNPROCESSED = "unprocessed"


@dataclass(frozen=True, slots=True)
class TimeMark:
    """Tie an offset of the canonical text to the cue of the recording that begins there."""

    start_char: int
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class Speaker:
    """Name a voice of one document; `label` is None for the lone voice of an unlabelled file.

    `participant_id` stays when a voice stops being a participant, so that nobody else gets it; it
    counts only while the role is participant.
    """

    label: str | None
    role: Role
    participant_id: str | None = None
    guessed: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """Hold an uninterrupted stretch by one speaker; the span covers the words, not the label.

    `is_speech` is false for headings, stage directions and survey questions: text that a reader
    of the file sees, but nobody's evidence.
    """

    index: int
    start_char: int
    end_char: int
    speaker: str | None = None
    is_speech: bool = True
    marks: tuple[TimeMark, ...] = ()

    @property
    def span(self) -> Span:
        return Span(self.start_char, self.end_char)

    @property
    def start_seconds(self) -> float | None:
        return self.marks[0].start_seconds if self.marks else None

    @property
    def end_seconds(self) -> float | None:
        return self.marks[-1].end_seconds if self.marks else None


@dataclass(frozen=True, slots=True)
class Document:
    """Hold the canonical text of an interview or of one survey row.

    Attributes:
        id: From the source's hash and the row, so equal comments stay two.
        path: As given, without folders above the one that was named; never absolute.
        text: LF, no BOM, one paragraph a turn, labels included.
        speakers: One per label, in order of appearance.
        row: 1-based row of a table (the header is row 1), None for an interview.
        external_id: The row's own id in the survey file.
        participant_id: Who wrote the comment; None for an interview (see `speakers`).
        attributes: Properties of the row or interview, such as persona, wave, nps.
        version: Grows by one each time a name is masked later.
    """

    id: str
    source_id: str
    path: str
    kind: DocumentKind
    text: str
    turns: tuple[Turn, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    row: int | None = None
    external_id: str | None = None
    participant_id: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    version: int = 1

    def speaker(self, label: str | None) -> Speaker:
        """Return the voice with this label, unknown when the document has none such."""
        for speaker in self.speakers:
            if speaker.label == label:
                return speaker
        return Speaker(label, Role.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Segment:
    """Hold the unit that gets coded: one to about three sentences inside a turn, or one comment.

    `role` and `participant_id` are the speaker's as they stand now, read from the document.
    """

    id: str
    document_id: str
    index: int
    turn_index: int
    start_char: int
    end_char: int
    role: Role = Role.UNKNOWN
    participant_id: str | None = None

    @property
    def span(self) -> Span:
        return Span(self.start_char, self.end_char)


@dataclass(frozen=True, slots=True)
class Rationale:
    """Say why a machine proposed a coding, so that a person can check it.

    Attributes:
        basis: "definition", "example", "cue" (a word of the codebook), "pattern", "head", or
            "model" (a language model's own words, in the note).
        reference: The definition, example or cue text that it resembled.
        similarity: Cosine to the reference, None where no vectors were compared.
        words: Spans of the canonical text that carried it, strongest first.
        note: One plain sentence, without participants' words.
    """

    basis: str
    reference: str
    similarity: float | None = None
    words: tuple[Span, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Coding:
    """Hold one code on one span by one coder.

    `intensity` (1 slight … 3 strong) and `valence` (−2 … +2) are for emotions, else None.
    """

    id: str
    document_id: str
    segment_id: str
    start_char: int
    end_char: int
    family: str
    code: str
    coder: str
    score: float
    rationale: Rationale
    intensity: int | None = None
    valence: float | None = None
    status: str = "draft"

    @property
    def span(self) -> Span:
        return Span(self.start_char, self.end_char)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Record that a coder has considered one segment for one family."""

    segment_id: str
    family: str
    coder: str
    verdict: Verdict
    reason: str = ""
    codings: tuple[Coding, ...] = ()

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.CODED) != bool(self.codings):
            raise ValueError(f"{self.verdict} with {len(self.codings)} codings")


@dataclass(frozen=True, slots=True)
class Decision:
    """Record what a person decided; decisions are only ever added, the newest standing one counts.

    Attributes:
        id: Grows by one; the order of decisions.
        at: When, UTC, ISO 8601.
        author: Who, as the person names himself or herself.
        subject: Kind of thing decided on, such as "criterion", "stage", "quote" or "codebook".
        target: The thing's id.
        action: What was done, such as "accept", "edit", "reject", "rename" or "undo".
        value: What holds from now on; JSON values.
        replaced: What held before, for people who read the log and for undo.
        reason: In the author's words, may be empty.
        undoes: The decision that this one takes back; a decision that is taken back does not stand.
    """

    id: int
    at: str
    author: str
    subject: str
    target: str
    action: str
    value: Mapping[str, Any] = field(default_factory=dict)
    replaced: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Unprocessed:
    """Name an input that a step could not use, and why."""

    id: str
    reason: str


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class StepResult(Generic[Item]):
    """Return what a step made; the ids of both parts together are the ids that went in."""

    items: tuple[Item, ...]
    unprocessed: tuple[Unprocessed, ...] = ()
    usage: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Hold what a study knows at one moment: the input of analysis, map and export.

    Documents stand in the order of their ingest, segments in the order of their text, judgements
    in the order of their segments; only the newest judgement of each coder, segment and family is
    here.
    """

    documents: tuple[Document, ...]
    segments: tuple[Segment, ...]
    judgements: tuple[Judgement, ...]

    def codings(self) -> Iterator[Coding]:
        """Yield codings of words that are not an interviewer's, in order of judgements."""
        silent = {s.id for s in self.segments if s.role is Role.INTERVIEWER}
        for judgement in self.judgements:
            if judgement.segment_id not in silent:
                yield from judgement.codings
