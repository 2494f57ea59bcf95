"""Read transcripts in Markdown as a reader of the rendered page sees them.

Published transcripts often hold the same talk twice and words that nobody said: a summary or a
description written afterwards, and the raw captions under the tidied text. A section whose
heading says so is left out when the file has another body, and reported with its lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from qualcode.ingest.decode import decode, entities_decoded, lines_in, peek
from qualcode.ingest.lines import Kind, Line
from qualcode.ingest.reading import Reading
from qualcode.ingest.transcript import paragraphs_of

__all__ = ["MarkdownReader", "as_seen"]

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
_UNDERLINE = re.compile(r" {0,3}=+[ \t]*")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?=\S)")
_QUOTED = re.compile(r"^ {0,3}>[ \t]?")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_STRONG = re.compile(r"[ \t]*(\*\*|__)(?=\S)((?:(?!\1).)+)\1[ \t]*(?:\\|  )?[ \t]*")
_STRONG_LABEL = re.compile(r"[ \t]*(\*\*|__)[^*_:]{1,60}(?::\1|\1[ \t]*:)")
_STRUCTURE = re.compile(r"^(?:#{1,6} \S|[-*+]?[ \t]*(?:\*\*|__)[^*_\n]{1,60}(?:\*\*|__))", re.M)

_RAW = re.compile(
    r"\b(?:raw|unedited|uncorrected|original|verbatim|automatic|auto[- ]?generated|machine)\b"
    r".*\b(?:transcripts?|transcription|captions?|subtitles)\b",
    re.I,
)
_ABOUT = re.compile(
    r"(?:(?:ai|auto|machine|video|episode|generated|executive|short)[- ]+)*"
    r"(?:summary|description|abstract|tl;?dr|key (?:takeaways|points)|show notes|metadata|links|"
    r"about this (?:video|episode|transcript|recording))\W*",
    re.I,
)
_ABOUT_FILE = re.compile(
    r"(?:published|uploaded|posted|recorded)(?: on)?:?[ \t]+\S*\d.{0,40}|"
    r"(?:url|link|source|video|watch)[ \t]*:[ \t]*<?https?://\S+",
    re.I,
)
_ENOUGH_WORDS = 30
_LEVELS = 6

_MARKED = re.compile(r"[<\[`*_~\\&]")
"""Without one of these, a line is what it looks like."""
# Every repeat is bounded: a line of stars or brackets must not cost quadratic time.
_INLINE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"<!--.{0,2000}?-->"), ""),
    (re.compile(r"!\[[^\]]{0,500}\]\([^)]{0,500}\)"), ""),
    (re.compile(r"(?<!\\)\[([^\]]{1,500})\]\((?:[^()]|\([^()]{0,200}\)){0,500}\)"), r"\1"),
    (re.compile(r"(?<!\\)\[([^\]]{1,500})\]\[[^\]]{0,500}\]"), r"\1"),
    (re.compile(r"<((?:https?://|mailto:)[^>\s]{1,500})>"), r"\1"),
    (re.compile(r"<br[ \t]*/?>", re.I), "\n"),
    (re.compile(r"</?(?:b|i|u|em|strong|span|p|div|a|sup|sub|small|mark)\b[^>]{0,500}>", re.I), ""),
    (re.compile(r"(?<!\\)(`{1,3})([^`]{1,2000})\1"), r"\2"),
    # Not inside a word, so that "f***ing" keeps its stars.
    (re.compile(r"(?<![\w\\*])\*{3}(?=\S)(.{1,2000}?)(?<=[^\s\\])\*{3}(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w\\*])\*\*(?=\S)(.{1,2000}?)(?<=[^\s\\])\*\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w\\_])__(?=\S)(.{1,2000}?)(?<=[^\s\\])__(?![\w_])"), r"\1"),
    (re.compile(r"(?<![\w\\*])\*(?=[^\s*])([^*]{1,2000}?)(?<=[^\s\\])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w\\_])_(?=[^\s_])([^_]{1,2000}?)(?<=[^\s\\])_(?![\w_])"), r"\1"),
    (re.compile(r"(?<!\\)~~(?=\S)(.{1,2000}?)~~"), r"\1"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


@dataclass(frozen=True, slots=True)
class _Section:
    """Hold a heading's lines `[start, end)`, deeper sections included; 0-based."""

    start: int
    end: int
    title: str


