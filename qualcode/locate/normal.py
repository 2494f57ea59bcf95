"""A text without what only concerns how it is set, and where it must not be cut."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

__all__ = ["INVISIBLE", "Normal", "is_whole", "normal", "normalised"]

_SAME = {
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–−", "-"),
    **dict.fromkeys("—―", " - "),
}
# Zero width, soft hyphen, directions, emoji's variation selectors, and tags, which nobody can see.
INVISIBLE = frozenset(
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u061c\u200e\u200f\ufe0e\ufe0f"
    + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0000, 0xE0080)]))
)
_JOINER = "\u200d"
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))


@dataclass(frozen=True, slots=True)
class Normal:
    """Hold a normalised text.

    Attributes:
        text: One space for white space of any length, none at its ends.
        starts: Of the source, where each character's sign begins; neighbours may share one.
        ends: Likewise, where it ends.
        joined: Positions before which no cut may be, because signs are joined to one picture.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    joined: frozenset[int]


def normalised(text: str) -> str:
    """Return a text without what only concerns how it is set; equal results say the same."""
    return normal(text).text


@lru_cache(maxsize=64)
def normal(text: str) -> Normal:
    """Return a text as it is compared, with the places of its characters in the source."""
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    joined: set[int] = set()
    is_joined = False
    at = 0
    while at < len(text):
        end = at + 1
        # A letter and its marks stay whole.
        while end < len(text) and (unicodedata.combining(text[end]) or text[end] in INVISIBLE):
            end += 1
        cluster, plain = _plain(text[at:end])
        if is_joined or (cluster and cluster[0] in _SKIN_TONES):
            joined.add(len(out))
        for char in plain:
            char = " " if char.isspace() else _SAME.get(char, char)
            if char == " " and (not out or out[-1] == " "):
                if out:
                    ends[-1] = end
                continue
            out.append(char)
            starts.append(at)
            ends.append(end)
        is_joined = bool(out) and text[end - 1] == _JOINER
        at = end
    while out and out[-1] == " ":
        out.pop(), starts.pop(), ends.pop()
    return Normal("".join(out), tuple(starts), tuple(ends), frozenset(joined))


@lru_cache(maxsize=4096)
def _plain(sign: str) -> tuple[str, str]:
    """Return a letter with its marks without what is invisible, and as it is compared."""
    cluster = "".join(char for char in sign if char not in INVISIBLE)
    plain = _SAME.get(cluster) or unicodedata.normalize(_form(cluster), cluster).casefold()
    return cluster, plain


def _form(cluster: str) -> Literal["NFC", "NFKC"]:
    """Return how to write a sign plainly: "10²" is not 102, nor "5½" 51/2."""
    return "NFC" if any(unicodedata.category(char) == "No" for char in cluster) else "NFKC"


def is_whole(source: Normal, start: int, end: int) -> bool:
    """Tell whether a stretch parts no word, number or sign at either end."""
    return not (_is_inside(source, start) or _is_inside(source, end))


def _is_inside(source: Normal, at: int) -> bool:
    """Tell whether a cut before this character would part what belongs together."""
    text = source.text
    if not 0 < at < len(text):
        return False
    # The parts of one character's expansion ("ß", "…", "½") have one source.
    if source.starts[at - 1] == source.starts[at] or at in source.joined:
        return True
    before, after = text[at - 1], text[at]
    if _is_letter(before) and _is_letter(after):
        return True
    further, beyond = text[at - 2 : at - 1], text[at + 1 : at + 2]
    if after in "'-" and _is_letter(before) and beyond and _is_letter(beyond):
        return True
    if before in "'-" and _is_letter(after) and (_is_letter(further) or _is_sign(text, at)):
        return True
    if before == "+" and after.isdigit() and not _is_letter(further):
        return True
    if after in ".,:/" and before.isdigit() and beyond.isdigit():
        return True
    return before in ".,:/" and after.isdigit() and (further.isdigit() or before == ".")


def _is_letter(char: str) -> bool:
    """Tell whether a character is part of a word, as vowel signs and a mark alone are too."""
    return bool(char) and (char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M")


def _is_sign(text: str, at: int) -> bool:
    """Tell whether a minus stands before the number that begins here."""
    return text[at - 1] == "-" and text[at].isdigit() and not _is_letter(text[at - 2 : at - 1])
