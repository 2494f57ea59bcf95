"""qualcode log --egress: what was sent to models, told and printed byte for byte."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qualcode.store.ledger import Ending, Outgoing
from qualcode.store.repository import Repository

Run = Callable[..., "subprocess.CompletedProcess[str]"]

BODY = '{"messages": ["[PERSON_1] waited – \\u00fc"]}'.encode()
OUT = Outgoing("code", "ask", "llm:openai:m", "api.example.org", 3)


@pytest.fixture
def study(coded_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(coded_template, tmp_path / "study"))


@pytest.fixture
def asked(study: Path) -> Path:
    """Return a study for which a model was asked three times."""
    with Repository(study / "qualcode.db") as repository:
        run = repository.judgements.begin_run("code", coder="llm:openai:m", code_version="1")
        ending = Ending("ok", "tool", 200, 1.25, 1900, 80, 700, cost_usd=0.0021, sent=BODY)
        repository.ledger.add(run, OUT, ending)
        repository.ledger.add(run, OUT, Ending("too many requests", "tool", 429, sent=BODY))
        repository.ledger.opened(run, OUT)
    return study


def test_each_request_has_a_line(asked: Path, qualcode: Run) -> None:
    told = qualcode("log", "--egress", "--study", asked)
    first, second, third = told.stdout.splitlines()[2:]
    assert "api.example.org" in first
    for word in ("llm:openai:m", "code ask", str(len(BODY)), "1,900", "80", "0.0021", "ok"):
        assert word in first.replace("  ", " ")
    assert second.endswith("too many requests; HTTP 429")
    assert third.endswith("no answer yet, or the program was stopped")


def test_the_total_of_each_host_is_told(asked: Path, qualcode: Run) -> None:
    told = qualcode("log", "--egress", "--study", asked).stderr
    assert (
        f"api.example.org: 3 requests, {2 * len(BODY)} bytes, 0.0021 USD, cost not known for 2."
        in told
    )


def test_the_requests_can_be_read_by_programs(asked: Path, qualcode: Run) -> None:
    first, second, _ = json.loads(qualcode("log", "--egress", "--json", "--study", asked).stdout)
    assert (first["kind"], first["host"], first["n_bytes"]) == ("request", OUT.host, len(BODY))
    assert (first["cost_usd"], second["cost_usd"], second["status"]) == (0.0021, None, 429)


def test_what_one_request_sent_is_printed_byte_for_byte(asked: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "qualcode", "log", "--egress", "--request", "1"]
    done = subprocess.run([*command, "--study", str(asked)], capture_output=True, check=True)
    assert done.stdout == BODY


def test_what_one_request_sent_can_be_had_with_all_about_it(asked: Path, qualcode: Run) -> None:
    held = json.loads(qualcode("log", "--request", "1", "--json", "--study", asked).stdout)
    assert (held["id"], held["body"]) == (1, BODY.decode())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--request", "9"], "there is no request 9"),
        (["--request", "3"], "under way when the program was stopped"),
        (["--egress", "--by", "Ann"], "leave --by and --segment out"),
    ],
)
def test_what_cannot_be_shown_is_said(
    asked: Path, qualcode: Run, arguments: list[str], told: str
) -> None:
    done = qualcode("log", *arguments, "--study", asked, expect=2)
    assert told in done.stderr
    assert done.stdout == ""


def test_a_study_that_asked_nobody_says_so(study: Path, qualcode: Run) -> None:
    done = qualcode("log", "--egress", "--study", study)
    assert "sent nothing of it anywhere" in done.stderr
    assert done.stdout == ""
