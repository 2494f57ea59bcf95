"""What a client said to the server, whatever wire format it spoke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qualcode.coders.llm.wire import Message, Mode

__all__ = ["Said", "Wire", "heard", "what_is_wrong", "wire_of"]

_OLLAMA_CONTEXT = 4096
"""Tokens that Ollama reads where nobody says `num_ctx`."""


class Wire(StrEnum):
    """Name the wire formats that the server speaks."""

    OPENAI = "openai"
    AZURE = "azure"
    ANTHROPIC = "anthropic"
    OLLAMA = "ollama"


@dataclass(frozen=True, slots=True)
class Said:
    """Hold one request's conversation.

    Attributes:
        wire: The format that it came in.
        model: The model's name, of Azure the deployment's.
        messages: In their order, the system's first.
        mode: How the reply is to be made JSON.
        schema: What the reply must look like, None where none was sent.
        tool: The name of the tool to be called, empty where there is none.
        max_output_tokens: None where the client set no limit.
        parameters: All else that stood in the body: temperature, seed, options.
        key: The key that came along, empty where none did.
        is_streaming: The reply is wanted in parts.
        is_kept: A part was marked to be kept for the next request (Anthropic's `cache_control`).
    """

    wire: Wire
    model: str
    messages: tuple[Message, ...]
    mode: Mode
    schema: Mapping[str, Any] | None
    tool: str
    max_output_tokens: int | None
    parameters: Mapping[str, Any]
    key: str
    is_streaming: bool
    is_kept: bool

    @property
    def system(self) -> str:
        """Return the system's messages as one text."""
        return "\n".join(each.text for each in self.messages if each.role == "system")

    @property
    def user(self) -> str:
        """Return all but the system's messages as one text."""
        return "\n".join(each.text for each in self.messages if each.role != "system")

    @property
    def n_tokens(self) -> int:
        """Return about how many tokens were said, the schema included."""
        schema = len(str(self.schema)) if self.schema else 0
        return (sum(len(each.text) for each in self.messages) + schema) // 4

    @property
    def context_tokens(self) -> int:
        """Return how many tokens an Ollama reads of this request."""
        options = self.parameters.get("options") or {}
        wanted = options.get("num_ctx") if self.wire is Wire.OLLAMA else None
        return int(wanted or _OLLAMA_CONTEXT)


def wire_of(path: str) -> Wire | None:
    """Return the wire format of a path, None where nothing is served there."""
    path = path.partition("?")[0]
    if path.startswith("/openai/deployments/") and path.endswith("/chat/completions"):
        return Wire.AZURE
    known = {
        "/v1/chat/completions": Wire.OPENAI,
        "/v1/messages": Wire.ANTHROPIC,
        "/api/chat": Wire.OLLAMA,
    }
    return known.get(path)


def heard(wire: Wire, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Said:
    """Return what a request's body says.

    Args:
        wire: The format of the body.
        path: Azure names the deployment there.
        headers: By lower-case names.
        body: The parsed body.

    Raises:
        KeyError, TypeError, ValueError: The body is not one of that format.
    """
    read = {Wire.ANTHROPIC: _anthropic, Wire.OLLAMA: _ollama}.get(wire, _openai)
    mode, schema, tool = read(body)
    messages = tuple(Message(each["role"], _text(each["content"])) for each in body["messages"])
    system = body.get("system")
    if system:
        messages = (Message("system", _text(system)), *messages)
    limit = body.get("max_tokens") or body.get("max_completion_tokens")
    limit = limit or (body.get("options") or {}).get("num_predict")
    taken = {"messages", "model", "tools", "response_format", "format", "system", "output_config"}
    bearer = headers.get("authorization", "").removeprefix("Bearer ")
    return Said(
        wire=wire,
        model=path.split("/")[3] if wire is Wire.AZURE else body["model"],
        messages=messages,
        mode=mode,
        schema=schema,
        tool=tool,
        max_output_tokens=int(limit) if limit else None,
        parameters={name: value for name, value in body.items() if name not in taken},
        key=headers.get("x-api-key") or headers.get("api-key") or bearer,
        is_streaming=bool(body.get("stream", wire is Wire.OLLAMA)),
        is_kept="cache_control" in str(system) + str(body["messages"]),
    )


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part["type"] == "text")


_How = tuple[Mode, Mapping[str, Any] | None, str]


def _openai(body: Mapping[str, Any]) -> _How:
    if body.get("tools"):
        function = body["tools"][0]["function"]
        return Mode.TOOL, function["parameters"], function["name"]
    wanted = body.get("response_format") or {"type": "text"}
    if wanted["type"] == "json_schema":
        return Mode.SCHEMA, wanted["json_schema"]["schema"], ""
    return (Mode.OBJECT if wanted["type"] == "json_object" else Mode.TEXT), None, ""


def _anthropic(body: Mapping[str, Any]) -> _How:
    if body.get("tools"):
        tool = body["tools"][0]
        return Mode.TOOL, tool["input_schema"], tool["name"]
    wanted = (body.get("output_config") or {}).get("format") or body.get("output_format")
    if wanted:
        return Mode.SCHEMA, wanted["schema"], ""
    return Mode.TEXT, None, ""


def _ollama(body: Mapping[str, Any]) -> _How:
    if body.get("tools"):
        function = body["tools"][0]["function"]
        return Mode.TOOL, function["parameters"], function["name"]
    wanted = body.get("format")
    if isinstance(wanted, dict):
        return Mode.SCHEMA, wanted, ""
    return (Mode.OBJECT if wanted == "json" else Mode.TEXT), None, ""


def what_is_wrong(said: Said, headers: Mapping[str, str]) -> str:
    """Return the error that a real server has for a request, empty where it has none."""
    if said.wire is Wire.ANTHROPIC:
        if not said.key or "anthropic-version" not in headers:
            return "key"
        if not said.max_output_tokens:
            return "bad"
    if said.wire is Wire.AZURE and not said.key:
        return "key"
    is_strict = said.mode is Mode.SCHEMA and said.wire is not Wire.OLLAMA
    return "schema" if is_strict and not _is_closed(said.schema) else ""


def _is_closed(schema: Any) -> bool:
    """Say whether every object of a schema asks for all its keys and forbids others."""
    if isinstance(schema, Mapping):
        if "properties" in schema:
            keys = set(schema["properties"])
            if set(schema.get("required", ())) != keys or schema.get("additionalProperties", 1):
                return False
        return all(_is_closed(each) for each in schema.values())
    return all(_is_closed(each) for each in schema) if isinstance(schema, list) else True
