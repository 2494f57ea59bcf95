"""What people decided follows the words of a replaced source, and comes back with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.errors import UsageError
from qualcode.records import Segment
from qualcode.review_events import Action
from qualcode.store.draws import BLIND, Drawn
from qualcode.store.notes import NoteKind
from qualcode.store.repository import Repository
from qualcode.workflow.draft import draft
from qualcode.workflow.edit_log import undo
from qualcode.workflow.edit_quotes import pin_quote
from qualcode.workflow.export import render_json
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.notes import add_note
from qualcode.workflow.replace_source import replace_source
from qualcode.workflow.source_life import remove_source
from qualcode.workflow.study import Study
from tests.coded_study import N_ROWS, comment
from tests.edited_study import CELL, ids_in
from tests.review_sample import event
from tests.unit.workflow.conftest import Write, talk

CHANGED = 3
"""The row that another file has other words in; like the row `KEPT` it is about waiting too."""
KEPT = 6
Survey = Callable[..., Path]


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    """Write the study's survey anew, with other words in some rows."""

    def written(*changed: int, name: str = "survey.csv") -> Path:
        rows = [
            f"c{n},{'Planner' if n % 2 else 'Wanderer'},"
            f'"{"Nothing to say about it." if n in changed else comment(n)}"'
            for n in range(N_ROWS)
        ]
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(["id,persona,comment", *rows]) + "\n", encoding="utf-8")
        return path

    return written


def segment_of(study: Study, row: int) -> Segment:
    documents = study.repository.sources.documents()
    (document,) = [d for d in documents if d.external_id == f"c{row}"]
    return study.repository.sources.segments_of(document)[0]


def judge(study: Study, row: int, uid: str = "u1") -> None:
    held = segment_of(study, row)
    accepted = event(
        Action.ACCEPT,
        uid,
        segment_id=held.id,
        family="pain_point",
        code="pain_slow",
        start_char=held.start_char,
        end_char=held.end_char,
    )
    (receipt,) = study.repository.review_events.add([accepted])
    assert not receipt.refused


def pin(study: Study, row: int) -> None:
    held = segment_of(study, row).id
    codings = {c.id: c.segment_id for c in study.corpus().codings()}
    chosen = [i for i in ids_in(study) if codings[i] == held]
    pin_quote(study, chosen[0], cell=CELL, by="Ada")


def words_of_events(study: Study) -> list[str]:
    texts = {t.segment.id: t for t in study.repository.segment_texts.all()}
    found = []
    for one in study.repository.review_events.all():
        assert one.start_char is not None
        document = study.repository.sources.documents_of(
            [texts[one.segment_id].segment.document_id]
        )
        (text,) = [d.text for d in document.values()]
        found.append(text[one.start_char : one.end_char])
    return found


def export(study: Study) -> object:
    whole = json.loads(render_json(study, draft(study)))
    return {key: whole[key] for key in whole if key not in ("generator",)}


# --- ingest --replace -------------------------------------------------------------------------


def test_a_reviewed_source_is_not_replaced_where_that_would_lose_a_decision(
    grouped: Study, survey: Survey
) -> None:
    judge(grouped, CHANGED)
    report = ingest(grouped, [survey(CHANGED)], IngestOptions(replaced=True))
    assert report.outcomes[0].status == "failed"


def test_the_refusal_says_how_many_places_and_what_to_do(grouped: Study, survey: Survey) -> None:
    judge(grouped, CHANGED)
    (outcome,) = ingest(grouped, [survey(CHANGED)], IngestOptions(replaced=True)).outcomes
    assert "decided on 1 place" in outcome.reason
    assert "qualcode sources replace" in outcome.hint


def test_a_refused_replacement_leaves_everything_as_it_was(grouped: Study, survey: Survey) -> None:
    judge(grouped, CHANGED)
    before = export(grouped)
    ingest(grouped, [survey(CHANGED)], IngestOptions(replaced=True))
    assert export(grouped) == before


def test_a_reviewed_source_is_replaced_where_every_decision_has_its_words(
    grouped: Study, survey: Survey
) -> None:
    judge(grouped, KEPT)
    report = ingest(grouped, [survey(CHANGED)], IngestOptions(replaced=True))
    assert report.outcomes[0].status == "replaced"
    assert words_of_events(grouped) == [comment(KEPT)]


def test_a_pinned_quote_alone_keeps_its_source_from_being_replaced(
    grouped: Study, survey: Survey
) -> None:
    pin(grouped, CHANGED)
    report = ingest(grouped, [survey(CHANGED)], IngestOptions(replaced=True))
    assert report.outcomes[0].status == "failed"


# --- sources replace --------------------------------------------------------------------------


