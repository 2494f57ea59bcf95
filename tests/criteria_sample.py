"""Small studies about four things, for tests of the criteria.

Each segment is about one of four axes, so that what belongs together is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qualcode.analysis.criteria import draft_criteria
from qualcode.codebook import Code, Codebook
from qualcode.draft import CriteriaDraft
from qualcode.records import (
    Coding,
    Corpus,
    Document,
    DocumentKind,
    Judgement,
    Rationale,
    Role,
    Segment,
    Speaker,
    Turn,
    Verdict,
)

BOOK = Codebook(
    "test",
    (
        Code("find", "Find out what fits me", "stage"),
        Code("join", "Get started", "stage"),
        Code("wait", "Waiting", "pain_point"),
        Code("broken", "It breaks", "pain_point", definition="It fails."),
        Code("speed", "Speed", "need", statement="Give me an answer the same day."),
        Code("clarity", "Clarity", "need", statement="Tell me the price before."),
        Code("trust", "Trust", "need", statement="Keep your promises."),
        Code("care", "Care", "need", definition="To be treated as a person."),
        Code("hurt", "Hurt", "emotion", valence=-1.0),
        Code("glad", "Glad", "emotion", valence=1.0),
        Code("quick", "Quick", "strength"),
    ),
)
FAMILY = {code.id: code.family for code in BOOK.codes}
VALENCE = {code.id: code.valence for code in BOOK.codes}
NEEDS = ("speed", "clarity", "trust", "care")
CODE_VECTORS = {need: np.eye(384, dtype=np.float32)[i] for i, need in enumerate(NEEDS)}
WORDS = (
    "We stood in the queue for hours.",
    "The price on the bill was new to us.",
    "Another promise was broken again.",
    "A friendly person would have helped me.",
)

Vectors = dict[str, np.ndarray[Any, np.dtype[np.float32]]]


@dataclass(frozen=True)
class Said:
    """One segment to build: who said it, what it is about (an axis 0-3), and its codes.

    `scores` are those of the codes, `score` that of all of them where there are none.
    """

    who: str | None
    about: int
    codes: tuple[str, ...] = ("wait",)
    role: Role = Role.PARTICIPANT
    text: str = ""
    score: float = 0.5
    scores: tuple[float, ...] = ()


def study(said: Sequence[Said], *, noise: float = 0.02, seed: int = 7) -> tuple[Corpus, Vectors]:
    """Return a corpus of one document, a turn a segment, and the vectors of its segments."""
    rng = np.random.default_rng(seed)
    text, segments, judgements, vectors, turns = "", [], [], {}, []
    speakers: dict[str | None, Speaker] = {}
    for i, one in enumerate(said):
        start, text = len(text), text + (one.text or WORDS[one.about]) + "\n"
        span = (start, len(text) - 1)
        role = Role.UNKNOWN if one.who is None and one.role is Role.PARTICIPANT else one.role
        segments.append(Segment(f"s{i}", "doc", i, i, *span, role, one.who))
        turns.append(Turn(i, *span, one.who))
        speakers.setdefault(one.who, Speaker(one.who, role, one.who))
        scores = one.scores or (one.score,) * len(one.codes)
        for code, score in zip(one.codes, scores, strict=True):
            coding = Coding(
                f"c{i}-{code}",
                "doc",
                f"s{i}",
                *span,
                FAMILY[code],
                code,
                "local:t",
                score,
                Rationale("cue", "x"),
                valence=VALENCE[code],
            )
            judgements.append(
                Judgement(f"s{i}", FAMILY[code], "local:t", Verdict.CODED, codings=(coding,))
            )
        row = np.eye(384)[one.about] + rng.normal(scale=noise, size=384)
        vectors[f"s{i}"] = (row / np.linalg.norm(row)).astype(np.float32)
    document = Document(
        "doc",
        "src",
        "talk.txt",
        DocumentKind.INTERVIEW,
        text,
        tuple(turns),
        tuple(speakers.values()),
    )
    return Corpus((document,), tuple(segments), tuple(judgements)), vectors


def draft(said: Sequence[Said], *, noise: float = 0.02, **options: Any) -> CriteriaDraft:
    corpus, vectors = study(said, noise=noise)
    options = {"seed": 1, "code_vectors": CODE_VECTORS, "n_draws": 20, **options}
    return draft_criteria(corpus, BOOK, vectors, **options)


def talk(n_people: int, abouts: Sequence[int] = (0, 1, 2)) -> list[Said]:
    return [Said(f"P{p}", about) for p in range(n_people) for about in abouts]


def by_about(made: CriteriaDraft, said: Sequence[Said]) -> Mapping[int, Any]:
    """Return what the criteria's first segments are about to the criteria."""
    return {said[int(c.segments[0][1:])].about: c for c in made.criteria}
