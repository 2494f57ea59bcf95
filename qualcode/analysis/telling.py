"""Find the sentences in which people tell what they did and what went through their minds.

Offline there is no model that sums up a stage in words; its "doing" and "thinking" are customers'
own sentences, chosen by the words that mark such telling in English. In other languages nothing is
found, and the map says so. Where people or a language model coded actions or attitudes, those stand
in lanes of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from qualcode.analysis.evidence import Evidence
from qualcode.draft import Quote

__all__ = ["doing", "thinking"]

_FEWEST_WORDS, _MOST_WORDS = 4, 34
_BEST_WORDS = 8, 22
_A_PERSON = 2  # sentences kept of one person at one stage, so that no one fills a lane

_SENTENCE = re.compile(r"\S(?:[^.!?…\n]|(?<=\d)\.(?=\d))*(?:[.!?…]+[\"”’)]*|\n|$)")
_WHO = r"\b(?:i|we)(?:['’](?:d|ve|m|re|ll))?"
_BETWEEN = (
    r"(?:\s+(?:just|then|even|already|nearly|actually|also|finally|eventually|literally|basically|had|have|always"
    r"|usually|never|only|ended up|went and|had to|have to|was|were|am|are|would|can|could"
    r"|could(?:n['’]t)|did(?:n['’]t)|got))*"
)
_DONE = (
    "rang|ring|ringing|called|call|calling|phoned|phone|texted|emailed|e-mailed|wrote|write|writing"
    "|asked|ask|asking|told|looked|looking|searched|searching|googled|compared|comparing|read"
    "|reading|checked|check|checking|tried|try|trying|booked|book|ordered|order|bought|buy|paid|pay"
    "|paying|signed|sign|registered|applied|apply|filled|downloaded|installed|set|put|took|take"
    "|taking|went|go|going|came|drove|drive|walked|walk|rode|ride|riding|cycled|cycle|waited|wait"
    "|waiting|sat|stood|stayed|moved|moving|picked|chose|choose|switched|changed|cancelled|cancel"
    "|buying|booking|driving|walking|cycling|putting|standing|sitting|returned|sent|send|sending|brought|carried|packed|unpacked|opened|open|turned|switched|use"
    "|used|using|made|make|making|kept|keep|cleaned|mopped|fixed|mended|cooked|cook|washed|borrowed"
    "|rented|printed|photographed|claimed|complained|chased|posted|left|started|stopped|spent|spend"
    "|met|visited|queued|swapped|lent|gave|give|showed|show|measured|counted|worked out|found out"
    "|looked up|signed up|gave up|turned up|set up"
)
_THOUGHT = (
    "thought|think|thinking|wonder|wondered|wondering|assumed|assume|figured|expected|expect|hoped"
    "|hope|believed|believe|knew|know|didn['’]t know|don['’]t know|had no idea|have no idea"
    "|wasn['’]t sure|weren['’]t sure|not sure|realised|realized|suppose|supposed|reckon|reckoned"
    "|guess|guessed|decided|remember|worried|was worried|were worried|doubt|doubted|figured|felt"
    "|feel|wanted to know|couldn['’]t see|can['’]t see|couldn['’]t believe|can['’]t believe|wish"
    "|wished|was like|understood|understand|didn['’]t understand|don['’]t understand"
)
_DOING = re.compile(rf"{_WHO}{_BETWEEN}\s+(?:{_DONE})\b", re.IGNORECASE)
_THINKING = re.compile(
    rf"{_WHO}{_BETWEEN}\s+(?:{_THOUGHT})\b|\b(?:made me (?:think|wonder)|in my head|to myself)\b",
    re.IGNORECASE,
)
# A filler ("I think", "you know what I mean") or a hedge at a clause's end tells no thought.
_FILLER = re.compile(
    r"(?:,|\band|\bbut)\s+i (?:think|guess|suppose|know|reckon)[,.]|\bi (?:think|guess|suppose)[.]$"
    r"|\bi don['’]t know[,.]?\s*(?:\.\.\.)?$|\byou know what i mean\b",
    re.IGNORECASE,
)


def doing(marks: Iterable[Evidence], texts: Mapping[str, str]) -> tuple[Quote, ...]:
    """Return sentences that tell what somebody did, best first; see `_told`."""
    return _told(marks, texts, _DOING, unless=_THINKING)


def thinking(marks: Iterable[Evidence], texts: Mapping[str, str]) -> tuple[Quote, ...]:
    """Return sentences that tell what went through somebody's mind, best first; see `_told`."""
    return _told(marks, texts, _THINKING, unless=_FILLER)


def _told(
    marks: Iterable[Evidence],
    texts: Mapping[str, str],
    cue: re.Pattern[str],
    *,
    unless: re.Pattern[str],
) -> tuple[Quote, ...]:
    """Return the sentences with the cue, two a person at most.

    In order of the stage's score, but sentences of a readable length with the cue at their
    beginning first; ties stay in the order of `marks`.

    Args:
        marks: Evidence of one stage: its own stage codings.
        texts: Document id to canonical text.
        cue: What a sentence must hold.
        unless: What it must not hold.
    """
    found: list[tuple[float, Quote]] = []
    for mark in marks:
        start = mark.coding.start_char
        text = texts[mark.coding.document_id][start : mark.coding.end_char]
        for sentence in _SENTENCE.finditer(text):
            words = sentence[0].strip()
            hit = cue.search(words)
            length = len(words.split())
            if hit is None or unless.search(words) or not _FEWEST_WORDS <= length <= _MOST_WORDS:
                continue
            quote = mark.quote(
                start + sentence.start(), start + sentence.start() + len(sentence[0].rstrip())
            )
            early = hit.start() <= len(words) / 3
            readable = _BEST_WORDS[0] <= length <= _BEST_WORDS[1]
            found.append((-(mark.coding.score + 0.2 * early + 0.2 * readable), quote))
    found.sort(key=lambda item: item[0])
    return _few_a_person([quote for _, quote in found])


def _few_a_person(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    count: dict[str, int] = {}
    kept = []
    for quote in quotes:
        who = quote.participant_id or quote.document_id
        count[who] = count.get(who, 0) + 1
        if count[who] <= _A_PERSON:
            kept.append(quote)
    return tuple(kept)
