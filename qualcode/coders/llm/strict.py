"""Read a reply as JSON of a form, or say why it is none; nothing is repaired or converted.

A repair guesses: a reply that was cut in half would come back as a shorter one that looks whole.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = ["Problem", "Strict", "strict_json", "unfit"]

_THINK = re.compile(r"\s*<(think|thinking)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*```", re.MULTILINE)
_FENCED = re.compile(
    r"[^`]*?^[ \t]*```[ \t]*(?:json)?[ \t]*\n(.*?)\n?^[ \t]*```[ \t]*$[^`]*",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_DEEPEST = 64
"""No reply that is asked for is nested deeper; json.loads itself would fail near 1,000."""
_LONGEST = 2_000_000
# A string that never ends is taken to the end, so that its quotes are not tried one by one.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """Say why a reply is not JSON; `reason` is one line without any words of the reply."""

    reason: str


class Strict(BaseModel):
    """Take what has exactly the fields of its type; nothing is converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Twice(ValueError):
    pass


class _NotFinite(ValueError):
    pass


def strict_json(text: str) -> Any | Problem:
    """Return the JSON value that a reply is, all of it.

    One leading `<think>` block and one Markdown fence, with prose around it, are taken off. A key
    that stands twice in an object, NaN, infinite numbers and anything after the value make a
    problem, as does a reply that was cut anywhere.
    """
    if len(text) > _LONGEST:
        return Problem(f"the reply is longer than {_LONGEST:,} characters")
    text = text.removeprefix("\ufeff")
    thought = _THINK.match(text)
    if thought:
        text = text[thought.end() :]
    text = text.strip()
    if not text:
        return Problem("the reply is empty")
    if not text.startswith(("{", "[")):
        if len(_FENCE.findall(text)) > 2:
            return Problem("the reply has more than one fenced block")
        fenced = _FENCED.fullmatch(text)
        if fenced is None:
            return Problem("the reply is not JSON: it begins with other text")
        text = fenced[1].strip()
    if _depth(text) > _DEEPEST:
        return Problem(f"the reply is nested deeper than {_DEEPEST} levels")
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_refused, parse_float=_finite
        )
    except _Twice:
        return Problem("a key stands twice in one object")
    except _NotFinite:
        return Problem("a number is NaN or infinite")
    except json.JSONDecodeError as error:
        is_cut = error.pos >= len(text)
        if is_cut or error.msg.startswith("Unterminated"):
            return Problem("the reply ends before its JSON does")
        return Problem(f"the reply is not JSON: {error.msg} at character {error.pos}")
    except (ValueError, RecursionError):
        return Problem("the reply is not JSON: a number or its nesting is beyond reading")
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return Problem("a text holds half a character")
    return value


def unfit(error: ValidationError, what: str, *forms: type[Strict]) -> str:
    """Return what does not fit a reply's schema, without any of the reply's words.

    Args:
        error: Of the first thing that is wrong.
        what: What was read, such as "the reply".
        forms: What the schema is made of; other keys are the model's words.
    """
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    known = {field for form in forms for field in form.model_fields}
    place = ".".join(
        str(part + 1) if isinstance(part, int) else part if part in known else "another key"
        for part in first["loc"]
    )
    return f"{what} does not fit its schema: {first['type']} at {place or 'its top'}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Twice
    return made


def _refused(name: str) -> NoReturn:
    raise _NotFinite(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _NotFinite(digits)
    return number


def _depth(text: str) -> int:
    """Return how deep brackets outside strings nest."""
    depth = deepest = 0
    for token in _BRACKETS.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest
