"""What people write on the map: opportunities, summaries, owners, sign-offs."""

from __future__ import annotations

from dataclasses import replace

from qualcode.codebook import Code, Codebook
from qualcode.draft import Draft, Summary
from tests.edits_sample import BOOK, Study


def renamed(book: Codebook, code_id: str, **changes: object) -> Codebook:
    codes = [replace(c, **changes) if c.id == code_id else c for c in book.codes]  # type: ignore[arg-type]
    return replace(book, codes=tuple(codes))


def test_opportunities_stand_in_the_order_in_which_they_were_written() -> None:
    study = Study()
    study.opportunity("join", "Call people back.", "Ops")
    study.opportunity("find", "One price.")
    first, second = study.draft.edits.opportunities
    assert (first.id, first.stage, first.text, first.owner, first.author) == (
        *("O1", "join", "Call people back."),
        *("Ops", "Ann"),
    )
    assert (second.id, second.owner) == ("O2", "")


def test_an_opportunity_keeps_what_an_edit_does_not_name() -> None:
    study = Study()
    study.opportunity("join", "Call people back.", "Ops")
    study.decide("opportunity", "O1", "edit", {"text": "Call within a day."}, by="Bo")
    (one,) = study.draft.edits.opportunities
    assert (one.text, one.owner, one.author) == ("Call within a day.", "Ops", "Bo")


def test_a_removed_opportunity_is_gone_and_its_later_edits_have_no_effect() -> None:
    study = Study()
    study.opportunity("join", "Call people back.")
    study.decide("opportunity", "O1", "remove", {})
    study.decide("opportunity", "O1", "edit", {"text": "No."})
    assert study.draft.edits.opportunities == ()


def test_undoing_the_first_of_two_edits_keeps_the_second() -> None:
    study = Study()
    study.opportunity("join", "Call people back.")
    first = study.decide("opportunity", "O1", "edit", {"owner": "Ops"})
    study.decide("opportunity", "O1", "edit", {"text": "Call within a day."})
    study.undo(first)
    (one,) = study.draft.edits.opportunities
    assert (one.text, one.owner) == ("Call within a day.", "")


def test_what_is_written_at_a_merged_stage_stands_at_the_one_it_was_merged_into() -> None:
    study = Study()
    study.opportunity("join", "Call people back.")
    study.summary("doing", "join", "write", "They wait.")
    study.decide("owner", "join", "set", {"owner": "Ops", "kind": "stage"})
    study.book = renamed(BOOK, "join", status="retired", merged_into="find")
    edits = study.draft.edits
    assert edits.opportunities[0].stage == "find"
    assert edits.summaries[0].stage == "find"
    assert edits.owners == {"find": "Ops"}


def test_a_written_summary_stands_over_its_cell() -> None:
    study = Study()
    study.summary("pain_point", "join", "write", "They wait without news.")
    assert study.draft.edits.summaries == (
        Summary("join", "pain_point", "They wait without news.", "written", "Ann"),
    )


def with_summary(study: Study, text: str) -> Draft:
    """Return the machine's draft with a summary of a model in it."""
    machine = study.machine
    drafted = Summary("join", "doing", text, "draft", "llm:x")
    return replace(machine, edits=replace(machine.edits, summaries=(drafted,)))


def test_a_models_summary_stands_until_a_person_decides() -> None:
    study = Study()
    draft = with_summary(study, "People wait.")
    assert study.applied(draft).edits.summaries[0].status == "draft"
    study.summary("doing", "join", "accept", "People wait.")
    assert study.applied(draft).edits.summaries == (
        Summary("join", "doing", "People wait.", "accepted", "Ann"),
    )


def test_an_accepted_summary_outlives_another_one_of_the_model() -> None:
    study = Study()
    study.summary("doing", "join", "accept", "People wait.")
    (one,) = study.applied(with_summary(study, "People wander.")).edits.summaries
    assert (one.text, one.status) == ("People wait.", "accepted")


def test_a_rejected_summary_does_not_come_back_with_the_same_words() -> None:
    study = Study()
    study.summary("doing", "join", "reject", "People wait.")
    assert study.applied(with_summary(study, "People wait.")).edits.summaries == ()
    assert len(study.applied(with_summary(study, "People call.")).edits.summaries) == 1


def test_the_last_owner_named_counts_and_an_empty_one_takes_the_owner_away() -> None:
    study = Study()
    for owner in ("Ops", "Sales"):
        study.decide("owner", "join", "set", {"owner": owner, "kind": "stage"})
    assert study.draft.edits.owners == {"join": "Sales"}
    study.decide("owner", "join", "set", {"owner": "", "kind": "stage"})
    assert study.draft.edits.owners == {}


def test_owners_in_the_codebook_count_until_a_person_names_another_one() -> None:
    study = Study(book=renamed(BOOK, "join", owner="Ops"))
    assert study.draft.edits.owners == {"join": "Ops"}
    study.decide("owner", "join", "set", {"owner": "Sales", "kind": "stage"})
    assert study.draft.edits.owners == {"join": "Sales"}


def test_a_sign_off_is_current_until_a_stage_is_renamed() -> None:
    study = Study()
    study.sign()
    assert [s.is_current for s in study.draft.edits.sign_offs] == [True]
    study.book = renamed(BOOK, "join", name="Join us")
    assert [s.is_current for s in study.draft.edits.sign_offs] == [False]


def test_a_sign_off_is_not_current_once_stages_change_places_or_one_is_added() -> None:
    study = Study()
    study.sign()
    first, second, *others = BOOK.codes
    study.book = replace(BOOK, codes=(second, first, *others))
    assert [s.is_current for s in study.draft.edits.sign_offs] == [False]
    study.book = replace(BOOK, codes=(*BOOK.codes, Code("leave", "Leave", "stage")))
    assert [s.is_current for s in study.draft.edits.sign_offs] == [False]


def test_other_changes_of_the_codebook_leave_sign_offs_current() -> None:
    study = Study()
    study.sign()
    study.book = renamed(BOOK, "wait", name="Waiting long")
    assert [s.is_current for s in study.draft.edits.sign_offs] == [True]


def test_of_one_person_on_the_same_stages_the_last_word_counts() -> None:
    study = Study()
    study.sign()
    study.sign(by="Bo")
    study.sign(agrees=False)
    assert [(s.author, s.agrees) for s in study.draft.edits.sign_offs] == [
        ("Bo", True),
        ("Ann", False),
    ]


def test_decisions_on_other_things_are_left_alone() -> None:
    study = Study()
    before = study.draft
    study.decide("codebook", "wait", "rename", {"name": "x"})
    assert study.draft == before
