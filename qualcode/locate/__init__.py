"""Find where a quote that somebody wrote down stands in a text, without trusting the quote.

The quote is a search key only: what is shown is always the slice of the text. It is found where
the text says the same, but for the way it is set (case, white space, quotation marks, dashes,
invisible characters), for punctuation, or for stretches that "..." leaves out. A likeness is never
enough: a quote that is likely but not there may hold one more "not", or another number.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qualcode.locate.near import Change, near, words_of
from qualcode.locate.normal import INVISIBLE, Normal, is_whole, normal, normalised
from qualcode.spans import Span

__all__ = ["INVISIBLE", "Change", "Located", "Tier", "locate", "normalised", "words_of"]

_MOST_HIDDEN = 400
"""Characters that one "..." may stand for."""
_LEAST_PART = 8
"""Characters that a part between two "..." has at least."""
_LEAST_WORDS = 3
"""Words that a quote has at least, to be found with other punctuation between them."""
_OUTER = " \"'"
_OUTER_PUNCTUATION = " \"'.,;:!?()[]-"
_HIDDEN = re.compile(r"\s*[\[(]?\s*(?:\.\.\.|…)\s*[\])]?\s*")
# Between the parts of a quote that leaves something out, these would turn what it says around.
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|cannot|without|hardly|\w+n't"
    r"|nicht|nichts|kein\w*|nie|niemals|ohne|ne|n'\w*|pas|jamais|rien|aucun\w*|sans"
    r"|nunca|nada|sin|não|nem|sem|non|mai|senza|niet|geen|nooit|zonder)\b",
    re.IGNORECASE,
)


class Tier(StrEnum):
    """Say how well a quote was found, best first."""

    EXACT = "exact"
    TYPOGRAPHY = "typography"
    PUNCTUATION = "punctuation"
    ELLIPSIS = "ellipsis"
    NEAR = "near"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Located:
    """Hold where a quote stands.

    Attributes:
        tier: How it was found.
        spans: Of the text, in its order. Every place where the quote stands; for `ELLIPSIS` the
            parts of one place; for `NEAR` the one place that it resembles; none for `NONE`.
        diff: For `NEAR`, what makes the text's words the quote's.
    """

    tier: Tier
    spans: tuple[Span, ...] = ()
    diff: tuple[Change, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Say whether the text holds what the quote says."""
        return self.tier not in (Tier.NEAR, Tier.NONE)

    @property
    def n_changed(self) -> int:
        """Return how many words differ from the place that a near miss resembles."""
        by_kind = Counter[str]()
        for change in self.diff:
            by_kind[change.kind] += len(change.words.split())
        return max(by_kind["+"], by_kind["-"])


def locate(text: str, quote: str, within: Span | None = None) -> Located:
    """Find a quote in a text.

    Words are never cut: "refundable" does not stand in "non-refundable", nor "500" in "1,500".

    Args:
        text: What is quoted.
        quote: As somebody copied it.
        within: Where all of it has to stand, the whole text by default.
    """
    if within is None:
        within = Span(0, len(text))
    source = normal(text)
    first = bisect_left(source.starts, within.start_char)
    last = bisect_left(source.ends, within.end_char + 1)
    inside = range(first, last)
    wanted = normal(quote).text
    if not any(char.isalnum() for char in wanted):
        return Located(Tier.NONE)
    found = _spans(source, inside, wanted.strip(_OUTER))
    if found:
        bare = quote.strip()
        exact = tuple(span for span in found if span.of(text) == bare)
        return Located(Tier.EXACT, exact) if exact else Located(Tier.TYPOGRAPHY, found)
    found = _spans(source, inside, _bare(wanted))
    found = found or _same_words(source, inside, wanted)
    if found:
        return Located(Tier.PUNCTUATION, found)
    found = _in_parts(source, inside, wanted)
    if found:
        return Located(Tier.ELLIPSIS, found)
    close = near(source.text, inside, wanted)
    if close is None:
        return Located(Tier.NONE)
    span = Span(source.starts[close.start], source.ends[close.end - 1])
    return Located(Tier.NEAR, (span,), close.diff)


def _bare(quote: str) -> str:
    """Return a quote without punctuation around it; empty where that is a number's own."""
    bare = quote.strip(_OUTER_PUNCTUATION)
    at = quote.find(bare)
    return "" if bare[:1].isdigit() and quote[at - 1 : at] in ("-", ".") else bare


def _spans(source: Normal, inside: range, wanted: str) -> tuple[Span, ...]:
    """Return where the characters stand that are wanted, as whole words, none over another."""
    found: list[Span] = []
    if any(char.isalnum() for char in wanted):
        for at in _places(source, inside, wanted):
            span = Span(source.starts[at], source.ends[at + len(wanted) - 1])
            if not found or found[-1].end_char <= span.start_char:
                found.append(span)
    return tuple(found)


def _same_words(source: Normal, inside: range, wanted: str) -> tuple[Span, ...]:
    """Return where the same words follow one another, whatever punctuation is between them."""
    words = [match[0] for match in words_of(wanted)]
    if len(words) < _LEAST_WORDS:
        return ()
    there = words_of(source.text, inside.start, inside.stop)
    spoken = [match[0] for match in there]
    found: list[Span] = []
    at = 0
    while at + len(words) <= len(spoken):
        if spoken[at : at + len(words)] == words:
            start, end = there[at].start(), there[at + len(words) - 1].end()
            if is_whole(source, start, end):
                found.append(Span(source.starts[start], source.ends[end - 1]))
                at += len(words)
                continue
        at += 1
    return tuple(found)


def _in_parts(source: Normal, inside: range, wanted: str) -> tuple[Span, ...]:
    """Return the first place where all parts around "..." stand in order, near one another."""
    parts = [_bare(part) for part in _HIDDEN.split(wanted) if part.strip()]
    if len(parts) < 2 or any(len(part) < _LEAST_PART for part in parts):
        return ()
    for begin in _places(source, inside, parts[0]):
        found = _follow(source, inside, parts, begin)
        if found:
            return found
    return ()


def _follow(source: Normal, inside: range, parts: Sequence[str], begin: int) -> tuple[Span, ...]:
    ranges = [(begin, begin + len(parts[0]))]
    for part in parts[1:]:
        free = range(ranges[-1][1], min(inside.stop, ranges[-1][1] + _MOST_HIDDEN + len(part)))
        at = next(_places(source, free, part), None)
        if at is None or _NEGATION.search(source.text, ranges[-1][1], at):
            return ()
        ranges.append((at, at + len(part)))
    return tuple(Span(source.starts[a], source.ends[b - 1]) for a, b in ranges)


def _places(source: Normal, inside: range, wanted: str) -> Iterator[int]:
    at = source.text.find(wanted, inside.start, inside.stop)
    while at >= 0:
        if is_whole(source, at, at + len(wanted)):
            yield at
        at = source.text.find(wanted, at + 1, inside.stop)
