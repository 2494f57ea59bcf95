"""Take keys out of what servers say, before it is shown or kept."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["echoes", "scrubbed"]

_MOST_CHARS = 300
_READ_CHARS = 4_000
_SHORTEST_SECRET = 4
_MASK = "[key]"
_KEYS = re.compile(
    r"""
    \b(?:Bearer|Basic)\s+[^\s,;"'<>]+
    | (?<![A-Za-z0-9])(?:sk|pk|rk|gsk|xai|hf)[-_][A-Za-z0-9_\-*.…]{4,}
    | \bAIza[A-Za-z0-9_\-]{16,}
    | \beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-.]+
    | (?:x-)?api[-_ ]?key["']?\s*(?:[:=]|is)\s*["']?[^\s,;"'<>]+
    | (?:authorization|ocp-apim-subscription-key)["']?\s*[:=]\s*["']?
      (?:(?:Bearer|Basic)\s+)?[^\s,;"'<>]+
    """,
    re.IGNORECASE | re.VERBOSE,
)


def scrubbed(text: str, secrets: Iterable[str] = (), *, most_chars: int = _MOST_CHARS) -> str:
    """Return text on one line, without keys and cut where it is long.

    Args:
        text: Anything that came from elsewhere.
        secrets: Keys in use; these are found literally, whatever they look like.
        most_chars: The line has no more characters.
    """
    said = text[:_READ_CHARS]
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            said = said.replace(secret, _MASK)
    said = _KEYS.sub(_MASK, said)
    said = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return said if len(said) <= most_chars else said[: most_chars - 1] + "…"


def echoes(text: str, source: str, run: int = 20) -> bool:
    """Say whether a text repeats `run` characters in a row of a source, case and spaces aside."""
    said, origin = _plain(text), _plain(source)
    return any(said[at : at + run] in origin for at in range(len(said) - run + 1))


def _plain(text: str) -> str:
    return " ".join(text.replace("\\n", " ").replace('\\"', '"').casefold().split())
