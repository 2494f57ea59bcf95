"""Files that would hurt a careless reader, each made here and none of them large on disk."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

__all__ = ["ATTACKS", "Attack", "docx", "odt", "xlsx", "zipped"]

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_MEGA = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TALK = "".join(
    f"<w:p><w:r><w:t>{who}: I waited {n} weeks for it.</w:t></w:r></w:p>"
    for n in range(2, 6)
    for who in ("Ada", "Bea")
)


@dataclass(frozen=True, slots=True)
class Attack:
    """Hold one attack: a file's name, what makes its bytes, and what has to come of it.

    `told` are words of the message, or of the notes where the file is read all the same.
    """

    name: str
    file: str
    make: Callable[[], bytes]
    status: str
    told: Sequence[str] = ()
    encoding: str = ""


def zipped(members: Sequence[tuple[str | zipfile.ZipInfo, bytes | str]]) -> bytes:
    """Pack members in order, those of one name too."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, content in members:
            if isinstance(name, zipfile.ZipInfo):
                packed.writestr(name, content)
            else:
                packed.NameToInfo.pop(name, None)  # so that a second one brings no warning
                packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 1)
    return out.getvalue()


def _types(part: str, kind: str) -> str:
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="{part}" ContentType="application/vnd.openxmlformats-officedocument.'
        f'{kind}.main+xml"/></Types>'
    )


def _rels(kind: str, target: str) -> str:
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def docx(
    body: str | bytes = TALK,
    more: Sequence[tuple[str | zipfile.ZipInfo, bytes | str]] = (),
    doctype: str = "",
) -> bytes:
    """Make the smallest Word document, with members of any kind beside it."""
    text = body if isinstance(body, str) else body.decode("ascii")
    document = f'{_HEAD}{doctype}<w:document xmlns:w="{_W}"><w:body>{text}</w:body></w:document>'
    return zipped(
        [
            ("[Content_Types].xml", _types("/word/document.xml", "wordprocessingml.document")),
            ("_rels/.rels", _rels("officeDocument", "word/document.xml")),
            ("word/document.xml", document),
            *more,
        ]
    )


