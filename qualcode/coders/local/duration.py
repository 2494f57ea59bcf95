"""Lengths of time that somebody names, with their number and unit, and what they measure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qualcode.coders.local.findings import Finding, Opinion, squash
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.passages import Passage, Passages
from qualcode.spans import Span

__all__ = ["DurationJudge", "Expression", "find_durations"]

MAX_CODES = 2

_NUMBERS = {
    **{"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0},
    **{"six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0, "eleven": 11.0},
    **{"twelve": 12.0, "thirteen": 13.0, "fourteen": 14.0, "fifteen": 15.0, "sixteen": 16.0},
    **{"seventeen": 17.0, "eighteen": 18.0, "nineteen": 19.0, "twenty": 20.0, "thirty": 30.0},
    **{"forty": 40.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0, "a couple of": 2.0},
    **{"a few": 3.0, "several": 4.0, "half a": 0.5, "half an": 0.5, "a quarter of an": 0.25},
    **{"quarter of an": 0.25, "a hundred": 100.0, "couple of": 2.0, "few": 3.0},
}
_MINUTES = {
    **{"second": 1 / 60, "sec": 1 / 60, "minute": 1.0, "min": 1.0, "hour": 60.0, "hr": 60.0},
    **{"day": 1_440.0, "night": 1_440.0, "week": 10_080.0, "fortnight": 20_160.0},
    **{"weekend": 2_880.0, "month": 43_830.0, "year": 525_960.0, "decade": 5_259_600.0},
}
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_WORD = "|".join(sorted(map(re.escape, _NUMBERS), key=lambda w: (-len(w), w)))
_COUNT = (
    rf"(?:\d+(?:[.,]\d+)?|(?:{_TENS})[- ](?:one|two|three|four|five|six|seven|eight|nine)|{_WORD})"
)
_UNIT = "|".join(sorted(_MINUTES, key=lambda u: (-len(u), u)))
_LENGTH = re.compile(
    rf"(?<![\w£$€.:])(?P<count>{_COUNT})(?P<half>\s+and\s+a\s+half)?"
    rf"(?:\s*(?:to|or|-|–)\s*(?P<upto>{_COUNT}))?"
    rf"[\s-]*(?:whole\s+|full\s+|good\s+|long\s+|solid\s+|working\s+|business\s+|odd\s+|more\s+)*"
    rf"(?P<unit>{_UNIT})(?P<plural>s?)(?P<after>\s+and\s+a\s+half)?(?!\w)",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:for\s+)?(?:absolutely\s+|literally\s+)?(?P<vague>ages|for\s?ever|yonks|donkey['’]?s\s+years"
    r"|hours(?:\s+(?:and|on)\s+(?:hours|end))?|(?:days|weeks|months|years)(?:\s+(?:and|on)\s+"
    r"(?:\w+|end))?|(?:a|such\s+a)\s+long\s+time|all\s+(?:day|morning|night|week|afternoon|weekend)"
    r"|the\s+whole\s+(?:day|morning|week|weekend|evening|afternoon))\b",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\b(?:ever\s+)?since\s+(?:(?:last|early|late|mid)[\s-]+)?(?:january|february|march|april|may|june|july"
    r"|august|september|october|november|december|spring|summer|autumn|winter|christmas|easter"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|(?:19|20)\d\d|i\s+(?:joined|got\s+it"
    r"|signed\s+up)|then|the\s+(?:start|beginning))\b",
    re.IGNORECASE,
)
_OFTEN = re.compile(
    rf"\b(?:every\s+(?:(?:single|bloody|other|second|few|\d+|two|three|four)\s+)*"
    rf"(?:{_UNIT}|morning|afternoon|evening)s?"
    r"|every\s+(?:(?:single|bloody|other)\s+)*(?:monday|tuesday|wednesday|thursday|friday|saturday"
    r"|sunday|weekend)"
    r"|(?:once|twice|three\s+times|several\s+times|\w+\s+times)\s+(?:a|per|each|every)\s+"
    r"(?:day|week|fortnight|month|year)"
    r"|(?:one|two|three|four|five|six|\d+)\s+(?!quid|pounds?|euros?|dollars?|p\b)[a-z]+\s+(?:a|per)"
    r"\s+(?:day|week|month)"
    r"|(?:on\s+)?(?:mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays)|daily|weekly"
    r"|most\s+(?:days|mornings|weeks|evenings))\b",
    re.IGNORECASE,
)
# Ages ("he's nine years old", "a two-year-old"), money ("£20 a month", "a day's work").
_AGE_AFTER = re.compile(r"[\s-]*(?:of\s+age|old\b|-old)", re.IGNORECASE)
# Points of time: "one minute past eight".
_CLOCK_AFTER = re.compile(r"\s+(?:past|to)\s+(?:\d|[a-z]+\b)", re.IGNORECASE)
_OWNED_AFTER = re.compile(r"['’]s?\s+(?:work|wage|wages|pay|rent|notice\s+pay)", re.IGNORECASE)
_MONEY_BEFORE = re.compile(
    r"(?:[£$€]\s?\d[\d.,]*|\d[\d.,]*\s*(?:£|€|p|quid|pounds?|euros?|dollars?|grand)"
    r"|(?:quid|pounds?|euros?|dollars?|grand|hundred|thousand|[a-z]+(?:ty|teen)(?:-\w+)?|\d+))"
    r"\s*(?:/|per|a|each|every)?\s*$",
    re.IGNORECASE,
)
_PRICE_UNIT = re.compile(
    r"(?:a|per|each|every)\s*(?:single\s+)?(?:month|week|day|year|hour)s?", re.I
)
_POINT_BEFORE = re.compile(r"\b(?:the\s+other|one|some|that|this|on\s+the)\s+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Expression:
    """Hold one expression of time.

    Attributes:
        kind: "length", "since" or "often".
        note: Its length in one plain unit, such as "about 10 days"; empty where it names none.
    """

    span: Span
    kind: str
    note: str


def find_durations(text: str) -> list[Expression]:
    """Return lengths, starting points and frequencies that a text names, in order.

    Not ages of people, prices a month, times of the day or distances.
    """
    found: list[Expression] = []

    def add(span: Span, kind: str, note: str) -> None:
        if not any(span.overlaps(other.span) for other in found):
            found.append(Expression(span, kind, note))

    for match in _OFTEN.finditer(text):
        if not _MONEY_BEFORE.search(text, 0, match.start()) and not _is_price(match.group()):
            add(Span(*match.span()), "often", "")
    for match in _LENGTH.finditer(text):
        if _counts(text, match):
            add(Span(*match.span()), "length", _normalised(match))
    for match in _SINCE.finditer(text):
        add(Span(*match.span()), "since", "")
    for match in _VAGUE.finditer(text):
        if not re.match(r"\s+(?:old\b|of\s+age|ago\b|later\b)", text[match.end() :]):
            add(Span(*match.span("vague")), "length", "")
    return sorted(found, key=lambda e: e.span)


def _is_price(expression: str) -> bool:
    words = expression.split()
    return bool(re.search(r"(?:ty|teen|quid|pounds?|euros?|hundred|\d)[-\w]*$", words[0], re.I))


def _counts(text: str, match: re.Match[str]) -> bool:
    """Tell whether a number with a unit is a length of time that somebody went through."""
    rest = text[match.end() : match.end() + 30]
    if _AGE_AFTER.match(rest) or _OWNED_AFTER.match(rest) or _clock(match, rest):
        return False
    count = match["count"].casefold()
    if count in ("a", "an") and _PRICE_UNIT.fullmatch(match.group()):
        before = text[: match.start()]
        if _MONEY_BEFORE.search(before):
            return False
        # "a day", "a week" alone are often points or rates; "for a year", "took a week" last.
        return bool(
            re.search(
                r"\b(?:for|took|take|takes|in|after|about|nearly|almost|over|within"
                r"|than|waited|spent|off)\s+$",
                before,
                re.I,
            )
        )
    if count == "one" and match["unit"].casefold() in ("day", "night"):
        return False
    # "A second car", "a sec": no time.
    return not (match["unit"].casefold() in ("second", "sec") and count in ("a", "one"))


def _clock(match: re.Match[str], rest: str) -> bool:
    return match["unit"].casefold() in ("minute", "min") and bool(_CLOCK_AFTER.match(rest))


def _number(text: str) -> float:
    text = text.casefold()
    if text[0].isdigit():
        return float(text.replace(",", "."))
    tens, _, ones = text.replace("-", " ").partition(" ")
    if tens in _NUMBERS and ones in _NUMBERS and _NUMBERS[tens] >= 20:
        return _NUMBERS[tens] + _NUMBERS[ones]
    return {"seventy": 70.0, "eighty": 80.0}.get(text) or _NUMBERS.get(" ".join(text.split()), 1.0)


def _normalised(match: re.Match[str]) -> str:
    """Return the length in the unit that people would use, such as "about 10 days"."""
    count = _number(match["count"])
    if match["upto"]:
        count = (count + _number(match["upto"])) / 2
    if match["half"] or match["after"]:
        count += 0.5
    minutes = count * _MINUTES[match["unit"].casefold()]
    for name, size, upto in (
        ("second", 1 / 60, 1.0),
        ("minute", 1.0, 90.0),
        ("hour", 60.0, 2_160.0),
        ("day", 1_440.0, 20_160.0),
        ("week", 10_080.0, 87_000.0),
        ("month", 43_830.0, 1_050_000.0),
    ):
        if minutes < upto:
            return _plural(minutes / size, name)
    return _plural(minutes / 525_960.0, "year")


def _plural(amount: float, name: str) -> str:
    rounded = round(amount, 1)
    shown = f"{rounded:g}"
    return f"about {shown} {name}" + ("" if rounded == 1 else "s")


class DurationJudge:
    """Judge the family of durations: patterns find the time, cues and likeness its kind."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def judge(self, passages: Passages) -> list[Opinion]:
        match = self._matcher.match(passages)
        return [self._opinion(passage, match, row) for row, passage in enumerate(passages.heard)]

    def _opinion(self, passage: Passage, match: Match, row: int) -> Opinion:
        findings: dict[str, Finding] = {}
        for expression in find_durations(passage.text):
            finding = self._finding(passage, match, row, expression)
            held = findings.get(finding.code.id)
            if held is None or finding.score > held.score:
                findings[finding.code.id] = finding
        if not findings:
            return Opinion.none("no length of time named")
        best = sorted(findings.values(), key=lambda f: (-f.score, f.span))
        return Opinion.coded(best[:MAX_CODES])

    def _finding(self, passage: Passage, match: Match, row: int, expression: Expression) -> Finding:
        at = next((i for i, s in enumerate(passage.sentences) if s.overlaps(expression.span)), 0)
        unit = match.by_unit[passage.units]
        evidence = unit[0] if len(unit) == 1 else 0.3 * unit[0] + 0.7 * unit[1 + at]
        evidence = evidence.copy()
        for j, code in enumerate(self._matcher.codes):
            evidence[j] += _leaning(code.id, expression, passage.text)
        j = int(evidence.argmax())
        code = self._matcher.codes[j]
        second = float(sorted(evidence)[-2]) if len(evidence) > 1 else float(evidence[j]) - 1
        note = f"; {expression.note}" if expression.note else ""
        return Finding(
            code=code,
            score=0.45 + 0.5 * squash(float(evidence[j]) - second - 1.0, scale=1.0),
            span=passage.sentences[at],
            basis="pattern",
            reference=code.definition or code.name,
            similarity=float(match.similarity[row, j]),
            words=(expression.span,),
            note=f"A time is named, nearest to “{code.name}”{note}.",
        )


