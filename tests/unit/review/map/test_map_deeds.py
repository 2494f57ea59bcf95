"""The map's API: every deed, and what is refused."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.review.map.conftest import CELL, LANE, Connect, Page, log_of


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
