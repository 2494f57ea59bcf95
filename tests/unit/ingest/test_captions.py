from pathlib import PurePath

import pytest

from qualcode.errors import SourceError
from qualcode.ingest.captions import SrtReader, VttReader
from qualcode.ingest.reading import Reading


def vtt(text: str) -> Reading:
    return VttReader().read(text.encode(), PurePath("a.vtt"), None)


def said(reading: Reading) -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in reading.paragraphs if p.is_speech]


def cues(*texts: str, gap: float = 0.0) -> str:
    rows = ["WEBVTT", ""]
    for number, text in enumerate(texts):
        start = number * (1 + gap)
        rows += [f"00:{start:06.3f} --> 00:{start + 1:06.3f}", text, ""]
    return "\n".join(rows)


def test_two_voices_of_one_cue_are_two_speakers() -> None:
    reading = vtt(cues("<v Ann>Hello</v> <v.loud Bo Ek>Hi"))

    assert said(reading) == [("Ann", "Hello"), ("Bo Ek", "Hi")]


def test_cues_of_one_speaker_are_one_paragraph_with_a_mark_each() -> None:
    (paragraph,) = vtt(cues("<v Ann>one\ntwo", "three", "<v Ann>four")).paragraphs

    assert paragraph.text == "one two three four"
    assert [paragraph.text[m.start_char :].split()[0] for m in paragraph.marks] == [
        "one",
        "three",
        "four",
    ]
    assert [m.start_seconds for m in paragraph.marks] == [0, 1, 2]


def test_recurring_names_in_the_text_are_speakers_and_prose_is_not() -> None:
    reading = vtt(cues("Ann: one", "and: two", "Bo: three", "Ann: four"))

    assert said(reading) == [("Ann", "one and: two"), ("Bo", "three"), ("Ann", "four")]


def test_notes_styles_regions_ids_and_settings_go_away() -> None:
    text = (
        "WEBVTT - x\nKind: captions\n\nNOTE\nhush\n\nSTYLE\n::cue {}\n\nREGION\nid:1\n\n"
        "intro\n00:01.000 --> 00:02.000 align:start position:0%\nHello\n"
    )

    assert said(vtt(text)) == [(None, "Hello")]
    assert vtt(text).skipped == (
        "1 NOTE block: remarks that no viewer sees, such as confidence",
        "1 name of a cue, which no viewer sees",
    )


def test_tags_go_and_entities_are_decoded_once() -> None:
    text = cues("<c.yellow>a</c> <00:00:00.500><i>b</i> &amp;lt; I &lt;3 u")

    assert said(vtt(text)) == [(None, "a b &lt; I <3 u")]


def test_commas_and_missing_hours_are_read() -> None:
    text = "1\n00:00:01,500 --> 00:00:02,000\nhi\n\n2\n01:03,000 --> 01:04,000\nho\n"
    reading = SrtReader().read(text.encode(), PurePath("a.srt"), None)

    assert [p.marks[0].start_seconds for p in reading.paragraphs] == [1.5, 63.0]


def test_missing_blank_lines_header_and_line_end_are_survived() -> None:
    text = "1\r\n00:01.000 --> 00:02.000\r\none\r\n2\r\n00:02.000 --> 00:03.000\r\ntwo"
    reading = vtt("\ufeff" + text)

    assert said(reading) == [(None, "one two")]
    assert reading.skipped == ("line 1: no WEBVTT header, read without it",)


def test_a_truncated_last_cue_is_reported_with_its_line() -> None:
    reading = vtt(cues("one") + "\n00:05.000 --> 00:0")

    assert said(reading) == [(None, "one")]
    assert reading.skipped[-1].startswith("line 6: the last cue has no words")


def test_words_after_a_blank_line_in_a_cue_are_kept_and_reported() -> None:
    reading = vtt(cues("one\n\nmore"))

    assert said(reading) == [(None, "one more")]
    assert reading.skipped == ("line 6: text outside a cue, read with the cue before it",)


def test_a_cue_with_unreadable_times_keeps_its_words() -> None:
    reading = vtt(cues("one") + "\n00:xx --> 00:yy\ntwo\n")

    assert said(reading) == [(None, "one two")]
    assert "line 6" in reading.skipped[0]


def test_a_file_without_a_cue_is_refused() -> None:
    with pytest.raises(SourceError, match="no cue"):
        vtt("WEBVTT\n\nNOTE nothing\n")


def test_rolled_up_captions_are_read_once() -> None:
    reading = vtt(cues("so I went", "so I went to the shop", "to the shop and then", "and rested"))

    assert said(reading) == [(None, "so I went to the shop and then and rested")]


def test_people_who_repeat_themselves_are_heard_twice() -> None:
    reading = vtt(cues("yes", "yes", "yes I think", "we went", "there", "and back"))

    assert said(reading) == [(None, "yes yes yes I think we went there and back")]


def test_a_pause_of_two_seconds_ends_a_paragraph_without_names() -> None:
    assert said(vtt(cues("one", "two", gap=2.0))) == [(None, "one"), (None, "two")]
    assert said(vtt(cues("one", "two", gap=1.9))) == [(None, "one two")]


def test_a_change_mark_is_a_new_voice() -> None:
    reading = vtt(cues("<v Ann>one", ">> two", "- three\n- four"))

    assert said(reading) == [("Ann", "one"), (None, "two"), (None, "three"), (None, "four")]


def test_a_stage_direction_is_not_speech_and_keeps_the_voice() -> None:
    reading = vtt(cues("<v Ann>one", "[Music]", "two"))

    assert said(reading) == [("Ann", "one"), ("Ann", "two")]


def test_names_after_a_change_mark_are_speakers() -> None:
    reading = vtt(cues(">> Ann: one", ">> Bo: two", ">> Ann: three"))

    assert said(reading) == [("Ann", "one"), ("Bo", "two"), ("Ann", "three")]


def test_change_marks_stay_where_nobody_is_named() -> None:
    assert said(vtt(cues(">> one", ">> two"))) == [(None, ">> one"), (None, ">> two")]


@pytest.mark.parametrize("shape", ["[{}] {}", "({}) {}"])
def test_names_in_brackets_are_speakers_when_they_recur(shape: str) -> None:
    talk = [("Ann", "one"), ("Bo", "two"), ("Ann", "three"), ("Bo", "four")]

    assert said(vtt(cues(*(shape.format(*turn) for turn in talk)))) == talk
