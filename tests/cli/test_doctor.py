"""qualcode doctor: one line for each thing, and an exit code."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qualcode.coders.llm.wire import Mode
from qualcode.store.repository import Repository
from qualcode.workflow.doctor import installation
from tests.llm_server import LlmServer, Said
from tests.llm_server import troubles as t

Run = Callable[..., "subprocess.CompletedProcess[str]"]

KEY = "plainkey-0aB1-no-known-form"


def answer(said: Said) -> Any:
    text = said.system + said.user
    return {"word": "quillwort" if "quillwort" in text else "harbour"}


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer(answer) as made:
        yield made


@pytest.fixture
def study(coded_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(coded_template, tmp_path / "study"))


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """Set a key that goes to every server."""
    monkeypatch.setenv("QUALCODE_LLM_KEY_VARIABLE", "SOME_KEY")
    monkeypatch.setenv("SOME_KEY", KEY)
    return KEY


def asking(server: LlmServer) -> tuple[str, ...]:
    return ("doctor", "--llm", "--model", "compatible:m", "--base-url", server.openai_url)


def test_an_installation_in_order_has_a_line_each_and_exit_code_0(
    qualcode: Run, tmp_path: Path
) -> None:
    lines = qualcode("doctor").stdout.splitlines()
    assert len(lines) == len(installation(tmp_path))
    assert [line for line in lines if not line.startswith(("OK", "note"))] == []


def test_the_installation_can_be_read_by_programs(qualcode: Run) -> None:
    checks = json.loads(qualcode("doctor", "--json").stdout)["checks"]
    assert {"name", "state", "told", "todo"} == set(checks[0])


def test_something_broken_is_exit_code_1(qualcode: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUALCODE_NO_SUCH", "1")
    done = qualcode("doctor", expect=1)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("BROKEN")]
    assert "QUALCODE_NO_SUCH names no setting" in line


def test_a_server_in_good_health_is_exit_code_0(qualcode: Run, server: LlmServer) -> None:
    told = qualcode(*asking(server)).stdout
    assert "json_schema; outside of a study nothing is remembered" in told
    assert "nothing leaves this machine" in told


def test_outside_of_a_study_nothing_is_stored(
    qualcode: Run, server: LlmServer, tmp_path: Path
) -> None:
    qualcode(*asking(server))
    assert list(tmp_path.iterdir()) == []


def test_in_a_study_the_mode_is_remembered_and_the_requests_are_logged(
    qualcode: Run, server: LlmServer, study: Path
) -> None:
    server.script(t.picky([Mode.SCHEMA]))
    told = qualcode(*asking(server), "--study", study).stdout
    assert "tool; this study remembers it" in told
    listed = json.loads(qualcode("log", "--egress", "--json", "--study", study).stdout)
    assert [row["step"] for row in listed] == ["doctor"] * 6


def test_nothing_of_a_studys_texts_is_sent(qualcode: Run, server: LlmServer, study: Path) -> None:
    qualcode(*asking(server), "--study", study)
    with Repository(study / "qualcode.db") as repository:
        texts = [document.text for document in repository.sources.documents()]
    words = {line.strip() for text in texts for line in text.splitlines() if len(line) > 20}
    sent = b"\n".join(each.body for each in server.log).decode("utf-8")
    assert words and server.n_requests == 6
    assert [line for line in words if line in sent] == []


def test_what_was_found_can_be_read_by_programs(qualcode: Run, server: LlmServer) -> None:
    server.context_tokens = "ollama"
    told = json.loads(qualcode(*asking(server), "--json", expect=1).stdout)
    assert (told["mode"], told["leaves_this_machine"]) == ("json_schema", False)
    assert (told["long_text"]["context"], told["long_text"]["tokens_read"]) == ("cut", 4096)


def test_a_key_that_is_not_accepted_is_exit_code_1_and_is_not_shown(
    qualcode: Run, server: LlmServer, key: str, study: Path
) -> None:
    server.script(t.fails("key").always)
    done = qualcode(*asking(server), "--study", study, expect=1)
    assert "the key was not accepted" in done.stdout
    assert server.log[0].said is not None and server.log[0].said.key == key
    assert key not in done.stdout + done.stderr
    assert [p for p in study.rglob("*") if p.is_file() and key.encode() in p.read_bytes()] == []


def test_a_key_that_is_set_is_told_and_not_shown(
    qualcode: Run, server: LlmServer, key: str
) -> None:
    done = qualcode(*asking(server), "--json")
    told = json.loads(done.stdout)
    assert (told["key_variable"], told["has_key"]) == ("SOME_KEY", True)
    assert key not in done.stdout + done.stderr


def test_without_its_key_nobody_is_asked(qualcode: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    done = qualcode("doctor", "--llm", "--model", "openai:gpt-5-mini", expect=1)
    assert "$OPENAI_API_KEY is not set" in done.stdout
    assert "Sends" not in done.stderr


def test_a_remote_host_is_not_asked_without_a_yes(
    qualcode: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    done = qualcode("doctor", "--llm", "--model", "openai:gpt-5-mini", expect=2)
    assert "nothing was sent to api.openai.com" in done.stderr


def test_a_server_that_is_not_there_is_exit_code_1(qualcode: Run) -> None:
    address = ("--base-url", "http://127.0.0.1:9/v1")
    done = qualcode("doctor", "--llm", "--model", "compatible:m", *address, expect=1)
    assert "is it running, and is this its address (--base-url)?" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--llm"], "no model is named"),
        (["--model", "openai:m"], "a model is tried out with --llm only"),
        (["--llm", "--model", "m"], "no model is named by “m”"),
    ],
)
def test_what_does_not_fit_together_is_said(qualcode: Run, arguments: list[str], told: str) -> None:
    done = qualcode("doctor", *arguments, expect=2)
    assert told in done.stderr


def test_the_settings_of_the_user_hold_outside_of_a_study(
    qualcode: Run, server: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUALCODE_LLM_MODEL", "compatible:m")
    monkeypatch.setenv("QUALCODE_LLM_BASE_URL", server.openai_url)
    assert json.loads(qualcode("doctor", "--llm", "--json").stdout)["model"].startswith(
        "compatible:m@127.0.0.1"
    )
