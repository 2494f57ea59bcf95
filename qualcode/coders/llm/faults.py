"""What a failed attempt means for the run: read from what came over the wire.

A reason says what happened in words of our own. The server's are added only where they repeat
nothing of what was asked: error messages often hand the text back that they could not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from qualcode.coders.llm.exchange import Exchange, Trouble
from qualcode.coders.llm.model import ModelChoice
from qualcode.coders.llm.received import parsed
from qualcode.coders.llm.scrub import echoes, scrubbed
from qualcode.coders.llm.wire import Ask, Fault, FaultKind, Mode

__all__ = ["Complaint", "complaint_of", "fault_of", "is_filtered", "refused_parameter"]

_MODES = {
    Mode.SCHEMA: re.compile(
        r"response_format|json_schema|schema|structured|output.?(format|config)|grammar|guided"
        r"|additionalProperties|\bformat\b",
        re.IGNORECASE,
    ),
    Mode.TOOL: re.compile(
        r"\btools?\b|tool_choice|function.?call|schema|grammar|additionalProperties", re.IGNORECASE
    ),
    Mode.OBJECT: re.compile(
        r"response_format|json_object|json.?mode|structured|\bformat\b", re.IGNORECASE
    ),
}
_SURELY_MODE = re.compile(r"response_format|tool_choice|support(s|ed)? tool|tool use", re.I)
_TOO_LONG = re.compile(
    r"context[_ -]?(length|window|size)|maximum context|max_model_len|too many (input )?tokens"
    r"|(prompt|input|request) (is )?too (long|large)|exceeds? .{0,40}\btokens?\b",
    re.IGNORECASE,
)
_QUOTA = re.compile(
    r"insufficient_quota|billing_(hard_limit|error|not_active)|credit balance|usage limits?\b"
    r"|out of credits|insufficient (funds|credits|balance)",
    re.IGNORECASE,
)
_FILTERED = re.compile(
    r"content_filter|content_policy|content filtering policy|content management policy",
    re.IGNORECASE,
)
_PARAMETERS = ("temperature", "seed", "strict", "max_tokens", "max_completion_tokens")
_UNKNOWN = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|extra|unexpected|not permitted|not allowed"
    r"|forbidden|deprecated|not (take|accept)|no longer",
    re.IGNORECASE,
)
_TOO_MUCH_OUTPUT = re.compile(
    r"(max_(completion_|output_)?tokens|num_predict).{0,60}(too large|exceed|greater|at most|>)",
    re.IGNORECASE,
)
_REFUSING = (400, 404, 422, 500, 501)
_PASSING = (408, 409, 425, 429)
_TROUBLES = {
    Trouble.CONNECT: (FaultKind.TRANSIENT, "{host} cannot be reached"),
    Trouble.CERTIFICATE: (
        FaultKind.FATAL,
        "no safe connection to {host}: its certificate was refused, or it speaks plain http",
    ),
    Trouble.TIMEOUT: (FaultKind.TRANSIENT, "{host} did not finish its answer in time"),
    Trouble.BROKEN: (FaultKind.TRANSIENT, "{host} broke the connection off"),
    Trouble.TOO_MUCH: (FaultKind.TRANSIENT, "{host} sent more than any reply has"),
    Trouble.CLOSED: (FaultKind.STOPPED, "the connection to {host} was closed from here"),
    Trouble.ELSEWHERE: (
        FaultKind.FATAL,
        "a request to another address than {host} was about to leave, and did not",
    ),
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """Hold what a server says is wrong.

    Attributes:
        status: The HTTP status, or the one that an answer of status 200 names.
        code: Code and type of the error, as far as they look like such.
        parameter: What the server says that it is about.
        words: Its message, empty where it repeats what was asked.
        carried: Those of the parameters that can be left out which the request had.
    """

    status: int
    code: str = ""
    parameter: str = ""
    words: str = ""
    carried: tuple[str, ...] = ()

    @property
    def all(self) -> str:
        """Return everything that may be searched."""
        return f"{self.code} {self.parameter} {self.words}"


@dataclass(frozen=True, slots=True)
class _Error:
    table: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""


def complaint_of(exchange: Exchange, ask: Ask) -> Complaint | None:
    """Return what the server complains of; None where it does not, or there was no answer."""
    if exchange.trouble is not None or exchange.content is None:
        return None
    error = _error(parsed(exchange.content))
    if exchange.status < 400 and error is None:
        return None
    table = error.table if error else {}
    status = exchange.status
    if status < 300:
        named = table.get("code")
        status = named if isinstance(named, int) and 400 <= named < 600 else status
    words = (error.words if error else "")[:4_000]
    if echoes(words, "\n".join(message.text for message in ask.messages)):
        words = ""
    codes = [_identifier(table.get(name)) for name in ("code", "type")]
    return Complaint(
        status,
        " ".join(dict.fromkeys(filter(None, codes))),
        _identifier(table.get("param")),
        words,
        _carried(exchange.sent),
    )


def is_filtered(complaint: Complaint) -> bool:
    """Say whether a provider's content filter held the request back, which is a kind of reply."""
    return complaint.status in (400, 403) and bool(_FILTERED.search(complaint.all))


