"""Open zipped documents (DOCX, ODT) without trusting them."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath
from typing import Any

from qualcode.errors import SourceError
from qualcode.packages import UnsafePackage, has_too_many_members, looked_into

__all__ = ["check_depth", "check_markup", "member_names", "open_packed", "read_member"]

# All of it is in memory for a while, beside the file itself.
_MAX_BYTES = 80 * 1024 * 1024
_LEAVE_OUT = "remove pictures and recordings from it, or save it as .txt"
# A three hours' interview with every word in a run of its own has half of either.
_MAX_MARKUP_BYTES = 64 * 1024 * 1024
_MAX_TAGS = 600_000
_MAX_DEPTH = 200
_CHUNK = 1024 * 1024


def member_names(data: bytes) -> frozenset[str]:
    """Return the names in a zip file, none where it is not one."""
    if not data.startswith(b"PK") or has_too_many_members(data):
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return frozenset(packed.namelist())
    except Exception:  # zipfile raises many kinds on garbled directories
        return frozenset()


def open_packed(data: bytes, path: PurePath, what: str) -> zipfile.ZipFile:
    """Open a zip file whose unpacked size is bounded.

    Raises:
        SourceError: It is cut off, damaged, password-protected, unpacks to over 80 MiB, or has
            members that are not what they seem (`packages.py`).
    """
    try:
        return looked_into(data, max_bytes=_MAX_BYTES, too_large=_LEAVE_OUT)
    except UnsafePackage as error:
        raise SourceError(f"{path}: {error.reason} ({what})", hint=error.hint) from error


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


def check_markup(packed: zipfile.ZipFile, path: PurePath, what: str) -> None:
    """Refuse more XML than an interview has, before a parser makes objects of it.

    Raises:
        SourceError: There is too much of it, or a part is damaged.
    """
    parts = [m for m in packed.infolist() if m.filename.lower().endswith((".xml", ".rels"))]
    n_tags = 0
    is_over = sum(part.file_size for part in parts) > _MAX_MARKUP_BYTES
    for part in parts if not is_over else ():
        try:
            with packed.open(part) as content:
                while chunk := content.read(_CHUNK):
                    n_tags += chunk.count(b"<")
                    if n_tags > _MAX_TAGS:
                        break
        except Exception as error:  # BadZipFile, zlib.error, NotImplementedError, …
            raise SourceError(
                f"{path}: a damaged {what} ({part.filename} cannot be unpacked)",
                hint="save it again and ingest the new file",
            ) from error
    if is_over or n_tags > _MAX_TAGS:
        raise SourceError(
            f"{path}: has more paragraphs and formats than an interview can have",
            hint="cut out the part that is the interview, or save it as .txt",
        )


def check_depth(root: Any, path: PurePath) -> None:
    """Refuse elements nested deeper than the readers go down, whose words would be lost.

    Raises:
        SourceError: They are.
    """
    level = [root]
    for _ in range(_MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise SourceError(
        f"{path}: elements nested more than {_MAX_DEPTH} deep, which no word processor writes",
        hint="open it in one and save it anew, or as .txt",
    )
