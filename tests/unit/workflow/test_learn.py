"""The embedded coder learns from people's judgements, and from nothing else."""

import time

import pytest

from qualcode.workflow.code import code, local_coder
from qualcode.workflow.learn import Learner
from qualcode.workflow.review_index import ReviewIndex
from tests.review_sample import Reviewer, blind_ids, heard, open_ids


@pytest.fixture
def learner(index: ReviewIndex) -> Learner:
    return Learner(index.study)


def accepted(index: ReviewIndex, n: int) -> list[str]:
    """Add the first pain point to some segments outside the sample; return their ids."""
    ann = Reviewer(index, "Ann")
    segments = open_ids(index)[:n]
    for segment_id in segments:
        code_id = index.book.family("pain_point")[0].id
        assert not ann.mark("add", segment_id, "pain_point", code_id).refused
    return segments


def test_without_judgements_nothing_is_learnt(learner: Learner) -> None:
    report = learner.update()
    assert (report.learnt, report.n_judged) == ({}, 0)


def test_a_yes_is_learnt_and_kept_in_the_study(learner: Learner, index: ReviewIndex) -> None:
    accepted(index, 3)
    (state,) = learner.update().learnt.values()
    assert (state.n_yes, state.n_no) == (3, 0)
    assert [kept.value["n_yes"] for kept in index.study.repository.learnt.all()] == [3]


def test_being_done_teaches_the_noes(learner: Learner, index: ReviewIndex) -> None:
    (segment_id,) = accepted(index, 1)
    Reviewer(index, "Ann").done(segment_id)
    learnt = learner.update().learnt
    codes = index.book.family("pain_point")
    assert sum(learnt[code.id].n_no for code in codes) == len(codes) - 1


def test_what_is_undone_is_unlearnt(learner: Learner, index: ReviewIndex) -> None:
    ann = Reviewer(index, "Ann")
    code_id = index.book.family("pain_point")[0].id
    got = ann.mark("add", open_ids(index)[0], "pain_point", code_id)
    assert learner.update().learnt
    ann.undo(got.uid)
    assert not learner.update().learnt
    assert index.study.repository.learnt.all() == ()


def test_blind_places_are_never_learnt_from(learner: Learner, index: ReviewIndex) -> None:
    ann = Reviewer(index, "Ann")
    segment_id = blind_ids(index)[0]
    ann.mark("add", segment_id, "pain_point", index.book.family("pain_point")[0].id)
    ann.done(segment_id)
    report = learner.update()
    assert (report.learnt, report.n_blind) == ({}, 1)


def test_what_people_disagree_about_is_not_learnt(learner: Learner, index: ReviewIndex) -> None:
    (segment_id,) = accepted(index, 1)
    Reviewer(index, "Ben").mark(
        "reject", segment_id, "pain_point", index.book.family("pain_point")[0].id
    )
    report = learner.update()
    assert (report.learnt, report.n_contested) == ({}, 1)


def test_proposals_are_made_anew_once_and_a_later_run_finds_them_done(
    learner: Learner, index: ReviewIndex
) -> None:
    study = index.study
    code(study, local_coder(study))
    accepted(index, 4)
    learner.update()
    assert learner.propose_anew(learner.undecided()) > 0
    assert learner.propose_anew(learner.undecided()) == 0
    again = code(study, local_coder(study))
    judged_by_people = 4
    assert again.n_judged <= judged_by_people


def test_corrections_survive_a_run_of_the_coder(learner: Learner, index: ReviewIndex) -> None:
    study = index.study
    segments = accepted(index, 2)
    learner.update()
    code(study, local_coder(study), again=True)
    code_id = index.book.family("pain_point")[0].id
    given = {c.segment_id for c in study.corpus().codings() if c.code == code_id}
    assert given >= set(segments)


def test_counts_are_set_right_by_the_coder_that_had_learnt_nothing(
    learner: Learner, index: ReviewIndex
) -> None:
    study = index.study
    coder = local_coder(study)
    code(study, coder)
    before = study.repository.judgements.scores_of_one_basis("pain_point", coder.name)
    accepted(index, 4)
    learner.update()
    learner.propose_anew(learner.undecided())
    after = study.repository.judgements.scores_of_one_basis("pain_point", coder.name)
    assert before == after and before[0]


@pytest.mark.alone
def test_a_lesson_takes_less_than_a_second(learner: Learner, index: ReviewIndex) -> None:
    accepted(index, 6)
    learner.update()  # what is looked at for the first time is kept
    accepted(index, 8)
    began = time.perf_counter()
    learner.update()
    assert time.perf_counter() - began < 1.0


def test_a_study_that_was_taught_is_coded_by_a_taught_coder(
    learner: Learner, index: ReviewIndex
) -> None:
    study = index.study
    plain = local_coder(study).basis("pain_point")
    accepted(index, 3)
    learner.update()
    assert local_coder(study).basis("pain_point").startswith(f"{plain}~")


def test_new_segments_are_judged_as_before_the_learning_too(
    learner: Learner, index: ReviewIndex
) -> None:
    study = index.study
    code(study, local_coder(study), families=["stage"])
    accepted(index, 3)
    learner.update()
    coder = local_coder(study)
    code(study, coder)
    judged, _ = study.repository.judgements.scores_of_one_basis("pain_point", coder.name)
    assert judged == set(heard(index))


def test_what_was_proposed_by_taken_back_lessons_is_taken_back(
    learner: Learner, index: ReviewIndex
) -> None:
    study = index.study
    code(study, local_coder(study))
    ann = Reviewer(index, "Ann")
    code_id = index.book.family("pain_point")[0].id
    got = [ann.mark("add", i, "pain_point", code_id) for i in open_ids(index)[:4]]
    learner.update()
    assert learner.propose_anew(learner.undecided()) > 0
    for one in got:
        ann.undo(one.uid)
    learner.update()
    assert learner.propose_anew(learner.undecided()) > 0
    bases = study.repository.judgements.bases("pain_point", local_coder(study).name)
    assert not any("~" in basis for basis, _ in bases.values())
