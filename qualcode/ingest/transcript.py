"""Cut the lines of a written transcript into paragraphs.

Plain text, Markdown, DOCX and ODT differ in how lines are found and agree in what they mean, so
each of them makes `Line`s and this module does the rest. `voices` decides who speaks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from qualcode.ingest.decode import trim
from qualcode.ingest.labels import METADATA, Opening, asks, label_key, name_like, opening, speaking
from qualcode.ingest.lines import Kind, Line, is_stage_direction, with_labels_alone
from qualcode.ingest.reading import Paragraph
from qualcode.ingest.timed import add_timed, end_last
from qualcode.ingest.voices import OPEN_END, Block, voiced

__all__ = ["paragraphs_of"]

# A shorter line was not broken by a margin, so what follows it begins something.
_WRAPPED_CHARS = 45
_FINISHED = re.compile(r"[.?!…:;\])\"'”’»>–—-]\s*$")


def paragraphs_of(
    lines: Sequence[Line], *, wary: bool = False
) -> tuple[tuple[Paragraph, ...], tuple[str, ...]]:
    """Return the paragraphs and what was left out.

    Args:
        lines: All lines of the file in order; blank ones and rules separate blocks.
        wary: Doubt unlabelled paragraphs that may be somebody else's; see `voices`.
    """
    openings = [_opening(lines, number) for number in range(len(lines))]
    n_head = _head_length(lines, openings)
    chosen = _chosen(lines, openings, n_head)
    marked = [*lines[:n_head], *with_labels_alone(lines[n_head:])]
    # Prose with a colon may recur beside labels without one; an interviewer's label settles it.
    if not chosen or (not any(map(asks, chosen)) and any(asks(m.label or "") for m in marked)):
        lines = marked
        openings = [_opening(lines, number) for number in range(len(lines))]
        chosen = _chosen(lines, openings, n_head)
    blocks, skipped = _blocks(lines, openings, chosen, n_head)
    return voiced(blocks, wary=wary), tuple(skipped)


def _opening(lines: Sequence[Line], number: int) -> Opening:
    line = lines[number]
    if line.kind is not Kind.WORDS:
        return Opening(None, 0)
    if line.label is not None:
        found = opening(line.text)
        skip = found.stamp_end
        return (
            replace(found, label=line.label, words_start=skip) if skip else Opening(line.label, 0)
        )
    found = opening(line.text)
    after = lines[number + 1] if number + 1 < len(lines) else None
    words_follow = after is not None and after.kind is Kind.WORDS and not after.is_item
    if not line.is_strong:
        return found
    if words_follow and after is not None:
        # A bold line over a line with a label of its own is a heading, not a second label.
        if opening(after.text).label is not None and not after.is_strong:
            return Opening(None, 0)
        if found.label is None and name_like(line.text) and len(line.text) <= 40:
            return Opening(trim(line.text), len(line.text), colon=False)
        return found
    return Opening(None, 0) if found.words_start == len(line.text) else found


def _starts_block(lines: Sequence[Line], number: int) -> bool:
    return number == 0 or lines[number - 1].kind is not Kind.WORDS or lines[number].is_item


def _head_length(lines: Sequence[Line], openings: Sequence[Opening]) -> int:
    """Return how many first lines are a head of `Date: …` and `Participant: P7` lines."""
    n_head = 0
    number = 0
    while number < len(lines):
        end = number
        while end < len(lines) and lines[end].kind is Kind.WORDS:
            end += 1
        keys = [n for n in range(number, end) if _is_metadata(openings[n].label)]
        if keys:
            n_head = end if end - number <= 12 else keys[-1] + 1
        elif any(openings[n].label for n in range(number, end)):
            break
        number = end + 1
    return n_head


def _is_metadata(label: str | None) -> bool:
    return label is not None and label.split()[0].casefold() in METADATA


def _chosen(lines: Sequence[Line], openings: Sequence[Opening], n_head: int) -> frozenset[str]:
    """Return the keys of the labels that count in this file."""
    candidates: list[tuple[str, bool]] = []
    items: list[str] = []
    strong: list[str] = []
    certain = {label_key(line.label) for line in lines if line.label is not None}
    any_colon = any(found.label and found.colon for found in openings[n_head:])
    n_blocks = 0
    for number in range(n_head, len(lines)):
        line, found = lines[number], openings[number]
        if line.kind is not Kind.WORDS:
            continue
        starts = _starts_block(lines, number)
        n_blocks += starts
        if found.label is None or line.label is not None:
            continue
        if line.is_item:
            items.append(found.label)
            continue
        before = "" if starts else lines[number - 1].text
        alone = len(before) < _WRAPPED_CHARS or bool(_FINISHED.search(before))
        if line.is_strong and not found.colon and any_colon:
            alone = False
        candidates.append((found.label, alone))
        if line.has_strong_label and found.colon and name_like(found.label):
            strong.append(label_key(found.label))
    keys = speaking(candidates, n_blocks=n_blocks) or frozenset(strong)
    # "- Servers: two of them" is a list of things, "- Priya: hello" one of people who speak again.
    first_words = {key.split()[0] for key in keys}
    spoken = {label_key(item) for item in items if label_key(item).split()[0] in first_words}
    return frozenset(keys | certain | spoken)


def _blocks(
    lines: Sequence[Line],
    openings: Sequence[Opening],
    chosen: frozenset[str],
    n_head: int,
) -> tuple[list[Block], list[str]]:
    """Cut the lines into paragraphs; labels that do not count are words again."""
    blocks: list[Block] = []
    skipped: list[str] = []
    block: Block | None = None
    pending: tuple[float, float] | None = None

    def close() -> None:
        nonlocal block
        if block is not None:
            if block.text.strip():
                blocks.append(block)
            elif block.label is not None:
                skipped.append(f"{block.place}: a label without words")
        block = None

    for number, line in enumerate(lines):
        found = openings[number]
        if line.kind is not Kind.WORDS:
            if not (line.kind is Kind.BLANK and block and block.label and not block.n_chars):
                close()
            if line.kind is not Kind.BLANK:
                heading = trim(line.text)
                blocks.append(Block([heading], len(heading), kind=line.kind, place=line.place))
            continue
        is_head = number < n_head
        counts = found.label is not None and label_key(found.label) in chosen and not is_head
        start = found.words_start if counts or found.label is None else found.stamp_end
        time = _time(found, is_words=found.label is not None and not counts)
        words = trim(line.text[start:])
        is_label_alone = block is not None and block.label is not None and not block.n_chars
        is_apart = is_stage_direction(words) or (time is not None and words != "")
        strong = line.is_strong and not counts and _stands_alone(lines, openings, number)
        if (
            counts
            or line.is_item
            or strong
            or (is_head and block is not None)
            or block is not None
            and not is_label_alone
            and (is_apart or block.is_direction)
        ):
            close()
        if block is None:
            block = Block(
                label=found.label if counts else None,
                kind=Kind.HEADING if strong else Kind.WORDS,
                is_head=is_head,
                place=line.place,
            )
        pending = add_timed(block, words, line.glue, time or pending)
        if strong:
            close()
    close()
    end_last(blocks, pending)
    return blocks, skipped


def _time(found: Opening, *, is_words: bool) -> tuple[float, float] | None:
    """Return a line's times; none where the time is part of a label that turned out to be words."""
    if found.start_seconds is None or (is_words and not found.stamp_end):
        return None
    return found.start_seconds, OPEN_END if found.end_seconds is None else found.end_seconds


def _stands_alone(lines: Sequence[Line], openings: Sequence[Opening], number: int) -> bool:
    """Tell whether a bold line is a block of its own or stands over a labelled line."""
    if number + 1 >= len(lines) or lines[number + 1].kind is not Kind.WORDS:
        return _starts_block(lines, number)
    return openings[number + 1].label is not None
