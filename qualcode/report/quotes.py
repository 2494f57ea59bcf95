"""Quotes: the words under a code, cut from their documents and put in order for reading.

A quote is never kept as text. Everything in `report` that shows one gets it from `cut_quote`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath

from qualcode.codebook import Code, Codebook, family_name
from qualcode.codebook.names import codes_called, near_miss, similar
from qualcode.errors import StoreError, UsageError
from qualcode.records import Corpus, Document, Role, Segment

__all__ = [
    "UNASSIGNED",
    "QuoteRow",
    "code_names",
    "cut_quote",
    "path_of",
    "persona_of",
    "place_of",
    "render_quotes",
    "select_quotes",
    "voice_of",
]

UNASSIGNED = "voice not assigned"
"""Shown instead of a participant for words whose speaker nobody has named yet."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """Hold one coding with its words.

    Attributes:
        participant: None where the voice is not assigned.
        place: `04:12` in a recording, `row 17` of a table, else `turn 12`, counted from 1.
        quote: `document.text[start_char:end_char]`.
    """

    coding_id: str
    code: str
    code_name: str
    family: str
    participant: str | None
    persona: str | None
    path: str
    place: str
    start_char: int
    end_char: int
    quote: str
    score: float
    role: str


def cut_quote(document: Document, start_char: int, end_char: int, *, of: str) -> str:
    """Return the document's words at a span; `of` names what points there, for the message.

    Raises:
        StoreError: The span lies outside the text.
    """
    if not 0 <= start_char <= end_char <= len(document.text):
        raise StoreError(
            f"{of} points outside its document {document.id} ({path_of(document)}): "
            f"[{start_char}, {end_char}) of {len(document.text)} characters",
            hint="the study's database is damaged: put its last backup back",
        )
    return document.text[start_char:end_char]


def path_of(document: Document) -> str:
    """Return the document's path; of an absolute one the name only, as folders name people."""
    windows = PureWindowsPath(document.path)
    if windows.drive or windows.root:  # that of a POSIX path is its leading slash
        return windows.name
    return document.path


def voice_of(segment: Segment) -> str | None:
    """Return the id of the participant who speaks, None for every other voice."""
    return segment.participant_id if segment.role is Role.PARTICIPANT else None


def persona_of(
    segment: Segment, document: Document, participants: Mapping[str, Mapping[str, str]]
) -> str | None:
    """Return the persona of a participant, else their document's; None for other voices."""
    if segment.role is not Role.PARTICIPANT:
        return None
    known = participants.get(segment.participant_id or "", {})
    for attributes in (known, document.attributes):
        for name, value in attributes.items():
            if name.casefold() == "persona" and value.strip():
                return value.strip()
    return None


