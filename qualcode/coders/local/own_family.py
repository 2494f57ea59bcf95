"""Families that a study has added to its codebook: likeness alone decides, several codes a text."""

from __future__ import annotations

import numpy as np

from qualcode.coders.local.findings import Finding, Opinion, chance_of
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.passages import Passage, Passages, content_words

__all__ = ["OwnFamilyJudge"]

MAX_CODES = 3
NEARLY = 0.6
"""From so large a share of the cut on, that no code is proposed is said to be a doubt."""


class OwnFamilyJudge:
    """Judge a family that nobody has tuned anything for."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._cut = matcher.odds.rule.cut

    def judge(self, passages: Passages) -> list[Opinion]:
        match = self._matcher.match(passages)
        return [
            self._opinion(passages, passage, match, row)
            for row, passage in enumerate(passages.heard)
        ]

    def _opinion(self, passages: Passages, passage: Passage, match: Match, row: int) -> Opinion:
        chances = np.array([chance_of(odds) for odds in match.evidence[row]])
        best = chances.max()
        if not content_words(passage.text):
            return Opinion.none("nothing near a code of this family").with_chances(0 * chances)
        if best < NEARLY * self._cut:
            return Opinion.none("nothing near a code of this family").with_chances(chances)
        if best < self._cut:
            return Opinion.abstained("no code of this family stands out").with_chances(chances)
        ranked = [int(j) for j in np.argsort(-chances, kind="stable") if chances[j] >= self._cut]
        findings = []
        for j in ranked[:MAX_CODES]:
            code = self._matcher.codes[j]
            found = self._matcher.explain(passages, passage, match, row, j)
            findings.append(
                Finding(
                    code=code,
                    score=float(chances[j]),
                    span=self._matcher.span(match, passage, j),
                    basis=found.basis,
                    reference=found.reference,
                    similarity=found.similarity,
                    direction=found.direction,
                    words=found.words,
                    note=f"{found.sentence(code)}.",
                )
            )
        return Opinion.coded(findings).with_chances(chances)
