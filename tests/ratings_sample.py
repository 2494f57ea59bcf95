"""Ratings to compare coders by: written down as grids, counted tables and published examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qualcode.analysis.agreement import Ratings

__all__ = ["FOUR_OBSERVERS", "counted", "ratings_of", "tabled"]

NAMES = "abcdefghijklmnopqrstuvwxyz"


def ratings_of(*coders: str, clusters: Sequence[str] | None = None) -> Ratings:
    """Return ratings from a line for each coder, a word for each unit.

    A word is a code, several joined by `+`, `.` where the coder did not judge, and `-` for no code.
    """
    words = [line.split() for line in coders]
    units = tuple(f"u{n}" for n in range(len(words[0])))

    def value(word: str) -> frozenset[str] | None:
        if word == ".":
            return None
        return frozenset() if word == "-" else frozenset(word.split("+"))

    values = tuple(tuple(value(line[n]) for line in words) for n in range(len(units)))
    return Ratings(
        units,
        tuple(NAMES[: len(coders)]),
        values,
        tuple(clusters) if clusters is not None else units,
    )


def tabled(table: Sequence[Sequence[int]]) -> Ratings:
    """Return the ratings of two coders from a table of counts, the first coder in rows."""
    pairs = [
        (row, at) for row, line in enumerate(table) for at, n in enumerate(line) for _ in range(n)
    ]
    return ratings_of(*(" ".join(str(pair[side]) for pair in pairs) for side in (0, 1)))


def counted(rows: Iterable[Sequence[int]]) -> Ratings:
    """Return ratings from how many coders gave each category, a row for each unit.

    Which coder gave what is not told by such a table: the first ones gave the first categories.
    """
    units = [[str(k) for k, n in enumerate(row) for _ in range(n)] for row in rows]
    return ratings_of(*(" ".join(line) for line in zip(*units, strict=True)))


FOUR_OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""Krippendorff (2011), section C; the same as `cac.raw4raters` of Gwet's R package irrCAC."""
