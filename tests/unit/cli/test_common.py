"""Errors as exit codes, tables and questions."""

import pytest

from qualcode.cli.common import ask, error_to_exit_code, print_table
from qualcode.errors import SourceError, StoreError


def test_an_error_of_ours_is_told_with_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert error_to_exit_code(StoreError("it is locked", hint="wait")) == 5
    assert capsys.readouterr().err == "Error: it is locked\nWhat to do: wait\n"


def test_a_mistake_of_the_program_tells_its_place_and_never_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        raise ValueError("my boss is called Ada")
    except ValueError as error:
        assert error_to_exit_code(error) == 1
    told = capsys.readouterr().err
    assert "ValueError at test_common.py:" in told
    assert "Ada" not in told


def test_a_wish_for_the_traceback_is_met(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUALCODE_DEBUG", "1")
    error_to_exit_code(SourceError("a.txt: empty"))
    assert "SourceError: a.txt: empty" in capsys.readouterr().err


def test_nothing_waits_without_a_terminal() -> None:
    assert ask("Why?", "because", yes=False) == "because"


def test_the_last_column_of_a_table_is_whole_and_nothing_trails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("a", "long one"), [("xyz", "1"), ("", "22 " * 40)], data=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "xyz  1"
    assert lines[3].endswith("22 22")
