"""Which codes a gold file may name: those of the study's codebook, or of a file of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qualcode.codebook import FAMILIES, Code, Codebook, codes_of
from qualcode.codebook.files import LISTS, Row, read_book_file
from qualcode.codebook.names import similar
from qualcode.errors import CodebookError, UsageError
from qualcode.ingest.table import read_table

__all__ = ["FOREIGN_FAMILY", "Scheme", "foreign_scheme", "own_scheme"]

FOREIGN_FAMILY = "codes"
"""The family of all codes of a codebook that was given for one evaluation."""

_READ = ("id", "name", "definition", "include", "exclude", "examples", "counter_examples")
_TABLES = (".csv", ".tsv", ".xlsx")


class Scheme:
    """Hold the codes that labels may name, and find them by what a file calls them.

    Ids of a codebook file are no ids of `book`, as they may be any text.

    Attributes:
        book: The codebook, in memory only.
        source: What messages call it.
        families: Those that labels may be of.
        ids: Code id to the id that the file gives, for codes that have one.
        prefers_ids: Whether a code is called by its id where labels do not tell.
    """

    def __init__(
        self,
        book: Codebook,
        source: str,
        families: Sequence[str],
        ids: Mapping[str, str],
        *,
        prefers_ids: bool,
    ) -> None:
        self.book = book
        self.source = source
        self.families = tuple(families)
        self.ids = dict(ids)
        self.prefers_ids = prefers_ids
        self._words = self._called()

    def codes(self, families: Iterable[str] | None = None) -> tuple[Code, ...]:
        """Return the codes in use, in the order of families and book."""
        chosen = self.families if families is None else tuple(families)
        return tuple(code for family in chosen for code in self.book.family(family))

    def find(self, label: str) -> Code | None:
        """Return the code that a label names: by id, name or former name, exact before any case.

        Raises:
            UsageError: It names several.
        """
        folded = label.casefold()
        for word, names in ((label, self._words[0]), (folded, self._words[1])):
            found = names.get(word, {})
            if len(found) > 1:
                listed = ", ".join(f"{c.id} ({c.family})" for c in found.values())
                raise UsageError(
                    f"several codes are called {label!r}: {listed}",
                    hint="use ids as labels, or name one family: --family F",
                )
            if found:
                return next(iter(found.values()))
        return None

    def split(self, cell: str) -> tuple[list[Code], list[str]]:
        """Return the codes that a cell names and the labels that name none.

        `;` separates labels, but for names that hold one themselves.
        """
        parts = [part.strip() for part in cell.split(";")]
        codes: list[Code] = []
        unknown: list[str] = []
        at = 0
        while at < len(parts):
            for end in range(len(parts), at, -1):
                # Joined as the file has it, whatever white space stood around the sign.
                label = "; ".join(parts[at:end])
                code = self.find(label) or self.find(";".join(parts[at:end])) if label else None
                if code is not None:
                    codes.append(code)
                    at = end - 1
                    break
            else:
                if parts[at]:
                    unknown.append(parts[at])
            at += 1
        return codes, unknown

    def near(self, label: str) -> str:
        """Return what labels are spelt alike, as a hint."""
        codes = self.codes()
        words = [word for code in codes for word in (self.ids.get(code.id, code.name), code.name)]
        close = similar(label, words)
        if close:
            return f"did you mean {close}?"
        listed = ", ".join(dict.fromkeys(words[::2] if self.prefers_ids else words[1::2]))
        return f"there are: {listed if len(listed) <= 400 else listed[:400] + '…'}"

    def elsewhere(self, label: str) -> str:
        """Return the family of the codebook that has a code of this name though it is not meant."""
        folded = label.casefold()
        others = (code for code in self.book.codes if code.family not in self.families)
        return next((c.family for c in others if folded in (c.id, c.name.casefold())), "")

    def called(self, labels: Iterable[str]) -> dict[str, str]:
        """Return code id to the name of its column: as labels write it, by id or by name."""
        written = {label.strip().casefold() for label in labels}
        ids = {word.casefold() for word in self.ids.values()}
        names = {code.name.casefold() for code in self.codes()}
        by_id = self.prefers_ids
        if written and (written <= ids) != (written <= names):
            by_id = written <= ids
        shown = [code.name for code in self.codes()]
        if not by_id and len(set(shown)) < len(shown):  # the same name in two families
            by_id = True
        return {c.id: self.ids.get(c.id, c.name) if by_id else c.name for c in self.codes()}

    def _called(self) -> tuple[dict[str, dict[str, Code]], dict[str, dict[str, Code]]]:
        """Return words as they are written and folded, each to the codes that they name."""
        exact: dict[str, dict[str, Code]] = {}
        folded: dict[str, dict[str, Code]] = {}
        former: dict[str, dict[str, Code]] = {}
        in_use = {code.id: code for code in self.codes()}
        for code in self.book.codes:
            standing = in_use.get(self.book.standing(code.id))
            if standing is None:
                continue
            words = [self.ids.get(code.id, code.name), code.name]
            if code.id not in in_use:  # merged into one that is in use
                words, kept = [], words
                former.update({w.casefold(): {standing.id: standing} for w in kept})
            for word in words:
                exact.setdefault(word, {})[standing.id] = standing
                folded.setdefault(word.casefold(), {})[standing.id] = standing
            for word in code.former_names:
                former.setdefault(word.casefold(), {})[standing.id] = standing
        return exact, {**former, **folded}


def own_scheme(book: Codebook, source: str, family: str | None) -> Scheme:
    """Return the codes of a codebook of ours, all or those of one family.

    Raises:
        UsageError: The book has no code of that family.
    """
    families: tuple[str, ...] = tuple(f for f in book.families if book.family(f))
    if family is not None:
        wanted = family.strip().casefold().replace(" ", "_")
        names = {name.casefold().replace(" ", "_"): key for key, name in FAMILIES.items()}
        found = wanted if wanted in families else names.get(wanted, wanted)
        if found not in families:
            raise UsageError(
                f"{source} has no codes of family {family!r}",
                hint=f"--family takes: {', '.join(families)}",
            )
        families = (found,)
    return Scheme(book, source, families, {c.id: c.id for c in book.codes}, prefers_ids=True)


def foreign_scheme(path: Path) -> Scheme:
    """Return the codes of a codebook file of any origin, all in one family of its own.

    Each code has a name, and may have definition, include, exclude, examples, counter_examples
    and id. What else a YAML of ours or a table tells (families, parents, valences) counts for
    nothing, but that retired codes are left out.

    Raises:
        CodebookError: The file is missing or does not validate.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        codes, ids = _from_yaml(path)
    elif path.suffix.lower() in _TABLES:
        codes, ids = _from_table(path)
    else:
        raise CodebookError(
            f"{path}: not a codebook format", hint="give a .yaml, .csv, .tsv or .xlsx file"
        )
    if not codes:
        raise CodebookError(f"{path}: no codes in it")
    book = Codebook(path.stem, tuple(codes))
    return Scheme(book, path.name, (FOREIGN_FAMILY,), ids, prefers_ids=False)


