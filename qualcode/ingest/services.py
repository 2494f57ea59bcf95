"""Know the documents that Teams, Word, Rev, Otter and others write, and find who speaks in them.

Each writes a line with a name and a time over the words, in its own way (`layouts` has those of
plain text); what stands before the first such line (title, date, summary) and what the tool itself
adds is said by nobody. Microsoft Teams has had two ways: until about 2022

    0:0:5.100 --> 0:0:8.250
    Priya Nair
    Words, a sentence often over several of these.

and since then `Priya Nair   0:05` over the words, with `Priya Nair started transcription`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from qualcode.errors import SourceError
from qualcode.ingest.labels import seconds
from qualcode.ingest.layouts import LAYOUTS, Head, Layout, has_other_labels, heads_of
from qualcode.ingest.lines import Kind, Line

__all__ = ["DIALECTS", "Written", "as_written"]

_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}"
_FINE = r"\d{1,3}:\d{1,2}:\d{1,2}(?:[.,]\d{1,7})?"
_ARROW = re.compile(rf"[ \t]*(?P<start>{_FINE})[ \t]*-->[ \t]*(?P<end>{_FINE})[ \t]*")
_NAME = r"(?P<name>[^\s:：\[\]][^\n:：\[\]]{0,79}?)"
# Three spaces are Teams' own: whatever stands before them is a name ("+49 30 ···55" too).
_TEAMS = re.compile(rf"(?P<name>\S[^\n]{{0,99}}?)?[ \u00a0]{{3,8}}(?P<time>{_CLOCK})[ \u00a0]*")

# What tools say of themselves; in Teams the name of a person stands before it.
_TEAMS_SAYS = re.compile(
    r".{1,80} (?:(?:started|stopped) transcription|hat die Transkription (?:gestartet|beendet)"
    r"|a (?:démarré|arrêté) la transcription|(?:inició|detuvo) la transcripción)\.?"
)
_TEAMS_TITLE = re.compile(r".{1,200}-\d{8}_\d{6}(?:UTC)?-Meeting (?:Transcript|Recording).{0,20}")
_WORD_TITLE = re.compile(r"(?:Transcript|Transcription|Transkript|Transcripción)", re.IGNORECASE)
_SAYS = {
    "teams": _TEAMS_SAYS,
    "rev": re.compile(
        r"This transcript was exported on .{1,120}|Transcript by Rev\.com.{0,40}"
        r"|.{1,120} \(Completed:? .{4,20}\)",
        re.IGNORECASE,
    ),
    "otter": re.compile(r"Transcribed by (?:https?://)?(?:www\.)?otter\.ai/?", re.IGNORECASE),
}
# A PDF does not tell how many spaces there are, so only a tool's own words show whose these are.
_SPACED = re.compile(rf"(?:{_NAME}[ \u00a0\t]{{1,8}})?(?P<time>{_CLOCK})")
_SIGNED = (
    (Layout("teams", _SPACED, is_alone=True, names_all=True), (_TEAMS_SAYS, _TEAMS_TITLE)),
    (Layout("otter", _SPACED, is_alone=True, names_all=True), (_SAYS["otter"],)),
    (
        Layout(
            "word",
            re.compile(rf"(?P<time>\d{{1,2}}:\d{{2}}:\d{{2}})(?:[ \t]{{1,8}}{_NAME})?"),
            is_alone=True,
            names_all=True,
        ),
        (_WORD_TITLE,),
    ),
)
_MIN_ENTRIES = 2

DIALECTS: tuple[str, ...] = ("teams", "word", *(layout.name for layout in LAYOUTS))
"""The tools whose documents are known."""


@dataclass(frozen=True, slots=True)
class Written:
    """Hold a transcript's lines with their speakers marked, and the tool that wrote them.

    Attributes:
        lines: As they were where `dialect` is "".
        dialect: One of `DIALECTS`, or "".
        skipped: What a person should know of it.
    """

    lines: list[Line]
    dialect: str = ""
    skipped: tuple[str, ...] = ()


@dataclass(slots=True)
class _Entry:
    """Hold what stands under one name and time; `parts` are its paragraphs."""

    place: str
    name: str | None
    stamp: str
    parts: list[str] = field(default_factory=list)


def as_written(lines: Sequence[Line], dialect: str, *, path: PurePath) -> Written:
    """Mark who speaks where one of the tools wrote the lines.

    Args:
        lines: The document's lines.
        dialect: The tool that wrote them, "" to find out.
        path: The file, for the message.

    Raises:
        SourceError: The tool is named, and no line has a name and time in its way.
    """
    written = _captions(lines, is_named=dialect == "teams") if dialect in ("", "teams") else None
    # Where a table says who speaks, its lines have labels, and no tool writes both.
    if written is None and not any(line.label for line in lines):
        rows = [line for line in lines if line.text.strip()]
        texts = [line.text.strip(" \t\u00a0") for line in rows]
        # Teams leaves out a name before its three spaces, so those are looked at too.
        layout, heads = _heads([line.text.rstrip() for line in rows], texts, dialect)
        if layout is not None:
            written = _under_heads(lines, {id(rows[n]): h for n, h in heads.items()}, layout)
    if written is None and dialect:
        raise SourceError(
            f"{path}: no line has a name and a time as {dialect} writes them",
            hint="read it without --format",
        )
    return written or Written(list(lines))


def _heads(
    raw: Sequence[str], texts: Sequence[str], dialect: str
) -> tuple[Layout | None, Mapping[int, Head]]:
    """Return the layout that the lines have, and its heads by line; None where they have none.

    Lines with `Name:` beside the heads are turns too, and whose the words are is for the general
    rules to say; only what a tool says of itself makes sure that they are none.
    """
    enough = 1 if dialect else _MIN_ENTRIES
    if dialect in ("", "teams"):
        found = {n: m for n, text in enumerate(raw) if (m := _TEAMS.fullmatch(text))}
        heads = {
            n: Head((m["name"] or "").strip() or None, seconds(m["time"]), "")
            for n, m in found.items()
        }
        is_signed = _is_signed(texts, (_TEAMS_SAYS, _TEAMS_TITLE))
        is_certain = bool(dialect) or is_signed or not has_other_labels(texts, heads)
        if len(heads) >= enough and is_certain:
            return Layout("teams", _TEAMS, is_alone=True, names_all=True), heads
    for layout, signs in _SIGNED:
        if dialect == layout.name or (not dialect and _is_signed(texts, signs)):
            heads = heads_of(texts, layout)
            if sum(head.name is not None for head in heads.values()) >= enough:
                return layout, heads
    for layout in LAYOUTS:
        if dialect in ("", layout.name):
            heads = heads_of(texts, layout)
            named = sum(head.name is not None for head in heads.values())
            if named >= enough and (dialect or not has_other_labels(texts, heads)):
                return layout, heads
    return None, {}


def _is_signed(texts: Sequence[str], signs: Sequence[re.Pattern[str]]) -> bool:
    return any(sign.fullmatch(text) for text in texts for sign in signs)


def _captions(lines: Sequence[Line], *, is_named: bool) -> Written | None:
    """Read Teams' first way: times, a name, words; one speaker's entries in a row are joined."""
    starts = [n for n, line in enumerate(lines) if _ARROW.fullmatch(line.text)]
    if len(starts) < (1 if is_named else _MIN_ENTRIES):
        return None
    entries: list[_Entry] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = _ARROW.fullmatch(lines[start].text)
        assert match is not None
        inside = [line for line in lines[start + 1 : end] if line.text.strip()]
        # A name alone would be an entry without words, so one line is words without a name.
        name = inside.pop(0).text.strip() if len(inside) > 1 else None
        stamp = f"[{_clock(seconds(match['start']))} - {_clock(seconds(match['end']))}]"
        words = " ".join(line.text.strip() for line in inside)
        if not words:
            continue
        if entries and name is not None and entries[-1].name == name:
            entries[-1].parts[-1] += f" {stamp} {words}"
        else:
            entries.append(_Entry(lines[start].place, name, stamp, [words]))
    return _written(lines[: starts[0]], entries, [], "teams")


def _under_heads(lines: Sequence[Line], heads: Mapping[int, Head], layout: Layout) -> Written:
    """Gather the words under each head; `heads` are by the identity of their lines."""
    says = _SAYS.get(layout.name)
    first = next(n for n, line in enumerate(lines) if id(line) in heads)
    entries: list[_Entry] = []
    own: list[tuple[int, Line]] = []
    is_new = True
    for line in lines[first:]:
        head = heads.get(id(line))
        text = line.text.strip(" \t")
        if head is not None:
            name = head.name
            if name is None and not layout.names_all and entries:
                name = entries[-1].name  # a time alone: the speaker goes on
            entry = _Entry(line.place, name, f"[{_clock(head.seconds)}]")
            entries.append(entry)
            text = head.words.strip(" \t")
            is_new = not text
            entry.parts += [text] if text else []
        elif line.kind is Kind.HEADING or (says is not None and says.fullmatch(text)):
            own.append((len(entries), line))
        elif not text or line.kind in (Kind.BLANK, Kind.RULE):
            is_new = True
        else:
            parts = entries[-1].parts
            if parts and not is_new:
                parts[-1] += line.glue + text
            else:
                parts.append(text)
            is_new = False
    return _written(lines[:first], entries, own, layout.name)


def _written(
    head: Sequence[Line], entries: Sequence[_Entry], own: Sequence[tuple[int, Line]], tool: str
) -> Written:
    """Build the lines: the head and the tool's own words are headings, entries have labels."""
    lines = [_heading(line) for line in head]
    left = list(own)
    n_nameless = n_empty = 0
    for number, entry in enumerate(entries):
        while left and left[0][0] <= number:
            lines.append(_heading(left.pop(0)[1]))
        n_empty += not entry.parts
        if entry.name is None and entry.parts:
            n_nameless += 1
            # A rule ends the voice before it; nobody knows whose the words are.
            lines.append(Line("", entry.place, Kind.RULE))
        stamp = f"{entry.stamp} "
        for part in entry.parts:
            lines.append(Line(stamp + part, entry.place, label=entry.name))
            lines.append(Line("", entry.place, Kind.BLANK))
            stamp = ""
    lines += [_heading(line) for _, line in left]
    skipped = []
    if n_nameless:
        skipped.append(f"{n_nameless} entries have no name; whose words they are is not known")
    if n_empty:
        skipped.append(f"{n_empty} names stand over no words")
    return Written(lines, tool, tuple(skipped))


def _heading(line: Line) -> Line:
    kind = Kind.HEADING if line.text.strip() else Kind.BLANK
    return Line(line.text.strip(), line.place, kind)


def _clock(total: float) -> str:
    """Write 5.1 seconds as `0:00:05.100`, which all parts of ingest read."""
    thousandths = round(total * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
