"""Sentences and content words of a segment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qualcode.coders.local.passages import content_words, split_sentences


def _sentences(text: str) -> list[str]:
    return [span.of(text) for span in split_sentences(text)]


def test_sentences_are_cut_after_their_marks() -> None:
    text = "I waited a long time. Then nobody came to help! Was that really so?"
    assert len(_sentences(text)) == 3


def test_a_fragment_joins_the_sentence_beside_it() -> None:
    assert _sentences("Right. So the wife has the car.") == ["Right. So the wife has the car."]


def test_lines_are_sentences_too() -> None:
    text = "the bike itself is really good\nthe chat is no help at all"
    assert len(_sentences(text)) == 2


@given(st.text())
def test_sentences_lie_in_order_and_leave_out_white_space_only(text: str) -> None:
    spans = split_sentences(text)
    at, between = 0, ""
    for span in spans:
        assert at <= span.start_char <= span.end_char
        between += text[at : span.start_char]
        at = span.end_char
    assert not (between + text[at:]).strip()


def test_back_channels_have_no_content_words() -> None:
    assert content_words("Mm-hm. Yeah, I see, okay.") == []


def test_content_words_are_where_they_say() -> None:
    text = "Well, the battery won’t charge."
    assert [w.of(text) for w in content_words(text)] == ["battery", "won’t", "charge"]
