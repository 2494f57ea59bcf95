"""The lines of a written transcript, as every format that has them hands them on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from qualcode.ingest.labels import METADATA, asks, label_key, name_like, words_of

__all__ = [
    "Kind",
    "Line",
    "bracketed_names",
    "is_stage_direction",
    "told_apart",
    "with_labels_alone",
]

_TIME = r"[\[(<{]?(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?[\])>}]?"
_LEAD = rf"[ \t\u00a0]{{0,20}}(?:(?P<time>{_TIME})[ \t]{{0,20}}(?:[-–—][ \t]{{0,20}})?)?"
_NAME = r"(?P<name>[^\W\d_][^:：\n\t\[\]()<>{}|\"“”?!;…,]{0,39}?)"
_WORDS = r"(?P<words>\S.*)"
_ALONE = re.compile(rf"{_LEAD}{_NAME}[ \t]*")
_TIME_ONLY = re.compile(rf"[ \t]*{_TIME}[ \t]*")
# How a name may stand before words without a colon.
_SHAPES = tuple(
    re.compile(rf"{_LEAD}{shape}{_WORDS}", re.DOTALL)
    for shape in (
        rf"{_NAME}[ ]{{0,20}}\t[ \t]{{0,20}}",
        rf"(?:>>+[ \t]*)?\[{_NAME}\][ \t]*[:：]?[ \t]*",
        rf"(?:>>+[ \t]*)?\({_NAME}\)[ \t]*[:：]?[ \t]*",
        rf">>+[ \t]*{_NAME}[ \t]*[:：][ \t]*",
        rf"{_NAME}[ \t]{{1,20}}[-–—][ \t]{{1,20}}",
    )
)
_BRACKETED = re.compile(rf"[ \t]*[(\[]{_NAME}[)\]][ \t]*[:：]?[ \t]*")
# Dashes are common in prose, so a name before one counts only when it recurs.
_DASHED = _SHAPES[-1]
_NO_NAMES = words_of(
    "yes no yeah yep nope ok okay right sure well exactly absolutely thanks hello hi bye hm hmm mm "
    "mhm uh um oh so and but ja nein genau oui non laughs laughter laughing sighs pause music "
    "applause inaudible unintelligible crosstalk silence coughs noise"
)

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


def told_apart(texts: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Find names before words where no colon parts them: by a tab, brackets, `>>` or a dash.

    One shape counts for the whole file when two names stand so, they recur, and a third of the
    lines begin with one.

    Returns:
        For each line with a name its name and the rest, time code first. Empty for no shape.
    """
    filled = [text for text in texts if text.strip() and not _TIME_ONLY.fullmatch(text)]
    for shape in _SHAPES:
        found = {text: match for text in filled if (match := shape.fullmatch(text))}
        found = {text: match for text, match in found.items() if _may_name(match["name"])}
        counts = Counter(label_key(found[text]["name"]) for text in filled if text in found)
        names = _counting(counts, once=shape is not _DASHED)
        if names and sum(counts[name] for name in names) * 3 >= len(filled):
            return {
                text: (match["name"].strip(), _timed(match["time"]) + match["words"])
                for text, match in found.items()
                if label_key(match["name"]) in names
            }
    return {}


def bracketed_names(texts: Sequence[str]) -> dict[str, str]:
    """Find names that stand alone on a line in brackets, `(Ann Bly)`, over what they say.

    Returns:
        For each such line its name; empty unless two names stand so and recur.
    """
    found = {text: match for text in texts if (match := _BRACKETED.fullmatch(text))}
    found = {text: match for text, match in found.items() if _may_name(match["name"])}
    counts = Counter(label_key(found[text]["name"]) for text in texts if text in found)
    names = _counting(counts)
    return {
        text: match["name"].strip()
        for text, match in found.items()
        if label_key(match["name"]) in names
    }


def with_labels_alone(lines: Sequence[Line]) -> list[Line]:
    """Mark the labels of a file that has no `Name:`, if there are any, and return all lines.

    They stand before the words (see `told_apart`), or alone on a line or in a heading over them.
    """
    apart = told_apart([line.text for line in lines if _is_open(line)])
    if apart:
        return [
            replace(line, label=apart[line.text][0], text=apart[line.text][1])
            if _is_open(line) and line.text in apart
            else line
            for line in lines
        ]
    alone = _alone(lines)
    counts: Counter[str] = Counter()
    filled = [
        number
        for number, line in enumerate(lines)
        if line.kind in (Kind.WORDS, Kind.HEADING) and not _TIME_ONLY.fullmatch(line.text)
    ]
    # Of two such lines in a row, the second is a short answer: "Hanna", "Berlin".
    after_label = False
    for number in filled:
        after_label = number in alone and not after_label
        if after_label:
            counts[label_key(alone[number]["name"])] += 1
    names = _counting(counts)
    return [
        replace(
            line,
            kind=Kind.WORDS,
            label=alone[number]["name"].strip(),
            text=_timed(alone[number]["time"]),
        )
        if number in alone and label_key(alone[number]["name"]) in names
        else line
        for number, line in enumerate(lines)
    ]


def _alone(lines: Sequence[Line]) -> Mapping[int, re.Match[str]]:
    return {
        number: match
        for number, line in enumerate(lines)
        if line.kind in (Kind.WORDS, Kind.HEADING)
        and line.label is None
        and not line.is_item
        and (match := _ALONE.fullmatch(line.text))
        and _may_name(match["name"])
    }


def _is_open(line: Line) -> bool:
    return line.kind is Kind.WORDS and line.label is None


def _may_name(name: str) -> bool:
    words = label_key(name).split()
    if not words or len(words) > 4 or words[0] in METADATA or name.rstrip().endswith("."):
        return False
    return name_like(name) and not set(words) & _NO_NAMES


def _counting(counts: Mapping[str, int], *, once: bool = True) -> frozenset[str]:
    """Return the names that count: those that recur, and interviewers; none if there is but one.

    With `once`, other names count beside them too.
    """
    names = {name for name, count in counts.items() if count >= 2 or asks(name)}
    n_recurring = sum(counts[name] >= 2 for name in names)
    # One who speaks once, beside one who recurs, is a voice of their own.
    if once and n_recurring:
        names |= {name for name in counts if not any(char.isdigit() for char in name)}
    is_talk = n_recurring >= 2 or (n_recurring and any(map(asks, names)))
    return frozenset(names) if is_talk and len(names) >= 2 else frozenset()


def _timed(time: str | None) -> str:
    return f"[{time.strip('[](){}<>')}] " if time else ""
