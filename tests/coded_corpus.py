"""A tiny coded study, built from who said what under which codes, for tests of counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qualcode.codebook import Code, Codebook
from qualcode.records import (
    Coding,
    Corpus,
    Document,
    DocumentKind,
    Judgement,
    Rationale,
    Role,
    Segment,
    Verdict,
)

__all__ = ["BOOK", "LENGTH", "Said", "corpus_of"]

BOOK = Codebook(
    "test",
    (
        Code("find", "Find out what fits me", "stage", goal="What is there for me?"),
        Code("join", "Get started", "stage"),
        Code("old", "Gone", "stage", status="retired"),
        Code("joy", "Joy", "emotion", valence=2),
        Code("anger", "Anger", "emotion", valence=-2),
        Code("wait", "Waiting", "pain_point"),
        Code("cost", "Hidden costs", "pain_point"),
        Code("clarity", "Clear terms", "need"),
    ),
)
FAMILY = {code.id: code.family for code in BOOK.codes}
LENGTH = 10


@dataclass(frozen=True)
class Said:
    """One segment to build: who (None is an unassigned voice) and code to score, or valence."""

    who: str | None
    codes: Mapping[str, float]
    valence: float | None = None
    role: Role = Role.PARTICIPANT
    coder: str = "local:test"


def corpus_of(
    said: Sequence[Said],
    attributes: Mapping[str, str] | None = None,
    checked: frozenset[int] = frozenset(),
    families: Mapping[str, str] = FAMILY,
) -> Corpus:
    """Build one talk; `checked` names the segments whose codings a person accepted."""
    document = Document(
        "doc",
        "src",
        "talk.txt",
        DocumentKind.INTERVIEW,
        "x" * LENGTH * max(1, len(said)),
        attributes=attributes or {},
    )
    segments, judgements = [], []
    for i, one in enumerate(said):
        role = Role.UNKNOWN if one.who is None and one.role is Role.PARTICIPANT else one.role
        span = (i * LENGTH, (i + 1) * LENGTH)
        segment = Segment(f"s{i}", "doc", i, i, *span, role, one.who)
        segments.append(segment)
        for code, score in one.codes.items():
            family = families.get(code, "custom")
            coding = Coding(
                id=f"c{i}-{code}-{one.coder}",
                document_id="doc",
                segment_id=segment.id,
                start_char=span[0],
                end_char=span[1],
                family=family,
                code=code,
                coder=one.coder,
                score=score,
                rationale=Rationale("cue", "x"),
                valence=one.valence if family == "emotion" else None,
                status="accepted" if i in checked else "draft",
            )
            judgements.append(
                Judgement(segment.id, family, one.coder, Verdict.CODED, codings=(coding,))
            )
    return Corpus((document,), tuple(segments), tuple(judgements))
