"""Making a study from the command line, also where another one was stopped."""

import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from qualcode.workflow.study import is_unfinished
from tests.conftest import Run

BOOK = "schema: 1\nname: Mine\ncodes:\n  - {id: joy, name: Joy, family: emotion}\n"


def test_a_study_made_in_its_own_folder_keeps_the_codebook_and_has_its_name(
    tmp_path: Path, qualcode: Run
) -> None:
    (tmp_path / "codebook.yaml").write_text(BOOK, encoding="utf-8", newline="\n")
    qualcode("init", ".", "--codebook", "codebook.yaml", "--yes")
    assert (tmp_path / "codebook.yaml").read_text(encoding="utf-8") == BOOK
    values = tomllib.loads((tmp_path / "study.toml").read_text(encoding="utf-8"))
    assert values["study"]["name"] == tmp_path.name.replace("-", " ").capitalize()


def test_a_codebook_that_lies_there_is_refused_with_the_command_that_keeps_it(
    tmp_path: Path, qualcode: Run
) -> None:
    (tmp_path / "codebook.yaml").write_text(BOOK, encoding="utf-8", newline="\n")
    done = qualcode("init", ".", "--yes", expect=1)
    assert "--codebook codebook.yaml" in done.stderr
    assert (tmp_path / "codebook.yaml").read_text(encoding="utf-8") == BOOK


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_killed_while_it_makes_the_folder_a_study_can_still_be_made_there(
    tmp_path: Path, qualcode: Run
) -> None:
    unfinished = 0
    for number in range(12):
        folder = tmp_path / f"s{number}"
        process = subprocess.Popen(
            [sys.executable, "-m", "qualcode", "init", str(folder), "--yes"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not folder.is_dir() and process.poll() is None:
            time.sleep(0.002)
        time.sleep(number * 0.03)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        if (folder / "study.toml").exists():
            continue
        unfinished += 1
        assert is_unfinished(folder)
        qualcode("init", folder, "--yes")
    assert unfinished >= 3


def test_the_demo_goes_on_where_its_folder_was_begun_and_refuses_other_files(
    tmp_path: Path, qualcode: Run
) -> None:
    folder = tmp_path / "demo"
    qualcode("init", folder, "--yes")
    (folder / "study.toml").unlink()
    qualcode("demo", folder)
    assert (folder / "map.html").is_file()
    other = tmp_path / "other"
    other.mkdir()
    (other / "talk.txt").write_text("Ada: Hello.\n", encoding="utf-8", newline="\n")
    assert "is not empty" in qualcode("demo", other, expect=1).stderr
