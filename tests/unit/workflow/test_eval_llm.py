"""A language model is evaluated as any coder is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook
from qualcode.resources import default_codebook_path
from qualcode.workflow.eval_gold import Gold, GoldColumns, read_gold
from qualcode.workflow.eval_llm import model_rater
from qualcode.workflow.eval_scheme import own_scheme
from qualcode.workflow.evaluation import evaluate
from qualcode.workflow.llm import LlmOptions
from tests.llm_server import LlmServer
from tests.llm_server.obedient import Obedient

TEXTS = (
    "I waited three weeks for the delivery and nobody told me anything.",
    "The engineer who came was lovely.",
    "n/a",
)


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with LlmServer(Obedient()) as running:
        yield running


@pytest.fixture
def gold(tmp_path: Path) -> Gold:
    path = tmp_path / "gold.csv"
    rows = [f'{n},"{text}",pain_waiting' for n, text in enumerate(TEXTS)]
    path.write_text("\n".join(["id,text,label", *rows]) + "\n", encoding="utf-8", newline="\n")
    book = load_codebook(default_codebook_path())
    scheme = own_scheme(book, "the default codebook", "pain_point")
    return read_gold(path, GoldColumns("text", "label", None, ()), scheme, family="pain_point")


def options(server: LlmServer) -> LlmOptions:
    return LlmOptions("compatible:test", server.openai_url)


def test_a_model_is_measured_on_labelled_texts(server: LlmServer, gold: Gold) -> None:
    with model_rater(gold, options(server)) as rater:
        assert not isinstance(rater, str)
        evaluation = evaluate(gold, rater)
    (family,) = evaluation.families
    assert evaluation.unprocessed == {}
    assert evaluation.coder == f"llm:compatible:test@{server.url.removeprefix('http://')}"
    assert family.predicted[0].any() and not family.predicted[2].any()


def test_the_plan_of_an_evaluation_sends_nothing(server: LlmServer, gold: Gold) -> None:
    n_before = len(server.log)
    with model_rater(gold, options(server)) as rater:
        assert not isinstance(rater, str)
        plan = rater.plan()
    assert (plan.n_units, plan.n_to_ask, len(server.log)) == (2, 2, n_before)


def test_without_a_model_it_says_why_none_is_asked(gold: Gold) -> None:
    with model_rater(gold, LlmOptions()) as rater:
        assert isinstance(rater, str) and "no model is named" in rater
