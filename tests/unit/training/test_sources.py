"""What is kept out of training."""

from __future__ import annotations

import random

import pytest

from training.augment import QUESTIONS, spoken_like, with_question
from training.sources import Example, unlike

HELD_BACK = ["My new card has not arrived yet, what should I do?", "No.", "Thank you!"]


@pytest.mark.parametrize(
    "text",
    [
        "my new card has not arrived yet what should I do",
        "My new card has not arrived yet, what should I do now?",
        "NO",
        "thank you",
        "",
    ],
)
def test_a_text_that_is_nearly_a_held_back_one_is_left_out(text: str) -> None:
    assert unlike(HELD_BACK)([Example(text, "x")]) == []


@pytest.mark.parametrize(
    "text", ["My new phone has not been switched on yet.", "No, thank you.", "What should I do?"]
)
def test_a_text_that_shares_some_words_is_kept(text: str) -> None:
    example = Example(text, "x")
    assert unlike(HELD_BACK)([example]) == [example]


def test_spoken_text_still_holds_every_word_in_order() -> None:
    text = "The van came late and nobody said a word about it."
    for seed in range(20):
        said = iter(spoken_like(text, random.Random(seed)).replace(".", "").split())
        assert all(word in said for word in text.replace(".", "").split())


def test_a_question_stands_before_the_answer() -> None:
    said = with_question("It was fine.", random.Random(3))
    assert said.endswith(" It was fine.")
    assert said.removesuffix(" It was fine.") in QUESTIONS
