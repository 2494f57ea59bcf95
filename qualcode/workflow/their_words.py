"""Find what one person said in other texts: stretches of words that nobody else in a study said."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

__all__ = ["FORGOTTEN", "TheirWords", "plain"]

FORGOTTEN = "(forgotten)"
"""Stands in the place of a person's words in what others wrote."""

_WORD = re.compile(r"\w+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_LONGEST = 6

Words = tuple[str, ...]


class TheirWords:
    """Hold the stretches of words by which a person's texts are told from all others.

    Capitals, punctuation and line ends do not matter. A text of one or two words is looked for as
    a whole, unless it is a number or a few letters, which say nothing of whose it is.

    Args:
        texts: What the person said, a turn or an answer each.
        others: What is left in the study without the person: stretches that stand there too
            are nobody's.
        names: By which the person is called: looked for whoever else is called so.
    """

    def __init__(
        self, texts: Iterable[str], others: Iterable[str], names: Iterable[str] = ()
    ) -> None:
        said = [tuple(_words(text)) for text in texts]
        self._stretches = {n: _stretches(said, n) for n in range(2, _LONGEST + 1)}
        self._whole = {words for words in said if _is_telling(words)}
        for other in others:
            words = tuple(_words(other))
            for n, found in self._stretches.items():
                found.difference_update(_windows(words, n))
            for n in (1, 2) if self._whole else ():
                self._whole.difference_update(_windows(words, n))
        self._names = {words for name in names if (words := tuple(_words(name)))}

    def are_in(self, text: str, *, run: int = 3) -> bool:
        """Tell whether a text holds a stretch of so many words, a whole short text, or a name."""
        words = tuple(_words(text))
        if any(window in self._stretches[run] for window in _windows(words, run)):
            return True
        short = self._whole | self._names
        lengths = {len(one) for one in short}
        return any(window in short for n in lengths for window in _windows(words, n))

    def name_in(self, text: str) -> bool:
        """Tell whether a name stands in a text."""
        words = _words(text)
        lengths = {len(name) for name in self._names}
        return any(window in self._names for n in lengths for window in _windows(words, n))

    def is_name(self, text: str) -> bool:
        """Tell whether a text is one of the names."""
        return tuple(_words(text)) in self._names

    def is_quote(self, text: str) -> bool:
        """Tell whether a text as a whole, of two words or more, was said by them alone."""
        words = tuple(_words(text))
        n = min(len(words), _LONGEST)
        if n < 2:
            return False
        return all(window in self._stretches[n] for window in _windows(words, n))

    def scrubbed(self, text: str, *, run: int) -> str:
        """Return a text with `FORGOTTEN` in the place of each stretch of so many words or more."""
        if self.is_quote(text):
            return FORGOTTEN
        places = list(_WORD.finditer(text))
        words = [place.group().casefold() for place in places]
        gone = [False] * len(words)
        lengths = [(run, self._stretches[run])]
        lengths += [(len(name), {name}) for name in self._names]
        for n, looked_for in lengths:
            for at, window in enumerate(_windows(words, n)):
                if window in looked_for:
                    gone[at : at + n] = [True] * n
        out: list[str] = []
        done = at = 0
        while at < len(words):
            if not gone[at]:
                at += 1
                continue
            end = at
            while end + 1 < len(words) and gone[end + 1]:
                end += 1
            out += (text[done : places[at].start()], FORGOTTEN)
            done, at = places[end].end(), end + 1
        return "".join([*out, text[done:]])


def plain(text: str) -> str:
    """Return a text of a file with the escapes of JSON and HTML undone."""
    if "\\" in text:
        text = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else " ", text)
    return html.unescape(text)


def _is_telling(words: Words) -> bool:
    return len(words) == 2 or (len(words) == 1 and len(words[0]) > 3 and words[0].isalpha())


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _windows(words: Sequence[str], n: int) -> Iterator[Words]:
    for at in range(len(words) - n + 1):
        yield tuple(words[at : at + n])


def _stretches(said: Iterable[Words], n: int) -> set[Words]:
    return {window for words in said for window in _windows(words, n)}
