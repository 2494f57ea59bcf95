"""Ask OpenAI, Azure, Anthropic, Ollama and servers that speak like OpenAI, through langchain.

langchain's model objects say what each provider wants to hear; the way there is ours
(`transport.py`), and so are the readings of what comes back (`received.py`, `faults.py`). Nothing
that the environment says diverts a request: addresses, keys, proxies and tracing are all given.
They are asked below `invoke`: what that puts around a request are callbacks, where tracers and
printers hook in and old variables of langchain's end every run.
"""

from __future__ import annotations

import importlib
import json
import logging
import threading
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from qualcode.coders.llm.connection import OTHER_LIMIT, ModelConnection, Plan
from qualcode.coders.llm.model import ModelChoice, Parameters
from qualcode.coders.llm.tokens import input_at_most
from qualcode.coders.llm.transport import Transport
from qualcode.coders.llm.wire import Ask, Connection, Fault, FaultKind, Mode
from qualcode.errors import UsageError

__all__ = ["connect"]

_NO_KEY = "not-needed"
_LONG = 4_096
_PACKAGES = {
    "anthropic": ("langchain_anthropic", "ChatAnthropic", "qualcode[anthropic]"),
    "ollama": ("langchain_ollama", "ChatOllama", "qualcode[ollama]"),
    "azure": ("langchain_openai", "AzureChatOpenAI", "langchain-openai"),
}
_OPENAI = ("langchain_openai", "ChatOpenAI", "langchain-openai")


def connect(
    choice: ModelChoice,
    parameters: Parameters,
    key: str | None = None,
    *,
    context_tokens: int | None = None,
) -> Connection:
    """Return a connection to a model; nothing is sent before the first request.

    Args:
        choice: The model and where it is.
        parameters: What shapes its replies.
        key: As `ModelChoice.key` gives it; None or empty where none is sent.
        context_tokens: Goes before that of the parameters.

    Raises:
        UsageError: The provider's package is not installed, or the key is missing.
    """
    if choice.needs_key and not key:
        raise UsageError(
            f"{choice.provider}:{choice.name} wants a key, and {choice.key_variable} is not set",
            hint=f"set {choice.key_variable}, or leave --coder llm out: the embedded coder asks "
            "nobody",
        )
    if context_tokens is not None:
        parameters = replace(parameters, context_tokens=context_tokens)
    _hush()
    make = {"anthropic": _anthropic, "ollama": _ollama}.get(choice.provider, _openai)
    return ModelConnection(choice, make(choice, parameters, key or ""), key or "")


