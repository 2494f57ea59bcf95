"""qualcode review and what qualcode log tells of it: real servers, as processes of their own."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qualcode.store.repository import Repository
from tests.conftest import Run
from tests.review_server import ON_WINDOWS, Client, Server


@pytest.fixture
def study(coded_template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(coded_template, tmp_path / "study")


Start = Callable[..., Server]


@pytest.fixture
def start(study: Path) -> Iterator[Start]:
    servers: list[Server] = []

    def started(*arguments: str) -> Server:
        servers.append(Server(study, *arguments))
        return servers[-1]

    yield started
    for server in servers:
        server.close()


def status_of(link: str) -> int:
    try:
        with urllib.request.urlopen(link, timeout=30) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_each_person_gets_a_link_of_their_own(start: Start) -> None:
    server = start("--reviewer", "Ada", "--reviewer", "Ben", "--adjudicator", "Zed")
    told = [Client(link).get("/api/session") for link in server.links]
    assert [(one["reviewer"], one["part"]) for one in told] == [
        ("Ada", "reviewer"),
        ("Ben", "reviewer"),
        ("Zed", "adjudicator"),
    ]


def test_a_link_lets_in_once_and_enter_gives_a_new_one(start: Start) -> None:
    server = start("--reviewer", "Ada")
    Client(server.links[0])
    assert status_of(server.links[0]) == 403
    server.press_enter()
    assert Client(server.link()).get("/api/session")["reviewer"] == "Ada"


@pytest.mark.skipif(ON_WINDOWS, reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_ends_it_in_peace(start: Start) -> None:
    server = start("--reviewer", "Ada")
    Client(server.links[0])
    code, said = server.stop()
    assert code == 0
    assert "Stopped. Every decision that arrived is saved" in said
    assert "Traceback" not in said


def test_nothing_of_a_request_is_logged(start: Start) -> None:
    server = start("--reviewer", "Ada")
    browser = Client(server.links[0])
    browser.get("/api/search?q=price")
    browser.open("/help")
    _, said = server.stop()
    assert "price" not in said
    assert "token" not in said
    assert "GET" not in said


def test_a_server_started_again_is_the_same_to_a_browser(start: Start) -> None:
    first = start("--reviewer", "Ada")
    browser = Client(first.links[0])
    first.stop()
    again = start("--reviewer", "Ada")
    assert again.links[0].startswith(browser.origin)
    assert browser.get("/api/session")["reviewer"] == "Ada"
    assert browser.send("/api/events", {"events": []})["receipts"] == []


def test_two_servers_on_one_study_lose_nothing(start: Start, study: Path) -> None:
    browsers = [Client(start("--reviewer", name).links[0]) for name in ("Ada", "Ben")]
    assert browsers[0].origin != browsers[1].origin
    ids = browsers[0].send("/api/batch", {"queue": "new", "size": 10})["segment_ids"]
    refused: list[Any] = []

    def press(browser: Client, name: str) -> None:
        for number in range(40):
            event = {"uid": f"{name}-{number}", "segment_id": ids[number % len(ids)]}
            body = {"events": [{**event, "action": "flag" if number % 2 else "skip"}]}
            answer = browser.send("/api/events", body)
            refused.extend(r for r in answer["receipts"] if r["refused"] or not r["is_new"])

    threads = [
        threading.Thread(target=press, args=(browser, name))
        for browser, name in zip(browsers, ("Ada", "Ben"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    with Repository(study / "qualcode.db") as repository:
        stored = repository.review_events.all()
    assert sorted(e.uid for e in stored if e.author == "Ada") == sorted(
        f"Ada-{n}" for n in range(40)
    )
    assert sum(e.author == "Ben" for e in stored) == 40


def test_a_killed_server_has_kept_what_it_answered(start: Start, study: Path) -> None:
    server = start("--reviewer", "Ada")
    browser = Client(server.links[0])
    (segment_id,) = browser.send("/api/batch", {"queue": "new", "size": 1})["segment_ids"]
    flag = {"uid": "one", "segment_id": segment_id, "action": "flag"}
    browser.send("/api/events", {"events": [flag]})
    server.process.kill()
    server.process.wait(timeout=30)
    again = Client(start("--reviewer", "Ada").links[0])
    (receipt,) = again.send("/api/events", {"events": [flag]})["receipts"]
    assert receipt["is_new"] is False


def test_the_default_reviewer_is_who_runs_it(
    start: Start, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUALCODE_PERSON_NAME", "Grace")
    assert Client(start().links[0]).get("/api/session")["reviewer"] == "Grace"


def test_options_reach_the_pages(start: Start) -> None:
    server = start("--reviewer", "Ada", "--batch-size", "3", "--queue", "flagged")
    browser = Client(server.links[0])
    page = browser.open("/review").decode("utf-8")
    assert 'data-queue="flagged"' in page
    assert 'data-size="3"' in page
    assert len(browser.send("/api/batch", {"queue": "new"})["segment_ids"]) == 3


def test_a_server_for_other_machines_says_that_nothing_is_encrypted(start: Start) -> None:
    server = start("--reviewer", "Ada", "--host", "0.0.0.0")
    port = server.links[0].split(":")[2].partition("/")[0]
    assert f"http://{socket.gethostname()}:{port}/" in server.links[0]
    assert status_of(f"http://127.0.0.1:{port}/") == 401
    _, said = server.stop()
    assert "UNENCRYPTED" in said


def test_behind_a_proxy_with_tls_links_name_the_proxy(start: Start) -> None:
    server = start("--reviewer", "Ada", "--url", "https://review.example.org")
    assert server.links[0].startswith("https://review.example.org/open?token=")
    _, said = server.stop()
    assert "UNENCRYPTED" not in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--reviewer", " "], "a name is empty"),
        (["--host", "192.0.2.1"], "192.0.2.1"),
        (["--url", "example.org"], "not the address of a server"),
        (["--port", "99999"], "--port"),
        (["--overlap", "0"], "--overlap"),
        (["--queue", "nowhere"], "there are: new"),
    ],
)
def test_what_does_not_fit_together_leaves_with_2(
    study: Path, qualcode: Run, arguments: list[str], told: str
) -> None:
    done = qualcode("review", "--no-browser", "--study", study, *arguments, expect=2)
    assert told in done.stderr
    assert done.stdout == ""


def test_a_study_without_files_has_nothing_to_review(qualcode: Run) -> None:
    qualcode("init", "empty", "--yes")
    done = qualcode("review", "--no-browser", "--study", "empty", expect=2)
    assert "qualcode ingest" in done.stderr


def test_the_log_tells_who_decided_what_on_which_suggestion(start: Start, qualcode: Run) -> None:
    browser = Client(start("--reviewer", "Ada").links[0])
    ids = browser.send("/api/batch", {"queue": "new", "size": 36})["segment_ids"]
    items = [
        i
        for n in range(0, 20, 10)
        for i in browser.get(f"/api/items?ids={','.join(ids[n : n + 10])}")["items"]
    ]
    item = next(item for item in items if not item["is_blind"])
    one = item["suggestions"][0]
    reject = {
        "uid": "r",
        "segment_id": item["segment_id"],
        "action": "reject",
        "family": one["family"],
        "code": one["code"],
        "reason": "she says so herself",
        "value": {"coding_id": one["coding_id"]},
    }
    undo = {"uid": "u", "segment_id": item["segment_id"], "action": "undo", "undoes": "r"}
    browser.send("/api/events", {"events": [reject]})
    browser.send("/api/events", {"events": [undo]})
    logged = json.loads(qualcode("log", "--study", "study", "--json", "--by", "Ada").stdout)
    assert [(e["kind"], e["action"], e["stands"]) for e in logged] == [
        ("review", "reject", False),
        ("review", "undo", True),
    ]
    assert logged[0]["coding_id"] == one["coding_id"]
    assert (logged[0]["coder"], logged[0]["score"]) == ("local:plain", one["score"])
    assert logged[0]["undone_by"] == logged[1]["id"]
    told = qualcode("log", "--study", "study").stdout
    assert f"reject {one['family']}/{one['code']}" in told
    assert f"{one['coding_id']} by local:plain" in told
    assert "she says so" not in told + json.dumps(logged)
    assert time.strptime(logged[0]["at"], "%Y-%m-%dT%H:%M:%SZ")
