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
from qualcode.store.replies import FailedReply
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
        ending = Ending(
            *("ok", "tool", 200, 1.25, 1900, 80, 700),
            cost_usd=0.0021,
            sent=BODY,
            version="m-2026 fp_1",
        )
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


@pytest.fixture
def refused(asked: Path) -> Path:
    """Return a study in which one answer of a model was of no use."""
    with Repository(asked / "qualcode.db") as repository:
        reply = FailedReply("k", "c", "s", "code", OUT.coder, "is not JSON", "I would\nrather not.")
        repository.replies.fail(repository.judgements.runs()[-1].id, [reply])
    return asked


def test_an_answer_of_no_use_is_told_with_its_reason_and_its_words(
    refused: Path, qualcode: Run
) -> None:
    told = qualcode("log", "--refused", "--study", refused).stdout
    assert [line.strip() for line in told.splitlines()[1:]] == [
        "is not JSON",
        "I would rather not.",
    ]


def test_an_answer_of_no_use_can_be_read_by_programs_as_it_came(
    refused: Path, qualcode: Run
) -> None:
    (told,) = json.loads(qualcode("log", "--refused", "--json", "--study", refused).stdout)
    assert (told["reason"], told["raw_text"]) == ("is not JSON", "I would\nrather not.")


def test_the_requests_can_be_read_by_programs(asked: Path, qualcode: Run) -> None:
    first, second, _ = json.loads(qualcode("log", "--egress", "--json", "--study", asked).stdout)
    assert (first["kind"], first["host"], first["n_bytes"]) == ("request", OUT.host, len(BODY))
    assert (first["cost_usd"], second["cost_usd"], second["status"]) == (0.0021, None, 429)


def test_programs_are_told_which_version_answered(asked: Path, qualcode: Run) -> None:
    told = json.loads(qualcode("log", "--egress", "--json", "--study", asked).stdout)
    assert [request["version"] for request in told] == ["m-2026 fp_1", "", ""]


def test_the_version_that_answered_a_request_is_told_with_it(asked: Path, qualcode: Run) -> None:
    told = qualcode("log", "--egress", "--request", "1", "--study", asked).stderr
    assert told == "Request 1: answered by m-2026 fp_1, as the server says.\n"


def test_a_run_that_one_version_answered_says_nothing_of_versions(
    asked: Path, qualcode: Run
) -> None:
    assert "version" not in qualcode("log", "--egress", "--study", asked).stderr


def answered_by(study: Path, *versions: str) -> int:
    """Add a run whose requests these versions answered; return its number."""
    with Repository(study / "qualcode.db") as repository:
        run = repository.judgements.begin_run("code", coder="llm:openai:m", code_version="1")
        for version in versions:
            repository.ledger.add(run, OUT, Ending("ok", "tool", 200, sent=BODY, version=version))
        return run


def told_of(run: int, study: Path, qualcode: Run) -> list[str]:
    told = qualcode("log", "--egress", "--study", study).stderr.splitlines()
    return [line for line in told if line.startswith(f"Run {run} ")]


def test_a_run_that_several_versions_answered_says_so_in_a_line(asked: Path, qualcode: Run) -> None:
    run = answered_by(asked, "m fp_1", "m fp_2", "", "m fp_2", "m fp_\x1b3")
    assert told_of(run, asked, qualcode) == [
        f"Run {run} was answered by 3 versions of the model: "
        "2 × m fp_2, 1 × m fp_1, 1 × m fp_\ufffd3."
    ]


def test_a_run_that_many_versions_answered_names_those_that_answered_most(
    asked: Path, qualcode: Run
) -> None:
    run = answered_by(asked, *(f"v{n}" for n in range(9)), "v7")
    assert told_of(run, asked, qualcode) == [
        f"Run {run} was answered by 9 versions of the model: "
        "2 × v7, 1 × v0, 1 × v1, 1 × v2, 5 more."
    ]


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
