"""Replace names and contact details by stable placeholders, such as `[PERSON_3]`.

This reduces what a text tells about a person; it does not anonymise. A workplace, a rare event,
a misspelt name or a name that nobody listed still identifies people. Names are found only when
they are listed or label a speaker; nothing here guesses names. Addresses without a post code,
dates of birth and plates are not found.

Every pattern is anchored and bounded, so time grows linearly with the text, whatever it holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qualcode.errors import StudyError
from qualcode.ingest.identifiers import Found, compact, contacts
from qualcode.ingest.names import (
    PLACEHOLDER,
    Names,
    is_personal_label,
    known_names,
    name_forms,
    names_of,
    normal_name,
)
from qualcode.records import Document, Role, Speaker
from qualcode.spans import Edit, Rebase, apply_edits

__all__ = [
    "KINDS",
    "Key",
    "PathNames",
    "find_edits",
    "is_personal_label",
    "mask_document",
    "mask_path",
    "mask_value",
    "names_of",
]

KINDS = ("PERSON", "EMAIL", "PHONE", "CARD", "ACCOUNT", "HANDLE", "POSTCODE", "IP")

_LEFT_ALONE = re.compile(
    rf"{PLACEHOLDER.pattern}|\b[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b",
    re.IGNORECASE,
)
"""Placeholders, so that masking twice changes nothing, and UUIDs."""


@dataclass(slots=True)
class _Entry:
    """Hold one placeholder's number, the texts it stands for and the forms that lead to it."""

    number: int
    values: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)


class Key:
    """Map originals to the placeholders of one study, and keep that mapping stable.

    Numbers count each kind in order of first appearance. A person has one number and several
    forms: full name, first name, surname. A form belongs to whoever had it first: of two people
    called Anna the full names differ, the bare `Anna` is the first one's, and `notes` says so. A
    full name joins a person known so far by that first name or surname alone.

    Attributes:
        certain: Names that a person listed: masked wherever they stand, also where an ordinary
            word could be meant.
    """

    def __init__(self) -> None:
        self.certain: set[str] = set()
        self._entries: dict[str, list[_Entry]] = {kind: [] for kind in KINDS}
        self._numbers: dict[tuple[str, str], int] = {}
        self._notes: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """Ambiguous names, one sentence each, without the names themselves."""
        return tuple(self._notes)

    @property
    def persons(self) -> tuple[str, ...]:
        """The names met so far, as first written, by number."""
        return tuple(value for entry in self._entries["PERSON"] for value in entry.values)

    def placeholder(self, kind: str, value: str) -> str:
        """Return the placeholder of a value, a new one for a value not met before.

        Raises:
            ValueError: The kind is none of `KINDS`, or the value is blank once normalised.
        """
        if kind not in self._entries:
            raise ValueError(f"unknown kind of identifier: {kind}")
        normal = _NORMAL[kind](value)
        if not normal:
            raise ValueError(f"blank {kind}")
        number = self._numbers.get((kind, normal))
        if number is None:
            number = self._add(kind, value, normal)
        return f"[{kind}_{number}]"

    def highest(self) -> dict[str, int]:
        """Return the highest number given out so far, by kind."""
        return {kind: len(entries) for kind, entries in self._entries.items() if entries}

    def reserve(self, highest: Mapping[str, int]) -> None:
        """Never give out numbers up to these: another key of the same study may have."""
        for kind, number in highest.items():
            entries = self._entries[kind]
            while len(entries) < number:
                entries.append(_Entry(len(entries) + 1))

    def known(self, kind: str, value: str) -> str | None:
        """Return the placeholder of a value met before, None for a new one."""
        number = self._numbers.get((kind, _NORMAL[kind](value)))
        return None if number is None else f"[{kind}_{number}]"

    def originals(self, placeholder: str) -> tuple[str, ...]:
        """Return the texts that a placeholder stands for, and the forms that lead to it."""
        entry = self._entry(placeholder)
        return () if entry is None else (*entry.values, *entry.forms)

    def values(self, placeholder: str) -> tuple[str, ...]:
        """Return the texts that a placeholder stands for as they were met, the first one first."""
        entry = self._entry(placeholder)
        return () if entry is None else tuple(entry.values)

    def forget(self, placeholders: Iterable[str]) -> None:
        """Delete what placeholders stand for; their numbers are never given out again."""
        for placeholder in placeholders:
            entry = self._entry(placeholder)
            if entry is not None:
                gone = {normal_name(value) for value in entry.values}
                self.certain = {n for n in self.certain if normal_name(n) not in gone}
                entry.values.clear()
                entry.forms.clear()
        self._numbers = {
            (kind, form): entry.number
            for kind, entries in self._entries.items()
            for entry in entries
            for form in entry.forms
        }

    def _entry(self, placeholder: str) -> _Entry | None:
        kind, _, number = placeholder.strip("[]").rpartition("_")
        entries = self._entries.get(kind, [])
        known = number.isdecimal() and 0 < int(number) <= len(entries)
        return entries[int(number) - 1] if known else None

    def _add(self, kind: str, value: str, normal: str) -> int:
        forms = name_forms(normal) if kind == "PERSON" else [normal]
        entries = self._entries[kind]
        entry = self._known_by_one_word(forms[1:]) if kind == "PERSON" else None
        if entry is None:
            entry = _Entry(len(entries) + 1)
            entries.append(entry)
        entry.values.append(" ".join(value.split()))
        for form in forms:
            owner = self._numbers.setdefault((kind, form), entry.number)
            if owner == entry.number:
                if form not in entry.forms:
                    entry.forms.append(form)
            else:
                self._notes.append(
                    f"[PERSON_{entry.number}] shares a part of the name with [PERSON_{owner}]; "
                    f"alone, that part is masked as [PERSON_{owner}]"
                )
        return entry.number

    def _known_by_one_word(self, words: Sequence[str]) -> _Entry | None:
        for word in words:
            number = self._numbers.get(("PERSON", word))
            if number is not None:
                entry = self._entries["PERSON"][number - 1]
                if entry.forms == [word]:
                    return entry
        return None

    def to_json(self) -> str:
        """Return the key as JSON text, the same bytes for the same key; it holds originals."""
        content = {
            "format": 1,
            "certain": sorted(self.certain),
            "notes": self._notes,
            "entries": {
                kind: [
                    {"number": e.number, "values": e.values, "forms": e.forms}
                    for e in self._entries[kind]
                ]
                for kind in KINDS
            },
        }
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Key:
        """Read what `to_json` wrote.

        Raises:
            StudyError: The text is not a key.
        """
        key = cls()
        try:
            content = json.loads(text)
            if content["format"] != 1:
                raise ValueError("unknown format")
            key.certain = {str(name) for name in content.get("certain", [])}
            key._notes = [str(note) for note in content["notes"]]
            for kind in KINDS:
                for number, item in enumerate(content["entries"].get(kind, []), start=1):
                    if item["number"] != number:
                        raise ValueError("numbers have gaps")
                    forms = [str(form) for form in item["forms"]]
                    values = [str(value) for value in item["values"]]
                    key._entries[kind].append(_Entry(number, values, forms))
                    key._numbers |= {(kind, form): number for form in forms}
        except (ValueError, KeyError, TypeError, AttributeError):
            # Not chained: the parser's message would quote the key, which is all originals.
            raise StudyError(
                "the pseudonym key cannot be read",
                hint="restore it from a backup: without it, new placeholders would not match",
            ) from None
        return key


