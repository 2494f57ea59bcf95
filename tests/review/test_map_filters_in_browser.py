"""Filters of the journey map: the page counts a part of the study as the commands do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from journey_sample import CHARTER, Sample, make_sample

from qualcode.analysis.intervals import bootstrap_mean, wilson
from qualcode.draft import Group
from qualcode.report.journey_page import MapFiles, draw_map, render_map

pytestmark = pytest.mark.browser

COUNTING = Path(__file__).resolve().parents[2] / "qualcode/report/templates/journey_count.js"
PLANS = ("Solo", "Cargo")
CELLS = """() => Object.fromEntries([...document.querySelectorAll('td[data-cell]')].map(
    cell => [cell.dataset.cell, cell.textContent.replace(/\\s+/g, '')]))"""
CURVE = """() => [...document.querySelectorAll('#curve *')].map(
    e => e.tagName + ' ' + (e.getAttribute('class') || '') + ' ' + e.textContent)"""
NUMBERS = """() => [...document.querySelectorAll('#curve *')].flatMap(e => [...e.attributes]
    .filter(a => ['d', 'x', 'y', 'cx', 'cy', 'x1', 'x2', 'y1', 'y2', 'height'].includes(a.name))
    .flatMap(a => a.value.match(/-?[0-9.]+/g).map(Number)))"""

Open = Callable[..., Any]


def people() -> dict[str, dict[str, str]]:
    """Give twelve people a persona and a plan."""
    personas = ("Family", "Works at home", "Family", "Student")
    return {f"P{n:02d}": {"persona": personas[n % 4], "plan": PLANS[n % 2]} for n in range(1, 13)}


def html(sample: Sample) -> str:
    options = {"title": "Broadband", "charter": CHARTER, "stamps": ()}
    return render_map(*sample.arguments, participants=sample.participants, **options)


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Any:
    """Open pages in one tab; what the console says makes the test fail."""
    context = browser.new_context(viewport={"width": 1500, "height": 900})
    made = context.new_page()
    troubles: list[str] = []
    made.on("console", lambda message: troubles.append(message.text))
    made.on("pageerror", lambda error: troubles.append(str(error)))

    def opened(group: Group | None = None, end: str = "") -> Any:
        sample = make_sample(persona_names=people(), group=group)
        path = tmp_path / f"map{abs(hash(str(group)))}.html"
        path.write_text(html(sample), encoding="utf-8", newline="\n")
        made.goto("about:blank")
        made.goto(path.as_uri() + end)
        return made

    yield opened
    context.close()
    assert troubles == []


def choose(page: Any, *, persona: str = "", plan: str = "", beside: str = "") -> None:
    for selector, value in (
        ('select[data-filter="0"]', persona),
        ('select[data-filter="1"]', plan),
        ("select[data-beside]", beside),
    ):
        if value:
            option = page.locator(f"{selector} option", has_text=re.compile(rf"^{value} \("))
            page.locator(selector).select_option(value=option.get_attribute("value"))


def test_a_filter_and_back_leaves_the_page_as_the_server_drew_it(page: Open) -> None:
    drawn = page()
    before, curve = drawn.evaluate(CELLS), drawn.evaluate(CURVE)
    choose(drawn, persona="Family")
    assert drawn.evaluate(CELLS) != before
    drawn.get_by_text("Show all").click()
    drawn.wait_for_function("document.querySelector('select[data-filter]').value === ''")
    drawn.wait_for_timeout(50)
    assert drawn.evaluate(CELLS) == before
    assert drawn.evaluate(CURVE) == curve
    assert "#" not in drawn.url


@pytest.mark.parametrize(
    ("persona", "plan", "checked"),
    [
        ("Family", "", False),
        ("Works at home", "", False),
        ("", "Cargo", False),
        ("Family", "Solo", False),
        ("", "", True),
        ("Family", "", True),
    ],
)
def test_a_filtered_page_says_what_the_command_for_that_part_says(
    page: Open, persona: str, plan: str, checked: bool
) -> None:
    values = {"persona": persona, "plan": plan}
    group = Group({key: value for key, value in values.items() if value}, checked)
    other = page(group)
    expected, curve, numbers = (other.evaluate(script) for script in (CELLS, CURVE, NUMBERS))
    drawn = page()
    choose(drawn, persona=persona, plan=plan)
    if checked:
        drawn.get_by_label("Checked by a person only").check()
    assert drawn.evaluate(CELLS) == expected
    assert drawn.evaluate(CURVE) == curve
    assert drawn.evaluate(NUMBERS) == pytest.approx(numbers, abs=0.11)  # one decimal, rounded


def test_the_panel_of_a_filtered_page_holds_that_parts_quotes_only(page: Open) -> None:
    drawn = page()
    choose(drawn, persona="Works at home")
    drawn.locator('button[data-key="stage/help"]').click()
    sources = drawn.locator("#panel .source").all_text_contents()
    assert sources and all("Works at home" in source for source in sources)
    counted = drawn.locator("#panel .fact").all_text_contents()
    assert any(re.match(r"[0-9]+ people and [0-9]+ segments", line) for line in counted)


def test_two_groups_side_by_side_show_both_counts_and_their_difference(page: Open) -> None:
    drawn = page()
    choose(drawn, persona="Family", beside="Works at home")
    cell = drawn.locator('button[data-key="pain_point/help/bot_loops"]').first
    shares = [
        tuple(map(int, re.findall("[0-9]+", n)))
        for n in cell.locator(".pair .n").all_text_contents()
    ]
    assert "points" in cell.locator(".apart").text_content()
    one = page(Group({"persona": "Family"})).evaluate(CELLS)["pain_point/help"]
    other = page(Group({"persona": "Works at home"})).evaluate(CELLS)["pain_point/help"]
    for (count, total), text in zip(shares, (one, other), strict=True):
        assert f"Botloops{count}of{total}people" in text


def test_groups_that_share_people_have_no_interval_of_their_difference(page: Open) -> None:
    drawn = page()
    for beside in ("Family", "Solo"):
        choose(drawn, persona="Family", beside=beside)
        assert "some people are in both" in drawn.locator("#legend").text_content()
        points = drawn.locator(".apart").all_text_contents()
        assert points and not any("(" in text for text in points)


def test_the_address_tells_the_filters_and_brings_them_back(page: Open) -> None:
    drawn = page()
    choose(drawn, persona="Family", plan="Solo", beside="Cargo")
    drawn.get_by_label("Checked by a person only").check()
    drawn.locator('button[data-key="stage/help"]').first.click()
    address, cells = drawn.url, drawn.evaluate(CELLS)
    again = page(end="#" + address.split("#")[1])
    assert again.evaluate(CELLS) == cells
    assert again.locator("#panel").is_visible()
    assert again.get_by_label("Checked by a person only").is_checked()


@pytest.mark.parametrize(
    "end", ["#with.persona=Nobody", "#with.nothing=x", "#beside.=", "#with.persona", "#checked=2"]
)
def test_a_link_with_an_unknown_filter_shows_everyone(page: Open, end: str) -> None:
    before = page().evaluate(CELLS)
    assert page(end=end).evaluate(CELLS) == before


def test_filters_work_from_the_keyboard_and_are_announced(page: Open) -> None:
    drawn = page()
    drawn.locator('select[data-filter="0"]').focus()
    drawn.keyboard.press("ArrowDown")
    assert drawn.locator("#status").text_content().startswith("Family: ")
    for _ in range(3):
        drawn.keyboard.press("Tab")
    drawn.keyboard.press("Space")
    assert "checked=1" in drawn.evaluate("location.hash")


def test_the_scripts_statistics_are_those_of_the_commands(page: Open) -> None:
    drawn = page()
    values = [round((n * 37 % 41) / 10 - 2, 2) for n in range(23)]
    many = [round((n * 37 % 41) / 10 - 2, 2) for n in range(600)]
    found = drawn.evaluate(
        COUNTING.read_text(encoding="utf-8")
        + f"""
        ;(() => [wilson(3, 8), wilson(0, 9), bootstrapMean({values}, 20260101),
           bootstrapMean({many}, 5),
           difference({{count: 56, total: 70, ...wilson(56, 70)}},
                      {{count: 48, total: 80, ...wilson(48, 80)}})])()"""
    )
    bounds = [(f["low"], f["high"]) for f in found]
    assert bounds[0] == pytest.approx(wilson(3, 8)[:2])
    assert bounds[1] == pytest.approx(wilson(0, 9)[:2])
    assert bounds[2] == pytest.approx(bootstrap_mean(values, seed=20260101)[:2])
    assert bounds[3] == pytest.approx(bootstrap_mean(many, seed=5)[:2])
    # R. G. Newcombe 1998 (873-890), table II, case (a), method 10: 56/70 - 48/80.
    assert bounds[4] == pytest.approx((0.0524, 0.3339), abs=5e-5)


AXE_STATES = {
    "whole": "",
    "filtered": "#with.persona=Family",
    "side by side": "#with.persona=Family&beside.plan=Cargo",
    "panel": "#cell=pain_point%2Fhelp%2Fbot_loops",
}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1500), ("dark", 1500), ("light", 390)])
def test_axe_finds_no_violation(browser: Any, tmp_path: Path, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    path = tmp_path / "map.html"
    path.write_text(html(make_sample(persona_names=people())), encoding="utf-8", newline="\n")
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    opened = context.new_page()
    for state, end in AXE_STATES.items():
        opened.goto("about:blank")
        opened.goto(path.as_uri() + end)
        found = Axe().run(opened).response["violations"]
        told = [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found]
        assert told == [], state
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_the_page_of_all_quotes(
    browser: Any, tmp_path: Path, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    sample = make_sample(people=3, repeats=4)
    pages = draw_map(
        *sample.arguments,
        title="Broadband",
        charter=CHARTER,
        participants=sample.participants,
        stamps=("names were not masked",),
        files=MapFiles(quotes="map-quotes.html"),
    )
    assert pages.quotes is not None
    path = tmp_path / "map-quotes.html"
    path.write_text(pages.quotes, encoding="utf-8", newline="\n")
    context = browser.new_context(color_scheme=scheme)
    opened = context.new_page()
    opened.goto(path.as_uri())
    assert opened.locator("li").count() > 30
    assert [v["id"] for v in Axe().run(opened).response["violations"]] == []
    context.close()
