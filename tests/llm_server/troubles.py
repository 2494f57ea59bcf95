"""What can go wrong with a server, once or always.

A trouble changes what was to go back. A script of them is gone through request by request:
`[rate_limited(), None, hang()]` is a 429, a good reply, silence, and good replies from there on;
`[broken().always]` is a server that never recovers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from qualcode.coders.llm.wire import Finish, Mode
from tests.llm_server.replies import Outcome, Tokens
from tests.llm_server.said import Said

__all__ = [
    "Trouble",
    "changed",
    "content_filter",
    "cut_body",
    "cut_reply",
    "drip",
    "duplicate_keys",
    "empty",
    "error_in_200",
    "fails",
    "fence",
    "garbage",
    "hang",
    "html",
    "no_usage",
    "patched",
    "picky",
    "rate_limited",
    "redirect",
    "refusal",
    "reset",
    "silent_cut",
    "think_block",
]

Change = Callable[[Outcome, Said], Outcome]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Change what goes back.

    Attributes:
        name: For people.
        change: What it does to the outcome of one request.
        is_always: It stays; else it is over after one request.
        concerns: The requests that it befalls.
    """

    name: str
    change: Change
    is_always: bool = False
    concerns: Callable[[Said], bool] = lambda said: True

    @property
    def always(self) -> Trouble:
        """Return the same for every request from now on."""
        return replace(self, is_always=True)

    def where(self, concerns: Callable[[Said], bool]) -> Trouble:
        """Return the same for some requests only."""
        return replace(self, concerns=concerns)


def changed(name: str, **fields: Any) -> Trouble:
    """Return a trouble that sets fields of the outcome."""
    return Trouble(name, lambda outcome, said: replace(outcome, **fields))


def fails(kind: str) -> Trouble:
    """Answer with an error, one of the kinds of `replies.ERRORS`."""
    return changed(kind, error=kind)


def rate_limited(retry_after: float | None = None) -> Trouble:
    """Answer 429, with the seconds to wait where they are given."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return changed("rate", error="rate", headers=headers)


def html() -> Trouble:
    """Answer 200 with a page, as proxies do."""
    return changed("html", raw=b"<html><body>Bad gateway</body></html>")


def error_in_200() -> Trouble:
    """Answer 200 with an error in the body."""
    return fails("in 200")


def empty() -> Trouble:
    """Answer without anything said: no choices, no content."""
    return changed("empty", is_empty=True)


def reset() -> Trouble:
    """Reset the connection instead of answering."""
    return changed("reset", is_reset=True)


def cut_body() -> Trouble:
    """Close the connection in the middle of the body."""
    return changed("cut body", is_cut=True)


def hang(seconds: float = 30.0) -> Trouble:
    """Say nothing for some time, then answer."""
    return changed("hang", hang=seconds)


def drip(pause: float = 0.02, *, headers: bool = False) -> Trouble:
    """Send byte after byte, so that no single read ever times out."""
    return changed("drip", drip=pause, drip_headers=headers)


def garbage(text: str = "I am sorry, I would rather talk about the weather.") -> Trouble:
    """Answer in prose."""
    return changed("garbage", text=text)


def fence() -> Trouble:
    """Put the answer into a code fence, with a word before and after it."""
    return _reworded("fence", lambda text: f"Sure!\n```json\n{text}\n```\nAnything else?")


def think_block() -> Trouble:
    """Think aloud before the answer."""
    return _reworded("think", lambda text: f"<think>Is {{this}} it? Yes.</think>\n\n{text}")


def cut_reply(finish: Finish) -> Trouble:
    """Write half of the answer, and say honestly (LENGTH) or not (STOP) why it ends there."""

    def change(outcome: Outcome, said: Said) -> Outcome:
        return replace(outcome, text=outcome.text[: len(outcome.text) // 2], finish=finish)

    return Trouble(f"cut, {finish}", change)


def duplicate_keys() -> Trouble:
    """Say the first key twice; a parser where the last one wins reads the good answer."""

    def twice(text: str) -> str:
        first = next(iter(json.loads(text)))
        return f"{{{json.dumps(first)}: null, {text.lstrip()[1:]}"

    return _reworded("duplicate keys", twice)


def patched(change: Callable[[Any], Any], name: str = "patched") -> Trouble:
    """Change the answer itself by a function, which gets a copy; NaN is written as NaN."""

    def reword(text: str) -> str:
        return json.dumps(change(deepcopy(json.loads(text))), ensure_ascii=False)

    return _reworded(name, reword)


def refusal() -> Trouble:
    """Refuse to answer, in the way that the wire format has for it."""
    return changed("refusal", text="I cannot help with that.", finish=Finish.REFUSAL)


def content_filter() -> Trouble:
    """End with a filter's word and nothing said."""
    return changed("filter", text="", finish=Finish.FILTER)


def no_usage() -> Trouble:
    """Leave the counts of tokens out."""
    return changed("no usage", tokens=None)


def silent_cut(read: int = 60) -> Trouble:
    """Read the end of what was said only, and tell by nothing but the count of tokens."""
    return changed("silent cut", tokens=Tokens(read, 20))


def redirect(url: str) -> Trouble:
    """Send the client, body and all, to another place."""
    return changed("redirect", status=307, raw=b"", headers={"Location": url})


def picky(refused: Iterable[Mode]) -> Trouble:
    """Refuse some modes of structured output, always; use others."""
    modes = frozenset(refused)

    def change(outcome: Outcome, said: Said) -> Outcome:
        return replace(outcome, error=said.mode.value)

    return Trouble("picky", change, is_always=True, concerns=lambda said: said.mode in modes)


def _reworded(name: str, reword: Callable[[str], str]) -> Trouble:
    return Trouble(name, lambda outcome, said: replace(outcome, text=reword(outcome.text)))
