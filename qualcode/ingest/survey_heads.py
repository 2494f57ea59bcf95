"""Tell which survey tool wrote a table, and read its one to three rows of headers.

A head has a name for each column, which is the question as people saw it where the tool wrote
that anywhere, beside the tool's own short code (`Q5`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from qualcode.ingest.survey_services import SERVICES, Held, Service, plain

__all__ = ["DIALECTS", "Head", "RowState", "read_head", "row_states"]

DIALECTS = tuple(service.name for service in SERVICES)

RowState = Literal["answered", "unfinished", "preview"]

_MOST_HEADER_ROWS = 3
_IMPORT_ID = re.compile(r'\s*\{"ImportId"\s*:\s*"([^"]*)"')
_TAG = re.compile(r"</?(?:a|b|em|font|i|span|strong|sub|sup|u)\b[^<>]*>", re.IGNORECASE)
_BREAK = re.compile(r"</?(?:br|div|li|ol|p|ul)\b[^<>]*>", re.IGNORECASE)
_LIME_TITLE = re.compile(r"(\w+(?:\[[\w-]+\]){0,2})\.\s+(\S.*)", re.DOTALL)
_LIME_TIMING = re.compile(r"(?:group|question) ?time\b.*|grouptime\d+|\w+time", re.IGNORECASE)
_GOOGLE_TIME = re.compile(
    r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2} [ap]m .*"
    r"|\d{1,2}[/.]\d{1,2}[/.]\d{4},? \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?",
    re.IGNORECASE,
)
_WHOLE_ANSWER = re.compile(
    r"response|openendedresponse|antwort|offeneantwort|réponse|réponseouverte|respuesta"
    r"|respuestaabierta|risposta|resposta|antwoord"
)
"""What SurveyMonkey writes beneath a question that is one column."""


@dataclass(frozen=True, slots=True)
class Head:
    """Hold the header of a table.

    Attributes:
        names: One for each column, perhaps blank or repeated.
        n_rows: Rows that it takes.
        dialect: The tool that wrote the table, "" where none shows.
        codes: Another name of each column, "" where there is none.
        held: What the columns hold that the tool added, by index.
        unshown: The cell that stands for a question which the person was not shown.
    """

    names: tuple[str, ...]
    n_rows: int = 1
    dialect: str = ""
    codes: tuple[str, ...] = ()
    held: Mapping[int, Held] = field(default_factory=dict)
    unshown: str = ""


def read_head(rows: Sequence[Sequence[str]], wanted: str | None = None) -> Head:
    """Read the header of a table.

    Args:
        rows: The first rows that hold anything, four at least where there are so many.
        wanted: The dialect to read it by; None finds it, "" takes the first row as it is.
    """
    plain_head = Head(tuple(cell.strip() for cell in rows[0]))
    if wanted == "":
        return plain_head
    for service in SERVICES:
        if wanted is None or service.name == wanted:
            found = _READERS.get(service.name, _one_row)(rows, service)
            if found is not None:
                return found
            if wanted is not None:
                return _headed(plain_head.names, 1, service)
    return plain_head


def row_states(head: Head) -> Callable[[Sequence[str]], RowState]:
    """Return what tells of a row whether a person finished the survey, or tried it out.

    As far as the tool says: every row is an answered one where it says nothing.
    """
    at = {plain(head.names[index]): index for index in head.held if index < len(head.names)}
    state = _STATES.get(head.dialect)
    if state is None or (head.dialect == "limesurvey" and not at.keys() & set(_SUBMITTED)):
        return lambda cells: "answered"

    def cell(cells: Sequence[str], name: str) -> str:
        index = at.get(name)
        return cells[index].strip().casefold() if index is not None and index < len(cells) else ""

    return lambda cells: state(lambda name: cell(cells, name))


_Cell = Callable[[str], str]
"""Returns what stands in a column of the tool's own, by the column's plain name."""

_SUBMITTED = ("submitdate", "datesubmitted")


def _qualtrics_state(cell: _Cell) -> RowState:
    status = cell("status") or cell("responsetype")
    tried = {"1", "2", "9", "17", "survey preview", "survey test", "offline survey preview"}
    if status in tried or "preview" in status or cell("distributionchannel") == "preview":
        return "preview"
    if cell("finished"):
        return "unfinished" if cell("finished") in {"0", "false", "no"} else "answered"
    progress = cell("progress")
    is_below = progress.isdecimal() and len(progress.lstrip("0")) < len("100")
    return "unfinished" if is_below else "answered"


def _typeform_state(cell: _Cell) -> RowState:
    return "unfinished" if cell("responsetype") in {"partial", "started"} else "answered"


def _alchemer_state(cell: _Cell) -> RowState:
    if cell("status") in {"test", "test data"}:
        return "preview"
    return "unfinished" if cell("status") in {"partial", "in progress"} else "answered"


def _limesurvey_state(cell: _Cell) -> RowState:
    submitted = next(filter(None, map(cell, _SUBMITTED)), "")
    return "unfinished" if submitted in {"", "n/a", "n", "null"} else "answered"


_STATES: Mapping[str, Callable[[_Cell], RowState]] = {
    "qualtrics": _qualtrics_state,
    "typeform": _typeform_state,
    "alchemer": _alchemer_state,
    "limesurvey": _limesurvey_state,
}


# --- one tool after another --------------------------------------------------------------------


def _one_row(rows: Sequence[Sequence[str]], service: Service) -> Head | None:
    names = [cell.strip() for cell in rows[0]]
    return _headed(names, 1, service) if _is_of(service, names) else None


def _is_of(service: Service, names: Sequence[str]) -> bool:
    found = {plain(name) or name for name in names}
    return any(certain <= found for certain in service.certain)


def _headed(
    names: Sequence[str],
    n_rows: int,
    service: Service,
    codes: Sequence[str] = (),
    unshown: str = "",
) -> Head:
    held: dict[int, Held] = {}
    taken: set[str] = set()
    for index, name in enumerate(names):
        key = plain(name) or name
        # A question may have the name of such a column: the tool's own comes first.
        if key in service.columns and key not in taken:
            taken.add(key)
            held[index] = service.columns[key]
    return Head(tuple(names), n_rows, service.name, tuple(codes), held, unshown)


def _qualtrics(rows: Sequence[Sequence[str]], service: Service) -> Head | None:
    """Read codes, questions and import ids; any of the three rows may be missing."""
    n_import = 0
    for number, cells in enumerate(rows[:_MOST_HEADER_ROWS]):
        if sum(_IMPORT_ID.match(cell) is not None for cell in cells) * 2 >= max(len(cells), 1):
            n_import = number + 1
    first = [cell.strip() for cell in rows[0]]
    second = [cell.strip() for cell in rows[1]] if len(rows) > 1 else []
    if not n_import and not _is_of(service, first) and not _is_of(service, second):
        return None
    if n_import == 1:
        ids = (_IMPORT_ID.match(cell) for cell in first)
        return _headed([found[1].lstrip("_") if found else "" for found in ids], 1, service)
    has_labels = n_import > 2 or (not n_import and _is_labelled(first, second, service))
    if not has_labels:
        return _headed(first, n_import or 1, service)
    labels = second + [""] * (len(first) - len(second))
    names = [
        # Embedded data and what the tool added are called by their codes, questions as asked.
        code if plain(code) in service.columns or not label else label
        for code, label in zip(first, labels, strict=False)
    ]
    legacy = sum(plain(name) in service.columns for name in labels)
    if legacy > sum(plain(code) in service.columns for code in first):
        names = [label or code for code, label in zip(first, labels, strict=False)]
    return _headed(names, n_import or 2, service, first)


def _is_labelled(first: Sequence[str], second: Sequence[str], service: Service) -> bool:
    """Tell a second row of labels from a person's answers, where no import ids tell."""
    labels = ("responsetype", "externaldatareference", "startdate", "enddate", "responseid")
    return sum(plain(cell) in labels for cell in second) >= 2


