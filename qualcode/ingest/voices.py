"""Decide whose words the paragraphs of a transcript are.

The hard rule is that an interviewer's words must never be taken for a participant's; to lose a
participant's to "unknown" is the lesser harm. So a paragraph without a label continues the
speaker before it, except

- after a heading or a rule: a new section is where an unlabelled host asks;
- when the questions of the file are mostly asked in paragraphs without a label: then its
  interviewer has none, and any unlabelled paragraph may be theirs;
- in formats that mix talk and editing (`wary`): when it asks, thanks, replies, speaks of what "you"
  said, or names the speaker whom it would continue.

It then has no speaker, and so have those after it until the next label.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from qualcode.ingest.labels import ANSWERS, ASKS, words_of
from qualcode.ingest.lines import Kind, is_stage_direction
from qualcode.ingest.reading import Paragraph
from qualcode.records import TimeMark

__all__ = ["OPEN_END", "Block", "may_be_several", "voiced"]

OPEN_END = -1.0
"""The end of a time code that names only a start, until the next one is known."""

_MAX_DIRECTION_CHARS = 200
_MIN_TALK_CHARS = 200
_ASKS = re.compile(r"[?？؟][\s\"'”’»)\]]*$")
# How a host comes in without a label: thanks, an answering word, or talk about what "you" said.
_COMES_IN = re.compile(
    r"(?:(?:ok|okay|great|well|and|so|alright|awesome)\W+)?(?:thanks?|thank you|yes|yeah|yep|sure|"
    r"absolutely|exactly|awesome|interesting|wow|amazing|fantastic|great|perfect|cool|"
    r"that['’]s (?:an? |so |really |very )?(?:great|awesome|amazing|interesting|fantastic))\b|"
    r".*\b(?:you (?:just )?(?:mentioned|said|told|talked|spoke)|sounds like you|tell us)\b",
    re.IGNORECASE,
)

_MIN_QUESTIONS = 3
# So many beginnings with one word look like labels.
_MIN_RECURRING = 3
_TO_YOU = re.compile(
    r"\b(?:how|what|why|when|where|which)\s+(?:do|did|would|are|were|made|brought)\s+you\b"
    r"|\b(?:can|could|would)\s+you\s+(?:please\s+)?"
    r"(?:tell|talk|share|describe|walk|explain|introduce|give)\b"
    r"|\btell\s+(?:me|us)\s+(?:about|more|a\s+(?:bit|little))\b"
    r"|\bthank(?:s|\s+you)\s+(?:so\s+much\s+)?for\s+(?:joining|having|being|coming|tuning)\b"
    r"|\b(?:welcome|my\s+name\s+is|our\s+guest)\b",
    re.IGNORECASE,
)
"""Questions and courtesies of an interview; a lone unlabelled voice with `_MIN_QUESTIONS` of
them is two voices."""
# Every repeat is bounded, so that a line of spaces or stars cannot cost quadratic time.
_START = r"(?:^|\n|[.?!…:\"”’»)\]][ \t\n]{1,4})[ \t]{0,4}"
_STAMP = (
    r"(?:[\[(<{]?\d{1,3}(?::\d{2}){1,2}(?:[.,]\d{1,3})?[\])>}]?[ \t]{0,4}"
    r"(?:[-–—][ \t]{0,4})?)?"
)
_SIGNS = r"(?:>>{1,3}[ \t]{0,4})?[*_#]{0,4}[ \t]{0,4}"
_PARTED = r"[*_]{0,4}[ \t]{0,4}(?:[:：\t\])\n]|(?<=[*_]{2})[ \t]|[-–—]{1,3}[ \t]|$)"
# Long words say it wherever they begin a sentence ("Interviewer How was it?"); "I" and "Guest"
# only where something parts them from the words.
_SAYS_A_ROLE = re.compile(
    rf"{_START}{_STAMP}{_SIGNS}(?:"
    r"[\[(]?(?:interviewer(?:in)?|interviewee|moderator(?:in)?|researcher|facilitator|participant|"
    r"respondent)(?![^\W\d_])|"
    rf"[\[(]?(?:{'|'.join(sorted(map(re.escape, ASKS | ANSWERS), key=len, reverse=True))})"
    rf"[ \t#._]{{0,3}}\d{{0,3}}{_PARTED})",
    re.IGNORECASE,
)
_CHANGES = re.compile(rf"{_START}(?:>>|»)|^[-–—][ \t]{{0,4}}\S")
_BEGINS = re.compile(
    rf"{_START}{_STAMP}[\[(]?(?P<first>[^\W_]{{1,40}})(?![^\W_])"
    r"(?P<rest>(?:[ \t][^\W\d_][\w'’-]{0,40}){0,2})"
    rf"(?:(?P<parted>{_PARTED}|\.(?=[ \t]))|[ \t](?=(?P<next>\S)))"
)
_OPENERS = words_of(
    "and but so then when if because well now where yes no as while since before after what i it "
    "he she we they you that this there my the a an in at on"
)
_QUESTION_END = re.compile(r"[?？؟](?:[\s\"'”’»)\]]|$)")


@dataclass(slots=True)
class Block:
    """Gather one paragraph while its lines come in.

    `is_head` inside a head of `Date: …` lines; `is_nameless` where the tool that wrote the file
    left out the name, so that the words may be anybody's.
    """

    parts: list[str] = field(default_factory=list)
    n_chars: int = 0
    label: str | None = None
    kind: Kind = Kind.WORDS
    marks: list[TimeMark] = field(default_factory=list)
    is_head: bool = False
    place: str = ""
    is_nameless: bool = False

    def add(self, words: str, glue: str) -> int:
        """Append words and return the offset at which they begin."""
        if self.n_chars and words:
            self.parts.append(glue)
            self.n_chars += len(glue)
        at = self.n_chars
        self.parts.append(words)
        self.n_chars += len(words)
        return at

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def is_direction(self) -> bool:
        return self.n_chars <= _MAX_DIRECTION_CHARS and is_stage_direction(self.text)


def voiced(blocks: Sequence[Block], *, wary: bool) -> tuple[Paragraph, ...]:
    """Give each block its voice and each time code its end; see the module for the rules."""
    if any(block.label is not None for block in blocks):
        return tuple(_ended(_with_labels(blocks, wary)))
    return tuple(
        _ended(
            Paragraph(block.text, None, _is_said(block), tuple(block.marks))
            for block in blocks
            if block.text
        )
    )


def _is_said(block: Block) -> bool:
    is_words = block.kind is Kind.WORDS and not block.is_head
    return is_words and not block.is_direction


def _with_labels(blocks: Sequence[Block], wary: bool) -> list[Paragraph]:
    labelled = [number for number, block in enumerate(blocks) if block.label is not None]
    first = labelled[0] if labelled else 0
    asked = [_asks(block.text) for block in blocks]
    n_labelled = sum(asked[number] for number in labelled)
    n_bare = sum(asked[first:]) - n_labelled
    asker_is_bare = n_bare >= 2 and n_bare > n_labelled
    # Before the first label stand titles and greetings, unless the talk itself is there.
    before = sum(block.n_chars for block in blocks[:first] if not block.is_head)
    talk_before = before > max(_MIN_TALK_CHARS, sum(block.n_chars for block in blocks) / 2)
    voice: str | None = None
    out: list[Paragraph] = []
    for number, block in enumerate(blocks):
        said = _is_said(block) and (number >= first or talk_before)
        if block.label is not None:
            voice = block.label
        else:
            doubtful = asker_is_bare or (wary and _may_be_another(block.text, voice))
            if block.kind is not Kind.WORDS or block.is_nameless or (said and doubtful):
                voice = None
        if block.text:
            speaker = voice if said or block.label is not None else None
            out.append(Paragraph(block.text, speaker, said, tuple(block.marks)))
    return out


def _asks(text: str) -> bool:
    return bool(_ASKS.search(text))


def _may_be_another(text: str, voice: str | None) -> bool:
    if voice is None:
        return False
    name = voice.split()[0]
    named = len(name) > 1 and re.search(rf"\b{re.escape(name)}\b", text) is not None
    return named or _asks(text) or _COMES_IN.match(text) is not None


def _ended(paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    """Fill the ends of time codes: the next one's start, or their own for the last."""
    done: list[Paragraph] = []
    following: float | None = None
    for paragraph in reversed(list(paragraphs)):
        marks: list[TimeMark] = []
        for mark in reversed(paragraph.marks):
            end = mark.end_seconds
            if end == OPEN_END:
                end = mark.start_seconds if following is None else following
            marks.append(replace(mark, end_seconds=max(end, mark.start_seconds)))
            following = mark.start_seconds
        done.append(replace(paragraph, marks=tuple(reversed(marks))))
    return done[::-1]


