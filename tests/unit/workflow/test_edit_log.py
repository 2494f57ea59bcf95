"""What people decided can be taken back, is told, and outlives runs and masking."""

from __future__ import annotations

from typing import Any

import pytest

from qualcode.errors import UsageError
from qualcode.records import Decision
from qualcode.workflow.code import code
from qualcode.workflow.codebook import rename
from qualcode.workflow.edit_criteria import (
    accept_criterion,
    edit_criterion,
    move_need,
    reject_criterion,
)
from qualcode.workflow.edit_log import decision_log, undo
from qualcode.workflow.edit_map import (
    edit_opportunity,
    remove_opportunity,
    rename_stage,
    set_owner,
    sign_stages,
    write_opportunity,
    write_summary,
)
from qualcode.workflow.edit_overview import overview, stage_quotes
from qualcode.workflow.edit_quotes import (
    hide_quote,
    pin_quote,
    show_quote,
    swap_quote,
    unpin_quote,
)
from qualcode.workflow.edit_words import sentence
from qualcode.workflow.mask import mask
from qualcode.workflow.study import Study
from tests.coded_study import PlainCoder
from tests.edited_study import CELL, criteria, drafted, ids_in, words_of


@pytest.fixture
def study(grouped: Study) -> Study:
    return grouped


def test_undoing_goes_back_step_by_step_as_far_as_one_likes(study: Study) -> None:
    states = [drafted(study)]
    for act in (
        lambda: accept_criterion(study, "C1", by="Ann"),
        lambda: pin_quote(study, ids_in(study)[-1], by="Ann"),
        lambda: rename_stage(study, "stage_help", "Be helped", by="Ann"),
        lambda: write_opportunity(study, "stage_help", "Help.", by="Ann"),
    ):
        act()
        states.append(drafted(study))
    for state in reversed(states[:-1]):
        undo(study, by="Ann")
        assert drafted(study) == state
    with pytest.raises(UsageError, match="nothing to take back"):
        undo(study, by="Ann")


@pytest.mark.parametrize("kind", ["criterion", "codebook"])
def test_a_decision_can_be_undone_redone_and_undone_for_ever(study: Study, kind: str) -> None:
    before = drafted(study)
    if kind == "codebook":
        rename_stage(study, "stage_help", "Be helped", by="Ann")
    else:
        accept_criterion(study, "C1", by="Ann")
    after = drafted(study)
    assert after != before
    for _ in range(2):
        taken = undo(study, 1, by="Bo")
        assert drafted(study) == before
        undo(study, taken.id, by="Bo")
        assert drafted(study) == after


def test_an_earlier_decision_is_taken_back_without_the_later_ones(study: Study) -> None:
    accept_criterion(study, "C1", by="Ann")
    accept_criterion(study, "C2", by="Ann")
    undo(study, 1, by="Bo")
    assert [c.status for c in criteria(study)] == ["draft", "accepted", "draft"]
    with pytest.raises(UsageError, match="taken back already, by 3"):
        undo(study, 1, by="Bo")


def test_a_change_of_the_codebook_made_elsewhere_is_undone_in_its_turn(study: Study) -> None:
    accept_criterion(study, "C1", by="Ann")
    rename(study, "pain_slow", "Too slow", by="Ann")
    undo(study, by="Ann")
    assert study.codebook.code("pain_slow").name == "Slow"
    assert [c.status for c in criteria(study)] == ["accepted", "draft", "draft"]


def test_the_log_says_who_did_what_and_what_was_taken_back(study: Study) -> None:
    edit_criterion(study, "C2", "One price.", by="Ann")
    rename_stage(study, "stage_help", "Be helped", by="Bo")
    undo(study, 1, by="Bo")
    logged = decision_log(study)
    assert [(e.stands, e.undone_by) for e in logged] == [(False, 3), (True, None), (True, None)]
    assert [sentence(e.decision, study.codebook) for e in logged] == [
        "Ann worded a criterion anew: “One price.”, before: “Tell me the price before I commit.”",
        "Bo renamed “Get help” to “Be helped” in the codebook",
        "Bo took back decision 1",
    ]


def test_every_kind_of_decision_has_its_sentence(study: Study) -> None:
    made: list[Decision] = []
    first, *_, last = ids_in(study)
    made += [accept_criterion(study, "C1", by="A"), move_need(study, "need_soon", "C2", by="A")]
    made += [pin_quote(study, last, by="A"), unpin_quote(study, last, by="A")]
    made += [swap_quote(study, first, last, by="A"), hide_quote(study, first, "why", by="A")]
    made += [show_quote(study, first, by="A"), set_owner(study, "C3", "Ops", by="A")]
    made += [write_summary(study, "doing", "stage_wait", "Hm.", by="A")]
    made += [write_opportunity(study, "stage_wait", "Do.", owner="Ops", by="A")]
    made += [edit_opportunity(study, "O10", owner="", by="A")]
    made += [remove_opportunity(study, "O10", by="A"), sign_stages(study, by="A")]
    told = [sentence(decision, study.codebook) for decision in made]
    assert told == [
        "A accepted the criterion “Let me have it when I need it.”",
        "A moved the need “Get it soon” to the criterion “Tell me the price before I commit.”",
        f"A pinned coding {last} in {CELL}",
        f"A unpinned coding {last} in {CELL}",
        f"A put coding {last} in the place of {first} in {CELL}",
        f"A hid coding {first}: why",
        f"A showed coding {first} again",
        "A named Ops as owner of the criterion “Let me reach a person who helps.”",
        "A wrote the summary of “Doing” at “Wait for it”: “Hm.”",
        "A wrote opportunity O10 at “Wait for it”: “Do.”, owner: Ops",
        "A changed opportunity O10: owner “”, before: “Ops”",
        "A took away opportunity O10: “Do.”",
        "A signed the stages: Order it > Wait for it > Get help",
    ]


