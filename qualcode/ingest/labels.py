"""Find speakers' labels at the beginning of lines, and tell them from prose with a colon.

A label is at most five words and forty characters, perhaps a role in parentheses and a time code,
and a colon: `Priya:`, `Tom (research):`, `[00:01:02] P7:`, `INT (0:42):`. `Priya Nair  00:01:02`
on a line of its own is one too. Whether a candidate counts is decided over the whole file
(`speaking`): prose such as "There is one thing: …" seldom begins two lines with the same words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "ANSWERS",
    "ASKS",
    "METADATA",
    "Opening",
    "asks",
    "label_key",
    "name_like",
    "opening",
    "seconds",
    "speaking",
    "stamps_inside",
    "times_in",
    "words_of",
]

_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_RANGE = rf"{_CLOCK}(?:[ \t]*(?:-->|[-–—])[ \t]*{_CLOCK})?"
# f4 and MAXQDA write tenths of seconds after a hyphen, where a range would have another time.
_HASHED = r"\#(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[-.,]\d{1,3})?\#"
_BRACKETED = rf"(?:\[{_RANGE}\]|\({_RANGE}\)|<{_RANGE}>|\{{{_RANGE}\}}|{_HASHED})"
_STAMP = rf"(?:{_BRACKETED}|{_RANGE})"
_NAME = r"[^\W_][^:：\n\t\[\]<>{}|\"“”?!;…]{0,59}?"
# Bounded, so that a line of nothing but spaces cannot cost quadratic time.
_SPACE = r"[ \t\u00a0]{0,20}"
_INDENT = r"[ \t\u00a0]*"

_LABELLED = re.compile(
    rf"{_INDENT}(?:(?P<lead>{_STAMP}){_SPACE}[-–—]?{_SPACE})?(?P<name>{_NAME}){_SPACE}"
    # "10:30: I left" is no speaker 1 at 0:30.
    rf"(?P<stamp>(?<!\d){_STAMP})?{_SPACE}[:：](?:[ \t\u00a0]+|$|(?=[^\d/\\:]))"
    rf"(?:(?P<after>{_BRACKETED})[ \t]*)?"
)
_NAME_AND_TIME = re.compile(
    rf"{_INDENT}(?P<name>{_NAME})[ \t\u00a0]{{1,40}}(?P<stamp>{_STAMP}){_SPACE}$"
)
_TIME_ALONE = re.compile(rf"{_INDENT}(?P<stamp>{_STAMP}){_SPACE}$")
# A bare "10:30" may begin a sentence; in brackets, or with hours, it is a time code.
_TIME_FIRST = re.compile(
    rf"{_INDENT}(?P<stamp>{_BRACKETED}|\d{{1,3}}:\d{{2}}:\d{{2}}(?:[.,]\d{{1,3}})?)[ \t\u00a0]+"
)
_ONE_CLOCK = re.compile(_CLOCK)
# Inside a line only what nobody says: "(10:30)" may be the time of an appointment.
_INSIDE = re.compile(
    rf"\[{_RANGE}\]|<{_RANGE}>|\{{{_RANGE}\}}|{_HASHED}|\(\d{{1,3}}:\d{{2}}:\d{{2}}(?:[.,]\d{{1,3}})?\)"
)


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list written as one string."""
    return frozenset(text.split())


_MAX_WORDS = 5
_MAX_CHARS = 40
_PARTICLES = words_of("de del der den di da la le van von bin al el of and y e und &")
# Words that begin or fill a clause; a label with one of them is prose that happens to recur.
_CLAUSE = words_of(
    "is are was were be been that there this these it what which so but because if then like "
    "well anyway also note example said says say i'm it's that's he she we they you to my your "
    "thing answer reason problem question result"
)
_ASKING = frozenset({"question", "answer"})

ASKS = words_of(
    "interviewer interviewerin interviewers int intv iv i q question moderator moderatorin mod "
    "host hosts cohost co-host researcher research facilitator ux ur uxr presenter enquêteur "
    "intervieweur"
)
"""Labels that say that somebody asks."""
ANSWERS = words_of(
    "participant participants interviewee respondent respondents customer client user "
    "patient guest p r response answer befragte befragter befragte:r teilnehmer teilnehmerin "
    "participante kunde kundin"
)
"""Labels that say that somebody answers."""
# Words of `ASKS` that also begin "Question: …" and "Research: …" in prose.
_PROSE_ASKS = words_of("i q question research ux ur mod")
_NUMBER_AFTER = re.compile(r"(?<=[^\W\d_])[\s#._-]*\d+$")

METADATA = words_of(
    "age attendees audio author channel consent date description duration file filename format "
    "gender interviewed interview language length link location notes occupation place "
    "present project published recorded recording session source start end study time "
    "title topic transcribed transcriber transcript transcription uploaded url version venue "
    "datum ort dauer thema titel"
)
"""First words of `Key: value` lines in the head of a transcript; never speakers."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Hold what the beginning of a line may be.

    Attributes:
        label: A candidate for a speaker, as written; None where the line has none.
        words_start: Offset in the line at which the words begin once label and time are off.
        colon: The label ends in a colon (otherwise it stands alone with its time).
        start_seconds: The line's time code.
        end_seconds: The end of the time code where it is a range.
        stamp_end: Offset at which the words begin when only the time is taken off.
    """

    label: str | None
    words_start: int
    colon: bool = True
    start_seconds: float | None = None
    end_seconds: float | None = None
    stamp_end: int = 0


