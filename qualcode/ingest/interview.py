"""Read an interview of any format, and build its document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

from qualcode.errors import SourceError
from qualcode.ingest.captions import SrtReader, VttReader
from qualcode.ingest.decode import MAX_LINES, decode, peek, too_many_lines
from qualcode.ingest.dialects import not_as_named, read_with, readers_named
from qualcode.ingest.markdown import MarkdownReader
from qualcode.ingest.opendocument import OpenDocumentReader
from qualcode.ingest.packed import member_names, open_packed
from qualcode.ingest.pdf import PdfReader
from qualcode.ingest.plain import PlainReader
from qualcode.ingest.reading import Reader, Reading, assemble
from qualcode.ingest.recorded import RecordedReader
from qualcode.ingest.rtf import RtfReader
from qualcode.ingest.word import WordReader
from qualcode.records import Document, DocumentKind, Role, Speaker, stable_id

__all__ = ["READERS", "build_document", "read_interview"]

READERS: tuple[Reader, ...] = (
    WordReader(),
    OpenDocumentReader(),
    PdfReader(),
    RtfReader(),
    VttReader(),
    SrtReader(),
    RecordedReader(),
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
# A hundred hours of talk are five million characters, four hours two hundred thousand.
_MAX_BYTES = 100 * 1024 * 1024
_MAX_LINE_BYTES = 1_200_000
_MAX_PARAGRAPH_CHARS = 200_000
_MAX_CHARS = 5_000_000
_CUT = "give each interview a file of its own"
_HINT = "save the transcript as .docx, .odt, .pdf, .rtf, .txt, .md, .vtt or .srt and ingest that"


def read_interview(
    data: bytes, path: PurePath, *, encoding: str | None = None, named: str | None = None
) -> Reading:
    """Read an interview as what its bytes are; its suffix only breaks ties.

    Args:
        data: The file's bytes.
        path: Its name, for messages and for its suffix.
        encoding: Of a text file; found when None.
        named: The reader or dialect to read it with, such as "srt" or "vtt/teams"; found when None.

    Raises:
        SourceError: The file is empty, damaged, or nothing that holds an interview; the message
            says what it seems to be.
        UsageError: There is no such reader or dialect.
    """
    choices = [] if named is None else readers_named(READERS, named)
    _check_size(data, path)
    foreign = _foreign(data, path)
    if foreign is not None:
        called = f", though it is called {path.suffix}" if path.suffix else ""
        raise SourceError(f"{path}: seems to be {foreign}{called}", hint=_HINT)
    for reader, dialect in choices or [(reader, "") for reader in READERS]:
        if len(choices) == 1 or reader.sniff(data, path):
            reading = read_with(reader, data, path, encoding, dialect)
            break
    else:
        if choices:
            raise not_as_named(path, named, choices)
        # No reader knows it; a declared encoding may still make text of it.
        reading = _as_text(data, path, encoding)
    _check_length(reading, path)
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


def _check_size(data: bytes, path: PurePath) -> None:
    """Refuse what no talk fills, before anything makes characters of it."""
    if len(data) > _MAX_BYTES:
        raise SourceError(
            f"{path}: {len(data) >> 20} MB, more than an interview of any length", hint=_CUT
        )
    # Packed formats have no lines, and are looked into by their readers; JSON may have any.
    if data.startswith((b"PK", b"%PDF-", b"{\\rtf")) or data.lstrip()[:1] in (b"{", b"["):
        return
    n_lines = max(data.count(b"\n"), data.count(b"\r"))
    if n_lines > MAX_LINES:
        raise too_many_lines(path, n_lines)
    if len(data) > _MAX_LINE_BYTES:
        longest = max(map(len, re.split(rb"[\r\n]", data)))
        if longest > _MAX_LINE_BYTES:
            raise SourceError(
                f"{path}: has a line of {longest / 1e6:.1f} MB, more than anybody says at a "
                "stretch",
                hint="break it into the turns of the talk",
            )


def _check_length(reading: Reading, path: PurePath) -> None:
    """Refuse words that would take longer to look through than anybody would wait.

    Raises:
        SourceError: There are more than a hundred hours of talk, or hours without a break.
    """
    lengths = [len(paragraph.text) for paragraph in reading.paragraphs]
    if max(lengths, default=0) > _MAX_PARAGRAPH_CHARS:
        number = lengths.index(max(lengths)) + 1
        raise SourceError(
            f"{path}: paragraph {number} has {max(lengths):,} characters; at most "
            f"{_MAX_PARAGRAPH_CHARS:,} are read",
            hint="break it into the turns of the talk",
        )
    if sum(lengths) > _MAX_CHARS:
        raise SourceError(
            f"{path}: {sum(lengths):,} characters of talk; at most {_MAX_CHARS:,} are read",
            hint=_CUT,
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
    for magic, what in _MAGIC if b"\0" in data[:1_024] else ():
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
