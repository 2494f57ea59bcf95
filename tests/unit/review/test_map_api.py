"""The map's API on a real study: every deed, taking back, and what others did meanwhile."""

from __future__ import annotations

import itertools
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from qualcode.errors import UsageError
from qualcode.review.addresses import Addresses
from qualcode.review.app import make_app
from qualcode.review.invitations import Invitations
from qualcode.review.service import Service
from qualcode.review_events import Part
from qualcode.workflow.code import code
from qualcode.workflow.draft import Drafted, machines_draft
from qualcode.workflow.edit_criteria import edit_criterion
from qualcode.workflow.edit_log import decision_log
from qualcode.workflow.edit_map import write_opportunity
from qualcode.workflow.study import Study
from tests.coded_study import PlainCoder, grouped_by_need
from tests.unit.review.conftest import HOSTILE, ORIGIN, Browser

Connect = Callable[[], Browser]
CELL = "pain_point/stage_wait/pain_slow"
LANE = "doing/stage_wait"
_numbers = itertools.count()


@pytest.fixture(autouse=True)
def quick_criteria(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qualcode.analysis.criteria.draft_criteria", grouped_by_need)


class Page:
    """Judge the map as its page does: it keeps what it has and sends it along."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.items: dict[str, Any] = {}
        self.map: dict[str, Any] = {}
        self.load()

    def load(self) -> Page:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            told = self.browser.get("map")
            if told["is_ready"]:
                return self._take(told)
            time.sleep(0.02)
        raise AssertionError("no draft was made")

    def _take(self, told: dict[str, Any]) -> Page:
        self.items = dict(told["items"]) if told["is_whole"] else {**self.items, **told["items"]}
        for key in told["gone"]:
            del self.items[key]
        self.map = told
        return self

    def deed(
        self, subject: str, action: str, target: str = "", value: Any = None, **more: Any
    ) -> dict[str, Any]:
        body = {
            "uid": f"uid-{next(_numbers)}",
            "subject": subject,
            "action": action,
            "target": target,
            "value": value,
            "seen": self.map["last"],
            **more,
        }
        return {key: given for key, given in body.items() if given is not None}

    def do(self, *deed: Any, **more: Any) -> dict[str, Any]:
        reply = self.browser.send("map/decide", self.deed(*deed, **more))
        self._take(reply)
        assert isinstance(reply, dict)
        return reply

    def refused(self, *deed: Any, expect: int = 409, **more: Any) -> str:
        told = self.browser.send("map/decide", self.deed(*deed, **more), expect=expect)
        return str(told["error"])

    def section(self, id_: str) -> dict[str, Any]:
        return next(one for one in self.map["sections"] if one["id"] == id_)

    def criterion(self, at: int) -> dict[str, Any]:
        found = self.items[self.section("criteria")["items"][at]]
        assert isinstance(found, dict)
        return found

    def quotes(self, cell: str = CELL) -> list[dict[str, Any]]:
        found = self.browser.get(f"map/quotes?cell={cell}")["quotes"]
        assert isinstance(found, list)
        return found

    @property
    def said(self) -> str:
        return str(self.map["log"][0]["said"])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.coded_study import make_study

    folder = tmp_path_factory.mktemp("map")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "private"))
        make_study(folder)
    return folder / "study"


@pytest.fixture
def study_path(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "study")


@pytest.fixture
def zed(connect: Connect) -> Page:
    """Come in as an adjudicator, from whom nothing is kept back."""
    return Page(connect().come_in("Zed", Part.ADJUDICATOR))


def log_of(study_path: Path) -> list[tuple[str, str, str, bool]]:
    with Study(study_path) as study:
        logged = decision_log(study)
    return [(d.decision.author, d.decision.subject, d.decision.action, d.stands) for d in logged]


# What the page is told


def test_the_map_has_criteria_stages_and_a_section_for_each_stage(zed: Page) -> None:
    assert [one["id"] for one in zed.map["sections"]] == [
        *("criteria", "stages"),
        *("stage_order", "stage_wait", "stage_help"),
    ]
    assert [zed.criterion(at)["number"] for at in range(3)] == ["C1", "C2", "C3"]


def test_a_quote_comes_with_its_words_speaker_source_and_the_way_to_its_proof(zed: Page) -> None:
    quote = zed.items[f"cell/{CELL}"]["quotes"][0]
    assert quote["text"].startswith("I waited ")
    assert (quote["who"].startswith("c"), quote["place"].startswith("survey.csv, row ")) == (
        True,
        True,
    )
    page = zed.browser.client.get(
        f"/transcript/{quote['document_id']}?segment={quote['segment_id']}&from=map"
    ).text
    assert '<mark class="segment" id="segment">I waited ' in page
    assert 'href="/map"' in page


def test_a_page_that_has_this_version_gets_no_other(zed: Page) -> None:
    known = zed.map["version"]
    assert zed.browser.get(f"map?known={known}") == {"is_same": True}


def test_every_quote_of_a_cell_is_a_candidate(zed: Page) -> None:
    told = zed.browser.get(f"map/quotes?cell={CELL}")
    assert (len(told["quotes"]), told["n_quotes"], told["n_kept_back"]) == (12, 12, 0)
    assert len(zed.browser.get(f"map/quotes?cell={CELL}&most=2")["quotes"]) == 2


def test_a_cell_that_is_not_there_is_a_conflict(zed: Page) -> None:
    assert zed.browser.client.get("/api/map/quotes?cell=pain_point/x/y").status_code == 409


def test_quotes_of_segments_that_are_still_blind_are_kept_back(ada: Browser) -> None:
    page = Page(ada)
    cell = page.items[f"cell/{CELL}"]
    assert cell["n_quotes"] + cell["n_kept_back"] == 12
    total = sum(one["n_kept_back"] for one in page.items.values() if one["kind"] == "cell")
    assert total > 0
    shown = {quote["segment_id"] for quote in page.quotes()}
    ids = ",".join(sorted(shown)[:10])
    assert not any(item["is_blind"] for item in ada.get(f"items?ids={ids}")["items"])


def test_others_codings_are_kept_back_until_the_own_judgement(connect: Connect) -> None:
    ada = connect().come_in("Ada")
    item = next(
        item
        for id_ in ada.send("batch", {"queue": "new", "size": 36})["segment_ids"]
        for item in ada.get(f"items?ids={id_}")["items"]
        if not item["is_blind"] and item["suggestions"]
    )
    proposed = {one["code"] for one in item["suggestions"]}
    added = "pain_slow" if "pain_alone" in proposed else "pain_alone"
    event = {
        "uid": "u-1",
        "segment_id": item["segment_id"],
        "action": "add",
        "family": "pain_point",
        "code": added,
        "start_char": item["segment"]["start_char"],
        "end_char": item["segment"]["end_char"],
    }
    assert ada.send("events", {"events": [event]})["receipts"][0]["refused"] == ""
    (stage,) = (one["code"] for one in item["suggestions"] if one["family"] == "stage")
    cell = f"pain_point/{stage}/{added}"
    seen = [
        [quote["segment_id"] for quote in page.quotes(cell)]
        for page in (Page(ada), Page(connect().come_in("Ben")))
    ]
    assert seen == [[item["segment_id"]], []]


# Every deed


def test_a_criterion_is_accepted_by_who_is_signed_in(zed: Page, study_path: Path) -> None:
    reply = zed.do("criterion", "accept", zed.criterion(0)["id"], reason="it fits")
    assert (zed.criterion(0)["status"], zed.criterion(0)["author"]) == ("accepted", "Zed")
    assert list(reply["items"]) == [f"criterion/{zed.criterion(0)['id']}"]
    assert zed.said == "Zed accepted the criterion “Let me have it when I need it.”"
    assert zed.map["log"][0]["reason"] == "it fits"
    assert log_of(study_path) == [("Zed", "criterion", "accept", True)]


def test_a_criterion_is_worded_anew(zed: Page) -> None:
    zed.do("criterion", "edit", zed.criterion(1)["id"], "Say  what it costs.\n")
    assert zed.criterion(1)["statement"] == "Say what it costs."
    assert zed.criterion(1)["status"] == "edited"


def test_a_criterion_is_rejected_and_restored(zed: Page) -> None:
    first = zed.criterion(0)["id"]
    zed.do("criterion", "reject", first, reason="too vague")
    assert zed.section("criteria")["items"][-1] == f"criterion/{first}"
    assert (zed.criterion(-1)["number"], zed.criterion(-1)["is_set_aside"]) == ("R1", True)
    zed.do("criterion", "restore", first)
    assert zed.criterion(0)["status"] == "draft"


def test_a_need_moves_to_another_criterion(zed: Page) -> None:
    first, second = zed.criterion(0), zed.criterion(1)
    zed.do("need", "move", "need_soon", second["id"])
    assert [need["id"] for need in zed.items[f"criterion/{first['id']}"]["needs"]] == []
    assert zed.items[f"criterion/{second['id']}"]["segments"] == 24


def test_a_stage_is_renamed_at_once_everywhere_on_the_page(zed: Page) -> None:
    zed.do("stage", "rename", "stage_wait", "Wait until it comes")
    assert zed.items["stage/stage_wait"]["name"] == "Wait until it comes"
    assert zed.section("stage_wait")["name"] == "Wait until it comes"
    assert zed.items["sign"]["names"][1] == "Wait until it comes"
    assert zed.said == "Zed renamed “Wait for it” to “Wait until it comes” in the codebook"


def test_a_newer_draft_follows_a_change_of_the_codebook(zed: Page) -> None:
    zed.do("stage", "rename", "stage_wait", "Wait until it comes")
    until = time.monotonic() + 20
    while not zed.map["is_fresh"] and time.monotonic() < until:
        time.sleep(0.02)
        zed.load()
    assert zed.map["is_fresh"]
    assert zed.items["stage/stage_wait"]["name"] == "Wait until it comes"


@pytest.mark.parametrize("where", [{"before": "stage_order"}, {"after": "stage_help"}])
def test_a_stage_moves(zed: Page, where: dict[str, str]) -> None:
    zed.do("stage", "move", "stage_wait", where)
    order = [key for key in zed.section("stages")["items"] if key != "sign"]
    assert order.index("stage/stage_wait") == (0 if "before" in where else 2)
    assert zed.map["sections"][2]["id"] == order[0].removeprefix("stage/")
    assert zed.said == "Zed moved the stage “Wait for it” to another place"


def test_stages_are_signed_and_dissent_is_kept_with_its_note(zed: Page, connect: Connect) -> None:
    zed.do("stages", "sign", "stages", {"agrees": True, "role": "leader"})
    ben = Page(connect().come_in("Ben"))
    ben.do("stages", "sign", "stages", {"agrees": False, "note": "One is missing."})
    said = ben.items["sign"]["said"]
    assert [(one["author"], one["role"], one["agrees"], one["note"]) for one in said] == [
        ("Zed", "leader", True, ""),
        ("Ben", "", False, "One is missing."),
    ]


def test_dissent_needs_a_reason(zed: Page) -> None:
    assert "why" in zed.refused("stages", "sign", "stages", {"agrees": False, "note": " "})
    assert zed.items["sign"]["said"] == []


def test_a_summary_is_written_edited_and_taken_away(zed: Page) -> None:
    zed.do("summary", "write", LANE, "They wait for weeks.")
    assert zed.items[f"summary/{LANE}"]["status"] == "written"
    zed.do("summary", "write", LANE, "They wait, and ring.")
    assert zed.items[f"summary/{LANE}"]["text"] == "They wait, and ring."
    assert zed.items[f"summary/{LANE}"]["status"] == "edited"
    zed.do("summary", "reject", LANE)
    assert zed.items[f"summary/{LANE}"]["text"] == ""


def test_a_machines_summary_is_accepted(zed: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    from qualcode.draft import Summary
    from qualcode.workflow import edit_map

    cell = ("doing", "stage_wait")
    drafted = Summary(cell[1], cell[0], "They wait.", "draft", "llm:x")
    monkeypatch.setattr(edit_map, "_summary", lambda *_: ("/".join(cell), drafted))
    zed.do("summary", "accept", LANE)
    assert zed.items[f"summary/{LANE}"]["status"] == "accepted"


def test_only_a_draft_can_be_accepted_as_summary(zed: Page) -> None:
    assert "no draft of a summary" in zed.refused("summary", "accept", LANE)


def test_a_quote_is_pinned_and_unpinned(zed: Page) -> None:
    third = zed.quotes()[2]["coding_id"]
    zed.do("quote", "pin", third, {"cell": CELL})
    first = zed.items[f"cell/{CELL}"]["quotes"][0]
    assert (first["coding_id"], first["is_pinned"]) == (third, True)
    assert zed.quotes()[0]["coding_id"] == third
    assert zed.said == "Zed pinned a quote under “Slow” at “Wait for it”"
    zed.do("quote", "unpin", third, {"cell": CELL})
    assert zed.items[f"cell/{CELL}"]["quotes"][0]["coding_id"] != third


def test_a_quote_takes_the_place_of_another(zed: Page) -> None:
    first, second = (quote["coding_id"] for quote in zed.quotes()[:2])
    zed.do("quote", "swap", second, {"cell": CELL, "for": first})
    ids = [quote["coding_id"] for quote in zed.quotes()]
    assert (ids[0], ids[-1]) == (second, first)
    assert "in the place of another one" in zed.said


def test_a_quote_is_hidden_with_a_reason_and_shown_again(zed: Page) -> None:
    first = zed.quotes()[0]["coding_id"]
    zed.do("quote", "hide", first, reason="says who it is")
    assert zed.items[f"cell/{CELL}"]["quotes"][0]["coding_id"] != first
    last = zed.quotes()[-1]
    assert (last["coding_id"], last["hidden"]) == (first, "says who it is")
    zed.do("quote", "show", first)
    assert all(quote["hidden"] is None for quote in zed.quotes())


def test_a_quote_is_not_hidden_without_a_reason(zed: Page) -> None:
    assert "reason" in zed.refused("quote", "hide", zed.quotes()[0]["coding_id"])


def test_an_opportunity_is_written_edited_given_an_owner_and_removed(zed: Page) -> None:
    zed.do("opportunity", "write", "stage_wait", {"text": "Tell them when.", "owner": "Dee"})
    (key,) = zed.section("stage_wait")["opportunities"]
    assert (zed.items[key]["text"], zed.items[key]["owner"]) == ("Tell them when.", "Dee")
    name = key.removeprefix("opportunity/")
    zed.do("opportunity", "edit", name, {"text": "Tell them at once."})
    zed.do("owner", "set", name, "Eve")
    assert (zed.items[key]["text"], zed.items[key]["owner"]) == ("Tell them at once.", "Eve")
    assert zed.map["owners"] == ["Eve"]
    assert zed.do("opportunity", "remove", name)["gone"] == [key]
    assert zed.section("stage_wait")["opportunities"] == []


@pytest.mark.parametrize("kind", ["criterion", "stage"])
def test_things_get_an_owner(zed: Page, kind: str) -> None:
    target = zed.criterion(0)["id"] if kind == "criterion" else "stage_wait"
    zed.do("owner", "set", target, "Dee")
    assert zed.items[f"{kind}/{target}"]["owner"] == "Dee"


@pytest.mark.parametrize(
    "deed",
    [
        ("criterion", "dance", "x"),
        ("criterion", "accept", "C9"),
        ("criterion", "edit", "C1", " "),
        ("criterion", "edit", "C1"),
        ("stage", "rename", "stage_wait", "Order it"),
        ("stage", "rename", "stage_wait", "Wait for it"),
        ("stage", "move", "stage_wait"),
        ("summary", "write", "doing/nowhere", "x"),
        ("quote", "pin", "cod_nowhere", {"cell": CELL}),
        ("opportunity", "edit", "O99", {"text": "x"}),
        ("log", "undo"),
        ("log", "redo"),
    ],
)
def test_what_the_workflow_refuses_is_told_and_changes_nothing(
    zed: Page, deed: tuple[Any, ...], study_path: Path
) -> None:
    assert zed.refused(*deed)
    assert log_of(study_path) == []


@pytest.mark.parametrize(
    "more",
    [
        {"value": 7},
        {"value": {"text": ["x"]}},
        {"value": "x" * 2001},
        {"reason": "x" * 2001},
        {"seen": -1},
        {"after": "x"},
        {"subject": 3},
    ],
)
def test_what_is_malformed_is_refused(zed: Page, more: dict[str, Any]) -> None:
    deed = {**zed.deed("criterion", "accept", "C1"), **more}
    zed.browser.send("map/decide", deed, expect=400)


# Taking back


def test_one_takes_back_ones_own_decisions_one_after_the_other(zed: Page) -> None:
    before = zed.items
    zed.do("criterion", "accept", zed.criterion(0)["id"])
    zed.do("stage", "rename", "stage_wait", "Wait until it comes")
    zed.do("opportunity", "write", "stage_wait", {"text": "Tell them when."})
    assert zed.map["undo"]["said"].startswith("Zed wrote opportunity O3")
    for _ in range(3):
        zed.do("log", "undo")
    assert zed.map["undo"] is None
    assert zed.items == before
    assert "nothing of yours" in zed.refused("log", "undo")


def test_what_was_taken_back_is_brought_again_in_turn(zed: Page) -> None:
    zed.do("criterion", "accept", zed.criterion(0)["id"])
    zed.do("criterion", "edit", zed.criterion(1)["id"], "Say what it costs.")
    for action in ("undo", "undo", "redo", "undo", "redo"):
        zed.do("log", action)
    assert [zed.criterion(at)["status"] for at in range(2)] == ["accepted", "draft"]
    zed.do("log", "redo")
    assert zed.criterion(1)["statement"] == "Say what it costs."
    assert zed.map["redo"] is None
    assert "nothing back" in zed.refused("log", "redo")


def test_a_new_decision_leaves_nothing_to_bring_again(zed: Page) -> None:
    zed.do("criterion", "accept", zed.criterion(0)["id"])
    zed.do("log", "undo")
    zed.do("criterion", "accept", zed.criterion(1)["id"])
    assert zed.map["redo"] is None


def test_nobody_takes_back_what_another_decided(zed: Page, connect: Connect) -> None:
    zed.do("criterion", "accept", zed.criterion(0)["id"])
    ben = Page(connect().come_in("Ben"))
    assert ben.map["undo"] is None
    ben.refused("log", "undo")
    assert ben.load().criterion(0)["status"] == "accepted"


def test_the_log_tells_what_was_taken_back(zed: Page) -> None:
    zed.do("criterion", "accept", zed.criterion(0)["id"])
    zed.do("log", "undo")
    newest, oldest = zed.map["log"]
    assert newest["said"] == (
        "Zed took back: accepted the criterion “Let me have it when I need it.”"
    )
    assert (newest["stands"], oldest["stands"]) == (True, False)


# Others, and what is sent twice


def test_what_another_person_changed_meanwhile_is_told_and_nothing_is_overwritten(
    zed: Page, study_path: Path
) -> None:
    first = zed.criterion(0)["id"]
    with Study(study_path) as study:
        edit_criterion(study, first, "Bring it in time.", by="Ben")
    told = zed.refused("criterion", "edit", first, "Let me have it soon.")
    assert "meanwhile Ben worded a criterion anew: “Bring it in time.”" in told
    assert zed.load().criterion(0)["statement"] == "Bring it in time."
    zed.do("criterion", "edit", first, "Let me have it soon.")
    assert zed.criterion(0)["statement"] == "Let me have it soon."


def test_what_another_person_changed_elsewhere_is_no_conflict_and_comes_along(
    zed: Page, study_path: Path
) -> None:
    with Study(study_path) as study:
        write_opportunity(study, "stage_help", "Answer the phone.", by="Ben")
    reply = zed.do("criterion", "accept", zed.criterion(0)["id"])
    assert reply["is_whole"]
    assert zed.section("stage_help")["opportunities"] == ["opportunity/O1"]


def test_signing_stages_that_another_has_just_renamed_is_a_conflict(
    zed: Page, connect: Connect
) -> None:
    ben = Page(connect().come_in("Ben"))
    ben.do("stage", "rename", "stage_wait", "Wait until it comes")
    assert "Ben renamed" in zed.refused("stages", "sign", "stages", {"agrees": True})


def test_taking_back_what_another_has_built_on_asks_first(zed: Page, connect: Connect) -> None:
    first = zed.criterion(0)["id"]
    zed.do("criterion", "edit", first, "Bring it in time.")
    ben = Page(connect().come_in("Ben"))
    ben.do("criterion", "reject", first)
    assert "Ben rejected" in zed.refused("log", "undo")
    zed.load().do("log", "undo")
    assert zed.criterion(-1)["status"] == "rejected"


def test_a_deed_sent_twice_is_done_once(zed: Page, study_path: Path) -> None:
    deed = zed.deed("opportunity", "write", "stage_wait", {"text": "Tell them when."})
    first = zed.browser.send("map/decide", deed)
    again = zed.browser.send("map/decide", {**deed, "after": zed.map["last"]})
    assert again["decision"] == first["decision"]
    assert len(log_of(study_path)) == 1


@pytest.mark.parametrize(
    "deed",
    [
        ("opportunity", "write", "stage_wait", {"text": "Tell them when."}),
        ("stage", "rename", "stage_wait", "Wait until it comes"),
        ("stage", "move", "stage_wait", {"before": "stage_order"}),
        ("owner", "set", "stage_wait", "Dee"),
        ("log", "undo"),
    ],
)
def test_a_deed_sent_again_to_a_server_that_was_started_anew_is_done_once(
    zed: Page, study_path: Path, deed: tuple[Any, ...]
) -> None:
    zed.do("criterion", "accept", zed.criterion(0)["id"])
    zed.do("criterion", "accept", zed.criterion(1)["id"])
    sent = zed.deed(*deed)
    first = zed.browser.send("map/decide", sent)
    n_decisions = len(log_of(study_path))
    service = Service(study_path, "0123abcd", Addresses("127.0.0.1", 20000), Invitations())
    with TestClient(make_app(service), base_url=ORIGIN) as client:
        other = Page(Browser(client, service).come_in("Zed", Part.ADJUDICATOR))
        again = other.browser.send("map/decide", {**sent, "after": zed.map["last"]})
    assert again["decision"] == first["decision"]
    assert len(log_of(study_path)) == n_decisions


def test_codings_made_anew_are_drafted_anew_while_the_map_stays_to_be_judged(
    zed: Page, study_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.review.map_desk._LEAST_PAUSE", 0.0)
    with Study(study_path) as study:
        code(study, PlainCoder("local:other", without=["pain_slow"]))
        code(study, PlainCoder(without=["pain_slow"]))
    zed.do("criterion", "accept", zed.criterion(0)["id"])
    until = time.monotonic() + 20
    while f"cell/{CELL}" in zed.items and time.monotonic() < until:
        time.sleep(0.02)
        zed.load()
    assert f"cell/{CELL}" not in zed.items
    assert zed.criterion(0)["status"] == "accepted"


def test_until_there_is_a_draft_the_page_is_told_to_wait(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = threading.Event()

    def slow(study: Study) -> Drafted:
        may_end.wait(20)
        return machines_draft(study)

    monkeypatch.setattr("qualcode.workflow.draft.machines_draft", slow)
    browser = connect().come_in("Zed", Part.ADJUDICATOR)
    assert browser.get("map") == {"is_ready": False}
    deed = {"uid": "u", "subject": "criterion", "action": "accept", "target": "C1"}
    browser.send("map/decide", deed, expect=503)
    assert browser.client.get(f"/api/map/quotes?cell={CELL}").status_code == 503
    may_end.set()
    assert Page(browser).criterion(0)["status"] == "draft"


def test_why_no_draft_could_be_made_is_told_and_the_next_call_tries_again(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def failing(study: Study) -> Drafted:
        tries.append(1)
        if len(tries) == 1:
            raise UsageError("there is a stone in the way")
        return machines_draft(study)

    monkeypatch.setattr("qualcode.workflow.draft.machines_draft", failing)
    browser = connect().come_in("Zed", Part.ADJUDICATOR)
    reply = browser.client.get("/api/map")
    until = time.monotonic() + 20
    while reply.status_code == 200 and time.monotonic() < until:
        time.sleep(0.02)
        reply = browser.client.get("/api/map")
    assert (reply.status_code, reply.json()) == (409, {"error": "there is a stone in the way"})
    assert Page(browser).criterion(0)["status"] == "draft"


# Safety


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"X-CSRF-Token": "wrong"}, {"Origin": ""}]
)
def test_a_foreign_page_decides_nothing(
    zed: Page, study_path: Path, headers: dict[str, str]
) -> None:
    deed = zed.deed("criterion", "accept", zed.criterion(0)["id"])
    zed.browser.send("map/decide", deed, expect=403, **headers)
    assert log_of(study_path) == []


def test_hostile_text_stays_text(zed: Page) -> None:
    zed.do("criterion", "edit", zed.criterion(0)["id"], HOSTILE)
    assert zed.criterion(0)["statement"] == " ".join(HOSTILE.split())
    reply = zed.browser.client.get("/api/map")
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-content-type-options"] == "nosniff"
    page = zed.browser.client.get("/map").text
    assert "alert(1)" not in page
    assert 'data-page="map"' in page


def test_half_a_character_is_refused(zed: Page) -> None:
    content = b'{"subject": "opportunity", "action": "write", "value": "\\ud800"}'
    headers = {
        "Origin": ORIGIN,
        "X-CSRF-Token": zed.browser.csrf,
        "Content-Type": "application/json",
    }
    reply = zed.browser.client.post("/api/map/decide", content=content, headers=headers)
    assert reply.status_code == 400
