"""Find what one person said in other texts: stretches of words that nobody else in a study said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from qualcode.ingest.names import Names

__all__ = ["FORGOTTEN", "TheirWords"]

FORGOTTEN = "(forgotten)"
"""Stands in the place of a person's words in what others wrote."""

_WORD = re.compile(r"\w+")
_SENTENCE_ENDS = re.compile(r"[.!?…;\n]+")
_LONGEST = 6
# What may stand around a text that stands by itself: a line's mark, a cell's or a value's edges.
_AROUND = 8
_BEFORE = re.compile(r"(?:[\n\r\t|<>:\])(\"“„«]|[,;](?! )) ?[(\"“„«‘']{0,2}\Z")
_AFTER = re.compile(r"[.!?…]{0,3}[)\"”“»’']{0,2} ?(?:[\n\r\t|<]|(?<=[\")”“»])|[,;](?! ))")

Words = tuple[str, ...]


class TheirWords:
    """Hold the stretches of words by which a person's texts are told from all others.

    Capitals, punctuation and line ends do not matter. One or two words say nothing of whose they
    are: they are the person's only where they stand by themselves, as the answer did.

    Args:
        texts: What the person said, a turn or an answer each.
        others: What is left in the study without the person: stretches that stand there too
            are nobody's.
        names: By which the person is called: looked for whoever else is called so.
        called: Finds names that may be ordinary words, too.
    """

    def __init__(
        self,
        texts: Iterable[str],
        others: Iterable[str],
        names: Iterable[str] = (),
        called: Names | None = None,
    ) -> None:
        texts = list(texts)
        said = [tuple(_words(text)) for text in texts]
        self._stretches = {n: _stretches(said, n) for n in range(2, _LONGEST + 1)}
        pieces = (piece for text in texts for piece in (text, *_SENTENCE_ENDS.split(text)))
        self._short = {words for piece in pieces if _is_telling(words := tuple(_words(piece)))}
        for other in others:
            words = tuple(_words(other))
            for n, found in self._stretches.items():
                found.difference_update(_windows(words, n))
            for n in (1, 2) if self._short else ():
                self._short.difference_update(_windows(words, n))
        self._names = {words for name in names if (words := tuple(_words(name)))}
        self._called = called

    def are_in(self, text: str, *, run: int = 3) -> bool:
        """Tell whether a text holds a stretch of so many words, or a name."""
        words = tuple(_words(text))
        if any(window in self._stretches[run] for window in _windows(words, run)):
            return True
        return self.name_in(text)

    def stand_alone_in(self, text: str) -> bool:
        """Tell whether an answer or sentence of one or two words is a line, cell or value."""
        before, start = "", 0
        for place in _WORD.finditer(text) if self._short else ():  # one by one: files are large
            word = place.group().casefold()
            for words, at in (((word,), place.start()), ((before, word), start)):
                if words in self._short and _is_alone(text, at, place.end()):
                    return True
            before, start = word, place.start()
        return False

    def name_in(self, text: str) -> bool:
        """Tell whether a name stands in a text."""
        words = _words(text)
        lengths = {len(name) for name in self._names}
        if any(window in self._names for n in lengths for window in _windows(words, n)):
            return True
        return self._called is not None and any(self._called.find(text, whole=False))

    def is_quote(self, text: str) -> bool:
        """Tell whether a text as a whole, of two words or more, was said by them alone."""
        words = tuple(_words(text))
        n = min(len(words), _LONGEST)
        if n < 2:
            return False
        return all(window in self._stretches[n] for window in _windows(words, n))

    def scrubbed(self, text: str, *, run: int) -> str:
        """Return a text as `cut` does, `FORGOTTEN` alone where all of it is a quote."""
        return FORGOTTEN if self.is_quote(text) else self.cut(text, run=run)

    def cut(self, text: str, *, run: int) -> str:
        """Return a text with `FORGOTTEN` in the place of each stretch of so many words or more."""
        places = list(_WORD.finditer(text))
        words = [place.group().casefold() for place in places]
        gone = [False] * len(words)
        lengths = [(run, self._stretches[run])]
        lengths += [(len(name), {name}) for name in self._names]
        for n, looked_for in lengths:
            for at, window in enumerate(_windows(words, n)):
                if window in looked_for:
                    gone[at : at + n] = [True] * n
        for found in self._called.find(text, whole=False) if self._called else ():
            for at, place in enumerate(places):
                gone[at] |= place.start() < found.end and place.end() > found.start
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


def _is_telling(words: Words) -> bool:
    return len(words) == 2 or (len(words) == 1 and len(words[0]) > 3 and words[0].isalpha())


def _is_alone(text: str, start: int, end: int) -> bool:
    """Tell it from the signs around a place; beginning and end of the text are line ends."""
    before = "\n" * (start < _AROUND) + text[max(0, start - _AROUND) : start]
    after = text[end : end + _AROUND] + "\n" * (end + _AROUND > len(text))
    return _BEFORE.search(before) is not None and _AFTER.match(after) is not None


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _windows(words: Sequence[str], n: int) -> Iterator[Words]:
    for at in range(len(words) - n + 1):
        yield tuple(words[at : at + n])


def _stretches(said: Iterable[Words], n: int) -> set[Words]:
    return {window for words in said for window in _windows(words, n)}