def seconds(clock: str) -> float:
    """Return the seconds of `1:02:03.5`, `02:03` or `02:03,5`."""
    total = 0.0
    for part in clock.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total


def opening(line: str) -> Opening:
    """Look for a time code and a candidate label at the beginning of one line."""
    alone = _TIME_ALONE.match(line)
    if alone:
        return _timed(None, len(line), alone["stamp"], stamp_end=len(line))
    first = _TIME_FIRST.match(line)
    stamp_end = first.end() if first else 0
    found = _LABELLED.match(line)
    if found and _fits(found["name"]):
        stamp = found["lead"] or found["stamp"] or found["after"]
        return _timed(found["name"].strip(), found.end(), stamp, stamp_end=stamp_end)
    named = _NAME_AND_TIME.match(line)
    if named and _fits(named["name"]):
        return _timed(named["name"].strip(), len(line), named["stamp"], colon=False)
    if first:
        return _timed(None, stamp_end, first["stamp"], stamp_end=stamp_end)
    return Opening(None, 0)


def times_in(stamp: str) -> tuple[float, float | None]:
    """Return start and, of a range, end of a time code as it is written, brackets or not."""
    plain = stamp.replace("-", ".") if stamp.startswith("#") else stamp
    clocks = [seconds(clock) for clock in _ONE_CLOCK.findall(plain)]
    return clocks[0], clocks[1] if len(clocks) > 1 else None


def stamps_inside(line: str) -> list[re.Match[str]]:
    """Find the time codes that stand among a line's words."""
    return list(_INSIDE.finditer(line)) if ":" in line else []


def label_key(label: str) -> str:
    """Return the form under which two spellings of a label are the same."""
    return " ".join(label.casefold().split())


def name_like(label: str) -> bool:
    """Tell whether a label looks like a name or role, such as `P7`, `INT`, `Ana de Vries`."""
    words = label.partition("(")[0].split()
    plain = [word.casefold().strip(".,'’-") for word in words]
    # A capital inside a label is a name's: "An Is", "Dong Well".
    clause = [p for n, (p, w) in enumerate(zip(plain, words, strict=True)) if n == 0 or w.islower()]
    # "My" and "My Berg" are names; the clause would be "My answer".
    if plain[:1] == ["my"] and all(word[0].isupper() for word in words):
        return True
    if not words or (not set(plain) <= _ASKING and set(clause) & _CLAUSE):
        return False
    lower = [word for word in words if word[0].islower()]
    return len(lower) < len(words) and all(word.casefold() in _PARTICLES for word in lower)


def asks(label: str) -> bool:
    """Tell whether a label by itself means an interviewer, as `Moderator 2` does."""
    return _NUMBER_AFTER.sub("", label_key(label.partition("(")[0])) in ASKS - _PROSE_ASKS


def speaking(candidates: Sequence[tuple[str, bool]], *, n_blocks: int) -> frozenset[str]:
    """Choose which candidate labels are speakers and return their keys.

    A label counts when it occurs at least twice; or when it occurs once, looks like a name
    (standing alone, or saying `Interviewer`), and the file has another label that counts. A file
    where nobody speaks twice has labels when at least half of its blocks begin with one and there
    are two.

    Args:
        candidates: Each occurrence of a label, and whether it may count when it stands alone
            (it begins a block or follows a finished sentence).
        n_blocks: How many blocks of words the file has.
    """
    counts = Counter(label_key(label) for label, _ in candidates)
    usable = {label_key(label) for label, _ in candidates if not _metadata(label)}
    names = {label_key(label) for label, _ in candidates if name_like(label)} & usable
    recurring = {
        key
        for key in usable
        if counts[key] >= 2 and (key in names or (len(key.split()) <= 3 and not _clause(key)))
    }
    once = {label_key(label) for label, alone in candidates if alone or asks(label)}
    once = once & names - recurring
    if recurring and (len(recurring) > 1 or once):
        return frozenset(recurring | once)
    if recurring:
        return frozenset(recurring)
    labelled = sum(1 for label, alone in candidates if alone and label_key(label) in once)
    return frozenset(once) if len(once) >= 2 and labelled * 2 >= n_blocks else frozenset()


def _clause(key: str) -> bool:
    words = set(key.split())
    return not words <= _ASKING and bool(words & _CLAUSE)


def _metadata(label: str) -> bool:
    return label.split()[0].casefold() in METADATA


def _fits(name: str) -> bool:
    bare = name.partition("(")[0].strip()
    # Digits alone are a year, a price or half a time.
    is_number = not any(char.isalpha() for char in bare)
    return 0 < len(bare) <= _MAX_CHARS and len(bare.split()) <= _MAX_WORDS and not is_number


def _timed(
    label: str | None,
    words_start: int,
    stamp: str | None,
    *,
    stamp_end: int = 0,
    colon: bool = True,
) -> Opening:
    start, end = times_in(stamp) if stamp else (None, None)
    return Opening(label, words_start, colon, start, end, stamp_end)
