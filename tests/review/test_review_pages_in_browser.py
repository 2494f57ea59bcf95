"""Every page of the review: readable for all, silent, and nobody's words are ever markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.review_page_sample import ANSWER, HOSTILE, Served, events_of

pytestmark = pytest.mark.browser

ComeIn = Callable[..., Any]


def open_answer(served: Served, desk: Any) -> None:
    """Open the segment with the hostile words."""
    answer = served.segment_with("queue was slow \U0001f468")
    desk.open(f"segments:{answer}", 1)


def test_hostile_words_stay_text_on_every_page(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, f"Eve {HOSTILE}")
    open_answer(served, desk)
    assert desk.text(".turn.current .words") == ANSWER
    assert desk.page.locator("#main img, #main script, #main b").count() == 0
    desk.press("n")
    desk.page.keyboard.type(HOSTILE)
    desk.press("Enter", "c")
    assert desk.page.locator("dialog img, dialog script").count() == 0
    desk.press("Escape", "t")
    desk.page.wait_for_url("**/transcript/**")
    assert ANSWER in desk.page.locator(".turn .words").all_text_contents()
    assert desk.page.locator("img, #main script").count() == 0
    desk.page.goto(f"{served.base}/")
    assert HOSTILE in desk.text("h1")
    assert desk.page.locator("img").count() == 0


def test_offsets_are_code_points_whatever_the_words_hold(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Counter")
    open_answer(served, desk)
    unit = ANSWER.encode("utf-16-le").index("queue was slow".encode("utf-16-le")) // 2
    desk.page.evaluate(
        """([first, last]) => { const words = document.querySelector('.turn.current .words');
        const place = (unit) => { let left = unit; const walk = document.createTreeWalker(words, 4);
          for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            if (left <= node.data.length) return [node, left]; left -= node.data.length; }
          return null; };
        getSelection().setBaseAndExtent(...place(first), ...place(last)); }""",
        [unit + 1, unit + 7],
    )
    desk.press("c")
    desk.page.keyboard.type("too dear")
    desk.press("Enter").sent()
    (event,) = events_of(served.study, "Counter")
    asked = f"{served.base}/api/items?ids={event.segment_id}"
    (item,) = desk.page.context.request.get(asked).json()["items"]
    turn = next(one for one in item["turns"] if one["is_current"])
    start, end = event.start_char - turn["start_char"], event.end_char - turn["start_char"]
    assert turn["text"][start:end] == "queue was"  # whole words, of which the middle was selected


def test_a_character_of_several_code_points_is_never_cut(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Emoji")
    open_answer(served, desk)
    steps = desk.page.evaluate(
        """async ([text, at]) => { const { Stretch } = await import('/static/text.js');
        const stretch = new Stretch(text, 100); const family = stretch.start + at;
        return [stretch.nextCharacter(family, true) - family,
          family + 5 - stretch.nextCharacter(family + 5, false)]; }""",
        [ANSWER, ANSWER.index("\U0001f468")],
    )
    assert steps == [5, 5]


def test_no_request_goes_to_another_host_and_the_console_stays_silent(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Silent").open(size=5)
    desk.press("a", "x", "Enter", "c", "Escape", "/")
    desk.page.keyboard.type("queue")
    desk.page.locator("[role=option]").first.wait_for()
    desk.press("Escape", "?", "Escape", "t")
    desk.page.wait_for_url("**/transcript/**")
    for path in ("/", "/help"):
        desk.page.goto(served.base + path)
        desk.page.wait_for_load_state("networkidle")
    assert {urlsplit(url).netloc for url in desk.requests} == {urlsplit(served.base).netloc}


def test_a_search_leads_to_a_segment_and_back_to_the_batch(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Seeker").open(size=5).press("Enter", "/")
    desk.page.keyboard.type("broken again")
    desk.page.locator("[role=option]").first.wait_for()
    desk.press("Enter")
    desk.page.wait_for_url("**segments**")
    desk.settled()
    assert "broken again" in desk.text("mark.segment")
    desk.press("Enter")
    assert desk.text("#summary .primary").startswith("Back to where you were")
    desk.page.wait_for_timeout(600)
    desk.press("Enter")
    desk.settled()
    assert desk.place == "2 of 5"


def test_bulk_acceptance_waits_for_random_ones_and_is_taken_back_at_once(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Bulk")

    def preview() -> str:
        desk.page.goto(f"{served.base}/")
        desk.page.locator("#bulk-code").select_option("pain_point/wait")
        desk.page.locator("#bulk-score").fill("0.1")
        desk.page.get_by_role("button", name="See what that would be").click()
        desk.page.locator(".bulk-told").wait_for()
        return desk.text(".bulk-told")

    assert "Judge 10 random ones first" in preview()
    desk.page.get_by_role("link", name="Judge 10 random ones first").click()
    desk.settled()
    for _ in range(10):
        desk.settled()  # lines are those of the segment that keys mean
        while desk.page.locator(".line.open").count():
            desk.press("A")
        desk.press("Enter")
    desk.sent()
    assert "0 wrong of 10 random ones that you judged: up to 26 % may be wrong" in preview()
    desk.page.get_by_role("button", name="unseen").click()
    desk.page.get_by_role("button", name="Take it back").wait_for()
    bulk = [e for e in events_of(served.study, "Bulk", standing=True) if e.batch]
    assert len(bulk) > 10
    desk.page.get_by_role("button", name="Take it back").click()
    desk.page.get_by_text("undecided again").wait_for()
    assert not [e for e in events_of(served.study, "Bulk", standing=True) if e.batch]


@pytest.mark.parametrize("width", [1600, 1024, 700, 360])
def test_nothing_makes_a_page_scroll_sideways(served: Served, come_in: ComeIn, width: int) -> None:
    desk = come_in(served, f"Wide {width}", viewport={"width": width, "height": 700})
    open_answer(served, desk)
    pages = [desk.page.url, f"{served.base}/", f"{served.base}/help"]
    for address in pages:
        desk.page.goto(address)
        desk.page.wait_for_load_state("networkidle")
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_enlarged_twice_the_segment_and_the_focused_suggestion_are_both_in_sight(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Large", viewport={"width": 512, "height": 350})
    desk.open("code:wait_exit", 5).until(False)
    for selector in ("mark.segment", ".line[aria-current]"):
        box = desk.page.locator(selector).first.bounding_box()
        assert box is not None and box["y"] >= 0 and box["y"] + 20 <= 350, selector


def test_the_theme_that_was_chosen_stays(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Night").open(size=5)
    background = "getComputedStyle(document.body).backgroundColor"
    light = desk.page.evaluate(background)
    desk.page.get_by_role("button", name="Switch to dark colours").click()
    dark = desk.page.evaluate(background)
    assert dark != light
    desk.page.goto(f"{served.base}/help")
    assert desk.page.evaluate(background) == dark


def test_the_keyboard_is_never_trapped(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Tabber").open("code:wait_exit", 5).until(False)
    active = "document.activeElement.closest('.line') ? 'line' : document.activeElement.id"
    seen = []
    for _ in range(40):
        desk.press("Tab")
        seen.append(desk.page.evaluate(f"{active} || document.activeElement.tagName"))
    assert {"conversation", "line", "codes", "BODY"} <= set(seen)


STATES: dict[str, Callable[[Any], object]] = {
    "suggestions": lambda desk: desk.until(False).press("a"),
    "reasons": lambda desk: desk.until(False).press("x"),
    "blind": lambda desk: desk.until(True).press("1"),
    "words": lambda desk: desk.press("w"),
    "type-ahead": lambda desk: desk.press("c", "w"),
    "note": lambda desk: desk.press("n"),
    "keys": lambda desk: desk.press("?"),
}


def assert_no_violation(desk: Any, state: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(desk.page).response["violations"]
    told = [(v["id"], [n["html"][:140] for n in v["nodes"][:3]]) for v in found]
    assert told == [], state


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_where_segments_are_judged(
    browser: Any, served: Served, come_in: ComeIn, scheme: str
) -> None:
    desk = come_in(served, f"Axe {scheme}", color_scheme=scheme, bypass_csp=True)
    desk.open("code:wait", 10)
    for state, reach in STATES.items():
        reach(desk)
        assert_no_violation(desk, state)
        desk.press("Escape", "Escape")
    for _ in range(10):
        desk.press("Enter")
    desk.page.locator("#summary h1").wait_for()
    assert_no_violation(desk, "end of the batch")
    desk.press("k", "t")
    desk.page.wait_for_url("**/transcript/**")
    assert_no_violation(desk, "transcript")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_on_start_and_help(
    served: Served, come_in: ComeIn, scheme: str
) -> None:
    desk = come_in(served, f"Axe2 {scheme}", color_scheme=scheme, bypass_csp=True)
    desk.page.goto(f"{served.base}/")
    desk.page.locator("#by-code-progress summary").click()
    desk.page.get_by_role("button", name="See what that would be").click()
    desk.page.locator(".bulk-told").wait_for()
    assert_no_violation(desk, "start")
    desk.page.goto(f"{served.base}/help")
    assert_no_violation(desk, "help")
    desk.page.locator('[data-id="flag"]').click()
    assert_no_violation(desk, "help, waiting for a key")
