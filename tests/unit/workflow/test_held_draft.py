"""A draft at hand: edits are made on it, and what would change it is noticed."""

from __future__ import annotations

import pytest

from qualcode.workflow.code import code
from qualcode.workflow.codebook import rename
from qualcode.workflow.draft import draft, machines_draft
from qualcode.workflow.edit_criteria import accept_criterion
from qualcode.workflow.edit_map import write_opportunity
from qualcode.workflow.edit_quotes import pin_quote
from qualcode.workflow.held_draft import HeldDraft, stamp_of
from qualcode.workflow.study import Study
from tests.coded_study import PlainCoder


@pytest.fixture
def study(grouped: Study) -> Study:
    return grouped


def hold(study: Study) -> None:
    stamp = stamp_of(study)
    study.held_draft = HeldDraft(machines_draft(study), stamp)


def test_the_draft_at_hand_is_the_one_that_would_be_made(study: Study) -> None:
    accept_criterion(study, "C1", by="Ann")
    without = draft(study)
    hold(study)
    assert draft(study) == without


def test_edits_are_made_on_the_draft_at_hand_and_show_in_it(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(study)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("drafted again")

    monkeypatch.setattr("qualcode.analysis.criteria.draft_criteria", never)
    accept_criterion(study, "C1", by="Ann")
    cell = draft(study).draft.map.cells["pain_point", "stage_wait"]
    third = cell.findings[0].quotes[2].coding_id
    pin_quote(study, third, by="Ann")
    write_opportunity(study, "stage_wait", "Tell them when.", by="Ann")
    made = draft(study).draft
    assert made.criteria.criteria[0].status == "accepted"
    assert made.map.cells["pain_point", "stage_wait"].findings[0].quotes[0].coding_id == third
    assert [one.text for one in made.edits.opportunities] == ["Tell them when."]


def test_the_same_draft_comes_back_until_somebody_decides(study: Study) -> None:
    hold(study)
    first = draft(study)
    assert draft(study) is first
    accept_criterion(study, "C1", by="Ann")
    assert draft(study) is not first


def test_a_stamp_stays_with_decisions_and_changes_with_codings_and_the_codebook(
    study: Study,
) -> None:
    before = stamp_of(study)
    accept_criterion(study, "C1", by="Ann")
    assert stamp_of(study) == before
    rename(study, "stage_wait", "Wait until it comes", by="Ann")
    renamed = stamp_of(study)
    code(study, PlainCoder(without=["pain_slow"]))
    assert len({before, renamed, stamp_of(study)}) == 3
