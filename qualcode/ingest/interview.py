"""Read an interview of any format, and build its document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

from qualcode.errors import SourceError
from qualcode.ingest.captions import SrtReader, VttReader
from qualcode.ingest.decode import decode, peek
from qualcode.ingest.markdown import MarkdownReader
from qualcode.ingest.opendocument import OpenDocumentReader
from qualcode.ingest.packed import member_names, open_packed
from qualcode.ingest.plain import PlainReader
from qualcode.ingest.reading import Reader, Reading, assemble
from qualcode.ingest.word import WordReader
from qualcode.records import Document, DocumentKind, Role, Speaker, stable_id

__all__ = ["READERS", "build_document", "read_interview"]

READERS: tuple[Reader, ...] = (
    WordReader(),
    OpenDocumentReader(),
    VttReader(),
    SrtReader(),
    MarkdownReader(),
    PlainReader(),
)
"""All readers, the most particular first: the first one that knows the bytes reads them."""

_PACKED = {
    "xl/workbook.xml": "an Excel workbook",
    "xl/workbook.bin": "an Excel workbook",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "META-INF/container.xml": "an e-book (EPUB)",
    "content.xml": "an OpenDocument file that is not a text",
}
_TEXT_MAGIC = ((b"%PDF-", "a PDF"), (b"{\\rtf", "a rich text file (RTF)"))
_MAGIC = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"ID3", "a sound recording"),
    (b"RIFF", "a sound recording"),
    (b"OggS", "a sound recording"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a database"),
)
_PAGE = ("<!doctype html", "<html", "<?xml", "<head", "<body")
_HINT = "save the transcript as .docx, .odt, .txt, .md, .vtt or .srt and ingest that file"


def read_interview(data: bytes, path: PurePath, *, encoding: str | None = None) -> Reading:
    """Read an interview as what its bytes are; its suffix only breaks ties.

    Raises:
        SourceError: The file is empty, damaged, or nothing that holds an interview; the message
            says what it seems to be.
    """
    foreign = _foreign(data, path)
    if foreign is not None:
        called = f", though it is called {path.suffix}" if path.suffix else ""
        raise SourceError(f"{path}: seems to be {foreign}{called}", hint=_HINT)
    for reader in READERS:
        if reader.sniff(data, path):
            reading = reader.read(data, path, encoding)
            break
    else:
        # No reader knows it; a declared encoding may still make text of it.
        reading = _as_text(data, path, encoding)
    if not any(paragraph.is_speech for paragraph in reading.paragraphs):
        raise SourceError(f"{path}: no words of anybody in it", hint="leave it out")
    own = next((r.suffixes for r in READERS if r.name == reading.format), ())
    if path.suffix and path.suffix.lower() not in own:
        note = f"the file is called {path.suffix} and was read as what it is: {reading.format}"
        reading = replace(reading, skipped=(note, *reading.skipped))
    return reading


def build_document(
    reading: Reading,
    *,
    path: str,
    source_id: str,
    source_sha256: str,
    attributes: Mapping[str, str] | None = None,
) -> Document:
    """Build the document of a reading, with one unknown speaker per label.

    The lone `Speaker(None, …)` stands for the voice of a file without labels.
    """
    text, turns = assemble(reading.paragraphs)
    labels = dict.fromkeys(p.speaker for p in reading.paragraphs if p.is_speech and p.speaker)
    voices: list[str | None] = list(labels) or [None]
    return Document(
        id=stable_id("doc", source_sha256, path, ""),
        source_id=source_id,
        path=path,
        kind=DocumentKind.INTERVIEW,
        text=text,
        turns=turns,
        speakers=tuple(Speaker(label, Role.UNKNOWN) for label in voices),
        attributes=dict(attributes or {}),
    )


def _as_text(data: bytes, path: PurePath, encoding: str | None) -> Reading:
    """Read what only its declared encoding, such as UTF-16 without a mark, shows to be text."""
    text, used = decode(data, path=path, encoding=encoding)
    plain = text.encode("utf-8")
    reader = next((r for r in READERS[2:-1] if r.sniff(plain, path)), READERS[-1])
    return replace(reader.read(plain, path, "utf-8"), encoding=used)


def _foreign(data: bytes, path: PurePath) -> str | None:
    """Say what the bytes seem to be, None where they may be an interview."""
    # A transcript may begin with "ID3:", but it has no NUL bytes.
    magics = (*_TEXT_MAGIC, *_MAGIC) if b"\0" in data[:1_024] else _TEXT_MAGIC
    for magic, what in magics:
        if data.startswith(magic):
            return what
    if data[4:8] == b"ftyp":
        return "a recording"
    if data.startswith(b"PK\x03\x04"):
        open_packed(data, path, "document").close()
        names = member_names(data)
        if any(READERS[n].sniff(data, path) for n in (0, 1)):
            return None
        return next((what for name, what in _PACKED.items() if name in names), "a zip archive")
    head = peek(data, 2_048).lstrip().casefold()
    return "a web page or XML" if head.startswith(_PAGE) else None