def may_be_several(texts: Sequence[str], said: Sequence[str], *, is_labelled: bool) -> bool:
    """Tell whether the words of a lone voice may be an interviewer's too.

    Args:
        texts: All paragraphs, headings too: `Interviewer` may be one.
        said: Those that are speech.
        is_labelled: The voice has a label; then only signs of other labels count.
    """
    if any(_SAYS_A_ROLE.search(words) or _CHANGES.search(words) for words in texts):
        return True
    if is_labelled:
        return False
    courtesies = sum(len(_TO_YOU.findall(words)) for words in said)
    questions = sum(len(_QUESTION_END.findall(words)) for words in said)
    n_asking = sum(_asks(words) for words in said)
    return (
        max(courtesies, questions) >= _MIN_QUESTIONS
        or (n_asking >= 2 and n_asking * 4 >= len(said))
        or _has_label_like(texts)
    )


def _has_label_like(texts: Sequence[str]) -> bool:
    """Tell whether short lines recur, or sentences that begin with one name-like word."""
    whole = "\n".join(texts)
    lower = {word for word in re.findall(r"[^\W_]+", whole) if word[0].islower()}
    counts: Counter[str] = Counter()
    for words in texts:
        for match in _BEGINS.finditer(words):
            first = match["first"]
            after = (match["rest"].split() or [match["next"] or ""])[0]
            # "I. How was it?" is a label, "Exactly. It was." is none.
            is_apart = bool(match["parted"]) and (match["parted"] != "." or len(first) <= 2)
            is_word = first.casefold() in lower | _OPENERS and not (is_apart and len(first) == 1)
            is_name = first[0].isupper() and not is_word
            if (is_name and (is_apart or after[:1].isupper() or after[:1].isdigit())) or (
                first.isdecimal() and is_apart
            ):
                counts[first] += 1
    return max(counts.values(), default=0) >= _MIN_RECURRING
