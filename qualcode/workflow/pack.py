"""Put a study into one file for handing on; `unpack.py` takes one out.

A pack is a zip archive of four members: a manifest with their sizes and hashes, the settings, the
codebook and the database. It holds no pseudonym key, no originals, no vectors, no search index.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from qualcode import __version__
from qualcode.errors import UsageError
from qualcode.store.packing import copy_for_handing_on
from qualcode.workflow.outputs import note_output
from qualcode.workflow.study import Study

__all__ = ["CHUNK", "FORMAT", "MANIFEST", "MOST_BYTES", "REGULAR", "VERSION", "Packed", "pack"]

MANIFEST = "manifest.json"
FORMAT = "qualcode study"
VERSION = 1
MOST_BYTES: Mapping[str, int] = {
    MANIFEST: 64 << 10,
    "study.toml": 1 << 20,
    "codebook.yaml": 16 << 20,
    "qualcode.db": 4 << 30,
}
"""The members of a pack, in their order, and how large each may be."""
CHUNK = 1 << 20
REGULAR = 0o100000
"""How a zip archive says that a member is a plain file."""
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


def pack(study: Study, out: Path) -> Packed:
    """Write the study into one file, without the key, originals, vectors and search index.

    Names that `study.toml` lists are left out too, and so is what was taken out of the study.

    Raises:
        UsageError: The file cannot be written, or the study is too large to be unpacked.
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
    note_output(study, out)
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
        if size > MOST_BYTES[name]:
            raise UsageError(
                f"{name} is larger than {MOST_BYTES[name]:,} bytes, which nobody could unpack",
                hint="take out of it what is not needed; the study's folder can be copied as it is",
            )
        listed[name] = {"sha256": digest.hexdigest(), "bytes": size}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "qualcode": __version__,
        "members": listed,
    }
    told = json.dumps(manifest, indent=1, sort_keys=True).encode("utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as packed:
        for name, content in {MANIFEST: told, **members}.items():
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (REGULAR | 0o644) << 16
            with packed.open(info, "w", force_zip64=isinstance(content, Path)) as file:
                for chunk in _chunks(content):
                    file.write(chunk)


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
