"""A server on a small coded study, and browsers that talk to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from qualcode.review.addresses import Addresses
from qualcode.review.app import make_app
from qualcode.review.invitations import Invitations
from qualcode.review.service import ReviewOptions, Service
from qualcode.review_events import Part

ORIGIN = "http://127.0.0.1:20000"
HOSTILE = (
    '<script>alert(1)</script> & "<img src=x onerror=alert(2)>" '
    "\N{PILE OF POO} \N{RIGHT-TO-LEFT OVERRIDE}"
)


@pytest.fixture
def study_path(coded_template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(coded_template, tmp_path / "study")


@pytest.fixture
def service(study_path: Path) -> Service:
    return Service(
        study_path,
        "0123abcd",
        Addresses("127.0.0.1", 20000),
        Invitations(),
        ReviewOptions(overlap=2, batch_size=5),
    )


class Browser:
    """Talk to the server as a page does: with the cookie, and with its token and Origin to send."""

    def __init__(self, client: TestClient, service: Service) -> None:
        self.client = client
        self.service = service
        self.csrf = ""

    def come_in(self, name: str, part: Part = Part.REVIEWER) -> Browser:
        token = self.service.invitations.invite(name, part)
        assert self.client.get(f"/open?token={token}", follow_redirects=False).status_code == 303
        self.csrf = self.get("session")["csrf"]
        return self

    def get(self, path: str) -> Any:
        reply = self.client.get(f"/api/{path}")
        assert reply.status_code == 200, reply.text
        return reply.json()

    def send(self, path: str, body: Any, *, expect: int = 200, **headers: str) -> Any:
        given = {"Origin": ORIGIN, "X-CSRF-Token": self.csrf, **headers}
        reply = self.client.post(f"/api/{path}", json=body, headers=given)
        assert reply.status_code == expect, reply.text
        return reply.json()


@pytest.fixture
def connect(service: Service) -> Iterator[Callable[[], Browser]]:
    """Start browsers of a server that runs until the test ends."""
    app = make_app(service)
    with ExitStack() as stack:
        first = stack.enter_context(TestClient(app, base_url=ORIGIN))
        waiting = [first]

        def connected() -> Browser:
            client = waiting.pop() if waiting else TestClient(app, base_url=ORIGIN)
            client.portal = first.portal  # one event loop for all, as in the server
            return Browser(client, service)

        yield connected


@pytest.fixture
def ada(connect: Callable[[], Browser]) -> Browser:
    return connect().come_in("Ada")
