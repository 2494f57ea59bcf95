"""Plain text as transcription tools write it."""

from pathlib import PurePath

import pytest

from qualcode.errors import SourceError
from qualcode.ingest.plain import PlainReader
from qualcode.ingest.reading import Reading

ZOOM = """[Dana Reyes] 14:02:11
So how do you keep track of the pallets?

[Okafor, Lee (he/him) | Sales] 14:02:19
In a sheet: mostly.
With colours.

[Dana Reyes] 14:02:40
Who reads it?
"""
OTTER = """Loading bay talk
Tue, Mar 4, 2025 9:14AM • 32:07

SUMMARY KEYWORDS
pallets, sheet, night shift

SPEAKERS
Dana Reyes, Unknown Speaker, Ike

Dana Reyes  0:00\x20\x20
How does a night begin?

Unknown Speaker  0:04\x20\x20
Cold, mostly.

Ike  1:00:05\x20\x20
There was one thing: the rain.

Dana Reyes  1:00:31\x20\x20
And then?

Transcribed by https://otter.ai
"""
REV = """Speaker 1 (00:01):
Can you hear me? I got [inaudible 00:00:07] there.

Speaker 2 (00:10):
We scan each pallet.

(01:10):
Twice, since March.

Speaker 1 (01:20):
Why twice?
"""
DESCRIPT = """Mara: [00:00:01] We load at four, [00:00:09] never later.

Mara: [00:00:20] That is the rule.
"""
F4 = """I: Wie beginnt die Schicht? #00:00:05-3#
B: Mit Kaffee, #00:00:08-0# meistens. #00:00:12-8#
I: Und dann? #00:00:14-1#
B: Laden wir. #00:00:20-0#
"""


def read(text: str, dialect: str = "") -> Reading:
    return PlainReader().read_as(text.encode(), PurePath("a.txt"), None, dialect=dialect)


def said(text: str, dialect: str = "") -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in read(text, dialect).paragraphs if p.is_speech]


def unsaid(text: str) -> list[str]:
    return [p.text for p in read(text).paragraphs if not p.is_speech]


def times(text: str) -> list[tuple[str, float, float]]:
    """Return the words that each mark stands at, and its start and end."""
    return [
        (p.text[m.start_char :], m.start_seconds, m.end_seconds)
        for p in read(text).paragraphs
        for m in p.marks
    ]


@pytest.mark.parametrize(
    ("text", "dialect"),
    [(ZOOM, "zoom"), (OTTER, "otter"), (REV, "rev"), (DESCRIPT, "descript"), (F4, "f4")],
)
def test_each_tool_is_told_by_its_layout(text: str, dialect: str) -> None:
    assert read(text).dialect == dialect


@pytest.mark.parametrize(
    "text",
    [
        "Ann: one\nBo: two\nAnn: three\n",
        "We met (10:30): it was good.\nThey left (11:30): all of them.\n",
        "We met at  10:30\nand left.\n\nDuration  45:10\n\nnothing else\n",
    ],
)
def test_plain_talk_and_prose_with_times_are_no_tools(text: str) -> None:
    assert read(text).dialect == ""


def test_zooms_saved_captions_keep_display_names_whole() -> None:
    assert said(ZOOM) == [
        ("Dana Reyes", "So how do you keep track of the pallets?"),
        ("Okafor, Lee (he/him) | Sales", "In a sheet: mostly. With colours."),
        ("Dana Reyes", "Who reads it?"),
    ]


def test_a_caption_without_a_name_is_nobodys() -> None:
    assert said(ZOOM + "\n[] 14:02:44\nThe boss.\n")[-1] == (None, "The boss.")


def test_the_time_of_day_of_saved_captions_is_kept() -> None:
    assert [start for _, start, _ in times(ZOOM)] == [50531, 50539, 50560]


def test_otters_turns_are_read_with_names_that_speak_once() -> None:
    assert said(OTTER) == [
        ("Dana Reyes", "How does a night begin?"),
        ("Unknown Speaker", "Cold, mostly."),
        ("Ike", "There was one thing: the rain."),
        ("Dana Reyes", "And then?"),
    ]


def test_otters_head_and_foot_are_kept_and_not_said() -> None:
    assert unsaid(OTTER) == [
        "Loading bay talk",
        "Tue, Mar 4, 2025 9:14AM • 32:07",
        "SUMMARY KEYWORDS",
        "pallets, sheet, night shift",
        "SPEAKERS",
        "Dana Reyes, Unknown Speaker, Ike",
        "Transcribed by https://otter.ai",
    ]


