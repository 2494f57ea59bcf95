"""The proof page of the criteria in a real browser: readable, silent, nothing loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from journey_sample import HOSTILE
from proof_sample import edited_proof, proof_sample

from qualcode.report.criteria_page import render_criteria

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    sample = proof_sample()
    html = render_criteria(
        *sample.arguments,
        title=f"Broadband {HOSTILE}",
        participants=sample.participants,
        stamps=("names were not masked",),
        map_file="map.html",
    )
    path = tmp_path_factory.mktemp("proof") / "criteria.html"
    path.write_text(html, encoding="utf-8", newline="\n")
    return path.as_uri()


def test_the_page_loads_nothing_and_complains_of_nothing(browser: Any, address: str) -> None:
    page = browser.new_page()
    requests: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.goto(address)
    for summary in page.locator("summary").all():
        summary.click()
    page.wait_for_timeout(200)
    assert requests == [address]
    assert troubles == []
    assert page.locator("script, img").count() == 0
    page.close()


def test_a_quote_opens_its_place_in_the_transcript_without_scripts(
    browser: Any, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    quote = page.locator(".quotes .quote").first
    assert not quote.locator(".turn").first.is_visible()
    quote.locator("summary").click()
    assert quote.locator(".turn").first.is_visible()
    assert quote.locator("mark").text_content() == quote.locator("blockquote").text_content()
    context.close()


def test_a_link_leads_to_its_criterion(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 700})
    page.goto(address)
    page.locator(".contents a").nth(1).click()
    assert page.url.endswith("#criterion-2")
    assert 0 <= page.locator("#criterion-2").bounding_box()["y"] < 300
    page.close()


@pytest.mark.parametrize("width", [360, 390, 700, 1000, 1400])
def test_nothing_makes_the_page_scroll_sideways(browser: Any, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(address)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 1400), ("light", 390)])
@pytest.mark.parametrize("edited", [False, True])
def test_axe_finds_no_violation(
    browser: Any, tmp_path: Path, scheme: str, width: int, edited: bool
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    sample = edited_proof() if edited else proof_sample()
    html = render_criteria(
        *sample.arguments,
        title="Broadband",
        participants=sample.participants,
        stamps=("names were not masked",),
        map_file="map.html",
    )
    path = tmp_path / "criteria.html"
    path.write_text(html, encoding="utf-8", newline="\n")
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(path.as_uri())
    for summary in page.locator("summary").all():
        summary.click()
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found] == []
    context.close()


def test_print_is_light_and_shows_no_folded_parts(browser: Any, address: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(address)
    dark = page.evaluate("getComputedStyle(document.body).color")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") != dark
    assert not page.locator(".quote details").first.is_visible()
    page.close()
