"""Gather what a parser of rich text finds into paragraphs, tables and words outside the talk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["RtfBlocks", "RtfParagraph", "RtfTable"]

_MAX_NAME = 40


@dataclass(frozen=True, slots=True)
class RtfParagraph:
    """Hold one paragraph; `name` is its bold beginning, up to forty characters."""

    text: str
    is_heading: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class RtfTable:
    """Hold the cells of a table, row by row."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class _Pieces:
    """Gather the text of one paragraph, and its bold beginning."""

    parts: list[str] = field(default_factory=list)
    name: str = ""
    is_named: bool = True

    def add(self, text: str, *, is_bold: bool) -> None:
        if text and self.is_named:
            self.is_named = is_bold and len(self.name) <= _MAX_NAME
            self.name += text if is_bold else ""
        self.parts.append(text)


class RtfBlocks:
    """Take text in the order of the file.

    Attributes:
        found: Paragraphs and tables in order, complete after `end`.
        n_broken: How many characters were halves of others.
    """

    def __init__(self) -> None:
        self.found: list[RtfParagraph | RtfTable] = []
        self.n_broken = 0
        self._outside: dict[str, list[str]] = {}
        self._pieces = _Pieces()
        self._cell: list[str] = []
        self._cells: list[str] = []
        self._rows: list[tuple[str, ...]] = []

    @property
    def left_out(self) -> Counter[str]:
        """Return how many words each kind of thing outside the talk has."""
        return Counter({kind: len("".join(p).split()) for kind, p in self._outside.items()})

    def add(self, text: str, *, is_bold: bool) -> None:
        """Add words of the document."""
        self._pieces.add(text, is_bold=is_bold)

    def add_outside(self, kind: str, text: str) -> None:
        """Add words that are left out, such as a footnote's."""
        self._outside.setdefault(kind, []).append(text)

    def end_paragraph(self, *, is_cell: bool, is_heading: bool) -> None:
        """End a paragraph of the document or, with `is_cell`, of a cell."""
        text, name = self._taken()
        if is_cell or self._cells:
            self._cell.append(text)
            return
        self.end_table()
        name = name if len(name) <= _MAX_NAME and "\t" not in name else ""
        self.found.append(RtfParagraph(text, is_heading, name))

    def end_cell(self, *, is_nested: bool) -> None:
        """End a cell; one of a table inside a cell is a paragraph of the outer one."""
        self._cell.append(self._taken()[0])
        if not is_nested:
            self._close_cell()

    def end_row(self) -> None:
        """End a row of a table."""
        if self._cells:
            self._rows.append(tuple(self._cells))
            self._cells = []

    def end_table(self) -> None:
        """End the table, if one is open; words of a cell that never ended are kept."""
        if self._cell:
            self._close_cell()
        self.end_row()
        if self._rows:
            self.found.append(RtfTable(tuple(self._rows)))
            self._rows = []

    def end(self, *, is_cell: bool, is_heading: bool) -> None:
        """End the document."""
        self.end_paragraph(is_cell=is_cell, is_heading=is_heading)
        self.end_table()

    def _close_cell(self) -> None:
        self._cells.append("\n".join(text for text in self._cell if text.strip()))
        self._cell = []

    def _taken(self) -> tuple[str, str]:
        """Return the text so far and its bold beginning; halves of characters are joined."""
        pieces, self._pieces = self._pieces, _Pieces()
        text = "".join(pieces.parts)
        if any("\ud800" <= char <= "\udfff" for char in text):
            whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            self.n_broken += whole.count("\ufffd") - text.count("\ufffd")
            return whole, ""
        return text, pieces.name
