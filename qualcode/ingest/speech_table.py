"""Read a table of a document: two columns speaker | words are turns, others are read in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qualcode.ingest.labels import METADATA, asks, label_key, opening
from qualcode.ingest.lines import Kind, Line

__all__ = ["table_lines"]

_COLUMN_TITLES = (
    *("speaker", "name", "who", "person", "role", "sprecher", "speech"),
    *("text", "words", "transcript", "utterance", "content"),
)


def table_lines(rows: Sequence[Sequence[str]], place: str) -> list[Line]:
    """Return a table's lines.

    A column of time codes is taken as the time of its row. A row whose speaker is empty goes on
    with the speaker above it.
    """
    lines: list[Line] = []
    table = [_timed(row) for row in rows]
    labels = _speakers([cells for _, cells in table])
    for number, (time, cells) in enumerate(table, start=1):
        here = f"{place}, row {number}"
        if labels and len(cells) == 2:
            label = _label(cells[0])
            if number == 1 and label_key(label) in _COLUMN_TITLES:
                lines.append(Line(" ".join(filter(None, cells)), here, Kind.HEADING))
                continue
            words = f"{time} {cells[1]}" if time and cells[1].strip() else cells[1]
            parts = words.split("\n")
            lines.append(Line(parts[0], here, label=label or None))
            lines += [Line(part, here, glue="\n") for part in parts[1:]]
        else:
            for cell in cells:
                lines += [Line(part, here) for part in cell.split("\n") if part.strip()]
                lines.append(Line("", here, Kind.BLANK))
        lines.append(Line("", here, Kind.BLANK))
    return lines


def _timed(row: Sequence[str]) -> tuple[str, list[str]]:
    """Take a cell that is only a time code off a row with more than two cells."""
    cells = [cell.strip(" \t\n") for cell in row]
    if len(cells) > 2:
        for index, cell in enumerate(cells):
            found = opening(cell)
            if cell and found.start_seconds is not None and found.words_start == len(cell):
                return f"[{cell.strip('[]()')}]", cells[:index] + cells[index + 1 :]
    return "", cells


def _label(cell: str) -> str:
    return cell.strip(" \t\n").removesuffix(":").strip(" \t")


def _speakers(rows: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the labels of a table of speech; none where its left column is something else."""
    pairs = [row for row in rows if len(row) == 2]
    left = [_label(row[0]) for row in pairs if row[0].strip()]
    if not pairs or len(pairs) * 5 < len(rows) * 4:
        return frozenset()
    if any(len(label) > 40 or len(label.split()) > 5 or "\n" in label for label in left):
        return frozenset()
    counts = Counter(label_key(label) for label in left)
    if any(label.split()[0].casefold() in METADATA for label in left if label.split()):
        return frozenset()
    recurs = max(counts.values(), default=0) >= 2
    return frozenset(counts) if recurs or any(map(asks, left)) else frozenset()
