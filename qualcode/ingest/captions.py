"""Read subtitles: WebVTT and SubRip, as meeting tools, editors and players really write them.

One small parser for both, because files in the wild mix their rules: commas in VTT, no header,
no blank lines between cues. Whatever can be read is read; the rest is reported with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from qualcode.errors import SourceError
from qualcode.ingest.caption_dialects import (
    DIALECTS,
    NAMES_ALL,
    dialect_of,
    ids_that_name,
    long_names,
    unread_ids,
)
from qualcode.ingest.cues import Cue, parse_cues
from qualcode.ingest.decode import decode, lines_in, peek, trim
from qualcode.ingest.labels import label_key, opening, speaking
from qualcode.ingest.lines import bracketed_names, told_apart
from qualcode.ingest.pieces import Piece, merged
from qualcode.ingest.reading import Reading

__all__ = ["SrtReader", "VttReader"]

_HEADER = re.compile(r"\s*WEBVTT(?:[ \t].*)?(?:\n|$)")
_TIMING = re.compile(
    r"^[ \t]*(?:\d+:)?\d{1,2}:\d{2}(?P<decimal>[.,])\d{1,3}[ \t]*-->[ \t]*\d", re.M
)
_ROLL_WORDS = 40
_CHANGE = re.compile(r"(?:>>+|»)[ \t]*")
_DASH_ALONE = re.compile(r"[ \t]*[-–—][ \t]*")
_DASH = re.compile(r"[-–—][ \t]*(?=\S)")


class VttReader:
    """Read WebVTT; a file with points in its times and no header is WebVTT too."""

    name = "vtt"
    suffixes: tuple[str, ...] = (".vtt",)
    dialects: tuple[str, ...] = DIALECTS

    def sniff(self, data: bytes, path: PurePath) -> bool:
        head = peek(data)
        timing = _TIMING.search(head)
        return bool(_HEADER.match(head)) or (timing is not None and timing["decimal"] == ".")

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        return _read(self.name, data, path, encoding)

    def read_as(
        self, data: bytes, path: PurePath, encoding: str | None, *, dialect: str
    ) -> Reading:
        return _read(self.name, data, path, encoding, dialect)


class SrtReader:
    """Read SubRip."""

    name = "srt"
    suffixes: tuple[str, ...] = (".srt",)

    def sniff(self, data: bytes, path: PurePath) -> bool:
        return _TIMING.search(peek(data)) is not None

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        return _read(self.name, data, path, encoding)


def _read(
    name: str, data: bytes, path: PurePath, encoding: str | None, dialect: str = ""
) -> Reading:
    text, used = decode(data, path=path, encoding=encoding)
    cues, skipped = parse_cues(lines_in(text, path))
    if not cues:
        raise SourceError(
            f"{path}: no cue found, though it looks like {name} subtitles",
            hint="export the captions again; a cue is a line such as 00:00:01.000 --> 00:00:04.000",
        )
    if name == "vtt" and not _HEADER.match(text):
        skipped.insert(0, "line 1: no WEBVTT header, read without it")
    if not dialect and name == "vtt":
        dialect = dialect_of(text, cues)
    skipped += unread_ids(cues)
    pieces, n_repeats = _without_repeats(list(_pieces(cues, dialect)))
    if n_repeats:
        skipped.append(f"{n_repeats} cues began with words of the cue before; kept once")
    if all(piece.voice is None for piece in pieces):
        # Without names the signs are all that shows that there is more than one voice.
        pieces = [replace(p, text=p.mark + p.text) if p.text else p for p in pieces]
    return Reading(name, used, tuple(merged(pieces)), tuple(skipped), dialect)


def _pieces(cues: Sequence[Cue], dialect: str) -> Iterator[Piece]:
    """Yield who says what in each cue, from voice tags, `>>`, dashes and `Name:`."""
    spoken = [line for cue in cues for voice, lines in cue.parts if not voice for line in lines]
    openings = [opening(_CHANGE.sub("", line, count=1)) for line in spoken]
    candidates = [(found.label, True) for found in openings if found.label and found.colon]
    chosen = speaking(candidates, n_blocks=len(cues))
    apart = {} if chosen or len(openings) < len(cues) else told_apart(spoken)
    alone = {} if chosen else bracketed_names(spoken)
    by_id = ids_that_name(cues)
    if dialect == "zoom":
        apart = {**apart, **long_names(spoken)}
    # A tag without a name, or no tag where a tool tags all, is somebody whom it did not know.
    are_tagged = bool(by_id) or any(voice for cue in cues for voice, _ in cue.parts)
    for cue in cues:
        for tagged, lines in cue.parts:
            voice = tagged or by_id.get(cue.id)
            nobody = are_tagged and (tagged == "" or (not tagged and dialect in NAMES_ALL))
            n_dashes = sum(1 for line in lines if _DASH.match(line))
            words: list[str] = []
            now, is_new, sign = voice, False, ""
            for raw in lines:
                line, changes = raw, False
                mark = _CHANGE.match(line)
                if mark or (n_dashes >= 2 and _DASH.match(line)):
                    line = (_CHANGE if mark else _DASH).sub("", line, count=1)
                    changes = True
                if not voice and raw in apart:
                    if words:
                        yield _piece(cue, now, words, is_new, sign, nobody)
                    words, is_new, sign = [], False, ""
                    now, line = apart[raw]
                    words.append(trim(line))
                    continue
                if not voice and raw in alone:
                    if words:
                        yield _piece(cue, now, words, is_new, sign, nobody)
                    words, is_new, sign, now = [], False, "", alone[raw]
                    continue
                if alone and _DASH_ALONE.fullmatch(raw):
                    continue
                found = opening(line)
                named = not voice and found.label and label_key(found.label) in chosen
                if changes or (named and found.colon):
                    if words:
                        yield _piece(cue, now, words, is_new, sign, nobody)
                    words, is_new, now = [], changes, voice
                    sign = (mark[0].strip() if mark else "-") + " " if changes else ""
                    if named and found.colon:
                        now, line = found.label, line[found.words_start :]
                words.append(trim(line))
            yield _piece(cue, now, words, is_new, sign, nobody)


def _piece(
    cue: Cue, voice: str | None, words: Sequence[str], is_new: bool, sign: str, nobody: bool
) -> Piece:
    text = trim(" ".join(word for word in words if word))
    is_nobody = nobody and voice is None
    return Piece(voice, text, cue.start_seconds, cue.end_seconds, is_new, sign, is_nobody)


def _without_repeats(pieces: list[Piece]) -> tuple[list[Piece], int]:
    """Undo the roll-up of live captions, where each cue repeats the one before and adds to it.

    People repeat themselves too, so a file counts as rolled up only when at least two cues and a
    third of those without a name begin with two or more words of the cue before and go on.
    """
    kept: list[str] = [piece.text for piece in pieces]
    shown = ""
    n_bare = n_repeats = n_growing = 0
    for index, piece in enumerate(pieces):
        if piece.voice is not None or piece.is_new:
            shown = ""
            continue
        n_bare += 1
        overlap = _overlap(shown, piece.text)
        if overlap:
            n_repeats += 1
            n_growing += overlap < len(piece.text) and len(piece.text[:overlap].split()) > 1
            kept[index] = trim(piece.text[overlap:])
        shown = piece.text or shown
    if n_growing < 2 or n_growing * 3 < n_bare:
        return pieces, 0
    return [replace(p, text=text) for p, text in zip(pieces, kept, strict=True)], n_repeats


def _overlap(before: str, text: str) -> int:
    """Return how many first characters of `text` were on the screen already.

    Either the whole cue before, or its last words (three or more) where the upper line rolled out.
    """
    if not before:
        return 0
    ends = [match.end() for match in re.finditer(r"[ \t]+", before)]
    for start in (0, *ends[-_ROLL_WORDS:]):
        tail = before[start:]
        if start and len(tail.split()) < 3:
            break
        if text.startswith(tail) and (len(text) == len(tail) or text[len(tail)] in " \t"):
            return len(tail)
    return 0
