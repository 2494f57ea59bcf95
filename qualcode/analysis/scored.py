"""The figures that a coder gets: records, with what they mean where they are undefined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Bin", "Calibration", "CodeFigures", "Figure", "Figures", "GroupFigures", "Means"]


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold a figure with its 95 % interval, None with the reason where it is undefined."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CodeFigures:
    """Hold the figures of one code; F1 is undefined where no row has it."""

    code: str
    n_wanted: int
    n_proposed: int
    n_right: int
    precision: Figure
    recall: Figure
    f1: Figure
    average_precision: Figure


@dataclass(frozen=True, slots=True)
class Means:
    """Hold figures of all codes together.

    `average_precision` is None for micro figures, which rank nothing.
    """

    n_codes: int
    precision: Figure
    recall: Figure
    f1: Figure
    average_precision: Figure | None = None


@dataclass(frozen=True, slots=True)
class Bin:
    """Hold one bin: how many answers, their mean score and the share of them that is right."""

    n: int
    mean_score: float
    share: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Hold an expected calibration error and the bins behind it, lowest scores first."""

    error: Figure
    n: int
    bins: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Hold the figures of some rows; precision, recall and F1 are those of all codes together."""

    value: str
    n_rows: int
    n_wanted: int
    precision: Figure
    recall: Figure
    f1: Figure
    macro_f1: Figure


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold all figures of one family.

    Attributes:
        macro: Means over the codes that some row has; a code never proposed has precision 0 there.
        micro: Of all answers together; a code that no row has costs precision.
        any: Whether any code of the family applies.
        calibration: Of all scores, a row and code each.
        calibration_proposed: Of what was proposed.
        groups: Name of a grouping to its groups.
    """

    n_rows: int
    codes: tuple[CodeFigures, ...]
    macro: Means
    micro: Means
    any: CodeFigures
    calibration: Calibration
    calibration_proposed: Calibration
    groups: Mapping[str, tuple[GroupFigures, ...]]
