"""Pain points and strengths: a difficulty or praise is heard, and a code of the book is near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qualcode.coders.local.findings import Finding, Opinion, squash
from qualcode.coders.local.heads import EMOTION_LABELS
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.passages import Passage, Passages, content_words
from qualcode.coders.local.plain_words import count_difficulty, count_praise
from qualcode.coders.local.readings import Readings

__all__ = ["DIFFICULTY_CONTRAST", "PAIN", "PRAISE", "DifficultyJudge", "Tone"]

DIFFICULTY_CONTRAST = 1.0
"""For the matcher: these families have the most codes and the likest."""
MAX_CODES = 2
SECOND_MARGIN = 0.4
"""A second code may have so much less evidence than the first, in standard deviations."""
MIN_SIMILARITY = 0.24
"""Below it no code is near, whatever the rest says."""
MIN_CONTENT_WORDS = 2
AGAINST = 0.8
"""Log odds that more everyday words of the opposite take away."""


TYPED_LEAD = 0.5
"""In a comment, weight of the head's lead over the opposite head, either way. On comments of an NHS
service whose labels the heads never saw it took recall of pain from 0.46 to 0.7 at no loss."""
SPOKEN_LAG = 0.3
"""In talk, where the heads lean to pain, only the opposite's lead counts, against a proposal."""
MAX_LEAD = 3.0


@dataclass(frozen=True, slots=True)
class Tone:
    """Say when a family may be proposed.

    The gate adds up, as log odds, what the head hears, how near the nearest code is and what
    everyday words say; the weights were set on the development set in `evals/dev`.

    Attributes:
        heard: As the note says it, such as "difficulty heard".
        without: The reason when the gate stays shut.
        no_code: The reason when the gate is open and no code is near.
        bias: Log odds of a passage with none of them.
        head: Weight of the head's log odds.
        near: Weight of the best code's evidence, in standard deviations.
        words: For one everyday word, a second counts half.
        neutral: Weight of how far the emotion head is from calling it neutral.
        floor: Evidence from which a code is proposed.
    """

    heard: str
    without: str
    no_code: str
    bias: float
    head: float
    near: float
    words: float
    neutral: float
    floor: float


PAIN = Tone(
    heard="difficulty heard",
    without="no difficulty heard",
    no_code="a difficulty is heard, no code of the book is near",
    bias=-1.6,
    head=0.2,
    near=0.22,
    words=1.5,
    neutral=0.0,
    floor=2.0,
)
PRAISE = Tone(
    heard="praise heard",
    without="no praise heard",
    no_code="praise is heard, no code of the book is near",
    bias=-1.6,
    head=0.2,
    near=0.15,
    words=1.5,
    neutral=1.2,
    floor=2.0,
)


def _strength(odds: NDArray[np.float64]) -> float:
    """Mix a head's log odds of a passage and its sentences.

    The strongest sentence counts most, the whole keeps one loud clause in proportion.
    """
    return float(0.4 * odds[0] + 0.6 * odds.max())


class DifficultyJudge:
    """Judge pain points or strengths, which only differ in their tone."""

    def __init__(self, matcher: Matcher, tone: Tone) -> None:
        self._matcher = matcher
        self._tone = tone

    def judge(self, passages: Passages, readings: Readings) -> list[Opinion]:
        match = self._matcher.match(passages)
        return [
            self._opinion(passages, passage, match, row, readings)
            for row, passage in enumerate(passages.heard)
        ]

    def _level(self, passage: Passage, match: Match, row: int, readings: Readings) -> float:
        """Return log odds that the passage tells of a difficulty, or of something good."""
        tone, rows = self._tone, passage.units
        head, opposite = readings.pain[rows], readings.praise[rows]
        if tone is not PAIN:
            head, opposite = opposite, head
        lead = float(np.clip(_strength(head) - _strength(opposite), -MAX_LEAD, MAX_LEAD))
        neutral = readings.emotion[rows][:, EMOTION_LABELS.index("neutral")]
        n_words, n_against = count_difficulty(passage.text), count_praise(passage.text)
        if tone is not PAIN:
            n_words, n_against = n_against, n_words
        n_words += len(match.cues[row])
        level = (
            tone.bias
            + tone.head * _strength(head)
            + (TYPED_LEAD * lead if passage.alone else SPOKEN_LAG * min(lead, 0.0))
            + tone.near * match.evidence[row].max()
            + tone.words * (min(n_words, 1) + 0.5 * (n_words > 1))
            - AGAINST * (n_against > n_words)
            + tone.neutral * (0.5 - 0.4 * neutral[0] - 0.6 * neutral.min())
        )
        return round(float(level), 6)

    def _opinion(
        self, passages: Passages, passage: Passage, match: Match, row: int, readings: Readings
    ) -> Opinion:
        tone = self._tone
        cued = [cue.code for cue in match.cues[row]]
        if len(content_words(passage.text)) < MIN_CONTENT_WORDS and not cued:
            return Opinion.none(tone.without)
        level = self._level(passage, match, row, readings)
        if level < 0:
            return Opinion.none(tone.without)
        evidence = match.evidence[row]
        near = match.similarity[row] >= MIN_SIMILARITY
        near[cued] = True
        best = np.where(near, evidence, -np.inf).max()
        if best < tone.floor:
            return Opinion.abstained(tone.no_code)
        ranked = [int(j) for j in np.argsort(-evidence, kind="stable") if near[j]]
        kept = [j for j in ranked if evidence[j] >= max(tone.floor, best - SECOND_MARGIN)]
        return Opinion.coded(
            [self._finding(passages, passage, match, row, j, level) for j in kept[:MAX_CODES]]
        )

    def _finding(
        self,
        passages: Passages,
        passage: Passage,
        match: Match,
        row: int,
        j: int,
        level: float,
    ) -> Finding:
        code = self._matcher.codes[j]
        found = self._matcher.explain(passages, passage, match, row, j)
        return Finding(
            code=code,
            score=squash(level) * squash(float(match.evidence[row, j]) - self._tone.floor + 1.0),
            span=self._matcher.span(match, passage, j),
            basis=found.basis,
            reference=found.reference,
            similarity=found.similarity,
            direction=found.direction,
            words=found.words,
            note=f"{found.sentence(code)}; {self._tone.heard} ({squash(level):.2f}).",
        )
