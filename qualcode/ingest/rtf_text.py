"""Turn the bytes of a rich text file (RTF 1.9) into paragraphs and tables.

Libraries that do so (striprtf 0.0.35, BSD) drop headers, notes and hidden words without a word and
join a table's cells by bars; here all that is left out is counted. Work is bounded by `MAX_TOKENS`
and grows with the file's length only: RTF holds nothing that unpacks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from qualcode.ingest.rtf_blocks import RtfBlocks
from qualcode.ingest.rtf_words import (
    CHARSETS,
    FILE_CODES,
    OUTSIDE,
    SEEN_ANYWAY,
    SIGNS,
    SILENT,
    SYMBOLS,
    known_codec,
)

__all__ = ["MAX_TOKENS", "RtfParser", "RtfTooMuch", "RtfUnclosed"]

MAX_TOKENS = 800_000
_MAX_DEPTH = 2_000

_TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,32})(?P<value>-?\d{1,10})? ?|\\'(?P<hex>[0-9A-Fa-f]{2})"
    rb"|\\(?P<sign>[^A-Za-z])|(?P<brace>[{}])|(?P<text>[^\\{}]+)",
    re.DOTALL,
)
_NOT_TEXT = b"\r\n\0"
# Kinds of groups whose text is none of the document's; "" is the document itself.
_WORDLESS = frozenset({"", "silent", "fonttbl", "stylesheet", "style"})
_STYLE = re.compile(r"(?:heading|title|subtitle|überschrift|titre|título)\b", re.IGNORECASE)


class RtfUnclosed(Exception):
    """The file ends inside a group: its end is missing."""


class RtfTooMuch(Exception):
    """The file has more marks than a document has, or groups too deep in each other."""


@dataclass(slots=True)
class _State:
    """Hold what a group inherits from the one around it."""

    kind: str = ""
    codec: str = "cp1252"
    n_fallback: int = 1
    is_bold: bool = False
    is_hidden: bool = False
    is_deleted: bool = False
    is_cell: bool = False
    is_heading: bool = False
    alternatives: bool = False


class RtfParser:
    """Parse one file; `blocks` and `left_out` are the result.

    Attributes:
        blocks: Paragraphs, tables, and how many words each kind of thing outside the talk has.
        n_undecoded: How many characters are none of the code page they are said to be of.
        n_after: How many bytes stand after the end of the text, where no reader looks.
    """

    def __init__(self) -> None:
        self.blocks = RtfBlocks()
        self.n_undecoded = 0
        self.n_after = 0
        self._file_codec = "cp1252"
        self._state = _State()
        self._stack: list[_State] = []
        self._fonts: dict[int, str] = {}
        self._default_font = 0
        self._font = 0
        self._style = 0
        self._style_name = ""
        self._headings: set[int] = set()
        self._bytes = bytearray()
        self._skip = 0
        self._starred = False

    def parse(self, data: bytes) -> None:
        """Read the whole file.

        Raises:
            RtfUnclosed: It is cut off.
            RtfTooMuch: It is nothing that a word processor writes.
        """
        at = n_tokens = 0
        while at < len(data):
            match = _TOKEN.match(data, at)
            n_tokens += 1
            if n_tokens > MAX_TOKENS or len(self._stack) > _MAX_DEPTH:
                raise RtfTooMuch
            if match is None:  # a lone backslash at the very end
                break
            at = match.end()
            if match["text"] is not None:
                self._add_bytes(match["text"].translate(None, _NOT_TEXT))
            elif match["hex"] is not None:
                self._add_bytes(bytes.fromhex(match["hex"].decode("ascii")), is_one=True)
            elif match["brace"] == b"{":
                self._flush()
                self._skip = 0
                self._stack.append(self._state)
                self._state = replace(self._state)
                if self._state.alternatives:
                    self._state.kind = "silent"
            elif match["brace"] == b"}":
                self._close()
                if not self._stack:
                    self.n_after = len(data[at:].strip(b" \t\r\n\0"))
                    break
            elif match["word"] is not None:
                value = int(match["value"]) if match["value"] is not None else None
                word = match["word"].decode("ascii")
                if word == "bin":
                    at += max(value or 0, 0)
                else:
                    self._word(word, value)
            else:
                self._sign(match["sign"].decode("latin-1"))
        self._flush()
        if self._stack:
            raise RtfUnclosed
        self.blocks.end(is_cell=self._state.is_cell, is_heading=self._state.is_heading)
        self.n_undecoded += self.blocks.n_broken

    def _close(self) -> None:
        self._flush()
        self._skip = 0
        if self._state.kind == "style" and _STYLE.match(self._style_name.strip()):
            self._headings.add(self._style)
        if self._stack:
            # A note's words end where its group does.
            if self._state.kind != self._stack[-1].kind and self._state.kind not in _WORDLESS:
                self.blocks.add_outside(self._state.kind, " ")
            self._state = self._stack.pop()

    def _sign(self, sign: str) -> None:
        self._flush()
        if sign == "*":
            self._starred = True
        elif sign in "\r\n":
            self._word("par", None)
        elif sign in SYMBOLS:
            self._add_text(SYMBOLS[sign])
        # The rest ("\-", where a word may be broken) is not seen.

    def _word(self, word: str, value: int | None) -> None:
        starred, self._starred = self._starred, False
        if word == "u":
            self._unicode(value or 0)
            return
        self._flush()
        state = self._state
        if word == "uc":
            state.n_fallback = min(max(value or 0, 0), 16)
        elif word == "upr":
            state.alternatives = True
        elif word == "ud":
            state.alternatives, state.kind = False, ""
        elif state.kind == "fonttbl":
            self._font_word(word, value)
        elif state.kind in ("stylesheet", "style"):
            self._style_word(word, value)
        elif word in ("fonttbl", "stylesheet"):
            state.kind = word
        elif word in SILENT or (starred and word not in SEEN_ANYWAY):
            state.kind = "silent"
        elif state.kind == "silent":
            return
        elif word in OUTSIDE:
            state.kind = OUTSIDE[word]
        else:
            self._format(word, value)

    def _format(self, word: str, value: int | None) -> None:
        state = self._state
        on = value != 0
        if word in SIGNS:
            self._add_text(SIGNS[word])
        elif word in ("par", "sect"):
            self._end_paragraph()
        elif word in ("cell", "nestcell") and not state.kind:
            self.blocks.end_cell(is_nested=word == "nestcell")
        elif word == "row" and not state.kind:
            self.blocks.end_row()
        elif word == "b":
            state.is_bold = on
        elif word == "v":
            state.is_hidden = on
        elif word == "deleted":
            state.is_deleted = on
        elif word == "plain":
            state.is_bold = state.is_hidden = state.is_deleted = False
            state.codec = self._fonts.get(self._default_font) or self._file_codec
        elif word == "pard":
            state.is_cell = state.is_heading = False
        elif word == "intbl":
            state.is_cell = True
        elif word == "s":
            state.is_heading = value in self._headings
        elif word == "outlinelevel":
            state.is_heading = value is not None and 0 <= value < 9
        elif word == "f":
            state.codec = self._fonts.get(value or 0) or self._file_codec
        elif word == "deff":
            self._default_font = value or 0
        elif word == "ansicpg":
            self._file_codec = state.codec = known_codec(f"cp{value}") or self._file_codec
        elif word in FILE_CODES:
            self._file_codec = state.codec = FILE_CODES[word]

    def _font_word(self, word: str, value: int | None) -> None:
        if word == "f":
            self._font = value or 0
        elif word == "fcharset":
            self._fonts[self._font] = CHARSETS.get(value or 0, "")
        elif word == "cpg":
            self._fonts[self._font] = known_codec(f"cp{value}") or self._fonts.get(self._font, "")

    def _style_word(self, word: str, value: int | None) -> None:
        if word == "s":
            self._state.kind, self._style, self._style_name = "style", value or 0, ""

    def _unicode(self, value: int) -> None:
        self._flush()
        code = value % 0x10000
        self._add_text(chr(code) if code else "\ufffd")
        self._skip = self._state.n_fallback

    def _add_bytes(self, data: bytes, *, is_one: bool = False) -> None:
        """Add characters in the font's code page; those that stand in for a `\\u` are passed over.

        A character written `\\'hh` is one of them, however many there are in its code page.
        """
        if self._skip:
            n_passed = min(self._skip, 1 if is_one else len(data))
            self._skip -= n_passed
            data = data[n_passed:]
        self._starred = False
        self._bytes += data

    def _flush(self) -> None:
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            text = data.decode(self._state.codec, "replace")
            if self._state.kind != "silent":
                self.n_undecoded += text.count("\ufffd")
            self._add_text(text)

    def _add_text(self, text: str) -> None:
        state = self._state
        self._skip = 0
        if state.kind == "style":
            self._style_name += text
        if state.kind in _WORDLESS - {""}:
            return
        if state.kind:
            self.blocks.add_outside(state.kind, text)
        elif state.is_deleted or state.is_hidden:
            self.blocks.add_outside("deleted" if state.is_deleted else "hidden", text)
        else:
            self.blocks.add(text, is_bold=state.is_bold)

    def _end_paragraph(self) -> None:
        if self._state.kind:
            self.blocks.add_outside(self._state.kind, " ")
        else:
            self.blocks.end_paragraph(
                is_cell=self._state.is_cell, is_heading=self._state.is_heading
            )
