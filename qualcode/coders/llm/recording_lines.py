"""The lines of a recording: written as JSON, and read with every line that is wrong named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from qualcode.errors import SourceError, UsageError

__all__ = [
    "Header",
    "Made",
    "Recorded",
    "answer_line",
    "header_line",
    "read_header",
    "read_lines",
    "read_recorded",
    "take_half_a_line_off",
]

_KIND = "qualcode-recording"
_VERSION = 1
_NEW = "name another file, or take that line out"


class Made(StrEnum):
    """Say how the answers came about."""

    RECORDED = "recorded"
    HAND_WRITTEN = "hand-written"
    SCRIPTED = "scripted"


@dataclass(frozen=True, slots=True)
class Header:
    """Hold what the first line says.

    Attributes:
        model: Provider and name, such as "openai:gpt-5-mini".
        made: How the answers came about.
        by: Who or what wrote them.
        date: Of the day, ISO 8601.
    """

    model: str
    made: Made
    by: str
    date: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """Hold one line: a unit's answer, or why there is none.

    Attributes:
        step: Of the step that asked.
        unit: Digest of what was said about the unit; in files written by hand also its id.
        setup: Digest of what answers rest on besides; empty where the answer goes with any.
        reply: A JSON value but null, None where there is none.
        failed: Why there is none; empty where there is one.
    """

    step: str
    unit: str
    setup: str
    reply: Any = None
    failed: str = ""


def header_line(header: Header) -> str:
    """Return the first line, without its end."""
    return _json({"kind": _KIND, "version": _VERSION, **asdict(header)})


def answer_line(recorded: Recorded) -> str:
    """Return the line of one answer, without its end."""
    told = {"failed": recorded.failed} if recorded.failed else {"reply": recorded.reply}
    where = {"step": recorded.step, "unit": recorded.unit, "setup": recorded.setup}
    return _json({**where, **told})


def _json(value: Mapping[str, Any]) -> str:
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # Half a surrogate pair is no UTF-8, and some programs take more signs than \n for line ends.
    return line if line.isprintable() else json.dumps(value, allow_nan=False)


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold something, with their numbers from 1.

    Raises:
        SourceError: The file cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise SourceError(f"{path}: not a text in UTF-8", hint="name a recording") from None


def take_half_a_line_off(path: Path) -> None:
    """Cut what follows the last line end, if that is no whole line of JSON.

    Raises:
        UsageError: The file cannot be written.
    """
    try:
        whole = path.read_bytes()
        head, _, tail = whole.rpartition(b"\n")
        if not tail.strip():
            return
        try:
            json.loads(tail)
            end = whole + b"\n"
        except (ValueError, RecursionError):
            end = head + b"\n" if head else whole
        if end != whole:
            path.write_bytes(end)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


def read_header(path: Path, first: tuple[int, str] | None) -> Header:
    """Read the first line, given with its number.

    Args:
        path: For the message.
        first: None where the file is empty.

    Raises:
        SourceError: It is not the first line of a recording that this version knows.
    """
    told = f"{path}: not a recording of qualcode"
    hint = "name a file that --record wrote"
    if first is None:
        raise SourceError(told, hint=hint)
    try:
        value = _object(path, *first)
    except SourceError:
        raise SourceError(told, hint=hint) from None
    if value.get("kind") != _KIND:
        raise SourceError(told, hint=hint)
    if value.get("version") != _VERSION:
        raise SourceError(
            f"{path}: a recording of version {value.get('version')!r}, which this qualcode does "
            "not know",
            hint="pip install --upgrade qualcode",
        )
    texts = [value.get(name) for name in ("model", "by", "date")]
    made = value.get("made")
    if not all(isinstance(text, str) for text in texts) or made not in list(Made):
        raise SourceError(
            f"{path}, line {first[0]}: it lacks model, made ({', '.join(Made)}), by or date",
            hint="write the four into the first line",
        )
    return Header(value["model"], Made(made), value["by"], value["date"])


def read_recorded(path: Path, number: int, line: str) -> Recorded:
    """Read any other line.

    Raises:
        SourceError: It is not an answer to a unit; the message names the line.
    """
    value = _object(path, number, line)
    setup, failed = value.get("setup", ""), value.get("failed", "")
    texts = (value.get("step"), value.get("unit"), setup, failed)
    if (
        not all(isinstance(text, str) for text in texts)
        or not (value["step"] and value["unit"])
        or not value.keys() <= {"step", "unit", "setup", "reply", "failed"}
    ):
        raise SourceError(f"{path}, line {number}: not an answer to a unit", hint=_NEW)
    if bool(failed) == (value.get("reply") is not None):
        raise SourceError(
            f"{path}, line {number}: it needs either a reply or the reason why it failed",
            hint=_NEW,
        )
    return Recorded(value["step"], value["unit"], setup, value.get("reply"), failed)


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        # Not chained: the parser's message may hold words of the line.
        raise SourceError(f"{path}, line {number}: not a line of JSON", hint=_NEW) from None
    if not isinstance(value, dict):
        raise SourceError(f"{path}, line {number}: not a JSON object", hint=_NEW)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