def _from_yaml(path: Path) -> tuple[list[Code], dict[str, str]]:
    read = read_book_file(path)
    rows: list[Row] = []
    ids: dict[str, str] = {}
    given: list[tuple[str, str]] = []
    for number, row in enumerate(read.rows, start=1):
        values = {key: row.values[key] for key in (*_READ, "status") if key in row.values}
        # Ours, because an id of any origin may be any text.
        own_id, code_id = values.get("id"), f"code_{number}"
        if own_id is not None and values.get("status") != "retired":
            ids[code_id] = str(own_id)
            given.append((row.place, str(own_id)))
        name = values.get("name", own_id)
        known = {"id": code_id, "family": FOREIGN_FAMILY}
        rows.append(Row({**values, **known, "name": str(name or "")}, row.place, row.places))
    codes = codes_of(replace(read, rows=tuple(rows)), path)
    _refuse_doubles(path, given, "id")
    kept = [code for code in codes if code.status != "retired"]
    nameless = [(code.id, code.name) for code in kept if code.id not in ids]
    _refuse_doubles(path, nameless, "name")
    return kept, ids


def _from_table(path: Path) -> tuple[list[Code], dict[str, str]]:
    if not path.is_file():
        raise CodebookError(f"{path}: no such codebook", hint="give a .yaml, .csv or .xlsx file")
    table = read_table(path.read_bytes(), path)
    header = [name.casefold().replace(" ", "_") for name in table.header]
    if "name" not in header:
        raise CodebookError(
            f"{path}: there is no column name",
            hint=f"columns that are read: {', '.join(_READ[1:])}; the file has: "
            f"{', '.join(table.header[:20])}",
        )
    codes: list[Code] = []
    ids: dict[str, str] = {}
    named: list[tuple[str, str]] = []
    given: list[tuple[str, str]] = []
    for row in table.rows:
        cells = dict(zip(reversed(header), reversed(row.cells), strict=True))
        name = cells["name"].strip()
        if not name:
            raise CodebookError(f"{path}: row {row.number}: name is empty")
        lists = {key: _entries(cells.get(key, "")) for key in _READ if key in LISTS}
        own_id = cells.get("id", "").strip()
        # Ours, because an id of any origin may be any text.
        code_id = f"code_{row.number}"
        if own_id:
            ids[code_id] = own_id
            given.append((f"row {row.number}", own_id))
        named.append((f"row {row.number}", name))
        definition = cells.get("definition", "").strip()
        codes.append(Code(code_id, name, FOREIGN_FAMILY, definition=definition, **lists))  # type: ignore[arg-type]
    _refuse_doubles(path, named, "name")
    _refuse_doubles(path, given, "id")
    return codes, ids


def _entries(cell: str) -> tuple[str, ...]:
    r"""Return the entries of a cell: apart by `|` or a line's end, by `;` where it has neither."""
    signs = "|\n" if "|" in cell or "\n" in cell else ";"
    for sign in signs:
        cell = cell.replace(sign, "\x1f")
    return tuple(entry for part in cell.split("\x1f") if (entry := part.strip()))


def _refuse_doubles(path: Path, found: Iterable[tuple[str, str]], what: str) -> None:
    first: dict[str, str] = {}
    for place, word in found:
        if word in first:
            raise CodebookError(
                f"{path}: {place}: {what} {word!r} is used twice, before by {first[word]}",
                hint="a column of the predictions stands for one code",
            )
        first[word] = place
