"""The lines of a written transcript, as every format that has them hands them on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

__all__ = ["Kind", "Line", "is_stage_direction"]

_DIRECTION = re.compile(r"\[[^\[\]]{1,80}\]|\([^()]{1,40}\)|[♪♫].*[♪♫]|[♪♫]+", re.DOTALL)


class Kind(Enum):
    WORDS = "words"
    HEADING = "heading"
    RULE = "rule"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line as a reader sees it.

    Attributes:
        text: Without markup.
        place: Where it stands, as in "line 12" or "paragraph 3"; for messages.
        label: A speaker that the format itself marks (a table's column); None where the text has
            to be looked at.
        glue: What joins it to the line before in the same block.
        is_item: It begins an item of a list, which is a paragraph of its own.
        is_strong: All of it is bold.
        has_strong_label: It begins with a bold `Name:`, which counts even when it stands alone.
    """

    text: str
    place: str
    kind: Kind = Kind.WORDS
    label: str | None = None
    glue: str = " "
    is_item: bool = False
    is_strong: bool = False
    has_strong_label: bool = False


def is_stage_direction(text: str) -> bool:
    """Tell whether a text is only `[laughs]`, `(pause)` or a note of music."""
    match = _DIRECTION.fullmatch(text)
    return bool(match) and (text[0] != "(" or len(text.split()) <= 5)
