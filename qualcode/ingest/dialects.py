"""Find the reader for a name that a person gives: a format, a tool's dialect, or both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from qualcode.errors import SourceError, UsageError
from qualcode.ingest.reading import DialectReader, Reader, Reading

__all__ = ["format_names", "not_as_named", "read_with", "readers_named"]


def format_names(readers: Sequence[Reader]) -> list[str]:
    """List all names that can be given: formats first, then dialects, each once."""
    dialects = (d for r in readers if isinstance(r, DialectReader) for d in r.dialects)
    return list(dict.fromkeys([*(r.name for r in readers), *dialects]))


def readers_named(readers: Sequence[Reader], name: str) -> list[tuple[Reader, str]]:
    """Return the readers that a name may mean, each with its dialect ("" where none is named).

    "vtt" is a reader, "vtt/teams" one with its dialect, "teams" every reader that has it.

    Raises:
        UsageError: None has that name.
    """
    wanted = name.strip().casefold()
    before, slash, after = wanted.partition("/")
    found: list[tuple[Reader, str]] = []
    for reader in readers:
        dialects = reader.dialects if isinstance(reader, DialectReader) else ()
        if slash and reader.name == before and after in dialects:
            found.append((reader, after))
        elif reader.name == wanted:
            return [(reader, "")]
        elif wanted in dialects:
            found.append((reader, wanted))
    if not found:
        raise UsageError(
            f"--format {name!r}: there is no such format",
            hint=f"one of {', '.join(format_names(readers))}; or both, such as vtt/teams",
        )
    return found


def read_with(
    reader: Reader, data: bytes, path: PurePath, encoding: str | None, dialect: str
) -> Reading:
    """Read a file by a dialect, or as the reader finds where none is named.

    Raises:
        SourceError: As the reader does.
    """
    if dialect and isinstance(reader, DialectReader):
        return reader.read_as(data, path, encoding, dialect=dialect)
    return reader.read(data, path, encoding)


def not_as_named(
    path: PurePath, name: str | None, tried: Sequence[tuple[Reader, str]]
) -> SourceError:
    """Build the error for a file that none of the readers of a dialect knows."""
    formats = " or ".join(dict.fromkeys(reader.name for reader, _ in tried))
    return SourceError(
        f"{path}: is no {formats} file, which {name} would be",
        hint="read it without --format, or name another one",
    )
