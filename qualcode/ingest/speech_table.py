"""Read a table of a document as talk: who speaks in one column, what they say in another.

A table is talk when its titles say so (`Time | Speaker | Text`), when one of its two columns holds
names that recur, or when its two columns are each one voice (`Interviewer | Participant`). Any
other table is read cell by cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.ingest.labels import ANSWERS, ASKS, METADATA, asks, label_key, opening, words_of
from qualcode.ingest.lines import Kind, Line

__all__ = ["TableTalk", "table_lines"]

_SPEAKER_TITLES = words_of("speaker name who person role sprecher sprecherin speech locuteur")
_WORDS_TITLES = words_of(
    "text words transcript transcription utterance content transkript speech dialogue dialog talk"
)
_TIME_TITLES = words_of("time timecode timestamp start end from to in out zeit begin beginning")
_TITLES = _SPEAKER_TITLES | _WORDS_TITLES


@dataclass(frozen=True, slots=True)
class TableTalk:
    """Hold a table's lines, and a line for each column that is not talk."""

    lines: list[Line]
    left_out: tuple[str, ...] = ()


def table_lines(rows: Sequence[Sequence[str]], place: str) -> TableTalk:
    """Return a table's lines.

    A column of time codes is taken as the time of its row. A row whose speaker is empty goes on
    with the speaker above it; a row of one cell is a heading in the talk. Columns beside the talk,
    such as numbers and notes, are left out and counted.
    """
    cells = [[cell.strip(" \t\n") for cell in row] for row in rows]
    titled = _by_titles(cells, place)
    if titled is not None:
        return titled
    voices = _column_voices(cells)
    if voices is not None:
        return TableTalk(_side_by_side(cells, voices, place))
    table = [_timed(row) for row in cells]
    is_talk = _is_talk([row for _, row in table])
    lines: list[Line] = []
    for number, (time, row) in enumerate(table, start=1):
        here = f"{place}, row {number}"
        if is_talk and len(row) == 2:
            label = _label(row[0])
            if number == 1 and label_key(label) in _TITLES:
                lines.append(Line(" ".join(filter(None, row)), here, Kind.HEADING))
                continue
            lines += _turn(label, time, row[1], here)
        elif is_talk and len(row) == 1 and row[0]:
            lines.append(Line(" ".join(row[0].split("\n")), here, Kind.HEADING))
        else:
            for cell in row:
                lines += [Line(part, here) for part in cell.split("\n") if part.strip()]
                lines.append(Line("", here, Kind.BLANK))
        lines.append(Line("", here, Kind.BLANK))
    return TableTalk(lines)


def _by_titles(rows: Sequence[Sequence[str]], place: str) -> TableTalk | None:
    """Read a table of three columns or more whose first row names the talk's columns."""
    if len(rows) < 2 or len(rows[0]) < 3:
        return None
    titles = [label_key(_label(cell)).split() for cell in rows[0]]
    speaker = _first(titles, _SPEAKER_TITLES)
    words = _first(titles, _WORDS_TITLES, other_than=speaker)
    if speaker is None or words is None:
        return None
    times = [n for n, title in enumerate(titles) if set(title) & _TIME_TITLES]
    beside: Counter[int] = Counter()
    lines = [Line(" ".join(filter(None, rows[0])), f"{place}, row 1", Kind.HEADING)]
    for number, row in enumerate(rows[1:], start=2):
        here = f"{place}, row {number}"
        filled = [cell for cell in row if cell]
        if len(row) < len(titles) and len(filled) == 1:
            lines.append(Line(" ".join(filled[0].split("\n")), here, Kind.HEADING))
            continue
        padded = [*row, *[""] * (len(titles) - len(row))]
        stamps = [_stamp(padded[n]) for n in times if n not in (speaker, words)]
        time = _range([stamp for stamp in stamps if stamp])
        lines += _turn(_label(padded[speaker]), time, padded[words], here)
        lines.append(Line("", here, Kind.BLANK))
        for n, cell in enumerate(padded):
            is_read = n in (speaker, words) or (n in times and _stamp(cell))
            beside[n] += 0 if is_read else len(cell.split())
    left_out = tuple(
        f"{place}, column {n + 1}: {n_words} "
        f"{'word stands' if n_words == 1 else 'words stand'} beside the talk and are left out"
        for n, n_words in sorted(beside.items())
        if n_words
    )
    return TableTalk(lines, left_out)


