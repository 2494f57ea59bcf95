"""The index keeps up with what anybody saves, here or in another process."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.records import Judgement, Role, Verdict
from qualcode.review_events import Action, Part, ReviewEvent
from qualcode.workflow import review_index
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_progress import mine
from qualcode.workflow.review_queue import make_batch
from qualcode.workflow.study import Study
from tests.review_sample import FAMILIES, Reviewer, heard, judgement, open_ids

PAIN = "pain_point"
Write = Callable[[str, str], Path]


def state(index: ReviewIndex) -> dict[str, object]:
    """Return all that the index says of suggestions and people, to compare two of them."""
    suggestions, people = index.suggestions, index.people
    told = zip(
        suggestions.at.tolist(),
        [suggestions.codes[number] for number in suggestions.code.tolist()],
        suggestions.score.tolist(),
        suggestions.status.tolist(),
        strict=True,
    )
    return {
        "suggestions": sorted(told),
        "held": people.held,
        "done": {author: people.done(author).tolist() for author in people.authors()},
        "n_done": people.n_done.tolist(),
        "n_blind_done": people.n_blind_done.tolist(),
        "contested": index.contested,
        "added": index.added,
        "decided": {author: n for author, n in people.decided.items() if n != (0, 0)},
        "flagged": {author: some for author, some in people.flagged.items() if some},
    }


def busy(index: ReviewIndex) -> None:
    """Let three people do and undo this and that."""
    ada, bob = Reviewer(index, "Ada"), Reviewer(index, "Bob")
    judge = Reviewer(index, "Cy", Part.ADJUDICATOR)
    for number, segment_id in enumerate(heard(index)[:12]):
        ada.mark("add", segment_id, PAIN, "dear")
        done = ada.done(segment_id)
        if number % 3 == 0:
            ada.undo(done.uid)
        if number % 2:
            bob.done(segment_id)
        if number % 5 == 0:
            bob.send("flag", segment_id)
            judge.mark("accept", segment_id, PAIN, "dear")


def test_keeping_up_event_by_event_comes_to_the_same_as_reading_all(index: ReviewIndex) -> None:
    busy(index)
    assert state(index) == state(ReviewIndex(index.study))


def test_what_another_process_stores_is_seen_at_the_next_call(index: ReviewIndex) -> None:
    with Study(index.study.path) as other:
        event = ReviewEvent(
            uid="x",
            author="Ada",
            segment_id=heard(index)[0],
            action=Action.DONE,
            value={"families": list(FAMILIES), "codebook": index.fingerprint},
        )
        other.repository.review_events.add([event])
    assert mine(index, "Ada").done == 1


def test_newer_judgements_take_the_place_of_the_older_and_keep_what_people_decided(
    index: ReviewIndex,
) -> None:
    busy(index)
    first, second = open_ids(index)[:2]
    judgements = index.study.repository.judgements
    (old,) = [j for j in judgements.current([second]) if j.family == PAIN]
    run_id = judgements.begin_run("code", code_version="0")
    moved = [replace(c, score=0.93) for c in old.codings]
    newer = [
        (Judgement(first, PAIN, "local:words", Verdict.NONE), "b"),
        (Judgement(second, PAIN, "local:words", old.verdict, "", tuple(moved)), "b"),
    ]
    judgements.add(run_id, newer)
    index.renew()
    assert all(family != PAIN for family, _ in index.suggestions.codes_of(index.place[first]))
    assert state(index) == state(ReviewIndex(index.study))


def test_a_new_source_is_seen_after_a_while(
    index: ReviewIndex, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_index, "_STRUCTURE_SECONDS", 0.0)
    path = write("more.csv", "id,comment\nx,The queue was slow again today\n")
    ingest(index.study, [path], IngestOptions(text_cols=("comment",), id_col="id"))
    n_before = len(index.texts)
    index.renew()
    assert len(index.texts) == n_before + 1
    assert index.order.n_segments == len(heard(index))


def test_a_voice_that_was_made_an_interviewer_is_not_judged_any_more(
    index: ReviewIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_index, "_STRUCTURE_SECONDS", 0.0)
    document = next(d for d in index.study.repository.sources.documents() if d.row is None)
    label = next(s.label for s in document.speakers if s.role is not Role.INTERVIEWER)
    index.study.repository.people.set_speaker(document.id, label, Role.INTERVIEWER, None)
    batch = make_batch(index, "Ada", "new", 1000)
    paths = {index.texts[index.place[i]].path for i in batch.segment_ids}
    assert paths == {"survey.csv"}


def test_changes_of_the_structure_are_looked_for_only_now_and_then_and_not_forgotten(
    index: ReviewIndex, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("more.csv", "id,comment\nx,The queue was slow again today\n")
    ingest(index.study, [path], IngestOptions(text_cols=("comment",), id_col="id"))
    n_before = len(index.texts)
    index.renew()
    assert len(index.texts) == n_before
    monkeypatch.setattr(review_index, "_STRUCTURE_SECONDS", 0.0)
    index.renew()
    assert len(index.texts) == n_before + 1


def test_what_people_decided_stays_settled_while_machines_judge_other_segments(
    index: ReviewIndex,
) -> None:
    ada = Reviewer(index, "Ada")
    decided, other = open_ids(index)[:2]
    ada.judge_suggestions(decided)
    index.renew()
    at = index.place[decided]
    before = index.suggestions.status[index.suggestions.of(at)].tolist()
    assert before and all(before)
    repository = index.study.repository
    document_id = index.texts[index.place[other]].segment.document_id
    proposal = judgement("wait_exit", coder="local:other", segment_id=other)
    (coding,) = proposal.codings
    proposal = replace(proposal, codings=(replace(coding, document_id=document_id),))
    run = repository.judgements.begin_run("code", coder="local:other", code_version="0")
    repository.judgements.add(run, [(proposal, "b/m/")])
    index.renew()
    assert ("pain_point", "wait_exit") in index.suggestions.codes_of(index.place[other])
    assert index.suggestions.status[index.suggestions.of(at)].tolist() == before
