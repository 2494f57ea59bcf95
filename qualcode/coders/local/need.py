"""Needs: somebody says what they want, wish or require, and a need of the book is near."""

from __future__ import annotations

import re

import numpy as np

from qualcode.coders.local.findings import Finding, Opinion, squash
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.passages import Passage, Passages
from qualcode.spans import Span

__all__ = ["NeedJudge", "find_wishes"]

MAX_CODES = 2
FLOOR_WITH_WISH = 1.8
"""Evidence from which a code is proposed where a wish is heard, in standard deviations."""
FLOOR_WITHOUT = 5.0
MIN_SIMILARITY = 0.22
MIN_SIMILARITY_WITHOUT = 0.50
SECOND_MARGIN = 0.5

_SOMEBODY = r"(?:i|we|you|he|she|they|it|there|somebody|someone|people|customers)"
_WISHES = re.compile(
    r"\b(?:"
    r"(?:i|we)\s+(?:just|only|really|simply|don['’]?t|do\s+not)?\s*want\b(?!\s+to\s+(?:say|ask)\b)"
    r"|(?:i|we)\s+(?:just|really|only)?\s*need(?!ed)"
    r"|all\s+(?:i|we)\s+(?:want|need|ask)|that['’]?s\s+all\s+i\s+(?:want|ask|need)"
    r"|(?:i|we)['’]?(?:d|\s+would)\s+(?:just\s+|really\s+)?(?:like|love|prefer|rather|wish)"
    r"|(?:i\s+)?wish(?:ed)?\s+(?:i|we|you|they|there|it|that|the|for)"
    r"|(?:it|that)(?:['’]?d|\s+would|\s+could)\s+(?:be|have\s+been)\s+(?:so\s+|really\s+|very\s+)?"
    r"(?:good|nice|great|lovely|better|helpful|useful|handy|beneficial|a\s+dream)"
    r"|would\s+be\s+(?:good|nice|great|helpful|better|beneficial|useful)"
    r"|would\s+have\s+been\s+(?:good|nice|enough|helpful|better)"
    r"|(?:should|ought\s+to|(?:you|they)\s+could\s+(?:of|have))\s+(?:just\s+|at\s+least\s+)?"
    r"(?!(?:been|be\s+(?:there|here|fine))\b)\w+"
    r"|(?:if|would\s+be\s+good\s+if)\s+" + _SOMEBODY + r"\s+could\s+just"
    r"|why\s+can['’]?t\s+(?:i|we|you|they)|why\s+(?:don['’]?t|not)\s+(?:they|you|just)"
    r"|matter(?:s|ed)\s+(?:more\s+|most\s+)?to\s+(?:me|us)|what\s+(?:counts|matters)\b"
    r"|(?:most\s+)?important\s+(?:thing\s+)?(?:to|for)\s+(?:me|us)|for\s+me\s+the\s+most\s+important"
    r"|would\s+help\s+if|please\s+(?:do|offer|make|add|bring|give|let|send|stop)|at\s+least\s+say"
    r"|(?:hope|hoping)\s+(?:they|you|to\s+see)|looking\s+for\s+(?:a|an|something|somebody)"
    r"|has\s+to\s+(?:be|work|fit|save)|if\s+(?:somebody|someone|they|anyone)(?:['’]?d|\s+had)\s+"
    r"(?:just\s+)?(?:said|told|asked|explained)|never\s+wanted\s+to|can\s+(?:you|we)\s+(?:have|get)"
    r")",
    re.IGNORECASE,
)
# "You should have seen it", "I should think", "I should go": no wish of a customer.
_NO_WISH = re.compile(
    r"\b(?:should|could)\s+(?:have\s+seen|think|go\b|mention|of\s+seen|probably\s+say|add\b)"
    r"|\b(?:i|we)\s+should\b|\bcould\s+(?:have|of)\s+(?:been|cried|killed|kissed)",
    re.IGNORECASE,
)
# What people type when asked what could be better: "More staff", "Probably a faster service".
_BARE_WISH = re.compile(
    r"(?:^|(?<=[.!?\n]))\s*(?:(?:just|maybe|probably|perhaps|possibly|a|an|the)\s+)*"
    r"(?:more|better|faster|quicker|shorter|fewer|earlier|cheaper|clearer|easier|improve|increase|"
    r"reduce|extend|provide|employ|offer|allow|add|bring\s+back|stop|make|get|give|let|have)\s+"
    r"(?!than\b|or\s+less\b|no\b|been\b|had\b|never\b|nothing\b|always\b)\w+",
    re.IGNORECASE,
)


