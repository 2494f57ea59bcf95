"""Making a study's folder: nobody's file is lost, and what was begun can be gone on with."""

import re
import tomllib
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook
from qualcode.errors import StudyError
from qualcode.resources import default_codebook_path
from qualcode.settings import Charter, Settings
from qualcode.workflow import study as module
from qualcode.workflow.study import Study, create_study, is_unfinished

BOOK = "schema: 1\nname: Mine\ncodes:\n  # my remark\n  - {id: joy, name: Joy, family: emotion}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "study"
    path.mkdir()
    return path


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def make(folder: Path, codebook: Path | None = None) -> None:
    create_study(folder, name="Mine", charter=Charter(), codebook=codebook).close()


def test_the_folders_own_codebook_is_kept_as_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "codebook.yaml", BOOK)
    monkeypatch.chdir(folder)
    make(Path("."), Path("codebook.yaml"))
    assert (folder / "codebook.yaml").read_text(encoding="utf-8") == BOOK


def test_a_table_in_the_folder_becomes_its_codebook(folder: Path) -> None:
    make(folder, write(folder / "book.csv", "id,name\nlate,Late\n"))
    assert [code.id for code in load_codebook(folder / "codebook.yaml").codes] == ["late"]


@pytest.mark.parametrize("given", [False, True])
def test_a_codebook_that_is_not_the_one_given_is_never_overwritten(
    tmp_path: Path, folder: Path, given: bool
) -> None:
    write(folder / "codebook.yaml", BOOK)
    other = write(tmp_path / "other.yaml", BOOK.replace("Joy", "Delight"))
    with pytest.raises(StudyError) as caught:
        make(folder, other if given else None)
    assert f"--codebook {folder / 'codebook.yaml'}" in str(caught.value.hint)
    assert (folder / "codebook.yaml").read_text(encoding="utf-8") == BOOK
    assert [path.name for path in folder.iterdir()] == ["codebook.yaml"]


def test_a_database_with_sources_is_not_taken_for_a_new_study(tmp_path: Path, folder: Path) -> None:
    from qualcode.workflow.ingest import ingest

    make(folder)
    with Study(folder) as study:
        ingest(study, [write(tmp_path / "talk.txt", "Ada: I waited for three weeks.\n")])
    (folder / "study.toml").unlink()
    with pytest.raises(StudyError, match=r"without its study\.toml"):
        make(folder)


def test_other_files_in_the_folder_are_left_alone(folder: Path) -> None:
    talk = write(folder / "talk.txt", "Ada: Hello.\n")
    make(folder)
    assert talk.read_text(encoding="utf-8") == "Ada: Hello.\n"


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="cannot be made: File exists"):
        make(write(tmp_path / "study", "x"))


@pytest.mark.parametrize("step", ["codebook.yaml", "study.toml"])
@pytest.mark.parametrize("again", ["default", "another"])
def test_what_a_stopped_call_left_is_unfinished_and_made_anew(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, again: str
) -> None:
    whole = module.write_atomically

    def stops(path: Path, content: str | bytes) -> None:
        if path.name == step:
            write(path.with_name(f".{path.name}.4711.part"), "half")
            raise KeyboardInterrupt
        whole(path, content)

    monkeypatch.setattr(module, "write_atomically", stops)
    with pytest.raises(KeyboardInterrupt):
        make(folder)
    monkeypatch.undo()
    assert is_unfinished(folder)
    book = write(tmp_path / "book.yaml", BOOK) if again == "another" else default_codebook_path()
    make(folder, book)
    assert (folder / "codebook.yaml").read_bytes() == book.read_bytes()
    assert list(folder.glob(".*.part")) == []
    assert not is_unfinished(folder)


def test_a_folder_with_a_file_that_is_not_ours_is_not_unfinished(folder: Path) -> None:
    assert is_unfinished(folder)
    write(folder / "talk.part", "Ada: Hello.\n")
    assert not is_unfinished(folder)


def test_what_the_user_configured_is_in_effect_in_a_fresh_study(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        '[pseudonyms]\nenabled = false\nnames = ["Bartholomew"]\n'
        '[speakers]\ninterviewers = ["Hanna Berg"]\nparticipants = ["Bo"]\n'
        '[coding]\nfamilies = ["need"]\nseed = 7\n'
    )
    monkeypatch.setenv("QUALCODE_CONFIG", str(write(tmp_path / "config.toml", text)))
    make(folder)
    with Study(folder) as study:
        settings = study.settings
    assert settings.pseudonyms.names == ("Bartholomew",)
    assert not settings.pseudonyms.enabled
    assert settings.speakers.interviewers == ("Hanna Berg",)
    assert settings.speakers.participants == ("Bo",)
    assert (settings.coding.families, settings.coding.seed) == (("need",), 7)


def test_the_lines_commented_out_in_study_toml_are_the_defaults(folder: Path) -> None:
    make(folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    shown, count = re.subn(r"^# (?=[a-z]+ = )", "", text, flags=re.MULTILINE)
    values = tomllib.loads(shown)
    sections = ("pseudonyms", "speakers", "coding")
    assert count == 6
    found = Settings.model_validate({name: values[name] for name in sections})
    assert found == Settings()
    assert {name: set(values[name]) for name in sections} == {
        name: set(type(getattr(found, name)).model_fields) for name in sections
    }
