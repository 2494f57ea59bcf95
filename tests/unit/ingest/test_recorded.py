"""The JSON of recorders and transcription services."""

import json
from pathlib import PurePath
from typing import Any

import pytest

from qualcode.errors import SourceError
from qualcode.ingest.interview import read_interview
from qualcode.ingest.reading import Reading
from qualcode.ingest.recorded import RecordedReader


def word(text: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end, **more}


WHISPER = {
    "text": " We open at six. Always?",
    "segments": [
        {"id": 0, "seek": 0, "start": 0.0, "end": 2.0, "text": " We open at six.", "tokens": [1]},
        {"id": 1, "seek": 0, "start": 2.0, "end": 3.5, "text": " Always?", "tokens": [2]},
    ],
    "language": "en",
}
WHISPERX = {
    "segments": [
        {
            "start": 0.0,
            "end": 4.0,
            "text": " When? At six.",
            "speaker": "SPEAKER_00",
            "words": [
                word("When?", 0.0, 0.5, speaker="SPEAKER_00"),
                word("At", 2.0, 2.4, speaker="SPEAKER_01"),
                word("six.", 2.4, 4.0, speaker="SPEAKER_01"),
            ],
        },
        {"start": 5.0, "end": 6.0, "text": " Hm."},
    ],
    "word_segments": [],
}
WHISPER_CPP = {
    "systeminfo": "x",
    "result": {"language": "en"},
    "transcription": [
        {"timestamps": {}, "offsets": {"from": 0, "to": 1500}, "text": " We open."},
        {"timestamps": {}, "offsets": {"from": 1500, "to": 2500}, "text": " At six."},
    ],
}
ASSEMBLYAI = {
    "id": "5f",
    "audio_url": "x",
    "status": "completed",
    "text": "When? At six. Mostly.",
    "words": [{"text": "When?", "start": 100, "end": 900}],
    "utterances": [
        {"speaker": "A", "text": "When?", "start": 100, "end": 900, "words": []},
        {
            "speaker": "B",
            "text": "At six. Mostly.",
            "start": 1000,
            "end": 4000,
            "words": [
                {"text": "At", "start": 1000, "end": 1200},
                {"text": "six.", "start": 1200, "end": 1500},
                {"text": "Mostly.", "start": 3000, "end": 4000},
            ],
        },
    ],
}
DEEPGRAM_WORDS = [
    word("when", 0.1, 0.5, punctuated_word="When?", speaker=0),
    word("at", 1.0, 1.2, punctuated_word="At", speaker=1),
    word("six", 1.2, 1.5, punctuated_word="six.", speaker=1),
]
DEEPGRAM = {
    "metadata": {"channels": 1},
    "results": {
        "channels": [{"alternatives": [{"transcript": "when at six", "words": DEEPGRAM_WORDS}]}]
    },
}
DEEPGRAM_UTTERANCES = {
    "metadata": {"channels": 1},
    "results": {
        "channels": DEEPGRAM["results"]["channels"],  # type: ignore[index]
        "utterances": [
            {"start": 0.1, "end": 0.5, "channel": 0, "transcript": "When?", "speaker": 0},
            {"start": 1.0, "end": 1.5, "channel": 0, "transcript": "At six.", "speaker": 1},
        ],
    },
}
DEEPGRAM_PARAGRAPHS = {
    "results": {
        "channels": [
            {
                "alternatives": [
                    {
                        "transcript": "When? At six.",
                        "paragraphs": {
                            "paragraphs": [
                                {
                                    "speaker": 0,
                                    "sentences": [{"text": "When?", "start": 0.1, "end": 0.5}],
                                },
                                {
                                    "speaker": 1,
                                    "sentences": [{"text": "At six.", "start": 1.0, "end": 1.5}],
                                },
                            ]
                        },
                    }
                ]
            }
        ]
    }
}


def aws_item(content: str, start: str = "", end: str = "") -> dict[str, Any]:
    if not start:
        return {"type": "punctuation", "alternatives": [{"content": content}]}
    return {
        "type": "pronunciation",
        "start_time": start,
        "end_time": end,
        "alternatives": [{"confidence": "0.9", "content": content}],
    }


