"""Look into zipped documents (.docx, .odt, .xlsx) before anything unpacks them.

Word processors, spreadsheets and the libraries that read their files believe what a zip file says
about itself. Here nothing is believed: each member is unpacked piece by piece, and forgotten.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

__all__ = ["MAX_MEMBERS", "UnsafePackage", "has_too_many_members", "looked_into", "pieces_of"]

MAX_MEMBERS = 5_000
_ENCRYPTED = 0x1
_LINK = 0o120000
_KIND_OF_FILE = 0o170000
_PIECE_BYTES = 1 << 20
_ENTRY = b"PK\x01\x02"
_DRIVE = re.compile(r"[A-Za-z]:")
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_XML = (".xml", ".rels", ".vml")
_SAVE_AGAIN = "save it again and ingest the new file"
_MADE_BY_HAND = "no office program writes such a file; open it in one and save it anew"


class UnsafePackage(Exception):
    """Say what is wrong with a package in words that go after its path, and what to do."""

    def __init__(self, reason: str, hint: str = _SAVE_AGAIN) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def has_too_many_members(data: bytes) -> bool:
    """Tell it from the bytes, as a list of a million members costs time and memory."""
    return data.count(_ENTRY) > MAX_MEMBERS


def looked_into(data: bytes, *, max_bytes: int, too_large: str) -> zipfile.ZipFile:
    """Open a package of which every member is what the package says, and small enough.

    Args:
        data: The file.
        max_bytes: How much all members may unpack to.
        too_large: What to do with one that is too large.

    Raises:
        UnsafePackage: It is cut off, damaged, encrypted or too large, has too many members, two
            of one name, links or names that lead elsewhere, declares XML entities, or lies.
    """
    if has_too_many_members(data):
        raise UnsafePackage(f"more than {MAX_MEMBERS:,} members in its zip archive", too_large)
    try:
        packed = zipfile.ZipFile(io.BytesIO(data))
        members = packed.infolist()
    except Exception as error:  # zipfile raises many kinds on garbled directories
        raise UnsafePackage("a damaged or cut-off zip archive") from error
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise UnsafePackage("password-protected", "save it without a password")
    _refuse_names(members)
    if sum(member.file_size for member in members) > max_bytes:
        raise UnsafePackage(f"unpacks to more than {max_bytes >> 20} MB", too_large)
    for member in members:
        _refuse_content(data, member)
    return packed


def _refuse_names(members: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
            raise UnsafePackage(f"the name of its member {name!r} leads elsewhere", _MADE_BY_HAND)
        if (member.external_attr >> 16) & _KIND_OF_FILE == _LINK:
            raise UnsafePackage(f"its member {name!r} is a link", _MADE_BY_HAND)
        if name.casefold() in seen:
            raise UnsafePackage(f"its member {name!r} is there twice", _MADE_BY_HAND)
        seen.add(name.casefold())


def _refuse_content(data: bytes, member: zipfile.ZipInfo) -> None:
    is_xml = member.filename.lower().endswith(_XML)
    tail = b""
    for piece in pieces_of(data, member):
        if not is_xml:
            continue
        # UTF-16 has a NUL in each of these signs.
        text = tail + (piece.replace(b"\0", b"") if b"\0" in piece else piece)
        if _DECLARES.search(text):
            raise UnsafePackage(f"{member.filename} declares XML entities", _MADE_BY_HAND)
        tail = text[-16:]


def pieces_of(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what a member unpacks to, a megabyte at a time.

    Not by `zipfile`, which unpacks whatever is there before it looks at the size it expects.

    Raises:
        UnsafePackage: It is cut off or damaged, or has another size than the package says.
    """
    name = member.filename
    damaged = f"{name} in it is damaged or cut off"
    try:
        lengths = struct.unpack_from("<HH", data, member.header_offset + 26)
    except struct.error as error:
        raise UnsafePackage(damaged) from error
    start = member.header_offset + 30 + sum(lengths)
    packed = memoryview(data)[start : start + member.compress_size]
    if len(packed) < member.compress_size:
        raise UnsafePackage(damaged)
    n_bytes = check = 0
    for piece in _unpacked(packed, member, damaged):
        n_bytes += len(piece)
        check = zlib.crc32(piece, check)
        if n_bytes > member.file_size:
            raise UnsafePackage(f"{name} in it is larger than it says", _MADE_BY_HAND)
        yield piece
    if n_bytes != member.file_size or check != member.CRC:
        raise UnsafePackage(damaged)


def _unpacked(packed: memoryview, member: zipfile.ZipInfo, damaged: str) -> Iterator[bytes]:
    if member.compress_type == zipfile.ZIP_STORED:
        for at in range(0, len(packed), _PIECE_BYTES):
            yield bytes(packed[at : at + _PIECE_BYTES])
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise UnsafePackage(f"{member.filename} in it is packed in an unknown way", _MADE_BY_HAND)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for at in range(0, len(packed), _PIECE_BYTES):
            left: bytes = packed[at : at + _PIECE_BYTES]  # type: ignore[assignment]
            while left:
                piece = unpacker.decompress(left, _PIECE_BYTES)
                left = unpacker.unconsumed_tail
                if piece:
                    yield piece
                elif unpacker.eof:
                    return
        yield unpacker.flush()
    except zlib.error as error:
        raise UnsafePackage(damaged) from error
