"""What is said about an installation, whatever state it is in."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from qualcode.coders.local import weights
from qualcode.errors import SettingsError
from qualcode.settings import user_config_path
from qualcode.workflow import doctor
from qualcode.workflow.doctor import State

GIGA = 1_000_000_000


def write_settings(text: str) -> None:
    path = user_config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def test_this_installation_is_in_order(tmp_path: Path) -> None:
    found = doctor.installation(tmp_path)
    assert [check for check in found if check.state is State.BROKEN] == []


def test_everything_that_is_not_in_order_says_what_to_do(tmp_path: Path) -> None:
    found = [
        doctor.check_python((3, 10, 1)),
        doctor.check_sqlite((3, 8, 0)),
        doctor.check_packages(["numpy"], lambda name: None),
        doctor.check_packages([], lambda name: None),
        *doctor.check_disk({tmp_path}, lambda path: 0),
        doctor.check_encodings("ascii", "ANSI_X3.4-1968"),
    ]
    assert [check.name for check in found if check.state is State.OK or not check.todo] == []


@pytest.mark.parametrize(
    ("version", "state"), [((3, 10, 9), State.BROKEN), ((3, 11, 0), State.OK), ((4, 0), State.OK)]
)
def test_the_oldest_python_that_will_do_is_3_11(version: tuple[int, ...], state: State) -> None:
    assert doctor.check_python(version).state is state


@pytest.mark.parametrize(("version", "noted"), [((3, 51, 2), True), ((3, 51, 3), False)])
def test_sqlite_before_3_51_3_gets_a_word_on_its_log(
    version: tuple[int, int, int], noted: bool
) -> None:
    check = doctor.check_sqlite(version)
    assert ("can damage a database" in check.told, check.state) == (noted, State.OK)


def test_missing_packages_are_named() -> None:
    check = doctor.check_packages(["numpy", "scipy"], {"numpy": "2"}.get)
    assert (check.state, check.told) == (State.BROKEN, "missing: scipy")


def test_an_optional_package_that_is_missing_is_no_fault_and_how_to_get_it_is_told() -> None:
    check, _ = doctor.check_extras(lambda name: None)
    assert (check.state, "pip install 'qualcode[anthropic]'" in check.todo) == (State.OK, True)


def test_a_package_that_is_there_is_told_with_its_version() -> None:
    assert doctor.check_extras(lambda name: "1.2.3")[1].told.startswith("1.2.3")


def test_a_changed_file_of_the_embedded_model_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(Path(str(files(weights))), folder)
    (folder / "odds.json").write_bytes(b"{}")
    altered = weights.Weights(folder)
    monkeypatch.setattr(weights, "Weights", lambda: altered)
    check = doctor.check_embedded_model()
    assert check.state is State.BROKEN
    assert "odds.json is not the file that was built" in check.told


def test_a_runtime_that_cannot_be_loaded_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    check = doctor.check_embedded_model()
    assert (check.state, "cannot be loaded" in check.told) == (State.BROKEN, True)


def test_a_misspelt_setting_of_the_user_is_told_with_its_line() -> None:
    write_settings('[llm]\nmodle = "x"\n')
    check = doctor.check_settings()
    assert check.state is State.BROKEN
    assert "config.toml:2" in check.told


def test_outside_of_a_study_the_users_own_settings_hold() -> None:
    write_settings('[llm]\nmodel = "ollama:m"\nbase_url = "http://127.0.0.1:1"\n')
    held = doctor.settings_outside().llm
    assert (held.model, held.base_url) == ("ollama:m", "http://127.0.0.1:1")


def test_outside_of_a_study_the_environment_goes_before_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_settings('[llm]\nmodel = "ollama:m"\n')
    monkeypatch.setenv("QUALCODE_LLM_MODEL", "ollama:other")
    assert doctor.settings_outside().llm.model == "ollama:other"


def test_a_variable_that_names_no_setting_is_an_error_outside_of_a_study_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUALCODE_LLM_MODLE", "x")
    with pytest.raises(SettingsError):
        doctor.settings_outside()


def test_a_data_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    check = doctor.check_data_folder(tmp_path / "a" / "b")
    assert (check.state, list(tmp_path.iterdir())) == (State.OK, [])


def test_looking_at_a_data_folder_leaves_nothing_in_it(tmp_path: Path) -> None:
    doctor.check_data_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs a user whom rights bind"
)
def test_a_data_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert doctor.check_data_folder(tmp_path).state is State.BROKEN


def test_a_data_folder_whose_writing_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    check = doctor.check_data_folder(tmp_path)
    assert (check.state, check.told) == (
        State.BROKEN,
        f"{tmp_path} cannot be written: Permission denied",
    )


@pytest.mark.parametrize(
    ("free", "state"),
    [(2 * GIGA, State.OK), (GIGA // 2, State.NOTE), (GIGA // 20, State.BROKEN)],
)
def test_a_disk_is_judged_by_its_room(tmp_path: Path, free: int, state: State) -> None:
    (check,) = doctor.check_disk({tmp_path}, lambda path: free)
    assert check.state is state


def test_folders_of_two_disks_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    found = doctor.check_disk(
        {tmp_path, tmp_path / "full"}, lambda path: 0 if path.name == "full" else GIGA
    )
    assert {check.state for check in found} == {State.OK, State.BROKEN}


@pytest.mark.parametrize("name", ["utf-8", "UTF-8", "utf8", "cp65001"])
def test_every_name_of_utf_8_will_do(name: str) -> None:
    assert doctor.check_encodings(name, name).todo == ""
