"""Read files up to a size, and write them whole: a crash leaves the old one or the new one."""

from __future__ import annotations

import os
from pathlib import Path

from qualcode.errors import SourceError, UsageError

__all__ = ["read_source", "write_atomically"]

_MAX_SOURCE_BYTES = 256 << 20


def read_source(path: Path, name: str) -> bytes:
    """Return the bytes of a file that somebody wants to be read into a study.

    Args:
        path: Where it is.
        name: What messages call it.

    Raises:
        SourceError: It cannot be opened, or is larger than anything that is read.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            # The size that a device or a pipe gives says nothing.
            data = b"" if size > _MAX_SOURCE_BYTES else file.read(_MAX_SOURCE_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{name}: cannot be opened: {error.strerror}") from error
    size = max(size, len(data))
    if size > _MAX_SOURCE_BYTES:
        raise SourceError(
            f"{name}: {size >> 20:,} MB; files up to {_MAX_SOURCE_BYTES >> 20} MB are read",
            hint="take out recordings and pictures, or save it in parts",
        )
    return data


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write text (UTF-8, LF) or bytes beside `path`, then move them into place.

    Raises:
        UsageError: The folder is missing or cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    # Not `tempfile`: its files can be read by their owner only, and a map is there to be shared.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror or error}",
            hint="name a folder that exists, with space and permission to write; "
            "on Windows close the file in Excel first",
        ) from error
