"""Find out what a server can do by asking it a few things of our own.

Nothing of a study is sent: a tiny question in each mode of the ladder, and a long text of invented
lines whose first one holds a word that is asked for at the end. A server that cuts what is too long
does so from the beginning and says nothing, so that codebook and instructions would be lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from qualcode.coders.llm.probed import LONG_TOKENS, Context, LongTrial, Outcome, Probe, Trial
from qualcode.coders.llm.strict import Problem, strict_json
from qualcode.coders.llm.tokens import about, input_at_most
from qualcode.coders.llm.wire import (
    Ask,
    Connection,
    Fault,
    FaultKind,
    Finish,
    Message,
    Mode,
    Reply,
)

__all__ = ["n_requests", "probe", "tokens_at_most"]

_OUTPUT_TOKENS = 2_000  # models that think first write some hundreds for a single word
_WORD = "quillwort"
_CHARS_PER_TOKEN = 4
_READ_AT_LEAST = 0.75
"""Of the expected tokens; tokenisers differ by less."""
_TRIES = 3
_TRIES_IN_ALL = 8
"""With those after which a parameter is left out, of which there are five."""
_PAUSE = 0.5
_LONGEST_PAUSE = 5.0
_QUICK_SECONDS = 10.0
_BUSY = frozenset({429, 503, 529})
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}
_ENDS = {
    Finish.LENGTH: f"the answer was not finished after {_OUTPUT_TOKENS:,} tokens",
    Finish.FILTER: "a filter held the answer back",
    Finish.REFUSAL: "the model refused to answer",
}
_WHO = ("tram", "kettle", "gardener", "lamp", "neighbour", "river", "clock", "pigeon", "baker")
_DID = ("passed", "warmed", "counted", "followed", "painted", "carried", "heard")
_WHAT = ("the red door", "an old ladder", "the quiet street", "a paper boat", "the last bench")


def n_requests() -> tuple[int, int]:
    """Return how many tiny and how many long requests a probe makes, without second tries."""
    return len(Mode), 2


def tokens_at_most() -> tuple[int, int]:
    """Return how many tokens a probe reads and writes at most, without second tries."""
    n_tiny, n_long = n_requests()
    read = n_tiny * input_at_most(_tiny()) + n_long * input_at_most(_long())
    return read, (n_tiny + n_long) * _OUTPUT_TOKENS


def probe(
    connection: Connection, *, timeout: float, pause: Callable[[float], None] = time.sleep
) -> Probe:
    """Ask in each mode of the ladder, then the long text twice in the best one that works.

    Args:
        connection: To the server.
        timeout: Seconds for one attempt.
        pause: Waits; for tests.
    """
    asker = _Asker(connection, timeout, pause)
    trials: list[Trial] = []
    stopped: Fault | None = None
    for mode in Mode:
        if stopped is not None:
            trials.append(Trial(mode, Outcome.UNTRIED, "not tried"))
            continue
        try:
            trials.append(_judged(mode, *asker.ask(_tiny(), mode)))
        except Fault as fault:
            trials.append(_failed(mode, fault, asker.seconds))
            works = any(one.outcome is Outcome.WORKS for one in trials)
            stopped = fault if _ends_it(fault, works=works) else None
    found = Probe(tuple(trials), stopped=stopped)
    if found.found is None or stopped is not None:
        return found
    return replace(found, long=_long_trial(asker, found.found.mode))


class _Asker:
    """Send a request, a few times where that may help.

    Attributes:
        seconds: The last attempt took so long.
    """

    def __init__(
        self, connection: Connection, timeout: float, pause: Callable[[float], None]
    ) -> None:
        self._connection = connection
        self._timeout = timeout
        self._pause = pause
        self.seconds = 0.0

    def ask(self, ask: Ask, mode: Mode) -> tuple[Reply, float]:
        """Return the reply and the seconds that it took; raises the last try's fault."""
        n_failed = n_tries = 0
        while True:
            n_tries += 1
            began = time.monotonic()
            try:
                reply = self._connection.send(ask, mode, timeout=self._timeout)
            except Fault as fault:
                self.seconds = time.monotonic() - began
                wait = _PAUSE if fault.retry_after is None else fault.retry_after
                n_failed += wait > 0  # nothing to wait for: a parameter is left out from now on
                is_last = n_failed >= _TRIES or n_tries >= _TRIES_IN_ALL
                if is_last or wait > _LONGEST_PAUSE or not self._may_pass(fault):
                    raise
                self._pause(wait)
            else:
                self.seconds = time.monotonic() - began
                return reply, self.seconds

    def _may_pass(self, fault: Fault) -> bool:
        """Say whether to try again at once; who is not there or hangs is not asked again."""
        was_there = bool(fault.status or fault.sent)
        return fault.kind is FaultKind.TRANSIENT and was_there and self.seconds < _QUICK_SECONDS