def _hush() -> None:
    """Keep the packages off the terminal: their advice is for programmers, and quotes what is sent.

    Whoever sets up logging still gets their records.
    """
    warnings.filterwarnings("ignore", module=r"langchain_(openai|anthropic|ollama)\.")
    for name in ("langchain_openai", "langchain_anthropic", "langchain_ollama", "openai", "httpx2"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _class_of(provider: str) -> Any:
    package, name, install = _PACKAGES.get(provider, _OPENAI)
    try:
        return getattr(importlib.import_module(package), name)
    except ImportError as error:
        raise UsageError(
            f"{provider}: the package {package.replace('_', '-')} is not installed",
            hint=f"run: pip install '{install}'",
        ) from error


def _http_of(package: str) -> Any:
    """Return httpx or httpx2, whichever a provider's package builds its clients from."""
    client = importlib.import_module(package).DefaultHttpxClient
    names = [base.__module__.partition(".")[0] for base in client.__mro__]
    return importlib.import_module(next(name for name in names if name in ("httpx", "httpx2")))


def _texts(ask: Ask, mode: Mode) -> list[str]:
    """Return the messages' texts; where the wire has no place for the schema, they say it."""
    texts = [message.text for message in ask.messages]
    if mode in (Mode.OBJECT, Mode.TEXT):
        schema = _json(ask.schema)
        texts[0] += (
            "\n\nAnswer with one JSON object and nothing else: no words around it, no code fence. "
            f"It must fit this JSON schema:\n{schema}"
        )
    return texts


def _messages(ask: Ask, mode: Mode, *, is_kept: bool = False) -> list[Any]:
    """Return langchain's messages."""
    kinds = importlib.import_module("langchain_core.messages")
    classes = {
        "system": kinds.SystemMessage,
        "user": kinds.HumanMessage,
        "assistant": kinds.AIMessage,
    }
    texts = _texts(ask, mode)
    said: list[Any] = list(texts)
    if is_kept:
        said[0] = [{"type": "text", "text": texts[0], "cache_control": {"type": "ephemeral"}}]
    return [
        classes[message.role](content=content)
        for message, content in zip(ask.messages, said, strict=True)
    ]


def _purpose(ask: Ask) -> str:
    return f"Give the whole answer as {ask.schema_name}."


def _openai(choice: ModelChoice, parameters: Parameters, key: str) -> Plan:
    # Whose account is charged may be said in the environment, to OpenAI itself.
    is_own = choice.provider == "openai"
    headers = ("openai-organization", "openai-project") if is_own else ()
    kind = _class_of(choice.provider)
    http = _http_of("openai")
    transport = Transport(choice.base_url, key, headers)
    given: dict[str, Any] = {
        "api_key": key or _NO_KEY,
        "temperature": parameters.temperature,
        "max_retries": 0,
        "cache": False,
        "use_responses_api": False,
        "http_client": transport.client(http),
        "http_async_client": http.AsyncClient(**Transport.no_async(http)),
        "http_socket_options": (),
        "openai_proxy": None,
    }
    if choice.provider == "azure":
        model = kind(
            **given,
            azure_endpoint=choice.base_url,
            azure_deployment=choice.name,
            api_version=choice.api_version,
            azure_ad_token=None,
            base_url=None,
            openai_api_type="azure",
            model=choice.name,
        )
    else:
        model = kind(**given, base_url=choice.base_url, model=choice.name)
    # langchain knows names of models that refuse a temperature, and has taken it out for them.
    temperature, model.temperature = model.temperature, None
    limit = "max_tokens" if choice.provider == "compatible" else "max_completion_tokens"

    def how(ask: Ask, mode: Mode, left_out: frozenset[str]) -> dict[str, Any]:
        strict = {} if "strict" in left_out else {"strict": True}
        named = OTHER_LIMIT[limit] if limit in left_out else limit
        body: dict[str, Any] = {"model": model.model_name, "stream": False}
        body |= _wanted({"temperature": temperature, "seed": parameters.seed}, left_out)
        body[named] = ask.max_output_tokens
        schema = dict(ask.schema)
        if mode is Mode.SCHEMA:
            format_ = {"name": ask.schema_name, "schema": schema, **strict}
            body["response_format"] = {"type": "json_schema", "json_schema": format_}
        elif mode is Mode.OBJECT:
            body["response_format"] = {"type": "json_object"}
        elif mode is Mode.TOOL:
            body["tools"] = [_function(ask, schema, strict)]
            body["tool_choice"] = {"type": "function", "function": {"name": ask.schema_name}}
        return {"written": _written(body, ask, mode)}

    # langchain's client rather than `_generate` around it: that matches messages and parameters
    # against every kind that the packages know, and writes the same long message anew each time.
    def post(written: str) -> None:
        body = written.encode()
        if not transport.again(body):
            model.root_client.post("/chat/completions", cast_to=object, content=body)

    optional = frozenset({"temperature", "seed", "strict", *OTHER_LIMIT})
    return Plan(transport, how, post, optional)


def _written(body: Mapping[str, Any], ask: Ask, mode: Mode) -> str:
    """Return a request's body in JSON, its messages behind all else."""
    said = ",".join(
        f'{{"role":"{message.role}","content":{_quoted(text)}}}'
        for message, text in zip(ask.messages, _texts(ask, mode), strict=True)
    )
    return f'{_json(body)[:-1]},"messages":[{said}]}}'


def _quoted(text: str) -> str:
    return _quoted_before(text) if len(text) > _LONG else _json(text)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_quoted_before = lru_cache(maxsize=4)(_json)


def _anthropic(choice: ModelChoice, parameters: Parameters, key: str) -> Plan:
    kind = _class_of(choice.provider)
    package = importlib.import_module("anthropic")
    transport = Transport(choice.base_url, key)
    model = kind(
        model=choice.name,
        api_key=key or _NO_KEY,
        base_url=choice.base_url,
        max_tokens=1024,  # each request says its own
        max_retries=0,
        cache=False,
        anthropic_proxy=None,
        default_request_timeout=None,
    )
    # langchain-anthropic takes no client; its own would follow proxies and redirects.
    model.__dict__["_client"] = package.Client(
        api_key=key or _NO_KEY,
        base_url=choice.base_url,
        max_retries=0,
        timeout=None,
        http_client=transport.client(_http_of("anthropic")),
    )

    def how(ask: Ask, mode: Mode, left_out: frozenset[str]) -> dict[str, Any] | None:
        schema = dict(ask.schema)
        arguments = _wanted({"temperature": parameters.temperature}, left_out)
        arguments["messages"] = _messages(ask, mode, is_kept=True)
        arguments["max_tokens"] = ask.max_output_tokens
        if mode is Mode.OBJECT:
            return None
        if mode is Mode.SCHEMA:
            arguments["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        elif mode is Mode.TOOL:
            tool = {"name": ask.schema_name, "description": _purpose(ask), "input_schema": schema}
            arguments["tools"] = [tool]
            arguments["tool_choice"] = {"type": "tool", "name": ask.schema_name}
        return arguments

    return Plan(transport, how, model._generate, frozenset({"temperature"}))


def _ollama(choice: ModelChoice, parameters: Parameters, key: str) -> Plan:
    kind = _class_of(choice.provider)
    http = importlib.import_module("httpx")
    transport = Transport(choice.base_url, key)
    model = kind(
        model=choice.name,
        base_url=choice.base_url,
        cache=False,
        client_kwargs={"headers": {"authorization": f"Bearer {key}"}} if key else {},
        sync_client_kwargs=transport.options(http),
        async_client_kwargs=Transport.no_async(http),
    )
    room = _Room(parameters.context_tokens)

    def how(ask: Ask, mode: Mode, left_out: frozenset[str]) -> dict[str, Any]:
        body = _wanted({"temperature": parameters.temperature, "seed": parameters.seed}, left_out)
        options = {"num_ctx": room.for_(ask), "num_predict": ask.max_output_tokens, **body}
        arguments = {"messages": _messages(ask, mode), "stream": False, "options": options}
        schema = dict(ask.schema)
        if mode is Mode.SCHEMA:
            arguments["format"] = schema
        elif mode is Mode.OBJECT:
            arguments["format"] = "json"
        elif mode is Mode.TOOL:
            arguments["tools"] = [_function(ask, schema, {})]
        return arguments

    return Plan(transport, how, model._generate, frozenset({"temperature", "seed"}))


class _Room:
    """Say how many tokens Ollama is to make room for: what does not fit, it cuts silently.

    Args:
        most: The user's word; else as many as requests need, so far: the model is loaded anew
            whenever that changes.
    """

    _STEP = 8_192

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._widest = self._STEP
        self._lock = threading.Lock()

    def for_(self, ask: Ask) -> int:
        """Return the room for a request with its reply.

        Raises:
            Fault: It needs more than the user's word (TOO_LONG).
        """
        needed = input_at_most(ask) + ask.max_output_tokens
        if self._most is not None:
            if needed > self._most:
                raise Fault(
                    FaultKind.TOO_LONG,
                    f"the request may need {needed} tokens with its reply, and [llm] "
                    f"context_tokens gives the model {self._most}",
                )
            return self._most
        with self._lock:
            self._widest = max(self._widest, -(-needed // self._STEP) * self._STEP)
            return self._widest


def _wanted(values: Mapping[str, Any], left_out: frozenset[str]) -> dict[str, Any]:
    return {
        name: value for name, value in values.items() if value is not None and name not in left_out
    }


def _function(ask: Ask, schema: Mapping[str, Any], strict: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": ask.schema_name, "description": _purpose(ask), "parameters": schema}
    return {"type": "function", "function": {**function, **strict}}