def odt(body: str, more: Sequence[tuple[str, bytes | str]] = (), doctype: str = "") -> bytes:
    """Make the smallest OpenDocument text."""
    content = (
        f'{_HEAD}{doctype}<office:document-content xmlns:office="{_ODF}:office:1.0" '
        f'xmlns:text="{_ODF}:text:1.0" xmlns:table="{_ODF}:table:1.0"><office:body>'
        f"<office:text>{body}</office:text></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        kind = zipfile.ZipInfo("mimetype")
        packed.writestr(kind, "application/vnd.oasis.opendocument.text", zipfile.ZIP_STORED)
        for name, data in (("content.xml", content), *more):
            packed.writestr(name, data)
    return out.getvalue()


def xlsx(
    rows: str,
    shared: str = "",
    more: Sequence[tuple[str | zipfile.ZipInfo, bytes | str]] = (),
    *,
    part: str = "xl/worksheets/sheet1.xml",
    doctype: str = "",
) -> bytes:
    """Make the smallest workbook with one sheet."""
    book = (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Answers" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    rels = (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/worksheet" Target="{part.removeprefix("xl/")}"/><Relationship Id="rId2" '
        f'Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    sheet = f'{_HEAD}{doctype}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return zipped(
        [
            ("[Content_Types].xml", _types("/xl/workbook.xml", "spreadsheetml.sheet")),
            ("_rels/.rels", _rels("officeDocument", "xl/workbook.xml")),
            ("xl/workbook.xml", book),
            ("xl/_rels/workbook.xml.rels", rels),
            ("xl/sharedStrings.xml", f'{_HEAD}<sst xmlns="{_MAIN}">{shared}</sst>'),
            (part, sheet),
            *more,
        ]
    )


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


@cache
def _bomb() -> bytes:
    return docx(_paragraph("Ada: " + "so " * (90 * _MEGA // 3)))


def _lying(data: bytes, name: str, size: int) -> bytes:
    """Change the size that the directory and the member's own head give."""
    packed = zipfile.ZipFile(io.BytesIO(data))
    info = packed.getinfo(name)
    out = bytearray(data)
    out[info.header_offset + 22 : info.header_offset + 26] = struct.pack("<I", size)
    at = data.rindex(b"PK\x01\x02" + data[packed.start_dir + 4 : packed.start_dir + 6])
    at = packed.start_dir
    while True:
        length = struct.unpack_from("<H", out, at + 28)[0]
        extra, comment = struct.unpack_from("<HH", out, at + 30)
        if bytes(out[at + 46 : at + 46 + length]).decode() == name:
            out[at + 24 : at + 28] = struct.pack("<I", size)
            return bytes(out)
        at += 46 + length + extra + comment


def _encrypted(data: bytes) -> bytes:
    """Set the flag of encryption on every member."""
    out = bytearray(data)
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(sign)
        while at >= 0:
            out[at + flags] |= 1
            at = data.find(sign, at + 4)
    return bytes(out)


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "haha">'
    + "".join(
        f'<!ENTITY {after} "{f"&{name};" * 10}">'
        for name, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
READS_FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
_CELL = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'


def _sheet(n_rows: int) -> str:
    answers = {n: _CELL.format(f"B{n}", f"it took {n} weeks") for n in range(2, n_rows + 2)}
    cells = "".join(
        f'<row r="{n}">{_CELL.format(f"A{n}", n)}{answer}</row>' for n, answer in answers.items()
    )
    head = _CELL.format("A1", "id") + _CELL.format("B1", "What happened?")
    return f'<row r="1">{head}</row>{cells}'


def _far(cell: str) -> bytes:
    return xlsx(_sheet(3) + f'<row r="9">{cell}</row>')


def _many_members(n: int = 10_000) -> list[tuple[str | zipfile.ZipInfo, bytes | str]]:
    return [(f"word/media/{number}.xml", b"") for number in range(n)]


_PROTECTED = _OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2048)

_SAID = b"Ada: I waited three weeks.\nBea: So did I.\nAda: And then?\nBea: It came.\n"

ATTACKS: tuple[Attack, ...] = (
    Attack(
        "a Word document with a password", "a.docx", lambda: _PROTECTED, "failed", ("password",)
    ),
    Attack("a workbook with a password", "a.xlsx", lambda: _PROTECTED, "failed", ("password",)),
    Attack("half a Word document", "a.docx", lambda: docx()[:400], "failed", ("cut-off",)),
    Attack("half a workbook", "a.xlsx", lambda: xlsx(_sheet(5))[:500], "failed", ("cut-off",)),
    Attack("half an OpenDocument text", "a.odt", lambda: odt("")[:150], "failed", ("cut-off",)),
    Attack(
        "a Word document of 90 MB packed into less than one",
        "a.docx",
        _bomb,
        "failed",
        ("unpacks",),
    ),
    Attack(
        "an OpenDocument text of 90 MB packed into less than one",
        "a.odt",
        lambda: odt("<text:p>" + "so " * (90 * _MEGA // 3) + "</text:p>"),
        "failed",
        ("unpacks",),
    ),
    Attack(
        "a workbook of 170 MB packed into less than one",
        "a.xlsx",
        lambda: xlsx(_sheet(3) + " " * (170 * _MEGA)),
        "failed",
        ("unpacks",),
    ),
    Attack(
        "a Word document that lies about a size",
        "a.docx",
        lambda: _lying(_bomb(), "word/document.xml", 400),
        "failed",
        ("word/document.xml",),
    ),
    Attack(
        "an OpenDocument text that lies about a size",
        "a.odt",
        lambda: _lying(odt("so " * 10 * _MEGA), "content.xml", 400),
        "failed",
        ("content.xml",),
    ),
    Attack(
        "a workbook that lies about a size",
        "a.xlsx",
        lambda: _lying(xlsx(_sheet(3) + "<row/>" * 3 * _MEGA), "xl/worksheets/sheet1.xml", 900),
        "failed",
        ("sheet1.xml",),
    ),
    Attack(
        "entities that multiply in a Word document",
        "a.docx",
        lambda: docx(_paragraph("Ada: &i;") + TALK, doctype=LAUGHS),
        "failed",
        ("entit",),
    ),
    Attack(
        "an entity that reads a file in a Word document",
        "a.docx",
        lambda: docx(_paragraph("Ada: &a;") + TALK, doctype=READS_FILE),
        "failed",
        ("entit",),
    ),
    Attack(
        "entities that multiply in an OpenDocument text",
        "a.odt",
        lambda: odt("<text:p>&i;</text:p>", doctype=LAUGHS),
        "failed",
        ("entit",),
    ),
    Attack(
        "an entity that reads a file in an OpenDocument text",
        "a.odt",
        lambda: odt("<text:p>&a;</text:p>", doctype=READS_FILE),
        "failed",
        ("entit",),
    ),
    Attack(
        "entities that multiply in a workbook",
        "a.xlsx",
        lambda: xlsx(_sheet(3) + f'<row r="9">{_CELL.format("A9", "&i;")}</row>', doctype=LAUGHS),
        "failed",
        ("entit",),
    ),
    Attack(
        "10,000 members in a Word document",
        "a.docx",
        lambda: docx(more=_many_members()),
        "failed",
        ("members",),
    ),
    Attack(
        "10,000 members in a workbook",
        "a.xlsx",
        lambda: xlsx(_sheet(3), more=_many_members()),
        "failed",
        ("members",),
    ),
    *(
        Attack(
            f"a member called {name}",
            "a.docx",
            lambda name=name: docx(more=[(name, b"out")]),  # type: ignore[misc]
            "failed",
            (name.replace("\\", "/"),),
        )
        for name in ("../../evil.txt", "/etc/evil", "C:/evil.txt", "word\\..\\..\\evil.txt")
    ),
    Attack(
        "a member that is a link",
        "a.docx",
        lambda: docx(more=[(_link("word/media/x.xml"), b"/etc/passwd")]),
        "failed",
        ("link",),
    ),
    Attack(
        "two members of one name",
        "a.docx",
        lambda: docx(more=[("word/document.xml", b"<other/>")]),
        "failed",
        ("twice",),
    ),
    Attack(
        "a zip in a zip",
        "a.docx",
        lambda: zipped([("inner.docx", docx())]),
        "failed",
        ("zip archive",),
    ),
    Attack("a flag of encryption", "a.docx", lambda: _encrypted(docx()), "failed", ("password",)),
    Attack(
        "100,000 levels in a Word document",
        "a.docx",
        lambda: docx("<w:sdt>" * 100_000 + TALK + "</w:sdt>" * 100_000),
        "failed",
        ("damaged",),
    ),
    Attack(
        "230 levels in a Word document",
        "a.docx",
        lambda: docx("<w:sdt>" * 230 + TALK + "</w:sdt>" * 230),
        "failed",
        ("deep",),
    ),
    Attack(
        "100,000 levels in an OpenDocument text",
        "a.odt",
        lambda: odt("<text:span>" * 100_000 + "x" + "</text:span>" * 100_000),
        "failed",
        ("deep",),
    ),
    Attack(
        "a million empty paragraphs",
        "a.docx",
        lambda: docx(TALK + "<w:p/>" * 1_000_000),
        "failed",
        ("paragraphs and formats",),
    ),
    Attack(
        "a million empty paragraphs in an OpenDocument text",
        "a.odt",
        lambda: odt("<text:p/>" * 1_000_000),
        "failed",
        ("paragraphs and formats",),
    ),
    Attack(
        "a hundred million spaces in an OpenDocument text",
        "a.odt",
        lambda: odt('<text:p>x<text:s text:c="1000"/></text:p>' * 100_000),
        "failed",
        ("characters",),
    ),
    Attack(
        "a workbook that is a Word document",
        "a.xlsx",
        docx,
        "failed",
        ("Word document",),
    ),
    *(
        Attack(name, "a.xlsx", lambda cell=cell: _far(cell), "failed", ("reaches to",))  # type: ignore[misc]
        for name, cell in (
            ("a cell in the last corner", '<c r="XFD1048576"><v>1</v></c>'),
            ("a cell in the last corner, in small letters", '<c r="xfd1048576"><v>1</v></c>'),
            (
                "a cell in the last corner, oddly written",
                "<c s='1'\n r = 'XFD1048576'><v>1</v></c>",
            ),
            ("a cell in the last corner that seems empty", '<c r="XFD1048576">/><v>1</v></c>'),
            ("a cell far to the right after much space", f'<c {" " * 5000}r="XFD9"><v>1</v></c>'),
        )
    ),
    Attack(
        "a last row by number and cells without places",
        "a.xlsx",
        lambda: xlsx(_sheet(3) + '<row r="1048576">' + "<c><v>1</v></c>" * 1_900 + "</row>"),
        "failed",
        ("reaches to",),
    ),
    Attack(
        "a far cell in a sheet that is called like the shared strings",
        "a.xlsx",
        lambda: xlsx(
            _sheet(3) + '<row r="1000000"><c r="BXX1000000"><v>1</v></c></row>',
            part="xl/worksheets/sharedStrings1.dat",
        ),
        "failed",
        ("reaches to",),
    ),
    Attack(
        "one long text in 300,000 cells",
        "a.xlsx",
        lambda: xlsx(
            '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
            + "".join(
                f'<row r="{n}"><c r="A{n}" t="s"><v>1</v></c></row>' for n in range(2, 300_000)
            ),
            f"<si><t>Why?</t></si><si><t>{'long ' * 6_000}</t></si>",
        ),
        "failed",
        ("characters",),
    ),
    Attack(
        "a workbook with cells that never end",
        "a.xlsx",
        lambda: xlsx("<c " * 1_000_000),
        "failed",
        ("reaches to",),
    ),
    Attack(
        "50 MB of one line of text",
        "a.txt",
        lambda: b"so " * (50 * _MEGA // 3),
        "failed",
        ("52.4 MB",),
    ),
    Attack(
        "50 MB of one line of text in a table",
        "a.csv",
        lambda: b"id,answer\n1," + b"so " * (50 * _MEGA // 3),
        "failed",
        ("characters",),
    ),
    Attack(
        "50 MB of one line of commas", "a.csv", lambda: b"," * 50 * _MEGA, "failed", ("line 1",)
    ),
    Attack(
        "eight million rows", "a.csv", lambda: b"a,b\n" * (8 * _MEGA), "failed", ("row 500001",)
    ),
    Attack(
        "50 MB of one caption",
        "a.vtt",
        lambda: b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"so " * (50 * _MEGA // 3),
        "failed",
        ("52.4 MB",),
    ),
    Attack(
        "50 MB of one line of Markdown",
        "a.md",
        lambda: b"# Talk\n" + b"*so " * (50 * _MEGA // 4),
        "failed",
        ("MB",),
    ),
    Attack(
        "a line of a million characters",
        "a.txt",
        lambda: b"so " * 350_000,
        "failed",
        ("characters",),
    ),
    *(
        Attack(
            f"five million {kind} lines in {file}",
            file,
            lambda line=line: line * 5_000_000 + _SAID,  # type: ignore[misc]
            "failed",
            ("lines; at most 1,000,000 are read",),
        )
        for file in ("a.txt", "a.md", "a.vtt", "a.srt")
        for kind, line in (("empty", b"\n"), ("blank", b" \r\n"))
    ),
    *(
        Attack(
            f"talk {how} 990,000 empty lines in {file}",
            file,
            lambda head=head, before=before, after=after: (  # type: ignore[misc]
                b"\n" * before + head + _SAID + b"\n" * after
            ),
            "read",
        )
        for file, head in (
            ("a.txt", b"Talk\n\n"),
            ("a.md", b"# Talk\n\n"),
            ("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n"),
            ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\n"),
        )
        for how, before, after in (("behind", 990_000, 0), ("over", 0, 990_000))
    ),
    Attack(
        "100 MB of line ends in JSON",
        "a.json",
        lambda: b'{"segments": [' + b"\n" * (100 * _MEGA) + b"]}",
        "failed",
        ("MB",),
    ),
    Attack(
        "400,000 lines of one letter",
        "a.txt",
        lambda: b"a\n" * 400_000,
        "failed",
        ("400,000 lines",),
    ),
    Attack(
        "70,000 captions without words",
        "a.vtt",
        lambda: b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\n\n" * 70_000 + _SAID,
        "failed",
        ("no cue found",),
    ),
    Attack(
        "50,000 words outside of captions",
        "a.vtt",
        lambda: b"WEBVTT\n\n00:01.000 --> 00:02.000\nAda: so\n\n" + b"abcd\n\n" * 50_000,
        "failed",
        ("characters",),
    ),
    Attack(
        "NUL bytes in a text",
        "a.txt",
        lambda: b"Ada: I wait\0ed\nBea: so\n",
        "failed",
        ("NUL byte at offset 11",),
    ),
    Attack(
        "NUL bytes in a table", "a.csv", lambda: b"id,answer\n1,so\0it\n", "failed", ("NUL byte",)
    ),
    Attack("only NUL bytes", "a.vtt", lambda: bytes(1000), "failed", ("NUL byte",)),
    Attack(
        "10,000 columns",
        "a.csv",
        lambda: b"\n".join(b",".join(b"c%d" % n for n in range(10_000)) for _ in range(3)),
        "failed",
        ("10,000 columns",),
    ),
    Attack(
        "10,000 columns in a workbook",
        "a.xlsx",
        lambda: xlsx("<row>" + "<c><v>1</v></c>" * 10_000 + "</row>" + _sheet(2)),
        "failed",
        ("column 10,0",),
    ),
    Attack(
        "the same id in eight rows",
        "a.csv",
        lambda: (
            b"id,What happened to you?\n"
            + b"".join(b"%d,It took %d weeks until it came\n" % (max(n, 7), n) for n in range(500))
        ),
        "read",
        ("the same id",),
    ),
    Attack(
        "2,000 columns of one name",
        "a.csv",
        lambda: b"\n".join(b",".join([b"It took long"] * 2_000) for _ in range(4)),
        "skipped",
        ("no column of open answers",),
    ),
    Attack(
        "a field that is never closed",
        "a.csv",
        lambda: b'id,a\n1,"' + b"so it was\n" * 50_000,
        "failed",
        ("never closed",),
    ),
    Attack("no bytes at all", "a.txt", lambda: b"", "failed", ("empty",)),
    Attack("only a byte order mark", "a.csv", lambda: b"\xef\xbb\xbf", "failed", ("empty",)),
    Attack(
        "cut-off UTF-16",
        "a.csv",
        lambda: "id,answer\n1,so it was\n".encode("utf-16")[:-1],
        "failed",
        ("utf-16",),
    ),
    Attack(
        "bytes of another encoding",
        "a.txt",
        lambda: "Ada: Ich wäre müde\nBea: so\n".encode("cp850"),
        "failed",
        ("byte 0x81 at offset 15",),
    ),
    Attack(
        "a wrongly named encoding",
        "a.txt",
        lambda: "Ada: müde\nBea: so\n".encode("cp1252"),
        "failed",
        ("offset",),
        "utf-8",
    ),
)
