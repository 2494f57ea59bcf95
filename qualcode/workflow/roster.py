"""The roster: a table that gives interviewees their attributes, such as persona and wave.

Columns: `source` (the interview's file name), optionally `speaker` where a file has several
participants, and one column an attribute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from qualcode.errors import SourceError
from qualcode.workflow.files import read_source

__all__ = ["Roster", "read_roster"]


@dataclass(frozen=True, slots=True)
class Roster:
    """Hold attributes by file name and, where given, speaker."""

    rows: tuple[tuple[str, str, Mapping[str, str]], ...]

    def __bool__(self) -> bool:
        return bool(self.rows)

    def attributes(self, path: str, speaker: str | None) -> Mapping[str, str]:
        """Return the attributes for a voice of a file, empty when the roster has none."""
        for source, label, attributes in self.rows:
            if source in _names(path) and label in ("", speaker or ""):
                return attributes
        return {}

    def without_file(self, paths: Sequence[str]) -> list[str]:
        """Return the sources in the roster that are none of these files."""
        known = {name for path in paths for name in _names(path)}
        return list(dict.fromkeys(source for source, _, _ in self.rows if source not in known))


def _names(path: str) -> tuple[str, str, str]:
    return path, PurePath(path).name, PurePath(path).stem


def read_roster(paths: Sequence[Path]) -> Roster:
    """Read rosters from .csv or .xlsx; the first that names a file counts.

    Raises:
        SourceError: A file cannot be read or has no column `source`.
    """
    from qualcode.ingest.table import read_table

    rows = []
    for path in paths:
        table = read_table(read_source(path, str(path)), PurePath(path.name))
        header = [name.strip().casefold() for name in table.header]
        if "source" not in header:
            raise SourceError(
                f"{path}: a roster needs a column named source, with the interviews' file names",
                hint=f"its columns are: {', '.join(table.header)}",
            )
        for row in table.rows:
            cells = dict(zip(header, (cell.strip() for cell in row.cells), strict=False))
            source, speaker = cells.pop("source"), cells.pop("speaker", "")
            rows.append((source, speaker, {key: v for key, v in cells.items() if key and v}))
    return Roster(tuple(rows))
