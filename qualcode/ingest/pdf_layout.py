"""Put the words of a PDF page into rows, and the rows into the order in which one reads them.

A PDF says where each letter stands and nothing of words, lines, columns or tabs; those are found
from the gaps. All lengths are points; y grows upwards. Thresholds are in ems (heights of a line).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Row", "Word", "reading_order", "words_of_glyphs"]

Glyph = tuple[str, float, float, float, float]
"""A character (white space of any kind too) and its box: left, right, bottom, top."""

_WORD_GAP = 0.3
_TAB_GAP = 1.5
_MIN_GUTTER = 9.0
_MIN_COLUMN_ROWS = 4
_MIN_COLUMN_WORDS = 3
# A gutter is where at most this share of the usual number of words stands: titles run across it.
_GUTTER_SHARE = 0.25
_BIN = 2.0
_MAX_BINS = 5_000
_MAX_COLUMNS_DEEP = 3
_LABEL_CHARS = 45


@dataclass(slots=True)
class Word:
    """Hold the letters between two gaps and the box around them."""

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one line of one column.

    Attributes:
        text: Its words, joined by a space, or by a tab where the gap is one.
        left, right, bottom, top: The box around it.
        first_width: The width of its first word, to tell whether the row before had room for it.
        column: Which column of the page it is in, counted from 0; lines over all columns are 0.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    first_width: float
    column: int


def words_of_glyphs(glyphs: Sequence[Glyph]) -> list[Word]:
    """Join letters that follow each other without a gap; the order is the file's."""
    words: list[Word] = []
    word: Word | None = None
    for char, left, right, bottom, top in glyphs:
        if char.isspace():
            word = None
            continue
        if word is not None:
            height = max(word.top - word.bottom, top - bottom)
            gap = max(left - word.right, word.left - right)
            overlap = min(word.top, top) - max(word.bottom, bottom)
            if gap > _WORD_GAP * height or overlap <= 0.3 * min(word.height, top - bottom):
                word = None
        if word is None:
            word = Word(char, left, right, bottom, top)
            words.append(word)
        else:
            word.text += char
            word.left, word.right = min(word.left, left), max(word.right, right)
            word.bottom, word.top = min(word.bottom, bottom), max(word.top, top)
    return words


def reading_order(words: Sequence[Word]) -> list[Row]:
    """Return the rows of a page: columns one after the other, lines over all of them in place."""
    return list(_region(list(words), 0, 0))


def _region(words: list[Word], column: int, depth: int) -> Iterator[Row]:
    rows = _grouped(words)
    gutter = _gutter(words, rows) if depth < _MAX_COLUMNS_DEEP else None
    if gutter is None:
        yield from _rows(rows, column)
        return
    left: list[Word] = []
    right: list[Word] = []
    for row in rows:
        if _spans(row, gutter):
            yield from _columns(left, right, column, depth)
            left, right = [], []
            yield from _rows([row], column)
        else:
            for word in row:
                (left if word.right <= gutter[0] + _BIN else right).append(word)
    yield from _columns(left, right, column, depth)


def _columns(left: list[Word], right: list[Word], column: int, depth: int) -> Iterator[Row]:
    if left:
        yield from _region(left, column, depth + 1)
    if right:
        yield from _region(right, column + 2**depth, depth + 1)


def _grouped(words: Sequence[Word]) -> list[list[Word]]:
    """Group words that stand at one height, from the top down and from left to right."""
    rows: list[list[Word]] = []
    bottom = top = 0.0
    for word in sorted(words, key=lambda w: (-(w.bottom + w.top), w.left)):
        overlap = min(top, word.top) - max(bottom, word.bottom)
        if rows and overlap > 0.5 * min(top - bottom, word.height):
            rows[-1].append(word)
        else:
            rows.append([word])
            bottom, top = word.bottom, word.top
    for row in rows:
        row.sort(key=lambda w: w.left)
    return rows


