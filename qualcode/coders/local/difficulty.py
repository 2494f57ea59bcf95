"""Pain points and strengths: a difficulty or praise is heard, and a code of the book is near."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qualcode.coders.local.findings import Finding, Opinion, chance_of
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.odds import Rule
from qualcode.coders.local.passages import Passage, Passages, content_words
from qualcode.coders.local.plain_words import count_difficulty, count_praise
from qualcode.coders.local.readings import Floats

__all__ = ["FEATURES", "PAIN", "PRAISE", "DifficultyJudge", "Tone"]

FEATURES = ("head", "opposite", "near", "words", "against", "typed")
"""What the rule of a family adds up for a passage: log odds of its own head and of the opposite
one; the best code's; everyday words (a second counts half) and whether those of the opposite are
more; whether it was typed."""
MAX_CODES = 2
SECOND_SHARE = 0.75
"""A second code needs so large a share of the first one's chance."""
CODE_FEATURES = ("likeness",)
"""What says, where a difficulty is heard, which code it is: the matcher's log odds."""
MIN_CONTENT_WORDS = 2


@dataclass(frozen=True, slots=True)
class Tone:
    """Say what a family listens for.

    Attributes:
        family: Its rule has the same name.
        heard: As the note says it, such as "difficulty heard".
        without: The reason when nothing of the kind is heard.
        no_code: The reason when it is heard and no code is near.
    """

    family: str
    heard: str
    without: str
    no_code: str


PAIN = Tone(
    family="pain_point",
    heard="difficulty heard",
    without="no difficulty heard",
    no_code="a difficulty is heard, no code of the book is near",
)
PRAISE = Tone(
    family="strength",
    heard="praise heard",
    without="no praise heard",
    no_code="praise is heard, no code of the book is near",
)


def _strength(odds: NDArray[np.float64]) -> float:
    """Mix a head's log odds of a passage and its sentences.

    The strongest sentence counts most, the whole keeps one loud clause in proportion.
    """
    return float(0.4 * odds[0] + 0.6 * odds.max())


class DifficultyJudge:
    """Judge pain points or strengths, which only differ in their tone."""

    def __init__(self, matcher: Matcher, tone: Tone, rule: Rule, code_rule: Rule) -> None:
        """Keep what is fixed.

        Args:
            matcher: Of the family.
            tone: `PAIN` or `PRAISE`.
            rule: How `FEATURES` become the chance that a difficulty, or praise, is there.
            code_rule: How `CODE_FEATURES` become the chance of a code where it is.
        """
        self._matcher = matcher
        self._tone = tone
        self._rule = rule
        self._code_rule = code_rule

    def judge(self, passages: Passages) -> list[Opinion]:
        match = self._matcher.match(passages)
        odds = self._rule.odds(self.features(passages, match))
        return [
            self._opinion(passages, passage, match, row, chance_of(odds[row]))
            for row, passage in enumerate(passages.heard)
        ]

    def features(self, passages: Passages, match: Match) -> Floats:
        """Return (n_passages, n_features), in the order of `FEATURES`."""
        readings = passages.readings
        head, opposite = readings.pain, readings.praise
        if self._tone is not PAIN:
            head, opposite = opposite, head
        rows = []
        for row, passage in enumerate(passages.heard):
            n_words, n_against = count_difficulty(passage.text), count_praise(passage.text)
            if self._tone is not PAIN:
                n_words, n_against = n_against, n_words
            n_words += len(match.cues[row])
            rows.append(
                [
                    _strength(head[passage.units]),
                    _strength(opposite[passage.units]),
                    float(np.clip(match.evidence[row].max(), -6, 6)),
                    min(n_words, 1) + 0.5 * (n_words > 1),
                    float(n_against > n_words),
                    float(passage.alone),
                ]
            )
        return np.array(rows).reshape(len(rows), len(FEATURES))

    def _opinion(
        self, passages: Passages, passage: Passage, match: Match, row: int, chance: float
    ) -> Opinion:
        tone = self._tone
        odds = self._code_rule.odds(match.evidence[row][:, None])
        fits = np.array([chance_of(value) for value in odds])
        cued = [cue.code for cue in match.cues[row]]
        if len(content_words(passage.text)) < MIN_CONTENT_WORDS and not cued:
            return Opinion.none(tone.without).with_chances(0 * fits, 0.0)
        chances = chance * fits
        if chance < self._rule.cut:
            return Opinion.none(tone.without).with_chances(chances, chance)
        best = float(fits.max())
        if best < self._code_rule.cut:
            nothing = Opinion.abstained(tone.no_code).with_chances(chances, chance)
            return replace(nothing, heard=True)
        ranked = [int(j) for j in np.argsort(-fits, kind="stable")]
        kept = [j for j in ranked if fits[j] >= max(self._code_rule.cut, SECOND_SHARE * best)][
            :MAX_CODES
        ]
        return Opinion.coded(
            [self._finding(passages, passage, match, row, j, chance, float(fits[j])) for j in kept]
        ).with_chances(chances, chance)

    def _finding(
        self,
        passages: Passages,
        passage: Passage,
        match: Match,
        row: int,
        j: int,
        chance: float,
        fit: float,
    ) -> Finding:
        code = self._matcher.codes[j]
        found = self._matcher.explain(passages, passage, match, row, j)
        return Finding(
            code=code,
            score=chance * fit,
            span=self._matcher.span(match, passage, j),
            basis=found.basis,
            reference=found.reference,
            similarity=found.similarity,
            direction=found.direction,
            words=found.words,
            note=f"{found.sentence(code)}; {self._tone.heard} ({chance:.2f}).",
        )
