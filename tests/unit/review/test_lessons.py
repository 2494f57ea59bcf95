"""The coder learns while people review: every few decisions, and nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qualcode.review import lessons
from qualcode.review.lessons import Lessons


class Learner:
    """Stand for the coder that learns: it notes what is asked of it."""

    def __init__(self, n_waiting: int = 0) -> None:
        self.n_updates = 0
        self.waiting = [f"seg_{at}" for at in range(n_waiting)]
        self.proposed: list[list[str]] = []
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.error: Exception | None = None

    def update(self) -> None:
        self.n_updates += 1
        self.goes_on.wait(10)
        if self.error is not None:
            raise self.error

    def undecided(self) -> list[str]:
        return self.waiting

    def propose_anew(self, segment_ids: list[str], *, should_stop: Callable[[], bool]) -> int:
        self.proposed.append(segment_ids)
        return len(segment_ids)


@pytest.fixture
def learner(monkeypatch: pytest.MonkeyPatch) -> Learner:
    made = Learner()
    monkeypatch.setattr("qualcode.review.study_thread.Opened.learner", made)
    monkeypatch.setattr(lessons, "_LEAST_PAUSE", 0.0)
    return made


@pytest.fixture
def held(study_path: Path, learner: Learner) -> Iterator[Lessons]:
    made = Lessons(study_path)
    yield made
    learner.goes_on.set()
    asyncio.run(made.close())


def until(is_so: Callable[[], Any]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_five_decisions_make_a_lesson(held: Lessons, learner: Learner) -> None:
    held.noticed(4)
    assert learner.n_updates == 0
    held.noticed(1)
    until(lambda: held.n_held == 1)


def test_while_a_lesson_is_held_no_other_begins(held: Lessons, learner: Learner) -> None:
    learner.goes_on.clear()
    held.noticed(5)
    until(lambda: learner.n_updates == 1)
    held.noticed(50)
    assert learner.n_updates == 1


def test_what_is_decided_during_a_lesson_becomes_the_next_by_itself(
    held: Lessons, learner: Learner
) -> None:
    learner.goes_on.clear()
    held.noticed(5)
    until(lambda: learner.n_updates == 1)
    held.noticed(5)
    learner.goes_on.set()
    until(lambda: held.n_held == 2)


def test_switched_off_nothing_is_learnt(study_path: Path, learner: Learner) -> None:
    made = Lessons(study_path, is_on=False)
    made.noticed(100)
    asyncio.run(made.close())
    assert learner.n_updates == 0


def test_all_segments_have_their_turn_and_those_on_hand_every_time(
    held: Lessons, learner: Learner
) -> None:
    first, turn = lessons._FIRST, lessons._TURN
    learner.waiting = [f"seg_{at}" for at in range(first + 2 * turn)]
    for n in (1, 2):
        held.noticed(5)
        until(lambda n=n: held.n_held == n)
    one, two = learner.proposed
    assert one[:first] == two[:first] == learner.waiting[:first]
    assert one[first:] + two[first:] == learner.waiting[first:]


def test_a_lesson_that_fails_leaves_a_trace_without_words_and_the_next_is_held(
    held: Lessons, learner: Learner, caplog: pytest.LogCaptureFixture
) -> None:
    learner.error = RuntimeError("I waited three weeks")
    with caplog.at_level(logging.WARNING):
        held.noticed(5)
        until(lambda: caplog.records)
    assert caplog.messages == ["a lesson failed: RuntimeError"]
    learner.error = None
    held.noticed(5)
    until(lambda: held.n_held == 1)


def test_after_the_end_nothing_begins(study_path: Path, learner: Learner) -> None:
    made = Lessons(study_path)
    asyncio.run(made.close())
    made.noticed(5)
    assert learner.n_updates == 0


def test_decisions_that_a_page_sends_become_a_lesson(ada: Any, learner: Learner) -> None:
    ids = ada.send("batch", {"queue": "new", "size": 5})["segment_ids"]
    events = [{"uid": f"f{at}", "segment_id": i, "action": "flag"} for at, i in enumerate(ids)]
    ada.send("events", {"events": events})
    until(lambda: learner.n_updates == 1)
    ada.send("events", {"events": events})
    assert learner.n_updates == 1
