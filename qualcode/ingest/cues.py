"""Cut a WebVTT or SubRip file into cues: times, voices and lines of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.ingest.decode import entities_decoded, trim
from qualcode.ingest.labels import seconds

__all__ = ["Cue", "parse_cues"]

_CLOCK = r"(?:\d+:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_TIMING = re.compile(rf"[ \t]*({_CLOCK})[ \t]*-->[ \t]*({_CLOCK})?(.*)")
_CUE_ID = re.compile(r"[ \t]*(?:\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{20,}(?:/\S+)?)[ \t]*")
_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?")
_VOICE = re.compile(r"<v(?:\.[^\s>]{0,300})?(?:[ \t]+([^>]{0,300}))?>|</v>")
_TAG = re.compile(
    r"</?(?:c|i|b|u|s|font|ruby|rt|rp|lang|span)(?:[.\s][^>]{0,300})?>|<(?:\d+:)?\d{1,2}:\d{2}[.,]\d+>|"
    r"\{\\[^}]{0,300}\}",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Cue:
    """Hold one cue.

    Attributes:
        parts: The voice of a `<v>` tag ("" where it names nobody, None for no tag) and the lines
            of its words, in order.
        id: The line above its times, "" where there is none.
    """

    start_seconds: float
    end_seconds: float
    parts: tuple[tuple[str | None, tuple[str, ...]], ...]
    id: str = ""


@dataclass(slots=True)
class _Cue:
    """Hold a cue whose words may still go on."""

    start_seconds: float
    end_seconds: float
    parts: list[tuple[str | None, tuple[str, ...]]]
    id: str


def parse_cues(rows: Sequence[str]) -> tuple[list[Cue], list[str]]:
    """Return all cues in the file's order, and a line for all that could not be read.

    Args:
        rows: The lines of the file.
    """
    end = next((n for n in range(len(rows), 0, -1) if rows[n - 1].strip()), 0)
    rows = rows[:end]
    cues: list[_Cue] = []
    skipped: list[str] = []
    number = _after_header(rows)
    after_blank = True
    n_notes = 0
    cue_id = ""
    while number < len(rows):
        row = rows[number]
        if "-->" in row:
            number = _read_cue(rows, number, cues, skipped, cue_id)
            after_blank, cue_id = False, ""
        elif not row.strip():
            after_blank = True
            number += 1
        elif after_blank and _BLOCK.fullmatch(row.rstrip()):
            n_notes += row.startswith("NOTE")
            number = _after_block(rows, number)
        elif number + 1 < len(rows) and "-->" in rows[number + 1]:
            cue_id = row.strip()
            number += 1
        else:
            number = _read_stray(rows, number, cues, skipped)
            after_blank = False
    if n_notes:
        remarks = "1 NOTE block" if n_notes == 1 else f"{n_notes} NOTE blocks"
        skipped.append(f"{remarks}: remarks that no viewer sees, such as confidence")
    return [Cue(c.start_seconds, c.end_seconds, tuple(c.parts), c.id) for c in cues], skipped


def _after_header(rows: Sequence[str]) -> int:
    """Skip WEBVTT and its metadata lines up to the first blank line or cue."""
    number = next((n for n, row in enumerate(rows) if row.strip()), 0)
    if not re.match(r"[ \t]*WEBVTT(?:[ \t]|$)", rows[number]):
        return number
    return _after_block(rows, number)


def _after_block(rows: Sequence[str], number: int) -> int:
    number += 1
    while number < len(rows) and rows[number].strip() and "-->" not in rows[number]:
        number += 1
    if number < len(rows) and "-->" in rows[number] and _CUE_ID.fullmatch(rows[number - 1]):
        number -= 1
    return number


def _read_cue(
    rows: Sequence[str], number: int, cues: list[_Cue], skipped: list[str], cue_id: str
) -> int:
    """Read the cue whose times stand at `number` and return where to go on."""
    match = _TIMING.fullmatch(rows[number])
    before = cues[-1].end_seconds if cues else 0.0
    start = seconds(match[1]) if match else before
    end = seconds(match[2]) if match and match[2] else start
    if match is None:
        skipped.append(f"line {number + 1}: unreadable times; the cue keeps the place it has")
    elif match[2] is None:
        skipped.append(f"line {number + 1}: the cue's end time is missing")
    at = number + 1
    words: list[str] = []
    while at < len(rows) and rows[at].strip() and "-->" not in rows[at]:
        words.append(rows[at])
        at += 1
    if words and at < len(rows) and "-->" in rows[at] and _CUE_ID.fullmatch(words[-1]):
        words.pop()
    parts = _parts(words)
    if parts:
        cues.append(_Cue(start, max(start, end), list(parts), cue_id or _id_above(rows, number)))
    elif at == len(rows):
        skipped.append(f"line {number + 1}: the last cue has no words; the file may be cut off")
    return at


def _id_above(rows: Sequence[str], number: int) -> str:
    above = rows[number - 1].strip() if number else ""
    return above if _CUE_ID.fullmatch(above) else ""


def _read_stray(rows: Sequence[str], number: int, cues: list[_Cue], skipped: list[str]) -> int:
    """Give words outside any cue to the cue before them: a blank line inside a cue is common."""
    at = number
    words: list[str] = []
    while at < len(rows) and rows[at].strip() and "-->" not in rows[at]:
        if at + 1 < len(rows) and "-->" in rows[at + 1]:
            break
        words.append(rows[at])
        at += 1
    place = f"line {number + 1}" if at - number == 1 else f"lines {number + 1}-{at}"
    parts = _parts(words)
    if not cues:
        skipped.append(f"{place}: text before the first cue")
    elif parts:
        cues[-1].parts.extend(parts)
        skipped.append(f"{place}: text outside a cue, read with the cue before it")
    return max(at, number + 1)


def _parts(rows: Sequence[str]) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
    """Cut a cue's words at its voice tags; the rest of the markup goes away."""
    whole = "\n".join(rows)
    parts: list[tuple[str | None, tuple[str, ...]]] = []
    voice: str | None = None
    at = 0
    for tag in _VOICE.finditer(whole):
        _add(parts, voice, whole[at : tag.start()])
        voice = None if tag[0].startswith("</") else _decoded(tag[1] or "").strip()
        at = tag.end()
    _add(parts, voice, whole[at:])
    return tuple(parts)


def _add(parts: list[tuple[str | None, tuple[str, ...]]], voice: str | None, marked: str) -> None:
    lines = tuple(
        line for raw in marked.split("\n") if (line := trim(_decoded(_TAG.sub("", raw)))).strip()
    )
    if lines:
        parts.append((voice, lines))


def _decoded(text: str) -> str:
    """Decode entities once; a coded line break is a space, since a cue's lines are joined."""
    return entities_decoded(text).replace("\r", " ").replace("\n", " ")
