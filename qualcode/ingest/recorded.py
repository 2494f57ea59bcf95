"""Read the JSON of recorders and transcription services: who said what from when to when."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from qualcode.errors import SourceError
from qualcode.ingest.decode import decode, peek
from qualcode.ingest.pieces import Piece, merged
from qualcode.ingest.reading import Reading
from qualcode.ingest.recorded_segments import read_segments, read_whisper
from qualcode.ingest.recorded_services import (
    read_assemblyai,
    read_aws,
    read_deepgram,
    read_revai,
    read_whisper_cpp,
)
from qualcode.ingest.said import Said, Telling

__all__ = ["RecordedReader"]

MAX_BYTES = 32 * 2**20
MAX_VALUES = 2_500_000
"""Of commas and brackets: at most 300 MB once read. Five hours of talk, each word twice with its
times, have about 600,000."""

_SHAPES: Mapping[str, Callable[[Any], Telling]] = {
    "deepgram": read_deepgram,
    "aws": read_aws,
    "whisper.cpp": read_whisper_cpp,
    "revai": read_revai,
    "assemblyai": read_assemblyai,
    "whisper": read_whisper,
    "segments": read_segments,
}
"""Each raises KeyError, TypeError or ValueError, or tells nothing, of a file of another shape."""

_BEGINS = re.compile(r"\s*(?:\[\s*)?\{\s*\"[^\"]{0,200}\"\s*:")
_MARKERS = re.compile(
    rb'"(?:segments|utterances|transcripts|transcription|monologues|channels|chunks)"\s*:\s*[\[{]|'
    rb'"(?:start|start_time|startTime|begin|speaker)"\s*:\s*["\d{]'
)
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff]")
_KNOWN = "Whisper, WhisperX, whisper.cpp, AssemblyAI, Deepgram, AWS Transcribe, Rev.ai, or segments"


class RecordedReader:
    """Read .json; the shape of its content tells which service wrote it."""

    name = "json"
    suffixes: tuple[str, ...] = (".json",)
    dialects: tuple[str, ...] = tuple(_SHAPES)

    def sniff(self, data: bytes, path: PurePath) -> bool:
        if not _BEGINS.match(peek(data, 2_048)):
            return False
        # Text first, then segments: the keys that tell may come late.
        return path.suffix.lower() in self.suffixes or bool(_MARKERS.search(data[:MAX_BYTES]))

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        return self.read_as(data, path, encoding, dialect="")

    def read_as(
        self, data: bytes, path: PurePath, encoding: str | None, *, dialect: str
    ) -> Reading:
        content, used = _content(data, path, encoding)
        for shape in (dialect,) if dialect else _SHAPES:
            telling = _told(content, shape)
            if telling is not None:
                break
        else:
            what = f"as {dialect} writes it" if dialect else "that is known"
            raise SourceError(
                f"{path}: JSON, but no transcript {what}",
                hint=f"known are {_KNOWN}: a list of objects with text, start, end and speaker",
            )
        pieces, skipped = _pieces(telling)
        return Reading(self.name, used, tuple(merged(pieces)), skipped, shape)


def _content(data: bytes, path: PurePath, encoding: str | None) -> tuple[Any, str]:
    n_values = data.count(b",") + data.count(b"[") + data.count(b"{")
    if len(data) > MAX_BYTES or n_values > MAX_VALUES:
        raise SourceError(
            f"{path}: too large for a transcript ({len(data):,} bytes, {n_values:,} values)",
            hint="export it without single words, or as .txt, .vtt or .srt",
        )
    text, used = decode(data, path=path, encoding=encoding)
    try:
        return json.loads(text), used
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise SourceError(
            f"{path}: JSON that is damaged or cut off ({where})", hint="export it again"
        ) from error
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{path}: JSON that no recorder writes (a number or nesting beyond all bounds)",
            hint="leave it out",
        ) from error


def _told(content: Any, shape: str) -> Telling | None:
    try:
        telling = _SHAPES[shape](content)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None
    return telling if any(said.text.strip() for said in telling.said) else None


def _pieces(telling: Telling) -> tuple[list[Piece], tuple[str, ...]]:
    """Make pieces of what was said and notes of what is odd about it."""
    skipped = list(telling.notes)
    names_voices = any(said.label for said in telling.said)
    n_unstorable = 0
    pieces: list[Piece] = []
    words = 0
    for said in telling.said:
        text, n_text = _clean(said.text)
        label, n_label = _clean(said.label or "")
        n_unstorable += n_text + n_label
        words += len(text.split())
        start, end = _times(said, pieces)
        nobody = names_voices and not label
        pieces.append(Piece(label or None, text, start, end, is_nobody=nobody))
    if n_unstorable:
        skipped.append(f"{n_unstorable} control characters, shown as \ufffd")
    missing = len(telling.whole.split()) - words
    if missing > 0:
        skipped.append(
            f"{missing} words of the whole text are in none of its parts; the parts were read"
        )
    return pieces, tuple(skipped)


def _times(said: Said, before: list[Piece]) -> tuple[float, float]:
    """Return a part's times; one without any is said where the one before it ends."""
    start = said.start_seconds
    if start is None:
        start = before[-1].end_seconds if before else 0.0
    return start, max(start, start if said.end_seconds is None else said.end_seconds)


def _clean(text: str) -> tuple[str, int]:
    text, n_unstorable = _UNSTORABLE.subn("\ufffd", text)
    return " ".join(line.strip(" \t") for line in re.split(r"[\r\n]+", text)).strip(
        " "
    ), n_unstorable
