"""Decide whether one drafted sentence may stand; what may not is removed, never repaired."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.codebook.stage_names import department_words, funnel_words
from qualcode.coders.llm.suspicious import suspicion
from qualcode.coders.llm.words_material import Cited, Limits
from qualcode.coders.llm.words_numbers import states_a_number
from qualcode.locate import Tier, locate
from qualcode.spans import Span

__all__ = ["Removed", "checked_text"]

_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]*[_ ][0-9]+\]")
"""Such as [PERSON_3]: its number counts nothing."""
_QUOTED = re.compile(
    r"“([^“”„]*)”|„([^“”„]*)[“”]|\"([^\"“”„]*)\"|«([^«»]*)»|»([^«»]*)«|‹([^‹›]*)›|「([^「」]*)」"
    r"|『([^『』]*)』|＂([^＂]*)＂|`([^`]*)`"
    r"|(?<!\w)‘([^‘]*?)’(?!\w)|(?<!\w)‚([^‚‘’]*)[‘’](?!\w)|(?<!\w)'([^']+(?:'\w[^']*)*)'(?!\w)"
)
_MARKS = frozenset('“”„‟"«»‹›「」『』＂`‘‚')
_ENDS = re.compile(r"[.!?…。！？]+[)\]”’»]*\s+\S")
_ABBREVIATED = re.compile(
    r"\b(?:e\.g|i\.e|etc|approx|incl|vs|mr|mrs|ms|dr|st|z\.\s?b|bzw|p\.\s?ex)\.", re.IGNORECASE
)
_MARKUP = re.compile(r"[<>{}|*#\\]|https?:|\bwww\.")
_CLOSING = ".,;:!?…"
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Removed:
    """Say why a text may not stand; the reasons are few, so that they can be counted."""

    reason: str


def checked_text(text: str, cited: Sequence[Cited], limits: Limits) -> str | Removed:
    """Return the text with its quotations as the sources have them, or why it may not stand.

    Args:
        text: As the model wrote it.
        cited: The quotes that it says it rests on; those that it was not given are not among them.
        limits: Of the kind of thing that it is about.
    """
    line = " ".join(text.split())
    if not cited:
        return Removed("rests on no quote")
    if not any(char.isalpha() for char in line):
        return Removed("says nothing")
    if len(line) > limits.most_chars:
        return Removed(f"is longer than {limits.most_chars} characters")
    if _MARKUP.search(line) or any(map(_is_control, line)):
        return Removed("holds markup")
    if suspicion(line):
        return Removed("reads like an instruction")
    quoted = _with_quotations(line, cited)
    if isinstance(quoted, Removed):
        return quoted
    line, own = quoted
    if states_a_number(_PLACEHOLDER.sub(" ", own)):
        return Removed("states a number")
    if own != line and not limits.may_quote:
        return Removed("holds a quotation")
    if limits.is_name:
        if funnel_words(line) or department_words(line):
            return Removed("is the organisation's word")
        return line.rstrip(".")
    if _ENDS.search(_ABBREVIATED.sub(" ", own)):
        return Removed("is more than one sentence")
    return line


def _with_quotations(line: str, cited: Sequence[Cited]) -> tuple[str, str] | Removed:
    """Return the line with each quotation cut anew, and the same without what they say."""
    shown: list[str] = []
    own: list[str] = []
    at = 0
    for found in _QUOTED.finditer(line):
        said = next(group for group in found.groups() if group is not None)
        cut = _cut(said.strip(), cited)
        if cut is None:
            return Removed("quotes words that its quotes do not hold")
        before = line[at : found.start()]
        shown += [before, cut]
        own += [before, "“”"]
        at = found.end()
    own.append(line[at:])
    shown.append(line[at:])
    if _MARKS.intersection("".join(own).replace("“”", "")):
        return Removed("has a quote mark without its pair")
    return "".join(shown), "".join(own)


def _cut(said: str, cited: Sequence[Cited]) -> str | None:
    """Return the words of a quotation as the first quote that holds them has them, in marks.

    A mark at its end may be the model's own sentence's.
    """
    bare = said.rstrip(_CLOSING)
    for words, rest in ((said, ""), (bare, said[len(bare) :])):
        if not any(char.isalnum() for char in words):
            continue
        for quote in cited:
            found = locate(quote.words, words, Span(0, len(quote.words)))
            if found.tier in (Tier.EXACT, Tier.TYPOGRAPHY):
                return f"“{' '.join(found.spans[0].of(quote.words).split())}”{rest}"
    return None


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Cn") and char not in _JOINERS