def _normal_phone(value: str) -> str:
    digits = re.sub(r"\D", "", value.replace("(0)", ""))
    if "+" in value:
        digits = "00" + digits
    if digits.startswith("0044"):  # +44 7700 … is 07700 …
        return "0" + digits[4:].lstrip("0")
    if digits.startswith("001") and len(digits) == 13:
        return digits[3:]
    return digits[1:] if digits.startswith("1") and len(digits) == 11 else digits


_NORMAL: dict[str, Callable[[str], str]] = {
    "PERSON": normal_name,
    "EMAIL": lambda value: re.sub(
        r" (at|dot) ", lambda m: "@" if m[1] == "at" else ".", value.strip().casefold()
    ),
    "PHONE": _normal_phone,
    "CARD": compact,
    "ACCOUNT": compact,
    "HANDLE": lambda value: value.strip().lstrip("@").casefold(),
    "POSTCODE": compact,
    "IP": lambda value: value.casefold(),
}


def find_edits(text: str, key: Key, names: Sequence[str]) -> tuple[Edit, ...]:
    """Return the edits that mask a text, without overlaps and in order; the longest match wins.

    Args:
        text: Any text; placeholders in it stay as they are.
        key: Grows by what is found, in the order of the text.
        names: Full names or parts of names; where two share a part, it means the first.
    """
    return _edits(text, _find(text, known_names(tuple(names), frozenset(key.certain))), key)


def mask_value(value: str, key: Key, names: Sequence[str]) -> str:
    """Return an id or an attribute's value as `mask_document` masks it with these names."""
    return _value_masked(value, known_names(tuple(names), frozenset(key.certain)), key)


