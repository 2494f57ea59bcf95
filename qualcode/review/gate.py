"""Who may ask: the checks that every request passes before any of its work begins.

The cookie is sent by the browser alone (HttpOnly, SameSite=Strict). A POST must also carry what
only a page of this server can know, the token bound to the cookie, and come from such a page
(Origin).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qualcode.review.addresses import Addresses
from qualcode.review.replies import HEADERS, Refused, as_json, json_reply, refusal_of
from qualcode.review.service import Service

__all__ = ["LARGEST_BODY", "Guard", "csrf_token", "form_of", "json_of", "signed_in", "written_here"]

LARGEST_BODY = 1_000_000
"""Bytes; 200 decisions with long notes are a tenth of it."""

_UNKNOWN_HOST = (
    "This review does not answer under that name. Use the link from the terminal, or name the "
    "address with --host or --url when you start it."
)


class Guard:
    """Answer only to the server's own names, and put the safe headers on every reply.

    It is the outermost part: nothing that goes wrong inside gets past it into a log.
    """

    def __init__(self, app: ASGIApp, addresses: Addresses) -> None:
        self._app = app
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                given = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in _ENCODED if pair[0] not in given),
                ]
            await send(message)

        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not self._addresses.serves(hosts[0].decode("latin-1")):
            await PlainTextResponse(_UNKNOWN_HOST, 403)(scope, receive, guarded)
            return
        try:
            await self._app(scope, receive, guarded)
        except Exception as error:
            if not begun:
                refused = refusal_of(error)
                reply = json_reply(as_json({"error": refused.message}), refused.status)
                await reply(scope, receive, guarded)


_ENCODED = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


def csrf_token(secret: str) -> str:
    """Return the token that the pages of one session send back; it tells nothing of the cookie."""
    return hmac.new(secret.encode("utf-8"), b"csrf", hashlib.sha256).hexdigest()


def signed_in(request: Request, service: Service) -> str:
    """Return the cookie's secret; whether its session stands is known by the store alone.

    Raises:
        Refused: 401 where there is no cookie.
    """
    secret = request.cookies.get(service.cookie)
    if not secret:
        raise Refused(401, "You are not signed in, or your session has ended")
    return secret


def written_here(request: Request, service: Service, secret: str, token: str) -> None:
    """Let a request pass that changes something, if a page of this server sent it.

    Args:
        token: What the page sent as `csrf_token`.

    Raises:
        Refused: 403 with what is wrong.
    """
    origin = request.headers.get("origin", "")
    if origin == "null" and request.headers.get("sec-fetch-site") == "same-origin":
        pass  # a form of ours: without a referrer, browsers do not tell where a form was
    elif not service.addresses.is_own(origin, request.headers["host"]):
        raise Refused(403, "The request comes from another page than the review's own")
    if not hmac.compare_digest(token.encode("utf-8"), csrf_token(secret).encode("utf-8")):
        raise Refused(403, "The page belongs to another session: reload it")


async def _body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise Refused(413, f"More than {LARGEST_BODY:,} bytes at once")
        parts.append(part)
    return b"".join(parts)


async def json_of(request: Request) -> dict[str, Any]:
    """Return a body that is a JSON object.

    Raises:
        Refused: 413, 415, or 400 where it is none or holds text that no file can hold.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "Send JSON, with Content-Type: application/json")
    body = await _body(request)
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
        # Half of a surrogate pair may stand in JSON, and nowhere else.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Refused(400, "What was sent is not JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise Refused(400, "Send a JSON object")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form, each once.

    Raises:
        Refused: 413 or 400.
    """
    try:
        fields = parse_qs((await _body(request)).decode("utf-8"), max_num_fields=50)
    except ValueError as error:
        raise Refused(400, "What was sent is not a form") from error
    return {name: values[-1] for name, values in fields.items()}