def _gutter(words: Sequence[Word], rows: Sequence[Sequence[Word]]) -> tuple[float, float] | None:
    """Return the widest white strip between two columns of running text, None for one column.

    Names beside what they say are no column of their own: both sides have to be about as wide as
    each other and hold lines of several words.
    """
    if len(rows) < _MIN_COLUMN_ROWS:
        return None
    start = min(word.left for word in words)
    n_bins = min(int((max(word.right for word in words) - start) / _BIN) + 1, _MAX_BINS)
    change = [0] * (n_bins + 1)
    for word in words:
        change[min(max(int((word.left - start) / _BIN), 0), n_bins)] += 1
        change[min(max(int((word.right - start) / _BIN) + 1, 0), n_bins)] -= 1
    covered: list[int] = []
    total = 0
    for step in change[:n_bins]:
        total += step
        covered.append(total)
    usual = sorted(count for count in covered if count)[sum(map(bool, covered)) // 2]
    best: tuple[float, float] | None = None
    first: int | None = None
    for number, count in enumerate([*covered, usual + 2]):
        if count <= max(1, _GUTTER_SHARE * usual):
            first = number if first is None else first
        elif first is not None:
            strip = (start + first * _BIN, start + number * _BIN)
            is_wider = best is None or strip[1] - strip[0] > best[1] - best[0]
            if strip[1] - strip[0] >= _MIN_GUTTER and is_wider and _parts_text(rows, strip):
                best = strip
            first = None
    return best


def _parts_text(rows: Sequence[Sequence[Word]], strip: tuple[float, float]) -> bool:
    sides: tuple[list[list[Word]], list[list[Word]]] = ([], [])
    for row in rows:
        if _spans(row, strip):
            continue
        for at, part in (
            (0, [w for w in row if w.right <= strip[0] + _BIN]),
            (1, [w for w in row if w.right > strip[0] + _BIN]),
        ):
            if part:
                sides[at].append(part)
    widths = []
    for side in sides:
        if len(side) < _MIN_COLUMN_ROWS:
            return False
        if sorted(len(part) for part in side)[len(side) // 2] < _MIN_COLUMN_WORDS:
            return False
        widths.append(max(p[-1].right for p in side) - min(p[0].left for p in side))
    return min(widths) >= 0.5 * max(widths)


def _spans(row: Sequence[Word], strip: tuple[float, float]) -> bool:
    """Tell whether a line runs across the strip, a space of it perhaps inside."""
    before = [word.right for word in row if word.left < strip[0]]
    after = [word.left for word in row if word.left >= strip[0]]
    if any(end > strip[0] + _BIN for end in before):
        return True
    if not before or not after:
        return False
    return min(after) - max(before) < 0.6 * (strip[1] - strip[0])


def _rows(rows: Sequence[Sequence[Word]], column: int) -> Iterator[Row]:
    hangs = _hanging(rows)
    for row in rows:
        words = list(row)
        if _is_right_to_left(words):
            words.reverse()
        text = words[0].text
        for before, word in zip(words, words[1:], strict=False):
            gap = max(word.left - before.right, before.left - word.right)
            height = max(before.height, word.height)
            is_hanging = len(text) <= _LABEL_CHARS and round(word.left) in hangs
            text += "\t" if gap > _TAB_GAP * height or (is_hanging and gap > 0) else " "
            text += word.text
        yield Row(
            text,
            min(word.left for word in words),
            max(word.right for word in words),
            min(word.bottom for word in words),
            max(word.top for word in words),
            words[0].right - words[0].left,
            column,
        )


def _hanging(rows: Sequence[Sequence[Word]]) -> frozenset[int]:
    """Return where lines under a label begin: words there stand behind a tab in the label's line.

    So begin at least three lines and a fifth of all, to the right of those that begin leftmost.
    """
    starts = Counter(round(row[0].left) for row in rows)
    leftmost = min(starts, default=0)
    often = max(3, len(rows) / 5)
    found = (at for at, count in starts.items() if count >= often and at > leftmost + 10)
    return frozenset(near for at in found for near in (at - 1, at, at + 1))


def _is_right_to_left(words: Sequence[Word]) -> bool:
    kinds = [unicodedata.bidirectional(word.text[0]) for word in words]
    return sum(kind in ("R", "AL") for kind in kinds) * 2 > len(kinds)
