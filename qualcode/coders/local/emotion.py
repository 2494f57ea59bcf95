"""Feelings of customers: a head trained on GoEmotions, and likeness to the codebook, together.

The head knows how people write about feelings, the codebook's examples know customers; on talk of
another kind than it was trained on the head alone is the weaker of the two.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from qualcode.codebook import Code
from qualcode.coders.local.findings import Finding, Opinion, chance_of
from qualcode.coders.local.heads import EMOTION_LABELS
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.odds import Rule
from qualcode.coders.local.passages import Passage, Passages, content_words
from qualcode.coders.local.plain_words import count_difficulty, count_praise
from qualcode.coders.local.readings import Floats, Readings

__all__ = ["FEATURES", "EmotionJudge", "with_feeling"]

FEATURES = ("likeness", "heard", "unheard", "feeling", "tone_against", "words_against")
"""What the rule of this family adds up for each code: the matcher's log odds; the head's, for codes
with a GoEmotions label (as far as above and below its threshold); how little neutral; how far the
tone and everyday words speak against the code's sign."""
MAX_CODES = 2
SECOND_SHARE = 0.75
"""A second code needs so large a share of the first one's chance."""
NEARLY = 0.6
"""From so large a share of the cut on, that nothing is proposed is said to be a doubt."""
MIN_CONTENT_WORDS = 1

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

    def __init__(self, matcher: Matcher, thresholds: Floats, rule: Rule) -> None:
        """Keep what is fixed.

        Args:
            matcher: Of the family.
            thresholds: (28,), from which probability on each label was best proposed.
            rule: How `FEATURES` become the chance that a code applies.
        """
        self._matcher = matcher
        self._rule = rule
        limits = np.clip(thresholds, 0.05, 0.6)
        self._limits = np.log(limits / (1 - limits))
        self._labels = [
            [EMOTION_LABELS.index(g) for g in code.goemotions if g in EMOTION_LABELS]
            for code in matcher.codes
        ]
        self._signs = np.array([float(np.sign(code.valence or 0.0)) for code in matcher.codes])
        self._neutral = EMOTION_LABELS.index("neutral")

    def judge(self, passages: Passages) -> list[Opinion]:
        match = self._matcher.match(passages)
        features = self.features(passages, match)
        odds = self._rule.odds(features)
        return [
            self._opinion(passages, passage, match, row, odds[row], features[row])
            for row, passage in enumerate(passages.heard)
        ]

    def features(self, passages: Passages, match: Match) -> Floats:
        """Return (n_passages, n_codes, n_features), in the order of `FEATURES`."""
        readings = passages.readings
        p = np.clip(readings.emotion, 1e-3, 1 - 1e-3)
        log_odds = np.round(np.log(p / (1 - p)) - self._limits, 6)
        features = np.zeros((*match.evidence.shape, len(FEATURES)))
        for row, passage in enumerate(passages.heard):
            heard = self._heard(log_odds, passage)
            tone = _tone(readings, passage)
            bad, good = count_difficulty(passage.text), count_praise(passage.text)
            against = np.where(self._signs > 0, bad > good, (self._signs < 0) & (good > bad))
            features[row] = np.column_stack(
                [
                    match.evidence[row],
                    np.maximum(heard, 0),
                    np.minimum(heard, 0),
                    np.full(
                        len(heard), 0.5 - readings.emotion[passage.units][:, self._neutral].min()
                    ),
                    np.maximum(0.0, -self._signs * tone),
                    against,
                ]
            )
        return features

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
        odds: Floats,
        features: Floats,
    ) -> Opinion:
        chances = np.array([chance_of(value) for value in odds])
        cued = {cue.code for cue in match.cues[row]}
        if len(content_words(passage.text)) < MIN_CONTENT_WORDS and not cued:
            return Opinion.none("no feeling heard").with_chances(0 * chances)
        cut, best = self._rule.cut, float(chances.max())
        if best < NEARLY * cut:
            return Opinion.none("no feeling heard").with_chances(chances)
        if best < cut:
            reason = "a feeling may be heard, none stands out"
            return Opinion.abstained(reason).with_chances(chances)
        ranked = [int(j) for j in np.argsort(-chances, kind="stable")]
        kept = [j for j in ranked if chances[j] >= max(cut, SECOND_SHARE * best)][:MAX_CODES]
        heard = features[:, 1] + features[:, 2]
        return Opinion.coded(
            [
                self._finding(passages, passage, match, row, j, float(chances[j]), float(heard[j]))
                for j in kept
            ]
        ).with_chances(chances)

    def _finding(
        self,
        passages: Passages,
        passage: Passage,
        match: Match,
        row: int,
        j: int,
        chance: float,
        heard: float,
    ) -> Finding:
        code = self._matcher.codes[j]
        found = self._matcher.explain(passages, passage, match, row, j)
        span = self._matcher.span(match, passage, j)
        voice = "; the trained head hears it too" if heard > 0 else ""
        finding = Finding(
            code=code,
            score=chance,
            span=span,
            basis=found.basis,
            reference=found.reference,
            similarity=found.similarity,
            direction=found.direction,
            words=found.words,
            note=f"{found.sentence(code)}{voice}.",
        )
        return with_feeling(passages, passage, finding, heard)


def with_feeling(
    passages: Passages, passage: Passage, finding: Finding, heard: float = 0.0
) -> Finding:
    """Return a finding with how strong the feeling is, and how good or bad.

    Args:
        passages: Those of the passage.
        passage: What was said.
        finding: An emotion in it.
        heard: How strongly the head hears it, about −2 to 2.
    """
    return replace(
        finding,
        intensity=_intensity(finding.span.of(passage.text), heard, finding.score),
        valence=_valence(finding.code, _tone(passages.readings, passage)),
    )


def _tone(readings: Readings, passage: Passage) -> float:
    """Return the valence of the sentence that has most of it."""
    valence = readings.valence[passage.units]
    return float(valence[int(np.abs(valence).argmax())])


def _intensity(text: str, heard: float, chance: float) -> int:
    """Return 1 slight, 2 plain, 3 strong."""
    level = 2 + (heard > 1.2 or chance > 0.85) - (heard < -0.5 and chance < 0.5)
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
