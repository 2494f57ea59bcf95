"""From a request to the work behind it: sign-in, checks, and the thread that does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from qualcode.review.gate import csrf_token, json_of, signed_in, written_here
from qualcode.review.replies import Refused, as_json, json_reply, refusal_of
from qualcode.review.service import Service
from qualcode.review.study_thread import Opened, StudyThread
from qualcode.review_events import Part
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.study import Study

__all__ = ["Call", "api_call", "page_call"]

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Call:
    """Hold a request of somebody who is signed in.

    Attributes:
        opened: The study, as the thread holds it that the work runs in.
        csrf: The token of the person's session.
        path: The parts of the address that vary.
        query: What stands behind the address's question mark.
        body: Of a POST, the JSON object.
    """

    opened: Opened
    service: Service
    reviewer: str
    part: Part
    until: str
    csrf: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def study(self) -> Study:
        return self.opened.study

    @property
    def index(self) -> ReviewIndex:
        """Return what the queues live in; only handlers of the quick thread ask for it."""
        return self.opened.index

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string of the body, or of the query where there is no body.

        Raises:
            Refused: 400 where it is missing and has no default, or is no string.
        """
        value = (self.body or self.query).get(name, default)
        if not isinstance(value, str):
            raise Refused(400, f"{name!r} is missing or no text")
        return value

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number of the body.

        Raises:
            Refused: 400 where it is none or out of bounds.
        """
        value = self.body.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Refused(400, f"{name!r} is no whole number from {least} to {most}")
        return value


async def _done(
    request: Request,
    service: Service,
    work: Callable[[Call], Answer],
    *,
    thread: StudyThread,
    body: Mapping[str, Any],
) -> Answer:
    secret = signed_in(request, service)

    def run(opened: Opened) -> Answer:
        session = opened.study.repository.review_sessions.find(secret)
        if session is None:
            raise Refused(401, "Your session has ended")
        return work(
            Call(
                opened=opened,
                service=service,
                reviewer=session.reviewer,
                part=session.part,
                until=session.until,
                csrf=csrf_token(secret),
                path=request.path_params,
                query=request.query_params,
                body=body,
            )
        )

    return await thread.run(run)


def api_call(
    handler: Callable[[Call], Any], *, slow: bool = False, of_map: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a handler whose answer goes out as JSON.

    A POST passes `written_here` and hands the handler its body.

    Args:
        handler: Returns what is to go out.
        slow: Whether it may take longer than a person waits for a key.
        of_map: Whether it needs the draft map.
    """

    async def endpoint(request: Request) -> Response:
        service: Service = request.app.state.service
        try:
            secret = signed_in(request, service)
            body: Mapping[str, Any] = {}
            if request.method == "POST":
                written_here(request, service, secret, request.headers.get("x-csrf-token", ""))
                body = await json_of(request)
            thread = service.map.thread if of_map else _thread(service, slow)
            answer = await _done(
                request, service, lambda call: as_json(handler(call)), thread=thread, body=body
            )
        except Exception as error:
            refused = refusal_of(error)
            return json_reply(as_json({"error": refused.message}), refused.status)
        return json_reply(answer)

    return endpoint


def page_call(
    handler: Callable[[Call], str],
    on_refusal: Callable[[Refused], str],
    *,
    slow: bool = False,
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a handler whose answer is a page.

    Args:
        handler: Returns the page's HTML.
        on_refusal: Returns the page that says what is in the way.
        slow: Whether it may take longer than a person waits for a key.
    """

    async def endpoint(request: Request) -> Response:
        service: Service = request.app.state.service
        try:
            thread = _thread(service, slow)
            page = await _done(request, service, handler, thread=thread, body={})
        except Exception as error:
            refused = refusal_of(error)
            return _html(on_refusal(refused), refused.status)
        return _html(page)

    return endpoint


def _thread(service: Service, slow: bool) -> StudyThread:
    return service.slow if slow else service.quick


def _html(page: str, status: int = 200) -> Response:
    return Response(page.encode("utf-8", "replace"), status, media_type="text/html")
