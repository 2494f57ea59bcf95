from __future__ import annotations

from qualcode.coders.llm.tokens import Estimator, about, at_most, input_at_most
from qualcode.coders.llm.wire import Ask, Message
from tests.scripted_connection import an_ask


def test_a_guess_is_a_quarter_of_the_characters() -> None:
    assert about(4_001) == 1_001


def test_a_cap_is_a_third_of_the_characters() -> None:
    assert at_most(3_001) == 1_001


def test_the_cap_of_a_request_counts_its_schema() -> None:
    messages = (Message("user", "Hello"),)
    plain = Ask(messages, {}, "x", 10)
    with_codes = Ask(messages, {"enum": ["c" * 300]}, "x", 10)
    assert input_at_most(with_codes) - input_at_most(plain) >= 100


def test_the_cap_counts_a_token_for_each_character_of_other_scripts() -> None:
    assert input_at_most(an_ask("語" * 3_000)) - input_at_most(an_ask("a" * 3_000)) == 2_000


def test_broken_surrogates_are_counted_too() -> None:
    assert input_at_most(an_ask("\ud800" * 300)) - input_at_most(an_ask("")) == 300


def replied(cap: int, tokens: int) -> Estimator:
    estimator = Estimator()
    estimator.observe(cap, tokens)
    return estimator


def test_a_cap_that_was_exceeded_is_raised_at_once() -> None:
    assert replied(cap=100, tokens=150).at_most(1_000) == 1_500


def test_a_cap_is_never_lowered() -> None:
    assert replied(cap=334, tokens=10).at_most(334) == 334