AWS_ITEMS = [
    aws_item("When", "0.1", "0.5"),
    aws_item("?"),
    aws_item("At", "1.0", "1.2"),
    aws_item(","),
    aws_item("six", "1.2", "1.5"),
    aws_item("."),
]
AWS = {
    "jobName": "x",
    "status": "COMPLETED",
    "results": {
        "transcripts": [{"transcript": "When? At, six."}],
        "speaker_labels": {
            "speakers": 2,
            "segments": [
                {
                    "speaker_label": "spk_0",
                    "items": [{"start_time": "0.1", "speaker_label": "spk_0"}],
                },
                {
                    "speaker_label": "spk_1",
                    "items": [
                        {"start_time": "1.0", "speaker_label": "spk_1"},
                        {"start_time": "1.2", "speaker_label": "spk_1"},
                    ],
                },
            ],
        },
        "items": AWS_ITEMS,
    },
}
AWS_CHANNELS = {
    "results": {
        "transcripts": [{"transcript": "When? At, six."}],
        "channel_labels": {
            "channels": [
                {"channel_label": "ch_1", "items": AWS_ITEMS[2:]},
                {"channel_label": "ch_0", "items": AWS_ITEMS[:2]},
            ]
        },
        "items": [],
    }
}
REVAI = {
    "monologues": [
        {
            "speaker": 0,
            "elements": [
                {"type": "text", "value": "At", "ts": 0.5, "end_ts": 1.0},
                {"type": "punct", "value": " "},
                {"type": "text", "value": "six", "ts": 1.0, "end_ts": 1.5},
                {"type": "punct", "value": "."},
            ],
        }
    ]
}
SEGMENTS = [
    {"speaker": "Dana", "start": "00:00:01,5", "end": "00:00:03", "text": "When?"},
    {"speaker": {"name": "Lee"}, "start": 4, "end": 5.5, "text": "At six."},
]
TWO_VOICES = [("Speaker 0", "When?"), ("Speaker 1", "At six.")]


def read(content: Any, dialect: str = "") -> Reading:
    data = json.dumps(content).encode()
    return RecordedReader().read_as(data, PurePath("a.json"), None, dialect=dialect)


def said(content: Any) -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in read(content).paragraphs if p.is_speech]


def times(content: Any) -> list[tuple[float, float]]:
    marks = [mark for p in read(content).paragraphs for mark in p.marks]
    return [(mark.start_seconds, mark.end_seconds) for mark in marks]


@pytest.mark.parametrize(
    ("content", "dialect"),
    [
        (WHISPER, "whisper"),
        (WHISPERX, "whisper"),
        (WHISPER_CPP, "whisper.cpp"),
        (ASSEMBLYAI, "assemblyai"),
        (DEEPGRAM, "deepgram"),
        (DEEPGRAM_UTTERANCES, "deepgram"),
        (DEEPGRAM_PARAGRAPHS, "deepgram"),
        (AWS, "aws"),
        (AWS_CHANNELS, "aws"),
        (REVAI, "revai"),
        (SEGMENTS, "segments"),
        ({"segments": SEGMENTS}, "segments"),
        ({"id": "7", "text": "x", "segments": SEGMENTS}, "segments"),
    ],
    ids=range(13),
)
def test_each_service_is_told_by_its_shape(content: Any, dialect: str) -> None:
    assert read(content).dialect == dialect


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (WHISPER, [(None, "We open at six. Always?")]),
        (WHISPER_CPP, [(None, "We open. At six.")]),
        (ASSEMBLYAI, [("Speaker A", "When?"), ("Speaker B", "At six. Mostly.")]),
        (DEEPGRAM, TWO_VOICES),
        (DEEPGRAM_UTTERANCES, TWO_VOICES),
        (DEEPGRAM_PARAGRAPHS, TWO_VOICES),
        (AWS, [("spk_0", "When?"), ("spk_1", "At, six.")]),
        (AWS_CHANNELS, [("ch_0", "When?"), ("ch_1", "At, six.")]),
        (REVAI, [("Speaker 0", "At six.")]),
        (SEGMENTS, [("Dana", "When?"), ("Lee", "At six.")]),
    ],
    ids=range(10),
)
def test_voices_and_words_are_those_of_the_file(
    content: Any, expected: list[tuple[str | None, str]]
) -> None:
    assert said(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (WHISPER, [(0, 2), (2, 3.5)]),
        (WHISPER_CPP, [(0, 1.5), (1.5, 2.5)]),
        (ASSEMBLYAI, [(0.1, 0.9), (1, 1.5), (3, 4)]),
        (DEEPGRAM, [(0.1, 0.5), (1, 1.5)]),
        (AWS, [(0.1, 0.5), (1, 1.5)]),
        (REVAI, [(0.5, 1.5)]),
        (SEGMENTS, [(1.5, 3), (4, 5.5)]),
        ({"chunks": [{"timestamp": [0.5, 4.2], "text": " hi"}]}, [(0.5, 4.2)]),
    ],
    ids=range(8),
)
def test_sentences_keep_their_times_in_seconds(
    content: Any, expected: list[tuple[float, float]]
) -> None:
    assert times(content) == [pytest.approx(pair) for pair in expected]


