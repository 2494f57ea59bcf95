"""Propose what each column of a table holds: an id, open answers, a score, a date, a category.

The proposal is shown and can be set: `--text-col`, `--id-col`, `--attr`. It reads values before
wording, as headers come in every language; wording only moves the thresholds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from qualcode.ingest.open_answers import (
    are_ticked_options,
    header_words,
    n_words,
    names_a_label,
    open_answers,
)
from qualcode.ingest.survey_services import Held
from qualcode.ingest.table import Row, Table

__all__ = ["Column", "Profile", "detect"]

Kind = Literal["id", "text", "score", "number", "date", "category", "empty", "other"]
_COMPARED: frozenset[Kind] = frozenset({"score", "number", "date", "category"})


@dataclass(frozen=True, slots=True)
class Profile:
    """Say which columns hold what, by header.

    Attributes:
        participant_col: Who wrote the row, where that is another column than the row's own id.
    """

    id_col: str | None = None
    text_cols: tuple[str, ...] = ()
    attr_cols: tuple[str, ...] = ()
    participant_col: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """Tell what a column seems to hold and why; the counts are those of the sampled rows."""

    name: str
    kind: Kind
    reason: str
    n_filled: int
    n_distinct: int
    median_words: float


_SAMPLED_ROWS = 5_000

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[ -]{_MONTH},?[ -]\d{{2,4}}|{_MONTH}[ -]\d{{1,2}},?[ -]\d{{4}}"
    rf"|{_MONTH}[ -]\d{{4}})"
    r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?\s*"
    r"(?:z|[a-z]{2,5}|(?:utc|gmt)?[+-]\d{1,2}:?(?:\d{2})?)?)?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*\s?%?")
_ON_A_SCALE = re.compile(
    r"([+-]?\d{1,3}(?:[.,]\d+)?)(?:\s*/\s*(?:5|7|10|100)|\s*\(.*\)|\s+[-–—=:]\s*\D.*)?", re.DOTALL
)
_MACHINE_MADE = re.compile(
    r"[^\s@]+@[^\s@]+\.\w+|(?:https?://|www\.)\S+|Mozilla/.*|[{\[].*[}\]]|\+?[\d ()/.-]{7,}",
    re.DOTALL,
)
_CODE_VALUE = re.compile(r"(?=\S*\d)[\w./:-]{2,64}", re.ASCII)
_ID_WORD = re.compile(
    r"guid|id|identifier|ids|index|key|no|nr|num|number|nummer|ref|reference|uuid"
)
_PERSON_WORD = re.compile(
    r"client|customer|employee|kunde|member|participant|patient|person|respondent|subject|"
    r"teilnehmer|user"
)
_QUANTITY = re.compile(
    r"age|amount|balance|costs?|count|days|distance|duration|earnings|elapsed|height|hours|income"
    r"|minutes|months|number|price|quantity|revenue|salary|seconds|spend|spent|sum|tenure|total"
    r"|value|visits|weeks|weight|years"
)
"""Words of headers beneath which a number is an amount, not the name of a row."""


def detect(table: Table) -> tuple[Profile, tuple[Column, ...]]:
    """Propose a profile from at most 5,000 rows: the first half of them, and then every n-th.

    Attributes are the score, number, date and category columns. Without a column of open answers,
    `text_cols` is empty. What a survey tool added is no answer, whatever stands in it.
    """
    rows = _sample(table.rows)
    empty = {"", table.unshown}
    columns = tuple(
        _column(
            name,
            [cell for row in rows if (cell := row.cells[index].strip()) not in empty],
            len(rows),
            table.held.get(name),
        )
        for index, name in enumerate(table.header)
    )
    columns = _with_siblings(columns)
    ids = [c for c in columns if c.kind == "id" and _is_unique(c.n_filled, c.n_distinct)]
    ids.sort(key=lambda c: (table.held.get(c.name) != "id", not _names_an_id(c.name)))
    id_col = ids[0].name if ids else None
    people = [c.name for c in columns if c.kind == "id" and _names_a_person(c.name)]
    people = [name for name in people if name != id_col and name not in table.held]
    attributes = tuple(c.name for c in columns if c.kind in _COMPARED)
    texts = tuple(c.name for c in columns if c.kind == "text")
    return Profile(id_col, texts, attributes, people[0] if people else None), columns


def _sample(rows: Sequence[Row]) -> Sequence[Row]:
    """Neighbours show that a person has several rows; rows from afar show what comes later."""
    if len(rows) <= _SAMPLED_ROWS:
        return rows
    half = _SAMPLED_ROWS // 2
    return (*rows[:half], *rows[half :: -(-(len(rows) - half) // half)])


def _column(name: str, values: Sequence[str], n_rows: int, held: Held | None) -> Column:
    kind, reason = _kind(name, values, n_rows)
    if held == "id" and values:
        kind, reason = "id", "the survey tool's own id"
    elif held in {"name", "private"} or (held is not None and kind not in _COMPARED):
        kind, reason = ("other" if values else "empty"), "added by the survey tool"
    words = median(n_words(value) for value in values) if values else 0.0
    return Column(name, kind, reason, len(values), len(set(values)), float(words))


def _with_siblings(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Treat `Wish #1: what would you change?` like `Wish #2: …` where one of them is open."""

    def stem(column: Column) -> str:
        return re.sub(r"\d+", "#", column.name)

    numbered = {stem(c) for c in columns if c.kind == "text" and stem(c) != c.name}
    return tuple(
        replace(c, kind="text", reason="open answers, like the column of the same question")
        if c.kind == "other" and len(c.name) >= 20 and stem(c) in numbered
        else c
        for c in columns
    )