def find_wishes(text: str, *, typed: bool = False) -> list[Span]:
    """Return where somebody says that they want, wish or require something, in order.

    Args:
        typed: Whether it is a typed answer, in which a sentence may begin with the bare wish;
            in talk "More like …" or "Get there and …" is none.
    """
    refused = [Span(*m.span()) for m in _NO_WISH.finditer(text)]
    found = [*_WISHES.finditer(text), *(_BARE_WISH.finditer(text) if typed else ())]
    wishes = sorted(Span(*m.span()) for m in found)
    return [wish for wish in wishes if not any(wish.overlaps(other) for other in refused)]


class NeedJudge:
    """Judge the family of needs."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def judge(self, passages: Passages) -> list[Opinion]:
        match = self._matcher.match(passages)
        return [
            self._opinion(passages, passage, match, row)
            for row, passage in enumerate(passages.heard)
        ]

    def _opinion(self, passages: Passages, passage: Passage, match: Match, row: int) -> Opinion:
        wishes = find_wishes(passage.text, typed=passage.alone)
        evidence, similarity = self._near_wishes(passage, match, row, wishes)
        if wishes:
            floor, near = FLOOR_WITH_WISH, similarity >= MIN_SIMILARITY
            near[[cue.code for cue in match.cues[row]]] = True
        else:
            floor, near = FLOOR_WITHOUT, similarity >= MIN_SIMILARITY_WITHOUT
        best = np.where(near, evidence, -np.inf).max()
        if best < floor:
            if wishes:
                return Opinion.abstained("a wish is heard, no need of the book is near")
            return Opinion.none("no wish or need heard")
        ranked = [int(j) for j in np.argsort(-evidence, kind="stable") if near[j]]
        kept = [j for j in ranked if evidence[j] >= max(floor, best - SECOND_MARGIN)]
        findings = []
        for j in kept[:MAX_CODES]:
            code = self._matcher.codes[j]
            found = self._matcher.explain(passages, passage, match, row, j)
            heard = "a wish is heard" if wishes else "no wish is said in words"
            findings.append(
                Finding(
                    code=code,
                    score=squash(float(evidence[j]) - floor, scale=1.5),
                    span=self._span(passage, match, j, wishes),
                    basis=found.basis,
                    reference=found.reference,
                    similarity=found.similarity,
                    direction=found.direction,
                    words=found.words,
                    note=f"{found.sentence(code)}; {heard}.",
                )
            )
        return Opinion.coded(findings)

    def _near_wishes(
        self, passage: Passage, match: Match, row: int, wishes: list[Span]
    ) -> tuple[
        np.ndarray[tuple[int, ...], np.dtype[np.float64]],
        np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ]:
        """Return evidence and similarity, from the sentences with a wish where there are some."""
        unit = match.by_unit[passage.units]
        holding = _holding(passage, wishes)
        if len(unit) == 1 or not holding:
            return match.evidence[row], match.similarity[row]
        inside = unit[[at + 1 for at in holding]].max(axis=0)
        return (unit[0] + 2 * inside) / 3, match.similarity[row]

    def _span(self, passage: Passage, match: Match, j: int, wishes: list[Span]) -> Span:
        holding = _holding(passage, wishes)
        if not holding:
            return self._matcher.span(match, passage, j)
        first, last = passage.sentences[holding[0]], passage.sentences[holding[-1]]
        return Span(first.start_char, last.end_char)


def _holding(passage: Passage, wishes: list[Span]) -> list[int]:
    return [
        at
        for at, sentence in enumerate(passage.sentences)
        if any(sentence.overlaps(wish) for wish in wishes)
    ]
