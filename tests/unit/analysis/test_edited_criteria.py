"""What a person decided on a criterion holds whatever the codings do afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qualcode.draft import DesignCriterion
from tests.edits_sample import NEEDS, Study, segment_id, usual_codes


def scattered(study: Study) -> None:
    """Let the codings group in a way in which no group resembles one of before."""
    segments = sorted(study.codes)
    study.groups = [segments[at::4] for at in range(4)]


def grown(study: Study, by: int) -> None:
    """Let one more thing said by so many people join the first group and leave its own."""
    moved = [segment_id(p, 1) for p in range(by)]
    first = [segment_id(p, 0) for p in range(8)]
    second = [segment_id(p, 1) for p in range(by, 8)]
    study.groups = [[*first, *moved], second, [segment_id(p, 2) for p in range(8)]]


def only(study: Study) -> DesignCriterion:
    (criterion,) = study.criteria.criteria
    return criterion


def test_without_decisions_the_machines_criteria_stand() -> None:
    study = Study()
    assert study.criteria == study.machine.criteria


def test_an_accepted_criterion_says_who_accepted_it() -> None:
    study = Study()
    study.criterion(0, "accept")
    first = study.criteria.criteria[0]
    assert (first.status, first.author, first.note) == ("accepted", "Ann", "")


def test_an_edited_criterion_has_the_persons_words_and_says_whose_they_are() -> None:
    study = Study()
    study.criterion(1, "edit", "Tell me the price first.")
    second = study.criteria.criteria[1]
    assert (second.statement, second.status) == ("Tell me the price first.", "edited")
    assert second.basis == "The wording is that of Ann, 2026-03-01."


def test_what_the_machine_noted_is_said_to_be_of_its_draft_where_a_person_worded_anew() -> None:
    study = Study()
    study.criterion(0, "edit", "Mine.")
    first, *others = (machine := study.machine).criteria.criteria
    noted = (replace(first, note="Word it anew."), *others)
    draft = replace(machine, criteria=replace(machine.criteria, criteria=noted))
    assert study.applied(draft).criteria.criteria[0].note == (
        "Of the draft it was said: Word it anew."
    )


def test_accepting_an_edited_criterion_keeps_whose_words_they_are() -> None:
    study = Study()
    study.criterion(0, "edit", "Mine.", by="Ann")
    study.criterion(0, "accept", by="Bo")
    first = study.criteria.criteria[0]
    assert (first.statement, first.status, first.author) == ("Mine.", "accepted", "Bo")
    assert "Ann" in first.basis


def test_an_accepted_wording_outlives_another_wording_of_the_machine() -> None:
    study = Study()
    study.criterion(0, "accept")
    machine = study.machine
    reworded = [
        replace(c, statement=f"New words {n}.") for n, c in enumerate(machine.criteria.criteria)
    ]
    draft = replace(machine, criteria=replace(machine.criteria, criteria=tuple(reworded)))
    said = [c.statement for c in study.applied(draft).criteria.criteria]
    assert said == ["Machine's words 0.", "New words 1.", "New words 2."]


def test_a_rejected_criterion_is_set_aside() -> None:
    study = Study()
    study.criterion(1, "reject")
    assert study.statements() == ["Machine's words 0.", "Machine's words 2."]
    assert [(c.status, c.author) for c in study.criteria.set_aside] == [("rejected", "Ann")]


def test_a_restored_criterion_is_what_it_was_before() -> None:
    study = Study()
    study.criterion(1, "edit", "Mine.")
    before = study.criteria
    study.criterion(1, "reject")
    study.criterion(-1, "restore")
    assert study.criteria == before


def test_rejecting_all_leaves_none_and_says_why() -> None:
    study = Study()
    for _ in range(3):
        study.criterion(0, "reject")
    assert study.criteria.criteria == ()
    assert study.criteria.reason == "people rejected every draft criterion"


def test_another_coder_with_other_ids_changes_nothing_that_a_person_wrote() -> None:
    study = Study()
    study.criterion(0, "accept")
    study.criterion(1, "edit", "Mine.")
    study.criterion(2, "reject")
    before = [(c.id, c.statement, c.status) for c in study.criteria.criteria]
    study.coder = "llm:b"
    assert [(c.id, c.statement, c.status) for c in study.criteria.criteria] == before
    assert [c.status for c in study.criteria.set_aside] == ["rejected"]


def test_a_person_s_criterion_takes_the_evidence_of_the_group_that_resembles_it() -> None:
    study = Study()
    study.criterion(0, "accept")
    grown(study, by=3)
    first = study.criteria.criteria[0]
    assert (first.statement, first.n_segments) == ("Machine's words 0.", 11)
    assert first.note == (
        "When a person last decided on it (2026-03-01), 8 people and 8 segments stood behind it; "
        "now it is 8 people and 11 segments."
    )


def test_a_criterion_that_nothing_resembles_stays_with_its_segments_and_a_note() -> None:
    study = Study()
    before = study.criteria.criteria[0]
    study.criterion(0, "accept")
    scattered(study)
    last = study.criteria.criteria[-1]
    assert last.statement == "Machine's words 0."
    assert last.note == (
        "The codings no longer group like this: its evidence is that of 2026-03-01."
    )
    assert (last.segments, last.participants) == (before.segments, before.participants)
    assert (last.codes, last.stages) == (before.codes, before.stages)
    assert {q.segment_id for q in last.quotes} == set(before.segments)
    assert last.personas == {"Planner": 4, "Wanderer": 4}


def test_segments_that_left_the_study_leave_a_criterion_that_stayed() -> None:
    study = Study()
    study.criterion(0, "accept")
    scattered(study)
    study.people, study.groups = 5, []
    criterion = only(study)
    assert criterion.n_segments == 5
    assert criterion.note.endswith("3 of its 8 segments are no longer there.")


def test_where_the_machine_has_no_criteria_any_more_a_persons_stays() -> None:
    study = Study()
    study.criterion(2, "edit", "Mine.")
    study.groups = []
    assert (only(study).statement, study.criteria.reason) == ("Mine.", "")


def test_a_rejected_group_does_not_come_back_as_a_draft_when_it_has_grown() -> None:
    study = Study()
    study.criterion(0, "reject")
    grown(study, by=3)
    assert [c.n_segments for c in study.criteria.set_aside] == [11]
    assert len(study.criteria.criteria) == 2


def test_a_rejected_criterion_that_nothing_resembles_is_still_listed_as_rejected() -> None:
    study = Study()
    study.criterion(0, "reject")
    study.groups = []
    assert [(c.statement, c.status) for c in study.criteria.set_aside] == [
        ("Machine's words 0.", "rejected")
    ]


def test_one_group_stands_for_one_criterion_only() -> None:
    study = Study()
    study.criterion(0, "accept")
    study.criterion(1, "accept")
    joined = [s for s, c in usual_codes().items() if "trust" not in c]
    study.groups = [joined, [segment_id(p, 2) for p in range(8)]]
    kinds = [(c.statement, bool(c.note)) for c in study.criteria.criteria]
    assert kinds == [
        ("Machine's words 0.", True),
        ("Machine's words 1.", False),
        ("Machine's words 1.", True),
    ]


def test_drafts_fill_up_to_four_beside_what_people_hold_on_to() -> None:
    study = Study()
    study.criterion(0, "accept")
    study.criterion(1, "accept")
    scattered(study)
    assert [c.status for c in study.criteria.criteria] == [*["draft"] * 2, *["accepted"] * 2]
    assert [c.status for c in study.criteria.set_aside] == ["draft", "draft"]
    assert "accept it to have it too" in study.criteria.set_aside[0].note


def test_more_than_four_stand_only_where_people_decided_on_them_and_it_is_noted() -> None:
    study = Study()
    for at in range(3):
        study.criterion(at, "accept")
    scattered(study)
    study.criterion(-1, "accept")
    study.criterion(-1, "accept")
    made = study.criteria
    assert [c.status for c in made.criteria] == ["accepted"] * 5
    assert [bool("three or four guide better" in c.note) for c in made.criteria] == [
        *[False] * 4,
        True,
    ]


def test_a_draft_whose_owner_is_named_stays_too() -> None:
    study = Study()
    study.own_criterion(0, "Operations")
    scattered(study)
    last = study.criteria.criteria[-1]
    assert (last.statement, last.status) == ("Machine's words 0.", "draft")
    assert study.draft.edits.owners == {last.id: "Operations"}


def test_a_draft_whose_owner_was_taken_away_again_does_not_stay() -> None:
    study = Study()
    study.own_criterion(0, "Operations")
    study.own_criterion(0, "")
    scattered(study)
    assert "Machine's words 0." not in [c.statement for c in study.criteria.criteria[4:]]
    assert len(study.criteria.criteria) == 4


def test_a_moved_need_takes_its_segments_along_and_people_are_counted_anew() -> None:
    codes = usual_codes()
    for person in range(3):
        codes[segment_id(person, 0)].append("trust")
    study = Study(codes, groups=[[segment_id(p, t) for p in range(8)] for t in range(3)])
    study.move_need("trust", to=1)
    first, second, third = study.criteria.criteria
    assert first.segments == tuple(segment_id(p, 0) for p in range(3, 8))
    assert first.participants == ("P3", "P4", "P5", "P6", "P7")
    assert first.codes == {"wait": 5, "speed": 5}
    assert second.n_segments == 8 + 3 + 8
    assert second.needs == ("price", "trust")
    assert second.codes == {"wait": 19, "trust": 11, "price": 8, "speed": 3}
    assert second.stages == {"find": 3, "join": 8}
    assert (third.n_segments, third.needs) == (0, ())


def test_a_need_that_moved_is_told_on_both_sides() -> None:
    study = Study()
    study.move_need("speed", to=1)
    first, second, _ = study.criteria.criteria
    assert first.note == (
        "Ann moved the need “Speed” from here on 2026-03-01. "
        "The statement was worded from it: word it anew."
    )
    assert second.note == "Ann moved the need “Speed” here on 2026-03-01."


def test_a_need_moved_twice_stands_where_it_was_moved_last() -> None:
    study = Study()
    study.move_need("speed", to=1)
    study.move_need("speed", to=2)
    assert [c.needs for c in study.criteria.criteria] == [(), ("price",), ("trust", "speed")]


def test_a_moved_need_stays_moved_when_the_codings_are_made_again() -> None:
    study = Study()
    study.move_need("speed", to=1)
    before = [(c.n_segments, c.needs) for c in study.criteria.criteria]
    study.coder = "llm:b"
    assert [(c.n_segments, c.needs) for c in study.criteria.criteria] == before


def test_a_criterion_accepted_after_a_move_is_found_by_the_group_it_had_before() -> None:
    study = Study()
    study.move_need("speed", to=1)
    study.move_need("trust", to=1)
    study.criterion(1, "accept")
    study.coder = "llm:b"
    second = study.criteria.criteria[1]
    assert (second.status, second.n_segments) == ("accepted", 24)
    assert "When a person last decided" not in second.note


def test_hidden_quotes_are_not_among_those_of_a_criterion() -> None:
    study = Study()
    shown = study.criteria.criteria[0].quotes[2]
    study.hide(shown.coding_id)
    first = study.criteria.criteria[0]
    assert shown not in first.quotes
    assert len(first.participants) == 8


@pytest.mark.parametrize("need", NEEDS)
def test_every_segment_stands_under_one_criterion_whatever_moves(need: str) -> None:
    study = Study()
    study.move_need(need, to=1)
    segments = [s for c in study.criteria.criteria for s in c.segments]
    assert sorted(segments) == sorted(usual_codes())