def _kind(name: str, values: Sequence[str], n_rows: int) -> tuple[Kind, str]:
    if not values:
        return "empty", "no cell is filled"
    n, n_distinct = len(values), len(set(values))
    if _share(_DATE, values) >= 0.9:
        return "date", "dates"
    if _is_unique(n, n_distinct) and n >= 0.9 * n_rows and n_rows > 1:
        if _names_an_id(name) and max(map(len, values)) <= 100:
            return "id", "the header names an id and values do not repeat"
        is_amount = any(map(_QUANTITY.fullmatch, header_words(name)))
        if n == n_distinct and (_are_codes(values) or (not is_amount and _counts_upwards(values))):
            return "id", "each value is another code or number"
    numeric = _share(_NUMBER, values) >= 0.9
    if not numeric and _share(_MACHINE_MADE, values) >= 0.5:
        return "other", "e-mails, links, phone numbers or what a program wrote"
    if _names_a_person(name) and (n_distinct > 20 or _share(_CODE_VALUE, values) >= 0.9):
        return "id", "the header names a person, who may have several rows"
    if score := _score(name, values):
        return "score", score
    if not numeric and (text := open_answers(name, values)):
        return "text", text
    if not numeric and are_ticked_options(values):
        return "other", "options that were ticked, several in a cell"
    recurring = n / n_distinct
    if (
        (n_distinct <= 50 and recurring >= 2)
        or (n_distinct <= 200 and recurring >= 5)
        or (n_distinct == 1 and n_rows <= 3)
    ):
        return "category", f"{n_distinct} distinct value(s) in {n} rows"
    if numeric and not names_a_label(name):
        return "number", f"numbers, {n_distinct} distinct in {n} rows"
    if numeric:
        return "other", f"numbers that name something, {n_distinct} distinct in {n} rows"
    return "other", "recurring or short labels, neither few values nor open answers"


def _score(name: str, values: Sequence[str]) -> str | None:
    found = [match for value in values if (match := _ON_A_SCALE.fullmatch(value))]
    if len(found) < 0.9 * len(values):
        return None
    numbers = {float(match[1].replace(",", ".")) for match in found}
    tokens = set(header_words(name))
    if tokens & {"many", "age", "months", "years", "count", "number"} or numbers <= {0.0, 1.0}:
        return None
    low, high = min(numbers), max(numbers)
    named = tokens & {"score", "nps", "csat", "ces", "rating", "rate", "satisfaction", "stars"}
    if (low >= 0 and high <= 10 and len(numbers) <= 21) or (named and low >= -100 and high <= 100):
        return f"numbers from {low:g} to {high:g}"
    return None


def _share(pattern: re.Pattern[str], values: Sequence[str]) -> float:
    return sum(pattern.fullmatch(value) is not None for value in values) / len(values)


def _is_unique(n_filled: int, n_distinct: int) -> bool:
    """A few doubles are a fault of the file, to be reported, not a sign of another column."""
    return n_distinct >= 0.98 * n_filled


def _counts_upwards(values: Sequence[str]) -> bool:
    if not all(value.isascii() and value.isdigit() for value in values) or len(values) < 5:
        return False
    numbers = [int(value) for value in values]
    return all(a < b for a, b in zip(numbers, numbers[1:], strict=False))


def _are_codes(values: Sequence[str]) -> bool:
    coded = _share(_CODE_VALUE, values) >= 0.95 and _share(_MACHINE_MADE, values) < 0.5
    return coded and _share(_NUMBER, values) < 0.5


def _names_an_id(header: str) -> bool:
    tokens = header_words(header)
    named = bool(tokens) and bool(_ID_WORD.fullmatch(tokens[-1]) or tokens[0] == "id")
    return header.strip() == "#" or (named and len(tokens) <= 4) or _names_a_person(header)


def _names_a_person(header: str) -> bool:
    tokens = header_words(header)
    return any(map(_PERSON_WORD.fullmatch, tokens)) and all(
        _PERSON_WORD.fullmatch(t) or _ID_WORD.fullmatch(t) for t in tokens
    )
