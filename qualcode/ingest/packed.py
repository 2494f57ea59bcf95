"""Open zipped documents (DOCX, ODT) without trusting them."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath

from qualcode.errors import SourceError

__all__ = ["member_names", "open_packed", "read_member"]

_MAX_MEMBERS = 5_000
_MAX_BYTES = 200 * 1024 * 1024
_ENCRYPTED = 0x1


def member_names(data: bytes) -> frozenset[str]:
    """Return the names in a zip file, none where it is not one."""
    if not data.startswith(b"PK"):
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return frozenset(packed.namelist()[:_MAX_MEMBERS])
    except Exception:  # zipfile raises many kinds on garbled directories
        return frozenset()


def open_packed(data: bytes, path: PurePath, what: str) -> zipfile.ZipFile:
    """Open a zip file whose unpacked size is bounded.

    Raises:
        SourceError: It is cut off, damaged, password-protected or unpacks to over 200 MiB.
    """
    try:
        packed = zipfile.ZipFile(io.BytesIO(data))
        members = packed.infolist()
    except Exception as error:  # zipfile raises many kinds on garbled directories
        raise SourceError(
            f"{path}: a damaged or cut-off {what}", hint="save it again and ingest the new file"
        ) from error
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise SourceError(f"{path}: password-protected", hint="save it without a password")
    if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > _MAX_BYTES:
        raise SourceError(
            f"{path}: unpacks to more than an interview can be",
            hint="remove pictures and recordings from it, or save it as .txt",
        )
    return packed


def read_member(packed: zipfile.ZipFile, name: str, path: PurePath, what: str) -> bytes:
    """Unpack one file of the zip.

    Raises:
        SourceError: It is missing or damaged, or the document as a whole is encrypted.
    """
    try:
        return packed.read(name)
    except Exception as error:  # KeyError, BadZipFile, zlib.error, NotImplementedError, …
        raise SourceError(
            f"{path}: a damaged {what} ({name} cannot be unpacked)",
            hint="save it again and ingest the new file",
        ) from error
