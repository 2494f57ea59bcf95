"""The journey map in a real browser: nothing leaves the machine, keys work, words stay text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from journey_sample import BIDI, CHARTER, HOSTILE, STAGES, make_sample

from qualcode.report.journey_page import render_map

pytestmark = pytest.mark.browser

HOSTILE_KEY = "pain_point/help/bot_loops"


class Opened:
    """Hold a page and everything it did: requests, dialogs, console, errors."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.troubles: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", self._dialog)
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.goto(address)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def focused_key(self) -> str | None:
        return self.page.evaluate("document.activeElement.dataset.key ?? null")

    def button(self, key: str) -> Any:
        return self.page.locator(f'button[data-key="{key}"]').first


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    sample = make_sample()
    html = render_map(
        *sample.arguments,
        title=f"Broadband {HOSTILE}",
        charter=CHARTER,
        participants=sample.participants,
        stamps=("names were not masked",),
    )
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_text(html, encoding="utf-8", newline="\n")
    return path.as_uri()


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1500, "height": 900})
    yield Opened(context.new_page(), address)
    context.close()


def test_no_request_goes_anywhere_but_to_the_file(opened: Opened) -> None:
    opened.button(HOSTILE_KEY).click()
    opened.page.locator("#panel summary").first.click()
    opened.page.wait_for_timeout(200)
    assert opened.requests == [opened.address]


def test_the_console_stays_silent_while_every_cell_is_opened(opened: Opened) -> None:
    keys = opened.page.evaluate(
        "Object.keys(JSON.parse(document.getElementById('evidence').textContent).cells)"
    )
    assert len(keys) > 40
    for key in keys:
        opened.page.evaluate("k => { location.hash = 'cell=' + encodeURIComponent(k) }", key)
        opened.page.locator("#panel[open] h2").wait_for()
    assert opened.troubles == []


def test_words_of_participants_never_run(opened: Opened) -> None:
    opened.button(HOSTILE_KEY).click()
    for summary in opened.page.locator("#panel summary").all():
        summary.click()
    opened.page.wait_for_timeout(200)
    assert opened.dialogs == []
    assert opened.page.locator("img").count() == 0
    assert opened.page.locator("script").count() == 2
    assert HOSTILE in opened.page.locator("#panel blockquote").all_text_contents()


def test_quotes_on_the_page_equal_their_slices(opened: Opened) -> None:
    sample = make_sample()
    texts = {document.id: document.text for document in sample.corpus.documents}
    for key in (HOSTILE_KEY, "strength/use/fast_once_in", "pain_point/connect/long_wait"):
        family, stage, code = key.split("/")
        findings = sample.draft.map.cells[family, stage].findings
        quotes = next(f.quotes for f in findings if f.code == code)
        slices = [texts[q.document_id][q.start_char : q.end_char] for q in quotes]
        opened.button(key).click()
        shown = opened.page.locator("#panel blockquote").all_text_contents()
        rest = iter(slices)
        assert len(shown) >= 8 and all(text in rest for text in shown)  # in this order
        assert opened.page.locator("#panel mark").all_text_contents() == shown
        opened.page.keyboard.press("Escape")
    assert BIDI in [text for text in texts.values() if BIDI in text][0]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_opens_a_cell_and_escape_gives_the_focus_back(opened: Opened, key: str) -> None:
    opened.button(HOSTILE_KEY).focus()
    opened.page.keyboard.press(key)
    assert opened.page.locator("#panel").is_visible()
    assert opened.page.evaluate("document.activeElement.className") == "close"
    opened.page.keyboard.press("Escape")
    assert not opened.page.locator("#panel").is_visible()
    assert opened.focused_key() == HOSTILE_KEY


def test_the_close_button_gives_the_focus_back(opened: Opened) -> None:
    opened.button("stage/help").click()
    opened.page.locator("#panel .close").click()
    assert opened.focused_key() == "stage/help"


def test_every_button_is_reached_with_tab_in_the_order_of_the_page(opened: Opened) -> None:
    order = opened.page.evaluate(
        "[...document.querySelectorAll('button')].filter(b => b.checkVisibility()).length"
    )
    seen = 0
    for _ in range(order + 20):
        opened.page.keyboard.press("Tab")
        seen += opened.page.evaluate("document.activeElement.tagName === 'BUTTON'")
        if seen == order:
            break
    assert seen == order


def test_opening_a_cell_is_announced(opened: Opened) -> None:
    opened.button(HOSTILE_KEY).click()
    assert opened.page.locator("#status").text_content().startswith("Bot loops: ")


def test_a_deep_link_opens_its_cell(browser: Any, address: str) -> None:
    context = browser.new_context()
    opened = Opened(context.new_page(), address + "#cell=pain_point%2Fhelp%2Fbot_loops")
    assert opened.page.locator("#panel h2").text_content() == "Bot loops"
    opened.page.keyboard.press("Escape")
    assert opened.focused_key() == HOSTILE_KEY
    context.close()


