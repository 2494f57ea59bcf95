"""Settings of a study: the charter and how steps behave.

A value comes from the first place that has it: flag (the command passes it on), environment
`QUALCODE_<SECTION>_<KEY>`, `study.toml`, the user's `config.toml`, the default. A misspelt key is
an error, never ignored.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qualcode.errors import SettingsError

__all__ = ["MAX_BYTES", "Charter", "Settings", "data_home", "load_settings", "user_config_path"]

MAX_BYTES = 512 << 10
"""Of a file of settings, which may come from somebody else; most of it is profiles of surveys."""
_LISTED_PROBLEMS = 20
_LONG = r""""{3}(?:(?!"{3})(?:\\[\s\S]?|[^\\]))*+"{0,5}|'{3}(?:(?!'{3})[\s\S])*+'{0,5}"""
_SHORT = r"""(?:"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?)"""
_PART = rf"(?:(?<![\w-])[\w-]++|{_SHORT})"
_DEEP_KEY = rf"{_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{30}}"
_TOKEN = re.compile(rf"{_LONG}|(?P<deep_key>{_DEEP_KEY})|{_SHORT}|#[^\n]*+")
"""Takes strings whole, for they may say what looks like a key. A key of many parts is none of
ours, and tomllib takes a time that grows with the square of their number."""


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
    """What is coded, and from which seed intervals and clusters are drawn."""

    families: tuple[str, ...] = ()
    seed: Annotated[int, Field(ge=0)] = 20260101


class LlmSection(_Section):
    """Which language model helps, and how much of it; nothing is asked before `--coder llm`.

    Attributes:
        model: PROVIDER:NAME, such as "openai:gpt-5-mini"; as `--model`.
        base_url: Of a server that is not the provider's own; as `--base-url`.
        key_variable: The environment variable that holds the key of such a server.
        allow_http: Whether texts may travel unencrypted to a machine of a private network.
        concurrency: Requests under way at once, at most.
        requests_per_minute: As the provider allows; None for as many as there are.
        tokens_per_minute: Likewise.
        timeout_seconds: For one attempt.
        deadline_seconds: For a request with all its attempts.
        max_output_tokens: A reply may be so long, thinking included; None for as each step reckons.
        context_tokens: What an Ollama server makes room for; None for what requests need.
        temperature: None for the provider's own.
        seed: For providers that take one; none promises to give the same again.
        budget_usd: A run spends no more; as `--budget`.
        prices: A table of prices of your own, in the form of qualcode/coders/llm/prices.toml.
    """

    model: str = ""
    base_url: str = ""
    key_variable: str = ""
    allow_http: bool = False
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None
    tokens_per_minute: Annotated[int, Field(ge=1)] | None = None
    timeout_seconds: Annotated[float, Field(gt=0)] = 60.0
    deadline_seconds: Annotated[float, Field(gt=0)] = 300.0
    max_output_tokens: Annotated[int, Field(ge=64)] | None = None
    context_tokens: Annotated[int, Field(ge=1024)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = 0.0
    seed: int | None = None
    budget_usd: Annotated[float, Field(ge=0)] | None = None
    prices: str = ""


class PersonSection(_Section):
    """Who works here: stands beside every decision. Belongs in the user's own file."""

    name: str = ""


class SurveyProfile(_Section):
    """Which columns of a table hold what; kept so that the next wave is read the same way.

    Attributes:
        id_col: Column with each row's own id.
        text_cols: Columns of open answers.
        attr_cols: Columns kept as attributes.
        participant_col: Who wrote the row, where that is another column than its id.
        drop_unfinished: Whether rows that the survey tool calls unfinished are left out.
        keep_previews: Whether rows that somebody tried the survey with are read.
        sheet: Of a workbook, where it is not the first one that is visible and not empty.
    """

    id_col: str | None = None
    text_cols: tuple[str, ...] = ()
    attr_cols: tuple[str, ...] = ()
    participant_col: str | None = None
    drop_unfinished: bool = False
    keep_previews: bool = False
    sheet: str | None = None

    def renamed(self, names: Mapping[str, str]) -> SurveyProfile:
        """Return the profile with other names for some columns."""

        def new(name: str | None) -> str | None:
            return name if name is None else names.get(name, name)

        return self.model_copy(
            update={
                "id_col": new(self.id_col),
                "text_cols": tuple(names.get(name, name) for name in self.text_cols),
                "attr_cols": tuple(names.get(name, name) for name in self.attr_cols),
                "participant_col": new(self.participant_col),
            }
        )


class Settings(_Section):
    study: StudySection = StudySection()
    charter: Charter = Charter()
    pseudonyms: PseudonymSection = PseudonymSection()
    speakers: SpeakerSection = SpeakerSection()
    coding: CodingSection = CodingSection()
    llm: LlmSection = LlmSection()
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


def load_settings(
    study_toml: Path | None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Read the settings of a study with the user's file and the environment over the defaults.

    Args:
        study_toml: None outside of a study.
        environment: The process's own when None.

    Raises:
        SettingsError: A file is not TOML, or a key is unknown or has an impossible value; the
            message names file and line.
    """
    merged: dict[str, Any] = {}
    user = user_config_path()
    for path in (user, study_toml):
        if path is None or (path == user and not path.is_file()):
            continue
        values = _read_toml(path)
        _validated(values, path)
        if path == study_toml:
            _refuse_addresses(values, path)
        _merge(merged, values)
    _merge(merged, _from_environment(os.environ if environment is None else environment))
    return _validated(merged, None)


_WHERE_TEXTS_GO = ("base_url", "key_variable", "allow_http", "prices")


def _refuse_addresses(values: Mapping[str, Any], path: Path) -> None:
    """Refuse that a study says where texts and keys go: it may come from somebody else.

    Raises:
        SettingsError: It does.
    """
    for key in _WHERE_TEXTS_GO:
        if key in values.get("llm", {}):
            raise SettingsError(
                f"{_place(path, key)}: llm.{key} cannot stand in a study: a study that somebody "
                "handed you must not say where your texts and keys go",
                hint=f"write it into {user_config_path()}, or give it with the command",
            )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise SettingsError(
                f"{path}: more than {MAX_BYTES >> 10} KB, which no settings need",
                hint="take out [surveys] of surveys that will not come again",
            )
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        if (deep := next((t for t in _TOKEN.finditer(text) if t["deep_key"]), None)) is not None:
            number = text.count("\n", 0, deep.start()) + 1
            raise SettingsError(f"{path}:{number}: not settings: a key of many parts")
        return tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise SettingsError(f"{path}: not settings: lists in lists without end") from error
    except ValueError as error:  # of TOML, of UTF-8, or of a number without end
        raise SettingsError(f"{path}: not TOML: {error}") from error


def _validated(values: Mapping[str, Any], path: Path | None) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        lines = []
        problems = error.errors()
        for problem in problems[:_LISTED_PROBLEMS]:
            key = ".".join(str(part) for part in problem["loc"])
            where = _place(path, str(problem["loc"][-1])) if path else "settings"
            what = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"]
            lines.append(f"{where}: {key}: {what}")
        if len(problems) > _LISTED_PROBLEMS:
            lines.append(f"and {len(problems) - _LISTED_PROBLEMS} more")
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
