"""Decisions on their way to the store: the server dies, tabs are reloaded, sessions end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qualcode.review_events import Part
from qualcode.workflow.study import Study
from tests.review_page_sample import STORE, Served, copy_of, events_of, serving, started

pytestmark = pytest.mark.browser

ComeIn = Callable[..., Any]
BATCH = "JSON.parse(Object.entries(sessionStorage)[0][1]).batches.new.batch.segment_ids"


def forgive(desk: Any) -> None:
    """Leave out what browsers themselves say of requests that fail, as they are meant to here."""
    desk.troubles[:] = [t for t in desk.troubles if "Failed to load resource" not in t]


def test_a_server_killed_in_the_middle_loses_and_doubles_nothing(
    made_study: Path, tmp_path: Path, come_in: ComeIn
) -> None:
    study = copy_of(made_study, tmp_path)
    with started(study, ["Ana"]) as running:
        desk = come_in(running, "Ana", link=running.links["Ana"]).open(size=20)
        order = desk.page.evaluate(BATCH)
        desk.press("Enter", "Enter", "Enter")
        running.kill()
        desk.press("f", "Enter", "f", "Enter")
        desk.page.locator("#waiting").wait_for()
        assert "the server is away" in desk.text("#waiting")
        running.start()
        desk.sent()
        desk.page.locator("#waiting").wait_for(state="hidden")
        desk.press("Enter").sent()
    forgive(desk)
    events = events_of(study, "Ana")
    assert [e.action.value for e in events] == [
        *["done"] * 3,
        *["flag", "done"] * 2,
        "done",
    ]
    assert [e.segment_id for e in events if e.action.value == "done"] == order[:6]


def test_what_waits_survives_a_reload(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Reloader").open(size=5)
    desk.page.route("**/api/events", lambda route: route.abort())
    desk.press("f", "Enter", "Enter")
    desk.page.locator("#waiting").wait_for()
    assert events_of(served.study, "Reloader") == []
    desk.page.reload()
    desk.settled()
    assert desk.place == "3 of 5"
    desk.page.unroute("**/api/events")
    desk.sent()
    forgive(desk)
    assert [e.action.value for e in events_of(served.study, "Reloader")] == ["flag", "done", "done"]


def test_a_reply_that_gets_lost_doubles_nothing(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Unlucky").open(size=5)

    def lose(route: Any) -> None:
        route.fetch()  # the server has it, the page does not hear of it
        route.abort()

    desk.page.route("**/api/events", lose, times=1)
    desk.press("f").sent()
    forgive(desk)
    assert [e.action.value for e in events_of(served.study, "Unlucky")] == ["flag"]


def test_what_the_server_refuses_is_told_and_taken_off_the_screen(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Refused").open("code:wait", 5).until(False)

    def refuse(route: Any) -> None:
        (event,) = route.request.post_data_json["events"]
        receipt = {"uid": event["uid"], "id": 0, "is_new": False, "refused": "not today"}
        route.fulfill(json={"receipts": [receipt], "progress": {}})

    desk.page.route("**/api/events", refuse, times=1)
    desk.press("a").sent()
    desk.page.locator("#said.bad").wait_for()
    assert desk.said == "Not stored: not today"
    assert desk.page.locator(".line.yes").count() == 0


def test_an_ended_session_keeps_decisions_and_says_how_to_go_on(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Late").open(size=5)
    secret = next(c["value"] for c in desk.page.context.cookies() if c["name"].endswith(STORE))
    with Study(served.study) as opened:
        opened.repository.review_sessions.close(secret)
    desk.press("f", "Enter")
    desk.page.locator("#notice").wait_for()
    assert "Open a new link for Late" in desk.text("#notice")
    assert events_of(served.study, "Late") == []
    assert desk.page.context.request.get(served.link("Late"), max_redirects=0).status == 303
    desk.sent()
    desk.page.locator("#notice").wait_for(state="hidden")
    forgive(desk)
    assert [e.action.value for e in events_of(served.study, "Late")] == ["flag", "done"]


def test_what_waits_is_never_sent_under_another_name(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "First").open(size=5)
    desk.page.route("**/api/events", lambda route: route.abort())
    desk.press("f")
    desk.page.locator("#waiting").wait_for()
    assert desk.page.context.request.get(served.link("Second"), max_redirects=0).status == 303
    desk.page.unroute("**/api/events")
    desk.page.locator("#notice").wait_for()
    assert "Somebody else is signed in" in desk.text("#notice")
    desk.page.goto(f"{served.base}/")
    desk.page.locator("#progress .figure").first.wait_for()
    assert "1 decision of First" in desk.text("#notice")
    assert events_of(served.study, "Second") == events_of(served.study, "First") == []
    assert desk.page.context.request.get(served.link("First"), max_redirects=0).status == 303
    desk.page.reload()
    desk.sent()
    forgive(desk)
    assert [e.action.value for e in events_of(served.study, "First")] == ["flag"]


def test_two_tabs_of_one_person_send_everything_once(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Tabs").open(size=5)
    other = desk.page.context.new_page()
    other.goto(desk.page.url)
    other.locator(".turn.current").wait_for()
    for _ in range(4):
        desk.press("f")
        other.keyboard.press("f")
    desk.sent()
    assert len(events_of(served.study, "Tabs")) == 8
    other.close()


def test_two_people_at_once_never_get_the_same_segment_nor_see_each_others_codings(
    made_study: Path, tmp_path: Path, come_in: ComeIn
) -> None:
    study = copy_of(made_study, tmp_path)
    with serving(study, batch_size=12) as running:
        ana, ben = (come_in(running, name).open("code:wait", 12) for name in ("Ana", "Ben"))
        got: list[set[str]] = []
        for desk in (ana, ben):
            replies: list[str] = []
            desk.page.on("response", lambda r, kept=replies: kept.append(r.url))
            ids = "JSON.parse(Object.entries(sessionStorage)[0][1]).batches['code:wait'].batch"
            got.append(set(desk.page.evaluate(f"{ids}.segment_ids")))
        assert got[0] and got[1] and not got[0] & got[1]
        for _ in range(6):
            ana.press("a", "Enter")
            ben.press("x", "Enter")
        ana.sent()
        ben.sent()
        judged = {e.segment_id for e in events_of(study, "Ana")}
        assert judged.isdisjoint(e.segment_id for e in events_of(study, "Ben"))
        # Ben looks at a segment that Ana has judged and he has not.
        ben.open(f"segments:{sorted(judged)[0]}", 1)
        assert "Ana" not in ben.page.locator("#main").inner_text()
        item = ben.page.evaluate(
            "async id => (await (await fetch('/api/items?ids=' + id)).json()).items[0]",
            sorted(judged)[0],
        )
        assert item["others"] == []
        assert all(code["author"] != "Ana" for s in item["similar"] for code in s["codes"])


def test_a_blind_segment_shows_no_suggestion_anywhere_before_it_is_done(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Blind")
    bodies: dict[str, Any] = {}

    def keep(response: Any) -> None:
        if "/api/items" in response.url:
            bodies.update((item["segment_id"], item) for item in response.json()["items"])

    desk.page.on("response", keep)
    desk.open("random", 10).until(True)
    hidden = [item for item in bodies.values() if item["is_blind"]]
    assert hidden
    assert all(not (i["suggestions"] or i["similar"] or i["others"]) for i in hidden)
    assert desk.page.locator(".score, .reference, .similar li, .others, .carried").count() == 0
    desk.press("1", "Enter").sent()
    (event, done) = events_of(served.study, "Blind")
    assert event.is_blind and done.is_blind
    desk.press("r")
    desk.page.get_by_text("You coded this one without suggestions first.").wait_for()
    assert desk.page.locator(".line").count() > 0
    desk.press("f").sent()
    assert not events_of(served.study, "Blind")[-1].is_blind


def test_an_adjudicator_may_judge_on_the_same_page(served: Served, come_in: ComeIn) -> None:
    link = served.link("Cleo", Part.ADJUDICATOR)
    desk = come_in(served, "Cleo", link=link).open("flagged", 5)
    if desk.page.locator("#summary").is_hidden():
        desk.press("Enter").sent()
        assert {e.part for e in events_of(served.study, "Cleo")} == {Part.ADJUDICATOR}
