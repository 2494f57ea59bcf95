"""Read PDF files that have a text layer; what is only a picture of words is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from qualcode.errors import SourceError
from qualcode.ingest.pdf_layout import Row
from qualcode.ingest.pdf_pages import Page, lines_of, without_running_heads
from qualcode.ingest.reading import Reading
from qualcode.ingest.services import DIALECTS, as_written
from qualcode.ingest.transcript import paragraphs_of

__all__ = ["PdfReader"]

_MODULE = "qualcode.ingest.pdf_process"
# What Python needs to start; keys of providers stay out of reach of a made-up file.
_PASSED_ON = (
    *("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG"),
    *("SYSTEMROOT", "WINDIR", "TEMP", "TMP", "TMPDIR", "HOME", "USERPROFILE"),
)
_WALL_SECONDS = 120.0
_TAIL = 4_096
_UNKNOWN_SHARE = 0.3
_OTHER_EXPORT = "export the transcript as .docx, .txt or .vtt instead"
_REFUSALS = {
    "password": ("password-protected", "save it without a password"),
    "damaged": ("a damaged PDF", "open it in a viewer, print it to a new PDF and ingest that"),
    "pages": ("more than 2000 pages", "cut out the pages of the interview"),
    "chars": ("more than a million characters", "cut out the pages of the interview"),
    "time": ("takes far longer to read than its text explains", _OTHER_EXPORT),
    "memory": ("needs far more memory than its text explains", _OTHER_EXPORT),
}


class PdfReader:
    """Read .pdf: columns in order; headers, footers and comments are left out and counted."""

    name = "pdf"
    suffixes: tuple[str, ...] = (".pdf",)
    dialects: tuple[str, ...] = DIALECTS

    def sniff(self, data: bytes, path: PurePath) -> bool:
        # Viewers accept rubbish before the mark, such as the head of an e-mail.
        return b"%PDF-" in data[:1_024]

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        return self.read_as(data, path, encoding, dialect="")

    def read_as(
        self, data: bytes, path: PurePath, encoding: str | None, *, dialect: str
    ) -> Reading:
        if b"%%EOF" not in data[-_TAIL:]:
            raise SourceError(
                f"{path}: a cut-off PDF, its end is missing",
                hint="download or save it again and ingest the new file",
            )
        found = _taken_out(data, path)
        pages, skipped = without_running_heads(_pages(found, path))
        written = as_written(lines_of(pages), dialect, path=path)
        paragraphs, more = paragraphs_of(written.lines)
        told = (*_told(found), *skipped, *written.skipped, *more)
        return Reading(self.name, "binary", paragraphs, told, written.dialect)


def _taken_out(data: bytes, path: PurePath) -> list[Mapping[str, Any]]:
    """Let the other process read the file and return its pages.

    Raises:
        SourceError: It refused the file, or ended over it.
    """
    command = [sys.executable, "-P", "-W", "ignore", "-m", _MODULE]
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parent,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            timeout=_WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(path, "time", None) from error
    except OSError as error:
        raise SourceError(
            f"{path}: the process that reads PDF cannot be started", hint=_OTHER_EXPORT
        ) from error
    pages: list[Mapping[str, Any]] = []
    for line in done.stdout.splitlines():
        try:
            message = json.loads(line)
        except ValueError:  # ended in the middle of a line
            break
        if "refused" in message:
            raise _refused(path, message["refused"], message.get("page"))
        if "end" in message:
            return pages
        pages.append(message)
    # Its library crashed: nothing that was read before can be trusted to be all.
    raise _refused(path, "damaged", len(pages) + 1)


def _refused(path: PurePath, why: str, page: int | None) -> SourceError:
    what, hint = _REFUSALS[why]
    where = f" (page {page})" if page else ""
    return SourceError(f"{path}: {what}{where}", hint=hint)


def _pages(found: Sequence[Mapping[str, Any]], path: PurePath) -> list[Page]:
    pages = [
        Page(
            number,
            page.get("size", (0.0, 0.0))[1],
            tuple(Row(*values) for values in page.get("rows", ())),
        )
        for number, page in enumerate(found, start=1)
    ]
    n_chars = sum(len(row.text) for page in pages for row in page.rows)
    if not n_chars:
        n_pages = "one page" if len(pages) == 1 else f"{len(pages)} pages"
        raise SourceError(
            f"{path}: a PDF without a text layer ({n_pages} of pictures, or empty)",
            hint="let a program recognise its text (OCR) first, or " + _OTHER_EXPORT,
        )
    n_unknown = sum(page.get("unknown", 0) for page in found)
    if n_unknown > _UNKNOWN_SHARE * n_chars:
        raise SourceError(
            f"{path}: {n_unknown} of its {n_chars} letters do not say which letters they are",
            hint="let a program recognise its text (OCR) anew, or " + _OTHER_EXPORT,
        )
    return pages


def _told(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Tell of pages without text and of what lies over or aslant on a page."""
    told: list[str] = []
    empty = [str(n) for n, page in enumerate(found, start=1) if not page.get("rows")]
    if empty:
        named = ", ".join(empty[:10]) + (", …" if len(empty) > 10 else "")
        pages = "page" if len(empty) == 1 else "pages"
        told.append(f"{pages} {named}: no text layer; a picture of words there is not read")
    for number, page in enumerate(found, start=1):
        place = f"page {number}: "
        if page.get("aslant"):
            told.append(f"{place}{page['aslant']} letters stand aslant and are left out")
        if page.get("unknown"):
            told.append(f"{place}{page['unknown']} letters do not say which letters they are")
        if page.get("notes"):
            told.append(f"{place}{page['notes']} comments or form fields are left out")
    return told