def test_events_keep_who_when_and_number(grouped: Study, survey: Survey) -> None:
    judge(grouped, KEPT)
    (before,) = grouped.repository.review_events.all()
    replace_source(grouped, "survey.csv", survey(CHANGED), by="Ada")
    (after,) = grouped.repository.review_events.all()
    assert replace(after, segment_id="", start_char=0, end_char=0) == replace(
        before, segment_id="", start_char=0, end_char=0
    )


def test_what_has_no_words_any_more_is_listed_with_its_place(
    grouped: Study, survey: Survey
) -> None:
    judge(grouped, CHANGED)
    _, carried = replace_source(grouped, "survey.csv", survey(CHANGED), by="Ada")
    assert [(one.kind, one.place, one.what) for one in carried.lost] == [
        ("review", f"row {CHANGED + 2}", "accept by Ada")
    ]


def test_a_pinned_quote_points_at_the_same_words_in_the_new_source(
    grouped: Study, survey: Survey
) -> None:
    pin(grouped, KEPT)
    replace_source(grouped, "survey.csv", survey(CHANGED), by="Ada")
    (decision,) = [d for d in grouped.repository.decisions.all() if d.subject == "quote"]
    quote = decision.value["quote"]
    found = grouped.repository.sources.documents_of([quote["document_id"]])
    text = found[quote["document_id"]].text
    assert text[quote["start_char"] : quote["end_char"]] == comment(KEPT)


def test_notes_follow_their_segment_and_their_source(grouped: Study, survey: Survey) -> None:
    add_note(grouped, "Strong words.", NoteKind.SEGMENT, segment_of(grouped, KEPT).id, by="Ada")
    add_note(grouped, "First wave.", NoteKind.SOURCE, "survey.csv", by="Ada")
    replace_source(grouped, "survey.csv", survey(CHANGED), by="Ada")
    (source,) = grouped.repository.sources.all()
    targets = [note.target for note in grouped.repository.notes.all()]
    assert targets == [segment_of(grouped, KEPT).id, source.id]


def test_the_drawn_order_of_what_stayed_is_kept_without_gaps(
    grouped: Study, survey: Survey
) -> None:
    rows = [9, CHANGED, 1, KEPT]
    drawn = [Drawn(segment_of(grouped, n).id, "s/1", at, BLIND) for at, n in enumerate(rows)]
    grouped.repository.draws.add(drawn)
    replace_source(grouped, "survey.csv", survey(CHANGED), by="Ada")
    placed = [(d.segment_id, d.place) for d in grouped.repository.draws.all()]
    assert placed == [(segment_of(grouped, n).id, at) for at, n in enumerate([9, 1, KEPT])]


def test_the_same_file_again_is_refused(grouped: Study, survey: Survey) -> None:
    replace_source(grouped, "survey.csv", survey(CHANGED), by="Ada")
    with pytest.raises(UsageError, match="is what the study has"):
        replace_source(grouped, "survey.csv", survey(CHANGED), by="Ada")


def test_a_source_that_is_not_there_cannot_be_replaced(grouped: Study, survey: Survey) -> None:
    with pytest.raises(UsageError, match="no source"):
        replace_source(grouped, "other.csv", survey(CHANGED), by="Ada")


# --- taking back ------------------------------------------------------------------------------


def test_undo_of_a_replacement_brings_everything_back(grouped: Study, survey: Survey) -> None:
    judge(grouped, CHANGED, "u1")
    judge(grouped, KEPT, "u2")
    pin(grouped, KEPT)
    before = export(grouped)
    replace_source(grouped, "survey.csv", survey(CHANGED), by="Ada")
    undo(grouped, by="Ada")
    assert export(grouped) == before


def test_undo_carries_back_what_was_decided_meanwhile(grouped: Study, survey: Survey) -> None:
    replace_source(grouped, "survey.csv", survey(CHANGED), by="Ada")
    judge(grouped, KEPT, "later")
    undo(grouped, by="Ada")
    assert words_of_events(grouped) == [comment(KEPT)]


def test_undoing_the_undo_is_the_replacement_again(grouped: Study, survey: Survey) -> None:
    judge(grouped, KEPT)
    replace_source(grouped, "survey.csv", survey(CHANGED), by="Ada")
    once = undo(grouped, by="Ada")
    undo(grouped, once.id, by="Ada")
    texts = [d.text for d in grouped.repository.sources.documents()]
    assert texts[CHANGED] == "Nothing to say about it."
    assert words_of_events(grouped) == [comment(KEPT)]


def test_undo_of_a_removal_brings_everything_back(grouped: Study) -> None:
    judge(grouped, KEPT)
    pin(grouped, KEPT)
    before = export(grouped)
    remove_source(grouped, "survey.csv", by="Ada")
    undo(grouped, by="Ada")
    assert export(grouped) == before


