"""Write small PDF files for tests: text at given places, nothing else."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

__all__ = ["Placed", "deflated_spaces", "page_of", "pdf_of", "stream_of", "talk_page"]

Placed = tuple[float, float, str]
"""Where a text begins (points from the left and from the bottom) and the text."""


def stream_of(texts: Iterable[Placed], *, size: float = 11, matrix: str = "1 0 0 1") -> str:
    """Return the content of a page; `matrix` turns the letters."""
    return "".join(
        f"BT /F1 {size} Tf {matrix} {x} {y} Tm ({_escaped(text)}) Tj ET\n" for x, y, text in texts
    )


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def page_of(*texts: Placed, size: float = 11) -> str:
    """Return the content of a page with these texts."""
    return stream_of(texts, size=size)


def talk_page(turns: Sequence[tuple[str, Sequence[str]]], *, top: float = 760) -> list[Placed]:
    """Place turns as transcripts are printed: a label at the margin, its lines behind a tab."""
    placed: list[Placed] = []
    y = top
    for label, lines in turns:
        for number, line in enumerate(lines):
            if number == 0 and label:
                placed.append((72, y, label))
            placed.append((140, y, line))
            y -= 14
    return placed


def deflated_spaces(n_mebibytes: int) -> bytes:
    """Return a deflated stream of so many spaces without having them all at once."""
    packer = zlib.compressobj(9)
    block = b" " * 2**20
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (n_mebibytes - 1) + packer.flush()


def pdf_of(
    *pages: str | bytes, n_deflated: int = 0, page_more: bytes = b"", tounicode: str = ""
) -> bytes:
    """Return a PDF with one page for each content.

    Args:
        pages: Their contents; bytes are deflated once already.
        n_deflated: How many times each content is deflated, as a bomb is.
        page_more: More entries of each page's dictionary, such as `/Rotate 90`.
        tounicode: Mappings `<41> <05D0>` from the font's bytes to characters.
    """
    objects: list[bytes] = [b"", b"", b""]

    def add(content: bytes) -> int:
        objects.append(content)
        return len(objects)

    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding"
    if tounicode:
        pairs = tounicode.splitlines()
        body = (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def "
            "1 begincodespacerange <00> <FF> endcodespacerange "
            f"{len(pairs)} beginbfchar\n{tounicode}\nendbfchar endcmap end end"
        ).encode("ascii")
        number = add(b"<</Length %d>>stream\n%s\nendstream" % (len(body), body))
        font += b"/ToUnicode %d 0 R" % number
    objects[2] = font + b">>"
    kids: list[int] = []
    for page in pages:
        content = page.encode("cp1252") if isinstance(page, str) else page
        for _ in range(n_deflated - isinstance(page, bytes)):
            content = zlib.compress(content, 9)
        filters = b"/Filter[%s]" % (b"/FlateDecode" * n_deflated) if n_deflated else b""
        stream = add(b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), filters, content))
        kids.append(
            add(
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]%s"
                b"/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>" % (page_more, stream)
            )
        )
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), listed)
    out = bytearray(b"%PDF-1.7\n")
    starts: list[int] = []
    for number, content in enumerate(objects, start=1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % start for start in starts)
    out += b"trailer<</Size %d/Root 1 0 R>>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)
