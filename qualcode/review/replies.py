"""What goes back to a browser: pages and JSON with the headers that keep them safe, and refusals.

A refusal names ids and what to do; participants' words and tokens are in none of them.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from starlette.responses import Response

from qualcode.errors import CodebookError, QualcodeError, StoreError, UsageError

__all__ = ["HEADERS", "Refused", "as_json", "json_reply", "refusal_of"]

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Stand on every reply; a static file has another `Cache-Control`."""

_WAITING = (StoreError, CodebookError)  # what goes away by itself, or once a person repaired it


class Refused(Exception):
    """End a request with a status other than 200.

    Args:
        status: 400 malformed, 401 not signed in, 403 not allowed, 404 not there, 409 conflict,
            413 too large, 415 not JSON, 500 our mistake, 503 come again.
        message: What happened and what to do.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def refusal_of(error: BaseException) -> Refused:
    """Return what a browser is told of an error."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, QualcodeError):
        status = 409 if isinstance(error, UsageError) else 503
        status = status if isinstance(error, (UsageError, *_WAITING)) else 500
        return Refused(status, f"{error.message} ({error.hint})" if error.hint else error.message)
    # Our mistake. Its text may hold participants' words, so only its place is told.
    return Refused(500, f"qualcode itself failed ({type(error).__name__} at {_place(error)})")


def _place(error: BaseException) -> str:
    places = list(traceback.walk_tb(error.__traceback__))
    if not places:
        return "an unknown place"
    frame, line = places[-1]
    return f"{Path(frame.f_code.co_filename).name}:{line}"


def as_json(value: Any) -> bytes:
    """Return a value as JSON, dataclasses by the names of their fields."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not for JSON")


def json_reply(body: bytes, status: int = 200) -> Response:
    """Return JSON with the headers of every reply."""
    return Response(body, status, headers=dict(HEADERS), media_type="application/json")
