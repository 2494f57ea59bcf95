"""A model drafts words on a study's draft; they stand beside what people write, never over it."""

from __future__ import annotations

from typing import Any

import pytest

from qualcode.coders.llm.words_material import Material
from qualcode.errors import UsageError
from qualcode.spans import Edit
from qualcode.workflow.code import code
from qualcode.workflow.draft import machines_draft
from qualcode.workflow.draft_words import WordsReport, draft_words, plan_words, show_words
from qualcode.workflow.edit_criteria import accept_criterion, edit_criterion, reject_criterion
from qualcode.workflow.edit_log import undo
from qualcode.workflow.edit_map import accept_summary, reject_summary, rename_stage, write_summary
from qualcode.workflow.edit_quotes import hide_quote, pin_quote
from qualcode.workflow.held_draft import HeldDraft, stamp_of
from qualcode.workflow.study import Study
from tests.coded_study import PlainCoder
from tests.edited_study import criteria, drafted, ids_in
from tests.words_sample import Model, text

MODEL = "llm:test:small"
WAIT = "pain_point/stage_wait"


@pytest.fixture
def study(grouped: Study) -> Study:
    return grouped


def summing_up(material: Material) -> list[dict[str, Any]]:
    return [text(f"People tell of this: {material.name.split(',')[0].casefold()}.", 1, 2)]


def run(study: Study, kind: str = "cell", model: Model | None = None) -> WordsReport:
    return draft_words(study, model or Model(summing_up), kind, coder=MODEL)


def saying(*texts: dict[str, Any]) -> Model:
    return Model(lambda _: list(texts))


def over(study: Study, cell: str = WAIT) -> Any:
    lane, stage = cell.split("/")
    return {(s.lane, s.stage): s for s in drafted(study).edits.summaries}.get((lane, stage))


def materials(study: Study, kind: str = "cell") -> dict[str, Material]:
    return {unit.subject.target: unit.subject for unit in plan_words(study, kind).units}


# Cells


def test_a_draft_stands_over_the_cell_by_the_models_name(study: Study) -> None:
    run(study)
    made = over(study)
    assert (made.text, made.status, made.author) == (
        "People tell of this: pain points.",
        "draft",
        MODEL,
    )


def test_a_draft_rests_on_codings_of_its_own_cell(study: Study) -> None:
    run(study)
    assert set(over(study).codings) < set(ids_in(study))


def test_quotes_are_cut_from_the_source_and_people_are_letters(study: Study) -> None:
    quotes = materials(study)[WAIT].quotes
    corpus = study.corpus()
    texts = {
        s.id: s.span.of(d.text)
        for d in corpus.documents
        for s in corpus.segments
        if s.document_id == d.id
    }
    said = {texts[c.segment_id] for c in corpus.codings()}
    assert {q.words for q in quotes} <= said
    assert [q.who for q in quotes] == list("ABCDEFGHIJKL")


def test_what_is_counted_is_counted_by_code(study: Study) -> None:
    assert materials(study)[WAIT].counts == (
        "12 people spoke of this stage.",
        "Slow: 12 people.",
    )


def test_what_leaves_is_masked_and_what_is_checked_is_the_source(study: Study) -> None:
    def veil(words: str) -> tuple[str, tuple[Edit, ...]]:
        return words.replace("weeks", "[TIME]"), ()

    unit = next(u for u in plan_words(study, "cell", veil=veil).units if u.subject.target == WAIT)
    assert all("[TIME]" in q.shown and "weeks" in q.words for q in unit.subject.quotes)


def test_a_quote_that_instructs_the_model_is_not_sent(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "qualcode.workflow.draft_materials.suspicion",
        lambda words: "x" if "2 weeks" in words else "",
    )
    planned = plan_words(study, "cell")
    sent = [q.words for unit in planned.units for q in unit.subject.quotes]
    assert planned.n_held_back == 2 and not any("waited 2 weeks" in words for words in sent)


def test_a_quote_that_people_hid_is_not_sent(study: Study) -> None:
    first = ids_in(study)[0]
    hide_quote(study, first, "private", by="Ann")
    assert first not in {q.coding_id for q in materials(study)[WAIT].quotes}


def test_a_quote_that_was_pinned_from_elsewhere_is_nothing_to_rest_on(study: Study) -> None:
    doing = "doing/stage_wait"
    pin_quote(study, ids_in(study)[0], cell=doing, by="Ann")
    run(study)
    assert set(over(study, doing).codings) <= {q.coding_id for q in materials(study)[doing].quotes}


def test_a_quote_that_was_pinned_in_its_own_cell_is_sent_first(study: Study) -> None:
    last = ids_in(study)[-1]
    pin_quote(study, last, by="Ann")
    assert materials(study)[WAIT].quotes[0].coding_id == last


