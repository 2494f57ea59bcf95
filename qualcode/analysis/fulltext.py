"""Find words in texts exactly, without an index and without a copy of the texts.

Case and accents do not count: a text is folded character by character while it is searched, and
what is found is told in offsets of the text as it is. Nothing has to be cleaned when a text is
masked or erased.

    late delivery      both words, anywhere in the text
    deliver*           words that begin so
    "never again"      these words in a row, whatever stands between them but words
    -refund            texts without it; also -"money back" and -refund*
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from qualcode.errors import UsageError
from qualcode.spans import Span

__all__ = ["WordQuery", "fold", "parse_query"]

_TERM = re.compile(
    r"""(?P<sign>-)?(?:["“”„](?P<phrase>[^"“”„]*)(?:["“”„]|$)|(?P<bare>[^\s"“”„]+))"""
    r"""(?P<star>(?<=["“”„])\*)?"""
)

# Written without spaces between words (Thai to Burmese, Khmer, kana, Han), so there are no borders
# of words to go by.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"


@dataclass(frozen=True, slots=True)
class Term:
    """Find a word, or words in a row, in folded text; `literal` stands in all that it finds."""

    pattern: re.Pattern[str]
    literal: str

    def is_in(self, folded: str) -> bool:
        # Looking for the letters first is ten times faster where they are not there.
        return self.literal in folded and self.pattern.search(folded) is not None


@dataclass(frozen=True, slots=True)
class WordQuery:
    """Hold what to look for.

    Attributes:
        wanted: A text is found when it holds all of these; empty when there are exclusions only.
        unwanted: A text is not found when it holds one of these.
        text: The wanted words without signs, in the order of the query: what it is about.
    """

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]
    text: str

    def holds(self, text: str) -> bool | None:
        """Tell whether the text holds all wanted words; None when it holds an unwanted one."""
        folded = fold(text)
        if any(term.is_in(folded) for term in self.unwanted):
            return None
        return all(term.is_in(folded) for term in self.wanted)

    def spans(self, text: str) -> tuple[Span, ...]:
        """Return where wanted words stand in the text, whether or not all of them do.

        Spans are ordered and apart from each other; where two overlap they are one. Each ends
        after its last accent, also where that is a character of its own.
        """
        folded = fold(text)
        found = [m.span() for term in self.wanted for m in term.pattern.finditer(folded)]
        return _spans(text, _merged(found)) if found else ()


def parse_query(query: str) -> WordQuery:
    """Read a query; a quotation that is not closed goes on to the end.

    Raises:
        UsageError: It says nothing to look for, nor anything to leave out.
    """
    wanted: list[Term] = []
    unwanted: list[Term] = []
    words: list[str] = []
    for term in _TERM.finditer(query):
        text = term["phrase"] if term["phrase"] is not None else term["bare"]
        is_prefix = bool(term["star"]) or text.endswith("*")
        text = text.rstrip("*").strip()
        if not text.strip("-–—"):
            continue
        found = _term(text, is_prefix=is_prefix)
        if found is None:
            continue
        if term["sign"]:
            unwanted.append(found)
        else:
            wanted.append(found)
            words.append(text)
    if not (wanted or unwanted):
        raise UsageError(
            "the query holds nothing to look for", hint='qualcode search "late delivery"'
        )
    return WordQuery(tuple(wanted), tuple(unwanted), " ".join(words))


def fold(text: str) -> str:
    """Return the text without case and accents, and without characters that nobody sees."""
    return text.lower() if text.isascii() else text.translate(_FOLDS)


class _Folds(dict[int, str]):
    """Fold characters one by one, each once: what `str.translate` looks them up in."""

    def __missing__(self, code_point: int) -> str:
        self[code_point] = folded = _folded(chr(code_point))
        return folded


_FOLDS = _Folds()


def _folded(char: str) -> str:
    if _is_silent(char):
        return ""
    if not _is_of_word(char):
        return char
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    plain = unicodedata.normalize("NFC", "".join(p for p in parts if not _is_silent(p)))
    # ½ would become 1⁄2, two words: such a character stays as it is.
    return plain if plain and all(map(_is_of_word, plain)) else char


def _is_silent(char: str) -> bool:
    """Tell accents, vowel points and invisible characters, by their combining class.

    Classes 10 to 36 are Hebrew, Arabic and Syriac points and from 200 on marks above, below and
    through a letter. What lies between, and the marks of class 0 and 7 to 9, are vowels and parts
    of letters in the scripts of South and South-East Asia, without which it is another word.
    """
    category = unicodedata.category(char)
    if category == "Mn":
        combining = unicodedata.combining(char)
        return 10 <= combining <= 36 or combining >= 200 or "\ufe00" <= char <= "\ufe0f"
    return category in ("Cf", "Me")


def _is_of_word(char: str) -> bool:
    return char.isalnum() or char == "_" or unicodedata.category(char) in ("Mn", "Mc")


@cache
def _of_word() -> str:
    """Return the inside of a regular expression's class for the characters of words."""
    marks = [
        code_point
        for code_point in range(0x300, 0x1F000)
        if unicodedata.category(chr(code_point)) in ("Mn", "Mc")
    ]
    runs: list[list[int]] = []
    for code_point in marks:
        if runs and runs[-1][1] == code_point - 1:
            runs[-1][1] = code_point
        else:
            runs.append([code_point, code_point])
    return r"\w" + "".join(f"{chr(first)}-{chr(last)}" for first, last in runs)


def _term(text: str, *, is_prefix: bool) -> Term | None:
    """Return what finds the words of `text` in a row; None when there is nothing to find."""
    folded = fold(text)
    of_word = _of_word()
    words = re.findall(f"[{of_word}]+", folded)
    if not words:  # an emoji, a sign
        return Term(re.compile(re.escape(folded)), folded) if folded.strip() else None
    before = "" if re.match(f"[{_UNSPACED}]", words[0]) else f"(?<![{of_word}])"
    after = f"[{of_word}]*" if is_prefix else f"(?![{of_word}])"
    if re.search(f"[{_UNSPACED}]$", words[-1]):
        after = ""
    pattern = before + f"[^{of_word}]+".join(map(re.escape, words)) + after
    return Term(re.compile(pattern), max(words, key=len))


def _merged(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _spans(text: str, found: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """Return where in the text stands what was found in its folded form."""
    if text.isascii():
        return tuple(Span(start, end) for start, end in found)
    places = [at for at, char in enumerate(text) for _ in _FOLDS[ord(char)]]
    spans = []
    for start, end in found:
        last = places[end - 1] + 1
        while last < len(text) and _is_accent(text[last]):
            last += 1
        spans.append(Span(places[start], last))
    return tuple(spans)


def _is_accent(char: str) -> bool:
    return unicodedata.category(char) == "Mn" and _is_silent(char)
