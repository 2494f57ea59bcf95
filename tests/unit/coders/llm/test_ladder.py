"""The ladder of modes: one step a refusal, whoever reports it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from qualcode.coders.llm.ladder import Ladder
from qualcode.coders.llm.wire import Mode


def test_a_ladder_begins_at_the_best_mode() -> None:
    assert Ladder().mode is Mode.SCHEMA


def test_a_ladder_begins_where_it_was_left() -> None:
    assert Ladder(Mode.OBJECT).mode is Mode.OBJECT


def test_refusals_lead_down_mode_by_mode() -> None:
    ladder = Ladder()
    modes = [ladder.step_down(mode) for mode in (Mode.SCHEMA, Mode.TOOL, Mode.OBJECT)]
    assert modes == [Mode.TOOL, Mode.OBJECT, Mode.TEXT]


def test_nothing_is_below_the_last_mode() -> None:
    ladder = Ladder(Mode.TEXT)
    assert ladder.step_down(Mode.TEXT) is None


def test_a_refusal_reported_by_many_workers_is_one_step() -> None:
    ladder = Ladder()
    with ThreadPoolExecutor(16) as workers:
        list(workers.map(lambda _: ladder.step_down(Mode.SCHEMA), range(200)))
    assert ladder.mode is Mode.TOOL


def test_a_late_report_of_an_old_refusal_is_told_the_mode_of_now() -> None:
    ladder = Ladder(Mode.OBJECT)
    assert ladder.step_down(Mode.SCHEMA) is Mode.OBJECT


def test_a_mode_that_worked_is_remembered_once() -> None:
    remembered: list[Mode] = []
    ladder = Ladder(None, remembered.append)
    ladder.step_down(Mode.SCHEMA)
    ladder.worked(Mode.TOOL)
    ladder.worked(Mode.TOOL)
    assert remembered == [Mode.TOOL]


def test_stepping_down_alone_is_not_remembered() -> None:
    remembered: list[Mode] = []
    Ladder(None, remembered.append).step_down(Mode.SCHEMA)
    assert remembered == []


def test_a_mode_known_from_before_is_no_news() -> None:
    remembered: list[Mode] = []
    Ladder(Mode.OBJECT, remembered.append).worked(Mode.OBJECT)
    assert remembered == []


def test_a_reply_from_before_a_step_is_not_remembered() -> None:
    remembered: list[Mode] = []
    ladder = Ladder(None, remembered.append)
    ladder.step_down(Mode.SCHEMA)
    ladder.worked(Mode.SCHEMA)
    assert remembered == []
