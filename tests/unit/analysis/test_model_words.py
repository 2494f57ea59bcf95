"""A model's words stand while what they rest on stands, and never in the place of a person's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qualcode.analysis.edits import apply_edits
from qualcode.analysis.model_words import (
    codings_behind,
    fingerprint,
    persona_ids,
    with_model_words,
)
from qualcode.draft import Draft, Group, ModelWords, Summary, Supported
from tests.edits_sample import PERSONAS, Study, coding_id, usual_codes

MODEL = "llm:test"
CELL = "pain_point/find"
PLANNER = next(i for i, name in persona_ids(PERSONAS).items() if name == "Planner")


def waiting(*people: int) -> tuple[str, ...]:
    """Return the codings of some people's waiting when they look for what fits."""
    return tuple(coding_id(f"s{person}0", "wait") for person in people)


def words(study: Study, *texts: Supported, kind: str = "cell", target: str = CELL) -> ModelWords:
    """Return words as they would have been drafted on the study."""
    behind = codings_behind(study.machine, study.found).get((kind, target), frozenset())
    return ModelWords(kind, target, texts, MODEL, fingerprint(behind))


def drafted(study: Study, *said: ModelWords, hidden: Sequence[str] = ()) -> Draft:
    return with_model_words(study.machine, said, study.found, hidden)


def edited(study: Study, *said: ModelWords) -> Draft:
    return apply_edits(
        drafted(study, *said),
        study.standing,
        study.book,
        corpus=study.corpus,
        participants=PERSONAS,
    )


def summaries(draft: Draft) -> list[str]:
    return [summary.text for summary in draft.edits.summaries]


def test_words_on_a_cell_stand_as_a_draft_by_the_model() -> None:
    study = Study()
    shown = drafted(study, words(study, Supported("They wait.", waiting(0, 1))))
    assert shown.edits.summaries == (
        Summary(
            *("find", "pain_point", "They wait.", "draft", MODEL, "", waiting(0, 1)),
            note="rests on 2 quotes of 2 people",
        ),
    )


def test_a_sentence_goes_when_one_of_its_codings_goes() -> None:
    study = Study()
    said = words(study, Supported("They wait.", waiting(0, 1)), Supported("They ring.", waiting(2)))
    study.codes = {**usual_codes(), "s00": ["speed", "find"]}
    (summary,) = drafted(study, said).edits.summaries
    assert (summary.text, summary.note) == (
        "They ring.",
        "rests on 1 quote of 1 person; 1 sentence left out, what it rested on is gone; "
        "out of date: the codings here have changed",
    )


def test_a_draft_goes_when_nothing_of_it_stands() -> None:
    study = Study()
    said = words(study, Supported("They wait.", waiting(0)))
    study.codes = {**usual_codes(), "s00": ["speed", "find"]}
    assert summaries(drafted(study, said)) == []


def test_a_coding_that_moved_to_another_cell_supports_nothing_here() -> None:
    study = Study()
    said = words(study, Supported("They wait.", waiting(0)))
    study.codes = {**usual_codes(), "s00": ["speed", "wait", "join"]}
    assert summaries(drafted(study, said)) == []


def test_a_draft_is_out_of_date_when_codings_came() -> None:
    study = Study()
    said = words(study, Supported("They wait.", waiting(0)))
    study.codes = {**usual_codes(), "s01": ["price", "broken", "find"]}
    assert "out of date" in drafted(study, said).edits.summaries[0].note


def test_a_sentence_on_a_quote_that_people_hid_is_not_shown() -> None:
    study = Study()
    said = words(study, Supported("They wait.", waiting(0)))
    assert summaries(drafted(study, said, hidden=waiting(0))) == []


def test_a_text_that_rests_on_nothing_is_not_shown() -> None:
    study = Study()
    assert summaries(drafted(study, words(study, Supported("They wait.", ())))) == []


def test_a_persons_summary_stands_in_the_place_of_a_draft() -> None:
    study = Study()
    study.summary("pain_point", "find", "write", "They wait, says Ann.")
    said = words(study, Supported("They wait.", waiting(0)))
    assert summaries(edited(study, said)) == ["They wait, says Ann."]


def test_a_rejected_draft_stays_away_and_another_one_is_shown() -> None:
    study = Study()
    study.summary("pain_point", "find", "reject", "They wait.")
    same = words(study, Supported("They wait.", waiting(0)))
    other = words(study, Supported("They ring.", waiting(0)))
    assert [summaries(edited(study, one)) for one in (same, other)] == [[], ["They ring."]]


