"""The map's API: what others did meanwhile, what is sent twice, newer drafts, hostile text."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from qualcode.errors import UsageError
from qualcode.review.addresses import Addresses
from qualcode.review.app import make_app
from qualcode.review.invitations import Invitations
from qualcode.review.service import Service
from qualcode.review_events import Part
from qualcode.workflow.code import code
from qualcode.workflow.draft import Drafted, machines_draft
from qualcode.workflow.edit_criteria import edit_criterion
from qualcode.workflow.edit_map import write_opportunity
from qualcode.workflow.study import Study
from tests.coded_study import PlainCoder
from tests.unit.review.conftest import HOSTILE, ORIGIN, Browser
from tests.unit.review.map.conftest import CELL, Connect, Page, log_of


def test_what_another_person_changed_meanwhile_is_told_and_nothing_is_overwritten(
    zed: Page, study_path: Path
) -> None:
    first = zed.criterion(0)["id"]
    with Study(study_path) as study:
        edit_criterion(study, first, "Bring it in time.", by="Ben")
    told = zed.refused("criterion", "edit", first, "Let me have it soon.")
    assert "meanwhile Ben worded a criterion anew: “Bring it in time.”" in told
    assert zed.load().criterion(0)["statement"] == "Bring it in time."
    zed.do("criterion", "edit", first, "Let me have it soon.")
    assert zed.criterion(0)["statement"] == "Let me have it soon."


def test_what_another_person_changed_elsewhere_is_no_conflict_and_comes_along(
    zed: Page, study_path: Path
) -> None:
    with Study(study_path) as study:
        write_opportunity(study, "stage_help", "Answer the phone.", by="Ben")
    reply = zed.do("criterion", "accept", zed.criterion(0)["id"])
    assert reply["is_whole"]
    assert zed.section("stage_help")["opportunities"] == ["opportunity/O1"]


def test_signing_stages_that_another_has_just_renamed_is_a_conflict(
    zed: Page, connect: Connect
) -> None:
    ben = Page(connect().come_in("Ben"))
    ben.do("stage", "rename", "stage_wait", "Wait until it comes")
    assert "Ben renamed" in zed.refused("stages", "sign", "stages", {"agrees": True})


def test_taking_back_what_another_has_built_on_asks_first(zed: Page, connect: Connect) -> None:
    first = zed.criterion(0)["id"]
    zed.do("criterion", "edit", first, "Bring it in time.")
    ben = Page(connect().come_in("Ben"))
    ben.do("criterion", "reject", first)
    assert "Ben rejected" in zed.refused("log", "undo")
    zed.load().do("log", "undo")
    assert zed.criterion(-1)["status"] == "rejected"


def test_a_deed_sent_twice_is_done_once(zed: Page, study_path: Path) -> None:
    deed = zed.deed("opportunity", "write", "stage_wait", {"text": "Tell them when."})
    first = zed.browser.send("map/decide", deed)
    again = zed.browser.send("map/decide", {**deed, "after": zed.map["last"]})
    assert again["decision"] == first["decision"]
    assert len(log_of(study_path)) == 1


@pytest.mark.parametrize(
    "deed",
    [
        ("opportunity", "write", "stage_wait", {"text": "Tell them when."}),
        ("stage", "rename", "stage_wait", "Wait until it comes"),
        ("stage", "move", "stage_wait", {"before": "stage_order"}),
        ("owner", "set", "stage_wait", "Dee"),
        ("log", "undo"),
    ],
)
def test_a_deed_sent_again_to_a_server_that_was_started_anew_is_done_once(
    zed: Page, study_path: Path, deed: tuple[Any, ...]
) -> None:
    zed.do("criterion", "accept", zed.criterion(0)["id"])
    zed.do("criterion", "accept", zed.criterion(1)["id"])
    sent = zed.deed(*deed)
    first = zed.browser.send("map/decide", sent)
    n_decisions = len(log_of(study_path))
    service = Service(study_path, "0123abcd", Addresses("127.0.0.1", 20000), Invitations())
    with TestClient(make_app(service), base_url=ORIGIN) as client:
        other = Page(Browser(client, service).come_in("Zed", Part.ADJUDICATOR))
        again = other.browser.send("map/decide", {**sent, "after": zed.map["last"]})
    assert again["decision"] == first["decision"]
    assert len(log_of(study_path)) == n_decisions


def test_codings_made_anew_are_drafted_anew_while_the_map_stays_to_be_judged(
    zed: Page, study_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.review.map_desk._LEAST_PAUSE", 0.0)
    with Study(study_path) as study:
        code(study, PlainCoder("local:other", without=["pain_slow"]))
        code(study, PlainCoder(without=["pain_slow"]))
    zed.do("criterion", "accept", zed.criterion(0)["id"])
    until = time.monotonic() + 20
    while f"cell/{CELL}" in zed.items and time.monotonic() < until:
        time.sleep(0.02)
        zed.load()
    assert f"cell/{CELL}" not in zed.items
    assert zed.criterion(0)["status"] == "accepted"


def test_until_there_is_a_draft_the_page_is_told_to_wait(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = threading.Event()

    def slow(study: Study) -> Drafted:
        may_end.wait(20)
        return machines_draft(study)

    monkeypatch.setattr("qualcode.workflow.draft.machines_draft", slow)
    browser = connect().come_in("Zed", Part.ADJUDICATOR)
    assert browser.get("map") == {"is_ready": False}
    deed = {"uid": "u", "subject": "criterion", "action": "accept", "target": "C1"}
    browser.send("map/decide", deed, expect=503)
    assert browser.client.get(f"/api/map/quotes?cell={CELL}").status_code == 503
    may_end.set()
    assert Page(browser).criterion(0)["status"] == "draft"


def test_why_no_draft_could_be_made_is_told_and_the_next_call_tries_again(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def failing(study: Study) -> Drafted:
        tries.append(1)
        if len(tries) == 1:
            raise UsageError("there is a stone in the way")
        return machines_draft(study)

    monkeypatch.setattr("qualcode.workflow.draft.machines_draft", failing)
    browser = connect().come_in("Zed", Part.ADJUDICATOR)
    reply = browser.client.get("/api/map")
    until = time.monotonic() + 20
    while reply.status_code == 200 and time.monotonic() < until:
        time.sleep(0.02)
        reply = browser.client.get("/api/map")
    assert (reply.status_code, reply.json()) == (409, {"error": "there is a stone in the way"})
    assert Page(browser).criterion(0)["status"] == "draft"


# Safety


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"X-CSRF-Token": "wrong"}, {"Origin": ""}]
)
def test_a_foreign_page_decides_nothing(
    zed: Page, study_path: Path, headers: dict[str, str]
) -> None:
    deed = zed.deed("criterion", "accept", zed.criterion(0)["id"])
    zed.browser.send("map/decide", deed, expect=403, **headers)
    assert log_of(study_path) == []


def test_hostile_text_stays_text(zed: Page) -> None:
    zed.do("criterion", "edit", zed.criterion(0)["id"], HOSTILE)
    assert zed.criterion(0)["statement"] == " ".join(HOSTILE.split())
    reply = zed.browser.client.get("/api/map")
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-content-type-options"] == "nosniff"
    page = zed.browser.client.get("/map").text
    assert "alert(1)" not in page
    assert 'data-page="map"' in page


def test_half_a_character_is_refused(zed: Page) -> None:
    content = b'{"subject": "opportunity", "action": "write", "value": "\\ud800"}'
    headers = {
        "Origin": ORIGIN,
        "X-CSRF-Token": zed.browser.csrf,
        "Content-Type": "application/json",
    }
    reply = zed.browser.client.post("/api/map/decide", content=content, headers=headers)
    assert reply.status_code == 400