def test_words_that_another_voice_says_in_a_segment_are_its_own() -> None:
    assert said(WHISPERX)[:2] == [("SPEAKER_00", "When?"), ("SPEAKER_01", "At six.")]


def test_a_segment_without_a_speaker_among_others_is_nobodys() -> None:
    assert said(WHISPERX)[-1] == (None, "Hm.")


@pytest.mark.parametrize("letter", ["I", "P", "Q", "A"])
def test_a_letter_that_counts_voices_says_no_role(letter: str) -> None:
    assert said([{"speaker": letter, "start": 0, "text": "Six."}]) == [
        (f"Speaker {letter}", "Six.")
    ]


def test_whole_numbers_too_large_for_seconds_are_milliseconds_and_reported() -> None:
    segments = [{"speaker": "Lee", "start": 9000, "end": 12000, "text": "At six."}]

    assert times(segments) == [(9.0, 12.0)]
    assert read(segments).skipped == ("times are whole numbers and were read as milliseconds",)


def test_words_of_the_whole_text_that_no_part_has_are_counted() -> None:
    content = {**WHISPER, "text": "We open at six. Always? Not on Sundays."}

    assert read(content).skipped == (
        "3 words of the whole text are in none of its parts; the parts were read",
    )


def test_segments_without_words_are_counted() -> None:
    assert read([*SEGMENTS, {"speaker": "Lee", "start": 6, "text": " "}]).skipped == (
        "1 segment without words",
    )


def test_words_that_do_not_make_up_their_segment_leave_it_whole() -> None:
    segment = {"start": 0, "end": 3, "text": "At six. Or so.", "words": [word("At", 0, 1)]}

    assert said([segment]) == [(None, "At six. Or so.")]


def test_characters_that_nothing_can_store_are_shown_and_counted() -> None:
    data = rb'[{"start": 0, "text": "a\u0000b \ud800"}]'
    reading = RecordedReader().read(data, PurePath("a.json"), None)

    assert [p.text for p in reading.paragraphs] == ["a\ufffdb \ufffd"]
    assert reading.skipped == ("2 control characters, shown as \ufffd",)


@pytest.mark.parametrize("time", [None, -1, 1e400, "soon", True, [1], 10**400])
def test_a_part_without_a_usable_time_stands_where_the_one_before_ends(time: Any) -> None:
    later = {"speaker": "Lee", "start": time, "text": "So."}

    assert times([SEGMENTS[0], later]) == [(1.5, 3.0), (3.0, 3.0)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"segments": [{"text": "At', "damaged or cut off"),
        ('{"name": "x", "version": 1}', "no transcript that is known"),
        ('{"segments": [{"text": "no times, nobody"}]}', "no transcript that is known"),
        ('[{"x": ' * 100_000, "beyond all bounds|damaged"),
        ('{"segments": [' + "9" * 5_000 + "]}", "beyond all bounds"),
        ('{"segments": [' + "1," * 4_000_001 + "1]}", "too large"),
    ],
    ids=range(6),
)
def test_json_that_is_no_transcript_is_refused(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_interview(text.encode(), PurePath("a.json"))


def test_a_recording_is_known_without_its_suffix() -> None:
    reading = read_interview(json.dumps(WHISPER, indent=2).encode(), PurePath("a.txt"))

    assert reading.full_format == "json/whisper"


def test_talk_that_begins_with_a_bracket_is_no_json() -> None:
    reading = read_interview(b'[{"x"}] A: one\nB: "words": two\nA: three', PurePath("a.txt"))

    assert reading.format == "txt"


def test_a_named_service_is_asked_alone() -> None:
    with pytest.raises(SourceError, match="no transcript as aws writes it"):
        read(WHISPER, "aws")
