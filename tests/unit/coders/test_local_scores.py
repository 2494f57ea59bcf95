"""Scores of whole texts by the embedded coder."""

import numpy as np
import pytest

from qualcode.codebook import Codebook, load_codebook
from qualcode.coders.base import Scores
from qualcode.coders.local.scores import LocalScorer
from qualcode.resources import default_codebook_path
from qualcode.workflow.eval_coders import comment_tasks

TEXTS = (
    "I waited three weeks for the delivery and nobody told me anything.",
    "It is a shop.",
    "Good morning to you all. " * 30 + "I waited for hours on hold and the refund is still late.",
)


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return load_codebook(default_codebook_path())


@pytest.fixture(scope="module")
def scorer(codebook: Codebook) -> LocalScorer:
    return LocalScorer(codebook, comment_tasks)


@pytest.fixture(scope="module")
def scored(scorer: LocalScorer) -> Scores:
    return scorer.score(TEXTS, "pain_point")


def test_every_text_has_a_row_and_every_code_of_the_family_a_column(
    scored: Scores, codebook: Codebook
) -> None:
    assert scored.codes == tuple(code.id for code in codebook.family("pain_point"))
    assert scored.scores.shape == scored.predicted.shape == (3, len(scored.codes))
    assert scored.scores.dtype == np.float64


def test_a_text_of_several_segments_has_the_codes_of_each(scored: Scores) -> None:
    assert len(comment_tasks(TEXTS)[2].segments) > 1
    assert scored.any_predicted.tolist() == [True, False, True]


def test_scores_lie_between_0_and_1_and_what_is_proposed_has_one(scored: Scores) -> None:
    assert ((scored.scores >= 0) & (scored.scores <= 1)).all()
    assert (scored.scores[scored.predicted] > 0).all()


def test_codes_that_are_not_proposed_have_scores_too(scored: Scores) -> None:
    assert (scored.scores > 0).sum() > scored.predicted.sum()


def test_a_text_scores_the_same_whatever_stands_beside_it(
    scorer: LocalScorer, scored: Scores
) -> None:
    alone = scorer.score(TEXTS[2:], "pain_point")
    assert alone.scores.tobytes() == scored.scores[2:].tobytes()


def test_no_texts_have_no_rows(scorer: LocalScorer) -> None:
    assert scorer.score((), "emotion").any.shape == (0,)


def test_a_family_that_it_does_not_know_is_refused(scorer: LocalScorer) -> None:
    with pytest.raises(ValueError, match="not judged here"):
        scorer.score(TEXTS, "attitude")


def test_scores_of_another_shape_than_the_codes_are_refused() -> None:
    flat = np.zeros(2)
    with pytest.raises(ValueError, match="scores"):
        Scores(("a",), np.zeros((2, 2)), np.zeros((2, 2), bool), flat, flat > 0)


def test_what_a_long_text_is_mostly_about_outweighs_one_aside(scorer: LocalScorer) -> None:
    story = (
        "The router died on a Sunday, so I phoned the helpline and sat in the queue for an hour. "
        "The first agent had me restart it twice and then the line dropped. "
        "The second one opened a ticket and promised a call back that never came. "
        "On the third call they finally booked an engineer to come and look at the fault. "
        "He turned up two days late and had no idea what had been reported before. "
        "In the end their complaints team sorted out a replacement box. "
    )
    aside = "Before I signed up I had compared four different offers on a website. "
    told = scorer.score([story + aside + story], "stage")
    chances = dict(zip(told.codes, told.scores[0], strict=True))
    assert chances["stage_get_help"] == max(chances.values())
