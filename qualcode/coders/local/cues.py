"""Words of the codebook found in text: whole words, any case, the longest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.codebook import Code
from qualcode.spans import Span

__all__ = ["Cue", "CueFinder"]

# "not angry", "never any hassle", "wasn't very easy": the word says the opposite.
_DENIED = re.compile(
    r"(?:\b(?:not|never|no|without|hardly|nor)|n['’]t)\s+(?:(?:a|an|any|at|all|been|be|so|very|that"
    r"|too|really|much|the|feel|get)\s+){0,2}$",
    re.IGNORECASE,
)
_APOSTROPHE = str.maketrans("’ʼ`", "'''")


@dataclass(frozen=True, slots=True)
class Cue:
    """Hold a word of the codebook where it stands in a text.

    Attributes:
        code: Index of the code whose cue it is.
        text: As the codebook writes it.
        denied: Whether it stands after "not" or the like.
    """

    code: int
    text: str
    span: Span
    denied: bool


class CueFinder:
    """Find the cues of some codes."""

    def __init__(self, codes: Sequence[Code]) -> None:
        self._codes_of: dict[str, list[tuple[int, str]]] = {}
        for index, code in enumerate(codes):
            for cue in dict.fromkeys(cue for cue in code.cues if cue.strip()):
                self._codes_of.setdefault(_key(cue), []).append((index, cue))
        # Of two cues that begin at one place the longer one counts: "phone call", not "phone".
        longest_first = sorted(self._codes_of, key=lambda cue: (-len(cue), cue))
        words = "|".join(r"\s+".join(map(re.escape, cue.split())) for cue in longest_first)
        self._pattern = (
            re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if longest_first else None
        )

    def find(self, text: str) -> list[Cue]:
        """Return the cues in a text, in order; a word of several codes comes once for each."""
        if self._pattern is None:
            return []
        found: list[Cue] = []
        # The lengths stay: each character is replaced by one.
        for match in self._pattern.finditer(text.translate(_APOSTROPHE)):
            denied = bool(_DENIED.search(text, 0, match.start()))
            for index, cue in self._codes_of.get(_key(match.group()), ()):
                found.append(Cue(index, cue, Span(*match.span()), denied))
        return found


def _key(text: str) -> str:
    return " ".join(text.translate(_APOSTROPHE).casefold().split())
