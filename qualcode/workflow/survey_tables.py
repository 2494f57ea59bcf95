"""Read the table of a survey: the sheet that is meant, and its columns as the study calls them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.workflow.kept_profiles import KeptProfiles

if TYPE_CHECKING:
    from qualcode.ingest.table import Table

__all__ = ["TitledTable", "read_titled"]

_SHEETS_TRIED = 3


@dataclass(frozen=True, slots=True)
class TitledTable:
    """Hold a table with what the study calls its columns.

    Attributes:
        table: It knows its columns by these titles too, as if they were codes of the tool.
        titles: Title with placeholders for the names in it to the file's own title. Titles that
            become one by that are left out: nobody could tell which is meant.
        sheet: The sheet, where it was chosen by its name; None for the first one.
    """

    table: Table
    titles: Mapping[str, str]
    sheet: str | None = None


def read_titled(
    data: bytes,
    path: PurePath,
    *,
    encoding: str | None,
    dialect: str | None,
    name: str,
    asked: str | None,
    kept: KeptProfiles,
    masked: Callable[[str], str],
) -> TitledTable:
    """Read the sheet that is asked for, else the one that an earlier wave was read from.

    Args:
        data: The file's bytes.
        path: What messages call it.
        encoding: As of `read_table`.
        dialect: Likewise.
        name: What the study would call the file.
        asked: A sheet, by its own name or as the study has it.
        kept: How other surveys were read.
        masked: Puts placeholders for the names in a title.

    Raises:
        SourceError: The file is no table, or has no such sheet.
    """
    from qualcode.ingest.table import read_table
    from qualcode.ingest.workbook import sheet_names

    def read(sheet: str | None) -> TitledTable:
        table = read_table(data, path, encoding=encoding, sheet=sheet, dialect=dialect)
        if any(masked(name) != name for name in table.sheets):
            table = replace(table, problems=tuple(map(masked, table.problems)))
        table, titles = _titled(table, masked)
        return TitledTable(table, titles, table.sheet if sheet is not None else None)

    if asked is None and not kept.sheets:
        return read(None)
    own = {masked(sheet): sheet for sheet in sheet_names(data, path)}
    if asked is not None:
        return read(asked if asked in own.values() else own.get(asked, asked))
    profile = kept.profiles.get(name)
    if profile is not None and profile.sheet in own:
        return read(own[profile.sheet])
    first = reason = None
    untried: list[str | None] = [None, *(sheet for sheet in kept.sheets if sheet in own)]
    for _ in range(min(len(untried), 1 + _SHEETS_TRIED)):
        sheet = untried.pop(0)
        try:
            found = read(sheet and own[sheet])
        except SourceError as error:
            reason = reason or error
            continue
        wave = kept.of(name, tuple(found.titles))
        if wave is not None:
            meant = wave[0].sheet
            if meant == sheet or (sheet is None and meant not in own):
                return found
            # Sheets of one workbook may have the same columns: that of the wave goes first.
            if meant in untried:
                untried.remove(meant)
                untried.insert(0, meant)
        first = first or (found if sheet is None else None)
    if first is None:
        assert reason is not None
        raise reason
    return first


def _titled(table: Table, masked: Callable[[str], str]) -> tuple[Table, dict[str, str]]:
    shown = {title: masked(title) for title in table.header}
    counts = Counter(shown.values())
    titles = {name: title for title, name in shown.items() if counts[name] == 1}
    changed = {name: title for name, title in titles.items() if name != title}
    return replace(table, codes={**changed, **table.codes}) if changed else table, titles
