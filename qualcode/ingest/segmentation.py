"""Cut turns into segments, the units that get coded.

A segment is one to about three sentences of one turn, or one whole comment. Sentences come from
syntok; speech without punctuation is cut at pauses, then at clause borders, then by length. A
whitespace-separated token is never cut in two, except in scripts that write no spaces.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from qualcode.records import (
    Document,
    DocumentKind,
    Role,
    Segment,
    Speaker,
    TimeMark,
    Turn,
    stable_id,
)
from qualcode.spans import Span

__all__ = ["MAX_WORDS", "count_words", "segment"]

MAX_WORDS = 60
"""No segment has more words, unless it is one token."""
AIM_WORDS = 25
"""Sentences are grouped until a segment has about so many words."""
JOIN_WORDS = 35
"""A sentence joins a segment that has not reached its aim if both have at most so many words."""
MIN_WORDS = 8
"""A cut through a sentence leaves so many words on both sides; a shorter segment always joins."""
MAX_SENTENCES = 3
FRAGMENT_WORDS = 3
"""A "sentence" of at most so many words (`Um.`, `Yeah, no.`) is not counted as a sentence."""
PAUSE_SECONDS = 0.7
"""Silence between two time marks that ends a thought in unpunctuated speech."""
FORCED_WORDS = 45
"""Where nothing marks a clause, a cut comes after so many words at the earliest."""

_TOKEN = re.compile(r"\S+")
# Scripts without spaces between words: Thai to Khmer, kana, Han with its extensions.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
_SPACELESS_CHAR = re.compile(f"[{_SPACELESS}]")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_FULL_STOP = re.compile(r"[。！？｡]+[」』”’）]*")
_PLAIN_SENTENCE = re.compile(r"[.!?…؟।]+[\"'”’)\]]*(?=\s)")
_STRONG_END = re.compile(r"[;:–—；：][\"'”’)\]]*$")
_COMMA_END = re.compile(r"[,،，、][\"'”’)\]]*$")
_CONJUNCTION = {"and", "but", "so", "because", "und", "aber", "weil", "mais", "donc", "pero"}


@dataclass(frozen=True, slots=True)
class _Atom:
    """Hold the smallest piece a cut may lay bare: a token, or one letter of a spaceless script."""

    start: int
    end: int
    weight: float


def count_words(text: str) -> int:
    """Count whitespace-separated tokens with a letter or digit.

    Text in a script without spaces counts half a word a letter (rounded up over the text).
    """
    return int(-(-sum(atom.weight for atom in _atoms(text, 0, len(text))) // 1))


def segment(document: Document) -> tuple[Segment, ...]:
    """Cut every speech turn of a document into segments.

    Every non-blank character of a speech turn, whoever speaks, lies in exactly one segment;
    segments do not overlap, do not cross a turn and neither begin nor end with whitespace. A turn
    without a letter or digit is one segment, a blank turn none. A comment of at most `MAX_WORDS`
    words is one segment.

    Args:
        document: In version 1, whose offsets make the ids. Segments of a later version are those
            of version 1 moved by `spans.Rebase`, with their ids.

    Returns:
        Segments in the order of the text, indexed from 0, with the role and participant that the
        document's speakers have now; words of a comment without speakers are its participant's.
    """
    comment = document.kind is DocumentKind.COMMENT
    segments: list[Segment] = []
    for turn in document.turns:
        if not turn.is_speech:
            continue
        speaker = document.speaker(turn.speaker)
        if comment and speaker not in document.speakers:
            speaker = Speaker(turn.speaker, Role.PARTICIPANT, document.participant_id)
        for span in _cut_turn(document.text, turn, whole=comment):
            start, end = span.start_char, span.end_char
            segments.append(
                Segment(
                    stable_id("seg", document.id, str(start), str(end)),
                    document.id,
                    len(segments),
                    turn.index,
                    start,
                    end,
                    speaker.role,
                    speaker.participant_id,
                )
            )
    return tuple(segments)


def _cut_turn(text: str, turn: Turn, *, whole: bool) -> Iterator[Span]:
    """Yield the spans of one turn's segments; `whole` keeps up to `MAX_WORDS` words together."""
    atoms = _atoms(text, turn.start_char, turn.end_char)
    if not atoms:
        return
    # total[i] is the number of words before atom i, so a piece [i, j) has total[j] - total[i].
    total = [0.0, *accumulate(atom.weight for atom in atoms)]
    if whole and total[-1] <= MAX_WORDS:
        yield Span(atoms[0].start, atoms[-1].end)
        return
    starts = [atom.start for atom in atoms]
    borders = sorted({bisect_left(starts, at) for at in _sentence_starts(text, turn)})
    cuts = [0, *(b for b in borders if 0 < b < len(atoms)), len(atoms)]
    clauses = _Clauses(text, atoms, total, turn.marks)
    for first, last in _grouped(list(pairwise(cuts)), total):
        for begin, end in clauses.cut(first, last):
            yield Span(atoms[begin].start, atoms[end - 1].end)


