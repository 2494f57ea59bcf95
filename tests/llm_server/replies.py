"""How a reply, or an error, looks in each wire format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qualcode.coders.llm.wire import Finish, Mode
from tests.llm_server.said import Said, Wire

__all__ = ["ERRORS", "Outcome", "Tokens", "body_of"]

FINGERPRINT = "fp_loopback"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Count what the server says that it read and wrote."""

    read: int
    written: int
    kept: int = 0
    """The part of `read` that it still had from an earlier request."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what is to go back; faults change it before it does.

    Attributes:
        text: What the model wrote.
        finish: Why it ended.
        tokens: None: the server does not say.
        status: The HTTP status.
        error: A row of `ERRORS` that is sent instead of a reply.
        is_empty: There is a reply with nothing in it.
        raw: Bytes that are sent instead of all that.
        headers: More headers.
        hang: Seconds of silence before anything is sent.
        drip: Seconds between single bytes of the body.
        drip_headers: The headers drip too.
        is_cut: Half of the body is announced, never sent.
        is_reset: The connection is reset instead of an answer.
    """

    text: str
    finish: Finish = Finish.STOP
    tokens: Tokens | None = None
    status: int = 200
    error: str = ""
    is_empty: bool = False
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: float = 0.0
    drip: float = 0.0
    drip_headers: bool = False
    is_cut: bool = False
    is_reset: bool = False