def test_a_draft_on_a_quote_that_people_hide_goes(study: Study) -> None:
    run(study)
    hide_quote(study, over(study).codings[0], "private", by="Ann")
    assert over(study) is None


def test_a_cell_over_which_a_person_wrote_is_not_asked_about(study: Study) -> None:
    write_summary(study, "pain_point", "stage_wait", "They wait.", by="Ann")
    model = Model(summing_up)
    report = run(study, model=model)
    assert (WAIT in model.asked, report.n_written, over(study).text) == (False, 1, "They wait.")


def test_a_persons_text_is_never_overwritten_by_a_draft_of_before(study: Study) -> None:
    run(study)
    write_summary(study, "pain_point", "stage_wait", "They wait.", by="Ann")
    assert (over(study).text, over(study).status) == ("They wait.", "edited")


def test_an_accepted_draft_stays_as_it_is(study: Study) -> None:
    run(study)
    text_before = over(study).text
    accept_summary(study, "pain_point", "stage_wait", by="Ann")
    run(study, model=saying(text("They are cross.", 1)))
    made = over(study)
    assert (made.text, made.status, made.author) == (text_before, "accepted", "Ann")


def test_an_accepted_draft_keeps_what_it_rests_on(study: Study) -> None:
    run(study)
    codings = over(study).codings
    accept_summary(study, "pain_point", "stage_wait", by="Ann")
    assert over(study).codings == codings


def test_a_rejected_draft_does_not_come_back(study: Study) -> None:
    run(study)
    reject_summary(study, "pain_point", "stage_wait", by="Ann")
    run(study)
    assert over(study) is None


def test_taking_an_acceptance_back_brings_the_draft_back(study: Study) -> None:
    run(study)
    undo(study, accept_summary(study, "pain_point", "stage_wait", by="Ann").id, by="Ann")
    assert over(study).status == "draft"


def test_a_draft_goes_with_the_codings_that_it_rests_on(study: Study) -> None:
    run(study)
    code(study, PlainCoder(without=["pain_slow"]))
    assert over(study) is None


def test_a_sentence_that_states_a_number_is_removed_and_counted(study: Study) -> None:
    report = run(study, model=saying(text("They wait.", 1), text("Most of them wait.", 1)))
    assert over(study).text == "They wait."
    assert set(report.removed) == {"states a number"}


def test_a_cell_without_a_usable_sentence_gets_no_draft_and_is_named(study: Study) -> None:
    report = run(study, model=saying(text("They wait.")))
    assert over(study) is None
    assert ("Pain points, at the stage “Wait for it”", report.failed[0][1]) in report.failed


def test_a_model_with_nothing_to_say_takes_its_older_draft_back(study: Study) -> None:
    run(study)
    report = run(study, model=saying())
    assert (over(study), report.n_nothing == report.n_asked) == (None, True)


def test_drafting_the_same_again_keeps_nothing_new(study: Study) -> None:
    run(study)
    before = study.repository.narratives.all()
    run(study)
    assert study.repository.narratives.all() == before


def test_the_newest_draft_counts(study: Study) -> None:
    run(study)
    run(study, model=saying(text("They wait and wait.", 2)))
    assert over(study).text == "They wait and wait."


def test_what_was_answered_before_an_interruption_is_kept(study: Study) -> None:
    def stopping(step: Any, units: Any) -> Any:
        yield from Model(summing_up)(step, units[:1])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draft_words(study, stopping, "cell", coder=MODEL)
    assert len(drafted(study).edits.summaries) == 1


def test_the_run_says_which_prompt_and_how_much(study: Study) -> None:
    report = run(study)
    last = study.repository.judgements.runs()[-1]
    assert (last.step, last.coder, last.counts["drafted"], list(last.parameters["prompts"])) == (  # type: ignore[call-overload]
        "draft cell",
        MODEL,
        len(report.drafted),
        ["cell.v1"],
    )


def test_a_study_with_its_own_prompt_uses_it(study: Study) -> None:
    own = study.path / "prompts"
    own.mkdir()
    head = "purpose: x\noutput_schema: x\nsupersedes:\nwhy_changed: x\n"
    inputs = (
        "inputs:\n  system: [language, most_texts, most_chars]\n  user: [marker, items, wrong]\n"
    )
    (own / "cell.v2.md").write_text(
        f"---\n{head}{inputs}---\n<!-- part: system -->\nOurs.\n<!-- part: user -->\nx\n",
        encoding="utf-8",
        newline="\n",
    )
    planned = plan_words(study, "cell")
    assert planned.step.ask(planned.units[:1]).messages[0].text == "Ours."


def test_a_server_shows_a_draft_that_came_after_its_own_was_made(study: Study) -> None:
    stamp = stamp_of(study)
    study.held_draft = HeldDraft(machines_draft(study), stamp)
    before = over(study)
    run(study)
    assert (before, over(study).author) == (None, MODEL)