def _atoms(text: str, start: int, end: int) -> list[_Atom]:
    atoms: list[_Atom] = []
    for token in _TOKEN.finditer(text, start, end):
        word = token.group()
        if _SPACELESS_CHAR.search(word):
            atoms += _spaceless_atoms(word, token.start())
        else:
            weight = 1.0 if any(map(str.isalnum, word)) else 0.0
            atoms.append(_Atom(token.start(), token.end(), weight))
    return atoms


def _spaceless_atoms(word: str, offset: int) -> list[_Atom]:
    """Cut a token of a spaceless script before each letter and before other scripts' words.

    Vowel signs stay with their letter, and punctuation with what stands before it.
    """
    starts: list[int] = []
    weights: list[float] = []
    in_word = False
    for at, char in enumerate(word):
        is_mark = unicodedata.category(char)[0] == "M"
        spaceless = not is_mark and bool(_SPACELESS_CHAR.match(char))
        begins_word = char.isalnum() and not spaceless and not in_word
        if at == 0 or spaceless or begins_word:
            starts.append(at)
            weights.append(0.5 if spaceless else float(char.isalnum()))
        if not is_mark:
            in_word = char.isalnum() and not spaceless
    ends = [*starts[1:], len(word)]
    return [
        _Atom(offset + begin, offset + end, weight)
        for begin, end, weight in zip(starts, ends, weights, strict=True)
    ]


def _sentence_starts(text: str, turn: Turn) -> list[int]:
    """Return offsets at which sentences of a turn begin, in order; the first may be missing."""
    found: list[int] = []
    at = turn.start_char
    blanks = _BLANK_LINE.finditer(text, turn.start_char, turn.end_char)
    for begin, end in [*((b.start(), b.end()) for b in blanks), (turn.end_char, turn.end_char)]:
        paragraph = text[at:begin]
        found.append(at)
        found += (at + offset for offset in _syntok_starts(paragraph))
        found += (at + stop.end() for stop in _FULL_STOP.finditer(paragraph))
        at = end
    return found


def _syntok_starts(paragraph: str) -> list[int]:
    """Return where syntok's sentences begin, by its tokens' offsets.

    Only beginnings after whitespace count: syntok also splits `good.Bad`, which would cut a
    token. Offsets that do not fit the paragraph give way to a plain rule.
    """
    from syntok import segmenter
    from syntok.tokenizer import Tokenizer

    # syntok's analyze() would copy the text before each paragraph; we hand it one at a time.
    tokens = Tokenizer(replace_not_contraction=False).tokenize(paragraph)
    starts: list[int] = []
    for sentence in segmenter.segment(tokens):
        token = next((t for t in sentence if t.value), None)
        if token is None:
            continue
        offset: int = token.offset
        if not paragraph.startswith(token.value, offset) or (starts and offset <= starts[-1]):
            return [stop.end() for stop in _PLAIN_SENTENCE.finditer(paragraph)]
        starts.append(offset)
    return [at for at in starts if at == 0 or paragraph[at - 1].isspace()]