# What servers say: kind of error → wire → status, code or type, message. Words as the providers
# use them, shortened; {model}, {key} and
# {user} are filled in.
_OPENAI_ERRORS: dict[str, tuple[int, str, str]] = {
    "rate": (429, "rate_limit_exceeded", "Rate limit reached for {model} in organization org-x."),
    "quota": (
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    "key": (401, "invalid_api_key", "Incorrect API key provided: {key}. You can find yours at …"),
    "forbidden": (403, "unsupported_country_region_territory", "Country not supported"),
    "missing": (404, "model_not_found", "The model `{model}` does not exist"),
    "broken": (500, "server_error", "The server had an error while processing your request."),
    "unavailable": (503, "service_unavailable", "That model is currently overloaded."),
    "overloaded": (529, "overloaded", "Overloaded"),
    "json_schema": (
        400,
        "invalid_request_error",
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported here.",
    ),
    "json_object": (
        400,
        "invalid_request_error",
        "'response_format.type' must be 'json_schema' or 'text'",
    ),
    "tool": (
        400,
        "invalid_request_error",
        '"auto" tool choice requires --enable-auto-tool-choice; tools are not supported.',
    ),
    "text": (400, "invalid_request_error", "Plain text is not served."),
    "context": (
        400,
        "context_length_exceeded",
        "This model's maximum context length is 8192 tokens. However, your messages resulted in "
        "9000 tokens. Please reduce the length of the messages.",
    ),
    "filtered": (400, "content_policy_violation", "Your request was rejected by our safety system"),
    "bad": (400, "invalid_request_error", "Could not parse the JSON body of your request."),
    "schema": (
        400,
        "invalid_request_error",
        "Invalid schema: 'additionalProperties' is required to be supplied and to be false, and "
        "'required' to hold every key.",
    ),
    "echo": (400, "invalid_request_error", "No use for this: {user} (key {key})"),
    "broken echo": (500, "server_error", "Failed at\n{user}\nwith Authorization: Bearer {key}"),
    "in 200": (200, "server_error", "model is loading"),
}
_AZURE_ERRORS = _OPENAI_ERRORS | {
    "key": (401, "401", "Access denied due to invalid subscription key {key} or wrong endpoint."),
    "missing": (404, "DeploymentNotFound", "The API deployment for this resource does not exist."),
    "filtered": (
        400,
        "content_filter",
        "The response was filtered due to the prompt triggering Azure OpenAI's content management "
        "policy. Please modify your prompt and retry.",
    ),
}
_ANTHROPIC_ERRORS = {
    "rate": (429, "rate_limit_error", "This request would exceed your organization's rate limit."),
    "quota": (
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
    ),
    "key": (401, "authentication_error", "invalid x-api-key {key}"),
    "forbidden": (403, "permission_error", "Your API key does not have permission to use this."),
    "missing": (404, "not_found_error", "model: {model}"),
    "broken": (500, "api_error", "Internal server error"),
    "unavailable": (503, "api_error", "Service unavailable"),
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "json_schema": (
        400,
        "invalid_request_error",
        "'{model}' does not support output format; output_config.format: not permitted",
    ),
    "tool": (400, "invalid_request_error", "tools: this model does not support tool use"),
    "text": (400, "invalid_request_error", "Plain text is not served."),
    "context": (
        400,
        "invalid_request_error",
        "prompt is too long: 210000 tokens > 200000 maximum",
    ),
    "filtered": (
        400,
        "invalid_request_error",
        "Output blocked by content filtering policy",
    ),
    "bad": (400, "invalid_request_error", "max_tokens: Field required"),
    "schema": (
        400,
        "invalid_request_error",
        "For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
    "echo": (400, "invalid_request_error", "No use for this: {user} (key {key})"),
    "broken echo": (500, "api_error", "Failed at\n{user}\nwith x-api-key: {key}"),
    "in 200": (200, "overloaded_error", "Overloaded"),
}
_OLLAMA_ERRORS = {
    "rate": (429, "", "too many requests"),
    "quota": (429, "", "you have reached your weekly usage limit, upgrade for higher limits"),
    "key": (401, "", "unauthorized: {key}"),
    "forbidden": (403, "", "forbidden"),
    "missing": (404, "", "model '{model}' not found"),
    "broken": (500, "", "llama runner process has terminated: signal: killed"),
    "unavailable": (503, "", "server busy, please try again. maximum pending requests exceeded"),
    "overloaded": (529, "", "overloaded"),
    "json_schema": (
        400,
        "",
        "json: cannot unmarshal object into Go struct field ChatRequest.format of type string",
    ),
    "json_object": (400, "", "invalid format"),
    "tool": (400, "", "registry.ollama.ai/library/{model} does not support tools"),
    "text": (400, "", "format is required"),
    "context": (400, "", "the input length exceeds the context length"),
    "filtered": (400, "", "blocked by the operator"),
    "bad": (400, "", "invalid JSON"),
    "echo": (400, "", "No use for this: {user} (key {key})"),
    "broken echo": (500, "", "Failed at\n{user}\nwith {key}"),
    "in 200": (200, "", "an error was encountered while running the model"),
}
ERRORS: dict[Wire, dict[str, tuple[int, str, str]]] = {
    Wire.OPENAI: _OPENAI_ERRORS,
    Wire.AZURE: _AZURE_ERRORS,
    Wire.ANTHROPIC: _ANTHROPIC_ERRORS,
    Wire.OLLAMA: _OLLAMA_ERRORS,
}


def body_of(outcome: Outcome, said: Said) -> tuple[int, str, list[bytes]]:
    """Return status, content type and the body, in as many parts as the client wants it."""
    if outcome.raw is not None:
        return outcome.status, "text/html", [outcome.raw]
    if outcome.error:
        status, body = _error(outcome.error, said)
        return status, "application/json", [body]
    if said.wire is Wire.ANTHROPIC:
        return outcome.status, "application/json", [_anthropic(outcome, said)]
    if said.wire is Wire.OLLAMA:
        parts = _ollama(outcome, said)
        return outcome.status, "application/x-ndjson", parts
    return outcome.status, "application/json", [_openai(outcome, said)]


def _error(kind: str, said: Said) -> tuple[int, bytes]:
    status, code, words = ERRORS[said.wire][kind]
    words = words.format(model=said.model, key=said.key, user=said.user)
    body: Any = {"error": words}
    if said.wire is Wire.ANTHROPIC:
        body = {"type": "error", "error": {"type": code, "message": words}, "request_id": "req_1"}
    elif said.wire is not Wire.OLLAMA:
        family = "server_error" if status >= 500 else "invalid_request_error"
        body = {"error": {"message": words, "type": family, "param": None, "code": code}}
    return status, _json(body)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _openai(outcome: Outcome, said: Said) -> bytes:
    refused = outcome.finish is Finish.REFUSAL
    message: dict[str, Any] = {"role": "assistant", "content": outcome.text, "refusal": None}
    if refused:
        message |= {"content": None, "refusal": outcome.text}
    elif said.mode is Mode.TOOL and outcome.finish is not Finish.FILTER:
        call = {"name": said.tool, "arguments": outcome.text}
        message |= {
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": call}],
        }
    ends = {Finish.LENGTH: "length", Finish.FILTER: "content_filter"}
    choice = {"index": 0, "message": message, "finish_reason": ends.get(outcome.finish, "stop")}
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": said.model,
        "system_fingerprint": FINGERPRINT,
        "choices": [] if outcome.is_empty else [choice],
    }
    if outcome.tokens:
        read, written = outcome.tokens.read, outcome.tokens.written
        body["usage"] = {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": outcome.tokens.kept},
        }
    return _json(body)


_PLACE = "\u0000arguments\u0000"
"""Where a tool's arguments go that must not be parsed and written anew (NaN, keys twice)."""


def _with_arguments(body: Any, arguments: str) -> bytes:
    text = json.dumps(body, ensure_ascii=False)
    text = text.replace(json.dumps(_PLACE), arguments)
    return text.encode("utf-8", "surrogatepass")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _anthropic(outcome: Outcome, said: Said) -> bytes:
    content: list[dict[str, Any]] = [{"type": "text", "text": outcome.text}]
    ends = {Finish.LENGTH: "max_tokens", Finish.REFUSAL: "refusal", Finish.FILTER: "refusal"}
    end = ends.get(outcome.finish, "end_turn")
    arguments = ""
    if said.mode is Mode.TOOL and end != "refusal":
        # Arguments are an object on this wire: half of one arrives as an empty one, prose as text.
        is_half = outcome.text.lstrip().startswith("{") and not _is_object(outcome.text)
        if is_half or _is_object(outcome.text):
            arguments = "{}" if is_half else outcome.text
            content = [{"type": "tool_use", "id": "toolu_1", "name": said.tool, "input": _PLACE}]
            end = "tool_use" if end == "end_turn" else end
    body: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": said.model,
        "content": [] if outcome.is_empty or end == "refusal" else content,
        "stop_reason": end,
        "stop_sequence": None,
    }
    if outcome.tokens:
        body["usage"] = {
            "input_tokens": outcome.tokens.read - outcome.tokens.kept,
            "output_tokens": outcome.tokens.written,
            "cache_read_input_tokens": outcome.tokens.kept,
            "cache_creation_input_tokens": 0,
        }
    return _with_arguments(body, arguments)


