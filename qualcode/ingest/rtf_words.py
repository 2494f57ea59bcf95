"""The control words of rich text files (RTF 1.9) that decide what a reader sees."""

from __future__ import annotations

import codecs

from qualcode.ingest.labels import words_of

__all__ = [
    "CHARSETS",
    "FILE_CODES",
    "OUTSIDE",
    "SEEN_ANYWAY",
    "SIGNS",
    "SILENT",
    "SYMBOLS",
    "known_codec",
]

# Code pages of `\fcharset` (RTF 1.9, font table). 0 and 1 mean the file's own.
CHARSETS = {
    **{77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950"},
    **{161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257"},
    **{204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850"},
}
FILE_CODES = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
SIGNS = {
    **{"tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "bullet": "•"},
    **{"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": "\u2003"},
    **{"enspace": "\u2002", "qmspace": "\u2005", "zwj": "\u200d", "zwnj": "\u200c"},
    **{"ltrmark": "\u200e", "rtlmark": "\u200f", "softline": ""},
}
SYMBOLS = {"~": "\u00a0", "_": "\u2011", "{": "{", "}": "}", "\\": "\\", "\t": "\t"}
# What stands outside the talk, and how it is called when it is told of.
OUTSIDE = {
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "headers"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "footers"),
    **{"footnote": "footnotes", "annotation": "comments"},
    **dict.fromkeys(("listtext", "pntext"), "numbers of lists"),
}
# Groups that hold no words of the document; `\*` marks others that a reader may pass over.
SILENT = words_of(
    "fonttbl colortbl info pict objdata objclass objname fldinst filetbl listtable "
    "listoverridetable revtbl rsidtbl generator xmlnstbl themedata colorschememapping datastore "
    "latentstyles stylesheet nonesttables shprslt sp sn sv bkmkstart bkmkend atnid atnauthor "
    "atndate atnref atntime atrfstart atrfend xe tc txe rxe ftnsep ftnsepc ftncn aftnsep "
    "aftnsepc aftncn template operator formfield"
)
# Marked with `\*` and seen all the same.
SEEN_ANYWAY = frozenset({"shpinst", "shptxt", "do", "ud", *OUTSIDE})


def known_codec(codec: str) -> str:
    """Return a code page's name if there is such a one, else ""."""
    codec = {"cp10000": "mac_roman", "cp65001": "utf-8"}.get(codec, codec)
    try:
        codecs.lookup(codec)
    except LookupError:
        return ""
    return codec
