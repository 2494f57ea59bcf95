"""Put a study into one file for handing on, and take one out of a file, maybe a stranger's.

A pack is a zip archive of four members: a manifest with their sizes and hashes, the settings, the
codebook and the database. It holds no pseudonym key, no originals, no vectors, no search index.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qualcode import __version__
from qualcode.codebook import load_codebook
from qualcode.errors import SourceError, StoreError, StudyError, UsageError
from qualcode.settings import Settings, data_home, load_settings
from qualcode.store.packing import copy_for_handing_on, refuse_unfit
from qualcode.workflow.study import Study

__all__ = ["Packed", "Unpacked", "pack", "unpack"]

_MANIFEST = "manifest.json"
_FORMAT = "qualcode study"
_VERSION = 1
_MOST_BYTES: Mapping[str, int] = {
    _MANIFEST: 64 << 10,
    "study.toml": 1 << 20,
    "codebook.yaml": 16 << 20,
    "qualcode.db": 4 << 30,
}
"""The members of a pack, in their order, and how large each may be."""
_MOST_RATIO = 200
"""A member may be so many times larger than what is packed of it, from a megabyte on."""
_PLAIN_ID = re.compile(r"\w[\w .-]{0,79}")
_CHUNK = 1 << 20
_SYMLINK, _REGULAR = 0o120000, 0o100000
_EARLIEST = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Packed:
    """Say what was packed.

    Attributes:
        n_names: Names in `study.toml` that the pack does not hold.
        n_removed: Sources that were taken out of the study, which the pack cannot bring back.
    """

    path: Path
    n_bytes: int
    n_names: int
    n_removed: int


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Say what was unpacked, and with which version of qualcode it was packed."""

    path: Path
    name: str
    version: str


def pack(study: Study, out: Path) -> Packed:
    """Write the study into one file, without the key, originals, vectors and search index.

    Names that `study.toml` lists are left out too, and so is what was taken out of the study.

    Raises:
        UsageError: The file cannot be written.
        StudyError: Another process is reading files or masking names here.
    """
    settings, n_names = _without_names((study.path / "study.toml").read_text(encoding="utf-8-sig"))
    with study.exclusive():
        n_removed = len(study.repository.removals.all())
        try:
            with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=".pack-") as folder:
                database = Path(folder) / "qualcode.db"
                copy_for_handing_on(study.path / "qualcode.db", database)
                members: dict[str, bytes | Path] = {
                    "study.toml": settings.encode("utf-8"),
                    "codebook.yaml": (study.path / "codebook.yaml").read_bytes(),
                    "qualcode.db": database,
                }
                beside = Path(folder) / "whole"
                _write(beside, members)
                beside.replace(out)
        except OSError as error:
            raise UsageError(
                f"{out}: cannot be written: {error.strerror or error}",
                hint="name a folder that exists, with space and permission to write",
            ) from error
    return Packed(out, out.stat().st_size, n_names, n_removed)


def _without_names(text: str) -> tuple[str, int]:
    import tomlkit

    document = tomlkit.parse(text)
    n_names = 0
    for section, key in (
        ("pseudonyms", "names"),
        ("speakers", "interviewers"),
        ("speakers", "participants"),
    ):
        held = document.get(section, {})
        if held.get(key):
            n_names += len(held[key])
            held[key] = []
    return tomlkit.dumps(document), n_names


def _write(path: Path, members: Mapping[str, bytes | Path]) -> None:
    listed = {}
    for name, content in members.items():
        digest, size = hashlib.sha256(), 0
        for chunk in _chunks(content):
            digest.update(chunk)
            size += len(chunk)
        listed[name] = {"sha256": digest.hexdigest(), "bytes": size}
    manifest = {
        "format": _FORMAT,
        "version": _VERSION,
        "qualcode": __version__,
        "members": listed,
    }
    told = json.dumps(manifest, indent=1, sort_keys=True).encode("utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as packed:
        for name, content in {_MANIFEST: told, **members}.items():
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (_REGULAR | 0o644) << 16
            with packed.open(info, "w", force_zip64=isinstance(content, Path)) as file:
                for chunk in _chunks(content):
                    file.write(chunk)


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


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
            told = _read(path, packed, infos[_MANIFEST])
            manifest = _manifest(path, told)
            for name in list(_MOST_BYTES)[1:]:
                _copy(path, packed, infos[name], folder / name, manifest["members"][name])
            return str(manifest["qualcode"])
    except OSError as error:
        raise SourceError(f"{path}: cannot be opened: {error.strerror or error}") from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise SourceError(f"{path}: not a pack, or a broken one", hint=_AGAIN) from error


_AGAIN = "ask for it again; qualcode pack writes one"


def _refuse_odd_members(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    names = [info.filename for info in infos]
    if len(infos) > len(_MOST_BYTES) or sorted(names) != sorted(_MOST_BYTES):
        odd = next((n for n in names if n not in _MOST_BYTES), "") or f"{len(names)} members"
        raise SourceError(
            f"{path}: not a pack: holds {odd[:80]!r}, and not just {', '.join(_MOST_BYTES)}",
            hint=_AGAIN,
        )
    for info in infos:
        kind = (info.external_attr >> 16) & 0o170000
        if info.flag_bits & 0x1:
            why = "is encrypted"
        elif kind not in (0, _REGULAR):
            why = "is a link" if kind == _SYMLINK else "is no plain file"
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            why = "is packed in a way that packs are not"
        elif info.file_size > _MOST_BYTES[info.filename]:
            why = f"is larger than {_MOST_BYTES[info.filename]:,} bytes"
        elif info.file_size > max(_CHUNK, info.compress_size * _MOST_RATIO):
            why = "unpacks to more than a file of its size can hold"
        else:
            continue
        raise SourceError(f"{path}: {info.filename} {why}", hint=_AGAIN)


def _read(path: Path, packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with packed.open(info) as file:
        held = file.read(_MOST_BYTES[info.filename] + 1)
    if len(held) > _MOST_BYTES[info.filename]:
        raise SourceError(f"{path}: {info.filename} is larger than it says", hint=_AGAIN)
    return held


def _manifest(path: Path, told: bytes) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(told)
    is_ours = isinstance(manifest, dict) and manifest.get("format") == _FORMAT
    if not is_ours or not isinstance(manifest.get("members"), dict):
        raise SourceError(f"{path}: not a pack of qualcode", hint=_AGAIN)
    if manifest.get("version") != _VERSION:
        raise SourceError(
            f"{path}: written by a newer qualcode", hint="pip install --upgrade qualcode"
        )
    if sorted(manifest["members"]) != sorted(list(_MOST_BYTES)[1:]):
        raise SourceError(f"{path}: its manifest is not that of a pack", hint=_AGAIN)
    return manifest


def _copy(
    path: Path, packed: zipfile.ZipFile, info: zipfile.ZipInfo, to: Path, told: object
) -> None:
    """Write one member, never more than it says, and compare it with the manifest."""
    digest, size = hashlib.sha256(), 0
    with packed.open(info) as file, to.open("xb") as written:
        while chunk := file.read(_CHUNK):
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
    identity = settings.study.id
    if not _PLAIN_ID.fullmatch(identity):  # it names a folder
        raise SourceError(f"{path}: study.toml: the study's id is no plain word", hint=_AGAIN)
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
