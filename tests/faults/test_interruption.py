"""Ctrl-C and kill −9 at any moment lose nothing that was saved, and the next run completes."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Run

N_COMMENTS = 400
WORDS = [
    "delivery",
    "late",
    "week",
    "phone",
    "waited",
    "nobody",
    "told",
    "lovely",
    "staff",
    "bill",
    "wrong",
    "app",
    "crashed",
    "helped",
    "quick",
    "price",
    "unclear",
    "engineer",
    "came",
    "twice",
    "returned",
    "refund",
    "email",
    "answer",
    "never",
    "happy",
    "angry",
]


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    rng = random.Random(7)
    lines = ["id,comment"]
    lines += [
        f"r{n},{' '.join(rng.choices(WORDS, k=rng.randint(3, 25)))} {n}" for n in range(N_COMMENTS)
    ]
    path = tmp_path / "survey.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return path


def start(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "qualcode", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def export(qualcode: Run, folder: Path, study: str) -> bytes:
    qualcode("export", "json", "--study", study, "--out", f"{study}.json")
    return (folder / f"{study}.json").read_bytes()


def interrupt_until_done(folder: Path, how: signal.Signals, *arguments: str) -> int:
    """Stop the command after ever longer times until it comes through; count the stops."""
    stops = 0
    wait = 0.4
    while True:
        process = start(folder, *arguments)
        try:
            process.wait(timeout=wait)
        except subprocess.TimeoutExpired:
            process.send_signal(how)
            process.wait(timeout=60)
            if process.returncode != 0:
                stops += 1
                wait *= 1.4
                continue
        assert process.returncode == 0
        return stops


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT] if os.name != "nt" else [])
def test_interrupted_runs_end_like_an_uninterrupted_one(
    tmp_path: Path, survey: Path, qualcode: Run, how: signal.Signals
) -> None:
    for study in ("calm", "stormy"):
        qualcode("init", study, "--name", "Same", "--yes")
    qualcode("ingest", "--study", "calm", survey)
    qualcode("code", "--study", "calm")
    stops = interrupt_until_done(tmp_path, how, "ingest", "--study", "stormy", str(survey))
    stops += interrupt_until_done(tmp_path, how, "code", "--study", "stormy")
    assert stops >= 3
    assert export(qualcode, tmp_path, "stormy") == export(qualcode, tmp_path, "calm")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_ctrl_c_says_so_and_leaves_with_130(tmp_path: Path, survey: Path, qualcode: Run) -> None:
    qualcode("init", "study", "--yes")
    qualcode("ingest", "--study", "study", survey)
    for lock in (tmp_path / "study").glob("*.lock"):
        lock.unlink()
    process = subprocess.Popen(
        [sys.executable, "-m", "qualcode", "code", "--study", "study"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    # Before the study is open, Python itself is still starting, and answers Ctrl-C in its own way.
    until = time.monotonic() + 60
    while not list((tmp_path / "study").glob("*.lock")) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "run the same command again" in said
    assert "Traceback" not in said


def test_running_twice_gives_the_same_bytes(tmp_path: Path, survey: Path, qualcode: Run) -> None:
    for study in ("one", "two"):
        qualcode("init", study, "--name", "Same", "--yes")
        qualcode("ingest", "--study", study, survey)
        qualcode("code", "--study", study)
        for kind in ("csv", "xlsx"):
            qualcode("export", kind, "--study", study, "--out", f"{study}.{kind}")
        qualcode("map", "--study", study)
    assert export(qualcode, tmp_path, "one") == export(qualcode, tmp_path, "two")
    for name in ("{}.csv", "{}.xlsx", "{}/map.html"):
        one, two = ((tmp_path / name.format(study)).read_bytes() for study in ("one", "two"))
        assert one == two, name