def refused_parameter(complaint: Complaint) -> str:
    """Return the name of a parameter that the server does not take, empty where it is not that.

    A server may name others as well, such as those that it knows: only what was sent can have been
    refused, and of that what is named first.
    """
    if complaint.status not in (400, 422) or not _UNKNOWN.search(complaint.all):
        return ""
    if complaint.parameter in complaint.carried:
        return complaint.parameter
    places = {
        name: found.start()
        for name in complaint.carried
        if (found := re.search(rf"(?<![\w.]){name}(?![\w])", complaint.words))
    }
    return min(places, key=lambda name: places[name], default="")


def _carried(sent: bytes) -> tuple[str, ...]:
    """Return which parameters are keys of a body; within what somebody said, marks are escaped."""
    return tuple(
        name for name in _PARAMETERS if re.search(rb'(?<!\\)"%b"\s*:' % name.encode(), sent)
    )


def fault_of(
    exchange: Exchange,
    complaint: Complaint | None,
    choice: ModelChoice,
    mode: Mode,
    *,
    error: BaseException | None = None,
    unreadable: str = "",
    secrets: tuple[str, ...] = (),
) -> Fault:
    """Say what follows from an attempt that brought no reply.

    Args:
        exchange: What went over the wire.
        complaint: Of the server, `complaint_of`.
        choice: Who was asked.
        mode: How the reply was to be made JSON.
        error: What a provider's package raised; only its type is read.
        unreadable: Why an answer of status 200 is no reply.
        secrets: Keys that must not be in the reason.
    """

    def fault(kind: FaultKind, words: str, wait: float | None = None) -> Fault:
        return Fault(
            kind,
            scrubbed(words, secrets),
            status=exchange.status,
            retry_after=wait,
            sent=exchange.sent,
        )

    host = choice.host
    if exchange.trouble is not None:
        kind, words = _TROUBLES[exchange.trouble]
        return fault(kind, words.format(host=host))
    if 300 <= exchange.status < 400:
        try:
            target = urlsplit(exchange.headers.get("location", "")).hostname or "another path"
        except ValueError:  # no address at all
            target = "another place"
        return fault(
            FaultKind.FATAL,
            f"{host} answered {exchange.status} and points to {target}; redirects are not "
            "followed: give the right address with --base-url",
        )
    if complaint is not None:
        kind, advice = _meaning(complaint, choice, mode)
        said = f"{host} answered {exchange.status}"
        said += f" ({complaint.code})" if complaint.code else ""
        said += f": {advice}" if advice else ""
        said += f" (“{complaint.words}”)" if complaint.words else ""
        return fault(kind, said, _retry_after(exchange.headers))
    if exchange.status and exchange.content is None:
        return fault(*_broken(host))
    if exchange.status:
        return fault(FaultKind.TRANSIENT, f"{host} sent {unreadable or 'what is no reply'}")
    if exchange.n_left:
        return fault(*_broken(host))
    if isinstance(error, UnicodeError):
        return fault(FaultKind.BAD, "the text holds characters that cannot be sent")
    name = type(error).__name__ if error is not None else "no error"
    return fault(FaultKind.FATAL, f"no request for {host} could be made ({name})")


