"""qualcode edit, as a person types it: decide, look, take back, code again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run


@pytest.fixture
def study(coded_template: Path, tmp_path: Path) -> Path:
    """Return the study's folder, which is where the commands of a test run."""
    shutil.copytree(coded_template, tmp_path, dirs_exist_ok=True)
    return tmp_path


def shown(qualcode: Run, *arguments: str) -> Any:
    return json.loads(qualcode("edit", "show", *arguments, "--json").stdout)


@pytest.mark.slow
def test_the_whole_path_of_editing_a_map(study: Path, qualcode: Run) -> None:
    accepted = qualcode("edit", "criterion", "accept", "1", "--by", "Ann")
    statement = shown(qualcode)["criteria"][0]["statement"]
    assert accepted.stdout == f"1  Ann accepted the criterion “{statement}”\n"
    assert "qualcode edit undo 1" in accepted.stderr
    qualcode("edit", "criterion", "edit", "C2", "Say it first.", "--by", "Bo", "--reason", "short")
    qualcode("edit", "criterion", "reject", "C3", "--by", "Bo")
    qualcode("edit", "stage", "rename", "Get help", "Find help", "--by", "Ann")
    qualcode("edit", "stage", "order", "Find help", "--before", "stage_order", "--by", "Ann")
    qualcode("edit", "stage", "sign", "--role", "leader", "--by", "Ann")
    qualcode("edit", "opportunity", "write", "Wait for it", "Call first.", "--owner", "Ops")
    qualcode("edit", "owner", "set", "C1", "Service")
    cell = shown(qualcode, "--stage", "stage_wait", "--quotes", "0")["cells"][-1]
    pinned = cell["quotes"][-1]
    told = qualcode("edit", "quote", "pin", pinned["coding_id"])
    assert f"“{pinned['quote']}”" in told.stdout

    # A second coder codes everything, by other rules: nothing a person wrote may change.
    qualcode("code")
    after = shown(qualcode)
    criteria = {c["statement"]: c for c in after["criteria"]}
    assert criteria[statement]["status"] == "accepted"
    assert criteria[statement]["owner"] == "Service"
    assert criteria["Say it first."]["author"] == "Bo"
    assert [c["status"] for c in after["set_aside"] if c["author"]] == ["rejected"]
    assert [s["name"] for s in after["stages"]] == ["Find help", "Order it", "Wait for it"]
    assert after["sign_offs"][0]["is_current"] is True
    assert after["opportunities"][0]["text"] == "Call first."
    assert [(p["cell"], p["quote"]) for p in after["pinned"]] == [(cell["cell"], pinned["quote"])]

    # The export has it all, with the words cut from the text.
    qualcode("export", "json", "--out", "out.json")
    whole = json.loads((study / "out.json").read_text(encoding="utf-8"))
    exported = {c["statement"]: c["status"] for c in whole["criteria"]["criteria"]}
    assert exported.items() >= {statement: "accepted", "Say it first.": "edited"}.items()
    assert whole["map"]["opportunities"][0]["owner"] == "Ops"
    assert whole["map"]["sign_offs"][0]["role"] == "leader"

    # Undone step by step, the study is as nobody had touched it.
    decided = json.loads(qualcode("edit", "log", "--json").stdout)
    assert len(decided) == 9
    for _ in decided:
        qualcode("edit", "undo", "--by", "Ann")
    empty = shown(qualcode)
    assert {c["status"] for c in empty["criteria"]} <= {"draft"}
    assert [s["name"] for s in empty["stages"]] == ["Order it", "Wait for it", "Get help"]
    assert (empty["opportunities"], empty["pinned"], empty["set_aside"]) == ([], [], [])
    qualcode("edit", "undo", expect=2)


def test_the_log_is_read_by_people_and_by_programs(study: Path, qualcode: Run) -> None:
    qualcode("edit", "stage", "sign", "--dissent", "Help is no stage", "--by", "Bo")
    qualcode("edit", "undo", "1", "--by", "Ann", "--reason", "a slip")
    lines = qualcode("edit", "log").stdout.splitlines()
    assert lines[0].endswith(
        "Bo does not agree with the stages (Help is no stage): "
        "Order it > Wait for it > Get help  [taken back by 2]"
    )
    assert lines[1].endswith("Ann took back decision 1")
    assert lines[2].strip() == "reason: a slip"
    first, second = json.loads(qualcode("edit", "log", "--json").stdout)
    assert (first["stands"], first["undone_by"], second["undoes"]) == (False, 2, 1)
    assert (first["author"], first["value"]["agrees"]) == ("Bo", False)


def test_undo_says_what_it_took_back(study: Path, qualcode: Run) -> None:
    qualcode("edit", "opportunity", "write", "Get help", "Call.", "--by", "Bo")
    done = qualcode("edit", "undo", "--by", "Ann")
    assert done.stdout == "2  Ann took back decision 1\n"
    assert "That was: Bo wrote opportunity O1 at “Get help”: “Call.”" in done.stderr


def test_what_there_is_to_decide_on_is_listed_for_people(study: Path, qualcode: Run) -> None:
    qualcode("edit", "opportunity", "write", "Get help", "Call.", "--by", "Bo", "--owner", "Ops")
    listed = qualcode("edit", "show").stdout
    assert "stage_help  Get help  (12 people)" in listed
    assert "  C1  " in listed
    assert "draft; 12 people, 12 segments" in listed
    assert "O1  Get help: Call.  (by Bo; owner: Ops)" in listed
    quotes = qualcode("edit", "show", "--stage", "get help", "--quotes", "1").stdout
    assert "pain_point/stage_help/pain_alone" in quotes
    assert "… and 11 more (--quotes 0 shows all)" in quotes


def test_the_person_of_the_settings_decides_unless_another_is_named(
    study: Path, qualcode: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "own.toml"
    config.write_text('[person]\nname = "Cleo"\n', encoding="utf-8")
    monkeypatch.setenv("QUALCODE_CONFIG", str(config))
    assert qualcode("edit", "stage", "sign").stdout.startswith("1  Cleo signed the stages")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["stage", "rename", "nowhere", "x"], "stage_order (Order it)"),
        (["opportunity", "edit", "O7", "x"], "nobody has written one yet"),
        (["quote", "hide", "cod_123456"], "--reason"),
        (["quote", "pin", "cod_123456"], "edit show --stage"),
        (["undo", "12"], "edit log"),
        (["need", "move", "need_soon"], "--to"),
    ],
)
def test_a_mistake_says_what_to_do(
    study: Path, qualcode: Run, arguments: list[str], told: str
) -> None:
    done = qualcode("edit", *arguments, expect=2)
    assert told in done.stderr
    assert done.stdout == ""
