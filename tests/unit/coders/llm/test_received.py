"""Reading replies from the bytes that came, in each provider's form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qualcode.coders.llm.received import Unreadable, parsed, reader_of
from qualcode.coders.llm.wire import Finish, Usage


def _openai(**changes: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": "{}"} | changes.pop("message", {})
    choice = {"message": message, "finish_reason": changes.pop("finish", "stop")}
    return {"model": "m-2026", "system_fingerprint": "fp_1", "choices": [choice], **changes}


def _anthropic(**changes: Any) -> dict[str, Any]:
    body = {"model": "c-1", "content": [{"type": "text", "text": "{}"}], "stop_reason": "end_turn"}
    return body | changes


def _ollama(**changes: Any) -> dict[str, Any]:
    return {"model": "l", "message": {"content": "{}"}, "done": True, "done_reason": "stop"} | (
        changes
    )


def test_openais_usage_counts_what_was_kept_within_the_input() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 64},
    }
    assert reader_of("openai")(_openai(usage=usage)).usage == Usage(100, 7, 64)


def test_anthropics_usage_has_what_was_kept_added_to_the_input() -> None:
    usage = {
        "input_tokens": 30,
        "output_tokens": 7,
        "cache_read_input_tokens": 64,
        "cache_creation_input_tokens": 6,
    }
    assert reader_of("anthropic")(_anthropic(usage=usage)).usage == Usage(100, 7, 64)


def test_ollamas_usage_is_its_counts() -> None:
    body = _ollama(prompt_eval_count=100, eval_count=7)
    assert reader_of("ollama")(body).usage == Usage(100, 7)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "9"}, {"prompt_tokens": True}])
def test_a_usage_that_says_nothing_is_none(usage: Any) -> None:
    assert reader_of("openai")(_openai(usage=usage)).usage is None


@pytest.mark.parametrize(
    ("finish", "expected"),
    [("stop", Finish.STOP), ("length", Finish.LENGTH), ("content_filter", Finish.FILTER)],
)
def test_openais_end_is_read(finish: str, expected: Finish) -> None:
    assert reader_of("openai")(_openai(finish=finish)).finish is expected


def test_openais_refusal_is_a_reply_with_its_words() -> None:
    reply = reader_of("openai")(_openai(message={"content": None, "refusal": "I will not."}))
    assert (reply.text, reply.finish) == ("I will not.", Finish.REFUSAL)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("max_tokens", Finish.LENGTH),
        ("model_context_window_exceeded", Finish.LENGTH),
        ("refusal", Finish.REFUSAL),
        ("end_turn", Finish.STOP),
    ],
)
def test_anthropics_end_is_read(end: str, expected: Finish) -> None:
    assert reader_of("anthropic")(_anthropic(stop_reason=end)).finish is expected


def test_ollamas_cut_reply_is_one_of_length() -> None:
    assert reader_of("ollama")(_ollama(done_reason="length")).finish is Finish.LENGTH


def test_a_servers_version_is_its_models_and_its_own() -> None:
    assert reader_of("openai")(_openai()).fingerprint == "m-2026 fp_1"


def test_arguments_of_a_tool_are_handed_on_as_they_were_written() -> None:
    written = '{"a": 1, "a": 2, "b": NaN'
    calls = [{"function": {"name": "t", "arguments": written}}]
    assert reader_of("openai")(_openai(message={"tool_calls": calls})).text == written


@pytest.mark.parametrize("provider", ["anthropic", "ollama"])
def test_a_key_said_twice_in_a_tools_arguments_stays_twice(provider: str) -> None:
    calls = [{"function": {"name": "t", "arguments": "HERE"}}]
    blocks = [{"type": "tool_use", "id": "1", "name": "t", "input": "HERE"}]
    body = {
        "ollama": _ollama(message={"content": "", "tool_calls": calls}),
        "anthropic": _anthropic(content=blocks, stop_reason="tool_use"),
    }[provider]
    said = json.dumps(body).replace('"HERE"', '{"a": {"b": 1, "b": "01"}}')
    assert reader_of(provider)(parsed(said.encode())).text == '{"a": {"b": 1, "b": "01"}}'


def test_text_in_parts_is_put_together() -> None:
    content = [{"type": "text", "text": "{"}, {"type": "thinking"}, {"type": "text", "text": "}"}]
    assert reader_of("anthropic")(_anthropic(content=content)).text == "{}"


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("openai", None),
        ("openai", []),
        ("openai", {}),
        ("openai", _openai(choices=[])),
        ("openai", _openai(choices=None)),
        ("openai", _openai(choices=[{"message": None}])),
        ("openai", _openai(message={"content": None})),
        ("openai", _openai(choices=[{"error": {"code": 502}, "message": {"content": ""}}])),
        ("anthropic", _anthropic(content=[])),
        ("anthropic", {"type": "message"}),
        ("ollama", _ollama(done=False)),
        ("ollama", _ollama(message={"content": ""}, done_reason="load")),
    ],
)
def test_an_answer_without_a_reply_in_it_is_unreadable(provider: str, body: Any) -> None:
    with pytest.raises(Unreadable):
        reader_of(provider)(body)


@pytest.mark.parametrize("content", [b"<html>", b"", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_is_parsed_as_nothing(content: bytes) -> None:
    assert parsed(content) is None