def place_of(document: Document, start_char: int, turn_index: int) -> str:
    """Say where words stand, as a person would look them up: see `QuoteRow.place`."""
    if document.row is not None:
        return f"row {document.row}"
    turn = next((turn for turn in document.turns if turn.index == turn_index), None)
    begun = [mark for mark in turn.marks if mark.start_char <= start_char] if turn else []
    if turn is None or not turn.marks:
        return f"turn {turn_index + 1}"
    seconds = int((begun[-1] if begun else turn.marks[0]).start_seconds)
    hours, minutes = divmod(seconds // 60, 60)
    clock = f"{minutes:02}:{seconds % 60:02}"
    return f"{hours}:{clock}" if hours else clock


def code_names(codebook: Codebook) -> Mapping[str, str]:
    """Return code id to name, retired codes included."""
    return {code.id: code.name for code in codebook.codes}


def select_quotes(
    corpus: Corpus,
    codebook: Codebook,
    participants: Mapping[str, Mapping[str, str]],
    *,
    code: str | None = None,
    persona: str | None = None,
    family: str | None = None,
    participant: str | None = None,
) -> tuple[QuoteRow, ...]:
    """Return every coding that fits all conditions, by participant, then by place.

    Voices that are not assigned come last. Personas and names are compared without case.

    Args:
        participants: Participant id to attributes.
        code: A code's id, its name or a former one; the codes beneath it are included, and one
            that was merged stands for the code that it was merged into.
        family: Its identifier or the name that people see, such as "What works", in any case.

    Raises:
        UsageError: A condition names what is not in the study; the hint tells what is similar.
        StoreError: A coding points outside its document.
    """
    codings = list(corpus.codings())
    names = code_names(codebook)
    documents = {document.id: (n, document) for n, document in enumerate(corpus.documents)}
    segments = {segment.id: segment for segment in corpus.segments}
    families = {*codebook.families, *(c.family for c in codings)}
    kept = families if family is None else _families(family, families)
    wanted = None
    if code is not None:
        wanted = _codes(code, family, kept, codebook, {c.code for c in codings})
    voices = {voice for s in corpus.segments if (voice := voice_of(s)) is not None}
    if participant is not None:
        _require("participant", participant, voices | set(participants))

    found: list[tuple[tuple[object, ...], QuoteRow]] = []
    personas: set[str] = set()
    for coding in codings:
        held = documents.get(coding.document_id)
        segment = segments.get(coding.segment_id)
        if held is None or segment is None or segment.document_id != coding.document_id:
            raise StoreError(
                f"coding {coding.id} belongs to no document of the study",
                hint="the study's database is damaged: put its last backup back",
            )
        position, document = held
        voice = voice_of(segment)
        row = QuoteRow(
            coding_id=coding.id,
            code=coding.code,
            code_name=names.get(coding.code, coding.code),
            family=coding.family,
            participant=voice,
            persona=persona_of(segment, document, participants),
            path=path_of(document),
            place=place_of(document, coding.start_char, segment.turn_index),
            start_char=coding.start_char,
            end_char=coding.end_char,
            quote=cut_quote(document, coding.start_char, coding.end_char, of=f"coding {coding.id}"),
            score=coding.score,
            role=segment.role.value,
        )
        if row.persona is not None:
            personas.add(row.persona)
        if (
            (wanted is None or row.code in wanted)
            and row.family in kept
            and (participant is None or row.participant == participant)
            and (persona is None or (row.persona or "").casefold() == persona.strip().casefold())
        ):
            order = (voice is None, _natural(voice or ""), position, row.start_char, row.end_char)
            found.append(((*order, row.family, row.code, row.coding_id), row))
    if persona is not None:
        for person in participants.values():
            personas |= {v.strip() for k, v in person.items() if k.casefold() == "persona"}
        _require("persona", persona.strip(), personas)
    return tuple(row for _, row in sorted(found, key=lambda pair: pair[0]))


def _families(asked: str, known: set[str]) -> set[str]:
    """Return the family of an identifier, else those of a name that people see."""
    folded = asked.strip().casefold()
    hits = {f for f in known if f.casefold() == folded} or {
        f for f in known if family_name(f).casefold() == folded
    }
    if not hits:
        _require("family", asked, known)
    return hits


def _codes(
    asked: str, family: str | None, kept: set[str], codebook: Codebook, in_use: Iterable[str]
) -> frozenset[str]:
    """Return the ids that an id or name stands for, with those of the codes beneath."""
    hits = {codebook.standing(c.id) for c in codes_called(codebook, asked, families=kept)}
    if not hits and asked in in_use and asked not in code_names(codebook):
        return frozenset({asked})
    if not hits:
        where = f" in family {family}" if family is not None else ""
        raise UsageError(
            f"no code is called {asked!r}{where}",
            hint=near_miss(codebook, asked, families=kept),
        )
    return frozenset(c.id for c in codebook.codes if hits & set(_line(c, codebook)))


def _line(code: Code, codebook: Codebook) -> list[str]:
    """Return a code's id and those of the codes above it."""
    parents = {c.id: c.parent for c in codebook.codes}
    line: list[str] = []
    at: str | None = code.id
    while at is not None and at not in line:
        line.append(at)
        at = parents.get(at)
    return line


def _require(what: str, asked: str, known: Iterable[str]) -> None:
    """Raise a UsageError unless `asked` is known; personas compare without case."""
    known = sorted(known)
    compared = [k.casefold() for k in known] if what == "persona" else known
    if (asked.casefold() if what == "persona" else asked) in compared:
        return
    near = similar(asked, known) or ", ".join(known[:8])
    raise UsageError(
        f"the study has no {what} {asked!r}",
        hint=f"it has, among others: {near}" if near else f"no {what} is named in it yet",
    )


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Order P2 before P10."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((0, int(p), p) if n % 2 else (1, 0, p) for n, p in enumerate(parts) if p)


def render_quotes(rows: Sequence[QuoteRow]) -> str:
    """Write quotes as plain text, grouped by code and person; the most shared code comes first.

    Control characters become U+FFFD, so that a comment cannot steer a terminal; everything else
    is verbatim.
    """
    if not rows:
        return "No quotes.\n"
    groups: dict[tuple[str, str], list[QuoteRow]] = {}
    for row in rows:
        groups.setdefault((row.family, row.code), []).append(row)
    ranked = sorted(groups.values(), key=lambda g: (-len(_people(g)), -len(g), g[0].code_name))
    return "\n".join(_rendered(group) for group in ranked)


def _people(rows: Iterable[QuoteRow]) -> set[str]:
    return {row.participant for row in rows if row.participant is not None}


def _rendered(rows: Sequence[QuoteRow]) -> str:
    first, people = rows[0], len(_people(rows))
    strangers = sum(row.participant is None for row in rows)
    counts = f"{_counted(people, 'person', 'people')}, {_counted(len(rows), 'quote', 'quotes')}"
    if strangers:
        counts += f" ({strangers} with {UNASSIGNED})"
    lines = [f"{first.code_name} ({family_name(first.family)}, {first.code}): {counts}"]
    voices: dict[str | None, list[QuoteRow]] = {}
    for row in rows:
        voices.setdefault(row.participant, []).append(row)
    for voice, said in voices.items():
        persona = f" ({said[0].persona})" if voice is not None and said[0].persona else ""
        lines += ["", f"  {UNASSIGNED if voice is None else voice}{persona}"]
        for row in said:
            words = "\n      ".join(row.quote.split("\n"))
            lines.append(f"    “{words}”")
            lines.append(f"      {row.path}, {row.place}; score {row.score:.2f}")
    return "".join(_CONTROL.sub("\ufffd", line) + "\n" for line in lines)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
