"""The place that a quote resembles without standing there, to be looked at by a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

__all__ = ["Change", "Near", "near", "words_of"]

_NEAR = 0.8
"""Share of words in common, in order, from which a place is shown as a near miss."""
_LEAST_NEAR_WORDS = 4

# Words with what holds them together ("can't", "non-refundable", "1,500"); signs of numbers and
# all symbols ("%", "€", "🙂") count as words, for leaving them out changes what is said.
_WORD = re.compile(
    r"(?:(?<!\w)(?:[+-]\.?|\.)(?=\d))?[\w\u0300-\u036f]+(?:['.,:/-][\w\u0300-\u036f]+)*"
    r"|[^\w\s\u0300-\u036f.,;:!?\"'()\[\]-]"
)


@dataclass(frozen=True, slots=True)
class Change:
    """Hold words that a quote has ("+"), that it lacks ("-") or that both have ("=")."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Near:
    """Hold a stretch of a normalised text, and what makes its words the quote's."""

    start: int
    end: int
    diff: tuple[Change, ...]


def words_of(text: str, start: int = 0, stop: int | None = None) -> list[re.Match[str]]:
    """Return the words of a normalised text, or of a part of it, in order."""
    return list(_WORD.finditer(text, start, len(text) if stop is None else stop))


def near(text: str, inside: range, wanted: str) -> Near | None:
    """Return the one place that has most of the quote's words in their order, None for none.

    Args:
        text: Normalised.
        inside: Where in it to look.
        wanted: The quote, normalised.
    """
    words = [match[0] for match in words_of(wanted)]
    there = words_of(text, inside.start, inside.stop)
    spoken = [match[0] for match in there]
    if len(words) < _LEAST_NEAR_WORDS:
        return None
    best: list[tuple[float, int, int]] = []
    for at in _likely(spoken, words):
        for length in (len(words), len(words) - 1, len(words) + 1):
            part = spoken[at : at + length]
            ratio = SequenceMatcher(None, part, words, autojunk=False).ratio()
            if ratio >= _NEAR and _fits(part, words):
                best.append((ratio, at, at + len(part)))
    if not best:
        return None
    ratio, at, end = max(best, key=lambda hit: (hit[0], -hit[1]))
    if any(other == ratio and (b <= at or end <= a) for other, a, b in best):
        return None
    return Near(there[at].start(), there[end - 1].end(), _diff(spoken[at:end], words))


def _fits(part: Sequence[str], words: Sequence[str]) -> bool:
    """Tell whether a stretch begins or ends as the quote does: its borders mean something."""
    return bool(part) and (part[0] == words[0] or part[-1] == words[-1])


def _likely(spoken: Sequence[str], words: Sequence[str]) -> list[int]:
    """Return where a stretch as long as the quote has enough of its words, in any order."""
    wanted = Counter(words)
    held = Counter[str]()
    common = 0
    starts: list[int] = []
    size = len(words) + 1
    for end, word in enumerate(spoken):
        held[word] += 1
        common += held[word] <= wanted[word]
        begin = end - size + 1
        if begin > 0:
            gone = spoken[begin - 1]
            common -= held[gone] <= wanted[gone]
            held[gone] -= 1
        if common >= _NEAR * len(words) - 1:
            starts.append(max(begin, 0))
    return sorted({at for start in starts for at in (start, start + 1) if at < len(spoken)})


def _diff(part: Sequence[str], words: Sequence[str]) -> tuple[Change, ...]:
    changes: list[Change] = []
    matcher = SequenceMatcher(None, part, words, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            changes.append(Change("=", " ".join(part[a:b])))
            continue
        if b > a:
            changes.append(Change("-", " ".join(part[a:b])))
        if d > c:
            changes.append(Change("+", " ".join(words[c:d])))
    return tuple(changes)
