"""Settings of a study: the charter and how steps behave.

A value comes from the first place that has it: flag (the command passes it on), environment
`QUALCODE_<SECTION>_<KEY>`, `study.toml`, the user's `config.toml`, the default. A misspelt key is
an error, never ignored.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qualcode.errors import SettingsError

__all__ = ["Charter", "Settings", "data_home", "load_settings", "user_config_path"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class StudySection(_Section):
    name: str = "Untitled study"
    id: str = ""
    schema_version: Literal[1] = 1


class Charter(_Section):
    """What the map is for; shown in its head (PRACTICES 10, 34–38)."""

    purpose: str = ""
    decision: str = ""
    success_measures: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    scope: str = ""
    participants: str = ""


class PseudonymSection(_Section):
    enabled: bool = True
    names: tuple[str, ...] = ()


class SpeakerSection(_Section):
    interviewers: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()


class CodingSection(_Section):
    """Thresholds of the embedded coder, as shares of 1."""

    families: tuple[str, ...] = ()
    seed: Annotated[int, Field(ge=0)] = 20260101


class PersonSection(_Section):
    """Who works here: stands beside every decision. Belongs in the user's own file."""

    name: str = ""


class SurveyProfile(_Section):
    """Which columns of a table hold what; kept so that the next wave is read the same way."""

    id_col: str | None = None
    text_cols: tuple[str, ...] = ()
    attr_cols: tuple[str, ...] = ()
    participant_col: str | None = None


class Settings(_Section):
    study: StudySection = StudySection()
    charter: Charter = Charter()
    pseudonyms: PseudonymSection = PseudonymSection()
    speakers: SpeakerSection = SpeakerSection()
    coding: CodingSection = CodingSection()
    person: PersonSection = PersonSection()
    surveys: dict[str, SurveyProfile] = {}


def data_home() -> Path:
    """Return the folder for what must lie outside a study: pseudonym keys and originals' text.

    `QUALCODE_DATA_HOME` names another one.
    """
    import platformdirs

    named = os.environ.get("QUALCODE_DATA_HOME")
    return Path(named) if named else Path(platformdirs.user_data_path("qualcode", appauthor=False))


def user_config_path() -> Path:
    import platformdirs

    named = os.environ.get("QUALCODE_CONFIG")
    if named:
        return Path(named)
    return Path(platformdirs.user_config_path("qualcode", appauthor=False)) / "config.toml"


def load_settings(study_toml: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a study with the user's file and the environment over the defaults.

    Raises:
        SettingsError: A file is not TOML, or a key is unknown or has an impossible value; the
            message names file and line.
    """
    merged: dict[str, Any] = {}
    user = user_config_path()
    for path in (user, study_toml):
        if path == user and not path.is_file():
            continue
        values = _read_toml(path)
        _validated(values, path)
        _merge(merged, values)
    _merge(merged, _from_environment(os.environ if environment is None else environment))
    return _validated(merged, None)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML: {error}") from error


def _validated(values: Mapping[str, Any], path: Path | None) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            key = ".".join(str(part) for part in problem["loc"])
            where = _place(path, str(problem["loc"][-1])) if path else "settings"
            what = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"]
            lines.append(f"{where}: {key}: {what}")
        raise SettingsError(
            "\n  ".join(lines), hint="keys and their meaning are in docs/settings.md"
        ) from error


def _place(path: Path, key: str) -> str:
    """Find the line of a key, near enough for a person to see it."""
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if line.split("=")[0].strip().strip("[]\"'").split(".")[-1] == key:
            return f"{path}:{number}"
    return str(path)


def _merge(into: dict[str, Any], values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = dict(value) if isinstance(value, Mapping) else value


_NOT_SETTINGS = ("QUALCODE_DATA_HOME", "QUALCODE_CONFIG", "QUALCODE_DEBUG")


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Read `QUALCODE_CODING_SEED=7`; lists are separated by `;`."""
    found: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith("QUALCODE_") or variable in _NOT_SETTINGS:
            continue
        section, _, key = variable.removeprefix("QUALCODE_").lower().partition("_")
        field = Settings.model_fields.get(section)
        known = getattr(field.annotation, "model_fields", {}) if field else {}
        if key not in known:
            raise SettingsError(f"environment variable {variable} names no setting")
        listed = "tuple" in str(known[key].annotation)
        value = [part.strip() for part in text.split(";") if part.strip()] if listed else text
        found.setdefault(section, {})[key] = value
    return found