def _first(
    titles: Sequence[Sequence[str]], names: frozenset[str], other_than: int | None = None
) -> int | None:
    found = (n for n, title in enumerate(titles) if set(title) & names and n != other_than)
    return next(found, None)


def _column_voices(rows: Sequence[Sequence[str]]) -> tuple[str, str] | None:
    """Return the two voices of a table with one column each, one who asks and one who answers."""
    if len(rows) < 2 or len(rows[0]) != 2:
        return None
    first, second = (label_key(_label(cell)) for cell in rows[0])
    is_pair = (first in ASKS and second in ANSWERS) or (first in ANSWERS and second in ASKS)
    # A column of names holds few different ones; what is said differs from row to row.
    left = [row[0] for row in rows[1:] if row and row[0]]
    return (_label(rows[0][0]), _label(rows[0][1])) if is_pair and not _is_names(left) else None


def _side_by_side(rows: Sequence[Sequence[str]], voices: tuple[str, str], place: str) -> list[Line]:
    lines = [Line(" ".join(rows[0]), f"{place}, row 1", Kind.HEADING)]
    for number, row in enumerate(rows[1:], start=2):
        here = f"{place}, row {number}"
        if len(row) == 1 and row[0]:
            lines.append(Line(" ".join(row[0].split("\n")), here, Kind.HEADING))
            continue
        for voice, cell in zip(voices, row, strict=False):
            if cell:
                lines += [*_turn(voice, "", cell, here), Line("", here, Kind.BLANK)]
        # More cells than voices: whose they are is not known.
        for cell in row[2:]:
            if cell:
                lines += [Line("", here, Kind.RULE), *_turn("", "", cell, here)]
    return lines


def _turn(label: str, time: str, words: str, here: str) -> list[Line]:
    parts = (f"{time} {words}" if time and words else words).split("\n")
    lines = [Line(parts[0], here, label=label or None)]
    return lines + [Line(part, here, glue="\n") for part in parts[1:]]


def _stamp(cell: str) -> str:
    """Return a cell that is only a time code in brackets, "" for any other."""
    found = opening(cell)
    is_time = cell and found.start_seconds is not None and found.words_start == len(cell)
    return f"[{cell.strip('[]()')}]" if is_time else ""


def _range(stamps: Sequence[str]) -> str:
    """Return the time of a row with a column for its start and perhaps one for its end."""
    if len(stamps) == 2:
        return f"[{stamps[0][1:-1]} - {stamps[1][1:-1]}]"
    return stamps[0] if stamps else ""


def _timed(row: list[str]) -> tuple[str, list[str]]:
    """Take a cell that is only a time code off a row with more than two cells."""
    if len(row) > 2:
        for index, cell in enumerate(row):
            if stamp := _stamp(cell):
                return stamp, row[:index] + row[index + 1 :]
    return "", row


def _label(cell: str) -> str:
    return cell.strip(" \t\n").removesuffix(":").strip(" \t")


def _is_talk(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the left one of two columns says who speaks."""
    pairs = [row for row in rows if len(row) == 2]
    whole = [row for row in rows if len(row) != 1]
    left = [row[0] for row in pairs if row[0]]
    return bool(pairs) and len(pairs) * 5 >= len(whole) * 4 and _is_names(left)


def _is_names(cells: Sequence[str]) -> bool:
    """Tell whether the cells of a column are names of speakers: short, and one of them recurs."""
    labels = [_label(cell) for cell in cells]
    if any(len(label) > 40 or len(label.split()) > 5 or "\n" in label for label in labels):
        return False
    if any(label.split()[0].casefold() in METADATA for label in labels if label.split()):
        return False
    counts = Counter(label_key(label) for label in labels)
    return max(counts.values(), default=0) >= 2 or any(map(asks, labels))
