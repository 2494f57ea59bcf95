"""Check what a model answered about one segment.

Nothing is put right: an item is used as it is, or refused with a reason that names places and
counts and never repeats words, neither a participant's nor the model's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from qualcode.coders.llm.coding_units import Shown
from qualcode.coders.llm.strict import Strict, unfit
from qualcode.locate import Tier, locate, normalised, words_of
from qualcode.spans import Span

__all__ = ["ItemReader", "Refused", "Swapped", "cover"]

LONGEST_WHY = 300
_REPEATED_WORDS = 8
"""A "why" that has so many words of the text in a row repeats it."""
_QUOTED = re.compile(
    r"“([^“”]*)”|„([^„“”]*)[“”]|«([^«»]*)»|\"([^\"]*)\"|‘([^‘’]*)’(?!\w)|(?<!\w)'([^']*)'(?!\w)"
)


class _Coding(Strict):
    sentences: list[int]
    words: str | None
    why: str
    code: str
    intensity: int | None = Field(ge=1, le=3)
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)


class _Item(Strict):
    id: str
    codings: list[_Coding]
    unsure: list[str]


class Refused(Exception):
    """Say what is wrong with one item."""


class Swapped(Exception):
    """An item speaks of another item's sentences: no item of the reply can be relied on."""


@dataclass(slots=True)
class ItemReader:
    """Check one item.

    Attributes:
        shown: What was shown.
        first: Number of its first sentence in the request.
        last: Number of the request's last sentence.
    """

    shown: Shown
    first: int
    last: int
    codes: Mapping[str, str]
    names: frozenset[str]

    def answer(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return what holds wherever the segment is asked about; see `CodingStep`."""
        try:
            item = _Item.model_validate(value)
        except ValidationError as error:
            raise Refused(unfit(error, "its item", _Item, _Coding)) from None
        families = set(self.codes.values())
        if set(item.unsure) - families:
            raise Refused('"unsure" names what is no family of the codebook')
        # Looked at first: whatever else is wrong, a swapped item says that others are too.
        for coding in item.codings:
            self._refuse_swapped(coding)
        merged: dict[str, dict[str, Any]] = {}
        for number, coding in enumerate(item.codings, start=1):
            try:
                checked = self._coding(coding)
            except Refused as wrong:
                raise Refused(f"coding {number} of the item: {wrong}") from None
            held = merged.get(coding.code)
            merged[coding.code] = _joined(held, checked) if held else checked
        found = {self.codes[code] for code in merged}
        return {
            "codings": list(merged.values()),
            "unsure": sorted(set(item.unsure) - found),
        }

    def _refuse_swapped(self, coding: _Coding) -> None:
        own = range(self.first, self.first + len(self.shown.sentences))
        for number in coding.sentences:
            if number not in own and 1 <= number <= self.last:
                raise Swapped

    def _coding(self, coding: _Coding) -> dict[str, Any]:
        if coding.code not in self.codes:
            raise Refused("its code is not in the codebook")
        sentences = sorted({number - self.first + 1 for number in coding.sentences})
        if not sentences:
            raise Refused("it names no sentence")
        if sentences[0] < 1 or sentences[-1] > len(self.shown.sentences):
            raise Refused("it names a sentence that there is not")
        tier, words = self._words(coding.words, sentences)
        is_emotion = self.codes[coding.code] == "emotion"
        return {
            "code": coding.code,
            "sentences": sentences,
            "words": [[span.start_char, span.end_char] for span in words],
            "tier": tier,
            "why": self._why(coding.why),
            # Given for others too by some models, where it says nothing.
            "intensity": coding.intensity if is_emotion else None,
            "confidence": round(coding.confidence, 4),
        }

    def _words(
        self, words: str | None, sentences: Sequence[int]
    ) -> tuple[str | None, tuple[Span, ...]]:
        if words is None or not words.strip():
            return None, ()
        text = self.shown.text
        found = locate(text, words, cover(self.shown, sentences))
        if found.is_accepted:
            return found.tier.value, found.spans
        if locate(text, words).is_accepted:
            raise Refused("its words stand in other sentences of the item than it names")
        heard = [before.text for before in self.shown.before] + [self.shown.question]
        if any(locate(other, words).is_accepted for other in heard):
            raise Refused("its words are from before the item, not from its sentences")
        if found.tier is Tier.NEAR:
            n = found.n_changed
            raise Refused(f"its words differ from the text in {n} word{'s' if n > 1 else ''}")
        raise Refused("its words are not in the text")

    def _why(self, why: str) -> str:
        """Return the reason without quotes: words of the text are shown from the text alone."""
        flat = " ".join("".join(c if c.isprintable() else " " for c in why).split())
        if not any(char.isalpha() for char in flat):
            raise Refused('its "why" says nothing')
        if len(flat) > LONGEST_WHY:
            raise Refused(f'its "why" is longer than {LONGEST_WHY} characters')
        plain = _QUOTED.sub(self._unquoted, flat)
        if _repeats(plain, self.shown.text):
            raise Refused('its "why" repeats the text')
        return plain

    def _unquoted(self, match: re.Match[str]) -> str:
        quoted = next(group for group in match.groups() if group is not None)
        if quoted.casefold().strip(" .,") in self.names:
            return match[0]
        told = [self.shown.text, self.shown.question, *(one.text for one in self.shown.before)]
        if any(locate(text, quoted).is_accepted for text in told):
            return "[…]"
        if len(quoted.split()) > 1:
            raise Refused('its "why" quotes words that are not in the text')
        return match[0]


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return one coding of a code that was given for several sentences one by one."""
    intensities = [x["intensity"] for x in (one, other) if x["intensity"] is not None]
    tiers = [x["tier"] for x in (one, other) if x["tier"] is not None]
    words = one["words"] + [span for span in other["words"] if span not in one["words"]]
    order = [tier.value for tier in Tier]
    return one | {
        "sentences": sorted({*one["sentences"], *other["sentences"]}),
        "words": words,
        "tier": max(tiers, key=order.index, default=None),
        "intensity": max(intensities, default=None),
        "confidence": max(one["confidence"], other["confidence"]),
    }


def _repeats(why: str, text: str) -> bool:
    said = [match[0] for match in words_of(normalised(why))]
    runs = {tuple(said[at : at + _REPEATED_WORDS]) for at in range(len(said))}
    words = [match[0] for match in words_of(normalised(text))]
    stretches = (tuple(words[at : at + _REPEATED_WORDS]) for at in range(len(words)))
    return any(len(run) == _REPEATED_WORDS and run in runs for run in stretches)


def cover(shown: Shown, sentences: Sequence[int]) -> Span:
    """Return the stretch of the masked text from the first to the last of some sentences."""
    spans = [shown.sentences[number - 1] for number in sentences]
    return Span(spans[0].start_char, spans[-1].end_char)
