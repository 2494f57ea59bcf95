"""Keys never get out with what servers say; participants' words are noticed in it."""

from __future__ import annotations

import pytest

from qualcode.coders.llm.scrub import echoes, scrubbed


@pytest.mark.parametrize(
    "key",
    [
        "sk-abcdef0123456789",
        "sk-proj-ab_cd-0123456789",
        "sk-ant-api03-abcdef",
        "sk-abcd****wxyz",
        "gsk_abcdef012345",
        "hf_abcdef012345",
        "AIzaSyA0123456789abcdefghij",
        "eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2lnbmF0dXJl",
    ],
)
def test_a_key_of_a_known_form_is_masked(key: str) -> None:
    assert key not in scrubbed(f"Incorrect key provided: {key}. Try again.")


@pytest.mark.parametrize(
    "said",
    [
        "Authorization: Bearer abc123def",
        "{'api-key': 'abc123def'}",
        "x-api-key=abc123def",
        "api_key: abc123def",
        "Ocp-Apim-Subscription-Key: abc123def",
    ],
)
def test_what_a_key_header_carries_is_masked(said: str) -> None:
    assert "abc123def" not in scrubbed(said)


def test_the_runs_own_key_is_masked_whatever_it_looks_like() -> None:
    assert scrubbed("no access for plainword", ["plainword"]) == "no access for [key]"


def test_a_longer_key_is_masked_whole_where_a_shorter_one_begins_it() -> None:
    assert scrubbed("plainword99", ["plainword", "plainword99"]) == "[key]"


def test_words_about_keys_stay() -> None:
    said = "name the variable with --key-variable, the api key is missing? see sk"
    assert "--key-variable" in scrubbed(said)


def test_a_scrubbed_text_is_one_line() -> None:
    assert scrubbed("one\r\n  two\x00\u2028three\tfour") == "one two three four"


def test_a_scrubbed_text_has_at_most_300_characters() -> None:
    assert len(scrubbed("word " * 1000)) == 300


def test_a_key_at_the_cut_is_masked_before_it_is_cut() -> None:
    assert "ABCDEF" not in scrubbed("x" * 290 + " sk-ABCDEFGHIJKLMNOP")


def test_a_text_that_repeats_twenty_characters_echoes() -> None:
    assert echoes("bad input: the ROOM was so  very cold!", "They said the room was so very cold.")


def test_a_text_that_repeats_fewer_characters_does_not_echo() -> None:
    assert not echoes("the room was warm and dry", "They said the room was so very cold.")


def test_an_escaped_line_break_does_not_hide_an_echo() -> None:
    assert echoes('body: "the room\\nwas so very cold"', "the room\nwas so very cold")
