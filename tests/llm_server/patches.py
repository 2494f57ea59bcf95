"""What a model can get wrong in a coding reply, as changes for `troubles.patched`.

Each takes `{"items": [{"id", "codings": [{"code", "sentences", "words", …}], "unsure"}]}` and
returns it changed; those about codings change the first coding, if there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

__all__ = [
    "Patch",
    "another_sentence",
    "extra_key",
    "invented_code",
    "invented_id",
    "item_twice",
    "not_a_number",
    "quoting",
    "swapped_ids",
    "with_changed_digit",
    "with_dropped_word",
    "with_not",
    "without_last_item",
    "wrong_type",
]

Patch = Callable[[Any], Any]


def without_last_item(reply: Any) -> Any:
    """Leave the last item out."""
    reply["items"].pop()
    return reply


def item_twice(reply: Any) -> Any:
    """Say the first item twice."""
    reply["items"].append(reply["items"][0])
    return reply


def swapped_ids(reply: Any) -> Any:
    """Give the first item's answer to the second, and the second's to the first."""
    if len(reply["items"]) > 1:
        first, second = reply["items"][:2]
        first["id"], second["id"] = second["id"], first["id"]
    return reply


def invented_id(reply: Any) -> Any:
    """Answer for an item that nobody asked about."""
    reply["items"].append(reply["items"][0] | {"id": "s9999"})
    return reply


def invented_code(reply: Any) -> Any:
    """Use a code that is not in the codebook."""
    return _with_coding(reply, code="emo_schadenfreude")


def extra_key(reply: Any) -> Any:
    """Say more than was asked for."""
    reply["items"][0]["comment"] = "interesting"
    return reply


def not_a_number(reply: Any) -> Any:
    """Be sure to the extent of NaN."""
    return _with_coding(reply, confidence=float("nan"))


def wrong_type(reply: Any) -> Any:
    """Say a number as a string."""
    return _with_coding(reply, confidence="0.9")


def another_sentence(reply: Any) -> Any:
    """Point at a sentence of no item."""
    return _with_coding(reply, sentences=[9999])


def quoting(change: str | Callable[[str], str]) -> Patch:
    """Return a patch that quotes given words, or the words of the first coding changed."""

    def patch(reply: Any) -> Any:
        coding = _coding(reply)
        words = change if isinstance(change, str) else change(coding["words"])
        return _with_coding(reply, words=words)

    return patch


def with_not(words: str) -> str:
    """Return words with a "not" after the first one."""
    first, _, rest = words.partition(" ")
    return f"{first} not {rest}"


def with_changed_digit(words: str) -> str:
    """Return words with another first digit."""
    return re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), words, count=1)


def with_dropped_word(words: str) -> str:
    """Return words without the second one."""
    parts = words.split(" ")
    return " ".join(parts[:1] + parts[2:])


def _coding(reply: Any) -> Any:
    codings = (coding for item in reply["items"] for coding in item["codings"])
    return next(codings, {"words": ""})


def _with_coding(reply: Any, **fields: Any) -> Any:
    _coding(reply).update(fields)
    return reply
