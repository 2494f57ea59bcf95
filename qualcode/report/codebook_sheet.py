"""A codebook as a table, and as a page to read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qualcode.codebook import Codebook, family_name
from qualcode.codebook.codes import Code, entry_of
from qualcode.codebook.files import KEYS, LISTS, csv_cell, list_cell
from qualcode.errors import UsageError
from qualcode.report.export_sheets import Header, Rows, Value, write_csv, write_xlsx

__all__ = ["codebook_csv", "codebook_table", "codebook_xlsx", "glossary"]

_CELL_UNITS = 32_767  # Excel counts UTF-16 code units
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|]|&(?=#?\w{1,31};))")


def codebook_table(book: Codebook) -> tuple[Header, Rows]:
    """Return a row a code; `load_codebook` reads it back to the same codes."""
    return KEYS, tuple(tuple(_cell(entry_of(code), key) for key in KEYS) for code in book.codes)


def _cell(entry: Mapping[str, object], key: str) -> Value:
    value = entry.get(key, "")
    if key in LISTS:
        return list_cell(value if isinstance(value, list) else [])
    return value if isinstance(value, int | float) else str(value)


def codebook_csv(book: Codebook) -> bytes:
    """Return the table as CSV, in which no text can run as a formula."""
    header, rows = codebook_table(book)
    guarded = [[csv_cell(v) if isinstance(v, str) else v for v in row] for row in rows]
    return write_csv(header, guarded, raw=True)


def codebook_xlsx(book: Codebook) -> bytes:
    """Return the table as a workbook.

    Raises:
        UsageError: A text is longer than a cell holds.
    """
    header, rows = codebook_table(book)
    for code, row in zip(book.codes, rows, strict=True):
        for key, value in zip(header, row, strict=True):
            if len(str(value).encode("utf-16-le")) // 2 > _CELL_UNITS:
                raise UsageError(
                    f"code {code.id}: its {key} is longer than a cell of Excel holds",
                    hint="export a .yaml or .csv file",
                )
    return write_xlsx([("codebook", header, rows)])


def glossary(book: Codebook) -> str:
    """Return the codes in use as Markdown: what each means, what it is not, what it was called."""
    lines = [f"# {_plain(book.name)}", "", f"Version {book.fingerprint()}.", ""]
    for family in book.families:
        codes = book.family(family)
        if not codes:
            continue
        lines += [f"## {_plain(family_name(family))}", ""]
        ordered = family == "stage"
        for number, code in enumerate(codes, start=1):
            mark = f"{number}." if ordered else "-"
            lines += [
                f"{mark} {line}" if not n else f"   {line}" for n, line in enumerate(_told(code))
            ]
        lines.append("")
    retired = [code for code in book.codes if code.status == "retired"]
    if retired:
        names = {code.id: code.name for code in book.codes}
        lines += ["## No longer used", ""]
        lines += [
            f"- {_plain(code.name)}"
            + (
                f", now part of “{_plain(names[book.standing(code.id)])}”"
                if code.merged_into
                else ""
            )
            for code in retired
        ]
        lines.append("")
    return "\n".join(lines)


def _told(code: Code) -> list[str]:
    head = f"**{_plain(code.name)}**"
    if code.goal:
        head += f" – *{_plain(code.goal)}*"
    told = [head + (" (draft)" if code.status == "draft" else "")]
    if code.definition:
        told.append(_plain(code.definition))
    if code.exclude:
        told.append(f"Not: {'; '.join(map(_plain, code.exclude))}.")
    if code.examples:
        told.append(f"As in: “{_plain(code.examples[0])}”")
    if code.former_names:
        told.append(f"Was called: {', '.join(map(_plain, code.former_names))}.")
    if code.owner:
        told.append(f"Who answers for it: {_plain(code.owner)}.")
    return [line + "  " for line in told[:-1]] + told[-1:]


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
