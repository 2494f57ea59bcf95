"""Feelings of customers: a head trained on GoEmotions, and likeness to the codebook, together.

The head knows how people write about feelings, the codebook's examples know customers; on talk of
another kind than it was trained on the head alone is the weaker of the two.
"""

from __future__ import annotations

import re

import numpy as np

from qualcode.codebook import Code
from qualcode.coders.local.findings import Finding, Opinion, squash
from qualcode.coders.local.heads import EMOTION_LABELS
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.passages import Passage, Passages, content_words
from qualcode.coders.local.plain_words import count_difficulty, count_praise
from qualcode.coders.local.readings import Floats, Readings

__all__ = ["EmotionJudge"]

MAX_CODES = 2
SECOND_MARGIN = 0.3
HEAD_WEIGHT = 0.5
"""Standard deviations of evidence that one unit of a label's log odds counts."""
FEELING_WEIGHT = 1.25
"""The same for how far the head is from calling the passage neutral."""
FLOOR = 2.2
MIN_SIMILARITY = 0.22
MIN_CONTENT_WORDS = 1
WRONG_SIGN_PENALTY = 0.75
"""Taken away for each unit of valence that speaks against a code's own sign."""

WRONG_WORDS_PENALTY = 0.5
"""Taken away where everyday words of the opposite sign outnumber the code's own."""

_STRONG = re.compile(
    r"\b(?:so|really|very|absolutely|totally|completely|utterly|extremely|incredibly|bloody|never"
    r"|ever|such|furious|livid|hate|hated|love|loved|terrible|awful|horrible|amazing|brilliant"
    r"|fantastic|disgrace\w*|ridiculous\w*|every single)\b",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"\b(?:a bit|a little|slightly|sort of|kind of|somewhat|quite|fairly)\b", re.IGNORECASE
)
_SHOUTED = re.compile(r"\b[A-Z]{4,}\b")


class EmotionJudge:
    """Judge the family of emotions; a code without GoEmotions labels goes by likeness alone."""

    def __init__(self, matcher: Matcher, thresholds: Floats) -> None:
        """Keep what is fixed.

        Args:
            matcher: Of the family.
            thresholds: (28,), from which probability on each label was best proposed.
        """
        self._matcher = matcher
        limits = np.clip(thresholds, 0.05, 0.6)
        self._limits = np.log(limits / (1 - limits))
        self._labels = [
            [EMOTION_LABELS.index(g) for g in code.goemotions if g in EMOTION_LABELS]
            for code in matcher.codes
        ]
        self._neutral = EMOTION_LABELS.index("neutral")

    def judge(self, passages: Passages, readings: Readings) -> list[Opinion]:
        match = self._matcher.match(passages)
        p = np.clip(readings.emotion, 1e-3, 1 - 1e-3)
        log_odds = np.round(np.log(p / (1 - p)) - self._limits, 6)
        return [
            self._opinion(passages, passage, match, row, log_odds, readings)
            for row, passage in enumerate(passages.heard)
        ]

    def _heard(self, log_odds: Floats, passage: Passage) -> Floats:
        """Return (n_codes,): how strongly the head hears each code, about −2 to 2."""
        own = log_odds[passage.units]
        level = own[0] if len(own) == 1 else (own[0] + own[1:].max(axis=0)) / 2
        strength = np.zeros(len(self._labels))
        known = [j for j, labels in enumerate(self._labels) if labels]
        for j in known:
            strength[j] = np.clip(level[self._labels[j]].max(), -2, 2)
        # A feeling that GoEmotions has no label for is neither heard nor missed.
        unknown = [j for j, labels in enumerate(self._labels) if not labels]
        if known and unknown:
            strength[unknown] = min(float(np.median(strength[known])), 0.0)
        return strength

    def _opinion(
        self,
        passages: Passages,
        passage: Passage,
        match: Match,
        row: int,
        log_odds: Floats,
        readings: Readings,
    ) -> Opinion:
        cued = {cue.code for cue in match.cues[row]}
        if len(content_words(passage.text)) < MIN_CONTENT_WORDS and not cued:
            return Opinion.none("no feeling heard")
        heard = self._heard(log_odds, passage)
        neutral = readings.emotion[passage.units][:, self._neutral]
        feeling = 0.5 - float(neutral.min())
        valence = readings.valence[passage.units]
        tone = float(valence[int(np.abs(valence).argmax())])
        total = match.evidence[row] + HEAD_WEIGHT * heard + FEELING_WEIGHT * feeling
        bad, good = count_difficulty(passage.text), count_praise(passage.text)
        for j, code in enumerate(self._matcher.codes):
            sign = float(np.sign(code.valence or 0.0))
            total[j] -= WRONG_SIGN_PENALTY * max(0.0, -sign * tone)
            total[j] -= WRONG_WORDS_PENALTY * (bad > good if sign > 0 else good > bad)
        total = np.round(total, 6)
        near = match.similarity[row] >= MIN_SIMILARITY
        near |= heard > 0
        near[list(cued)] = True
        best = np.where(near, total, -np.inf).max()
        if best < FLOOR:
            if best >= FLOOR - 0.4:
                return Opinion.abstained("a feeling may be heard, none stands out")
            return Opinion.none("no feeling heard")
        ranked = [int(j) for j in np.argsort(-total, kind="stable") if near[j]]
        kept = [j for j in ranked if total[j] >= max(FLOOR, best - SECOND_MARGIN)][:MAX_CODES]
        return Opinion.coded(
            [
                self._finding(passages, passage, match, row, j, float(total[j]), heard, tone)
                for j in kept
            ]
        )

    def _finding(
        self,
        passages: Passages,
        passage: Passage,
        match: Match,
        row: int,
        j: int,
        total: float,
        heard: Floats,
        tone: float,
    ) -> Finding:
        code = self._matcher.codes[j]
        found = self._matcher.explain(passages, passage, match, row, j)
        span = self._matcher.span(match, passage, j)
        voice = "; the trained head hears it too" if heard[j] > 0 else ""
        return Finding(
            code=code,
            score=squash(total - FLOOR, scale=1.5),
            span=span,
            basis=found.basis,
            reference=found.reference,
            similarity=found.similarity,
            direction=found.direction,
            words=found.words,
            note=f"{found.sentence(code)}{voice}.",
            intensity=_intensity(span.of(passage.text), float(heard[j]), total - FLOOR),
            valence=_valence(code, tone),
        )


def _intensity(text: str, heard: float, margin: float) -> int:
    """Return 1 slight, 2 plain, 3 strong."""
    level = 2 + (heard > 1.2 or margin > 2.5) - (heard < -0.5 and margin < 0.5)
    loud = len(_STRONG.findall(text)) + 2 * ("!" in text) + 2 * bool(_SHOUTED.search(text))
    level += (loud >= 2) - bool(_WEAK.search(text))
    return int(min(max(level, 1), 3))


def _valence(code: Code, tone: float) -> float | None:
    """Return the tone drawn halfway to the code's own valence, never beyond its sign."""
    if code.valence is None:
        return round(tone, 2)
    mixed = 0.5 * (code.valence + tone)
    if code.valence > 0:
        return round(min(max(mixed, 0.25), 2.0), 2)
    if code.valence < 0:
        return round(max(min(mixed, -0.25), -2.0), 2)
    return round(tone, 2)
