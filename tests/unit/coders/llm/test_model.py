"""Choosing a model: where it is, what it is called, and which key goes there."""

from __future__ import annotations

import pytest

from qualcode.coders.llm.model import ModelChoice
from qualcode.errors import UsageError

AZURE = {"AZURE_OPENAI_ENDPOINT": "https://ours.openai.azure.com/"}


@pytest.mark.parametrize(
    ("spec", "base_url", "name"),
    [
        ("openai:gpt-5-mini", "", "llm:openai:gpt-5-mini"),
        ("OpenAI: gpt-5-mini ", "", "llm:openai:gpt-5-mini"),
        ("anthropic:claude-x", "", "llm:anthropic:claude-x"),
        ("ollama:llama3.1:8b", "", "llm:ollama:llama3.1:8b"),
        ("ollama:llama3", "https://gpu.example.org", "llm:ollama:llama3@gpu.example.org"),
        ("azure:ours", "", "llm:azure:ours@ours.openai.azure.com"),
        ("compatible:org/m", "http://127.0.0.1:80/v1", "llm:compatible:org/m@127.0.0.1:80"),
        ("openai:m", "https://llm.example.org/v1", "llm:compatible:m@llm.example.org"),
    ],
)
def test_a_coder_is_named_after_its_model_and_unusual_host(
    spec: str, base_url: str, name: str
) -> None:
    assert ModelChoice.parse(spec, base_url, environ=AZURE).coder_name == name


@pytest.mark.parametrize("spec", ["", "gpt-5-mini", "openai:", ":x", "mistral:m", "openai:a\nb"])
def test_what_names_no_model_is_refused_with_all_forms(spec: str) -> None:
    with pytest.raises(UsageError) as caught:
        ModelChoice.parse(spec, environ={})
    assert "compatible:NAME with --base-url" in (caught.value.hint or "")


@pytest.mark.parametrize("spec", ["compatible:m", "azure:ours"])
def test_a_provider_without_an_address_of_its_own_wants_one(spec: str) -> None:
    with pytest.raises(UsageError) as caught:
        ModelChoice.parse(spec, environ={})
    assert "--base-url" in (caught.value.hint or "")


def test_plain_http_to_a_public_host_is_no_choice() -> None:
    with pytest.raises(UsageError, match="plain http"):
        ModelChoice.parse("compatible:m", "http://example.org/v1", environ={})


@pytest.mark.parametrize(
    ("spec", "variable"),
    [
        ("openai:m", "OPENAI_API_KEY"),
        ("azure:m", "AZURE_OPENAI_API_KEY"),
        ("anthropic:m", "ANTHROPIC_API_KEY"),
        ("ollama:m", ""),
    ],
)
def test_a_provider_has_its_usual_key(spec: str, variable: str) -> None:
    assert ModelChoice.parse(spec, environ=AZURE).key_variable == variable


@pytest.mark.parametrize("spec", ["openai:m", "compatible:m", "anthropic:m", "ollama:m"])
def test_a_usual_key_goes_to_no_other_address(spec: str) -> None:
    environ = {"OPENAI_API_KEY": "one", "ANTHROPIC_API_KEY": "two"}
    choice = ModelChoice.parse(spec, "https://llm.example.org/v1", environ=environ)
    assert choice.key(environ) == ""


def test_a_named_key_goes_to_another_address() -> None:
    choice = ModelChoice.parse("openai:m", "https://llm.example.org/v1", "OURS", environ={})
    assert choice.key({"OURS": " secret \n"}) == "secret"


def test_a_key_that_is_not_set_is_empty() -> None:
    assert ModelChoice.parse("openai:m", environ={}).key({}) == ""


def test_a_key_with_a_line_break_in_it_is_refused_without_being_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        ModelChoice.parse("openai:m", environ={}).key({"OPENAI_API_KEY": "abc\r\nHost: x"})
    assert "abc" not in f"{caught.value} {caught.value.hint}"


def test_a_key_given_for_the_name_of_its_variable_is_refused_without_being_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        ModelChoice.parse("openai:m", key_variable="sk-abcdef-123", environ={})
    assert "sk-abcdef" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("spec", "base_url", "expected"),
    [
        ("ollama:m", "", True),
        ("compatible:m", "http://127.0.0.1:8000/v1", True),
        ("compatible:m", "http://[::1]:8000/v1", True),
        ("compatible:m", "http://[::1]/v1", True),
        ("openai:m", "", False),
        ("compatible:m", "https://127.0.0.1.example.org", False),
    ],
)
def test_a_choice_knows_whether_it_stays_on_this_machine(
    spec: str, base_url: str, expected: bool
) -> None:
    assert ModelChoice.parse(spec, base_url, environ={}).is_loopback is expected


def test_other_addresses_in_the_environment_are_not_read() -> None:
    environ = {
        "OPENAI_BASE_URL": "https://else.example.org",
        "OLLAMA_HOST": "https://else.example.org",
        "ANTHROPIC_BASE_URL": "https://else.example.org",
    }
    hosts = [
        ModelChoice.parse(f"{provider}:m", environ=environ).host
        for provider in ("openai", "ollama", "anthropic")
    ]
    assert hosts == ["api.openai.com", "127.0.0.1:11434", "api.anthropic.com"]


def test_azure_takes_its_version_from_the_environment() -> None:
    choice = ModelChoice.parse("azure:m", environ=AZURE | {"OPENAI_API_VERSION": "2026-01-01"})
    assert choice.api_version == "2026-01-01"
