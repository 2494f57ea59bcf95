"""Take the text of a PDF out in a process of its own: `python -m qualcode.ingest.pdf_process`.

The library that reads PDF is native code, and a made-up file may crash it, hang it or fill the
memory; here that ends this process and nothing else. The file comes on standard input. What goes
out is one JSON object a line: a page, the end, or a refusal (`refused`: a word `pdf.py` knows).
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qualcode.ingest.pdf_layout import Glyph, reading_order, words_of_glyphs

__all__ = ["main"]

MAX_PAGES = 2_000
MAX_CHARS = 1_000_000
MAX_BYTES = 300 * 1024 * 1024
"""Of memory, libraries included; looked at only where the system tells it."""
_START_SECONDS = 2.0
_PAGE_SECONDS = 0.02
_CHAR_SECONDS = 4e-5
_LOOK_EVERY = 0.01
# Links and the windows of notes have no words of their own; form fields have when filled in.
_SILENT_NOTES = frozenset({2, 16})
_FIELD = 20
_PASSWORD = 4
_PRIVATE = range(0xE000, 0xF900)


class _Allowance:
    """End the process when its work takes more time than its size explains, or much memory.

    Time is the processor's, so a busy machine refuses nothing that an idle one reads.
    """

    def __init__(self) -> None:
        self.n_pages = 0
        self.n_chars = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        before = time.process_time()
        while True:
            earned = self.n_pages * _PAGE_SECONDS + self.n_chars * _CHAR_SECONDS
            if time.process_time() - before > _START_SECONDS + earned:
                self._end("time")
            if _peak_bytes() > MAX_BYTES:
                self._end("memory")
            time.sleep(_LOOK_EVERY)

    def _end(self, why: str) -> None:
        _say({"refused": why, "page": self.n_pages + 1})
        os._exit(1)  # the library cannot be interrupted


_saying = threading.Lock()


def _say(message: dict[str, Any]) -> None:
    with _saying:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def _peak_bytes() -> int:
    """Return the most memory that this process has had, 0 where the system does not tell.

    Linux's `getrusage` counts what the parent had before this program was started.
    """
    if sys.platform.startswith("linux"):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    elif sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 0


def main() -> None:
    """Read standard input and write the pages."""
    import pypdfium2.raw as pdfium

    data = sys.stdin.buffer.read()
    allowed = _Allowance()
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        is_locked = pdfium.FPDF_GetLastError() == _PASSWORD
        _say({"refused": "password" if is_locked else "damaged"})
        return
    n_pages = pdfium.FPDF_GetPageCount(document)
    if n_pages > MAX_PAGES:
        _say({"refused": "pages"})
        return
    # Counting takes a tenth of the time of reading, so too long a file is refused at once.
    for number in range(n_pages):
        page = pdfium.FPDF_LoadPage(document, number)
        text = pdfium.FPDFText_LoadPage(page) if page else None
        allowed.n_chars += max(pdfium.FPDFText_CountChars(text), 0) if text else 0
        if allowed.n_chars > MAX_CHARS:
            _say({"refused": "chars", "page": number + 1})
            return
        if text:
            pdfium.FPDFText_ClosePage(text)
        if page:
            pdfium.FPDF_ClosePage(page)
    for number in range(n_pages):
        page = pdfium.FPDF_LoadPage(document, number)
        if page:
            _say(_page(pdfium, page))
            pdfium.FPDF_ClosePage(page)
        else:
            _say({"rows": []})
        allowed.n_pages += 1
    _say({"end": n_pages})


def _page(pdfium: Any, page: Any) -> dict[str, Any]:
    text = pdfium.FPDFText_LoadPage(page)
    n_chars = max(pdfium.FPDFText_CountChars(text), 0) if text else 0
    turned: Counter[int] = Counter()
    glyphs: list[tuple[Glyph, int]] = []
    n_unknown = 0
    for glyph, turn, is_unknown in _glyphs(pdfium, text, n_chars):
        n_unknown += is_unknown
        if not glyph[0].isspace():
            turned[turn] += 1
        glyphs.append((glyph, turn))
    if text:
        pdfium.FPDFText_ClosePage(text)
    main_turn = turned.most_common(1)[0][0] if turned else 0
    upright = [_turned(glyph, turn) for glyph, turn in glyphs if turn == main_turn]
    rows = reading_order(words_of_glyphs(upright))
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    notes = _notes(pdfium, page)
    return {
        "rows": [
            (r.text, *(round(x, 1) for x in (r.left, r.right, r.bottom, r.top, r.first_width)))
            + (r.column,)
            for r in rows
        ],
        "size": (round(width, 1), round(height, 1)),
        "aslant": sum(turned.values()) - turned[main_turn],
        "unknown": n_unknown,
        "notes": notes,
    }


def _glyphs(pdfium: Any, text: Any, n_chars: int) -> Iterator[tuple[Glyph, int, bool]]:
    """Yield each character with its box, its quarter-turns, and whether no text is known for it."""
    box = pdfium.FS_RECTF()
    at = ctypes.byref(box)
    high = 0
    for index in range(n_chars):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD
        high = 0
        is_unknown = code in (0, 0xFFFD, 0xFFFE, 0xFFFF) or code in _PRIVATE
        if code == 2 or code == 0xFFFE:  # what the library makes of a hyphen at the end of a line
            char, is_unknown = "-", False
        elif code == 0 or code > 0x10FFFF:
            char = "\ufffd"
        else:
            char = chr(code)
            # Then the code is the font's own number of the letter, which means nothing.
            is_missing = pdfium.FPDFText_HasUnicodeMapError(text, index) == 1
            is_unknown = is_unknown or (is_missing and not char.isspace())
        pdfium.FPDFText_GetLooseCharBox(text, index, at)
        if not all(map(math.isfinite, (box.left, box.right, box.bottom, box.top))):
            box.left = box.right = box.bottom = box.top = 0.0
        turn = round(pdfium.FPDFText_GetCharAngle(text, index) / (math.pi / 2) * 2) % 8
        yield (char, box.left, box.right, box.bottom, box.top), turn, is_unknown


def _turned(glyph: Glyph, turn: int) -> Glyph:
    """Turn a box so that its line runs to the right; `turn` counts eighths of a circle."""
    char, left, right, bottom, top = glyph
    if turn == 2:
        return char, -top, -bottom, left, right
    if turn == 4:
        return char, -right, -left, -top, -bottom
    if turn == 6:
        return char, bottom, top, -right, -left
    return glyph


def _notes(pdfium: Any, page: Any) -> int:
    """Count comments, free texts and other marks that lie over the page."""
    n_notes = 0
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), 10_000)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        if note:
            kind = pdfium.FPDFAnnot_GetSubtype(note)
            # An empty string is two bytes, its end.
            is_empty = kind == _FIELD and (
                pdfium.FPDFAnnot_GetStringValue(note, b"V", None, 0) <= 2
            )
            n_notes += kind not in _SILENT_NOTES and not is_empty
            pdfium.FPDFPage_CloseAnnot(note)
    return n_notes


if __name__ == "__main__":
    main()
