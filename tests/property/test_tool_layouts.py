"""Whatever people say, what tools write of it comes back as turns with the words said."""

import json
from collections.abc import Callable
from pathlib import PurePath

import pytest
from hypothesis import given, settings

from qualcode.ingest.interview import build_document, read_interview
from tests.property.test_readers import talks

Talk = list[tuple[str, str]]


def clock(number: int) -> str:
    return f"{number // 60:02}:{number % 60:02}:00"


def otter(talk: Talk) -> str:
    turns = [f"{name}  {clock(n)}  \n{words}\n" for n, (name, words) in enumerate(talk)]
    return "\n".join([*turns, "Transcribed by https://otter.ai\n"])


def rev(talk: Talk) -> str:
    return "\n".join(f"{name} ({clock(n)}):\n{words}\n" for n, (name, words) in enumerate(talk))


def descript(talk: Talk) -> str:
    return "\n".join(f"{name}: [{clock(n)}] {words}\n" for n, (name, words) in enumerate(talk))


def zoom(talk: Talk) -> str:
    return "\n".join(f"[{name}] {clock(n)}\n{words}\n" for n, (name, words) in enumerate(talk))


def f4(talk: Talk) -> str:
    return "\n".join(f"{name}: {words} #{clock(n)}-5#" for n, (name, words) in enumerate(talk))


def recorded(talk: Talk) -> str:
    return json.dumps(
        [
            {"speaker": {"name": name}, "start": n, "end": n + 0.5, "text": words}
            for n, (name, words) in enumerate(talk)
        ]
    )


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (otter, "txt/otter"),
        (rev, "txt/rev"),
        (descript, "txt/descript"),
        (zoom, "txt/zoom"),
        (f4, "txt/f4"),
        (recorded, "json/segments"),
    ],
)
@settings(max_examples=40, deadline=None)
@given(talk=talks())
def test_turns_of_a_tool_are_the_words_written(
    written: Callable[[Talk], str], read_as: str, talk: Talk
) -> None:
    reading = read_interview(written(talk).encode(), PurePath("talk"))
    document = build_document(reading, path="talk", source_id="s", source_sha256="0")
    turns = [turn for turn in document.turns if turn.is_speech]

    assert reading.full_format == read_as
    assert [(turn.speaker, turn.span.of(document.text)) for turn in turns] == talk
    assert all(turn.marks for turn in turns)
