"""The replies of transcription services, as they and their clients save them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from qualcode.ingest.recorded_segments import words_of_segment
from qualcode.ingest.said import Said, Telling, label_of, seconds_of, sentences

__all__ = ["read_assemblyai", "read_aws", "read_deepgram", "read_revai", "read_whisper_cpp"]

_MILLISECONDS = 0.001


def read_assemblyai(content: Any) -> Telling:
    """Read AssemblyAI's transcript: utterances where speakers were asked for, else words."""
    parts = content.get("utterances") or content["words"]
    is_timed = all(isinstance(part["start"], int) for part in parts)
    if "segments" in content or not ({"audio_url", "acoustic_model", "id"} & set(content)):
        raise ValueError("not AssemblyAI's keys")
    if not parts or not is_timed:
        raise ValueError("not AssemblyAI's times, which are whole milliseconds")
    whole = str(content.get("text") or "")
    said: list[Said] = []
    for part in content.get("utterances") or ():
        start, end = _between(part, "start", "end", _MILLISECONDS)
        spoken = Said(label_of(part.get("speaker")), part["text"], start, end)
        said += sentences(spoken, words_of_segment(part, unit=_MILLISECONDS))
    if not said:
        said = sentences(Said(None, whole), words_of_segment(content, unit=_MILLISECONDS))
    return Telling(said, whole)


def read_deepgram(content: Any) -> Telling:
    """Read Deepgram's response: utterances, else paragraphs, else words, of each channel."""
    results = content["results"]
    channels = results.get("channels") or []
    best = [channel["alternatives"][0] for channel in channels if channel.get("alternatives")]
    whole = " ".join(str(each.get("transcript") or "") for each in best)
    said: list[Said] = []
    for part in results.get("utterances") or ():
        start, end = _between(part, "start", "end")
        label = label_of(part.get("speaker"))
        if len(channels) > 1:
            label = _on_channel(part.get("channel"), label)
        words = words_of_segment(part)
        said += sentences(Said(label, part["transcript"], start, end), _plain(words, label))
    if not said:
        for number, each in enumerate(best):
            parts = list(_of_alternative(each))
            if len(best) > 1:
                parts = [replace(p, label=_on_channel(number, p.label)) for p in parts]
            said += parts
        said.sort(key=lambda part: part.start_seconds or 0.0)
    return Telling(said, whole)


def _of_alternative(each: Mapping[str, Any]) -> Iterator[Said]:
    paragraphs = (each.get("paragraphs") or {}).get("paragraphs") or ()
    for paragraph in paragraphs:
        label = label_of(paragraph.get("speaker"))
        for sentence in paragraph["sentences"]:
            start, end = _between(sentence, "start", "end")
            yield Said(label, sentence["text"], start, end)
    if not paragraphs:
        words = words_of_segment(each)
        text = " ".join(word.text for word in words) or str(each.get("transcript") or "")
        yield from sentences(Said(None, text), words)


def read_aws(content: Any) -> Telling:
    """Read the result of Amazon Transcribe: items, each a word or a mark, with their voices."""
    results = content["results"]
    whole = " ".join(str(each["transcript"]) for each in results["transcripts"])
    channels = (results.get("channel_labels") or {}).get("channels") or ()
    said: list[Said] = []
    for channel in channels:
        said += _of_items(channel["items"], {}, label_of(channel.get("channel_label")))
    said.sort(key=lambda part: part.start_seconds or 0.0)
    if not said:
        labels = {
            item["start_time"]: item["speaker_label"]
            for segment in (results.get("speaker_labels") or {}).get("segments") or ()
            for item in segment.get("items") or ()
        }
        said = _of_items(results.get("items") or (), labels, None)
    if not said and whole.strip():
        said = [Said(None, whole)]
    return Telling(said, whole)


def _of_items(
    items: Sequence[Mapping[str, Any]], labels: Mapping[str, str], channel: str | None
) -> list[Said]:
    said: list[Said] = []
    ended = True
    for item in items:
        text = str(item["alternatives"][0]["content"])
        if item.get("type") == "punctuation" and said:
            said[-1] = replace(said[-1], text=said[-1].text + text)
            ended = text in (".", "?", "!")
            continue
        label = label_of(item.get("speaker_label") or labels.get(str(item.get("start_time"))))
        label = channel or label
        start, end = _between(item, "start_time", "end_time")
        if ended or said[-1].label != label:
            said.append(Said(label, text, start, end))
        else:
            said[-1] = replace(said[-1], text=f"{said[-1].text} {text}", end_seconds=end)
        ended = False
    return said


def read_revai(content: Any) -> Telling:
    """Read Rev.ai's transcript: monologues of words and marks."""
    said: list[Said] = []
    for monologue in content["monologues"]:
        elements = monologue["elements"]
        timed = [element for element in elements if element.get("ts") is not None]
        label = label_of((monologue.get("speaker_info") or {}).get("display_name"))
        part = Said(
            label or label_of(monologue.get("speaker")),
            "".join(str(element["value"]) for element in elements),
            seconds_of(timed[0]["ts"]) if timed else None,
            seconds_of(timed[-1].get("end_ts")) if timed else None,
        )
        said.append(part)
    return Telling(said)


def read_whisper_cpp(content: Any) -> Telling:
    """Read what whisper.cpp writes: a list of texts with offsets in milliseconds."""
    said = []
    for part in content["transcription"]:
        start, end = _between(part["offsets"], "from", "to", _MILLISECONDS)
        said.append(Said(label_of(part.get("speaker")), str(part["text"]).strip(), start, end))
    return Telling(said)


def _between(
    part: Mapping[str, Any], start: str, end: str, unit: float = 1.0
) -> tuple[float | None, float | None]:
    return seconds_of(part.get(start), unit=unit), seconds_of(part.get(end), unit=unit)


def _on_channel(channel: Any, label: str | None) -> str:
    return f"Channel {channel}" if label is None else f"Channel {channel} {label}"


def _plain(words: Sequence[Said], label: str | None) -> list[Said]:
    """Give all words of an utterance its own voice, as a channel's words name other speakers."""
    return [replace(word, label=label) for word in words]
