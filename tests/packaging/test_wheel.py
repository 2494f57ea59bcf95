"""An installed wheel carries all that the demonstration needs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*command, "--disable-pip-version-check", "--wheel-dir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("qualcode-*.whl"))


def test_the_demo_runs_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    # The package is taken from the wheel, its dependencies from this environment; -P keeps the
    # checkout, which is this process's folder, out of the search path.
    environment = {**os.environ, "PYTHONPATH": str(target)}
    code = (
        "import qualcode, sys; from qualcode.cli.main import run; print(qualcode.__file__); run()"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "demo", "made"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(target))
    assert (tmp_path / "made" / "map.html").stat().st_size > 10_000


def test_the_weights_stay_within_26_megabytes(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = [i.file_size for i in archive.infolist() if "/local/weights/" in i.filename]
    assert 0 < sum(sizes) <= 26_000_000


def test_the_wheel_carries_the_pages_of_the_review(wheel: Path) -> None:
    review = ROOT / "qualcode" / "review"
    files = [*(review / "templates").iterdir(), *(review / "static").iterdir()]
    with zipfile.ZipFile(wheel) as archive:
        carried = {Path(name).name for name in archive.namelist() if "qualcode/review/" in name}
    assert {file.name for file in files} <= carried
    assert len(files) > 20


def test_the_wheel_carries_no_tests_and_no_training(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"qualcode"}


def test_an_installed_wheel_fills_every_prompt(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    code = (
        "from qualcode.prompts import load_prompt, shipped_prompts\n"
        "for path in shipped_prompts():\n"
        "    prompt = load_prompt(path.name.partition('.')[0])\n"
        "    for part, names in prompt.inputs.items():\n"
        "        assert prompt.render(part, **dict.fromkeys(names, ())), path\n"
        "    print(path)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shipped = sorted((ROOT / "qualcode" / "prompts").glob("*.md"))
    assert done.stdout.split("\n")[:-1] == [
        str(target / "qualcode" / "prompts" / path.name) for path in shipped
    ]