_LEANINGS: dict[str, tuple[str, ...]] = {
    "dur_waiting": (
        r"\b(?:wait\w*|on hold|queue\w*|later|still|late|delay\w*|until|till|before (?:they|it|any)"
        r"|come|came|arriv\w*|turned up|heard|reply|answer\w*|ago|refund|on order|for the)\b",
    ),
    "dur_task": (
        r"\b(?:took|takes|take|spent|spend|done|set(?:ting)? up|fill\w*|showing|explain\w*|each way"
        r"|ride|journey|drive|trip|stayed on|had me on|minutes? (?:and|flat))\b",
    ),
    "dur_relationship": (
        r"\b(?:been (?:with|a)|had it|have had|had (?:mine|ours)|using|customer|member|joined|owned"
        r"|years? in|with (?:you|them)|so far|altogether|only had|outside)\b",
    ),
    "dur_contract": (
        r"\b(?:contract|notice|minimum|trial|warranty|deadline|term|tied|cancel\w*|within|at least"
        r"|in advance|guarantee\w*|allowed|window|policy|my \d+ months)\b",
    ),
}


def _leaning(code_id: str, expression: Expression, text: str) -> float:
    """Return what the form of the expression and the verbs around it add to a code of our book.

    Codes of another book with other ids go by their definitions alone.
    """
    if code_id == "dur_frequency":
        return 6.0 if expression.kind == "often" else -2.0
    bonus = -3.0 if expression.kind == "often" else 0.0
    if expression.kind == "since" and code_id == "dur_relationship":
        bonus += 0.8
    near = text[max(0, expression.span.start_char - 60) : expression.span.end_char + 40]
    hits = sum(
        len(re.findall(pattern, near, re.IGNORECASE)) for pattern in _LEANINGS.get(code_id, ())
    )
    return bonus + 1.2 * min(hits, 2)