# Runs after people worked


def everything(study: Study) -> dict[str, Any]:
    """Let a person do one of everything; return what must be found again."""
    accept_criterion(study, "C1", by="Ann")
    edit_criterion(study, "C2", "One price, told first.", by="Ann")
    reject_criterion(study, "C3", by="Ann")
    last = ids_in(study)[-1]
    words = words_of(study, last)
    pin_quote(study, last, by="Ann")
    hide_quote(study, ids_in(study)[1], "private", by="Ann")
    write_summary(study, "doing", "stage_wait", "They wait.", by="Ann")
    write_opportunity(study, "stage_wait", "Call.", owner="Ops", by="Ann")
    set_owner(study, "C1", "Logistics", by="Ann")
    sign_stages(study, by="Ann")
    return {"words": words, **written(study)}


def written(study: Study) -> dict[str, Any]:
    made = drafted(study)
    return {
        "criteria": [(c.id, c.statement, c.status, c.author) for c in made.criteria.criteria],
        "rejected": [(c.id, c.status) for c in made.criteria.set_aside],
        "opportunities": made.edits.opportunities,
        "summaries": made.edits.summaries,
        "owners": made.edits.owners,
        "sign_offs": made.edits.sign_offs,
    }


def test_coding_again_overwrites_nothing_that_a_person_wrote(study: Study) -> None:
    before = everything(study)
    code(study, PlainCoder(without=["pain_slow", "need_soon", "need_person"]))
    after = written(study)
    assert sorted(after.pop("criteria")) == sorted(before.pop("criteria"))
    assert {**after, "words": before["words"]} == before
    second, first = criteria(study)
    assert first.note.startswith("The codings no longer group like this")
    assert (first.n_segments, second.note) == (12, "")
    (pinned,) = drafted(study).edits.pinned[CELL]
    assert words_of(study, pinned) == before["words"]
    share = drafted(study).map.cells["pain_point", "stage_wait"].findings[0].share
    assert share.count == 0


def test_the_same_coding_again_leaves_the_draft_as_it_is(study: Study) -> None:
    everything(study)
    before = drafted(study)
    code(study, PlainCoder())
    assert drafted(study) == before


def test_a_name_masked_later_moves_what_is_pinned_and_leaves_no_trace(study: Study) -> None:
    named = next(i for i in ids_in(study) if words_of(study, i).endswith("Bartholomew."))
    words = words_of(study, named)
    pin_quote(study, named, by="Ann", reason="Bartholomew says it best")
    edit_criterion(study, "C1", "Do it like Bartholomew wants it.", by="Ann")
    set_owner(study, "C1", "Ops", by="Ann")
    undo(study, by="Ann")
    mask(study, ["Bartholomew"])
    masked = words.replace("Bartholomew", "[PERSON_1]")
    assert words_of(study, named) == masked
    assert criteria(study)[0].statement == "Do it like [PERSON_1] wants it."
    code(study, PlainCoder(without=["pain_slow"]))
    assert drafted(study).edits.pinned == {CELL: (named,)}
    assert words_of(study, named) == masked
    study.close()
    left = [p.name for p in study.path.rglob("*") if p.is_file() and b"Barthol" in p.read_bytes()]
    assert left == []


# Overview


def test_the_overview_names_everything_there_is_to_decide_on(study: Study) -> None:
    everything(study)
    told = overview(study)
    assert [s["id"] for s in told["stages"]] == ["stage_order", "stage_wait", "stage_help"]
    assert [(c["name"], c["status"]) for c in told["criteria"]] == [
        ("C1", "accepted"),
        ("C2", "edited"),
    ]
    assert [c["name"] for c in told["set_aside"]] == ["R1"]
    assert told["criteria"][0]["owner"] == "Logistics"
    assert told["criteria"][0]["needs"][0] == {
        "id": "need_soon",
        "name": "Get it soon",
        "segments": 12,
    }
    assert told["opportunities"][0]["id"] == "O7"
    assert told["pinned"][0]["cell"] == CELL
    assert told["hidden"][0]["reason"] == "private"
    assert told["owners"] == []


def test_a_stage_s_cells_are_listed_with_the_ids_of_their_quotes_codings(study: Study) -> None:
    told = stage_quotes(study, "Wait for it", most=2)
    cell = next(c for c in told["cells"] if c["cell"] == CELL)
    assert [q["coding_id"] for q in cell["quotes"]] == ids_in(study)[:2]
    assert (cell["n_quotes"], cell["people"], cell["of"]) == (12, 12, 12)
    assert cell["quotes"][0]["quote"].startswith("I waited")
