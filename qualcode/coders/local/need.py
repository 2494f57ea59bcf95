"""Needs: somebody says what they want, wish or require, and a need of the book is near."""

from __future__ import annotations

import re

import numpy as np

from qualcode.coders.local.findings import Finding, Opinion, chance_of
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.odds import Rule
from qualcode.coders.local.passages import Passage, Passages
from qualcode.coders.local.readings import Floats
from qualcode.spans import Span

__all__ = ["FEATURES", "NeedJudge", "find_wishes"]

FEATURES = ("likeness", "wish", "typed")
"""What the rule of this family adds up for each code: the matcher's log odds, whether a wish is
heard, whether it was typed."""
MAX_CODES = 2
SECOND_SHARE = 0.75
"""A second code needs so large a share of the first one's chance."""

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

    def __init__(self, matcher: Matcher, rule: Rule) -> None:
        self._matcher = matcher
        self._rule = rule

    def judge(self, passages: Passages) -> list[Opinion]:
        match = self._matcher.match(passages)
        odds = self._rule.odds(self.features(passages, match))
        return [
            self._opinion(passages, passage, match, row, odds[row])
            for row, passage in enumerate(passages.heard)
        ]

    def features(self, passages: Passages, match: Match) -> Floats:
        """Return (n_passages, n_codes, n_features), in the order of `FEATURES`."""
        features = np.zeros((*match.evidence.shape, len(FEATURES)))
        for row, passage in enumerate(passages.heard):
            wishes = find_wishes(passage.text, typed=passage.alone)
            near = self._near_wishes(passage, match, row, wishes)
            whole = passages.units[passage.units.start]
            features[row, :, 0] = self._matcher.corrected(near[None], whole[None])[0]
            features[row, :, 1] = bool(wishes)
            features[row, :, 2] = passage.alone
        return features

    def _opinion(
        self, passages: Passages, passage: Passage, match: Match, row: int, odds: Floats
    ) -> Opinion:
        wishes = find_wishes(passage.text, typed=passage.alone)
        chances = np.array([chance_of(value) for value in odds])
        cut, best = self._rule.cut, float(chances.max())
        if best < cut:
            if wishes:
                reason = "a wish is heard, no need of the book is near"
                return Opinion.abstained(reason).with_chances(chances)
            return Opinion.none("no wish or need heard").with_chances(chances)
        ranked = [int(j) for j in np.argsort(-chances, kind="stable")]
        kept = [j for j in ranked if chances[j] >= max(cut, SECOND_SHARE * best)]
        findings = []
        for j in kept[:MAX_CODES]:
            code = self._matcher.codes[j]
            found = self._matcher.explain(passages, passage, match, row, j)
            heard = "a wish is heard" if wishes else "no wish is said in words"
            findings.append(
                Finding(
                    code=code,
                    score=float(chances[j]),
                    span=self._span(passage, match, j, wishes),
                    basis=found.basis,
                    reference=found.reference,
                    similarity=found.similarity,
                    direction=found.direction,
                    words=found.words,
                    note=f"{found.sentence(code)}; {heard}.",
                )
            )
        return Opinion.coded(findings).with_chances(chances)

    def _near_wishes(self, passage: Passage, match: Match, row: int, wishes: list[Span]) -> Floats:
        """Return plain evidence, from the sentences with a wish where there are some."""
        evidence: Floats = match.plain[row]
        unit = match.by_unit[passage.units]
        holding = _holding(passage, wishes)
        if len(unit) > 1 and holding:
            inside = unit[[at + 1 for at in holding]].max(axis=0)
            evidence = (unit[0] + 2 * inside) / 3
        return evidence

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
