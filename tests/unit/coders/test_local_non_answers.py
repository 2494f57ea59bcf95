"""Answers that are none."""

import pytest

from qualcode.coders.local.passages import is_non_answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "n/a",
        "N/A.",
        "NA",
        "none",
        "Nothing.",
        "no comment",
        "Did not answer",
        "...",
        "nil",
    ],
)
def test_an_empty_phrase_is_no_answer(text: str) -> None:
    assert is_non_answer(text)


@pytest.mark.parametrize(
    "text", ["Nothing worked", "No one rang back", "None of it was clear", "ok", "No wait at all"]
)
def test_what_says_something_is_an_answer(text: str) -> None:
    assert not is_non_answer(text)
