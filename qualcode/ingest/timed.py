"""Take time codes out of the words of a written transcript, each to the words that it stands at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qualcode.ingest.decode import trim
from qualcode.ingest.labels import stamps_inside, times_in
from qualcode.ingest.voices import OPEN_END, Block
from qualcode.records import TimeMark

__all__ = ["add_timed", "end_last"]

_CLOSES = frozenset(".,;:!?…)]")


def add_timed(
    block: Block, words: str, glue: str, pending: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Add a line's words to a block, without the time codes among them, which become marks.

    Args:
        block: The paragraph that the line belongs to.
        words: The line without its label.
        glue: What joins it to the line before.
        pending: Start and end of a time code whose words are still to come.

    Returns:
        The time code after which no words came; f4 and MAXQDA end paragraphs with one.
    """
    at = 0
    stamps = stamps_inside(words)
    for number, stamp in enumerate(stamps, start=1):
        before = words[at : stamp.start()]
        pending = _add(block, before, glue, pending)
        # "#00:01:02-3#" at the very end of a paragraph says that it began where the tape did.
        is_last = number == len(stamps) and not words[stamp.end() :].strip()
        if stamp[0].startswith("#") and is_last and block.n_chars and not block.marks:
            block.marks.append(TimeMark(0, 0.0, OPEN_END))
        start, end = times_in(stamp[0])
        pending = (start, OPEN_END if end is None else end)
        at = stamp.end()
        follows = words[at : at + 1]
        glue = "" if follows in _CLOSES or _is_inside_word(before, follows) else " "
    return _add(block, words[at:], glue, pending)


def _add(
    block: Block, words: str, glue: str, pending: tuple[float, float] | None
) -> tuple[float, float] | None:
    words = trim(words)
    if not words:
        return pending
    at = block.add(words, glue)
    if pending is not None:
        block.marks.append(TimeMark(at, *pending))
    return None


def _is_inside_word(before: str, follows: str) -> bool:
    return before[-1:].isalnum() and follows.isalnum()


def end_last(blocks: Sequence[Block], pending: tuple[float, float] | None) -> None:
    """End the last mark of a transcript with the time code that closes it, if one does."""
    last = next((block for block in reversed(blocks) if block.marks), None)
    if pending is None or last is None:
        return
    mark = last.marks[-1]
    if mark.end_seconds == OPEN_END and pending[0] >= mark.start_seconds:
        last.marks[-1] = replace(mark, end_seconds=pending[0])