def _ollama(outcome: Outcome, said: Said) -> list[bytes]:
    def line(message: Mapping[str, Any], **more: Any) -> bytes:
        head = {"model": said.model, "created_at": "2026-01-01T00:00:00Z"}
        body = {**head, "message": {"role": "assistant", **message}, "done": False, **more}
        return _with_arguments(body, outcome.text) + b"\n"

    reason = "length" if outcome.finish is Finish.LENGTH else "stop"
    if outcome.is_empty:
        reason = "load"  # what a model that was only just loaded answers
    end: dict[str, Any] = {"done": True, "done_reason": reason, "total_duration": 1}
    if outcome.tokens:
        end |= {
            "prompt_eval_count": outcome.tokens.read,
            "eval_count": outcome.tokens.written,
        }
    said_text = "" if outcome.is_empty else outcome.text
    if said.mode is Mode.TOOL and not outcome.is_empty and _is_object(said_text):
        call = {"function": {"name": said.tool, "arguments": _PLACE}}
        return [line({"content": "", "tool_calls": [call]}, **end)]
    if not said.is_streaming:
        return [line({"content": said_text}, **end)]
    size = max(40, len(said_text) // 8)
    parts = [line({"content": said_text[at : at + size]}) for at in range(0, len(said_text), size)]
    return [*parts, line({"content": ""}, **end)]
