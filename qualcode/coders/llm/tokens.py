"""Guess how many tokens a text is, without any provider's table.

Such tables are fetched from the web and differ between models; a guess costs nothing and works
offline. What servers report raises the caps.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache

from qualcode.coders.llm.wire import Ask

__all__ = ["Estimator", "about", "at_most", "input_about", "input_at_most"]

_CHARS_PER_TOKEN = 4.0
_FEWEST_CHARS_PER_TOKEN = 3.0
_PROVIDERS_OWN = 400
"""What providers add for message marks and tools."""


def about(n_chars: int) -> int:
    """Return the tokens of a text of so many characters, for display: a quarter."""
    return math.ceil(n_chars / _CHARS_PER_TOKEN)


def at_most(n_chars: int) -> int:
    """Return the tokens of a Latin text of so many characters, for caps: a third."""
    return math.ceil(n_chars / _FEWEST_CHARS_PER_TOKEN)


def input_about(ask: Ask) -> int:
    """Return the likely input tokens of a request, its schema included."""
    return about(ask.n_chars + len(_schema(ask)))


def input_at_most(ask: Ask) -> int:
    """Return a cap on the input tokens of a request, its schema included.

    ASCII counts a third of a token a character, anything else (other scripts, emoji) a whole one.
    """
    texts = [message.text for message in ask.messages]
    texts.append(_schema(ask))
    n_ascii = sum(map(_n_ascii, texts))
    return at_most(n_ascii) + sum(map(len, texts)) - n_ascii + _PROVIDERS_OWN


def _schema(ask: Ask) -> str:
    return json.dumps(ask.schema, ensure_ascii=False)


@lru_cache(maxsize=8)  # the first message and the schema are the same all through a run
def _n_ascii(text: str) -> int:
    return len(text.encode("ascii", "ignore"))


class Estimator:
    """Raise the caps by what a model's replies reported; not safe to share between threads.

    A cap is only ever raised, at once.
    """

    def __init__(self) -> None:
        self._worst = 1.0

    def observe(self, cap: int, tokens: int) -> None:
        """Take in what a server reported for one request.

        Args:
            cap: `input_at_most` of it.
            tokens: Input tokens as reported.
        """
        self._worst = max(self._worst, tokens / max(cap, 1))

    def at_most(self, cap: int) -> int:
        """Return `input_at_most` of a request, raised where a reply has exceeded its own."""
        return math.ceil(cap * self._worst)
