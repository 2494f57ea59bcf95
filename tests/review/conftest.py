"""Give browser tests a headless Chromium, or skip them with the reason."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Yield one Chromium for all tests."""
    from screenshots import ARGUMENTS, chromium

    path = chromium()
    if path is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("REQUIRE_BROWSER is set and there is no Chromium")
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM to one")
    from playwright import sync_api

    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def made_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a study to review; tests copy it or decide under names of their own."""
    from tests.review_page_sample import make_study

    folder = tmp_path_factory.mktemp("parking")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "private"))
        # The drawn order follows from the study's id: of another one, other segments are blind.
        patch.setattr("qualcode.workflow.study.uuid.uuid4", lambda: uuid.UUID(int=1))
        return make_study(folder)


@pytest.fixture(scope="session")
def served(made_study: Path) -> Iterator[Any]:
    """Serve that study to all tests that come with a person of their own."""
    from tests.review_page_sample import serving

    with serving(made_study) as running:
        yield running


# The place tells at once which segment keys mean, the announcement which one is drawn.
_IS_SETTLED = """() => {
  const text = (id) => document.getElementById(id).textContent;
  const isOver = document.getElementById('panes').hidden;
  return isOver || Boolean(text('place')) && text('here').startsWith(text('place'));
}"""


class Desk:
    """Hold one person's tab at the review, and everything that went wrong in it."""

    def __init__(self, page: Any, base: str) -> None:
        self.page = page
        self.base = base
        self.requests: list[str] = []
        self.troubles: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: (self.troubles.append("dialog"), dialog.dismiss()))

    def open(self, queue: str = "new", size: int = 20) -> Desk:
        self.page.goto(f"{self.base}/review?queue={queue}&size={size}")
        self.settled()
        return self

    def settled(self) -> Desk:
        """Wait until the segment that keys mean is in sight, or the end of the batch is."""
        self.page.locator("#panes:visible .turn.current, #summary:visible h1").first.wait_for()
        for _ in range(1500):
            if self.page.evaluate(_IS_SETTLED):
                return self
            self.page.wait_for_timeout(20)
        raise AssertionError("the segment does not come")

    def press(self, *keys: str) -> Desk:
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def sent(self) -> Desk:
        """Wait until nothing waits in the browser."""
        waiting = "Object.keys(localStorage).some(key => key.startsWith('qualcode/out/'))"
        for _ in range(500):
            if not self.page.evaluate(waiting):  # wait_for_function needs eval, which is forbidden
                return self
            self.page.wait_for_timeout(20)
        raise AssertionError("decisions still wait in the browser")

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).first.text_content())

    @property
    def said(self) -> str:
        return self.text("#said")

    @property
    def place(self) -> str:
        return self.text("#place")

    def lines(self) -> list[str]:
        """Return the names of the suggestions and codings in sight."""
        found: list[str] = self.page.locator(".line:not(.family-line) .name").all_text_contents()
        return found

    def until(self, is_blind: bool, *, has: str = "") -> Desk:
        """Go on to the first segment that is shown without suggestions, or with a certain one."""
        for _ in range(40):
            is_so = (self.page.locator(".why-blind").count() > 0) == is_blind
            if is_so and (not has or has in self.lines()):
                return self
            self.press("ArrowRight")
            self.settled()
        raise AssertionError("no such segment in the batch")


@pytest.fixture(scope="session")
def shared_context(browser: Any) -> Iterator[Any]:
    """Yield the browser that the first person of each test has, so that files stay cached."""
    context = browser.new_context(viewport={"width": 1600, "height": 1000}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def come_in(browser: Any, shared_context: Any) -> Iterator[Any]:
    """Let people in, each in a browser of their own; what its console says fails the test."""
    contexts: list[Any] = []
    desks: list[Desk] = []
    people: list[tuple[Any, str]] = []

    def let_in(running: Any, name: str, *, link: str = "", **options: Any) -> Desk:
        context = shared_context
        if desks or options:
            chosen = {"viewport": {"width": 1600, "height": 1000}, "reduced_motion": "reduce"}
            context = browser.new_context(**(chosen | options))
            contexts.append(context)
        desk = Desk(context.new_page(), running.base)
        desks.append(desk)
        people.append((running, name))
        reply = context.request.get(link or running.link(name), max_redirects=0)
        assert reply.status == 303, reply.text()
        return desk

    yield let_in
    for desk in desks:
        if desk.page.url.startswith("http"):
            desk.page.evaluate("localStorage.clear()")
        desk.page.close()
    for context in contexts:
        context.close()
    for running, name in people:
        running.release(name)
    assert [desk.troubles for desk in desks if desk.troubles] == []
