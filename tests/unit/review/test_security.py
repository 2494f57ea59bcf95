"""What the server refuses, and what stands on everything that it sends."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from qualcode.review import api
from qualcode.review.app import _STATIC
from qualcode.review.gate import LARGEST_BODY
from qualcode.review_events import Part
from qualcode.store.repository import Repository
from tests.unit.review.conftest import ORIGIN, Browser

Connect = Callable[[], Browser]
GETS = [
    "session",
    "book",
    "items?ids=a",
    "history",
    "progress",
    "search?q=late",
    "cases",
    "cases/a",
    "map",
    "map/quotes?cell=a",
]
POSTS = ["batch", "reveal", "events", "bulk/preview", "bulk/accept", "bulk/undo", "map/decide"]
PAGES = ["/", "/review", "/transcript/doc_x", "/map", "/adjudicate", "/help"]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", GETS)
def test_nothing_is_told_without_a_session(connect: Connect, path: str) -> None:
    reply = connect().client.get(f"/api/{path}")
    assert (reply.status_code, list(reply.json())) == (401, ["error"])


@pytest.mark.parametrize("path", POSTS)
def test_nothing_is_done_without_a_session(connect: Connect, path: str) -> None:
    connect().send(path, {}, expect=401)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_shown_without_a_session(connect: Connect, path: str) -> None:
    reply = connect().client.get(path)
    assert reply.status_code == 401
    assert "Open the link that you were given" in reply.text


def test_a_cookie_that_nobody_was_given_is_no_session(connect: Connect) -> None:
    browser = connect()
    browser.client.cookies.set(browser.service.cookie, "x" * 43)
    assert browser.client.get("/api/session").status_code == 401


def test_a_session_ends_after_its_hours(ada: Browser, study_path: Path) -> None:
    with Repository(study_path / "qualcode.db") as repository:
        secret = repository.review_sessions.open("Ada", Part.REVIEWER, hours=-1)
    ada.client.cookies.clear()
    ada.client.cookies.set(ada.service.cookie, secret)
    assert ada.client.get("/api/session").status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:20000", "127.0.0.1:1"])
def test_a_foreign_name_gets_no_answer(ada: Browser, host: str) -> None:
    for path in ("/", "/api/session", "/static/text.js", "/open?token=x"):
        reply = ada.client.get(path, headers={"Host": host})
        assert reply.status_code == 403
        assert "Ada" not in reply.text


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:20001", "null", ""])
@pytest.mark.parametrize("path", POSTS)
def test_a_foreign_page_changes_nothing(ada: Browser, path: str, origin: str) -> None:
    ada.send(path, {}, expect=403, Origin=origin)


@pytest.mark.parametrize("path", POSTS)
def test_a_post_without_the_sessions_token_changes_nothing(ada: Browser, path: str) -> None:
    ada.send(path, {}, expect=403, **{"X-CSRF-Token": "wrong"})


def test_the_token_of_another_session_does_not_fit(ada: Browser, connect: Connect) -> None:
    ben = connect().come_in("Ben")
    ada.send("events", {"events": []}, expect=403, **{"X-CSRF-Token": ben.csrf})


def test_a_reviewer_does_not_see_what_others_judged(ada: Browser) -> None:
    assert ada.client.get("/api/cases").status_code == 403
    assert ada.client.get("/api/cases/seg_x").status_code == 403
    assert ada.client.get("/adjudicate").status_code == 403
    assert 'href="/adjudicate"' not in ada.client.get("/help").text


@pytest.mark.parametrize(
    "path", [*PAGES, "/nowhere", "/open?token=x", "/api/session", "/api/nowhere", "/static/text.js"]
)
def test_every_reply_carries_the_policy(ada: Browser, path: str) -> None:
    headers = ada.client.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_the_policy_stands_on_what_a_foreign_name_gets(ada: Browser) -> None:
    reply = ada.client.get("/", headers={"Host": "evil.example"})
    assert reply.headers["content-security-policy"] == POLICY


class _Inline(HTMLParser):
    """Collect what the policy would keep from working: scripts and styles in the page itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (tag == "script" and "src" not in given) or tag == "style":
            self.found.append(tag)
        self.found += [name for name in given if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("path", ["/", "/review", "/map", "/adjudicate", "/help", "/nowhere"])
def test_pages_have_no_script_or_style_inside(connect: Connect, path: str) -> None:
    judge = connect().come_in("Zed", Part.ADJUDICATOR)
    reader = _Inline()
    reader.feed(judge.client.get(path).text)
    assert reader.found == []


@pytest.mark.parametrize("path", ["/", "/review", "/map", "/adjudicate", "/help"])
def test_pages_ask_only_for_files_that_are_there(connect: Connect, path: str) -> None:
    judge = connect().come_in("Zed", Part.ADJUDICATOR)
    asked = re.findall(r'(?:src|href)="(/static/[^"]+)"', judge.client.get(path).text)
    assert asked
    for file in asked:
        assert judge.client.get(file).status_code == 200, file


def test_scripts_are_said_to_be_scripts_whatever_the_machine_thinks(ada: Browser) -> None:
    for file in _STATIC.glob("*.js"):
        kind = ada.client.get(f"/static/{file.name}").headers["content-type"]
        assert kind == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "/etc/passwd"])
def test_no_file_outside_is_served(ada: Browser, path: str) -> None:
    assert ada.client.get(f"/static/{path}").status_code == 404


def test_more_than_a_megabyte_is_refused(ada: Browser) -> None:
    told = ada.send("events", {"events": [], "x": "x" * LARGEST_BODY}, expect=413)
    assert "1,000,000 bytes" in told["error"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"events=1", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"events": [NaN]}', "application/json", 400),
        (b'{"events": ["\\ud800"]}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"events": 1}', "application/json", 400),
        (b'{"events": [1]}', "application/json", 400),
        (b'{"events": [' + b"{}," * 200 + b"{}]}", "application/json", 400),
    ],
)
def test_what_is_malformed_is_refused(ada: Browser, body: bytes, kind: str, status: int) -> None:
    headers = {"Origin": ORIGIN, "X-CSRF-Token": ada.csrf, "Content-Type": kind}
    reply = ada.client.post("/api/events", content=body, headers=headers)
    assert (reply.status_code, list(reply.json())) == (status, ["error"])


def test_a_mistake_of_ours_tells_its_place_and_no_words(
    ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("what a participant said")

    monkeypatch.setattr("qualcode.workflow.search.search", broken)
    reply = ada.client.get("/api/search?q=late")
    assert reply.status_code == 500
    assert re.fullmatch(
        r"qualcode itself failed \(ValueError at test_security\.py:\d+\)", reply.json()["error"]
    )


def test_every_address_of_the_api_is_tried_here() -> None:
    from qualcode.review.app import _api

    tried = {re.sub(r"\?.*|/a$", "", path) for path in [*GETS, *POSTS]}
    assert {r.path.removeprefix("/api/").removesuffix("/{segment_id}") for r in _api()} == tried  # type: ignore[attr-defined]
    assert api.__doc__ is not None
