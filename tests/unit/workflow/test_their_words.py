"""A person's words are found in other texts, and not where somebody else said them too."""

from __future__ import annotations

import pytest

from qualcode.ingest.names import known_names
from qualcode.workflow.escapes import plain
from qualcode.workflow.their_words import FORGOTTEN, TheirWords

SAID = "My wheelchair squeaks like a haunted accordion, and it was too late."


@pytest.fixture
def words() -> TheirWords:
    return TheirWords([SAID, "velvet", "so dear"], ["And it was too late, he said."], ["Bo Quux"])


@pytest.mark.parametrize(
    "text",
    [
        "They say: WHEELCHAIR squeaks, like",
        "haunted\naccordion and",
        "said Bo Quux.",
    ],
)
def test_a_stretch_of_theirs_is_found_whatever_stands_around_it(
    words: TheirWords, text: str
) -> None:
    assert words.are_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "and it was too late",
        "a wheelchair, an accordion",
        "velvet",
        "velvety",
        "so dear",
        "Bo said it",
    ],
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


@pytest.mark.parametrize(
    "text",
    [
        "Velvet",
        "It was\n1: Velvet.\n2: nice",
        "[3] so dear!\n",
        '{"words": "velvet"}',
        "7,velvet,x",
        "7;So dear\r\n",
        "<q>velvet</q>",
        "- “Velvet.” — P7",
        "(velvet)",
        "| so dear |",
    ],
)
def test_a_short_answer_is_found_where_it_stands_by_itself(words: TheirWords, text: str) -> None:
    assert words.stand_alone_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "a velvet glove",
        "Velvet, they said",
        "it is so dear\n",
        "So dear to me",
        "soft, velvet, blue",
        "velvet\u0301",
        "1: velvety",
    ],
)
def test_a_short_answer_within_a_sentence_is_nobodys(words: TheirWords, text: str) -> None:
    assert not words.stand_alone_in(text)


def test_a_number_or_a_few_letters_is_nobodys() -> None:
    words = TheirWords(["7", "no"], [])
    assert not words.stand_alone_in("no\n7")


def test_a_sentence_of_two_words_is_found_where_it_stands_by_itself() -> None:
    words = TheirWords(["Blue turnips. Then we went on as before."], [])
    assert words.stand_alone_in("1: Blue turnips.\n2: Then")


@pytest.mark.parametrize("text", ["I hope so", "Hope so.", "\nHope is not a plan"])
def test_an_ordinary_word_is_no_name_where_it_can_be_meant(text: str) -> None:
    assert not TheirWords([], [], (), known_names(("Hope",))).name_in(text)


@pytest.mark.parametrize("text", ["We asked Hope again", "Hope said no"])
def test_a_name_that_is_a_word_is_found_where_no_word_can_be_meant(text: str) -> None:
    assert TheirWords([], [], (), known_names(("Hope",))).name_in(text)


def test_a_name_that_is_a_word_is_cut() -> None:
    words = TheirWords([], [], (), known_names(("Hope",)))
    assert words.cut("I hope that Hope’s aunt knows.", run=4) == (
        f"I hope that {FORGOTTEN}’s aunt knows."
    )


@pytest.mark.parametrize(
    "packed", ["squeaks\\nlike a", "squeaks &#34;like&#34; a", "\\u0073queaks like a"]
)
def test_escapes_of_json_and_html_do_not_hide_them(words: TheirWords, packed: str) -> None:
    assert words.are_in(plain(packed))
