"""People beside models in a study: which judgements are compared, and which never."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.analysis.agreement import Agreement
from qualcode.records import Coding, Judgement, Rationale, Segment, Verdict, stable_id
from qualcode.workflow.agree_study import (
    HUMAN_HUMAN,
    HUMAN_MODEL,
    MODEL_MODEL,
    FamilyAgreement,
    Group,
    StudyAgreement,
    agree_reviewed,
    agree_study,
)
from qualcode.workflow.code import code
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.study import Study
from tests.coded_study import PlainCoder, make_study
from tests.review_sample import Reviewer, blind_ids


@pytest.fixture(scope="module")
def study(coded_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """Yield a study of 36 comments that `local:plain` has coded, with three pains in turn."""
    folder = tmp_path_factory.mktemp("agree")
    with Study(shutil.copytree(coded_template, folder / "study")) as opened:
        yield opened


def said(segment: Segment, person: str, *codes: str, verdict: Verdict | None = None) -> Judgement:
    coder = f"human:{person}"
    codings = tuple(
        Coding(
            id=stable_id("cod", coder, segment.id, name),
            document_id=segment.document_id,
            segment_id=segment.id,
            start_char=segment.start_char,
            end_char=segment.end_char,
            family="pain_point",
            code=name,
            coder=coder,
            score=1.0,
            rationale=Rationale("person", ""),
        )
        for name in codes
    )
    told = verdict or (Verdict.CODED if codings else Verdict.NONE)
    return Judgement(segment.id, "pain_point", coder, told, codings=codings)


PAINS = ("pain_slow", "pain_dear", "pain_alone")


def judged(study: Study, person: str, n: int, *, wrong: Sequence[int] = ()) -> list[Judgement]:
    """Return a person's judgements of the first comments: as the coder's, but for some noes."""
    segments = study.repository.corpus().segments[:n]
    return [
        said(segment, person, *(() if at in wrong else (PAINS[at % 3],)))
        for at, segment in enumerate(segments)
    ]


def pains(told: StudyAgreement) -> FamilyAgreement:
    return next(family for family in told.families if family.family == "pain_point")


def group(told: StudyAgreement, kind: str) -> Group:
    return next(group for group in pains(told).groups if group.kind == kind)


def agreement(told: StudyAgreement, kind: str) -> Agreement:
    found = group(told, kind).agreement
    assert found is not None
    return found


def test_people_stand_beside_people_and_models_in_one_family(study: Study) -> None:
    blind = judged(study, "ada", 12) + judged(study, "ben", 12, wrong=(0, 1, 2))
    told = agree_study(study, blind=blind, n_resamples=50)
    assert [g.kind for g in pains(told).groups] == [HUMAN_HUMAN, HUMAN_MODEL, MODEL_MODEL]
    assert agreement(told, HUMAN_HUMAN).overall["percent"].value == 9 / 12
    pairs = [(p.coders, p.figures["percent"].value) for p in agreement(told, HUMAN_MODEL).pairs]
    assert pairs == [
        (("human:ada", "local:plain"), 1),
        (("human:ben", "local:plain"), 0.75),
    ]


def test_people_and_models_are_compared_on_blind_segments_only(study: Study) -> None:
    told = agree_study(study, blind=judged(study, "ada", 12), n_resamples=50)
    assert agreement(told, HUMAN_MODEL).n_units == 12


def test_what_was_judged_in_sight_of_suggestions_is_an_acceptance_rate_and_no_agreement(
    study: Study,
) -> None:
    told = agree_study(study, open_=judged(study, "ada", 12, wrong=(0, 1, 2)), n_resamples=50)
    assert group(told, HUMAN_MODEL).agreement is None
    accepted = pains(told).acceptance
    assert accepted is not None
    assert (accepted.n_proposed, accepted.n_kept, accepted.rate.value) == (12, 9, 0.75)


def test_an_acceptance_rate_is_of_what_was_shown_and_not_of_a_newer_run(study: Study) -> None:
    segment = study.repository.corpus().segments[0]
    shown = said(segment, "x", "pain_dear")
    shown = Judgement(segment.id, "pain_point", "local:plain", Verdict.CODED, "", shown.codings)
    told = agree_study(
        study, open_=[said(segment, "ada", "pain_slow")], shown=[shown], n_resamples=50
    )
    accepted = pains(told).acceptance
    assert accepted is not None and accepted.rate.value == 0


def test_one_person_alone_has_no_agreement_with_people_and_the_reason_says_so(
    study: Study,
) -> None:
    told = group(agree_study(study, blind=judged(study, "ada", 3), n_resamples=50), HUMAN_HUMAN)
    assert (told.agreement, told.reason) == (None, "fewer than two people judged it blind")


@pytest.mark.parametrize("verdict", [Verdict.ABSTAINED, Verdict.UNPROCESSED])
def test_an_abstention_is_missing_and_not_a_no(study: Study, verdict: Verdict) -> None:
    first, *others = study.repository.corpus().segments[:12]
    blind = [said(first, "ada", verdict=verdict), *judged(study, "ada", 12)[1:]]
    told = agreement(agree_study(study, blind=blind, n_resamples=50), HUMAN_MODEL)
    assert (told.n_units, told.overall["percent"].value) == (len(others), 1)


def test_figures_are_drawn_over_participants_or_whole_documents(study: Study) -> None:
    told = agree_study(study, blind=judged(study, "ada", 12), n_resamples=50)
    assert agreement(told, HUMAN_MODEL).n_clusters == 12


def test_confusion_tells_persons_codes_in_rows_with_the_segments_behind(study: Study) -> None:
    segment = study.repository.corpus().segments[0]
    blind = [said(segment, "ada", "pain_alone")]
    told = agree_study(study, blind=blind, with_confusion=True, n_resamples=50)
    assert [(c.row, c.column, c.units) for c in group(told, HUMAN_MODEL).confusion] == [
        ("pain_alone", "pain_slow", (segment.id,))
    ]


def test_a_code_that_was_retired_is_in_no_figure(study: Study) -> None:
    segment = study.repository.corpus().segments[0]
    blind = [said(segment, "ada", "pain_gone")]
    assert group(agree_study(study, blind=blind, n_resamples=50), HUMAN_MODEL).agreement is None


def test_two_models_are_compared_with_each_other(tmp_path: Path) -> None:
    make_study(tmp_path)
    with Study(tmp_path / "study") as study:
        code(study, PlainCoder("local:other", without=("pain_slow",)))
        told = agreement(agree_study(study, n_resamples=50), MODEL_MODEL)
    assert (told.n_units, told.overall["percent"].value) == (36, pytest.approx(24 / 36))


def test_intensities_of_codes_that_both_gave_have_an_ordinal_alpha(study: Study) -> None:
    # 1 2 3 beside 1 3 3: 7/9, as in tests/unit/analysis/agreement/test_by_hand.py
    segments = study.repository.corpus().segments[:3]
    blind = [
        replace(judgement, codings=(replace(judgement.codings[0], intensity=level),))
        for person, levels in (("ada", (1, 2, 3)), ("ben", (1, 3, 3)))
        for segment, level in zip(segments, levels, strict=True)
        for judgement in [said(segment, person, "pain_slow")]
    ]
    found = group(agree_study(study, blind=blind, n_resamples=50), HUMAN_HUMAN).intensity
    assert found is not None and found.value == pytest.approx(7 / 9, abs=1e-9)


def test_a_study_that_nobody_reviewed_has_models_only(study: Study) -> None:
    told = agree_reviewed(study)
    assert [group(told, kind).agreement for kind in (HUMAN_HUMAN, HUMAN_MODEL)] == [None, None]


def test_what_suggestions_do_is_told_by_the_two_arms_of_the_draw(index: ReviewIndex) -> None:
    ann = Reviewer(index, "Ann")
    for segment_id in blind_ids(index)[:6]:
        ann.done(segment_id)
    drawn = index.order.drawn.tolist()
    assisted = [index.texts[at].segment.id for at in drawn if index.order.is_assisted[at]]
    for segment_id in assisted[:6]:
        ann.judge_suggestions(segment_id)
    told = agree_reviewed(index.study)
    (family,) = (one for one in told.families if one.family == "pain_point")
    pull = family.anchoring
    assert pull is not None
    assert (pull.blind.n_kept, pull.assisted.rate.value) == (0, 1.0)
