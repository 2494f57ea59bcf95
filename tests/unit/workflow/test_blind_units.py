"""What the blind sample says beside the machine: shares of a study, and thresholds."""

import pytest

from qualcode.analysis.estimates import Target
from qualcode.errors import UsageError
from qualcode.workflow.blind_units import blind_sample
from qualcode.workflow.calibrate import calibrate
from qualcode.workflow.estimate_study import estimate_reviewed
from qualcode.workflow.review_index import ReviewIndex
from tests.review_sample import Reviewer, blind_ids, heard, open_ids

FAMILY = "pain_point"


@pytest.fixture
def code_id(index: ReviewIndex) -> str:
    return index.book.family(FAMILY)[0].id


def judge_blind(index: ReviewIndex, n: int, code_id: str) -> list[str]:
    """Judge the first blind places: the code applies to every second one."""
    ann = Reviewer(index, "Ann")
    segments = blind_ids(index)[:n]
    for at, segment_id in enumerate(segments):
        if at % 2 == 0:
            ann.mark("add", segment_id, FAMILY, code_id)
        ann.done(segment_id)
    return segments


def test_every_segment_is_a_unit_and_only_judged_blind_ones_have_a_verdict(
    index: ReviewIndex, code_id: str
) -> None:
    segments = judge_blind(index, 4, code_id)
    (code,) = blind_sample(index.study, codes=[code_id]).codes
    assert [unit.id for unit in code.units] == heard(index)
    judged = {unit.id: unit.human for unit in code.units if unit.human is not None}
    assert judged == {s: at % 2 == 0 for at, s in enumerate(segments)}


def test_what_is_judged_in_sight_of_suggestions_is_no_blind_verdict(
    index: ReviewIndex, code_id: str
) -> None:
    ann = Reviewer(index, "Ann")
    for segment_id in open_ids(index)[:3]:
        ann.done(segment_id)
    (code,) = blind_sample(index.study, codes=[code_id]).codes
    assert all(unit.human is None for unit in code.units)


def test_judged_places_know_their_chance_of_being_drawn(index: ReviewIndex, code_id: str) -> None:
    judge_blind(index, 6, code_id)
    (code,) = blind_sample(index.study, codes=[code_id]).codes
    chances = [unit.probability for unit in code.units if unit.human is not None]
    assert all(chance is not None and 0 < chance <= 1 for chance in chances)
    n = sum(1 / chance for chance in chances if chance)
    strata = {place.stratum for place in index.study.repository.draws.all()}
    assert n <= len(code.units) and (len(strata) > 1 or n == pytest.approx(len(code.units)))


def test_a_codes_share_is_estimated_from_the_study(index: ReviewIndex, code_id: str) -> None:
    judge_blind(index, 8, code_id)
    told = estimate_reviewed(index.study, codes=[code_id], target=Target.DATA)
    (report,) = told.codes[0].reports.values()
    assert (report.overall.n_judged, report.overall.n_positives) == (8, 4)


def test_a_plan_reserves_blind_places(index: ReviewIndex, code_id: str) -> None:
    judge_blind(index, 8, code_id)
    told = estimate_reviewed(index.study, codes=[code_id], points=10)
    assert told.n_reserved is not None and told.n_reserved >= 8


def test_an_attribute_that_nobody_has_is_refused(index: ReviewIndex, code_id: str) -> None:
    with pytest.raises(UsageError, match="nobody has an attribute 'mood'"):
        estimate_reviewed(index.study, codes=[code_id], by=["mood"])


def test_a_machine_that_has_not_judged_here_is_refused(index: ReviewIndex, code_id: str) -> None:
    with pytest.raises(UsageError, match="no coder 'llm:x'"):
        blind_sample(index.study, codes=[code_id], machine="llm:x")


def test_without_enough_blind_judgements_no_threshold_is_given(
    index: ReviewIndex, code_id: str
) -> None:
    judge_blind(index, 8, code_id)
    _, (one,) = calibrate(index.study, rate=0.1, codes=[code_id])
    assert one.result.threshold is None
    assert one.result.needed is not None and one.result.needed > 0
