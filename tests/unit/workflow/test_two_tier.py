"""Which segments are worth asking a language model about after the embedded coder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from qualcode.coders.base import Task
from qualcode.records import Judgement, StepResult, Verdict
from qualcode.workflow.code import code
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.two_tier import WorthAsking, worth_asking
from tests.codebook_sample import WordCoder
from tests.review_sample import FAMILIES, Reviewer, heard, open_ids

Change = Callable[[Judgement], Judgement]


class Changed(WordCoder):
    """Code by words, but for what a function makes of some judgements."""

    def __init__(self, index: ReviewIndex, change: Change, segments: Sequence[str] = ()) -> None:
        super().__init__(index.study.codebook)
        self.change, self.segments = change, segments

    def basis(self, family: str) -> str:
        return f"changed-{family}"

    def code(self, tasks: Sequence[Task], families: Sequence[str]) -> StepResult[Judgement]:
        made = super().code(tasks, families).items
        return StepResult(
            tuple(self.change(j) if j.segment_id in self.segments else j for j in made)
        )


def abstained(judgement: Judgement) -> Judgement:
    return replace(judgement, verdict=Verdict.ABSTAINED, reason="close", codings=())


def close(judgement: Judgement) -> Judgement:
    return replace(judgement, codings=tuple(replace(c, score=0.49) for c in judgement.codings))


def found(index: ReviewIndex, families: Sequence[str] = FAMILIES) -> WorthAsking:
    return worth_asking(index.study, WordCoder.name, families)


def test_what_the_embedded_coder_is_sure_about_is_not_worth_asking(index: ReviewIndex) -> None:
    asked = found(index)
    assert (asked.segments, asked.share) == (frozenset(), 0)
    assert asked.n_heard == len(heard(index))


def test_what_it_is_unsure_about_is_worth_asking(index: ReviewIndex) -> None:
    chosen = heard(index)[:8]
    code(index.study, Changed(index, abstained, chosen))
    asked = found(index)
    assert (asked.segments, asked.n_unsure) == (frozenset(chosen), 8)
    assert asked.share == 8 / asked.n_heard


def test_a_close_call_is_worth_asking(index: ReviewIndex) -> None:
    chosen = [segment for segment in heard(index) if segment in set(open_ids(index))][:3]
    code(index.study, Changed(index, close, chosen))
    asked = found(index)
    assert (asked.segments, asked.n_close, asked.n_unsure) == (frozenset(chosen), 3, 0)


def test_other_families_do_not_count(index: ReviewIndex) -> None:
    code(index.study, Changed(index, abstained, heard(index)[:8]), families=["need"])
    assert found(index, ["stage"]).segments == frozenset()


def test_what_was_not_judged_is_worth_asking(index: ReviewIndex) -> None:
    asked = worth_asking(index.study, "local:nobody", FAMILIES)
    assert (asked.n_unjudged, asked.share) == (asked.n_heard, 1)


@pytest.mark.parametrize(("n_wrong", "is_often"), [(2, True), (1, False)])
def test_a_code_that_people_often_reject_is_worth_asking_wherever_it_stands(
    index: ReviewIndex, n_wrong: int, is_often: bool
) -> None:
    suggested = {j.segment_id for j in _with_code(index, "wait")}
    ada = Reviewer(index, "Ada")
    for at, segment in enumerate(sorted(suggested & set(open_ids(index)))[:5]):
        ada.mark("reject" if at < n_wrong else "accept", segment, "pain_point", "wait")
    asked = found(index)
    assert asked.segments == (frozenset(suggested) if is_often else frozenset())
    assert asked.corrected == (("wait",) if is_often else ())


def _with_code(index: ReviewIndex, code_id: str) -> list[Judgement]:
    current = index.study.repository.judgements.current(heard(index))
    return [j for j in current if any(coding.code == code_id for coding in j.codings)]


def test_a_few_rejections_say_nothing_about_a_code(index: ReviewIndex) -> None:
    ada = Reviewer(index, "Ada")
    suggested = {j.segment_id for j in _with_code(index, "wait")}
    for segment in sorted(suggested & set(open_ids(index)))[:4]:
        ada.mark("reject", segment, "pain_point", "wait")
    assert found(index).corrected == ()
