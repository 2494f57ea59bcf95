"""Take the codes of a codebook file over into the book of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qualcode.codebook.book import Codebook, checked
from qualcode.codebook.codes import Code, code_from_entry, entry_of
from qualcode.errors import CodebookError

__all__ = ["imported"]


def imported(
    book: Codebook,
    codes: Sequence[Code],
    *,
    columns: Sequence[str] | None = None,
    keep_missing: bool = False,
) -> Codebook:
    """Return the book with the codes of a file, in the file's order.

    A code of the file is the book's by its id, else by its name or a former one. One that has
    another name in the file is renamed. Codes that the file lacks are retired and stay where they
    stood.

    Args:
        book: The study's; it keeps its name and language.
        codes: The file's.
        columns: Keys that the file has, where it is a table; the others keep their values.
        keep_missing: Leave codes in use that the file lacks.

    Raises:
        CodebookError: Two rows are one code, or the outcome does not fit together.
    """
    theirs = {code.id: _same(book, code, columns) for code in codes}
    ids = {code.id: (own.id if (own := theirs[code.id]) else code.id) for code in codes}
    taken: dict[str, Code] = {}
    for code in codes:
        if ids[code.id] in taken:
            raise CodebookError(f"two codes of the file are {ids[code.id]!r} of the study")
        taken[ids[code.id]] = _taken_over(code, theirs[code.id], ids, columns)
    ordered = list(taken.values())
    before: str | None = None
    for code in book.codes:
        if code.id not in taken:
            is_retired = code.status == "retired" or keep_missing
            at = next((n for n, c in enumerate(ordered, start=1) if c.id == before), 0)
            ordered.insert(at, code if is_retired else replace(code, status="retired"))
        before = code.id
    return checked(replace(book, codes=tuple(ordered)))


def _same(book: Codebook, code: Code, columns: Sequence[str] | None) -> Code | None:
    """Return the code of the book that a code of a file is: by id, name or former name."""
    name = code.name.casefold()
    is_told = columns is None or "family" in columns
    family = [c for c in book.codes if not is_told or c.family == code.family]
    for found in (
        [c for c in book.codes if c.id == code.id],
        [c for c in family if c.name.casefold() == name],
        [c for c in family if name in map(str.casefold, c.former_names)],
    ):
        if len(found) == 1:
            return found[0]
    return None


def _taken_over(
    code: Code, own: Code | None, ids: dict[str, str], columns: Sequence[str] | None
) -> Code:
    entry: dict[str, Any] = entry_of(code)
    for key in ("parent", "merged_into", "split_from"):
        if key in entry:
            entry[key] = ids.get(entry[key], entry[key])
    if own is None:
        return code_from_entry(entry)
    if columns is not None:
        kept = {key: value for key, value in entry_of(own).items() if key not in columns}
        entry = {**kept, **{key: value for key, value in entry.items() if key in columns}}
        entry.setdefault("name", own.name)
    names = [*own.former_names, *entry.get("former_names", [])]
    if entry["name"] != own.name:
        names.append(own.name)
    return code_from_entry({**entry, "id": own.id, "former_names": list(dict.fromkeys(names))})
