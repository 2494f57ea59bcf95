"""WebVTT as Zoom, Teams and Stream write it."""

from pathlib import PurePath

import pytest

from qualcode.ingest.captions import VttReader
from qualcode.ingest.reading import Reading

GUID = "4f0c2a9e-77b1-4d0e-9a63-5d1c8e2b90{:02}"
ZOOM = """WEBVTT

1
00:00:03.120 --> 00:00:05.970
Dana Reyes: Thanks for making the time.

2
00:00:06.100 --> 00:00:08.000
How do the mornings go?

3
00:00:08.400 --> 00:00:11.000
Lee Okafor (she/her): We open at six: always.

4
00:00:11.000 --> 00:00:13.000
Dana Reyes: And the keys?
"""
TEAMS = f"""WEBVTT

{GUID.format(1)}/12-0
00:00:03.506 --> 00:00:05.506
<v Reyes, Dana>So R&amp;D asks</v>

{GUID.format(1)}/12-1
00:00:05.506 --> 00:00:07.000
<v Reyes, Dana>for a report?</v>

{GUID.format(2)}/14-0
00:00:07.300 --> 00:00:09.000
<v Lee Okafor (Guest)>Every week.</v>
"""
STREAM = f"""WEBVTT

NOTE duration:"00:30:12.1230000"

NOTE language:en-us

NOTE Confidence: 0.91

{GUID.format(3)}
00:00:00.100 --> 00:00:04.000
We open the gate
and then we wait

NOTE Confidence: 0.72

{GUID.format(4)}
00:00:04.100 --> 00:00:07.000
for the first lorry.
"""


def read(text: str, dialect: str = "") -> Reading:
    return VttReader().read_as(text.encode(), PurePath("a.vtt"), None, dialect=dialect)


def said(text: str, dialect: str = "") -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in read(text, dialect).paragraphs if p.is_speech]


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        (ZOOM, "zoom"),
        (TEAMS, "teams"),
        (STREAM, "stream"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello\n", ""),
        ("WEBVTT\n\n1\n00:01.000 --> 00:02.000\nHello\n", ""),
    ],
)
def test_each_tool_is_told_by_its_conventions(text: str, dialect: str) -> None:
    assert read(text).dialect == dialect


def test_a_zoom_cue_without_a_name_goes_on_with_the_speaker() -> None:
    assert said(ZOOM) == [
        ("Dana Reyes", "Thanks for making the time. How do the mornings go?"),
        ("Lee Okafor (she/her)", "We open at six: always."),
        ("Dana Reyes", "And the keys?"),
    ]


def test_zooms_display_names_are_names_whatever_is_in_them() -> None:
    name = "Okafor, Lee (she/her) | Night Shift"

    assert (name, "We open at six: always.") in said(ZOOM.replace("Lee Okafor (she/her)", name))


def test_prose_with_a_colon_in_a_zoom_cue_stays_prose() -> None:
    text = ZOOM.replace("How do the mornings go?", "My question is: how do the mornings go?")

    assert said(text)[0][1] == "Thanks for making the time. My question is: how do the mornings go?"


def test_one_sentence_of_teams_in_several_cues_is_one_paragraph() -> None:
    assert said(TEAMS) == [
        ("Reyes, Dana", "So R&D asks for a report?"),
        ("Lee Okafor (Guest)", "Every week."),
    ]


@pytest.mark.parametrize("opening", ["<v >", "<v>", ""])
def test_a_teams_cue_without_a_name_is_nobodys(opening: str) -> None:
    text = f"{TEAMS}\n{GUID.format(5)}/15-0\n00:00:09.100 --> 00:00:10.000\n{opening}Why weekly?\n"

    assert said(text)[-1] == (None, "Why weekly?")


def test_teams_without_any_name_is_one_voice_in_paragraphs() -> None:
    text = TEAMS.replace("<v Reyes, Dana>", "<v >").replace("<v Lee Okafor (Guest)>", "<v >")

    assert said(text) == [(None, "So R&D asks for a report? Every week.")]


def test_streams_notes_are_counted_and_its_words_are_joined() -> None:
    assert said(STREAM) == [(None, "We open the gate and then we wait for the first lorry.")]
    assert read(STREAM).skipped == (
        "4 NOTE blocks: remarks that no viewer sees, such as confidence",
    )


def test_the_times_of_all_cues_are_kept() -> None:
    marks = [mark for p in read(TEAMS).paragraphs for mark in p.marks]

    assert [(m.start_seconds, m.end_seconds) for m in marks] == [
        (3.506, 5.506),
        (5.506, 7.0),
        (7.3, 9.0),
    ]


def test_a_named_dialect_is_taken_as_it_is_named() -> None:
    assert read("WEBVTT\n\n1\n00:01.000 --> 00:02.000\nHello\n", "zoom").dialect == "zoom"


WEBEX = """WEBVTT

1 "Dana Reyes" (1811)
00:00:01.000 --> 00:00:03.000
When do you load?

2 "Okafor, Lee" (1812)
00:00:03.100 --> 00:00:05.000
At four: always.

3 "" (0)
00:00:05.100 --> 00:00:06.000
And you?
"""
BRACKETS = """WEBVTT

00:00:01.000 --> 00:00:03.000
(Dana Reyes)
When do you load?
-

(Lee Okafor)
At four,

00:00:03.100 --> 00:00:05.000
(Lee Okafor)
(laughs)
always.

00:00:05.100 --> 00:00:06.000
(Dana Reyes)
Cold?
"""


def test_webex_names_voices_in_the_ids_of_cues() -> None:
    assert said(WEBEX) == [
        ("Dana Reyes", "When do you load?"),
        ("Okafor, Lee", "At four: always."),
        (None, "And you?"),
    ]
    assert read(WEBEX).full_format == "vtt/webex"


def test_names_alone_in_brackets_are_the_voices_of_a_cue() -> None:
    assert said(BRACKETS) == [
        ("Dana Reyes", "When do you load?"),
        ("Lee Okafor", "At four, (laughs) always."),
        ("Dana Reyes", "Cold?"),
    ]


def test_names_above_the_times_are_voices_when_they_recur() -> None:
    text = WEBEX.replace('1 "Dana Reyes" (1811)', "Dana").replace('2 "Okafor, Lee" (1812)', "Lee")
    text = text.replace('3 "" (0)', "Dana")

    assert [speaker for speaker, _ in said(text)] == ["Dana", "Lee", "Dana"]
