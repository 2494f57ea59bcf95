"""qualcode codebook candidates, adopt and dismiss, as a user types them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.proposing_sample import NOISE, STAIRS, make_study, run


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("candidates")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        with make_study(folder) as study:
            run(study, {"stairs": STAIRS, "loud": NOISE})
    return folder / "study"


@pytest.fixture
def codebook(template: Path, tmp_path: Path, qualcode: Run) -> Run:
    """Run `qualcode codebook` on a study in which two codes are proposed."""
    study = shutil.copytree(template, tmp_path / "study")

    def run(*arguments: str | Path, expect: int | None = 0) -> "subprocess.CompletedProcess[str]":
        return qualcode("codebook", *arguments, "--study", study, expect=expect)

    return run


def test_candidates_are_listed_with_people_and_quotes(codebook: Run) -> None:
    lines = codebook("candidates").stdout.splitlines()
    assert lines[0] == "1  Pain point: Stairs in the way"
    assert lines[1] == f"    {STAIRS[2]}"
    assert lines[2].startswith("    3 people, 3 segments; nearest code: ")
    assert lines[3] == "    “The stairs are steep.”  (P0, survey.csv, row 2)"


def test_candidates_are_data_too(codebook: Run) -> None:
    rows = json.loads(codebook("candidates", "--json").stdout)
    assert [(row["number"], row["name"], row["status"]) for row in rows] == [
        (1, "Stairs in the way", "open"),
        (2, "Too loud", "open"),
    ]
    assert {quote["path"] for quote in rows[1]["quotes"]} == {"survey.csv", "talk.txt"}


def test_one_candidate_is_listed_alone(codebook: Run) -> None:
    assert [row["number"] for row in json.loads(codebook("candidates", "2", "--json").stdout)] == [
        2
    ]
    assert "there is no candidate 3" in codebook("candidates", "3", expect=2).stderr


def test_adopt_adds_the_code_and_undo_opens_the_candidate_again(codebook: Run) -> None:
    done = codebook("adopt", "1", "--by", "Ada", "--name", "Stairs everywhere")
    assert done.stdout.startswith("stairs_everywhere: added")
    assert "Stairs everywhere" in codebook("show").stdout
    (row,) = json.loads(codebook("candidates", "1", "--json").stdout)
    assert (row["status"], row["by"]) == ("adopted", "Ada")
    codebook("undo")
    assert "Stairs everywhere" not in codebook("show").stdout
    assert "1  Pain point: Stairs in the way" in codebook("candidates").stdout


def test_dismiss_takes_a_candidate_off_the_list_and_undo_brings_it_back(codebook: Run) -> None:
    done = codebook("dismiss", "1", "--by", "Ada", "--reason", "only one house")
    assert "The codes stay as they are." in done.stderr
    assert "qualcode codebook undo takes it back" in done.stderr
    assert "Stairs" not in codebook("candidates").stdout
    assert "[dismissed by Ada]" in codebook("candidates", "--all").stdout
    codebook("undo")
    assert "Stairs in the way" in codebook("candidates").stdout


def test_without_candidates_the_list_says_how_there_will_be_some(codebook: Run) -> None:
    codebook("dismiss", "1")
    codebook("dismiss", "2")
    assert "qualcode code --coder llm --propose" in codebook("candidates").stderr