def _broken(host: str) -> tuple[FaultKind, str]:
    kind, words = _TROUBLES[Trouble.BROKEN]
    return kind, words.format(host=host)


def _meaning(complaint: Complaint, choice: ModelChoice, mode: Mode) -> tuple[FaultKind, str]:
    """Return what follows from a complaint, and a word of advice."""
    status, said = complaint.status, complaint.all
    if status in (400, 402, 403, 429) and _QUOTA.search(said):
        return FaultKind.FATAL, "the account's credit or quota is used up"
    is_mode = mode in _MODES and status in _REFUSING
    if is_mode and status in (404, 500):
        is_mode = bool(_SURELY_MODE.search(said))
    if is_mode and "context_length" not in said and _MODES[mode].search(said):
        return FaultKind.STEP_DOWN, f"it does not take {mode.value} as asked"
    if status == 413 or (status in (400, 422, 500) and _TOO_LONG.search(said)):
        return FaultKind.TOO_LONG, "more than the model can read at once"
    if status in (400, 422) and _TOO_MUCH_OUTPUT.search(said):
        return FaultKind.FATAL, "it does not write as much: lower [llm] max_output_tokens"
    if status in (401, 407):
        named = f"the key in {choice.key_variable}" if choice.key_variable else "name the variable "
        named += (
            ""
            if choice.key_variable
            else "that holds it as [llm] key_variable of your own config.toml"
        )
        return FaultKind.FATAL, f"the key was not accepted ({named})"
    if status == 402:
        return FaultKind.FATAL, "it wants to be paid first"
    if status == 403:
        return FaultKind.FATAL, "the key may not do this"
    if status in (404, 405, 410):
        return FaultKind.FATAL, f"there is no model {choice.name} at {choice.base_url}"
    if status == 429:
        return FaultKind.TRANSIENT, "too many requests at once"
    if status in _PASSING or status >= 500 or status < 400:
        return FaultKind.TRANSIENT, ""
    return FaultKind.BAD, "it does not take this request"


def _error(body: Any) -> _Error | None:
    """Find the error in a body: a table, a text, or a list of them, under several names."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return None
    if body.get("error"):
        found = body["error"]
    elif body.get("object") == "error" or body.get("type") == "error":
        found = body
    elif "detail" in body:
        found = body["detail"]
    elif set(body) <= {"message", "code", "type", "param", "status", "statusCode"} and (
        "message" in body
    ):
        found = body
    else:
        return None
    if isinstance(found, dict):
        words = found.get("message") or found.get("msg") or ""
        return _Error(found, words if isinstance(words, str) else "")
    if isinstance(found, list):  # FastAPI's: one table a field
        tables = [each for each in found if isinstance(each, dict)]
        words = "; ".join(
            f"{'.'.join(map(str, place if isinstance(place, list) else []))}: {each.get('msg', '')}"
            for each in tables
            for place in [each.get("loc")]
        )
        return _Error({"type": tables[0].get("type")} if tables else {}, words)
    return _Error({}, str(found))


def _identifier(value: object) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if re.fullmatch(r"[\w.\-\[\]]{1,60}", text) else ""


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait: a number, milliseconds or a date."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,12}(\.\d*)?", value):
            return float(value) * scale
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        return max(0.0, (until - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None
