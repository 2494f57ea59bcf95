"""Asking a model on behalf of a study: what is asked at all, what is kept, what is known after."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from qualcode.coders.llm.model import ModelChoice
from qualcode.coders.llm.wire import Mode
from qualcode.errors import BudgetReached, ModelError, UsageError
from qualcode.records import Role
from qualcode.workflow.code import CodeReport, code
from qualcode.workflow.llm import LlmOptions, LlmSession, chosen_model
from qualcode.workflow.llm_code import asking_parameters, llm_coder
from qualcode.workflow.llm_memory import StudyMemory
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.study import Study
from tests.llm_server import LlmServer
from tests.llm_server import troubles as t
from tests.llm_server.obedient import Obedient
from tests.llm_server.patches import invented_code
from tests.model_study import N_ROWS, items_asked, make_study
from tests.review_sample import Reviewer, open_ids

N_REQUESTS = 3
DECIDED = "# What people decided in this study"


@pytest.fixture
def asked(asked_template: Path, tmp_path: Path) -> Iterator[Study]:
    with Study(shutil.copytree(asked_template, tmp_path / "asked")) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer(Obedient()) as made:
        yield made


def coded(study: Study, server: LlmServer, **options: Any) -> CodeReport:
    """Have the server's model code what is pending."""
    choice = chosen_model(study, LlmOptions("compatible:test-model", server.openai_url), {})
    assert isinstance(choice, ModelChoice)
    with LlmSession(study, choice, LlmOptions(**options)) as session:
        coder = llm_coder(session)
        refresh = session.options.is_fresh
        return code(study, coder, refresh=refresh, parameters=asking_parameters(session, coder))


def test_a_second_run_makes_no_request(asked: Study, server: LlmServer) -> None:
    coded(asked, server)
    assert coded(asked, server).n_judged == 0
    assert server.n_requests == N_REQUESTS


def test_judgements_that_were_lost_are_made_of_kept_replies(
    asked: Study, server: LlmServer
) -> None:
    coded(asked, server)
    before = asked.corpus().judgements
    asked.close()
    with sqlite3.connect(asked.path / "qualcode.db") as database:
        database.execute("DELETE FROM coding")
        database.execute("DELETE FROM judgement")
    with Study(asked.path) as opened:
        assert coded(opened, server).n_judged == N_ROWS
        assert opened.corpus().judgements == before
    assert server.n_requests == N_REQUESTS


def test_a_comment_that_a_hundred_people_wrote_is_asked_once(
    server: LlmServer, tmp_path: Path
) -> None:
    path = make_study(tmp_path, ["I was on hold for two hours."] * 100)
    with Study(path) as study:
        report = coded(study, server)
    assert (report.n_judged, report.verdicts["stage"]["coded"]) == (100, 100)
    assert items_asked(server) == ["I was on hold for two hours."]


@pytest.mark.parametrize("trouble", [t.garbage(), t.refusal(), t.patched(invented_code)])
def test_a_bad_reply_is_asked_for_again_by_the_next_run(
    server: LlmServer, tmp_path: Path, trouble: t.Trouble
) -> None:
    with Study(make_study(tmp_path, ["I was on hold.", "It was lovely."])) as study:
        server.script(trouble.always.where(lambda said: "on hold" in said.user))
        assert coded(study, server).n_unprocessed == 4
        server.script()
        server.forget()
        report = coded(study, server)
    assert (report.n_judged, report.n_unprocessed) == (1, 0)
    assert items_asked(server) == ["I was on hold."]


def test_the_mode_that_a_server_takes_is_known_to_the_next_run(
    asked: Study, server: LlmServer
) -> None:
    server.script(t.picky([Mode.SCHEMA, Mode.TOOL]))
    coded(asked, server)
    asked.close()
    server.forget()
    with Study(asked.path) as opened:
        coded(opened, server, is_fresh=True)
    assert {one.said.mode for one in server.log if one.said} == {Mode.OBJECT}
    assert server.n_requests == N_REQUESTS


