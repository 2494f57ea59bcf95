"""Photograph every page of the review in light and dark, to be looked at.

    python evals/review_screens.py STUDY OUT

Works on a copy of STUDY (`qualcode demo` makes one), which two made-up people judge a little, and
writes PNG files into OUT. Needs playwright and Chromium (CHROMIUM, else /usr/bin/chromium, else on
PATH).
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qualcode.review.addresses import Addresses
from qualcode.review.app import make_app
from qualcode.review.invitations import Invitations
from qualcode.review.service import ReviewOptions, Service
from qualcode.review_events import Part
from qualcode.workflow.study import Study

SIZES = {"": (1600, 1000, 1), "_small": (1024, 700, 1), "_zoom": (512, 350, 2)}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def chromium() -> str | None:
    """Return the path of a Chromium, None for playwright's own."""
    for named in (os.environ.get("CHROMIUM"), "/usr/bin/chromium"):
        if named and Path(named).exists():
            return named
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def served(study: Path) -> Iterator[Service]:
    """Serve a study from a thread."""
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    addresses = Addresses("127.0.0.1", listener.getsockname()[1])
    options = ReviewOptions(overlap=2, batch_size=12)
    service = Service(study, "screens", addresses, Invitations(), options)
    server = uvicorn.Server(uvicorn.Config(make_app(service), log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.05)
    try:
        yield service
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


class Camera:
    """Hold one person's browser and save what it shows."""

    def __init__(self, browser: Any, service: Service, out: Path, name: str, part: Part) -> None:
        self.service = service
        self.base = service.addresses.base
        self.out = out
        self.context = browser.new_context(reduced_motion="reduce")
        self.page = self.context.new_page()
        token = service.invitations.invite(name, part)
        self.page.goto(f"{self.base}/open?token={token}")

    def review(self, queue: str, size: int = 12) -> None:
        self.page.goto(f"{self.base}/review?queue={queue}&size={size}")
        self.settled()

    def settled(self) -> None:
        self.page.locator("#panes:visible .turn.current, #summary:visible h1").first.wait_for()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def until(self, is_blind: bool) -> None:
        """Go on to the first segment that is shown without suggestions, or with some."""
        for _ in range(12):
            if (self.page.locator(".why-blind").count() > 0) == is_blind:
                return
            self.press("ArrowRight")
            self.settled()

    def shoot(self, name: str, *sizes: str) -> None:
        """Save the page as it is, in light and dark, at 1600 × 1000 and the sizes named."""
        self.page.wait_for_timeout(250)
        for size in ("", *sizes):
            width, height, _ = SIZES[size]
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                self.page.wait_for_timeout(120)
                self.page.screenshot(path=self.out / f"{name}{size}_{scheme}.png")
        self.page.set_viewport_size({"width": SIZES[""][0], "height": SIZES[""][1]})


def interviews(study: Path) -> list[str]:
    """Return the queues of interviews, whose segments have a conversation around them."""
    with Study(study) as opened:
        sources = opened.repository.sources.all()
    found = [s for s in sources if Path(s.path).suffix not in (".csv", ".xlsx")]
    return [f"source:{source.id}" for source in found or sources]


def photograph(camera: Camera, other: Camera, queues: list[str]) -> None:
    """Go through every page and state as a person would."""
    page = camera.page
    page.goto(f"{camera.base}/")
    page.wait_for_load_state("networkidle")
    camera.shoot("start_empty")
    other.review(queues[0])
    for _ in range(12):
        other.press("a", "x", "Enter")
    other.page.wait_for_timeout(1500)

    camera.review(queues[1 % len(queues)])
    camera.until(False)
    camera.shoot("review", "_small", "_zoom")
    camera.press("x")
    camera.shoot("reasons", "_small")
    camera.press("1", "w", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
    camera.shoot("words")
    camera.press("c")
    page.keyboard.type("wait")
    camera.shoot("type_ahead", "_small", "_zoom")
    camera.press("Enter", "n")
    page.keyboard.type("Ask the team whether this is the same van.")
    camera.shoot("note")
    camera.press("Enter", "f")
    camera.shoot("decided")
    camera.press("?")
    camera.shoot("keys", "_small", "_zoom")
    camera.press("Escape", "t")
    page.wait_for_url("**/transcript/**")
    camera.shoot("transcript", "_small")
    camera.press("t")
    camera.settled()
    camera.press("/")
    page.keyboard.type("still waiting for an answer")
    page.locator("[role=option]").first.wait_for()
    camera.shoot("search")
    camera.press("Escape")
    camera.until(True)
    camera.shoot("blind", "_small", "_zoom")
    camera.press("1", "Enter", "k")
    camera.shoot("blind_done")
    camera.press("r")
    page.get_by_text("You coded this one without suggestions first.").wait_for()
    camera.shoot("revealed")
    for _ in range(14):
        camera.press("A", "Enter")
        page.wait_for_timeout(60)
    page.locator("#summary h1").wait_for()
    camera.shoot("summary", "_small")

    camera.review(queues[0])
    camera.press("Enter", "k")
    page.wait_for_timeout(800)
    camera.shoot("others")
    page.route("**/api/**", lambda route: route.abort())
    camera.press("f", "f", "f")
    page.wait_for_timeout(1200)
    camera.shoot("waiting")
    page.unroute("**/api/**")
    page.wait_for_timeout(9000)
    camera.review("flagged")
    camera.shoot("flagged_or_empty")

    page.goto(f"{camera.base}/")
    page.locator("#by-code-progress summary").click()
    page.get_by_role("button", name="See what that would be").click()
    page.locator(".bulk-told").wait_for()
    camera.shoot("start", "_small", "_zoom")
    for path in page.locator(".top-nav a").evaluate_all("all => all.map(a => a.pathname)"):
        if path not in ("/", "/review"):
            page.goto(camera.base + path)
            page.wait_for_load_state("networkidle")
            camera.shoot(path.strip("/"), "_small")


def end_session(camera: Camera, study: Path, queue: str) -> None:
    """Show what a person sees whose session has ended."""
    camera.review(queue)
    secret = next(c["value"] for c in camera.context.cookies() if "qualcode" in c["name"])
    with Study(study) as opened:
        opened.repository.review_sessions.close(secret)
    camera.press("f")
    camera.page.locator("#notice").wait_for()
    camera.shoot("session_ended")
    camera.page.goto(f"{camera.base}/")
    camera.shoot("signed_out")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        study = Path(shutil.copytree(arguments.study, Path(folder) / "study"))
        queues = interviews(study)
        with served(study) as service, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            make: Callable[[str, Part], Camera] = lambda name, part: Camera(  # noqa: E731
                browser, service, arguments.out, name, part
            )
            ana, ben = make("Ana", Part.REVIEWER), make("Ben", Part.REVIEWER)
            photograph(ana, ben, queues)
            cleo = make("Cleo", Part.ADJUDICATOR)
            cleo.page.goto(f"{cleo.base}/adjudicate")
            cleo.page.wait_for_timeout(1500)
            cleo.shoot("adjudicate", "_small")
            end_session(ben, study, queues[0])
            browser.close()


if __name__ == "__main__":
    main()
