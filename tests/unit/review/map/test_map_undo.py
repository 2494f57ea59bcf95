"""The map's API: taking back, and bringing again."""

from __future__ import annotations

from tests.unit.review.map.conftest import Connect, Page


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