def test_new_reviewed_codings_ask_nothing_again_unless_that_is_wanted(
    unreviewed: Path, server: LlmServer, tmp_path: Path
) -> None:
    with Study(shutil.copytree(unreviewed, tmp_path / "study")) as study:
        coded(study, server)
        n_before = server.n_requests
        index = ReviewIndex(study)
        Reviewer(index, "Ada").judge_suggestions(open_ids(index)[0])
        assert (coded(study, server).n_judged, server.n_requests) == (0, n_before)
        coded(study, server, is_fresh=True)
    told = [DECIDED in one.said.system for one in server.log if one.said]
    assert told == [False] * n_before + [True] * n_before


def test_an_interviewers_words_are_asked_about_by_nobody(
    unreviewed: Path, server: LlmServer, tmp_path: Path
) -> None:
    with Study(shutil.copytree(unreviewed, tmp_path / "study")) as study:
        coded(study, server)
        texts = study.repository.segment_texts.all()
    asking = {text.text for text in texts if text.segment.role is Role.INTERVIEWER}
    assert asking and not asking & set(items_asked(server))


@pytest.mark.parametrize("place", ["keep", "commit"])
def test_an_answer_that_is_being_saved_when_ctrl_c_comes_is_not_lost(
    asked: Study, server: LlmServer, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUALCODE_LLM_CONCURRENCY", "1")
    server.script(None, t.hang().always)
    saving, is_over = getattr(StudyMemory, place), [False]

    def interrupted(memory: StudyMemory, *arguments: Any) -> None:
        if len(memory._kept) >= 6 and not is_over[0]:
            is_over[0] = True
            raise KeyboardInterrupt
        saving(memory, *arguments)

    monkeypatch.setattr(StudyMemory, place, interrupted)
    with Study(asked.path) as opened, pytest.raises(KeyboardInterrupt):
        coded(opened, server)
    server.script()
    server.forget()
    coded(asked, server)
    assert len(items_asked(server)) == N_ROWS - 12


def test_what_was_used_is_in_the_log_of_the_run(asked: Study, server: LlmServer) -> None:
    coded(asked, server)
    run = asked.repository.judgements.runs()[-1]
    told = run.parameters
    assert isinstance(told, Mapping)
    assert set(told["prompts"]) == {"code.v1", "repair.v1"} and told["setup"]
    assert (told["temperature"], told["examples"]) == (0.0, 0)


def test_no_model_is_said_in_one_line(asked: Study) -> None:
    told = chosen_model(asked, LlmOptions(), {})
    assert isinstance(told, str) and told.startswith("no model is named") and "\n" not in told


def test_no_key_is_said_with_its_variable(asked: Study) -> None:
    told = chosen_model(asked, LlmOptions("anthropic:claude-test"), {})
    assert told == "there is no key for anthropic in $ANTHROPIC_API_KEY"


def test_a_model_of_no_known_provider_is_refused(asked: Study) -> None:
    with pytest.raises(UsageError, match="no model is named by"):
        chosen_model(asked, LlmOptions("gpt-5"), {})


def test_a_server_that_is_gone_is_told_and_nothing_is_lost(asked: Study, server: LlmServer) -> None:
    server.script(t.fails("key").always)
    with pytest.raises(ModelError, match="401") as told:
        coded(asked, server)
    assert told.value.hint is not None and "the same command goes on" in told.value.hint


def test_what_was_not_sent_for_want_of_budget_is_in_the_ledger_as_not_sent(
    asked: Study, server: LlmServer
) -> None:
    with pytest.raises(BudgetReached):
        coded(asked, server, max_tokens=10)
    rows = asked.repository.ledger.all()
    assert {(row.outcome, row.n_bytes) for row in rows} == {("not sent: the run stopped before", 0)}
    assert server.n_requests == 0


def test_the_rollwell_replies_all_hold_against_todays_codebook(tmp_path: Path) -> None:
    from qualcode.resources import corpus_path, replies_path
    from qualcode.workflow.demo import corpus_study
    from qualcode.workflow.ingest import ingest

    with corpus_study(tmp_path / "demo", "rollwell") as study:
        ingest(study, [corpus_path("rollwell") / "sources"])
        with LlmSession(study, None, LlmOptions(replay=replies_path("rollwell"))) as session:
            report = code(study, llm_coder(session))
    assert (report.n_judged, report.n_unprocessed) == (report.n_segments, 0)
    assert report.n_segments > 500