def _surveymonkey(rows: Sequence[Sequence[str]], service: Service) -> Head | None:
    """Read questions, each over its first column, and beneath them what each column is."""
    first = [cell.strip() for cell in rows[0]]
    if not _is_of(service, first):
        return None
    second = [cell.strip() for cell in rows[1]] if len(rows) > 1 else []
    width = max(len(first), len(second))
    first += [""] * (width - len(first))
    second += [""] * (width - len(second))
    at = next(i for i, name in enumerate(first) if plain(name) == "respondentid")
    if second[at] or not any(second):
        return _headed(first, 1, service)
    names: list[str] = []
    question = ""
    for title, label in zip(first, second, strict=True):
        question = title or question
        if title and plain(title) in service.columns and not label:
            question = ""
            names.append(title)
        elif not label or _WHOLE_ANSWER.fullmatch(plain(label)):
            names.append(question)
        else:
            names.append(f"{question} - {label}" if question else label)
    return _headed(names, 2, service)


def _typeform(rows: Sequence[Sequence[str]], service: Service) -> Head | None:
    """Take the markup out of questions."""
    first = [cell.strip() for cell in rows[0]]
    if not _is_of(service, first):
        return None
    names = [
        " ".join(_BREAK.sub(" ", _TAG.sub("", name)).split()) if "<" in name else name
        for name in first
    ]
    codes = [old if old != new else "" for old, new in zip(first, names, strict=True)]
    return _headed(names, 1, service, codes)


def _limesurvey(rows: Sequence[Sequence[str]], service: Service) -> Head | None:
    """Part `code. question`, where the export has both."""
    first = [cell.strip() for cell in rows[0]]
    parted = [_LIME_TITLE.fullmatch(name) for name in first]
    both = sum(map(bool, parted)) > len(first) / 2
    names = [m[2] if both and m else name for m, name in zip(parted, first, strict=True)]
    if not _is_of(service, names):
        return None
    codes = [m[1] if both and m else "" for m in parted]
    head = _headed(names, 1, service, codes, unshown="N/A")
    known = {code.casefold() for code in (codes if both else names)}
    timings: dict[int, Held] = {
        index: "private"
        for index, name in enumerate(codes if both else names)
        if _LIME_TIMING.fullmatch(name)
        and (name[:5].casefold() in ("group", "quest") or name[:-4].casefold() in known)
    }
    return replace(head, held={**head.held, **timings})


def _googleforms(rows: Sequence[Sequence[str]], service: Service) -> Head | None:
    first = [cell.strip() for cell in rows[0]]
    times = [cells[0].strip() for cells in rows[1:] if cells]
    is_time = service.columns.get(plain(first[0])) == "service" and plain(first[0]) != "score"
    if not is_time or not times or not all(map(_GOOGLE_TIME.fullmatch, times)):
        return None
    return _headed(first, 1, service)


_READERS: Mapping[str, Callable[[Sequence[Sequence[str]], Service], Head | None]] = {
    "qualtrics": _qualtrics,
    "surveymonkey": _surveymonkey,
    "typeform": _typeform,
    "limesurvey": _limesurvey,
    "googleforms": _googleforms,
}
