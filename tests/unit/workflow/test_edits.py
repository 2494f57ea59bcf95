"""People decide on criteria, quotes and what is written; mistakes decide nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qualcode.errors import QualcodeError, UsageError
from qualcode.workflow.draft import draft
from qualcode.workflow.edit_criteria import (
    accept_criterion,
    edit_criterion,
    move_need,
    reject_criterion,
    restore_criterion,
)
from qualcode.workflow.edit_log import undo
from qualcode.workflow.edit_map import (
    accept_summary,
    edit_opportunity,
    order_stage,
    reject_summary,
    remove_opportunity,
    rename_stage,
    set_owner,
    sign_stages,
    write_opportunity,
    write_summary,
)
from qualcode.workflow.edit_quotes import (
    hide_quote,
    pin_quote,
    show_quote,
    swap_quote,
    unpin_quote,
)
from qualcode.workflow.study import Study
from tests.edited_study import CELL, criteria, drafted, ids_in, words_of


@pytest.fixture
def study(grouped: Study) -> Study:
    return grouped


# Criteria and needs


def test_a_criterion_is_accepted_by_its_number_and_the_decision_keeps_what_it_was(
    study: Study,
) -> None:
    second = criteria(study)[1]
    made = accept_criterion(study, "2", by="Ann", reason="it fits")
    assert (made.subject, made.target, made.action) == ("criterion", second.id, "accept")
    assert (made.author, made.reason) == ("Ann", "it fits")
    assert made.value["segments"] == list(second.segments)
    assert made.value["participants"] == list(second.participants)
    assert made.replaced == {"statement": second.statement, "status": "draft", "author": ""}
    assert criteria(study)[1].status == "accepted"


@pytest.mark.parametrize("name", ["C1", "c1", " 1 ", "Let me have it when I need it."])
def test_a_criterion_has_several_names(study: Study, name: str) -> None:
    assert accept_criterion(study, name, by="Ann").target == criteria(study)[0].id


def test_what_a_person_writes_is_kept_on_one_line(study: Study) -> None:
    edit_criterion(study, "C1", "  Bring it\n in time. ", by="Ann")
    assert criteria(study)[0].statement == "Bring it in time."


def test_a_rejected_criterion_is_called_r1_and_comes_back(study: Study) -> None:
    before = criteria(study)
    reject_criterion(study, "C1", by="Ann")
    assert [c.id for c in criteria(study)] == [c.id for c in before[1:]]
    restore_criterion(study, "R1", by="Ann")
    assert criteria(study) == before


def test_a_need_moves_by_its_name(study: Study) -> None:
    first, second, _ = criteria(study)
    made = move_need(study, "Get it soon", "C2", by="Ann")
    assert (made.target, made.value["from"], made.value["to"]) == (
        *("need_soon", first.id),
        second.id,
    )
    assert [c.n_segments for c in criteria(study)] == [0, 24, 12]


Act = Callable[[Study], object]


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda s: accept_criterion(s, "C9", by="A"), "there are C1, C2, C3"),
        (lambda s: edit_criterion(s, "C1", "  ", by="A"), "is empty"),
        (lambda s: edit_criterion(s, "C1", criteria(s)[0].statement, by="A"), "just that"),
        (lambda s: restore_criterion(s, "C1", by="A"), "R1, R2"),
        (lambda s: move_need(s, "need_sooon", "C1", by="A"), "did you mean need_soon"),
        (lambda s: move_need(s, "need_soon", "C1", by="A"), "stands there already"),
        (lambda s: pin_quote(s, "cod_nothing", by="A"), "edit show --stage"),
        (lambda s: pin_quote(s, "cod_", by="A"), "no coding"),
        (lambda s: pin_quote(s, ids_in(s)[0], cell="joy/x", by="A"), "doing, thinking"),
        (lambda s: pin_quote(s, ids_in(s)[0], cell="need/x", by="A"), "family/stage/code"),
        (
            lambda s: pin_quote(s, ids_in(s)[0], cell="pain_point/stage_help/pain_alone", by="A"),
            f"it counts in {CELL}",
        ),
        (lambda s: unpin_quote(s, ids_in(s)[0], by="A"), "what is pinned"),
        (lambda s: show_quote(s, ids_in(s)[0], by="A"), "what is hidden"),
        (lambda s: hide_quote(s, ids_in(s)[0], " ", by="A"), "reason is empty"),
        (lambda s: swap_quote(s, ids_in(s)[0], ids_in(s)[0], by="A"), "its own place"),
        (lambda s: write_summary(s, "doing", "nowhere", "x", by="A"), "stage_order (Order it)"),
        (lambda s: write_summary(s, "mood", "stage_help", "x", by="A"), "pain_point"),
        (lambda s: accept_summary(s, "doing", "stage_help", by="A"), "summary write"),
        (lambda s: reject_summary(s, "doing", "stage_help", by="A"), "no summary"),
        (lambda s: write_opportunity(s, "stage_help", "", by="A"), "is empty"),
        (lambda s: remove_opportunity(s, "O5", by="A"), "nobody has written one"),
        (lambda s: set_owner(s, "nothing like it", "Ops", by="A"), "C1, C2, C3"),
        (lambda s: set_owner(s, "stage_help", "", by="A"), "nobody already"),
        (lambda s: rename_stage(s, "stage_help", "Get help", by="A"), "already"),
        (lambda s: order_stage(s, "stage_help", by="A"), "--before"),
        (lambda s: order_stage(s, "stage_help", after="stage_wait", by="A"), "nothing changed"),
        (lambda s: undo(s, by="A"), "nothing to take back"),
        (lambda s: undo(s, 7, by="A"), "no decision 7"),
    ],
)
def test_a_mistake_is_told_with_a_way_out_and_decides_nothing(
    untouched: Study, act: Act, told: str
) -> None:
    with pytest.raises(QualcodeError) as error:
        act(untouched)
    assert told in f"{error.value.message} {error.value.hint}"
    assert untouched.repository.decisions.all() == ()


def test_what_is_decided_already_by_the_same_person_is_not_decided_again(study: Study) -> None:
    accept_criterion(study, "C1", by="Ann")
    with pytest.raises(UsageError, match="Ann has accepted this already"):
        accept_criterion(study, "C1", by="Ann")
    assert accept_criterion(study, "C1", by="Bo").author == "Bo"


# Quotes


def test_a_quote_is_pinned_where_its_coding_counts(study: Study) -> None:
    last = ids_in(study)[-1]
    made = pin_quote(study, last, by="Ann")
    assert made.value["cell"] == CELL
    assert ids_in(study)[0] == last


def test_a_decision_on_a_quote_holds_its_place_and_not_its_words(study: Study) -> None:
    last = ids_in(study)[-1]
    words = words_of(study, last)
    made = pin_quote(study, last, by="Ann")
    kept = made.value["quote"]
    text = next(d.text for d in draft(study).corpus.documents if d.id == kept["document_id"])
    assert text[kept["start_char"] : kept["end_char"]] == words
    assert "waited" not in str(made)


def test_a_quote_is_found_by_how_its_coding_begins_and_a_cell_by_names(study: Study) -> None:
    last = ids_in(study)[-1]
    pin_quote(study, last[4:14], cell="Pain point/Wait for it/Slow", by="Ann")
    assert drafted(study).edits.pinned == {CELL: (last,)}


def test_a_swapped_quote_stands_in_the_old_ones_place(study: Study) -> None:
    first, *_, last = ids_in(study)
    swap_quote(study, first, last, by="Ann")
    assert (ids_in(study)[0], ids_in(study)[-1]) == (last, first)
    unpin_quote(study, last, by="Ann")
    assert ids_in(study)[0] == first


def test_a_hidden_quote_is_refused_a_pin_until_it_is_shown(study: Study) -> None:
    first = ids_in(study)[0]
    hide_quote(study, first, "private", by="Ann")
    assert drafted(study).edits.hidden == {first: "private"}
    with pytest.raises(UsageError, match="is hidden"):
        pin_quote(study, first, by="Ann")
    show_quote(study, first, by="Ann")
    pin_quote(study, first, by="Ann")
    assert drafted(study).edits.pinned == {CELL: (first,)}


def test_a_stage_s_sentence_is_pinned_under_doing(study: Study) -> None:
    column = drafted(study).map.stages[2]
    chosen = column.doing[-1]
    made = pin_quote(study, chosen.coding_id, by="Ann")
    assert made.value["cell"] == "doing/stage_help"
    assert drafted(study).map.stages[2].doing[0] == chosen


# What people write


def test_an_opportunity_is_written_changed_and_removed(study: Study) -> None:
    write_opportunity(study, "Wait for it", "Send a text a day before.", owner="Ops", by="Ann")
    edit_opportunity(study, "o1", text="Call a day before.", by="Bo")
    edit_opportunity(study, "O1", stage="stage_help", by="Bo")
    set_owner(study, "O1", "Service", by="Bo")
    (one,) = drafted(study).edits.opportunities
    assert (one.id, one.stage, one.text, one.owner) == (
        *("O1", "stage_help"),
        *("Call a day before.", "Service"),
    )
    remove_opportunity(study, "O1", by="Ann")
    assert drafted(study).edits.opportunities == ()


def test_a_summary_that_replaces_one_is_an_edit_and_can_be_taken_away(study: Study) -> None:
    write_summary(study, "Pain point", "Wait for it", "They wait.", by="Ann")
    made = write_summary(study, "pain_point", "stage_wait", "They wait long.", by="Bo")
    assert made.replaced == {"text": "They wait.", "status": "written", "author": "Ann"}
    assert [s.status for s in drafted(study).edits.summaries] == ["edited"]
    reject_summary(study, "pain_point", "stage_wait", by="Ann")
    assert drafted(study).edits.summaries == ()


def test_owners_are_set_for_stages_codes_and_criteria(study: Study) -> None:
    set_owner(study, "Get help", "Service", by="Ann")
    set_owner(study, "pain_slow", "Logistics", by="Ann")
    set_owner(study, "C2", "Sales", by="Ann")
    assert drafted(study).edits.owners == {
        "stage_help": "Service",
        "pain_slow": "Logistics",
        criteria(study)[1].id: "Sales",
    }


def test_a_stage_is_renamed_and_moved_in_the_codebook_and_the_map_follows(study: Study) -> None:
    rename_stage(study, "Get help", "Find somebody who helps", by="Ann")
    order_stage(study, "stage_help", before="Order it", by="Ann")
    names = [column.name for column in drafted(study).map.stages]
    assert names == ["Find somebody who helps", "Order it", "Wait for it"]


def test_a_dissent_is_signed_with_its_reason_and_outdated_by_a_rename(study: Study) -> None:
    sign_stages(study, role="leader", by="Ann")
    sign_stages(study, dissent="Help is no stage", by="Bo")
    rename_stage(study, "stage_help", "Be helped", by="Ann")
    signed = drafted(study).edits.sign_offs
    assert [(s.author, s.role, s.agrees, s.note, s.is_current) for s in signed] == [
        ("Ann", "leader", True, "", False),
        ("Bo", "", False, "Help is no stage", False),
    ]
