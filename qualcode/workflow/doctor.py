"""Look whether this installation can work, and say what to do where it cannot."""

from __future__ import annotations

import locale
import platform
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from qualcode.errors import QualcodeError
from qualcode.settings import Settings, data_home, load_settings, user_config_path

__all__ = [
    "Check",
    "State",
    "check_data_folder",
    "check_disk",
    "check_embedded_model",
    "check_encodings",
    "check_extras",
    "check_packages",
    "check_python",
    "check_settings",
    "check_sqlite",
    "installation",
    "settings_outside",
]

_PYTHON = (3, 11)
_SQLITE = (3, 24, 0)  # ON CONFLICT DO NOTHING
_WAL_FIXED = (3, 51, 3)
_PACKAGE = "qualcode"
_EXTRAS = {"langchain-anthropic": "anthropic", "langchain-ollama": "ollama"}
_MEGA = 1_000_000
_TOO_LITTLE, _LITTLE = 100 * _MEGA, 1_000 * _MEGA


class State(StrEnum):
    """Say how grave a finding is."""

    OK = "ok"
    NOTE = "note"
    """It works, and there is something to know."""
    BROKEN = "broken"
    """Something needed does not work."""


@dataclass(frozen=True, slots=True)
class Check:
    """Hold what was found about one thing.

    Attributes:
        name: What was looked at, one or two words.
        told: What was found, one line.
        todo: What to do about it, empty where nothing is to be done.
    """

    name: str
    state: State
    told: str
    todo: str = ""


def installation(folder: Path) -> tuple[Check, ...]:
    """Look at everything that commands need but a study; takes about a second.

    Args:
        folder: Where studies are worked on; its disk is looked at.
    """
    return (
        check_python(sys.version_info[:3]),
        check_sqlite(sqlite3.sqlite_version_info),
        check_packages(_needed(), _installed),
        *check_extras(_installed),
        check_embedded_model(),
        check_settings(),
        check_data_folder(data_home()),
        *check_disk({folder, data_home()}),
        check_encodings(sys.getfilesystemencoding(), locale.getencoding()),
    )


def settings_outside() -> Settings:
    """Return the settings that hold outside of a study: the user's file and the environment.

    Raises:
        SettingsError: One of them cannot be read or names what is no setting.
    """
    return load_settings(None)


def check_python(version: Sequence[int]) -> Check:
    """Look at Python's version."""
    said = f"{_dotted(version)}, {platform.system() or sys.platform} {platform.machine()}"
    if tuple(version[:2]) >= _PYTHON:
        return Check("Python", State.OK, said)
    return Check("Python", State.BROKEN, said, f"install Python {_dotted(_PYTHON)} or newer")


def check_sqlite(version: Sequence[int]) -> Check:
    """Look at the version of SQLite that Python links."""
    said = _dotted(version)
    if tuple(version) < _SQLITE:
        newer = f"use a Python that links SQLite {_dotted(_SQLITE)} or newer"
        return Check("SQLite", State.BROKEN, f"{said} is too old", newer)
    if tuple(version) < _WAL_FIXED:
        told = (
            f"{said}; before {_dotted(_WAL_FIXED)} two programs that write at once can damage a "
            "database. qualcode's own commands take turns by a lock file"
        )
        todo = "change no study's qualcode.db with other programs while qualcode runs"
        return Check("SQLite", State.OK, told, todo)
    return Check("SQLite", State.OK, said)


def check_packages(needed: Sequence[str], version_of: Callable[[str], str | None]) -> Check:
    """Look whether the packages that qualcode needs are installed.

    Args:
        needed: Their names; none where the installation does not say.
        version_of: A name to the version that is installed, None where none is.
    """
    missing = [name for name in needed if version_of(name) is None]
    if missing:
        todo = f"pip install {' '.join(missing)}, or install {_PACKAGE} anew"
        return Check("packages", State.BROKEN, f"missing: {', '.join(missing)}", todo)
    if not needed:
        told = "which ones are needed is not known: qualcode itself is not installed"
        return Check("packages", State.NOTE, told, "in a checkout: pip install -e .")
    return Check("packages", State.OK, f"all {len(needed)} needed ones are installed")


def check_extras(version_of: Callable[[str], str | None]) -> tuple[Check, ...]:
    """Look which optional packages are there; nothing needs them but their providers."""
    found = []
    for name, extra in _EXTRAS.items():
        version = version_of(name)
        if version is not None:
            found.append(Check(name, State.OK, f"{version}, for --model {extra}:NAME"))
            continue
        told = f"not installed; only --model {extra}:NAME needs it"
        found.append(Check(name, State.OK, told, f"pip install '{_PACKAGE}[{extra}]' to use it"))
    return tuple(found)


