"""The codebook: the codes of a study, their families, and the checks of a book.

`codebook/files.py` reads the files. Every problem names file and line (or row), all of them at
once, so that a book is repaired in one go.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from qualcode.codebook.codes import FAMILIES, Code, entry_of, family_name
from qualcode.codebook.files import KEYS, LISTS, BookFile, Row, read_book_file, read_book_text
from qualcode.errors import CodebookError

__all__ = [
    "FAMILIES",
    "Code",
    "Codebook",
    "checked",
    "codes_of",
    "dump_codebook",
    "family_name",
    "load_codebook",
    "parse_codebook",
]

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_STATUSES = ("active", "draft", "retired")
_TEXTS = ("name", "definition", "goal", "statement", "owner")
_CYCLES = {
    "parent": "its own ancestor",
    "merged_into": "merged into itself",
    "split_from": "split from itself",
}
_IDS = tuple(_CYCLES)
# A book written before these keys were known has the fingerprint that it always had.
_LATER = ("former_names", "merged_into", "split_from", "owner")


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

    def standing(self, code_id: str) -> str:
        """Return the id that codings of this one count for: that of the code it was merged into."""
        into = {code.id: code.merged_into for code in self.codes}
        while (survivor := into.get(code_id)) is not None:
            code_id = survivor
        return code_id

    def fingerprint(self, family: str | None = None) -> str:
        """Return 12 hex digits that change when the book, or one family of it, changes."""
        codes = self.codes if family is None else self.family(family)
        return _digest(
            [{k: v for k, v in asdict(code).items() if v or k not in _LATER} for code in codes]
        )

    def meaning(self, family: str) -> str:
        """Return 12 hex digits that change when a family's codes apply to other words.

        The order counts for stages alone, which a coder expects to follow one another.
        """
        codes = self.family(family)
        told: list[object] = [[c.id, *c.meaning] for c in sorted(codes, key=lambda c: c.id)]
        if family == "stage":
            told.append([code.id for code in codes])
        return _digest(told)


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def load_codebook(path: Path) -> Codebook:
    """Read and check a codebook from .yaml, .yml, .csv or .xlsx.

    Raises:
        CodebookError: The file is missing, unreadable or does not validate; the message lists
            every problem with file and line.
    """
    return _book(read_book_file(path), path)


def parse_codebook(text: str, path: Path) -> Codebook:
    """Read and check a codebook from the text of a YAML file; `path` stands in messages.

    Raises:
        CodebookError: As for `load_codebook`.
    """
    return _book(read_book_text(text, path), path)


def _book(read: BookFile, path: Path) -> Codebook:
    problems: list[str] = []
    codes = _codes(read, path, problems)
    problems += _book_problems(codes, read.rows)
    _refuse(problems)
    return Codebook(name=read.name, language=read.language, codes=codes)


def codes_of(read: BookFile, path: Path) -> tuple[Code, ...]:
    """Check each code of a file on its own, not what they say of each other.

    Raises:
        CodebookError: One does not validate; the message lists every problem.
    """
    problems: list[str] = []
    codes = _codes(read, path, problems)
    _refuse(problems)
    return codes


def checked(book: Codebook) -> Codebook:
    """Return a book that was made from another one, as its file will read, if it validates.

    Raises:
        CodebookError: It does not; the message lists every problem.
    """
    rows = [Row(entry_of(code), f"code {code.id}", {}) for code in book.codes]
    problems: list[str] = []
    codes = tuple(code for row in rows if (code := _code(row, problems)) is not None)
    _refuse([*problems, *_book_problems(codes, rows)])
    return replace(book, codes=codes)


def _codes(read: BookFile, path: Path, problems: list[str]) -> tuple[Code, ...]:
    problems += read.problems
    if not read.rows:
        problems.append(f"{path}: no codes in it")
    return tuple(code for row in read.rows if (code := _code(row, problems)) is not None)


def _refuse(problems: Iterable[str]) -> None:
    listed = list(problems)
    if listed:
        raise CodebookError(
            "the codebook does not validate:\n  " + "\n  ".join(listed),
            hint="repair these lines and run the command again",
        )


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
    for key in (*_TEXTS[1:], *_IDS):
        if not isinstance(values.get(key) or "", str):
            problems.append(f"{row.at(key)}: {key} is not text")
    for key in LISTS:
        entries = values.get(key) or []
        if not isinstance(entries, list) or not all(isinstance(e, str) for e in entries):
            problems.append(f"{row.at(key)}: {key} is not a list of texts")
        else:
            values[key] = tuple(text for entry in entries if (text := _plain(entry)))
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
    for key in ("id", "family", "status", *_TEXTS, *_IDS):
        if key in values:
            values[key] = _plain(values[key])
    for key in _IDS:
        values[key] = values.get(key) or None
    return Code(**values)


def _plain(text: str) -> str:
    """Return a text as every format can hold it: LF, nothing blank around it."""
    return str(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _book_problems(codes: Iterable[Code], rows: Iterable[Row]) -> list[str]:
    """Check what only the whole book can tell: unique ids and names, references, cycles."""
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
        for key in _IDS:
            other_id = getattr(code, key)
            other = by_id.get(other_id) if other_id is not None else None
            if other_id is None:
                continue
            if other is None:
                problems.append(f"{row.at(key)}: {key} {other_id!r} is not a code")
            elif other.family != code.family:
                problems.append(f"{row.at(key)}: {key} {other_id!r} is of another family")
            elif _has_cycle(code, key, by_id):
                problems.append(f"{row.at(key)}: {code.id!r} is {_CYCLES[key]}")
        if code.merged_into is not None and code.status != "retired":
            problems.append(f"{row.at('merged_into')}: {code.id!r} is merged but not retired")
    return problems


def _has_cycle(code: Code, key: str, by_id: Mapping[str, Code]) -> bool:
    seen = {code.id}
    at: Code | None = code
    while at is not None and (above := getattr(at, key)) is not None:
        if above in seen:
            return True
        seen.add(above)
        at = by_id.get(above)
    return False


def dump_codebook(book: Codebook) -> str:
    """Write a codebook as YAML that `load_codebook` reads back to an equal one."""
    from ruamel.yaml import YAML

    entries = [entry_of(code) for code in book.codes]
    yaml = YAML()
    yaml.width = 4096
    yaml.allow_unicode = True
    out = io.StringIO()
    yaml.dump({"schema": 1, "name": book.name, "language": book.language, "codes": entries}, out)
    return out.getvalue()
