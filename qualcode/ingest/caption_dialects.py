"""Tell which meeting tool wrote a WebVTT file, and what follows from that for its voices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from qualcode.ingest.cues import Cue
from qualcode.ingest.labels import label_key, name_like, opening, speaking

__all__ = [
    "DIALECTS",
    "NAMES_ALL",
    "dialect_of",
    "ids_that_name",
    "long_names",
    "unread_ids",
]

DIALECTS = ("zoom", "teams", "stream", "webex")
NAMES_ALL = frozenset({"teams", "webex"})
"""Tools that tag every cue with its voice: one without a tag is somebody whom they did not know."""

_STREAM_NOTE = re.compile(
    r"^NOTE[ \t]+(?:Confidence|duration|language|recognizability)\b", re.M | re.I
)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/\S+)?", re.I)
_UNMISTAKABLE_WORDS = 3
_WEBEX_ID = re.compile(r"\d+[ \t]+\"(?P<name>[^\"]{1,80})\"(?:[ \t]*\(\d*\))?")
# Zoom writes the display name, whatever is in it; its words follow a colon and a space.
_DISPLAY_NAME = re.compile(
    r"(?P<name>[^\s:：][^:：\n]{0,79}?)[:：][ \t]+(?P<words>\S.*)", re.DOTALL
)


def dialect_of(text: str, cues: Sequence[Cue]) -> str:
    """Name the tool whose conventions a WebVTT file follows, "" where none shows.

    Teams tags voices and closes each tag or gives its cues GUIDs; Stream notes its confidence;
    Zoom numbers its cues and begins a third of them or more with a name and a colon; Webex writes
    the name into the cue's id.
    """
    tagged = sum(any(voice is not None for voice, _ in cue.parts) for cue in cues)
    guids = sum(bool(_GUID.fullmatch(cue.id)) for cue in cues)
    if tagged * 2 >= len(cues) and (guids * 2 >= len(cues) or text.count("</v>") * 2 >= tagged):
        return "teams"
    if any(_WEBEX_ID.fullmatch(cue.id) for cue in cues):
        return "webex"
    if _STREAM_NOTE.search(text):
        return "stream"
    numbered = sum(cue.id.isdecimal() for cue in cues)
    named = sum(
        bool(found.label and found.colon)
        for cue in cues
        for found in (opening(cue.parts[0][1][0]),)
    )
    if not tagged and numbered * 10 >= len(cues) * 9 and named * 3 >= len(cues):
        return "zoom"
    return ""


def ids_that_name(cues: Sequence[Cue]) -> dict[str, str]:
    """Find the voices that cue ids name: `1 "Ann Bly" (17)`, or names that recur as ids.

    Returns:
        For each id that names somebody the name.
    """
    ids = dict.fromkeys(cue.id for cue in cues)
    webex = {each: match["name"].strip() for each in ids if (match := _WEBEX_ID.fullmatch(each))}
    if webex:
        return {each: name for each, name in webex.items() if name}
    texts = [_bare(cue.id) for cue in cues if _may_name(cue.id)]
    keys = speaking([(text, True) for text in texts], n_blocks=len(cues)) if texts else frozenset()
    return {each: _bare(each) for each in ids if _may_name(each) and label_key(_bare(each)) in keys}


def unread_ids(cues: Sequence[Cue]) -> list[str]:
    """Return a line that counts the ids that are neither counters nor voices, such as chapters."""
    named = ids_that_name(cues)
    n_unread = sum(
        bool(cue.id) and not cue.id.isdecimal() and not _GUID.fullmatch(cue.id)
        for cue in cues
        if cue.id not in named
    )
    what = "name of a cue" if n_unread == 1 else "names of cues"
    return [f"{n_unread} {what}, which no viewer sees"] if n_unread else []


def _bare(cue_id: str) -> str:
    return cue_id.removesuffix(":").strip()


def _may_name(cue_id: str) -> bool:
    bare = _bare(cue_id)
    return 0 < len(bare) <= 40 and not any(char.isdigit() for char in bare) and name_like(bare)


def long_names(lines: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Find display names that are no labels elsewhere, such as "Lee, Sam (he/him) | Sales".

    Returns:
        For each line that begins with one its name and the rest. A name recurs, or has three
        words with capitals, which prose before a colon seldom has.
    """
    found = {
        line: match
        for line in lines
        if opening(line).label is None
        and (match := _DISPLAY_NAME.fullmatch(line)) is not None
        and name_like(match["name"])
    }
    counts = Counter(label_key(found[line]["name"]) for line in lines if line in found)
    return {
        line: (match["name"].strip(), match["words"])
        for line, match in found.items()
        if counts[label_key(match["name"])] >= 2
        or len(match["name"].split()) >= _UNMISTAKABLE_WORDS
    }
