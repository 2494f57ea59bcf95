"""What all tests share: nothing of the person's machine gets in, nothing gets out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def own_homes(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep pseudonym keys and user settings of the machine out of tests, and theirs out of it."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("QUALCODE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("QUALCODE_CONFIG", str(home / "config.toml"))
    monkeypatch.setenv("NO_COLOR", "1")


def runs_in(folder: Path) -> Run:
    """Return what runs the command line as a user does, and returns what it printed."""

    def run(*arguments: str | Path, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "qualcode", *map(str, arguments)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        if expect is not None:
            assert done.returncode == expect, done.stderr
        return done

    return run


@pytest.fixture
def qualcode(tmp_path: Path) -> Run:
    """Run the command line in an empty folder."""
    return runs_in(tmp_path)


@pytest.fixture(scope="session")
def coded_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small coded study (`coded_study.make_study`); tests copy it."""
    from tests.coded_study import make_study

    folder = tmp_path_factory.mktemp("coded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        make_study(folder)
    return folder / "study"


@pytest.fixture(scope="session")
def asked_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small study that nobody has coded (`model_study.make_study`); tests copy it."""
    from tests.model_study import make_study

    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("asked")
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        return make_study(folder)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the study that `qualcode demo` makes; tests must not change it."""
    folder = tmp_path_factory.mktemp("session") / "demo"
    environment = {
        **os.environ,
        "QUALCODE_DATA_HOME": str(folder.parent / "data"),
        "QUALCODE_CONFIG": str(folder.parent / "config.toml"),
    }
    subprocess.run(
        [sys.executable, "-m", "qualcode", "demo", str(folder)],
        env=environment,
        check=True,
        capture_output=True,
        timeout=300,
    )
    yield folder
