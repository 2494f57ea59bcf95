"""A run that asks a model is killed again and again: nothing is lost, little is asked twice."""

from __future__ import annotations

import pytest

from evals.gold.sheet import homes_in
from evals.llm_kills import Told, killed_until_done


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Return what became of a run of 120 units that was killed three times."""
    folder = tmp_path_factory.mktemp("killed")
    with homes_in(folder):
        return killed_until_done(folder, n_units=120, n_kills=3, workers=2, latency=0.2)


def test_kills_fall_into_the_asking(told: Told) -> None:
    # Otherwise the tests below would hold for want of anything to lose.
    assert told.kills - told.kills_at_start >= 2


def test_every_unit_is_answered_once(told: Told) -> None:
    assert (told.units_without_reply, told.replies_twice) == (0, 0)


def test_every_unit_is_judged_once_for_each_family(told: Told) -> None:
    assert (told.judgements_missing, told.judgements_twice, told.unprocessed) == (0, 0, 0)


def test_a_kill_costs_no_more_requests_than_were_under_way(told: Told) -> None:
    assert told.least_requests <= told.requests <= told.least_requests + told.most_repeated


def test_the_database_is_whole(told: Told) -> None:
    assert told.integrity == "ok"


def test_the_log_lists_every_request_that_the_server_got(told: Told) -> None:
    assert told.listed >= told.requests
    assert told.not_listed == 0