def _grouped(
    sentences: Sequence[tuple[int, int]], total: Sequence[float]
) -> Iterator[tuple[int, int]]:
    """Join neighbouring sentences, as ranges of atoms, to segments.

    A sentence above `MAX_WORDS` stays alone, so that its own cuts decide.
    """
    group: tuple[int, int] | None = None
    counted = 0
    for first, last in sentences:
        words = total[last] - total[first]
        counts = int(words > FRAGMENT_WORDS)
        if group is not None:
            held = total[first] - total[group[0]]
            both = held + words
            fits = both <= JOIN_WORDS or (min(held, words) < MIN_WORDS and both <= MAX_WORDS)
            full = held >= AIM_WORDS and counts or counted + counts > MAX_SENTENCES
            if fits and not full and held <= MAX_WORDS:
                group, counted = (group[0], last), counted + counts
                continue
            yield group
        group, counted = (first, last), counts
    if group is not None:
        yield group


class _Clauses:
    """Cut sentences that are too long, as ranges of atoms."""

    def __init__(
        self, text: str, atoms: Sequence[_Atom], total: Sequence[float], marks: Sequence[TimeMark]
    ) -> None:
        self._text = text
        self._atoms = atoms
        self._total = total
        starts = [atom.start for atom in atoms]
        at = [bisect_left(starts, mark.start_char) for mark in marks]
        self._marks = frozenset(at)
        self._pauses = sorted(
            (index, after.start_seconds - before.end_seconds)
            for (before, after), index in zip(pairwise(marks), at[1:], strict=False)
            if after.start_seconds - before.end_seconds >= PAUSE_SECONDS
        )

    def words(self, first: int, last: int) -> float:
        return self._total[last] - self._total[first]

    def cut(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the pieces of `[first, last)`, none above `MAX_WORDS`."""
        if self.words(first, last) <= MAX_WORDS:
            yield first, last
            return
        for begin, end in pairwise(self._at_pauses(first, last)):
            while self.words(begin, end) > MAX_WORDS:
                middle = self._at_clause(begin, end)
                yield begin, middle
                begin = middle
            yield begin, end

    def _at_pauses(self, first: int, last: int) -> list[int]:
        """Return borders at the longest pauses, until pieces are short enough or none is left."""
        cuts = [first, last]
        inside = self._pauses[
            bisect_left(self._pauses, (first + 1, 0.0)) : bisect_left(self._pauses, (last, 0.0))
        ]
        for pause, _ in sorted(inside, key=lambda p: (-p[1], p[0])):
            right = bisect_left(cuts, pause)
            begin, end = cuts[right - 1], cuts[right]
            if (
                self.words(begin, end) > MAX_WORDS
                and self.words(begin, pause) >= MIN_WORDS
                and self.words(pause, end) >= MIN_WORDS
            ):
                insort(cuts, pause)
        return cuts

    def _at_clause(self, first: int, last: int) -> int:
        """Return the best border that leaves a first piece of allowed length."""
        words = self.words(first, last)
        low = max(MIN_WORDS, words - MAX_WORDS if words <= 2 * MAX_WORDS else 0)
        high = min(MAX_WORDS, words - MIN_WORDS)
        middle = (low + high) / 2
        best: tuple[float, int] | None = None
        # Without a clause border: equal pieces, but none below FORCED_WORDS where that is possible.
        aim = min(high, max(FORCED_WORDS, words / -(-words // MAX_WORDS)))
        forced = first + 1
        for at in range(first + 1, last):
            left = self.words(first, at)
            if left > high:
                break
            if left <= aim:
                forced = at
            if left >= low and (penalty := self._penalty(at)) is not None:
                best = min(best or (float("inf"), at), (abs(left - middle) + penalty, at))
        return best[1] if best else forced

    def _penalty(self, at: int) -> int | None:
        """Return by how many words a border may be further from the middle; None for no border."""
        before, after = self._atoms[at - 1], self._atoms[at]
        ending = self._text[max(before.start, before.end - 4) : before.end]
        word = self._text[after.start : min(after.end, after.start + 12)].casefold()
        joins = word in _CONJUNCTION
        if _STRONG_END.search(ending):
            return 0
        if _COMMA_END.search(ending):
            return 0 if joins else 4
        if ending in {"-", "–"}:
            return 4
        if at in self._marks:
            return 2 if joins else 6
        return 8 if joins else None
