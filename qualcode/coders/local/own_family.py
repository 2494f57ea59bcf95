"""Families that a study has added to its codebook: likeness alone decides, several codes a text."""

from __future__ import annotations

import numpy as np

from qualcode.coders.local.findings import Finding, Opinion, squash
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.passages import Passage, Passages, content_words

__all__ = ["OwnFamilyJudge"]

MAX_CODES = 3
FLOOR = 2.0
SECOND_MARGIN = 1.2
MIN_SIMILARITY = 0.22


class OwnFamilyJudge:
    """Judge a family that nobody has tuned anything for."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def judge(self, passages: Passages) -> list[Opinion]:
        match = self._matcher.match(passages)
        return [
            self._opinion(passages, passage, match, row)
            for row, passage in enumerate(passages.heard)
        ]

    def _opinion(self, passages: Passages, passage: Passage, match: Match, row: int) -> Opinion:
        evidence = match.evidence[row]
        near = match.similarity[row] >= MIN_SIMILARITY
        near[[cue.code for cue in match.cues[row]]] = True
        if not near.any() or not content_words(passage.text):
            return Opinion.none("nothing near a code of this family")
        best = np.where(near, evidence, -np.inf).max()
        if best < FLOOR:
            if best >= FLOOR - 0.5:
                return Opinion.abstained("no code of this family stands out")
            return Opinion.none("nothing near a code of this family")
        ranked = [int(j) for j in np.argsort(-evidence, kind="stable") if near[j]]
        kept = [j for j in ranked if evidence[j] >= max(FLOOR, best - SECOND_MARGIN)]
        findings = []
        for j in kept[:MAX_CODES]:
            code = self._matcher.codes[j]
            found = self._matcher.explain(passages, passage, match, row, j)
            findings.append(
                Finding(
                    code=code,
                    score=squash(float(evidence[j]) - FLOOR, scale=1.5),
                    span=self._matcher.span(match, passage, j),
                    basis=found.basis,
                    reference=found.reference,
                    similarity=found.similarity,
                    direction=found.direction,
                    words=found.words,
                    note=f"{found.sentence(code)}.",
                )
            )
        return Opinion.coded(findings)
