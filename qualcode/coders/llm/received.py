"""Read what a server sent: the text, why it ended and what it cost, from the very bytes.

langchain's and the packages' own readings are not used: they mend cut JSON, drop one of two equal
keys and turn words into numbers, without a word (that is the caller's to judge).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from qualcode.coders.llm.wire import Finish, Reply, Usage

__all__ = ["Unreadable", "parsed", "reader_of"]

_Body = Mapping[str, Any]


class Unreadable(Exception):
    """Say that an answer holds no reply; the reason has no words of the server in it."""


class _Twice(dict[str, Any]):
    """A JSON object with a key said twice; written again, it still is."""

    pairs: list[tuple[str, Any]]

    def items(self) -> Any:
        return self.pairs


def parsed(content: bytes) -> Any:
    """Return the JSON value of a body, None where it is none."""
    try:
        return json.loads(content, object_pairs_hook=_pairs)
    except (ValueError, RecursionError):
        return None


def reader_of(provider: str) -> Callable[[Any], Reply]:
    """Return what reads a provider's bodies.

    It takes the parsed body of a 200 and raises `Unreadable` where no reply is in it.
    """
    read = {"anthropic": _anthropic, "ollama": _ollama}.get(provider, _openai)

    def reader(body: Any) -> Reply:
        try:
            return read(_table(body))
        except (KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
            raise Unreadable("an answer of another form than agreed") from error

    return reader


def _openai(body: _Body) -> Reply:
    if not body["choices"]:
        raise Unreadable("an answer without a choice in it")
    choice = _table(body["choices"][0])
    if choice.get("error"):
        raise Unreadable("an answer with an error in it")
    message = _table(choice["message"])
    finish = {"length": Finish.LENGTH, "content_filter": Finish.FILTER}.get(
        choice.get("finish_reason") or "", Finish.STOP
    )
    text = _text(message.get("content"))
    calls = message.get("tool_calls") or []
    if calls:
        text = _arguments(calls[0]["function"]["arguments"])
    refusal = message.get("refusal")
    if refusal:
        text, finish = str(refusal), Finish.REFUSAL
    usage = body.get("usage") or {}
    details = usage.get("prompt_tokens_details") or {}
    cached = details.get("cached_tokens") or usage.get("prompt_cache_hit_tokens")
    version = f"{body.get('model') or ''} {body.get('system_fingerprint') or ''}".strip()
    return _reply(
        text,
        finish,
        _usage(usage.get("prompt_tokens"), usage.get("completion_tokens"), cached),
        version,
    )


def _anthropic(body: _Body) -> Reply:
    end = body["stop_reason"]
    finish = {
        "max_tokens": Finish.LENGTH,
        "model_context_window_exceeded": Finish.LENGTH,
        "refusal": Finish.REFUSAL,
    }.get(end or "", Finish.STOP)
    blocks = [_table(block) for block in body["content"]]
    calls = [block["input"] for block in blocks if block["type"] == "tool_use"]
    text = _text(blocks)
    if calls and finish is not Finish.REFUSAL:
        text = _arguments(calls[0])
    usage = body.get("usage") or {}
    read = _count(usage.get("input_tokens"))
    kept = _count(usage.get("cache_read_input_tokens")) or 0
    made = _count(usage.get("cache_creation_input_tokens")) or 0
    if read is not None:
        read += kept + made  # what was kept stands apart from the rest on this wire
    return _reply(
        text, finish, _usage(read, usage.get("output_tokens"), kept), str(body.get("model") or "")
    )


def _ollama(body: _Body) -> Reply:
    if body.get("done") is not True:
        raise Unreadable("an answer that ends in the middle")
    if body.get("done_reason") == "load":
        raise Unreadable("no answer yet: the model was only loaded")
    message = _table(body["message"])
    finish = Finish.LENGTH if body.get("done_reason") == "length" else Finish.STOP
    text = _text(message.get("content"))
    calls = message.get("tool_calls") or []
    if calls:
        text = _arguments(calls[0]["function"]["arguments"])
    usage = _usage(body.get("prompt_eval_count"), body.get("eval_count"), None)
    return _reply(text, finish, usage, str(body.get("model") or ""))


def _reply(text: str, finish: Finish, usage: Usage | None, version: str) -> Reply:
    if not text and finish is Finish.STOP:
        raise Unreadable("an answer with nothing in it")
    return Reply(text, finish, usage, version)


def _usage(read: object, written: object, cached: object) -> Usage | None:
    n_read, n_written = _count(read), _count(written)
    if n_read is None or n_written is None:
        return None
    return Usage(n_read, n_written, min(_count(cached) or 0, n_read))


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return cast("int", value) if is_count else None


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = [part for part in content or [] if part.get("type") == "text"]
    return "".join(str(part["text"]) for part in parts)


def _arguments(value: Any) -> str:
    """Return a tool's arguments as they were written: some servers send text, some an object."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(value: Any) -> _Body:
    if not isinstance(value, dict):
        raise Unreadable("an answer of another form than agreed")
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) == len(pairs):
        return table
    twice = _Twice(table)
    twice.pairs = pairs
    return twice
