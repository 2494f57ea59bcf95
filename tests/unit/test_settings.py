"""Settings: where a value comes from, and that a misspelt key is an error."""

from pathlib import Path

import pytest

from qualcode.errors import SettingsError
from qualcode.settings import load_settings


@pytest.fixture(autouse=True)
def no_user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "user.toml"
    monkeypatch.setenv("QUALCODE_CONFIG", str(path))
    return path


def study(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(study(tmp_path, ""), {})
    assert settings.pseudonyms.enabled
    assert settings.coding.seed == 20260101


def test_environment_beats_study_beats_user_file(tmp_path: Path, no_user_file: Path) -> None:
    text = '[coding]\nseed = 1\nfamilies = ["need"]\n[study]\nname = "User"\n'
    no_user_file.write_text(text, encoding="utf-8", newline="\n")
    path = study(tmp_path, "[coding]\nseed = 2\n")
    assert load_settings(path, {}).coding.seed == 2
    assert load_settings(path, {}).coding.families == ("need",)
    assert load_settings(path, {"QUALCODE_CODING_SEED": "3"}).coding.seed == 3


def test_a_list_in_the_environment_is_separated_by_semicolons(tmp_path: Path) -> None:
    settings = load_settings(study(tmp_path, ""), {"QUALCODE_PSEUDONYMS_NAMES": "Ada; Bo Li"})
    assert settings.pseudonyms.names == ("Ada", "Bo Li")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[pseudonyms]\nenabeld = true\n", "study.toml:2: pseudonyms.enabeld: unknown key"),
        ("[chartre]\n", "study.toml:1: chartre: unknown key"),
        ('[coding]\nseed = "x"\n', "study.toml:2: coding.seed"),
        ("[coding\n", "not TOML"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(study(tmp_path, text), {})
    assert told in str(caught.value)


def test_an_unknown_variable_of_ours_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="QUALCODE_CODING_SEDE"):
        load_settings(study(tmp_path, ""), {"QUALCODE_CODING_SEDE": "1"})
