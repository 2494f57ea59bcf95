"""In a browser nothing of a hostile study runs: no dialog, no request, no element of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qualcode.review_events import Part
from tests.hostile_study import make_study
from tests.model_study import called
from tests.review_page_sample import Served, serving

pytestmark = pytest.mark.browser

ComeIn = Callable[..., Any]
OWN = (
    "[window.owned === undefined, document.querySelectorAll('img, iframe, object').length,"
    " document.querySelectorAll('[onerror], [onload]').length]"
)
UNTOUCHED = [True, 0, 0]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make the study with its pages beside it."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        patch.setenv("QUALCODE_CONFIG", str(folder / "config.toml"))
        study = make_study(folder)
        called("map", "--study", study, "--out", folder / "map.html")
        called("criteria", "--study", study, "--out", folder / "proof.html")
        yield folder


@pytest.fixture(scope="module")
def on_it(hostile: Path) -> Iterator[Served]:
    with serving(hostile / "study") as running:
        yield running


@pytest.mark.parametrize("name", ["map.html", "map-quotes.html", "map-criteria.html", "proof.html"])
def test_a_written_page_runs_nothing_of_the_texts(browser: Any, hostile: Path, name: str) -> None:
    page = browser.new_page()
    heard: list[str] = []
    page.on("dialog", lambda dialog: (heard.append("dialog"), dialog.dismiss()))
    page.on("request", lambda request: heard.append(request.url))
    page.on("pageerror", lambda error: heard.append(str(error)))
    address = (hostile / name).as_uri()
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate(OWN) == UNTOUCHED
    assert "{{7*7}}" in page.locator("body").inner_text()
    page.close()
    assert heard == [address]


@pytest.mark.parametrize("queue", ["new", "uncertain", "code:wait"])
def test_the_review_runs_nothing_of_the_texts(on_it: Served, come_in: ComeIn, queue: str) -> None:
    desk = come_in(on_it, "<img src=x onerror=window.owned=1>")
    desk.open(queue, 5)
    for key in ("?", "Escape", "ArrowRight", "n"):
        desk.press(key)
    desk.page.keyboard.type("<script>window.owned=1</script>")
    desk.press("Enter")
    assert desk.page.evaluate(OWN) == UNTOUCHED
    assert {url.split("/")[2] for url in desk.requests} == {on_it.base.split("/")[2]}


@pytest.mark.parametrize("path", ["/", "/map", "/adjudicate", "/help"])
def test_every_other_page_runs_nothing_of_the_texts(
    on_it: Served, come_in: ComeIn, path: str
) -> None:
    part = Part.ADJUDICATOR if path == "/adjudicate" else Part.REVIEWER
    desk = come_in(on_it, "Reader", link=on_it.link("Reader", part))
    desk.page.goto(on_it.base + path)
    desk.page.wait_for_load_state("networkidle")
    assert desk.page.evaluate(OWN) == UNTOUCHED
    assert {url.split("/")[2] for url in desk.requests} == {on_it.base.split("/")[2]}


def test_a_transcript_shows_speaker_file_and_words_as_text(on_it: Served, come_in: ComeIn) -> None:
    desk = come_in(on_it, "Reader")
    spoken = on_it.segment_with("<svg/onload=window.owned=1>")
    desk.open(f"segments:{spoken}", 1)
    desk.press("t")
    desk.page.wait_for_url("**/transcript/**")
    desk.page.locator(".turn .words").first.wait_for()
    assert desk.page.evaluate(OWN) == UNTOUCHED
    assert "{{7*7}}" in desk.page.locator("body").inner_text()
