"""Of several machines that judged the same, one leads: a language model before the embedded one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qualcode.analysis.leading import leading
from qualcode.records import Judgement, Verdict

LOCAL, MODEL, OLDER = "local:a", "llm:openai:m", "llm:openai:older"


def said(coder: str, verdict: Verdict = Verdict.NONE, *, segment: str = "s1") -> Judgement:
    return Judgement(segment, "need", coder, verdict)


def test_a_language_model_goes_before_the_embedded_coder() -> None:
    judgements = [said(LOCAL), said(MODEL)]
    assert leading(judgements, [LOCAL, MODEL]) == (said(MODEL),)


def test_of_two_language_models_the_one_that_judged_last_leads() -> None:
    judgements = [said(OLDER), said(MODEL)]
    assert leading(judgements, [MODEL, LOCAL, OLDER]) == (said(MODEL),)


def test_what_a_model_could_not_process_leaves_the_place_to_the_next() -> None:
    judgements = [said(LOCAL), said(MODEL, Verdict.UNPROCESSED)]
    assert leading(judgements, [MODEL, LOCAL]) == (said(LOCAL),)


def test_what_nobody_could_process_is_told_once() -> None:
    judgements = [said(LOCAL, Verdict.UNPROCESSED), said(MODEL, Verdict.UNPROCESSED)]
    assert leading(judgements, [MODEL, LOCAL]) == (said(MODEL, Verdict.UNPROCESSED),)


def test_that_a_model_cannot_tell_is_its_word_too() -> None:
    unsure = replace(said(MODEL, Verdict.ABSTAINED), reason="close")
    assert leading([said(LOCAL), unsure], [LOCAL, MODEL]) == (unsure,)


def test_where_the_model_did_not_judge_the_embedded_coder_is_heard() -> None:
    judgements = [said(LOCAL), said(LOCAL, segment="s2"), said(MODEL)]
    assert leading(judgements, [MODEL, LOCAL]) == (said(LOCAL, segment="s2"), said(MODEL))


@pytest.mark.parametrize("coder", [LOCAL, MODEL])
def test_one_coder_alone_leads_in_everything(coder: str) -> None:
    judgements = [said(coder, Verdict.UNPROCESSED), said(coder, segment="s2")]
    assert leading(judgements, [coder]) == tuple(judgements)
