"""What a recorder's file tells: parts with voice, words and times."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qualcode.ingest.labels import seconds

__all__ = ["Said", "Telling", "label_of", "seconds_of", "sentences"]

_CLOCK = re.compile(r"\d+:\d{1,2}(?::\d{1,2})?(?:[.,]\d{1,9})?")
_ENDS = re.compile(r"[.?!…。？！][\"'”’»)\]]*$")
_NO_LABEL = frozenset({"", "?", "-", "null", "none"})


@dataclass(frozen=True, slots=True)
class Said:
    """Hold one part of a talk; times are None where the file has none."""

    label: str | None
    text: str
    start_seconds: float | None = None
    end_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """Hold a talk as a file tells it.

    Attributes:
        said: Its parts, in order.
        whole: Its words once more in one piece, where the file has them; to find lost ones.
        notes: What is odd about the file.
    """

    said: Sequence[Said]
    whole: str = ""
    notes: tuple[str, ...] = ()


def label_of(value: Any) -> str | None:
    """Return a speaker's label; numbers and single letters become "Speaker 0", "Speaker A".

    A bare "I" or "P" would say that somebody asks or answers; here it only counts.
    """
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "label", "id") if value.get(key)), None)
    if value is None or isinstance(value, bool):
        return None
    label = " ".join(str(value).split()) if isinstance(value, (str, int)) else ""
    if label.casefold() in _NO_LABEL:
        return None
    return f"Speaker {label}" if len(label) == 1 or label.isdecimal() else label


def seconds_of(value: Any, *, unit: float = 1.0) -> float | None:
    """Return a time in seconds, from a number, "12.5" or "00:00:12,5"; None where it is none.

    Args:
        value: As the file has it.
        unit: Seconds in one of its numbers.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        text = value.strip().removesuffix("s")
        if _CLOCK.fullmatch(text):
            return seconds(text)
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            return None
    if not isinstance(value, (int, float)):
        return None
    try:
        number = float(value) * unit
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def sentences(part: Said, words: Iterable[Said]) -> list[Said]:
    """Cut a part after its sentences, each with the times of its words.

    The part stays whole where its words in a row are not its text, and words that other voices
    say are theirs.
    """
    spoken = [word for word in words if word.text.strip()]
    joined = [word.text.strip() for word in spoken]
    if "".join(part.text.split()) != "".join("".join(joined).split()) or not spoken:
        return [part]
    apart = "".join(word.text for word in spoken).split() == part.text.split()
    cut: list[Said] = []
    for at, word in enumerate(spoken):
        label = word.label or part.label
        goes_on = bool(at) and cut[-1].label == label and not _ENDS.search(joined[at - 1])
        if not goes_on:
            cut.append(replace(word, label=label, text=joined[at]))
            continue
        glue = (
            ""
            if apart and not (word.text[:1].isspace() or spoken[at - 1].text[-1:].isspace())
            else " "
        )
        end = cut[-1].end_seconds if word.end_seconds is None else word.end_seconds
        cut[-1] = replace(cut[-1], text=cut[-1].text + glue + joined[at], end_seconds=end)
    return cut
