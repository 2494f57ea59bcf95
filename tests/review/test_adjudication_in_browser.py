"""The adjudicator's page in a real browser, by keys alone."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qualcode.store.repository import Repository
from tests.review_server import Client, Server

pytestmark = pytest.mark.browser

FAMILIES = ["stage", "pain_point", "need"]
_uids = itertools.count()


class Team:
    """Hold a server on which Ada and Ben judged four segments, and differ on the first three."""

    def __init__(self, study: Path) -> None:
        self.study = study
        people = ("--reviewer", "Ada", "--reviewer", "Ben", "--adjudicator", "Zed")
        self.server = Server(study, *people, "--overlap", "2")
        self.ada, self.ben = (Client(link) for link in self.server.links[:2])
        with Repository(study / "qualcode.db") as repository:
            documents = repository.sources.documents()
            segments = repository.sources.segments(documents)[:4]
            self.segments = [s.id for s in segments]
        for number, segment in enumerate(segments):
            words = {"start_char": segment.start_char, "end_char": segment.end_char}
            pain = {"family": "pain_point", "code": "pain_slow"}
            agreed = self._event(segment.id, "add", family="need", code="need_soon", **words)
            yes = self._event(segment.id, "add", **pain, **words)
            narrow = {**words, "end_char": segment.start_char + 8}
            other = [
                self._event(segment.id, "reject", **pain, reason="wrong_code"),
                self._event(segment.id, "add", **pain, **narrow),
                self._event(segment.id, "clear", **pain),
                self._event(segment.id, "add", **pain, **words),
            ][number]
            done = self._event(segment.id, "done", value={"families": FAMILIES})
            self._send(self.ada, agreed, yes, done)
            self._send(self.ben, agreed, other, done)

    def _event(self, segment_id: str, action: str, **more: Any) -> dict[str, Any]:
        return {"segment_id": segment_id, "action": action, **more}

    def _send(self, client: Client, *events: dict[str, Any]) -> None:
        numbered = [{**event, "uid": f"e{next(_uids)}"} for event in events]
        receipts = client.send("/api/events", {"events": numbered})["receipts"]
        assert [r["refused"] for r in receipts] == [""] * len(events)

    def decided(self) -> list[tuple[int, str, str]]:
        """Return the adjudicator's events: number of the segment, action, code."""
        with Repository(self.study / "qualcode.db") as repository:
            events = repository.review_events.all(author="Zed")
        return [(self.segments.index(e.segment_id), e.action.value, e.code) for e in events]


@pytest.fixture
def team(coded_template: Path, tmp_path: Path) -> Iterator[Team]:
    team = Team(shutil.copytree(coded_template, tmp_path / "study"))
    yield team
    team.server.close()


@pytest.fixture
def page(browser: Any, team: Team) -> Iterator[Any]:
    """Yield the page before the first case; it must ask for nothing elsewhere, nor complain."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "request",
        lambda r: troubles.append(r.url) if not r.url.startswith(team.ada.origin) else None,
    )
    page.goto(team.server.links[2])
    page.goto(f"{team.ada.origin}/adjudicate")
    page.wait_for_selector("fieldset.focused")
    yield page
    assert [t for t in troubles if not t.startswith("data:") and "ERR_FAILED" not in t] == []
    context.close()


def until(page: Any, selector: str, text: str | re.Pattern[str]) -> None:
    """Wait for a text; `wait_for_function` would need what the policy forbids, eval."""
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_have_text(text)


def until_saved(page: Any) -> None:
    until(page, "#sent", "")


def test_what_people_said_stands_side_by_side(page: Any) -> None:
    assert page.locator("#place").text_content() == "Segment 1 of 3"
    assert page.locator("fieldset").count() == 1
    options = page.locator("fieldset .option")
    assert [option.inner_text().split("\n") for option in options.all()] == [
        ["1", "applies to the segment", "Ada"],
        ["2", "does not apply", "Ben: wrong code"],
    ]
    assert page.locator("#merged summary").text_content() == "All agree on 1 code"
    assert page.locator("#done").is_disabled()


def test_cases_are_decided_by_keys_alone_and_stored_as_a_third_record(
    page: Any, team: Team
) -> None:
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    until(page, "#place", "Segment 2 of 3")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    until(page, "#place", "Segment 3 of 3")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#end:not([hidden])")
    until_saved(page)
    assert team.decided() == [
        *((0, "reject", "pain_slow"), (0, "add", "need_soon"), (0, "done", "")),
        *((1, "add", "pain_slow"), (1, "add", "need_soon"), (1, "done", "")),
        *((2, "add", "pain_slow"), (2, "add", "need_soon"), (2, "done", "")),
    ]
    assert "Confirm 1 segment on which all agree" in page.locator("#end").inner_text()
    page.reload()
    page.wait_for_selector("#end:not([hidden])")
    assert "3 segments decided" in page.locator("#end").inner_text()


def test_enter_waits_until_all_is_decided_and_an_answer_can_be_taken_back(
    page: Any, team: Team
) -> None:
    page.keyboard.press("Enter")
    assert "is still open" in page.locator("#told").text_content()
    page.keyboard.press("1")
    page.keyboard.press("u")
    page.keyboard.press("Enter")
    assert page.locator("#place").text_content() == "Segment 1 of 3"
    assert team.decided() == []


def test_words_that_differ_are_shown_and_the_chosen_ones_stored(page: Any, team: Team) -> None:
    page.keyboard.press("ArrowRight")
    until(page, "#place", "Segment 2 of 3")
    assert page.locator("fieldset q").inner_text() == "The pric"
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    until_saved(page)
    with Repository(team.study / "qualcode.db") as repository:
        chosen = repository.review_events.all(author="Zed")[0]
    assert chosen.end_char - chosen.start_char == 8  # type: ignore[operator]


def test_a_server_that_is_away_loses_no_decision(page: Any, team: Team) -> None:
    page.route("**/api/events", lambda route: route.abort())
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    until(page, "#sent", re.compile("3 decisions not saved yet"))
    page.unroute("**/api/events")
    page.reload()
    until_saved(page)
    until(page, "#place", "Segment 1 of 2")
    assert [action for _, action, _ in team.decided()] == ["add", "add", "done"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_accessibility_violation(page: Any, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
