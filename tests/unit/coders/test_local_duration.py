"""Expressions of time: what counts, what does not, and how long it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.coders.local.duration import find_durations


@pytest.mark.parametrize(
    ("text", "words", "note"),
    [
        ("I waited three weeks for it", "three weeks", "about 3 weeks"),
        ("22 minutes on hold", "22 minutes", "about 22 minutes"),
        ("it took half an hour", "half an hour", "about 30 minutes"),
        ("Ten days later it came", "Ten days", "about 10 days"),
        ("for two years now", "two years", "about 2 years"),
        ("a year and a half", "a year and a half", "about 18 months"),
        ("two to three hours", "two to three hours", "about 2.5 hours"),
        ("twenty-five minutes", "twenty-five minutes", "about 25 minutes"),
        ("it took ages to load", "ages", ""),
        ("on order since November", "since November", ""),
        ("every single morning", "every single morning", ""),
        ("I go three times a week", "three times a week", ""),
    ],
)
def test_a_length_of_time_is_found_with_its_length(text: str, words: str, note: str) -> None:
    (found,) = find_durations(text)
    assert (found.span.of(text), found.note) == (words, note)


@pytest.mark.parametrize(
    "text",
    [
        "she's 71",
        "Eight and five",
        "he is nine years old",
        "a two-year-old",
        "eighty-nine a month",
        "£34.50 a month",
        "at eight",
        "half nine",
        "at one minute past eight",
        "31 km in eco",
        "that's a day's work",
        "a second car",
        "years ago",
        "the under-sixes",
    ],
)
def test_ages_prices_clock_times_and_distances_are_no_durations(text: str) -> None:
    assert find_durations(text) == []


@given(st.text())
def test_expressions_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    found = find_durations(text)
    assert all(expression.span.of(text) for expression in found)
    for before, after in zip(found, found[1:], strict=False):
        assert before.span.end_char <= after.span.start_char