@pytest.mark.parametrize("end", ["nothing/here", "%E0%A4%A", "constructor", "__proto__"])
def test_a_link_to_nothing_opens_nothing(browser: Any, address: str, end: str) -> None:
    context = browser.new_context()
    opened = Opened(context.new_page(), address + "#cell=" + end)
    assert not opened.page.locator("#panel").is_visible()
    assert opened.troubles == []
    context.close()


def test_opening_a_cell_makes_a_link_to_it_and_closing_removes_it(opened: Opened) -> None:
    opened.button(HOSTILE_KEY).click()
    assert opened.page.url.endswith("#cell=pain_point%2Fhelp%2Fbot_loops")
    opened.page.keyboard.press("Escape")
    assert "#" not in opened.page.url


def test_a_quote_in_a_cell_is_the_one_that_gets_the_focus(opened: Opened) -> None:
    said = opened.page.locator('button[data-key="doing/connect"][data-quote]').nth(1)
    text = said.locator("q").text_content()
    said.click()
    focused = opened.page.evaluate(
        "document.activeElement.querySelector('blockquote')?.textContent ?? null"
    )
    assert focused == text


def test_on_a_phone_only_the_map_scrolls_sideways(browser: Any, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    opened = Opened(context.new_page(), address)
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 390
    assert opened.page.evaluate("document.querySelector('.wrap').scrollWidth") > 390
    opened.button("pain_point/realise/drops").click()
    assert opened.page.locator("#panel").bounding_box()["width"] == 390
    opened.page.keyboard.press("Escape")
    assert opened.focused_key() == "pain_point/realise/drops"
    context.close()


def test_seven_stages_print_on_one_a3_page_beside_their_criteria(
    browser: Any, address: str, tmp_path: Path
) -> None:
    context = browser.new_context()
    opened = Opened(context.new_page(), address)
    pdf = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf.count(b"/Type /Page\n") == 2
    context.close()


def test_dark_and_light_differ_and_print_is_light(browser: Any, address: str) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        opened = Opened(context.new_page(), address)
        read = "getComputedStyle(document.body).color"
        colours[scheme] = opened.page.evaluate(read)
        opened.page.emulate_media(media="print")
        colours[scheme + " print"] = opened.page.evaluate(read)
        context.close()
    assert colours["light"] != colours["dark"]
    assert colours["dark print"] == colours["light print"] == colours["light"]


LONG = "otel-contributor-experience-survey-free-form-questions row"
EIGHT = (*STAGES, ("recommend", "Tell others about it", "Would I put my name to it?"))


def _written(folder: Path, stages: Any = STAGES, label: str = "P") -> str:
    people = {f"{label} {n}": {"persona": "Family"} for n in range(40, 48)}
    sample = make_sample(stages=stages, persona_names=people)
    html = render_map(
        *sample.arguments,
        title="Broadband",
        charter=CHARTER,
        participants=sample.participants,
        stamps=(),
    )
    path = folder / "map.html"
    path.write_text(html, encoding="utf-8", newline="\n")
    return path.as_uri()


OVERFULL = """within => [...document.querySelectorAll(within)].filter(
    e => e.clientWidth && e.scrollWidth > e.clientWidth
).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 90))"""


@pytest.mark.parametrize("width", [390, 1280, 1500])
@pytest.mark.parametrize("stages", [STAGES, EIGHT], ids=["seven", "eight"])
def test_a_long_label_stays_inside_its_cell_and_the_panel(
    browser: Any, tmp_path: Path, width: int, stages: Any
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    opened = Opened(context.new_page(), _written(tmp_path, stages, LONG))
    cells = "table.map th, table.map td, button.cell, .chip, .crit, .card, .card dd, .foot"
    assert opened.page.evaluate(OVERFULL, cells) == []
    opened.button("stage/connect").click()
    for summary in opened.page.locator("#panel summary").all():
        summary.click()
    assert opened.page.locator("#panel").text_content().count(LONG) > 1
    assert opened.page.evaluate(OVERFULL, "#panel, #panel *") == []
    context.close()


@pytest.mark.parametrize("width", [1280, 1400, 1600])
def test_eight_stages_fit_without_scrolling_sideways(
    browser: Any, tmp_path: Path, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    opened = Opened(context.new_page(), _written(tmp_path, EIGHT))
    box = opened.page.locator("thead th").last.bounding_box()
    assert box["x"] + box["width"] <= width - 16  # leaves room for a scroll bar
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert not opened.page.locator("#cue").is_visible()
    context.close()


def test_a_table_that_scrolls_sideways_says_so_until_it_fits(browser: Any, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    opened = Opened(context.new_page(), _written(tmp_path, EIGHT))
    assert opened.page.locator("#cue").is_visible()
    opened.page.set_viewport_size({"width": 1400, "height": 900})
    opened.page.locator("#cue").wait_for(state="hidden")
    context.close()
