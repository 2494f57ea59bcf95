"""Trying a model out on behalf of a study, and outside of one."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from qualcode.coders.llm.model import ModelChoice
from qualcode.coders.llm.prices import Price
from qualcode.coders.llm.probed import Outcome, Probe, Trial
from qualcode.coders.llm.wire import Mode
from qualcode.errors import SettingsError
from qualcode.settings import LlmSection
from qualcode.workflow.doctor import Check, State
from qualcode.workflow.doctor_llm import Examined, examine, examiner, what_is_sent
from qualcode.workflow.doctor_told import checks_of
from qualcode.workflow.llm import ladder_of
from qualcode.workflow.study import Study
from tests.llm_server import LlmServer, Said
from tests.llm_server import troubles as t

HELD = LlmSection()


def answer(said: Said) -> Any:
    text = said.system + said.user
    return {"word": "quillwort" if "quillwort" in text else "harbour"}


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer(answer) as made:
        yield made


def choice_of(server: LlmServer) -> ModelChoice:
    return ModelChoice.parse("compatible:m", server.openai_url, environ={})


def examined(server: LlmServer, study: Study | None, held: LlmSection = HELD) -> Examined:
    known = examiner(choice_of(server), held)
    return examine(known, held, study, pause=lambda seconds: None)


def line(found: Examined, name: str) -> Check:
    return next(check for check in checks_of(found) if check.name == name)


def test_each_attempt_stands_in_the_studys_ledger(study: Study, server: LlmServer) -> None:
    server.script(t.fails("broken"))
    examined(server, study)
    rows = study.repository.ledger.all()
    assert [(row.step, row.mode, row.outcome == "ok") for row in rows] == [
        ("doctor", "json_schema", False),
        ("doctor", "json_schema", True),
        ("doctor", "tool", True),
        ("doctor", "json_object", True),
        ("doctor", "text", True),
        ("doctor", "json_schema", True),
        ("doctor", "json_schema", True),
    ]


def test_the_ledger_holds_the_very_bytes_that_left(study: Study, server: LlmServer) -> None:
    examined(server, study)
    ledger = study.repository.ledger
    assert [ledger.body(row.id) for row in ledger.all()] == [each.body for each in server.log]


def test_the_ledger_holds_the_version_that_answered(study: Study, server: LlmServer) -> None:
    examined(server, study)
    assert {row.version for row in study.repository.ledger.all()} == {"m fp_loopback"}


def test_it_is_a_run_of_the_studys_log(study: Study, server: LlmServer) -> None:
    found = examined(server, study)
    (run,) = study.repository.judgements.runs()
    assert (run.step, run.coder, run.status) == ("doctor", found.choice.coder_name, "done")


def test_the_mode_that_was_found_is_where_the_next_run_begins(
    study: Study, server: LlmServer
) -> None:
    server.script(t.picky([Mode.SCHEMA, Mode.TOOL]))
    found = examined(server, study)
    assert found.remembered
    assert ladder_of(study, found.choice.coder_name).mode is Mode.OBJECT


def test_a_better_mode_than_the_remembered_one_takes_its_place(
    study: Study, server: LlmServer
) -> None:
    coder = choice_of(server).coder_name
    study.repository.set_meta(f"llm_mode/{coder}", "text")
    examined(server, study)
    assert ladder_of(study, coder).mode is Mode.SCHEMA


def test_a_mode_is_not_remembered_where_a_better_one_failed_by_chance(
    study: Study, server: LlmServer
) -> None:
    server.script(t.fails("broken").always.where(lambda said: said.mode is Mode.SCHEMA))
    found = examined(server, study)
    assert not found.remembered
    assert study.repository.meta(f"llm_mode/{found.choice.coder_name}") is None


def test_nothing_is_remembered_of_a_server_that_is_not_there(study: Study) -> None:
    choice = ModelChoice.parse("compatible:m", "http://127.0.0.1:9/v1", environ={})
    found = examine(examiner(choice, HELD), HELD, study)
    assert line(found, "answers").state is State.BROKEN
    assert study.repository.meta(f"llm_mode/{choice.coder_name}") is None


def test_outside_of_a_study_the_same_is_found(study: Study, server: LlmServer) -> None:
    inside, outside = examined(server, study), examined(server, None)
    assert inside.probe is not None and outside.probe is not None
    assert [one.outcome for one in inside.probe.trials] == [
        one.outcome for one in outside.probe.trials
    ]


def test_what_it_used_is_what_the_server_says(study: Study, server: LlmServer) -> None:
    found = examined(server, study)
    rows = study.repository.ledger.all()
    assert found.tokens == sum((row.input_tokens or 0) + (row.output_tokens or 0) for row in rows)


def test_a_budget_that_is_used_up_ends_it_before_anything_is_sent(
    server: LlmServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    prices = tmp_path_factory.mktemp("prices") / "prices.toml"
    prices.write_text(
        '[[price]]\nprovider = "compatible"\nmodel = "m"\ninput = 1.0\noutput = 1.0\n',
        encoding="utf-8",
    )
    found = examined(server, None, LlmSection(budget_usd=0.0, prices=str(prices)))
    assert (server.n_requests, line(found, "answers").todo) == (0, "raise [llm] budget_usd")


def test_a_table_of_prices_that_cannot_be_read_is_an_error(server: LlmServer) -> None:
    with pytest.raises(SettingsError):
        examiner(choice_of(server), LlmSection(prices="nowhere.toml"))


def test_a_price_that_is_not_known_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    found = examiner(ModelChoice.parse("openai:no-such-model"), HELD)
    check = line(found, "price")
    assert (check.state, "--max-tokens" in check.todo) == (State.NOTE, True)


def test_a_price_is_told_with_the_day_it_was_read() -> None:
    choice = ModelChoice.parse("openai:m")
    price = Price(0.25, 0.025, 2.0, source="a page", date=datetime.date(2026, 1, 2))
    check = line(Examined(choice, True, price), "price")
    assert check.told == "$0.25 in, $2 out for a million tokens, read on 2026-01-02"


def test_what_it_may_cost_is_said_beforehand() -> None:
    known = Examined(ModelChoice.parse("openai:m"), True, Price(0.25, 0.025, 2.0))
    told = "nothing of a study. It costs about $0.0287, without second tries."
    assert what_is_sent(known).endswith(told)


def test_a_remote_host_is_told_as_leaving_the_machine() -> None:
    found = Examined(ModelChoice.parse("openai:m"), True, None)
    assert line(found, "host").told == "api.openai.com; what is asked leaves this machine"


def test_a_key_that_is_not_set_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    found = examiner(ModelChoice.parse("openai:m"), HELD)
    check = line(found, "key")
    assert (check.state, check.told) == (State.BROKEN, "$OPENAI_API_KEY is not set")


def test_a_model_that_fits_in_no_mode_is_broken() -> None:
    trials = tuple(Trial(mode, Outcome.UNFIT, "prose", 0.1) for mode in Mode)
    found = Examined(ModelChoice.parse("ollama:m"), True, None, Probe(trials))
    assert line(found, "answers in").state is State.BROKEN


def test_a_silent_cut_is_broken_and_says_what_to_do(server: LlmServer) -> None:
    server.context_tokens = "ollama"
    check = line(examined(server, None), "long text")
    assert (check.state, "--model ollama:NAME" in check.todo) == (State.BROKEN, True)


def test_a_context_that_the_settings_keep_short_is_noted_and_not_sent_to(server: LlmServer) -> None:
    held = LlmSection(context_tokens=4096)
    choice = ModelChoice.parse("ollama:m", server.url, environ={})
    check = line(examine(examiner(choice, held), held, None), "long text")
    assert (check.state, "raise [llm] context_tokens" in check.todo) == (State.NOTE, True)
    assert server.n_requests == 4


def test_a_server_that_counts_no_tokens_is_noted(server: LlmServer) -> None:
    server.script(t.no_usage().always)
    assert line(examined(server, None), "tokens").state is State.NOTE


def test_the_reason_that_ended_it_is_told_once(server: LlmServer) -> None:
    server.script(t.fails("key").always)
    told = [check.told for check in checks_of(examined(server, None))]
    assert sum("answered 401" in each for each in told) == 1