class MarkdownReader:
    """Read .md; see the module for what is left out."""

    name = "md"
    suffixes: tuple[str, ...] = (".md", ".markdown")

    def sniff(self, data: bytes, path: PurePath) -> bool:
        head = peek(data)
        if path.suffix.lower() in self.suffixes:
            return bool(head.strip())
        return len(_STRUCTURE.findall(head)) >= 2

    def read(self, data: bytes, path: PurePath, encoding: str | None) -> Reading:
        text, used = decode(data, path=path, encoding=encoding)
        rows = lines_in(text, path)
        skipped: list[str] = []
        first = _front_matter(rows)
        if first:
            skipped.append(f"lines 1-{first}: front matter")
        left_out = _left_out(rows, first)
        for section in left_out:
            lines = f"lines {section.start + 1}-{section.end}"
            skipped.append(f"{lines}: section {_kind_of(section.title)!r} beside another body")
        gone = {n for section in left_out for n in range(section.start, section.end)}
        gone.update(range(first))
        for number, row in enumerate(rows):
            if row and number not in gone and _ABOUT_FILE.fullmatch(row.strip()):
                gone.add(number)
                skipped.append(f"line {number + 1}: about the file")
        paragraphs, unread = paragraphs_of(_lines(rows, gone), wary=True)
        return Reading(self.name, used, paragraphs, (*skipped, *unread))


def as_seen(text: str) -> str:
    """Return the text of one line without links, emphasis, tags and escapes."""
    if _MARKED.search(text) is None:
        return text
    for pattern, shown in _INLINE:
        text = pattern.sub(shown, text)
    return entities_decoded(text)


def _front_matter(rows: Sequence[str]) -> int:
    """Return the number of lines of a leading YAML block, 0 where there is none."""
    if rows[0].rstrip() != "---":
        return 0
    keys: set[str] = set()
    for number, row in enumerate(rows[1:200], start=1):
        if row.rstrip() in ("---", "..."):
            return number + 1
        key = re.match(r"([\w\"' -]{1,60}):(?:[ \t]|$)", row)
        # Talk between two rules has blank lines, or the same speaker twice, or no keys.
        if not row.strip() or (key and key[1] in keys):
            return 0
        if key is None and not re.match(r"[ \t]+\S|- |#", row):
            return 0
        keys.add(key[1] if key else "")
    return 0


def _sections(rows: Sequence[str], first: int) -> list[_Section]:
    heads = [
        (number, len(match[1]), as_seen(match[2]))
        for number, row in enumerate(rows)
        if number >= first and (match := _HEADING.fullmatch(row))
    ]
    sections = []
    # Where the next heading of each level stands, from the last heading to the first.
    after = [len(rows)] * (_LEVELS + 1)
    for start, level, title in reversed(heads):
        sections.append(_Section(start, min(after[: level + 1]), title))
        after[level] = start
    return sections[::-1]


def _kind_of(title: str) -> str:
    """Name a heading by its kind: its own words might be a participant's."""
    if _RAW.search(title):
        return "raw transcript"
    return "summary or description" if _ABOUT.fullmatch(title.strip()) else ""


def _left_out(rows: Sequence[str], first: int) -> list[_Section]:
    """Choose the sections to leave out so that a body remains: the tidied one, else the raw."""
    marked = [section for section in _sections(rows, first) if _kind_of(section.title)]
    about = [section for section in marked if not _RAW.search(section.title)]
    for choice in (marked, about):
        gone = {n for section in choice for n in range(section.start, section.end)}
        body = (
            row
            for number, row in enumerate(rows)
            if number >= first and number not in gone and not _HEADING.fullmatch(row)
        )
        if sum(len(row.split()) for row in body) >= _ENOUGH_WORDS:
            return choice
    return []


def _lines(rows: Sequence[str], gone: set[int]) -> list[Line]:
    lines: list[Line] = []
    hard_break = False
    for number, row in enumerate(rows):
        if not row.strip() and lines and lines[-1].kind is Kind.BLANK:
            continue  # any number of blank lines is one
        place = f"line {number + 1}"
        if number in gone or _FENCE.match(row):
            lines.append(Line("", place, Kind.BLANK))
            continue
        heading = _HEADING.fullmatch(row)
        if heading:
            lines.append(Line(as_seen(heading[2]), place, Kind.HEADING))
            continue
        if _UNDERLINE.fullmatch(row) and lines and lines[-1].kind is Kind.WORDS:
            lines[-1] = Line(lines[-1].text, lines[-1].place, Kind.HEADING)
            continue
        row = _QUOTED.sub("", row, count=1)
        if _RULE.fullmatch(row):
            lines.append(Line("", place, Kind.RULE))
            continue
        item = _ITEM.match(row)
        body = row[item.end() :] if item else row
        seen = as_seen(body.rstrip(" \t").removesuffix("\\")).strip(" \t")
        lines.append(
            Line(
                seen,
                place,
                Kind.WORDS if seen.strip() else Kind.BLANK,
                glue="\n" if hard_break else " ",
                is_item=item is not None,
                is_strong=_STRONG.fullmatch(body) is not None,
                has_strong_label=_STRONG_LABEL.match(body) is not None,
            )
        )
        hard_break = row.endswith(("  ", "\\"))
    return lines
