"""Cues: whole words of the codebook, in any case and script."""

from __future__ import annotations

from qualcode.codebook import Code
from qualcode.coders.local.cues import CueFinder

PHONE = Code("touch_phone", "Phone", "touchpoint", include=("phone call", "phone", "on hold"))
APP = Code("touch_app", "App", "touchpoint", include=("app", "phone"))
ANGRY = Code("emo_anger", "Anger", "emotion", include=("angry", "no idea", "wütend"))


def _found(text: str, *codes: Code) -> list[tuple[str, str]]:
    return [(codes[cue.code].id, cue.span.of(text)) for cue in CueFinder(codes).find(text)]


def test_of_two_cues_at_one_place_the_longer_counts() -> None:
    assert _found("A phone call.", PHONE) == [("touch_phone", "phone call")]


def test_a_cue_inside_another_word_is_none() -> None:
    assert _found("It happened, I apply, phones.", PHONE, APP) == []


def test_case_and_white_space_inside_a_cue_do_not_matter() -> None:
    assert _found("ON\n hold", PHONE) == [("touch_phone", "ON\n hold")]


def test_letters_outside_ascii_are_letters() -> None:
    assert _found("Ich war WÜTEND, unwütend nicht.", ANGRY) == [("emo_anger", "WÜTEND")]


def test_a_word_of_two_codes_comes_for_both() -> None:
    assert _found("my phone", PHONE, APP) == [("touch_phone", "phone"), ("touch_app", "phone")]


def test_a_denied_cue_says_so_and_a_cue_that_begins_with_no_does_not() -> None:
    cues = CueFinder([ANGRY]).find("I wasn't very angry, I had no idea.")
    assert [(cue.text, cue.denied) for cue in cues] == [("angry", True), ("no idea", False)]


def test_codes_without_cues_find_nothing() -> None:
    assert CueFinder([Code("a", "A", "theme")]).find("a phone") == []
