"""Turn the bytes of a text file into text, without guessing among code pages.

Order: the encoding that the user gave, a byte order mark, strict UTF-8, Windows-1252. Guessers
of character sets read Windows-1252 German as cp852; this order has no such surprise.
"""

from __future__ import annotations

import codecs
import html
import re
from pathlib import PurePath

from qualcode.errors import SourceError

__all__ = ["MAX_LINES", "decode", "entities_decoded", "lines_in", "peek", "too_many_lines", "trim"]

MAX_LINES = 1_000_000
"""Of a transcript, empty ones included."""
_MAX_FILLED_LINES = 150_000
"""Of a transcript: sixty hours of captions with their times."""

# UTF-32 LE begins with UTF-16 LE's mark, so it is asked first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# All but tab, line ends, vertical tab, form feed and escape, which texts have.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_CONTROL_SHARE = 0.1
_ENCODING_HINT = "name the file's encoding, for example: qualcode ingest FILE --encoding cp1252"


def decode(data: bytes, *, path: PurePath | str, encoding: str | None) -> tuple[str, str]:
    """Decode a text file and return its text and the encoding's name.

    CRLF and CR become LF and the byte order mark goes away; every other character stays,
    U+2028, vertical tab and form feed included.

    Raises:
        SourceError: The file is empty, binary, or not in the given encoding.
    """
    if not data.strip():
        raise SourceError(f"{path}: the file is empty", hint="leave it out, or export it again")
    chosen = encoding or _marked(data)
    if chosen is None and b"\0" in data:
        raise SourceError(
            f"{path}: binary, not text (a NUL byte at offset {data.index(0)})",
            hint="if it is UTF-16 without a byte order mark, add --encoding utf-16-le",
        )
    text, name = _decoded(data, path, chosen)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise SourceError(f"{path}: the file is empty", hint="leave it out, or export it again")
    controls = len(_CONTROL.findall(text))
    if "\0" in text or controls > len(text) * _CONTROL_SHARE:
        raise SourceError(
            f"{path}: binary, not text ({controls} control characters read as {name})",
            hint="ingest takes .txt .md .vtt .srt .json .docx .odt .pdf .rtf, and .csv .tsv .xlsx "
            ".sav .parquet",
        )
    return text, name


def lines_in(text: str, path: PurePath | str) -> list[str]:
    """Return the lines of a transcript.

    Args:
        text: As `decode` returns it.
        path: What messages call the file.

    Raises:
        SourceError: There are more lines than anybody would wait for.
    """
    n_lines = text.count("\n") + 1
    if n_lines > MAX_LINES:
        raise too_many_lines(path, n_lines)
    rows = text.split("\n")
    n_filled = sum(map(bool, map(str.strip, rows))) if n_lines > _MAX_FILLED_LINES else 0
    if n_filled > _MAX_FILLED_LINES:
        raise SourceError(
            f"{path}: {n_filled:,} lines with something in them; at most {_MAX_FILLED_LINES:,} "
            "are read",
            hint="give each interview a file of its own, and each turn a line",
        )
    return rows


def too_many_lines(path: PurePath | str, n_lines: int) -> SourceError:
    """Return the error of a file that has more lines than a transcript of any length."""
    return SourceError(
        f"{path}: {n_lines:,} lines; at most {MAX_LINES:,} are read",
        hint="take out the empty lines, or give each interview a file of its own",
    )


def peek(data: bytes, n_bytes: int = 16_384) -> str:
    """Decode the beginning leniently, for recognising a format only; "" where it is binary."""
    head = data[:n_bytes]
    marked = _marked(data)
    if marked is None and b"\0" in head:
        return ""
    text = head.decode(marked or "utf-8", errors="replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def entities_decoded(text: str) -> str:
    """Decode `&amp;` and its like once, and only where they end in a semicolon."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def trim(text: str) -> str:
    """Drop spaces and tabs at both ends, and no other character: offsets must stay explicable."""
    return text.strip(" \t")


def _marked(data: bytes) -> str | None:
    return next((name for mark, name in _MARKS if data.startswith(mark)), None)


def _decoded(data: bytes, path: PurePath | str, chosen: str | None) -> tuple[str, str]:
    if chosen is None:
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            chosen = "cp1252"
    try:
        text = data.decode(chosen)
        # Some codecs (unicode_escape, utf-7) make half characters that nothing can store.
        text.encode("utf-8")
    except (LookupError, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            what = f"byte {data[error.start]:#04x} at offset {error.start} is not {chosen}"
        elif isinstance(error, UnicodeError):
            what = f"the bytes are not {chosen}"
        else:
            what = f"unknown text encoding {chosen!r}"
        raise SourceError(f"{path}: {what}", hint=_ENCODING_HINT) from error
    return text, chosen