def _ends_it(fault: Fault, *, works: bool) -> bool:
    """Say whether a fault is to be expected of the other modes too."""
    if fault.kind in (FaultKind.BUDGET, FaultKind.STOPPED):
        return True
    is_away = fault.kind is FaultKind.TRANSIENT and (not fault.status or fault.status in _BUSY)
    return not works and (fault.kind is FaultKind.FATAL or is_away)


def _tiny() -> Ask:
    system = "You are being tried out. Answer in the form that is asked for."
    user = "Write the word harbour into the field `word`."
    return _asked(system, user, "tiny_check")


def _long() -> Ask:
    lines = [
        f"The word to remember is {_WORD}. Below are lines without a meaning, and after them comes "
        "a question."
    ]
    n_chars = len(lines[0])
    while n_chars < LONG_TOKENS * _CHARS_PER_TOKEN:
        n = len(lines)
        line = f"{n}. The {_WHO[n % 9]} {_DID[n % 7]} {_WHAT[n % 5]} near the {_WHO[(n + 4) % 9]}."
        lines.append(line)
        n_chars += len(line) + 1
    user = (
        "Which word is to be remembered? The very first line names it. Write that word into the "
        "field `word`, or “unknown” if you cannot see that line."
    )
    return _asked("\n".join(lines), user, "long_check")


def _asked(system: str, user: str, name: str) -> Ask:
    return Ask((Message("system", system), Message("user", user)), _SCHEMA, name, _OUTPUT_TOKENS)


def _judged(mode: Mode, reply: Reply, seconds: float) -> Trial:
    reason = _ENDS.get(reply.finish, "") or _misfit(reply.text)
    outcome = Outcome.UNFIT if reason else Outcome.WORKS
    return Trial(mode, outcome, reason, seconds, reply.usage)


def _misfit(text: str) -> str:
    """Say what is wrong with an answer to `_SCHEMA`, empty where nothing is."""
    value = strict_json(text)
    if isinstance(value, Problem):
        return value.reason
    is_fit = isinstance(value, dict) and set(value) == {"word"} and isinstance(value["word"], str)
    return "" if is_fit else "the answer is JSON, but not of the schema that was asked for"


def _failed(mode: Mode, fault: Fault, seconds: float) -> Trial:
    is_refused = fault.kind is FaultKind.STEP_DOWN
    return Trial(mode, Outcome.REFUSED if is_refused else Outcome.FAILED, fault.reason, seconds)


def _long_trial(asker: _Asker, mode: Mode) -> LongTrial:
    ask = _long()
    expected = about(ask.n_chars)
    try:
        reply, seconds = asker.ask(ask, mode)
    except Fault as fault:
        context = Context.REFUSED if fault.kind is FaultKind.TOO_LONG else Context.UNKNOWN
        return LongTrial(context, fault.reason, asker.seconds, expected)
    n_read = None if reply.usage is None else reply.usage.input_tokens
    context, reason = _read_whole(reply, n_read, expected)
    trial = LongTrial(context, reason, seconds, expected, n_read)
    if context in (Context.CUT, Context.UNKNOWN) or n_read is None:
        return trial
    try:
        again, _ = asker.ask(ask, mode)
    except Fault:
        return trial
    return replace(trial, cached_tokens=again.usage.cached_tokens if again.usage else None)


def _read_whole(reply: Reply, n_read: int | None, expected: int) -> tuple[Context, str]:
    if _WORD in reply.text.casefold():
        return Context.WHOLE, ""
    if reply.finish is not Finish.STOP:
        return Context.UNKNOWN, _ENDS[reply.finish]
    lost = "the word at its beginning did not come back"
    if n_read is None:
        return Context.CUT, f"{lost}, and the server does not say how much it read"
    if n_read < _READ_AT_LEAST * expected:
        return Context.CUT, f"{lost}; the server read {n_read:,} of about {expected:,} tokens"
    return Context.UNSURE, f"{lost}, though the server counts {n_read:,} tokens"