def check_embedded_model() -> Check:
    """Compare the embedded model's files with their hashes, and have it read a sentence."""
    from qualcode.coders.local.encoder import Encoder
    from qualcode.coders.local.weights import Weights

    name = "embedded model"
    try:
        weights = Weights()
        for file in weights.manifest["files"]:
            weights.load(file)
        encoder = Encoder(threads=1, weights=weights)
        length = float((encoder.encode(["It works."]) ** 2).sum()) ** 0.5
    except QualcodeError as error:
        return Check(name, State.BROKEN, error.message, error.hint or "")
    except (ImportError, OSError) as error:  # a library of the system that onnxruntime wants
        told = f"its runtime cannot be loaded ({type(error).__name__})"
        todo = "reinstall onnxruntime and tokenizers"
        if sys.platform == "win32":
            todo += ", and install Microsoft's Visual C++ Redistributable"
        return Check(name, State.BROKEN, told, todo)
    if abs(length - 1) > 1e-3:
        told = f"{encoder.model_id} gives vectors of length {length:.3f} instead of 1"
        return Check(name, State.BROKEN, told, "pip install --upgrade onnxruntime")
    return Check(name, State.OK, f"{encoder.model_id}, files as they were built, runs")


def check_settings() -> Check:
    """Read the user's own settings and those of the environment."""
    path = user_config_path()
    try:
        settings_outside()
    except QualcodeError as error:
        return Check("settings", State.BROKEN, error.message, error.hint or "mend it there")
    return Check("settings", State.OK, f"{path}" if path.is_file() else f"none at {path}")


def check_data_folder(path: Path) -> Check:
    """Look whether pseudonym keys and originals can be kept in the folder for them."""
    name = "data folder"
    there = _nearest(path)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        told = f"{there} cannot be written: {error.strerror or type(error).__name__}"
        todo = "allow it, or name another folder in QUALCODE_DATA_HOME"
        return Check(name, State.BROKEN, told, todo)
    if there != path:
        return Check(name, State.OK, f"{path} will be made when it is needed")
    return Check(name, State.OK, f"{path}")


def check_disk(
    folders: set[Path], free_of: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
) -> tuple[Check, ...]:
    """Look how much room there is; one finding for folders with as much, as those of one disk.

    Args:
        folders: Where something may be written; they need not be there yet.
        free_of: A folder that is there to its free bytes.
    """
    by_room: dict[int, Path] = {}
    for folder in sorted(folders):
        there = _nearest(folder)
        by_room.setdefault(free_of(there) // _MEGA * _MEGA, there)
    found = []
    for free, there in by_room.items():
        state = State.OK if free >= _LITTLE else State.NOTE if free >= _TOO_LITTLE else State.BROKEN
        todo = "" if state is State.OK else "make room: nothing can be saved on a full disk"
        found.append(Check("free disk", state, f"{free / 1e9:,.1f} GB at {there}", todo))
    return tuple(found)


def check_encodings(file_names: str, texts: str) -> Check:
    """Look how the system writes file names and texts.

    Args:
        file_names: Python's name of the encoding of file names.
        texts: That of the user's locale.
    """
    told = f"file names {file_names}, locale {texts}"
    if not _is_utf8(file_names):
        return Check(
            "encoding",
            State.NOTE,
            f"{told}: names with letters such as ü may not be found",
            "set PYTHONUTF8=1, or LANG=C.UTF-8",
        )
    if not _is_utf8(texts):
        told += "; qualcode reads and writes UTF-8 all the same"
        todo = "if umlauts look wrong here: " + (
            "chcp 65001" if sys.platform == "win32" else "LANG=C.UTF-8"
        )
        return Check("encoding", State.OK, told, todo)
    return Check("encoding", State.OK, told)


def _is_utf8(name: str) -> bool:
    return name.lower().replace("-", "").replace("_", "") in ("utf8", "cp65001")


def _needed() -> tuple[str, ...]:
    try:
        requirements = metadata.requires(_PACKAGE) or ()
    except metadata.PackageNotFoundError:
        return ()
    names = (re.match(r"[\w.\-]+", each) for each in requirements if ";" not in each)
    return tuple(name[0] for name in names if name)


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _nearest(path: Path) -> Path:
    """Return the folder itself, or the nearest one above it that is there."""
    path = path.absolute()
    return next((each for each in (path, *path.parents) if each.is_dir()), Path(path.anchor))


def _dotted(version: Sequence[int]) -> str:
    return ".".join(str(part) for part in version)
