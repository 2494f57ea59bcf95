"""Write files so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import os
from pathlib import Path

from qualcode.errors import UsageError

__all__ = ["write_atomically"]


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
