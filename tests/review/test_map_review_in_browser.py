"""The map judged at a real keyboard: decide, change one's mind, lose the network, meet others."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qualcode.review_events import Part
from qualcode.workflow.code import code
from qualcode.workflow.draft import draft
from qualcode.workflow.edit_criteria import edit_criterion
from qualcode.workflow.edit_log import decision_log
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.study import Study
from tests.coded_study import PlainCoder, grouped_by_need, make_study
from tests.review_page_sample import HOSTILE, serving

pytestmark = pytest.mark.browser

FIRST = "Let me have it when I need it."


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a study in which one person said hostile things that are coded like the others."""
    folder = tmp_path_factory.mktemp("map")
    said = folder / "said.csv"
    words = HOSTILE.replace('"', '""')
    said.write_text(
        f'id,persona,comment\nc99,Planner,"I waited 99 weeks, so slow {words}"\n',
        encoding="utf-8",
        newline="\n",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "private"))
        make_study(folder)
        with Study(folder / "study") as study:
            ingest(study, [said], IngestOptions(text_cols=("comment",), id_col="id"))
            code(study, PlainCoder())
            draft(study)
    return folder / "study"


class Sheet:
    """Hold one person's tab with the map."""

    def __init__(self, desk: Any, study: Path) -> None:
        self.desk = desk
        self.page = desk.page
        self.study = study

    def open(self, part: str = "criteria") -> Sheet:
        self.page.goto(f"{self.desk.base}/map#{part}")
        return self.ready()

    def reload(self) -> Sheet:
        self.page.reload()
        return self.ready()

    def ready(self) -> Sheet:
        self.page.locator(".rows .line[aria-current]").first.wait_for()
        return self

    def press(self, *keys: str) -> Sheet:
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def type(self, text: str) -> Sheet:
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        return self

    def saved(self, n: int) -> Sheet:
        """Wait until so many decisions are in the study, and the page has heard of the last."""
        for _ in range(500):
            done = self.page.locator("#log li").count() == n and not self.waiting()
            if done and self.page.locator(".pending").count() == 0:
                assert len(self.log()) == n
                return self
            self.page.wait_for_timeout(20)
        raise AssertionError(f"{self.page.locator('#log').inner_text()!r}: not {n} decisions")

    def waiting(self) -> bool:
        waits = "Object.keys(localStorage).some(key => key.startsWith('qualcode/map/'))"
        return bool(self.page.evaluate(waits))

    def log(self) -> list[tuple[str, str, bool]]:
        with Study(self.study) as study:
            found = decision_log(study)
        return [
            (f"{d.decision.subject} {d.decision.action}", d.decision.author, d.stands)
            for d in found
        ]

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).first.inner_text())

    @property
    def focused(self) -> str:
        return self.text(".rows .line[aria-current]")

    def statements(self) -> list[str]:
        found: list[str] = self.page.locator(".statement").all_inner_texts()
        return found

    def excuse(self, pattern: str) -> None:
        """Take what the browser says of a refusal for what it is."""
        troubles = self.desk.troubles
        troubles[:] = [trouble for trouble in troubles if not re.search(pattern, trouble)]


Judging = Callable[..., Sheet]


@pytest.fixture
def judging(
    come_in: Any, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Judging]:
    """Serve a copy of the study and let adjudicators in to its map: nothing is kept from them."""
    monkeypatch.setattr("qualcode.analysis.criteria.draft_criteria", grouped_by_need)
    study = shutil.copytree(template, tmp_path / "study")
    with serving(study) as running:

        def let_in(name: str = "Ada", **options: Any) -> Sheet:
            link = running.link(name, Part.ADJUDICATOR)
            return Sheet(come_in(running, name, link=link, **options), study)

        yield let_in


def test_criteria_are_accepted_edited_and_rejected_by_keys(judging: Judging) -> None:
    ada = judging().open()
    ada.press("a").saved(1)
    assert "accepted by you" in ada.focused
    ada.press("j", "e").type("Say what it costs.").press("Enter").saved(2)
    assert "edited by you" in ada.focused
    ada.press("j", "x").type("Too vague").press("Enter").saved(3)
    assert ada.statements()[:2] == [FIRST, "Say what it costs."]
    assert ada.focused.startswith("R1")
    ada.press("r").saved(4)
    assert [what for what, _, _ in ada.log()] == [
        *("criterion accept", "criterion edit"),
        *("criterion reject", "criterion restore"),
    ]


def test_escape_leaves_things_as_they_are(judging: Judging) -> None:
    ada = judging().open()
    ada.press("e").type("Never mind").press("Escape")
    assert ada.statements()[0] == FIRST
    assert ada.page.evaluate("document.activeElement.dataset.key").startswith("criterion/")
    ada.press("j", "k", "x", "Escape", "a").saved(1)


def test_a_reload_in_between_takes_nothing_from_undo_and_redo(judging: Judging) -> None:
    ada = judging().open()
    ada.press("a").saved(1)
    ada.press("j", "a").saved(2)
    ada.press("l", "e").type("Order something").press("Enter").saved(3)
    assert ada.reload().text(".rows .line[aria-current] .statement") == "Order something"
    ada.press("u").saved(4).press("u").saved(5)
    ada.reload().press("u").saved(6)
    assert [stands for _, _, stands in ada.log()] == [False] * 3 + [True] * 3
    assert ada.statements()[0] == "Order it"
    ada.reload().press("U").saved(7).press("h")
    assert "accepted by you" in ada.text(".rows .line")
    assert ada.text("#log li").endswith(f"Ada brought again: accepted the criterion “{FIRST}”")


