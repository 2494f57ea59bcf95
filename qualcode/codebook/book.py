"""The codebook: the codes of a study, their families, and the checks of a book.

`codebook_files.py` reads the files. Every problem names file and line (or row), all of them at
once, so that a book is repaired in one go.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from qualcode.codebook_files import KEYS, LISTS, Row, read_book_file
from qualcode.errors import CodebookError

__all__ = ["FAMILIES", "Code", "Codebook", "dump_codebook", "family_name", "load_codebook"]

FAMILIES: Mapping[str, str] = {
    "stage": "Stage",
    "emotion": "Emotion",
    "pain_point": "Pain point",
    "need": "Need",
    "strength": "What works",
    "touchpoint": "Touchpoint",
    "duration": "Duration",
    "desired_outcome": "Desired outcome",
    "attitude": "Attitude",
    "action": "Action",
    "importance": "Importance",
    "satisfaction": "Satisfaction",
    "moment_of_truth": "Moment of truth",
    "outcome": "Outcome",
}
"""Known families in the order of display, with the name that people see."""

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_STATUSES = ("active", "draft", "retired")


@dataclass(frozen=True, slots=True)
class Code:
    """Hold one code.

    Attributes:
        id: Stable; codings refer to it, so a rename changes `name` only.
        include: Situations to include; entries of up to three words are also lexical cues.
        goemotions: For an emotion, the GoEmotions labels that speak for it.
        valence: For an emotion, its typical valence, −2 … +2.
        goal: For a stage, the customer's question in it.
        statement: For a need, how a draft design criterion for it is phrased.
    """

    id: str
    name: str
    family: str
    parent: str | None = None
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    status: str = "active"
    valence: float | None = None
    goemotions: tuple[str, ...] = ()
    goal: str = ""
    statement: str = ""

    @property
    def cues(self) -> tuple[str, ...]:
        """Return the short `include` entries, which also work as words to look for."""
        return tuple(entry for entry in self.include if len(entry.split()) <= 3)


@dataclass(frozen=True, slots=True)
class Codebook:
    """Hold the codes of a study, in the order of the file (stages: the order of the journey)."""

    name: str
    codes: tuple[Code, ...]
    language: str = "en"

    @property
    def families(self) -> tuple[str, ...]:
        """Return the families in use: known ones in display order, then the book's own."""
        used = list(dict.fromkeys(code.family for code in self.codes))
        return tuple([f for f in FAMILIES if f in used] + [f for f in used if f not in FAMILIES])

    def family(self, family: str) -> tuple[Code, ...]:
        """Return the codes of a family that are not retired."""
        return tuple(c for c in self.codes if c.family == family and c.status != "retired")

    def code(self, code_id: str) -> Code:
        """Return a code by id.

        Raises:
            CodebookError: The book has none.
        """
        for code in self.codes:
            if code.id == code_id:
                return code
        raise CodebookError(
            f"the codebook has no code {code_id!r}", hint="qualcode codebook show lists them"
        )

    def fingerprint(self, family: str | None = None) -> str:
        """Return 12 hex digits that change when the book, or one family of it, changes."""
        codes = self.codes if family is None else self.family(family)
        text = json.dumps([asdict(code) for code in codes], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def family_name(family: str) -> str:
    """Return the name of a family that people see."""
    return FAMILIES.get(family, family.replace("_", " ").capitalize())


def load_codebook(path: Path) -> Codebook:
    """Read and check a codebook from .yaml, .yml, .csv or .xlsx.

    Raises:
        CodebookError: The file is missing, unreadable or does not validate; the message lists
            every problem with file and line.
    """
    read = read_book_file(path)
    problems = list(read.problems)
    codes = [code for row in read.rows if (code := _code(row, problems)) is not None]
    problems += _book_problems(codes, read.rows)
    if not read.rows:
        problems.append(f"{path}: no codes in it")
    if problems:
        raise CodebookError(
            "the codebook does not validate:\n  " + "\n  ".join(problems),
            hint="repair these lines and run the command again",
        )
    return Codebook(name=read.name, language=read.language, codes=tuple(codes))


def _code(row: Row, problems: list[str]) -> Code | None:
    """Check one row on its own; append what is wrong to `problems`."""
    values = dict(row.values)
    before = len(problems)
    for key in values:
        if key not in KEYS:
            problems.append(f"{row.at(key)}: unknown key {key!r}")
    for key in ("id", "family"):
        value = values.get(key)
        if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
            problems.append(
                f"{row.at(key)}: {key} is {value!r}; write lower-case letters, digits and _"
            )
    values.setdefault("name", values.get("id"))
    if not isinstance(values["name"], str) or not values["name"].strip():
        problems.append(f"{row.at('name')}: name is empty")
    for key in ("definition", "goal", "statement"):
        if not isinstance(values.get(key) or "", str):
            problems.append(f"{row.at(key)}: {key} is not text")
    for key in LISTS:
        entries = values.get(key) or []
        if not isinstance(entries, list) or not all(isinstance(e, str) for e in entries):
            problems.append(f"{row.at(key)}: {key} is not a list of texts")
        else:
            values[key] = tuple(str(entry) for entry in entries)
    if values.get("status", "active") not in _STATUSES:
        problems.append(f"{row.at('status')}: status is one of {', '.join(_STATUSES)}")
    valence = values.get("valence")
    if valence is not None and not (isinstance(valence, int | float) and -2 <= valence <= 2):
        problems.append(f"{row.at('valence')}: valence is a number from -2 to 2")
    if len(problems) > before:
        return None
    values = {key: value for key, value in values.items() if value is not None}
    if valence is not None:
        values["valence"] = float(valence)
    for key in ("id", "name", "family", "parent", "definition", "status", "goal", "statement"):
        if key in values:
            values[key] = str(values[key])
    return Code(**values)


def _book_problems(codes: Iterable[Code], rows: Iterable[Row]) -> list[str]:
    """Check what only the whole book can tell: unique ids and names, parents, cycles."""
    codes = list(codes)
    place = {str(row.values.get("id")): row for row in reversed(list(rows))}
    problems = []
    by_id = {code.id: code for code in codes}
    for code_id, count in Counter(code.id for code in codes).items():
        if count > 1:
            problems.append(f"{place[code_id].at('id')}: id {code_id!r} is used {count} times")
    names = Counter((code.family, code.name.casefold()) for code in codes)
    for code in codes:
        row = place[code.id]
        if names[code.family, code.name.casefold()] > 1 and code is by_id[code.id]:
            problems.append(
                f"{row.at('name')}: name {code.name!r} is used twice in family {code.family}"
            )
        if code.parent is None:
            continue
        parent = by_id.get(code.parent)
        if parent is None:
            problems.append(f"{row.at('parent')}: parent {code.parent!r} is not a code")
        elif parent.family != code.family:
            problems.append(f"{row.at('parent')}: parent {code.parent!r} is of another family")
        elif _has_cycle(code, by_id):
            problems.append(f"{row.at('parent')}: {code.id!r} is its own ancestor")
    return problems


def _has_cycle(code: Code, by_id: Mapping[str, Code]) -> bool:
    seen = {code.id}
    at: Code | None = code
    while at is not None and at.parent is not None:
        if at.parent in seen:
            return True
        seen.add(at.parent)
        at = by_id.get(at.parent)
    return False


def dump_codebook(book: Codebook) -> str:
    """Write a codebook as YAML that `load_codebook` reads back to an equal one."""
    from ruamel.yaml import YAML

    entries = []
    for code in book.codes:
        entry = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(code).items()
            if value not in ((), "", None)
        }
        entries.append({key: entry[key] for key in KEYS if key in entry})
    yaml = YAML()
    yaml.width = 4096
    yaml.allow_unicode = True
    out = io.StringIO()
    yaml.dump({"schema": 1, "name": book.name, "language": book.language, "codes": entries}, out)
    return out.getvalue()