def test_words_of_an_unknown_kind_are_refused(study: Study) -> None:
    with pytest.raises(UsageError, match="no words are drafted for 'lane'"):
        run(study, "lane")


# Criteria


NEED = "Customers need word of when it comes."


def word_first(study: Study) -> str:
    """Draft the first criterion anew and return its id."""
    first = criteria(study)[0].id
    run(
        study,
        "criterion",
        Model(lambda m: [text(NEED, 1, 2)] if m.target == first else []),
    )
    return first


def test_a_criterion_in_the_models_words_is_still_a_draft(study: Study) -> None:
    word_first(study)
    shown = criteria(study)[0]
    assert (shown.statement, shown.status, shown.author) == (NEED, "draft", MODEL)


def test_the_model_is_told_the_codebooks_wording_also_when_it_has_drafted_one(
    study: Study,
) -> None:
    before = materials(study, "criterion")
    word_first(study)
    assert materials(study, "criterion") == before


def test_an_accepted_criterion_keeps_the_models_words(study: Study) -> None:
    word_first(study)
    accept_criterion(study, "C1", by="Ann")
    run(study, "criterion", saying(text("Customers need something else.", 1)))
    shown = criteria(study)[0]
    assert (shown.statement, shown.status, shown.author) == (NEED, "accepted", "Ann")


@pytest.mark.parametrize("action", ["edit", "reject"])
def test_a_criterion_on_which_a_person_decided_is_not_asked_about(
    study: Study, action: str
) -> None:
    first = criteria(study)[0].id
    if action == "edit":
        edit_criterion(study, "C1", "Ann's words.", by="Ann")
    else:
        reject_criterion(study, "C1", by="Ann")
    assert first not in materials(study, "criterion")


# Personas


def test_each_persona_is_described_from_its_own_peoples_words(study: Study) -> None:
    people = study.repository.people.participants()
    evidence = {c.id: c.segment_id for c in study.corpus().codings()}
    who = {s.id: s.participant_id for s in study.corpus().segments}
    of = {
        m.name: {people[who[evidence[q.coding_id]] or ""]["persona"] for q in m.quotes}
        for m in materials(study, "persona").values()
    }
    assert of == {
        "The people whom the team calls “Planner”": {"Planner"},
        "The people whom the team calls “Wanderer”": {"Wanderer"},
    }


def test_a_personas_description_is_accepted_by_its_name(study: Study) -> None:
    run(study, "persona", saying(text("They want to know beforehand.", 1, 2)))
    accept_summary(study, "persona", "planner", by="Ann")
    shown = {s.name: (s.status, s.author) for s in drafted(study).edits.summaries}
    assert shown == {"Planner": ("accepted", "Ann"), "Wanderer": ("draft", MODEL)}


def test_a_person_describes_a_persona_without_a_model(study: Study) -> None:
    write_summary(study, "persona", "Wanderer", "They go where it takes them.", by="Ann")
    assert [s.name for s in drafted(study).edits.summaries] == ["Wanderer"]


def test_a_persona_that_nobody_is_of_is_refused(study: Study) -> None:
    with pytest.raises(UsageError, match="no participant is of the persona 'Dreamer'"):
        write_summary(study, "persona", "Dreamer", "x", by="Ann")


# Stages


def test_names_for_a_stage_are_listed_and_rename_nothing(study: Study) -> None:
    report = run(study, "stage", saying(text("Hear when it comes", 1), text("Wait in hope", 2)))
    assert [t for t, _ in report.drafted[0].texts] == ["Hear when it comes", "Wait in hope"]
    assert [s.name for s in drafted(study).map.stages] == ["Order it", "Wait for it", "Get help"]


def test_a_suggested_name_is_taken_over_by_renaming(study: Study) -> None:
    run(study, "stage", saying(text("Hear when it comes", 1)))
    rename_stage(study, "stage_wait", "Hear when it comes", by="Ann")
    assert study.codebook.code("stage_wait").name == "Hear when it comes"


def test_the_organisations_words_are_no_name(study: Study) -> None:
    report = run(study, "stage", saying(text("Wait it out", 1), text("Fulfilment", 1)))
    assert report.removed == {"is the organisation's word": 3}


# Listing


def test_what_stands_is_listed_with_what_it_rests_on(study: Study) -> None:
    run(study)
    run(study, "stage", saying(text("Hear when it comes", 1)))
    listed = {(one.kind, one.target): one for one in show_words(study)}
    assert listed["cell", WAIT].name == "Pain points, Wait for it"
    assert listed["stage", "stage_wait"].note == "rests on 1 quote of 1 person"


def test_what_is_kept_names_things_by_ids_alone(study: Study) -> None:
    for kind in ("cell", "criterion", "persona", "stage"):
        run(study, kind, saying(text("They want to know it.", 1)))
    kept = [one.target for one in study.repository.narratives.all()]
    assert not any("Planner" in target or "Wait for" in target for target in kept)
