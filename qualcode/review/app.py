"""The web application: which address leads where."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from qualcode.review import api, map_api, pages
from qualcode.review.calls import api_call, page_call
from qualcode.review.entry import leave, open_link
from qualcode.review.gate import Guard
from qualcode.review.replies import Refused, as_json, json_reply
from qualcode.review.service import Service

__all__ = ["make_app"]

_STATIC = Path(__file__).parent / "static"
# What a machine's registry says of these endings can be wrong, and browsers run no script that
# is said to be something else.
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class _Static(StaticFiles):
    """Serve our own files; browsers ask each time whether they are still the same."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def make_app(service: Service) -> Starlette:
    """Return the application of one server."""
    for ending, kind in _TYPES.items():
        mimetypes.add_type(kind, ending)
    app = Starlette(
        routes=[*_pages(), *_api(), Mount("/static", _Static(directory=_STATIC))],
        middleware=[Middleware(Guard, addresses=service.addresses)],
        exception_handlers={404: _nowhere, 405: _nowhere},
        lifespan=_lifespan,
    )
    app.state.service = service
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    service: Service = app.state.service
    # The index of a large study takes seconds: it is made while the person's browser opens.
    warming = asyncio.ensure_future(service.quick.run(lambda opened: opened.index))
    warming.add_done_callback(lambda done: done.cancelled() or done.exception())
    yield
    await service.lessons.close()
    await service.map.close()  # before the quick one: its work asks that
    await service.quick.close()
    await service.slow.close()


def _pages() -> list[BaseRoute]:
    routes = [
        ("/", pages.start, False),
        ("/review", pages.review, False),
        ("/transcript/{document_id}", pages.transcript, True),
        ("/map", pages.map_, False),
        ("/adjudicate", pages.adjudicate, False),
        ("/help", pages.help_, False),
    ]
    return [
        Route("/open", open_link),
        Route("/logout", leave, methods=["POST"]),
        *(Route(path, page_call(made, pages.refusal, slow=slow)) for path, made, slow in routes),
    ]


def _api() -> list[BaseRoute]:
    asked = [
        ("session", api.session, False),
        ("book", api.book, False),
        ("items", api.items, False),
        ("history", api.history, True),
        ("progress", api.progress, False),
        ("search", api.search, True),
        ("cases", api.cases, False),
        ("cases/{segment_id}", api.case, False),
    ]
    sent = [
        ("batch", api.batch),
        ("reveal", api.reveal),
        ("events", api.events),
        ("bulk/preview", api.bulk_preview),
        ("bulk/accept", api.bulk_accept),
        ("bulk/undo", api.bulk_undo),
    ]
    return [
        *(Route(f"/api/{path}", api_call(made, slow=slow)) for path, made, slow in asked),
        *(Route(f"/api/{path}", api_call(made), methods=["POST"]) for path, made in sent),
        Route("/api/map", api_call(map_api.whole, of_map=True)),
        Route("/api/map/quotes", api_call(map_api.quotes, of_map=True)),
        Route("/api/map/decide", api_call(map_api.decide, of_map=True), methods=["POST"]),
    ]


async def _nowhere(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    refused = Refused(status, "There is nothing at this address")
    if request.url.path.startswith("/api/"):
        return json_reply(as_json({"error": refused.message}), status)
    page = pages.refusal(refused).encode("utf-8", "replace")
    return Response(page, status, media_type="text/html")