def test_a_quote_is_chosen_among_all_of_its_cell_and_another_hidden(judging: Judging) -> None:
    ada = judging().open("stage_wait")
    cell = ada.page.locator('[data-key^="quote/pain_point/"]')
    cell.first.click()
    ada.press("Enter")
    cell.nth(3).wait_for()
    ada.press("j", "j")
    words = ada.text(".rows .line[aria-current] blockquote")
    ada.press("p").saved(1)
    assert cell.first.locator("blockquote").inner_text() == words
    assert "pinned" in ada.focused
    ada.press("j", "x", "Enter")
    assert "has to stand here" in ada.focused
    hidden = ada.text(".rows .line[aria-current] blockquote")
    ada.page.keyboard.type("says who it is")
    ada.press("Enter").saved(2)
    assert cell.last.locator("blockquote").inner_text() == hidden
    ada.press("r").saved(3)
    ada.press("u").saved(4).press("u").saved(5).press("u").saved(6)
    assert cell.first.locator("blockquote").inner_text() != words


def test_a_quote_leads_to_its_transcript_and_back_to_where_one_was(judging: Judging) -> None:
    ada = judging().open("stage_wait")
    quote = ada.page.locator('[data-key^="quote/pain_point/"]').first
    words = quote.locator("blockquote").inner_text()
    quote.click()
    ada.press("t")
    ada.page.locator("#back[aria-keyshortcuts]").wait_for()  # its keys are there
    assert ada.text("mark.segment").startswith(words)
    ada.press("t")
    assert words in ada.ready().focused


def test_summaries_and_opportunities_are_written_where_they_stand(judging: Judging) -> None:
    ada = judging().open("stage_wait")
    ada.press("k", "e")
    ada.page.keyboard.type("They wait for weeks.")
    ada.press("Enter").saved(1)
    assert "They wait for weeks." in ada.focused
    ada.press("n")
    ada.page.keyboard.type("Tell them when it comes")
    ada.press("Tab")
    ada.page.keyboard.type("Dee")
    ada.press("Enter").saved(2)
    written = ada.page.locator(".of-opportunity")
    assert "Tell them when it comes" in written.inner_text()
    assert "Dee" in written.inner_text()
    ada.press("k", "o").type("Eve").press("Enter").saved(3)
    assert "Eve" in written.inner_text()


def test_stages_move_and_are_signed(judging: Judging) -> None:
    ada = judging().open("stages")
    ada.press("J")
    assert ada.statements()[:2] == ["Wait for it", "Order it"]  # at once
    ada.saved(1)
    ada.press("j", "j", "x").type("One is missing").press("Enter").saved(2)
    assert "does not agree Ada: One is missing" in " ".join(ada.focused.split())


def test_what_another_changed_meanwhile_is_told_and_the_own_words_are_kept(
    judging: Judging,
) -> None:
    ada = judging().open()
    ada.press("e").type("Let me have it soon.")
    with Study(ada.study) as study:
        edit_criterion(study, "C1", "Bring it in time.", by="Ben")
    ada.press("Enter")
    trouble = ada.page.locator(".trouble")
    trouble.wait_for()
    assert "Ben worded a criterion anew: “Bring it in time.”" in trouble.inner_text()
    assert ada.statements()[0] == "Bring it in time."
    trouble.get_by_role("button", name="Save mine").click()
    ada.saved(2)
    assert ada.statements()[0] == "Let me have it soon."
    ada.excuse("409")


def test_decisions_made_while_the_server_is_away_arrive_once_and_in_order(
    judging: Judging,
) -> None:
    ada = judging().open()
    ada.page.context.set_offline(True)
    ada.press("a", "j", "a", "u", "u", "U")
    assert "accepted by you" in ada.text(".rows .line")  # at once
    ada.page.locator("#waiting:visible").wait_for()
    ada.page.context.set_offline(False)
    ada.saved(5)
    assert [(what, stands) for what, _, stands in ada.log()] == [
        *(("criterion accept", True), ("criterion accept", False)),
        *(("criterion undo", True), ("criterion undo", False), ("criterion undo", True)),
    ]
    ada.excuse("ERR_INTERNET_DISCONNECTED")


def test_nothing_is_asked_of_other_hosts_and_hostile_words_stay_words(judging: Judging) -> None:
    ada = judging("Ada <b>B</b>").open("stage_wait")
    ada.page.locator('[data-key^="quote/pain_point/"]').first.click()
    ada.press("Enter")
    ada.page.locator("blockquote", has_text="alert").first.wait_for()
    ada.press("n")
    ada.page.keyboard.type(HOSTILE)
    ada.press("Enter").saved(1)
    assert HOSTILE in ada.text(".of-opportunity .summary-text")
    assert ada.page.locator("#map img, #map script").count() == 0
    assert {
        url.split("/map")[0].split("/api")[0].split("/static")[0]
        for url in ada.desk.requests
        if not url.startswith("data:")
    } == {ada.desk.base}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screen_reader_and_low_vision_find_no_obstacle(judging: Judging, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    ada = judging(color_scheme=scheme, bypass_csp=True).open()
    ada.press("a").saved(1).press("u").saved(2)
    for keys in (["Enter"], ["e"], ["Escape", "l"], ["l", "n"], ["Escape", "?"]):
        ada.press(*keys)
        ada.page.wait_for_timeout(60)
        found = axe.Axe().run(ada.page)
        assert found.violations_count == 0, f"{keys}: {found.generate_report()}"