def test_otter_without_names_is_one_voice_without_a_name() -> None:
    text = "0:00  \nI lift.\n\n0:15  \nI sleep.\n\nTranscribed by https://otter.ai\n"

    assert said(text) == [(None, "I lift."), (None, "I sleep.")]


def test_an_otter_turn_without_a_name_among_names_is_nobodys() -> None:
    text = OTTER.replace("Ike  1:00:05", "1:00:05")

    assert (None, "There was one thing: the rain.") in said(text)


def test_revs_time_without_a_name_goes_on_with_the_speaker() -> None:
    assert said(REV) == [
        ("Speaker 1", "Can you hear me? I got [inaudible 00:00:07] there."),
        ("Speaker 2", "We scan each pallet."),
        ("Speaker 2", "Twice, since March."),
        ("Speaker 1", "Why twice?"),
    ]


def test_revs_times_are_marks() -> None:
    assert [(start, end) for _, start, end in times(REV)] == [(1, 10), (10, 70), (70, 80), (80, 80)]


def test_revs_older_layout_has_the_colon_before_the_time() -> None:
    text = "Mara: (00:01)\nWe load.\n\nDana: (00:09)\nWhen?\n\nMara: (00:11)\nAt four.\n"

    assert said(text) == [("Mara", "We load."), ("Dana", "When?"), ("Mara", "At four.")]


def test_times_inside_a_turn_are_marks_and_not_words() -> None:
    assert times(DESCRIPT) == [
        ("We load at four, never later.", 1, 9),
        ("never later.", 9, 20),
        ("That is the rule.", 20, 20),
    ]


def test_f4s_marks_end_what_stands_before_them() -> None:
    assert times(F4) == [
        ("Wie beginnt die Schicht?", 0, 5.3),
        ("Mit Kaffee, meistens.", 5.3, 8),
        ("meistens.", 8, 12.8),
        ("Und dann?", 12.8, 14.1),
        ("Laden wir.", 14.1, 20),
    ]


def test_f4s_marks_at_the_beginning_of_turns_are_read() -> None:
    text = "#00:00:01-0# I: Wann?\n#00:00:04-5# B: Um vier.\n#00:00:06-0# I: Warum?\n"

    assert said(text) == [("I", "Wann?"), ("B", "Um vier."), ("I", "Warum?")]


def test_commas_before_the_decimals_are_read() -> None:
    assert times("A: [00:00:01,5] one\nB: [00:00:02,25] two\nA: [00:00:03,0] three")[1] == (
        "two",
        2.25,
        3.0,
    )


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("home [00:01:00].", "home."),
        ("we[00:01:00]went", "wewent"),
        ("we met (10:30) there", "we met (10:30) there"),
        ("[00:01:00] [00:01:05] we", "we"),
        ("see [laughs] it", "see [laughs] it"),
    ],
)
def test_only_time_codes_leave_the_words(words: str, kept: str) -> None:
    assert said(f"A: {words}\nB: x\nA: y")[0] == ("A", kept)


def test_a_turn_with_a_label_of_another_kind_is_not_given_to_the_speaker_before() -> None:
    text = "P1 (0:42): It broke.\nINT: Why?\nP1 (0:50): Rain.\nINT: So?\n"

    assert said(text) == [("P1", "It broke."), ("INT", "Why?"), ("P1", "Rain."), ("INT", "So?")]


def test_stage_directions_between_lines_of_a_turn_are_apart() -> None:
    text = OTTER.replace("Cold, mostly.", "Cold.\n[laughs]\nMostly.")

    assert ("Unknown Speaker", "Mostly.") in said(text)
    assert "[laughs]" in unsaid(text)


def test_a_head_without_words_is_reported_with_its_line() -> None:
    assert read(REV + "\nSpeaker 2 (01:30):\n").skipped == ("line 13: a speaker without words",)


def test_a_named_tool_reads_even_one_turn() -> None:
    assert said("Mara (00:05):\nWe load.\n", "rev") == [("Mara", "We load.")]


def test_a_text_without_the_named_tools_heads_is_refused() -> None:
    with pytest.raises(SourceError, match="begins a turn as otter writes"):
        read("Ann: one\nBo: two\n", "otter")
