"""Read Word documents (.docx): what a reader sees with all changes accepted."""

from __future__ import annotations

import io
import re
import zipfile
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

__all__ = ["WordReader"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
# Deleted words, moved-away words, field codes and the twin of a drawing are not on the page.
_UNSEEN = frozenset(
    {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}rPr", f"{_W}pPr"}
    | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
_SIGNS = {f"{_W}tab": "\t", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "\u2011"}
_MAX_DEPTH = 200
_APART = re.compile(r"word/((?:header|footer|footnotes|endnotes|comments)\d*)\.xml")
_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>")


class WordReader:
    """Read .docx: paragraphs and tables in order; headers, footers and notes are left out."""

    name = "docx"
    suffixes: tuple[str, ...] = (".docx",)
    dialects: tuple[str, ...] = DIALECTS

    def sniff(self, data: bytes, path: PurePath) -> bool:
        return data.startswith(_OLD_OR_LOCKED) or "word/document.xml" in member_names(data)

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        return self.read_as(data, path, encoding, dialect="")

    def read_as(
        self, data: bytes, path: PurePath, encoding: str | None, *, dialect: str
    ) -> Reading:
        if data.startswith(_OLD_OR_LOCKED):
            raise SourceError(
                f"{path}: password-protected or an old .doc",
                hint="open it in a word processor and save it as .docx without a password",
            )
        with open_packed(data, path, "Word document") as packed:
            check_markup(packed, path, "Word document")
            left_out = tuple(_left_out(packed, path))
        try:
            lines, unseen = _lines(data, path)
        except SourceError:
            raise
        except Exception as error:  # python-docx lets out whatever its parsers raise
            raise SourceError(
                f"{path}: a damaged Word document", hint="save it again and ingest the new file"
            ) from error
        written = as_written(lines, dialect, path=path)
        paragraphs, skipped = paragraphs_of(written.lines, wary=False)
        told = (*written.skipped, *skipped, *left_out, *unseen)
        return Reading(self.name, "binary", paragraphs, told, written.dialect)


def _left_out(packed: zipfile.ZipFile, path: PurePath) -> Iterator[str]:
    """Yield a line for each header, footer, comment or note that holds words."""
    for name in sorted(packed.namelist()):
        part = _APART.fullmatch(name)
        if part is None:
            continue
        content = read_member(packed, name, path, "Word document").decode("utf-8", "replace")
        n_words = sum(len(text.split()) for text in _TEXT.findall(content))
        if n_words:
            yield f"{part[1]}: {n_words} words stand outside the talk and are left out"


def _lines(data: bytes, path: PurePath) -> tuple[list[Line], list[str]]:
    """Return the document's lines, and what of its body is left out."""
    import docx

    document = docx.Document(io.BytesIO(data))
    check_depth(document.element.body, path)
    headings = {
        style.style_id
        for style in document.styles
        if str(style.name or "").casefold().startswith(("heading", "title", "subtitle"))
    }
    lines: list[Line] = []
    left_out = list(_unseen_words(document.element.body))
    for number, block in enumerate(_blocks(document.element.body, 0), start=1):
        place = f"paragraph {number}"
        if block.tag == f"{_W}tbl":
            rows = [
                [_cell_text(cell) for cell in row.iter(f"{_W}tc") if _table_of(cell) is block]
                for row in block.iter(f"{_W}tr")
                if _table_of(row) is block
            ]
            table = table_lines(rows, f"table at {place}")
            lines += table.lines
            left_out += table.left_out
        else:
            lines += _paragraph_lines(block, place, headings)
        lines.append(Line("", place, Kind.BLANK))
    return lines, left_out


def _unseen_words(body: Any) -> Iterator[str]:
    """Tell of words that a reader does not see: deleted or moved away, and hidden ones."""
    deleted = sum(len(str(part.text or "").split()) for part in body.iter(f"{_W}delText"))
    moved = sum(
        len(str(part.text or "").split())
        for block in body.iter(f"{_W}moveFrom", f"{_W}del")
        for part in block.iter(f"{_W}t")
    )
    hidden = sum(
        len(str(part.text or "").split())
        for run in body.iter(f"{_W}r")
        if run.find(f"{_W}rPr/{_W}vanish") is not None
        for part in run.iter(f"{_W}t")
    )
    for n_words, what in ((deleted + moved, "tracked changes: {} deleted"), (hidden, "{} hidden")):
        if n_words:
            yield f"{what.format(n_words)} words are left out"


def _blocks(parent: Any, depth: int) -> Iterator[Any]:
    """Yield paragraphs and tables in order, out of content controls and insertions too."""
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag not in _UNSEEN and isinstance(child.tag, str) and depth < _MAX_DEPTH:
            yield from _blocks(child, depth + 1)


def _table_of(element: Any) -> Any:
    return next(element.iterancestors(f"{_W}tbl"), None)


def _cell_text(cell: Any) -> str:
    return "\n".join(text for block in cell.iter(f"{_W}p") if (text := _text(block)).strip())


def _paragraph_lines(paragraph: Any, place: str, headings: set[str]) -> list[Line]:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    if style is not None and style.get(f"{_W}val") in headings:
        text = _text(paragraph).strip()
        return [Line(text, place, Kind.HEADING)] if text else []
    text = _text(paragraph)
    name = _bold_name(paragraph)
    lines = []
    for index, row in enumerate(text.split("\n")):
        label = None
        # "Priya<tab>words" with a bold name is a label without a colon.
        if index == 0 and name and row.startswith(name + "\t") and not name.endswith(":"):
            label, row = name.strip(), row[len(name) + 1 :]
        kind = Kind.WORDS if row.strip() or label else Kind.BLANK
        strong = index == 0 and name.rstrip().endswith(":")
        lines.append(Line(row, place, kind, label=label, glue="\n", has_strong_label=strong))
    return lines


def _bold_name(paragraph: Any) -> str:
    """Return the words of the bold runs that open a paragraph, up to forty characters."""
    name = ""
    for run in paragraph.iter(f"{_W}r"):
        bold = run.find(f"{_W}rPr/{_W}b")
        if bold is None or bold.get(f"{_W}val") in ("0", "false"):
            break
        name += "".join(str(part.text or "") for part in run.iter(f"{_W}t"))
    return name if len(name) <= 40 and "\t" not in name else ""


def _text(element: Any) -> str:
    return "".join(_pieces(element, 0))


def _pieces(element: Any, depth: int) -> Iterator[str]:
    for child in element:
        tag = child.tag
        if tag in _UNSEEN or not isinstance(tag, str) or depth > _MAX_DEPTH:
            continue
        if tag == f"{_W}t":
            yield str(child.text or "")
        elif tag in _SIGNS:
            yield _SIGNS[tag]
        elif tag == f"{_W}br":
            yield "" if child.get(f"{_W}type") in ("page", "column") else "\n"
        elif tag != f"{_W}r" or child.find(f"{_W}rPr/{_W}vanish") is None:
            yield from _pieces(child, depth + 1)
