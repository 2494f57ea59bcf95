"""Know the plain text that transcription tools write, where each turn has a head of its own.

The general rules for plain text (`transcript`) weigh what may be a label. A tool's layout says it:
a name that is no name to those rules ("+49 30 ···55", "Lee, Sam | Sales") is a speaker here, and
prose with a colon is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qualcode.ingest.decode import trim
from qualcode.ingest.labels import METADATA, asks, label_key, name_like, opening, times_in
from qualcode.ingest.lines import Kind, is_stage_direction
from qualcode.ingest.timed import add_timed, end_last
from qualcode.ingest.voices import OPEN_END, Block

__all__ = ["LAYOUTS", "Head", "Layout", "blocks_of", "has_other_labels", "heads_of", "layout_of"]

_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_HOURS = r"\d{1,3}:\d{2}:\d{2}(?:[.,]\d{1,3})?"
_NAME = r"(?P<name>[^\s:：\[\]][^\n:：\[\]]{0,79}?)"
# Longer lines are no lines of a margin: each is a paragraph.
_WRAP_CHARS = 120
_MAX_HEAD_CHARS = 200


@dataclass(frozen=True, slots=True)
class Layout:
    """Describe how one tool writes turns.

    Attributes:
        name: The tool.
        head: The line that begins a turn: `name` or nothing, `time`, perhaps `words`.
        foot: A line that the tool adds at the end.
        is_alone: The head stands on a line of its own, and words follow on the next.
        names_all: A head without a name leaves open who speaks; otherwise the speaker goes on.
    """

    name: str
    head: re.Pattern[str]
    foot: re.Pattern[str] | None = None
    is_alone: bool = False
    names_all: bool = False


_FIRST = _NAME.replace("<name>", "<first>")
_TIME_AFTER = rf"[:：][ \t]{{0,8}}\((?P<after>{_CLOCK})\)"

LAYOUTS = (
    Layout(
        "zoom",
        re.compile(rf"\[(?P<name>[^\[\]\n]{{0,80}})\][ \t]+(?P<time>{_HOURS})"),
        is_alone=True,
        names_all=True,
    ),
    Layout(
        "otter",
        re.compile(rf"(?:{_NAME}[ \t]{{2,8}})?(?P<time>{_CLOCK})"),
        re.compile(r"[ \t]*Transcribed by (?:https?://)?(?:www\.)?otter\.ai/?[ \t]*", re.I),
        is_alone=True,
        names_all=True,
    ),
    Layout(
        "rev",
        re.compile(
            rf"(?:{_NAME}[ \t]{{0,8}})?(?:\((?P<time>{_CLOCK})\)[ \t]*[:：]|{_TIME_AFTER})"
            r"[ \t]*(?P<words>.*)"
        ),
    ),
    Layout(
        "descript",
        re.compile(
            rf"(?:\[(?P<time>{_HOURS})\][ ]{{0,8}}{_NAME}[ ]{{0,8}}[:：]|"
            rf"{_FIRST}[ ]{{0,8}}[:：][ ]{{0,8}}\[(?P<after>{_HOURS})\])[ \t]*(?P<words>.*)"
        ),
    ),
)
"""The tools whose text is known; the first whose heads a file has read it."""


@dataclass(frozen=True, slots=True)
class Head:
    """Hold the head of a turn: its name or None, its time, and the words on its line."""

    name: str | None
    seconds: float
    words: str


def layout_of(rows: Sequence[str]) -> Layout | None:
    """Find the tool that wrote a text; None where its turns have another head, or none.

    Two turns at least have to begin so, or the first line and the foot of the file, and no turn
    otherwise: somebody else's words would go to the speaker before.
    """
    for layout in LAYOUTS:
        heads = heads_of(rows, layout)
        named = sum(head.name is not None for head in heads.values())
        if not heads or has_other_labels(rows, heads):
            continue
        signed = layout.foot is not None and any(map(layout.foot.fullmatch, rows))
        if named >= 2 or signed:
            return layout
        if named == 1 and layout.name == "zoom" and next(iter(heads)) == _first(rows):
            return layout
    return None


def blocks_of(rows: Sequence[str], layout: Layout) -> tuple[list[Block], list[str]]:
    """Cut a text into paragraphs by its tool's heads; empty where it has none.

    Returns:
        The paragraphs, and a line for each head that nothing was said under.
    """
    heads = heads_of(rows, layout)
    if not heads:
        return [], []
    blocks: list[Block] = []
    silent: list[str] = []
    first = min(heads)
    are_named = any(head.name is not None for head in heads.values())
    block: Block | None = None
    pending: tuple[float, float] | None = None

    def close() -> None:
        nonlocal block
        if block is not None and block.text.strip():
            blocks.append(block)
        elif block is not None and block.place:
            silent.append(f"{block.place}: a speaker without words")
        block = None

    for number, row in enumerate(rows):
        head = heads.get(number)
        words = trim(row)
        if head is not None:
            close()
            nameless = head.name is None and layout.names_all and are_named
            block = Block(label=head.name, place=f"line {number + 1}", is_nameless=nameless)
            pending = add_timed(block, head.words, "", (head.seconds, OPEN_END))
            continue
        if not words or (layout.foot is not None and layout.foot.fullmatch(row)):
            if block is None or block.n_chars:
                close()
            if words:
                close()
                blocks.append(Block([words], len(words), kind=Kind.HEADING))
            continue
        apart = is_stage_direction(words) or (block is not None and block.is_direction)
        before = rows[number - 1] if number else ""
        if block is not None and block.n_chars and (apart or len(before) > _WRAP_CHARS):
            close()
        if block is None:
            is_head = number < first and len(words) <= _MAX_HEAD_CHARS
            block = Block(is_head=is_head)
        pending = add_timed(block, words, " ", pending)
        if number < first:
            close()
    close()
    end_last(blocks, pending)
    return blocks, silent


def has_other_labels(rows: Sequence[str], heads: Mapping[int, Head]) -> bool:
    """Tell whether turns begin otherwise too, with `Name:`; then heads do not say who speaks."""
    names = {label_key(head.name) for head in heads.values() if head.name}
    found = [opening(row) for number, row in enumerate(rows) if number not in heads and ":" in row]
    labels = Counter(label_key(each.label) for each in found if each.label and each.colon)
    spelt = {label_key(each.label): each.label for each in found if each.label}
    return any(
        key in names or asks(key) or (count >= 2 and name_like(spelt[key]))
        for key, count in labels.items()
    )


def _first(rows: Sequence[str]) -> int:
    return next((number for number, row in enumerate(rows) if row.strip()), 0)


def heads_of(rows: Sequence[str], layout: Layout) -> dict[int, Head]:
    """Return the heads by line; what only looks like one is left to be words."""
    found: dict[int, Head] = {}
    for number, row in enumerate(rows):
        match = layout.head.fullmatch(trim(row)) if ":" in row or "：" in row else None
        if match is not None:
            groups = match.groupdict()
            name = trim(groups.get("name") or groups.get("first") or "") or None
            stamp = groups["time"] or groups["after"]
            found[number] = Head(name, times_in(stamp)[0], groups.get("words") or "")
    names = Counter(label_key(head.name) for head in found.values() if head.name)
    is_framed = layout.name == "zoom"
    return {
        number: head
        for number, head in found.items()
        if head.name is None
        or is_framed
        or names[label_key(head.name)] >= 2
        or _may_speak_once(rows, number, head.name, layout)
    }


def _may_speak_once(rows: Sequence[str], number: int, name: str, layout: Layout) -> bool:
    """Tell whether a name that stands once is a speaker: "Duration  45:10" and prose are none."""
    if layout.is_alone and not "".join(rows[number + 1 : number + 2]).strip():
        return False
    return name_like(name) and name.split()[0].casefold() not in METADATA
