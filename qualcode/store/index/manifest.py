"""What an index was built from, signed with the study's private key."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

__all__ = [
    "CHROMA",
    "MANIFEST",
    "IndexDoubt",
    "Manifest",
    "chromadb_version",
    "digest_of",
    "hashed_files",
    "read_manifest",
    "refuse_unfit",
]

MANIFEST = "manifest.json"
CHROMA = "chroma"
_MAX_MANIFEST_BYTES = 1_000_000


class IndexDoubt(Exception):
    """The index cannot be used; `str` says why in a few words."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Say what an index was built from.

    Attributes:
        keys_sha256: Of the sorted text keys; a row's number is its key's place among them.
        chromadb: Version that wrote it.
        files: Path within `chroma/` to size and SHA-256.
        signature: HMAC-SHA256 of all the rest with the study's private key.
    """

    model: str
    dimension: int
    n_rows: int
    keys_sha256: str
    chromadb: str
    built_at: str
    files: Mapping[str, tuple[int, str]]
    signature: str = ""

    def signed(self, secret: bytes) -> Manifest:
        told = json.dumps(asdict(replace(self, signature="")), sort_keys=True)
        return replace(self, signature=hmac.new(secret, told.encode("utf-8"), "sha256").hexdigest())


def read_manifest(built: Path, secret: bytes | None) -> Manifest:
    """Read a manifest that we signed; one that we did not is not trusted in anything."""
    path = built / MANIFEST
    try:
        if path.stat().st_size > _MAX_MANIFEST_BYTES:
            raise ValueError("too large")
        values = json.loads(path.read_text(encoding="utf-8"))
        files = {name: (size, digest) for name, (size, digest) in values.pop("files").items()}
        manifest = Manifest(files=files, **values)
        expected = manifest.signed(secret or b"").signature
        is_ours = secret is not None and hmac.compare_digest(manifest.signature, expected)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise IndexDoubt("its manifest cannot be read") from error
    if not is_ours:
        raise IndexDoubt("it was not built here, or was changed since")
    return manifest


def refuse_unfit(manifest: Manifest, built: Path, keys: Sequence[str], model: str) -> None:
    if manifest.model != model:
        raise IndexDoubt("it is of another model")
    if manifest.chromadb != chromadb_version():
        raise IndexDoubt("it was built by another version of chromadb")
    if (manifest.n_rows, manifest.keys_sha256) != (len(keys), digest_of(keys)):
        raise IndexDoubt("the texts have changed since it was built")
    try:
        found = hashed_files(built / CHROMA)
    except OSError as error:
        raise IndexDoubt("it cannot be read") from error
    if found != manifest.files:
        raise IndexDoubt("its files are damaged")


def chromadb_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("chromadb")
    except PackageNotFoundError as error:
        raise IndexDoubt("chromadb is not installed") from error


def digest_of(keys: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(keys).encode("ascii")).hexdigest()


def hashed_files(folder: Path) -> dict[str, tuple[int, str]]:
    """Return path within the folder to size and hash of every file; links are no files of ours."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise IndexDoubt("its files are damaged")
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[path.relative_to(folder).as_posix()] = (path.stat().st_size, digest)
    return found
