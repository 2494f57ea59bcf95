"""Touchpoints: contacts with the organisation, found by the words of the codebook."""

from __future__ import annotations

from qualcode.coders.local.cues import Cue
from qualcode.coders.local.findings import Finding, Opinion, chance_of
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.passages import Passage, Passages
from qualcode.spans import Span

__all__ = ["TouchpointJudge"]

MAX_CODES = 3
CUT_WITHOUT_CUE = 0.75
"""Chance from which on likeness alone names a contact."""


class TouchpointJudge:
    """Judge the family of touchpoints; likeness decides only where words leave it open."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def judge(self, passages: Passages) -> list[Opinion]:
        match = self._matcher.match(passages)
        return [
            self._opinion(passages, passage, match, row)
            for row, passage in enumerate(passages.heard)
        ]

    def _opinion(self, passages: Passages, passage: Passage, match: Match, row: int) -> Opinion:
        # A word after "no" is a contact as well: "there is no app" is about the app.
        cues = self._settled(self._matcher.cue_finder.find(passage.text), match, row)
        by_code: dict[int, list[Cue]] = {}
        for cue in cues:
            by_code.setdefault(cue.code, []).append(cue)
        if not by_code:
            return self._without_cue(passages, passage, match, row)
        ranked = sorted(by_code, key=lambda j: (-match.evidence[row, j], j))[:MAX_CODES]
        return Opinion.coded([self._finding(passage, match, row, j, by_code[j]) for j in ranked])

    def _settled(self, cues: list[Cue], match: Match, row: int) -> list[Cue]:
        """Give a word that several codes list to the code that the passage resembles most."""
        at: dict[Span, Cue] = {}
        for cue in cues:
            held = at.get(cue.span)
            if held is None or match.evidence[row, cue.code] > match.evidence[row, held.code]:
                at[cue.span] = cue
        return list(at.values())

    def _finding(
        self, passage: Passage, match: Match, row: int, j: int, cues: list[Cue]
    ) -> Finding:
        code = self._matcher.codes[j]
        holding = [s for s in passage.sentences if any(s.overlaps(c.span) for c in cues)]
        return Finding(
            code=code,
            # A word of the book is plain evidence; likeness moves the score a little.
            score=0.6 + 0.35 * chance_of(float(match.evidence[row, j])),
            span=Span(holding[0].start_char, holding[-1].end_char),
            basis="cue",
            reference=cues[0].text,
            similarity=float(match.similarity[row, j]),
            words=tuple(cue.span for cue in cues[:5]),
            note=f"Holds a word of the codebook for “{code.name}”.",
        )

    def _without_cue(self, passages: Passages, passage: Passage, match: Match, row: int) -> Opinion:
        j = int(match.evidence[row].argmax())
        chance = chance_of(float(match.evidence[row, j]))
        if chance < CUT_WITHOUT_CUE:
            return Opinion.none("no contact named")
        code = self._matcher.codes[j]
        found = self._matcher.resemblance(passages, passage, j)
        finding = Finding(
            code=code,
            score=0.6 * chance,
            span=self._matcher.span(match, passage, j),
            basis=found.basis,
            reference=found.reference,
            similarity=found.similarity,
            direction=found.direction,
            note=f"{found.sentence(code)}; no word of the codebook in it.",
        )
        return Opinion.coded([finding])