def mask_document(
    document: Document, key: Key, names: Sequence[str]
) -> tuple[Document, tuple[Edit, ...]]:
    """Mask a document's text, labels, ids and attribute values.

    The names in the speakers' labels are masked with those given. Labels of turns and speakers
    are as they stand in the new text; two labels that become equal are one speaker then, with
    an unknown role if theirs differ. `path`, `id` and `version` stay: the caller counts versions.

    Returns:
        The masked document and the edits that lead from the old text to the new.
    """
    known = known_names(tuple(dict.fromkeys([*names_of(document), *names])), frozenset(key.certain))
    text = document.text
    found: list[Found] = []
    at = 0
    for turn in document.turns:
        start = turn.start_char - len(turn.speaker or "") - 2
        if turn.speaker and start >= at and text.startswith(f"{turn.speaker}: ", start):
            found += _find(text, known, at, start)
            found += (
                Found(f.start + start, f.end + start, f.kind, f.value)
                for f in _find(turn.speaker, known, whole=True)
            )
            at = turn.start_char
    found += _find(text, known, at)
    edits = _edits(text, found, key)
    rebase = Rebase(edits)

    def masked(value: str) -> str:
        return _label_masked(value, known, key)

    def masked_value(value: str) -> str:
        return _value_masked(value, known, key)

    turns = []
    for turn in document.turns:
        span = rebase.span(turn.span)
        marks = tuple(
            replace(mark, start_char=rebase.offset(mark.start_char)) for mark in turn.marks
        )
        label = turn.speaker and masked(turn.speaker)
        turns.append(
            replace(
                turn,
                start_char=span.start_char,
                end_char=span.end_char,
                speaker=label,
                marks=marks,
            )
        )
    return (
        replace(
            document,
            text=apply_edits(text, edits),
            turns=tuple(turns),
            speakers=_merged(
                replace(
                    s,
                    label=s.label and masked(s.label),
                    participant_id=s.participant_id and masked_value(s.participant_id),
                )
                for s in document.speakers
            ),
            external_id=document.external_id and masked_value(document.external_id),
            participant_id=document.participant_id and masked_value(document.participant_id),
            attributes={
                masked(name): masked_value(value) for name, value in document.attributes.items()
            },
        ),
        edits,
    )


def mask_path(path: str, key: Key, names: Sequence[str]) -> str:
    """Replace names in a file's path, whatever their capitals: `priya-nair.vtt` names someone.

    Parts of a name count where they stand between signs, digits or the path's ends and have at
    least three letters.
    """
    return _path_masked(path, key, dict(_parts(reversed(names))))


class PathNames:
    """Do what `mask_path` does for many paths, while more names are met.

    A part that several names have means the first of them by spelling, whichever was met first.
    """

    def __init__(self, key: Key, names: Iterable[str] = ()) -> None:
        self._key = key
        self._whose: dict[str, str] = {}
        self.add(names)

    def add(self, names: Iterable[str]) -> None:
        """Take in names; how many there were before makes no difference to the time."""
        for part, name in _parts(names):
            self._whose[part] = min(name, self._whose.get(part, name))

    def masked(self, path: str) -> str:
        """Return a path with placeholders for the names in it."""
        return _path_masked(path, self._key, self._whose)


def _parts(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        for part in name.split():
            if len(part) > 2 and part.isalpha():
                yield part.casefold(), name


def _path_masked(path: str, key: Key, whose: Mapping[str, str]) -> str:
    pieces = re.split(r"([^\W\d_]+)", path)
    for at in range(1, len(pieces), 2):
        name = whose.get(pieces[at].casefold())
        if name is not None:
            pieces[at] = key.placeholder("PERSON", name)
    return "".join(pieces)


def _merged(speakers: Iterable[Speaker]) -> tuple[Speaker, ...]:
    merged: dict[str | None, Speaker] = {}
    for speaker in speakers:
        first = merged.setdefault(speaker.label, speaker)
        if first.role is not speaker.role:
            merged[speaker.label] = replace(first, role=Role.UNKNOWN, participant_id=None)
    return tuple(merged.values())


def _find(
    text: str, names: Names, start: int = 0, end: int | None = None, *, whole: bool = False
) -> list[Found]:
    """Return non-overlapping matches in `text[start:end]`, in order, with offsets of `text`.

    `whole` tells that the text is a label or a value: a name in it is a name.
    """
    piece = text if start == 0 and end is None else text[start:end]
    matches = [*contacts(piece), *names.find(piece, whole=whole)]
    taken = bytearray(len(piece))
    for left in _LEFT_ALONE.finditer(piece):
        taken[left.start() : left.end()] = b"\x01" * len(left.group())
    kept: list[Found] = []
    for match in sorted(matches, key=lambda f: (f.start - f.end, f.start, KINDS.index(f.kind))):
        if not any(taken[match.start : match.end]):
            taken[match.start : match.end] = b"\x01" * (match.end - match.start)
            kept.append(match)
    kept.sort(key=lambda f: f.start)
    return [Found(f.start + start, f.end + start, f.kind, f.value) for f in kept]


def _label_masked(label: str, names: Names, key: Key) -> str:
    return apply_edits(label, _edits(label, _find(label, names, whole=True), key))


def _value_masked(value: str, names: Names, key: Key) -> str:
    # A column of bare digits is an id or a score; a phone number in it has a 0 or +.
    is_number = value.isdecimal() and not value.startswith("0")
    return value if is_number else _label_masked(value, names, key)


def _edits(text: str, found: Iterable[Found], key: Key) -> tuple[Edit, ...]:
    return tuple(Edit(f.start, f.end, key.placeholder(f.kind, f.value)) for f in found)
