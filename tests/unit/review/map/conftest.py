"""The map as its page judges it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qualcode.review_events import Part
from qualcode.workflow.edit_log import decision_log
from qualcode.workflow.study import Study
from tests.coded_study import grouped_by_need
from tests.unit.review.conftest import Browser

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


@pytest.fixture
def zed(connect: Connect) -> Page:
    """Come in as an adjudicator, from whom nothing is kept back."""
    return Page(connect().come_in("Zed", Part.ADJUDICATOR))


def log_of(study_path: Path) -> list[tuple[str, str, str, bool]]:
    with Study(study_path) as study:
        logged = decision_log(study)
    return [(d.decision.author, d.decision.subject, d.decision.action, d.stands) for d in logged]
