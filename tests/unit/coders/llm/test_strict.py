"""A reply is JSON as it stands or is refused; nothing is guessed."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from qualcode.coders.llm.strict import Problem, Strict, strict_json, unfit

VALUE = {"items": [{"id": "s1", "words": 'a "b" {c} ```', "n": [1, 2.5, None]}], "ok": True}
GOOD = json.dumps(VALUE)


def test_plain_json_is_read() -> None:
    assert strict_json(GOOD) == VALUE


@pytest.mark.parametrize(
    "text",
    [
        f"\n {GOOD} \n",
        f"\ufeff{GOOD}",
        "```json\n{}\n```",
        "```\n{}\n```",
        "Here it is:\n```json\n{}\n```\nAnything else?",
        '<think>\nMaybe {"items": []}\n</think>\n{}',
        "<think>hm</think>```json\n{}\n```",
    ],
)
def test_a_fence_or_a_leading_thought_is_taken_off(text: str) -> None:
    assert strict_json(text) in (VALUE, {})


def test_a_reply_cut_anywhere_is_refused() -> None:
    assert all(isinstance(strict_json(GOOD[:end]), Problem) for end in range(len(GOOD)))


def test_a_fenced_reply_cut_anywhere_is_refused() -> None:
    fenced = f"```json\n{GOOD.replace('`', '')}\n```"
    assert all(isinstance(strict_json(fenced[:end]), Problem) for end in range(len(fenced)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("I am sorry, Dave.", "not JSON"),
        ("Sure: {}", "other text"),
        ("{} and so on", "Extra data"),
        ("{}{}", "Extra data"),
        ("<think>not at an end {}", "other text"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": {"b": 1, "b": 1}}', "twice"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "NaN"),
        ('{"a": 1e999}', "infinite"),
        ("{'a': 1}", "not JSON"),
        ('{"a": 1,}', "not JSON"),
        ("```\n{}\n```\n```\n{}\n```", "more than one"),
        ('{"a": "\\ud800"}', "half a character"),
        ("[" * 100 + "]" * 100, "nested deeper"),
        ("[" * 200_000, "nested deeper"),
        (f"[{'1' * 5_000}]", "beyond reading"),
    ],
)
def test_what_is_not_one_whole_value_is_refused_with_its_reason(text: str, reason: str) -> None:
    problem = strict_json(text)
    assert isinstance(problem, Problem) and reason in problem.reason


def test_a_reason_holds_no_words_of_the_reply() -> None:
    problem = strict_json('{"secretword": "another" secretword}')
    assert isinstance(problem, Problem) and "secretword" not in problem.reason


def test_brackets_in_texts_are_not_nesting() -> None:
    assert strict_json(json.dumps({"a": "[" * 1_000})) == {"a": "[" * 1_000}


def test_a_text_of_escaped_quotes_that_never_ends_is_refused_at_once() -> None:
    assert isinstance(strict_json('{"' + '\\"' * 500_000), Problem)


class _Inner(Strict):
    words: list[str]


class _Form(Strict):
    items: list[_Inner]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], "the reply does not fit its schema: model_type at its top"),
        ({}, "the reply does not fit its schema: missing at items"),
        ({"items": [{"words": ["a", 1]}]}, "string_type at items.1.words.2"),
        ({"items": [], "secret": 1}, "extra_forbidden at another key"),
    ],
)
def test_what_does_not_fit_is_told_by_its_place(value: object, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _Form.model_validate(value)
    assert unfit(caught.value, "the reply", _Form, _Inner).endswith(told)
