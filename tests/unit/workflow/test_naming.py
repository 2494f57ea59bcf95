"""People name things by number, name or id; what does not fit is told with what does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qualcode.codebook import Code, Codebook
from qualcode.draft import CriteriaDraft, DesignCriterion
from qualcode.errors import UsageError
from qualcode.workflow.naming import find_criterion, find_id, find_lane, live_code, numbered

BOOK = Codebook(
    "b",
    (
        Code("stage_buy", "Buy", "stage", former_names=("Purchase",)),
        Code("stage_use", "Use", "stage"),
        Code("stage_old", "Old", "stage", status="retired"),
        Code("stage_join", "Join", "stage", status="retired", merged_into="stage_buy"),
        Code("pain_use", "Use", "pain_point"),
    ),
)
STAGES = ("stage",)


def criterion(criterion_id: str, statement: str) -> DesignCriterion:
    return DesignCriterion(criterion_id, statement, "", (), (), {}, {}, (), 0)


MADE = CriteriaDraft(
    (criterion("criterion_a", "One."), criterion("criterion_b", "Two.")),
    set_aside=(replace(criterion("criterion_c", "Three."), status="rejected"),),
)


@pytest.mark.parametrize("named", ["stage_buy", "Buy", "buy", " BUY ", "purchase", "Join"])
def test_a_code_is_found_by_id_name_former_name_and_what_was_merged_into_it(named: str) -> None:
    assert live_code(BOOK, named, families=STAGES).id == "stage_buy"


def test_a_name_of_two_families_needs_the_id_or_the_family() -> None:
    with pytest.raises(UsageError, match="several codes") as error:
        live_code(BOOK, "use")
    assert "pain_use" in str(error.value.hint)
    assert live_code(BOOK, "use", families=STAGES).id == "stage_use"


def test_a_retired_code_is_not_to_be_written_about() -> None:
    with pytest.raises(UsageError, match="the stage stage_old is retired"):
        live_code(BOOK, "Old", families=STAGES)


def test_what_no_stage_is_called_is_told_with_all_stages_or_the_nearest() -> None:
    with pytest.raises(UsageError) as error:
        live_code(BOOK, "xyz", families=STAGES)
    assert error.value.hint == "there are: stage_buy (Buy), stage_use (Use)"
    with pytest.raises(UsageError) as error:
        live_code(BOOK, "stage_by", families=STAGES)
    assert str(error.value.hint).startswith("did you mean stage_buy")


def test_a_lane_is_a_family_by_id_or_by_the_name_that_people_see() -> None:
    for named in ("pain_point", "Pain point", "PAIN POINT"):
        assert find_lane(BOOK, named, ("doing",)) == "pain_point"
    assert find_lane(BOOK, "Doing", ("doing",)) == "doing"
    with pytest.raises(UsageError) as error:
        find_lane(BOOK, "stage", ("doing",))
    assert error.value.hint == "there are: doing, pain_point"


def test_criteria_are_numbered_those_set_aside_apart() -> None:
    assert {name: c.statement for name, c in numbered(MADE).items()} == {
        "C1": "One.",
        "C2": "Two.",
        "R1": "Three.",
    }


@pytest.mark.parametrize(
    ("named", "found"),
    [("2", "b"), ("c2", "b"), ("r1", "c"), ("criterion_a", "a"), ("two.", "b")],
)
def test_a_criterion_is_found_by_number_id_or_statement(named: str, found: str) -> None:
    assert find_criterion(MADE, named).id == f"criterion_{found}"


@pytest.mark.parametrize("named", ["3", "R2", "C0", "", "criterion_z"])
def test_what_no_criterion_is_called_is_told_with_all_numbers(named: str) -> None:
    with pytest.raises(UsageError) as error:
        find_criterion(MADE, named)
    assert str(error.value.hint).startswith("there are C1, C2, R1")


def test_without_criteria_the_reason_is_told() -> None:
    with pytest.raises(UsageError) as error:
        find_criterion(CriteriaDraft((), "too few people"), "1")
    assert error.value.hint == "too few people"


IDS = [("cod_aaaaaa11", 1), ("cod_aaaaaa22", 2), ("cod_bbbbbb33", 3)]


@pytest.mark.parametrize(
    ("named", "found"),
    [("cod_aaaaaa11", 1), ("aaaaaa22", 2), ("cod_bbbbbb", 3), ("bbbbbb", 3)],
)
def test_an_id_is_found_by_how_it_begins(named: str, found: int) -> None:
    assert find_id(named, IDS, what="coding", hint="h") == found


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("aaaaaa", "more than one coding"),
        ("bbb", "there is no coding"),
        ("zzzzzzzz", "there is no"),
    ],
)
def test_an_id_that_is_too_short_or_unknown_is_refused(named: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        find_id(named, IDS, what="coding", hint="h")
