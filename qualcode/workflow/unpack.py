"""Take a study out of a pack, maybe a stranger's; `pack.py` writes one and says what is in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qualcode.codebook import load_codebook
from qualcode.errors import CodebookError, SettingsError, SourceError, StoreError, StudyError
from qualcode.settings import Settings, data_home, load_settings
from qualcode.store.packing import refuse_unfit
from qualcode.workflow.pack import CHUNK, FORMAT, MANIFEST, MOST_BYTES, REGULAR, VERSION
from qualcode.workflow.study import Study, refuse_unfit_id

__all__ = ["Unpacked", "unpack"]

_MOST_RATIO = 200
"""A member may be so many times larger than what is packed of it, from a megabyte on."""
_AGAIN = "ask for it again; qualcode pack writes one"
_SYMLINK = 0o120000


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Say what was unpacked, and with which version of qualcode it was packed."""

    path: Path
    name: str
    version: str


def unpack(packed: Path, to: Path, *, is_own: bool = False) -> Unpacked:
    """Make a study's folder from a pack, after looking at it as at a stranger's file.

    Args:
        packed: The file.
        to: The folder to make; one that exists has to be empty.
        is_own: Whether it is the person's own study come back: it then uses the pseudonym key that
            this computer keeps for the study with this id.

    Raises:
        SourceError: The file is no pack, or one that would hurt; nothing is made then.
        StoreError: Its database is foreign, damaged or newer.
        StudyError: The folder is in use, or this computer keeps the key of a study with this id.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise StudyError(f"{to}: is there already and not empty", hint="name a new folder")
    try:
        to.absolute().parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=to.absolute().parent, prefix=".unpack-"))
    except OSError as error:
        raise StudyError(f"{to}: cannot be made: {error.strerror or error}") from error
    try:
        version = _take_out(packed, beside)
        settings = _refuse_unfit(packed, beside)
        _refuse_other_key(settings, packed, is_own=is_own)
        if to.exists():
            to.rmdir()
        beside.replace(to)
    except OSError as error:
        raise StudyError(f"{to}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Unpacked(to, settings.study.name, version)


def _take_out(path: Path, folder: Path) -> str:
    """Write the members into a folder; return the version that packed them."""
    try:
        with zipfile.ZipFile(path) as packed:
            infos = {info.filename: info for info in packed.infolist()}
            _refuse_odd_members(path, packed.infolist())
            told = _read(path, packed, infos[MANIFEST])
            manifest = _manifest(path, told)
            for name in list(MOST_BYTES)[1:]:
                _copy(path, packed, infos[name], folder / name, manifest["members"][name])
            return str(manifest["qualcode"])
    except OSError as error:
        raise SourceError(f"{path}: cannot be opened: {error.strerror or error}") from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise SourceError(f"{path}: not a pack, or a broken one", hint=_AGAIN) from error


def _refuse_odd_members(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    names = [info.filename for info in infos]
    if len(infos) > len(MOST_BYTES) or sorted(names) != sorted(MOST_BYTES):
        odd = next((n for n in names if n not in MOST_BYTES), "") or f"{len(names)} members"
        raise SourceError(
            f"{path}: not a pack: holds {odd[:80]!r}, and not just {', '.join(MOST_BYTES)}",
            hint=_AGAIN,
        )
    for info in infos:
        kind = (info.external_attr >> 16) & 0o170000
        if info.flag_bits & 0x1:
            why = "is encrypted"
        elif kind not in (0, REGULAR):
            why = "is a link" if kind == _SYMLINK else "is no plain file"
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            why = "is packed in a way that packs are not"
        elif info.file_size > MOST_BYTES[info.filename]:
            why = f"is larger than {MOST_BYTES[info.filename]:,} bytes"
        elif info.file_size > max(CHUNK, info.compress_size * _MOST_RATIO):
            why = "unpacks to more than a file of its size can hold"
        else:
            continue
        raise SourceError(f"{path}: {info.filename} {why}", hint=_AGAIN)


def _read(path: Path, packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with packed.open(info) as file:
        held = file.read(MOST_BYTES[info.filename] + 1)
    if len(held) > MOST_BYTES[info.filename]:
        raise SourceError(f"{path}: {info.filename} is larger than it says", hint=_AGAIN)
    return held


def _manifest(path: Path, told: bytes) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(told)
    is_ours = isinstance(manifest, dict) and manifest.get("format") == FORMAT
    if not is_ours or not isinstance(manifest.get("members"), dict):
        raise SourceError(f"{path}: not a pack of qualcode", hint=_AGAIN)
    if manifest.get("version") != VERSION:
        raise SourceError(
            f"{path}: written by a newer qualcode", hint="pip install --upgrade qualcode"
        )
    if sorted(manifest["members"]) != sorted(list(MOST_BYTES)[1:]):
        raise SourceError(f"{path}: its manifest is not that of a pack", hint=_AGAIN)
    return manifest


def _copy(
    path: Path, packed: zipfile.ZipFile, info: zipfile.ZipInfo, to: Path, told: object
) -> None:
    """Write one member, never more than it says, and compare it with the manifest."""
    digest, size = hashlib.sha256(), 0
    with packed.open(info) as file, to.open("xb") as written:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > info.file_size:
                raise SourceError(f"{path}: {info.filename} is larger than it says", hint=_AGAIN)
            digest.update(chunk)
            written.write(chunk)
        written.flush()
        os.fsync(written.fileno())
    if told != {"sha256": digest.hexdigest(), "bytes": size}:
        raise SourceError(f"{path}: {info.filename} is not what was packed", hint=_AGAIN)


def _refuse_unfit(path: Path, folder: Path) -> Settings:
    """Look at settings, codebook and database before anything trusts them."""
    refuse_unfit(folder / "qualcode.db", f"{path}: qualcode.db")
    try:
        settings = load_settings(folder / "study.toml")
        load_codebook(folder / "codebook.yaml")
    except (RecursionError, MemoryError) as error:
        raise SourceError(f"{path}: its settings or codebook cannot be read") from error
    except (SettingsError, CodebookError) as error:
        if str(folder) not in error.message:
            raise  # the user's own file
        # The folder that it names is gone when somebody reads this.
        told = error.message.replace(f"{folder}{os.sep}", "")
        raise SourceError(f"{path}: {told}", hint=error.hint) from error
    refuse_unfit_id(settings.study.id, f"{path}: study.toml")
    with Study(folder) as study:  # migrates an older one, and finds what reading would trip over
        try:
            study.repository.corpus()
            study.repository.review_events.all()
            study.repository.decisions.all()
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise StoreError(f"{path}: qualcode.db: holds rows that cannot be read") from error
    return settings


def _refuse_other_key(settings: Settings, path: Path, *, is_own: bool) -> None:
    """Refuse that a stranger's study gets at the key that is kept for one of this person's."""
    kept = data_home() / "studies" / settings.study.id
    if kept.exists() and not is_own:
        raise StudyError(
            f"{path}: this computer keeps the pseudonym key of a study with the same id",
            hint="if it is that study come back, add --own: it will use that key; "
            "if not, do not unpack it",
        )
