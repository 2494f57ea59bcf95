"""Read OpenDocument texts (.odt): what a reader sees, deleted changes and notes left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from qualcode.errors import SourceError
from qualcode.ingest.lines import Kind, Line
from qualcode.ingest.packed import check_depth, check_markup, member_names, open_packed, read_member
from qualcode.ingest.reading import Reading
from qualcode.ingest.services import DIALECTS, as_written
from qualcode.ingest.speech_table import table_lines
from qualcode.ingest.transcript import paragraphs_of

__all__ = ["OpenDocumentReader"]

_NS = "urn:oasis:names:tc:opendocument:xmlns"
_TEXT = f"{{{_NS}:text:1.0}}"
_TABLE = f"{{{_NS}:table:1.0}}"
_OFFICE = f"{{{_NS}:office:1.0}}"
_UNSEEN = frozenset(
    {f"{_TEXT}tracked-changes", f"{_TEXT}note", f"{_TEXT}sequence-decls"}
    | {f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_TEXT}table-of-content"}
)
_APART = (
    (f"{_TEXT}note", "footnotes"),
    (f"{_OFFICE}annotation", "comments"),
    (f"{_TEXT}tracked-changes", "deleted"),
    (f"{_TEXT}table-of-content", "table of contents"),
)
_MAX_DEPTH = 200
_MAX_SPACES = 1_000
_MAX_SPACES_IN_ALL = 1_000_000


class OpenDocumentReader:
    """Read .odt: paragraphs, headings and tables in order."""

    name = "odt"
    suffixes: tuple[str, ...] = (".odt",)
    dialects: tuple[str, ...] = DIALECTS

    def sniff(self, data: bytes, path: PurePath) -> bool:
        names = member_names(data)
        is_text = b"application/vnd.oasis.opendocument.text" in data[:200]
        return "content.xml" in names and (is_text or path.suffix.lower() == ".odt")

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        return self.read_as(data, path, encoding, dialect="")

    def read_as(
        self, data: bytes, path: PurePath, encoding: str | None, *, dialect: str
    ) -> Reading:
        what = "OpenDocument text"
        with open_packed(data, path, what) as packed:
            check_markup(packed, path, what)
            if "META-INF/manifest.xml" in packed.namelist():
                manifest = read_member(packed, "META-INF/manifest.xml", path, what)
                if b"encryption-data" in manifest:
                    raise SourceError(
                        f"{path}: password-protected", hint="save it without a password"
                    )
            content = read_member(packed, "content.xml", path, what)
            styles = b""
            if "styles.xml" in packed.namelist():
                styles = read_member(packed, "styles.xml", path, what)
        body = _parsed(content, path).find(f"{_OFFICE}body/{_OFFICE}text")
        if body is None:
            raise SourceError(
                f"{path}: an OpenDocument file, but not a text",
                hint="save a spreadsheet as .xlsx or .csv",
            )
        check_depth(body, path)
        _check_spaces(body, path)
        lines, left_out = _lines(body)
        written = as_written(lines, dialect, path=path)
        paragraphs, more = paragraphs_of(written.lines)
        skipped = (*written.skipped, *more, *left_out)
        skipped = (*skipped, *_unseen_words(body), *_running_heads(styles, path))
        return Reading(self.name, "binary", paragraphs, skipped, written.dialect)


def _check_spaces(body: Any, path: PurePath) -> None:
    """Refuse a small file whose counted spaces would fill the memory."""
    if sum(_n_spaces(element) for element in body.iter(f"{_TEXT}s")) > _MAX_SPACES_IN_ALL:
        raise SourceError(
            f"{path}: more than {_MAX_SPACES_IN_ALL:,} characters of repeated spaces",
            hint="save it as .txt",
        )


def _n_spaces(element: Any) -> int:
    count = str(element.get(f"{_TEXT}c", "1"))
    return min(int(count) if count.isdecimal() and len(count) < 10 else 1, _MAX_SPACES)


def _unseen_words(body: Any) -> Iterator[str]:
    """Tell of words that stand in the file and are not read."""
    for tag, what in _APART:
        n_words = sum(len("".join(found.itertext()).split()) for found in body.iter(tag))
        if n_words:
            yield f"{what}: {n_words} words stand outside the talk and are left out"


def _running_heads(styles: bytes, path: PurePath) -> Iterator[str]:
    """Tell of words in headers and footers, which stand with the page styles."""
    if not styles:
        return
    root = _parsed(styles, path)
    for kind in ("header", "footer"):
        parts = [p for p in root.iter() if str(p.tag).startswith(f"{{{_NS}:style:1.0}}{kind}")]
        # "header-style" describes one; "header-left" and "header-first" are headers.
        parts = [p for p in parts if not str(p.tag).endswith(("-style", "-properties"))]
        n_words = sum(len("".join(part.itertext()).split()) for part in parts)
        if n_words:
            yield f"{kind}: {n_words} words stand outside the talk and are left out"


def _parsed(content: bytes, path: PurePath) -> Any:
    from defusedxml import ElementTree

    try:
        return ElementTree.fromstring(content)
    except Exception as error:  # expat's and defusedxml's errors have no common parent
        raise SourceError(
            f"{path}: a damaged OpenDocument text", hint="save it again and ingest the new file"
        ) from error


def _lines(body: Any) -> tuple[list[Line], list[str]]:
    lines: list[Line] = []
    left_out: list[str] = []
    for number, block in enumerate(_blocks(body, 0), start=1):
        place = f"paragraph {number}"
        if block.tag == f"{_TABLE}table":
            rows = [
                [_cell_text(cell) for cell in row if cell.tag == f"{_TABLE}table-cell"]
                for row in _rows(block, 0)
            ]
            table = table_lines(rows, f"table at {place}")
            lines += table.lines
            left_out += table.left_out
        elif block.tag == f"{_TEXT}h":
            if text := _text(block).strip():
                lines.append(Line(text, place, Kind.HEADING))
        else:
            for row in _text(block).split("\n"):
                kind = Kind.WORDS if row.strip() else Kind.BLANK
                lines.append(Line(row, place, kind, glue="\n"))
        lines.append(Line("", place, Kind.BLANK))
    return lines, left_out


def _blocks(parent: Any, depth: int) -> Iterator[Any]:
    """Yield paragraphs, headings and tables in order, out of lists, sections and frames."""
    for child in parent:
        if child.tag in (f"{_TEXT}p", f"{_TEXT}h", f"{_TABLE}table"):
            yield child
        elif child.tag not in _UNSEEN and depth < _MAX_DEPTH:
            yield from _blocks(child, depth + 1)


def _rows(table: Any, depth: int) -> Iterator[Any]:
    for child in table:
        if child.tag == f"{_TABLE}table-row":
            yield child
        elif depth < _MAX_DEPTH and str(child.tag).startswith(f"{_TABLE}table-"):
            yield from _rows(child, depth + 1)


def _cell_text(cell: Any) -> str:
    texts = (_text(block) for block in _blocks(cell, 0) if block.tag != f"{_TABLE}table")
    return "\n".join(text for text in texts if text.strip())


def _text(element: Any) -> str:
    return "".join(_pieces(element, 0))


def _collapsed(text: str | None) -> str:
    """White space in the file's XML is one space, as OpenDocument says (part 3, 6.1.2)."""
    out = ""
    for char in text or "":
        if char not in " \t\n\r":
            out += char
        elif not out.endswith(" "):
            out += " "
    return out


def _pieces(element: Any, depth: int) -> Iterator[str]:
    yield _collapsed(element.text)
    for child in element:
        if child.tag == f"{_TEXT}s":
            yield " " * _n_spaces(child)
        elif child.tag == f"{_TEXT}tab":
            yield "\t"
        elif child.tag == f"{_TEXT}line-break":
            yield "\n"
        elif child.tag not in _UNSEEN and depth < _MAX_DEPTH:
            yield from _pieces(child, depth + 1)
        yield _collapsed(child.tail)
