"""Make lines of a transcript from the rows of PDF pages: running heads off, paragraphs found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from qualcode.ingest.lines import Kind, Line
from qualcode.ingest.pdf_layout import Row

__all__ = ["Page", "lines_of", "without_running_heads"]

_MAX_HEAD_ROWS = 4
# Running heads stand in the outer eighth of a page, apart from what is below or above them.
_MARGIN = 8
_APART = 1.3
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?:[-–—|]\s*)?(?:(?:page|seite|p\.|s\.)\s*)?#(?:\s*(?:of|von|de|/|\|)\s*#)?(?:\s*[-–—|])?",
    re.IGNORECASE,
)
_NEW_PARAGRAPH = 1.25
_HEADING = 1.2
_HEADING_CHARS = 120
_FINISHED = re.compile(r"[.?!…:;\])\"'”’»]$")
_HYPHENS = ("-", "\u2010", "\u00ad")


@dataclass(frozen=True, slots=True)
class Page:
    """Hold the rows of a page in reading order; `number` counts from 1, `height` is in points."""

    number: int
    height: float
    rows: tuple[Row, ...]


def without_running_heads(pages: Sequence[Page]) -> tuple[list[Page], list[str]]:
    """Take off what recurs at the top and the bottom of pages, and tell how much that was.

    A line is a running head or foot when it stands in the margin, apart from the text, and is on
    at least half of the pages (two or more) but for its numbers; or is nothing but a page number.
    """
    counts: Counter[tuple[str, str]] = Counter()
    outer = [_outer_rows(page) for page in pages]
    for page, found in zip(pages, outer, strict=True):
        # Where a page has no more than this, it says nothing of what recurs beside text.
        if len(found) < len(page.rows):
            counts.update({(where, _pattern(row.text)) for row, where in found})
    enough = max(2, (len(pages) + 1) // 2)
    told: Counter[str] = Counter()
    on: Counter[str] = Counter()
    kept: list[Page] = []
    for page, found in zip(pages, outer, strict=True):
        gone: set[int] = set()
        for row, where in found:
            pattern = _pattern(row.text)
            if counts[where, pattern] >= enough or _PAGE_NUMBER.fullmatch(pattern):
                gone.add(id(row))
                told[where] += len(row.text.split())
        for where in {where for row, where in found if id(row) in gone}:
            on[where] += 1
        rows = tuple(row for row in page.rows if id(row) not in gone)
        kept.append(Page(page.number, page.height, rows))
    skipped = [
        f"{where} of {on[where]} {'page' if on[where] == 1 else 'pages'}: {told[where]} "
        f"{'word stands' if told[where] == 1 else 'words stand'} outside the talk and are left out"
        for where in ("header", "footer")
        if told[where]
    ]
    return kept, skipped


def _pattern(text: str) -> str:
    return _NUMBER.sub("#", " ".join(text.casefold().split()))


def _outer_rows(page: Page) -> list[tuple[Row, str]]:
    """Return the rows in the margins that a gap parts from the text, with where they stand."""
    rows = sorted(page.rows, key=lambda row: -row.top)
    if not rows:
        return []
    apart = _APART * median(row.top - row.bottom for row in rows)
    found: list[tuple[Row, str]] = []
    for where, ordered in (("header", rows), ("footer", rows[::-1])):
        ends = page.height / _MARGIN
        near = [
            row
            for row in ordered[: _MAX_HEAD_ROWS + 1]
            if (row.bottom > page.height - ends if where == "header" else row.top < ends)
        ]
        for n_head in range(min(len(near), _MAX_HEAD_ROWS), 0, -1):
            inner = ordered[n_head] if n_head < len(ordered) else None
            last = near[n_head - 1]
            gap = 2 * apart
            if inner is not None:
                gap = last.bottom - inner.top if where == "header" else inner.bottom - last.top
            if gap >= apart - (last.top - last.bottom):
                found += [(row, where) for row in near[:n_head]]
                break
    return found


def lines_of(pages: Iterable[Page]) -> list[Line]:
    """Return the lines of a transcript, with a blank one where a paragraph ends.

    It ends where the gap is wider than usual, where a single line is indented, and where the next
    word would have fitted on the line and a sentence may end there: then nothing but a new
    paragraph explains the new line.
    """
    placed = [(page, n, row) for page in pages for n, row in enumerate(page.rows, start=1)]
    if not placed:
        return []
    rows = [row for _, _, row in placed]
    height = median(row.top - row.bottom for row in rows)
    pitch = _usual_pitch(rows) or height
    edges = _right_edges(rows)
    lines: list[Line] = []
    for number, (page, n_row, row) in enumerate(placed):
        place = f"page {page.number}, line {n_row}"
        before = rows[number - 1] if number else None
        glue = " "
        if before is not None:
            after = rows[number + 1] if number + 1 < len(rows) else None
            if _ends_paragraph(before, row, after, pitch, edges, height):
                lines.append(Line("", place, Kind.BLANK))
            # The hyphen stays as one sees it, at the end of its line.
            if before.text.endswith(_HYPHENS) and row.text[0].islower():
                glue = "\n"
        is_big = row.top - row.bottom > _HEADING * height and len(row.text) <= _HEADING_CHARS
        lines.append(Line(row.text, place, Kind.HEADING if is_big else Kind.WORDS, glue=glue))
    return lines


def _usual_pitch(rows: Sequence[Row]) -> float | None:
    """Return the most usual distance from a line down to the next one."""
    steps = [
        a.bottom - b.bottom
        for a, b in zip(rows, rows[1:], strict=False)
        if a.column == b.column and a.bottom > b.bottom
    ]
    if not steps:
        return None
    counts = Counter(round(step * 2) for step in steps)
    # Of two distances that are as usual as each other, the smaller is inside paragraphs.
    return max(counts.items(), key=lambda item: (item[1], -item[0]))[0] / 2


def _right_edges(rows: Sequence[Row]) -> dict[int, float]:
    """Return for each column where its long lines end; single longer ones do not count."""
    ends: dict[int, list[float]] = {}
    for row in rows:
        ends.setdefault(row.column, []).append(row.right)
    return {column: sorted(found)[int(len(found) * 0.9)] for column, found in ends.items()}


def _ends_paragraph(
    before: Row,
    row: Row,
    after: Row | None,
    pitch: float,
    edges: dict[int, float],
    height: float,
) -> bool:
    step = before.bottom - row.bottom
    follows = before.column == row.column and step > 0
    if follows and step > _NEW_PARAGRAPH * pitch:
        return True
    is_short = before.right + 0.3 * height + row.first_width + height < edges[before.column]
    if is_short and (_FINISHED.search(before.text) or not row.text[0].islower()):
        return True
    # Behind a label and a tab, all lines of a turn are indented.
    indented = follows and row.left > before.left + height and "\t" not in before.text
    returns = after is None or after.left < row.left - height
    return indented and returns and after is not None
