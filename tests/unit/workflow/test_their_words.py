"""A person's words are found in other texts, and not where somebody else said them too."""

from __future__ import annotations

import pytest

from qualcode.workflow.their_words import FORGOTTEN, TheirWords, plain

SAID = "My wheelchair squeaks like a haunted accordion, and it was too late."


@pytest.fixture
def words() -> TheirWords:
    return TheirWords([SAID, "velvet", "so dear"], ["And it was too late, he said."], ["Bo Quux"])


@pytest.mark.parametrize(
    "text",
    [
        "They say: WHEELCHAIR squeaks, like",
        "haunted\naccordion and",
        "(velvet)",
        "that is so dear",
        "said Bo Quux.",
    ],
)
def test_a_stretch_of_theirs_is_found_whatever_stands_around_it(
    words: TheirWords, text: str
) -> None:
    assert words.are_in(text)


@pytest.mark.parametrize(
    "text", ["and it was too late", "a wheelchair, an accordion", "velvety", "Bo said it"]
)
def test_what_others_said_or_single_words_are_not_theirs(words: TheirWords, text: str) -> None:
    assert not words.are_in(text)


def test_scrubbing_takes_the_longest_stretch_and_leaves_the_rest(words: TheirWords) -> None:
    text = "Ada: “squeaks like a haunted accordion”, she said."
    assert words.scrubbed(text, run=4) == f"Ada: “{FORGOTTEN}”, she said."


def test_scrubbing_leaves_stretches_that_are_too_short(words: TheirWords) -> None:
    assert words.scrubbed("like a haunted house", run=4) == "like a haunted house"


def test_a_text_that_is_all_theirs_goes_however_short(words: TheirWords) -> None:
    assert words.scrubbed("haunted accordion", run=4) == FORGOTTEN


def test_a_name_is_scrubbed(words: TheirWords) -> None:
    assert words.scrubbed("Ask bo quux again.", run=4) == f"Ask {FORGOTTEN} again."


def test_a_number_or_a_few_letters_is_nobodys() -> None:
    words = TheirWords(["7", "no"], [])
    assert not words.are_in("no, 7")


@pytest.mark.parametrize(
    "packed", ["squeaks\\nlike a", "squeaks &#34;like&#34; a", "\\u0073queaks like a"]
)
def test_escapes_of_json_and_html_do_not_hide_them(words: TheirWords, packed: str) -> None:
    assert words.are_in(plain(packed))
