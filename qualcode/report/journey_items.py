"""What stands in the cells of a journey map, as its template draws it."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.draft import Summary

__all__ = ["BLANK", "FEW", "CellView", "Item", "RowView"]

FEW = 3
"""People below which a finding is drawn dashed."""


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one thing in a cell that opens quotes.

    Attributes:
        key: Of its evidence.
        name: What it says.
        count: People; 0 where only voices spoke that are not counted.
        total: People at the stage.
        percent: Length of a bar, 0 … 100; also of `low` and `high`, None without an interval.
        figure: Such as a mean feeling, empty without one.
        quote: Id of the coding whose quote it shows, empty where it shows none.
        note: Small print behind it.
    """

    key: str
    name: str
    count: int = 0
    total: int = 0
    percent: float = 0.0
    low: float | None = None
    high: float | None = None
    figure: str = ""
    quote: str = ""
    note: str = ""
    status: str = ""

    @property
    def thin(self) -> bool:
        return self.count < FEW


BLANK = Item("", "")
"""Stands in the templates from which the page's script makes what a filter leaves."""


@dataclass(frozen=True, slots=True)
class CellView:
    """Hold one cell; `key` is lane/stage."""

    key: str
    stage: str
    items: tuple[Item, ...]
    summary: Summary | None = None


@dataclass(frozen=True, slots=True)
class RowView:
    """Hold one lane; `kind` says how its items are drawn."""

    lane: str
    name: str
    kind: str
    tone: str
    cells: tuple[CellView, ...]