def test_a_removed_source_is_in_no_output(grouped: Study) -> None:
    remove_source(grouped, "survey.csv", by="Ada")
    whole = json.loads(render_json(grouped, draft(grouped)))
    assert (whole["documents"], whole["codings"]) == ([], [])


def test_the_people_of_a_removed_interview_go_and_come_back_with_it(
    study: Study, write: Write
) -> None:
    path = write("a.txt", talk("Ann"))
    ingest(study, [path], IngestOptions(attributes={"persona": "Parent"}))
    before = study.repository.people.participants()
    remove_source(study, "a.txt", by="Ada")
    assert study.repository.people.participants() == {}
    undo(study, by="Ada")
    assert study.repository.people.participants() == before


def test_nobody_gets_the_id_of_somebody_who_was_removed(study: Study, write: Write) -> None:
    ingest(study, [write("a.txt", talk("Ann"))])
    remove_source(study, "a.txt", by="Ada")
    ingest(study, [write("b.txt", talk("Bea", "It was quick and nobody had to wait."))])
    assert list(study.repository.people.participants()) == ["P02"]


def test_a_removed_file_is_not_read_again_by_the_way(grouped: Study, survey: Survey) -> None:
    path = survey()
    replace_source(grouped, "survey.csv", survey(CHANGED, name="other.csv"), by="Ada")
    undo(grouped, by="Ada")
    (source,) = grouped.repository.sources.all()
    decision = remove_source(grouped, source.id, by="Ada")
    (outcome,) = ingest(grouped, [path]).outcomes
    assert (outcome.status, f"undo {decision.id}" in outcome.hint) == ("skipped", True)


def test_an_earlier_replacement_is_not_taken_back_before_the_later_one(
    grouped: Study, survey: Survey
) -> None:
    replace_source(grouped, "survey.csv", survey(CHANGED, name="1.csv"), by="Ada")
    first = grouped.repository.decisions.last_id()
    replace_source(grouped, "survey.csv", survey(CHANGED, KEPT, name="2.csv"), by="Ada")
    with pytest.raises(UsageError, match="out of the study itself"):
        undo(grouped, first, by="Ada")


def test_judgements_that_others_numbers_have_taken_keep_their_order(grouped: Study) -> None:
    before = grouped.repository.corpus().judgements
    remove_source(grouped, "survey.csv", by="Ada")
    other = grouped.path.parent / "later.csv"
    other.write_text("id,comment\nx,I waited 9 weeks and it was slow\n", encoding="utf-8")
    ingest(grouped, [other], IngestOptions(text_cols=("comment",), id_col="id"))
    from qualcode.workflow.code import code
    from tests.coded_study import PlainCoder

    code(grouped, PlainCoder())
    undo(grouped, by="Ada")
    old = {judgement.segment_id for judgement in before}
    after = [j for j in grouped.repository.corpus().judgements if j.segment_id in old]
    assert after == list(before)


# --- killed -----------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for a process that ends between two writes."""


@pytest.mark.parametrize("at", range(4))
def test_a_replacement_that_was_killed_is_finished_by_the_same_command(
    grouped: Study, survey: Survey, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    judge(grouped, KEPT)
    path = survey(CHANGED)
    with monkeypatch.context() as patch:
        steps = iter(range(100))

        def stopping(name: str, real: Callable[..., object]) -> Callable[..., object]:
            def call(*arguments: object, **named: object) -> object:
                if next(steps) == at:
                    raise Killed(name)
                return real(*arguments, **named)

            return call

        for owner, name in (
            (grouped.repository.sources, "begin"),
            (grouped.repository.sources, "add"),
            (grouped.repository.review_events, "carry"),
            (grouped.repository.removals, "carried"),
        ):
            patch.setattr(owner, name, stopping(name, getattr(owner, name)))
        with pytest.raises(Killed):
            replace_source(grouped, "survey.csv", path, by="Ada")
    with Study(grouped.path) as again:
        try:
            replace_source(again, "survey.csv", path, by="Ada")
        except UsageError as told:  # all that was left to do was to carry the decisions
            assert "is what the study has" in told.message
        assert words_of_events(again) == [comment(KEPT)]
        assert [out.is_carried for out in again.repository.removals.all()] == [True]


def test_a_name_that_stands_in_a_removed_source_takes_its_copy_away(
    grouped: Study,
) -> None:
    from qualcode.workflow.mask import mask

    remove_source(grouped, "survey.csv", by="Ada")
    report = mask(grouped, ["Bartholomew"])
    grouped.close()
    assert report.erased_copies == ("survey.csv",)
    assert b"Bartholomew" not in (grouped.path / "qualcode.db").read_bytes()
    with Repository(grouped.path / "qualcode.db") as repository:
        assert repository.removals.all() == ()
