"""Which model is asked, where it is, and which key goes there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from qualcode.coders.llm.hosts import checked_url, is_loopback, place
from qualcode.errors import UsageError

__all__ = ["PROVIDERS", "ModelChoice", "Parameters"]

_OWN_ADDRESS = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "ollama": "http://127.0.0.1:11434",
}
_KEY_VARIABLES = {
    "openai": "OPENAI_API_KEY",
    "azure": "AZURE_OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
}
_AZURE_VERSION = "2024-10-21"
PROVIDERS = ("openai", "azure", "anthropic", "ollama", "compatible")
_FORMS = (
    "openai:NAME, azure:DEPLOYMENT, anthropic:NAME, ollama:NAME, or "
    "compatible:NAME with --base-url for any other server that speaks as OpenAI does"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Parameters:
    """Hold what shapes the replies of a run.

    Attributes:
        temperature: None leaves it to the server.
        seed: For providers that take one; none promises to give the same again.
        context_tokens: What the model is made to hold at once; Ollama alone is told.
    """

    temperature: float | None = 0.0
    seed: int | None = None
    context_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Name a model and where it is asked; made by `parse`.

    Attributes:
        provider: One of `PROVIDERS`. OpenAI's at an address that is not OpenAI's is "compatible".
        name: As the provider spells it; Azure's deployment.
        base_url: Where requests go, checked, without a slash at its end.
        key_variable: The environment variable that holds the key; empty where none is sent.
        api_version: Of Azure.
    """

    provider: str
    name: str
    base_url: str = ""
    key_variable: str = ""
    api_version: str = ""

    @classmethod
    def parse(
        cls,
        spec: str,
        base_url: str = "",
        key_variable: str = "",
        *,
        allow_http: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> Self:
        """Read a choice as the user wrote it.

        A provider's usual key goes to that provider's own address and nowhere else: elsewhere the
        variable must be named. Of the environment only Azure's address and version are read.

        Args:
            spec: Such as "openai:gpt-5-mini".
            base_url: Instead of the provider's own address.
            key_variable: Instead of the provider's usual one.
            allow_http: As for `checked_url`.
            environ: The process's own where None.

        Raises:
            UsageError: It is none of the forms, or the address may not be reached.
        """
        environ = os.environ if environ is None else environ
        provider, colon, name = (part.strip() for part in spec.partition(":"))
        provider = provider.lower()
        if not colon or provider not in PROVIDERS or not name or not name.isprintable():
            raise UsageError(f"no model is named by “{spec.strip()[:80]}”", hint=f"write {_FORMS}")
        if key_variable and not _VARIABLE.fullmatch(key_variable):
            raise UsageError(
                "the key's variable is no name of an environment variable",
                hint="give the variable's name, such as MY_KEY, never the key itself",
            )
        if provider == "azure" and not base_url:
            base_url = environ.get("AZURE_OPENAI_ENDPOINT", "")
        if not base_url and provider not in _OWN_ADDRESS:
            named = " or AZURE_OPENAI_ENDPOINT" if provider == "azure" else ""
            raise UsageError(
                f"{provider}:{name[:80]}: nobody knows where that is",
                hint=f"give its address with --base-url{named}",
            )
        own = _OWN_ADDRESS.get(provider, "")
        url = checked_url(base_url or own, allow_http=allow_http)
        is_own = bool(own) and place(url) == place(own)
        if provider == "openai" and not is_own:
            provider = "compatible"
        usual = _KEY_VARIABLES.get(provider, "") if is_own or provider == "azure" else ""
        version = environ.get("OPENAI_API_VERSION") or _AZURE_VERSION
        return cls(
            provider,
            name,
            url,
            key_variable or usual,
            version if provider == "azure" else "",
        )

    @property
    def coder_name(self) -> str:
        """Return what judgements are signed with; an unusual host stands in it."""
        named = f"llm:{self.provider}:{self.name}"
        own = _OWN_ADDRESS.get(self.provider, "")
        return named if own and place(own) == self.host else f"{named}@{self.host}"

    @property
    def host(self) -> str:
        """Return where requests go, with the port where it is written."""
        return place(self.base_url)

    @property
    def is_loopback(self) -> bool:
        """Say whether requests stay on this machine."""
        host = self.host.rpartition(":")[0] if self.host[-1].isdigit() else self.host
        return is_loopback(host or self.host) or is_loopback(self.host)

    @property
    def needs_key(self) -> bool:
        """Say whether asking without a key is vain."""
        return bool(self.key_variable)

    def key(self, environ: Mapping[str, str] | None = None) -> str:
        """Return the key, empty where its variable is not set or none is sent.

        Raises:
            UsageError: The variable holds what cannot be a key; the message does not repeat it.
        """
        if not self.key_variable:
            return ""
        environ = os.environ if environ is None else environ
        key = environ.get(self.key_variable, "").strip()
        if not all("!" <= char <= "~" for char in key):
            raise UsageError(
                f"{self.key_variable} holds spaces or other characters that no key has",
                hint="set it to the key alone, on one line",
            )
        return key
