"""Numbers in words, alike on every page."""

from __future__ import annotations

__all__ = ["counted", "people", "plain"]


def people(count: int) -> str:
    """Return "1 person" or "2 people"."""
    return "1 person" if count == 1 else f"{count:,} people"


def counted(count: int, one: str) -> str:
    """Return a number with its noun, such as "1 segment" or "2 segments"."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def plain(value: float) -> str:
    """Return a number with one decimal at most, such as 42.9 or 100, as scripts write it."""
    return f"{round(value, 1):g}"
