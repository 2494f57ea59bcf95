"""Undo the escapes behind which words hide in what is kept as JSON or HTML."""

from __future__ import annotations

import html
import re

__all__ = ["plain", "unescaped"]

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SIGNS = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def unescaped(text: str) -> str:
    """Return a text with JSON's escapes undone once; what is none of them becomes a space."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _SIGNS.get(m[2], " "), text)


def plain(text: str) -> str:
    """Return a text of a file with the escapes of JSON and HTML undone once."""
    return html.unescape(unescaped(text))
