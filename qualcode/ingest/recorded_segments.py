"""Lists of segments with text, start, end and speaker: Whisper's, and those of many recorders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qualcode.ingest.said import Said, Telling, label_of, seconds_of, sentences

__all__ = ["read_segments", "read_whisper", "words_of_segment"]

_LISTS = ("segments", "utterances", "chunks", "entries", "captions", "turns", "transcript")
_TEXTS = ("text", "transcript", "body", "content", "utterance", "sentence")
_STARTS = ("start", "start_time", "startTime", "begin", "from", "offset", "timestamp", "ts")
_ENDS = ("end", "end_time", "endTime", "to", "end_ts", "stop")
_SPEAKERS = (
    *("speaker", "speaker_label", "speaker_name", "speakerName", "speakerLabel", "speaker_id"),
    *("speakerId", "speakerTag", "participant", "name"),
)
_SLOW_WORDS_A_SECOND = 0.05
_MILLISECONDS = 0.001


def read_whisper(content: Any) -> Telling:
    """Read what Whisper, faster-whisper and WhisperX write: text, language, segments."""
    segments = content["segments"]
    if not any(key in content for key in ("language", "word_segments")) and not any(
        key in segment for segment in segments[:1] for key in ("seek", "avg_logprob", "tokens")
    ):
        raise ValueError("not Whisper's keys")
    return _told(segments, str(content.get("text") or ""))


def read_segments(content: Any) -> Telling:
    """Read any list of objects with words, and times and speakers where they have them."""
    rows = content
    whole = ""
    if isinstance(content, dict):
        rows = content[next((key for key in _LISTS if isinstance(content.get(key), list)), "")]
        whole = str(content.get("text") or "")
    if not all(isinstance(row, dict) for row in rows):
        raise TypeError("not a list of objects")
    # Text alone may be anything; somebody says it at some time.
    if not any(_value(row, _STARTS) is not None or _value(row, _SPEAKERS) for row in rows):
        raise ValueError("neither times nor speakers")
    return _told(rows, whole)


def words_of_segment(segment: Mapping[str, Any], *, unit: float = 1.0) -> list[Said]:
    """Return the words of a segment with their own times and voices, [] where it lists none."""
    words = segment.get("words") or ()
    return [
        Said(
            label_of(_value(word, _SPEAKERS[:1])),
            str(word.get("punctuated_word") or word.get("word") or word.get("text") or ""),
            seconds_of(_value(word, _STARTS), unit=unit),
            seconds_of(_value(word, _ENDS), unit=unit),
        )
        for word in words
        if isinstance(word, dict)
    ]


def _told(rows: Sequence[Mapping[str, Any]], whole: str) -> Telling:
    unit, notes = _unit(rows)
    said: list[Said] = []
    n_silent = 0
    for row in rows:
        words = words_of_segment(row, unit=unit)
        text = _value(row, _TEXTS)
        if not isinstance(text, str):
            text = " ".join(word.text.strip() for word in words)
        if not text.strip():
            n_silent += 1
            continue
        part = Said(
            label_of(_value(row, _SPEAKERS)),
            text.strip(),
            seconds_of(_value(row, _STARTS), unit=unit),
            seconds_of(_value(row, _ENDS), unit=unit),
        )
        said += sentences(part, words)
    if n_silent:
        what = "segment" if n_silent == 1 else "segments"
        notes = (*notes, f"{n_silent} {what} without words")
    return Telling(said, whole, notes)


def _unit(rows: Sequence[Mapping[str, Any]]) -> tuple[float, tuple[str, ...]]:
    """Tell seconds from milliseconds: whole numbers at which nobody could speak so slowly."""
    starts = [value for row in rows if (value := _value(row, _STARTS)) is not None]
    if not starts or not all(isinstance(value, int) for value in starts):
        return 1.0, ()
    n_words = sum(len(str(_value(row, _TEXTS) or "").split()) for row in rows)
    if max(starts) * _SLOW_WORDS_A_SECOND <= max(n_words, 1):
        return 1.0, ()
    return _MILLISECONDS, ("times are whole numbers and were read as milliseconds",)


def _value(row: Mapping[str, Any], keys: Sequence[str]) -> Any:
    """Return what a row has under the first of the keys; of a pair of times the one asked for."""
    value = next((row[key] for key in keys if row.get(key) is not None), None)
    pair = row.get("timestamp")
    if keys is _ENDS and value is None:
        value = pair
    if isinstance(value, list) and len(value) == 2 and keys in (_STARTS, _ENDS):
        return value[keys is _ENDS]
    return value
