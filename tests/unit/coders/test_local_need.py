"""Wishes: what sounds like one, and what does not."""

from __future__ import annotations

import pytest

from qualcode.coders.local.need import find_wishes


@pytest.mark.parametrize(
    "text",
    [
        "I just want to know where it is",
        "It would be good if they rang first",
        "They should tell you before",
        "I need to know what it costs",
        "I wish there was a smaller one",
        "what matters to me is the price",
        "Why can't I do that online?",
        "Please do a rain cover",
        "I'd like a bill I can read",
    ],
)
def test_a_wish_is_heard(text: str) -> None:
    assert find_wishes(text)


@pytest.mark.parametrize(
    "text",
    [
        "I went to the shop on Monday",
        "you should have seen his face",
        "I should mention that I was late",
        "I wanted to pay but the machine was broken",
    ],
)
def test_no_wish_is_heard_in_plain_telling(text: str) -> None:
    assert find_wishes(text) == []


@pytest.mark.parametrize(
    "text", ["More staff on the phones", "Fine. Probably a faster service.", "Quicker call back"]
)
def test_a_bare_wish_counts_in_a_typed_answer_and_not_in_talk(text: str) -> None:
    assert find_wishes(text, typed=True)
    assert find_wishes(text) == []


@pytest.mark.parametrize(
    "text", ["More than happy with it", "Better than last time", "Make no fuss"]
)
def test_a_comparison_is_no_bare_wish(text: str) -> None:
    assert find_wishes(text, typed=True) == []