def test_a_criterion_is_worded_by_the_model_and_stays_a_draft() -> None:
    study = Study()
    first = study.machine.criteria.criteria[0]
    said = words(
        study,
        Supported("Customers need word of when it comes.", waiting(0, 1)),
        kind="criterion",
        target=first.id,
    )
    shown = drafted(study, said).criteria.criteria[0]
    assert (shown.statement, shown.status, shown.author, shown.basis) == (
        "Customers need word of when it comes.",
        "draft",
        MODEL,
        "The wording is a draft by llm:test and rests on 2 quotes of 2 people. Without it this "
        "would be “Machine's words 0.” Of that: From the codebook.",
    )


def test_no_two_criteria_get_the_same_words() -> None:
    study = Study()
    criteria = study.machine.criteria.criteria
    said = [
        words(
            study,
            Supported("Customers need an answer.", (coding_id(c.segments[0], "wait"),)),
            kind="criterion",
            target=c.id,
        )
        for c in criteria
    ]
    statements = [c.statement for c in drafted(study, *said).criteria.criteria]
    assert statements == ["Customers need an answer.", *(c.statement for c in criteria[1:])]


def test_a_persons_wording_of_a_criterion_stands_over_the_models() -> None:
    study = Study()
    first = study.machine.criteria.criteria[0]
    study.criterion(0, "edit", "Ann's words.")
    said = words(
        study,
        Supported("Customers need an answer.", waiting(0)),
        kind="criterion",
        target=first.id,
    )
    shown = edited(study, said).criteria.criteria[0]
    assert (shown.statement, shown.author) == ("Ann's words.", "Ann")


def test_a_criterion_that_only_has_an_owner_says_whose_the_wording_is() -> None:
    study = Study()
    first = study.machine.criteria.criteria[0]
    study.own_criterion(0, "Bo")
    said = words(
        study,
        Supported("Customers need an answer.", waiting(0)),
        kind="criterion",
        target=first.id,
    )
    shown = next(c for c in edited(study, said).criteria.criteria if c.id == first.id)
    assert (shown.statement, shown.status, shown.author) == (
        "Customers need an answer.",
        "draft",
        MODEL,
    )


def test_words_on_a_group_that_is_no_more_word_no_criterion() -> None:
    study = Study()
    gone = ModelWords("criterion", "criterion_0", (Supported("Gone.", waiting(0)),), MODEL)
    assert drafted(study, gone).criteria == study.machine.criteria


def test_a_persona_is_described_by_what_its_people_said() -> None:
    study = Study()
    said = words(study, Supported("They wait.", waiting(1)), kind="persona", target=PLANNER)
    (summary,) = drafted(study, said).edits.summaries
    assert (summary.lane, summary.name, summary.text) == ("persona", "Planner", "They wait.")


def test_another_personas_words_support_no_description() -> None:
    study = Study()
    said = words(study, Supported("They wait.", waiting(0)), kind="persona", target=PLANNER)
    assert summaries(drafted(study, said)) == []


def test_a_map_of_one_persona_has_its_description_and_no_words_on_cells() -> None:
    whole = Study()
    cell = words(whole, Supported("They wait.", waiting(1)))
    planner = words(whole, Supported("They plan.", waiting(1)), kind="persona", target=PLANNER)
    groups = [Group({"persona": name}) for name in ("Planner", "Wanderer")]
    shown = [summaries(drafted(Study(group=group), cell, planner)) for group in groups]
    assert shown == [["They plan."], []]


def test_words_on_a_stage_that_was_merged_stand_at_the_one_it_was_merged_into() -> None:
    study = Study()
    codes = tuple(
        replace(c, status="retired", merged_into="join") if c.id == "find" else c
        for c in study.book.codes
    )
    study.book = replace(study.book, codes=codes)
    study.codes = {**usual_codes(), **{f"s{p}0": ["speed", "wait", "join"] for p in range(8)}}
    said = ModelWords("cell", CELL, (Supported("They wait.", waiting(0)),), MODEL)
    assert [s.stage for s in drafted(study, said).edits.summaries] == ["join"]


def test_a_draft_without_a_models_words_is_the_same_draft() -> None:
    study = Study()
    assert drafted(study) is study.machine


def test_personas_are_one_whatever_their_case() -> None:
    people = {"P1": {"Persona": "Planner"}, "P2": {"persona": "planner "}, "P3": {"wave": "1"}}
    assert list(persona_ids(people).values()) == ["Planner"]
