"""Gather what one participant said in a study, and what tells it from what others said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from qualcode.ingest.names import Names, is_ordinary, known_names, normal_name
from qualcode.ingest.pseudonyms import Key, is_personal_label
from qualcode.records import Document, DocumentKind, Role, Segment, Speaker
from qualcode.spans import Edit, Rebase, apply_edits
from qualcode.store.revisions import Rewrite
from qualcode.workflow.study import Study
from qualcode.workflow.their_words import FORGOTTEN, TheirWords

__all__ = ["Person"]

_PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")


class Person:
    """Hold where a participant speaks, as the study stands before anything is deleted.

    Attributes:
        id: The participant's.
        gone: Documents that go as a whole: no other participant speaks in them.
        cut: Talks with others, from which the person's turns are to be cut.
        whole_ids: Documents, also in copies, that are the person's as a whole.
        copies: Number of each removed source's copy to its documents.
        segments: The person's segments of both kinds of documents.
        mentioned: Placeholders that stand for the person, or that nobody else used.
        namesakes: Participants whose voice has the same placeholder in other talks.
        words: What only the person said.
        nearby: The same with all that was said in the same talks, because requests hold neighbours.
    """

    def __init__(self, study: Study, person: str, key: Key) -> None:
        self.id = person
        self._sources = study.repository.sources
        self._key = key
        removals = study.repository.removals
        live = self._sources.documents()
        self.copies = {out.id: removals.copy(out.id).documents for out in removals.all()}
        self.gone = [d for d in live if self.is_in(d) and not self.others_in(d)]
        self.cut = [d for d in live if self.is_in(d) and self.others_in(d)]
        copied = [d for some in self.copies.values() for d in some if self.is_in(d)]
        self._theirs = [*self.gone, *self.cut, *copied]
        self.document_ids = frozenset(document.id for document in self._theirs)
        self.whole_ids = frozenset(d.id for d in self._theirs if not self.others_in(d))
        rest = [d for d in live if d.id not in self.document_ids]
        strangers = [d.text for d in rest]
        strangers += [value for d in rest for value in d.attributes.values()]
        strangers += self._others_cells()
        others = [*strangers, *(apply_edits(d.text, self._edits(d)) for d in self.cut)]
        said = [text for document in self._theirs for text in self._said(document)]
        talks = [text for document in self._theirs for text in _turns(document)]
        self.mentioned = self._placeholders(said, others)
        own = {label for d in self._theirs for label in self._labels(d) if label} | {person}
        self.namesakes = self._namesakes(live, own)
        placeholders = sorted(self.mentioned & own)
        values = [value for p in placeholders for value in key.values(p)]
        self._forms = {form for p in placeholders for form in key.originals(p)}
        self._known_by = TheirWords((), (), *self._names(self._forms))
        names = self._names(self._full_names(own, values))
        self.words = TheirWords(said, others, *names)
        self.nearby = TheirWords([*said, *talks], strangers, *names)
        self.segments = self._segments()

    def is_in(self, document: Document) -> bool:
        """Tell whether the person speaks in a document or wrote it, whatever the voice's role."""
        ids = {speaker.participant_id for speaker in document.speakers}
        return self.id in ids | {document.participant_id}

    def others_in(self, document: Document) -> set[str]:
        """Return the other participants of a document."""
        found = {s.participant_id for s in document.speakers if _counts(s)}
        found.add(document.participant_id)
        return {person for person in found if person is not None} - {self.id}

    def without(self, document: Document) -> Rewrite:
        """Return a talk without the person's turns, and the edits that cut them."""
        labels, edits = self._labels(document), self._edits(document)
        rebase = Rebase(edits)
        turns = []
        for turn in document.turns:
            span = rebase.span(turn.span)
            moved = replace(turn, start_char=span.start_char, end_char=span.end_char)
            if turn.speaker in labels:
                moved = replace(moved, speaker=None, is_speech=False, marks=())
            marks = [replace(m, start_char=rebase.offset(m.start_char)) for m in moved.marks]
            turns.append(replace(moved, marks=tuple(marks)))
        newer = replace(
            document,
            text=apply_edits(document.text, edits),
            turns=tuple(turns),
            speakers=tuple(s for s in document.speakers if s.label not in labels),
            version=document.version + 1,
        )
        return Rewrite(newer, edits)

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which the pseudonym key knows the person, as written and normalised."""
        return tuple(sorted(self._forms))

    def is_called(self, name: str) -> bool:
        """Tell whether the pseudonym key knows the person by a name, a first name too."""
        return normal_name(name) in {normal_name(form) for form in self._forms}

    def is_original(self, document_id: str, text: str) -> bool:
        """Tell whether a text from before masking is the person's or names the person."""
        return (
            document_id in self.document_ids
            or self._known_by.name_in(text)
            or self.words.are_in(text, run=5)
        )

    def _edits(self, document: Document) -> tuple[Edit, ...]:
        """Return the edits that cut the person's turns, with the label before each."""
        labels, edits, end = self._labels(document), list[Edit](), 0
        for turn in document.turns:
            if turn.is_speech and turn.speaker in labels:
                before = document.text[end : turn.start_char]
                at = before.rfind(turn.speaker) if turn.speaker else -1
                start = turn.start_char if at < 0 else end + at
                edits.append(Edit(start, turn.end_char, FORGOTTEN))
            end = turn.end_char
        return tuple(edits)

    def _labels(self, document: Document) -> set[str | None]:
        return {s.label for s in document.speakers if s.participant_id == self.id}

    def _said(self, document: Document) -> list[str]:
        """Return what is the person's of a document: all of it, where it goes as a whole."""
        if not self.others_in(document):
            cells = (*self._cells(document), *document.attributes.values())
            return [*_turns(document), *(cell for cell in cells if " " in cell.strip())]
        labels = self._labels(document)
        return [
            turn.span.of(document.text)
            for turn in document.turns
            if turn.is_speech and turn.speaker in labels
        ]

    @cached_property
    def _survey_cells(self) -> Mapping[str, Sequence[str]]:
        """Return document id to cells, of the surveys that the person answered."""
        asked = {d.source_id for d in self.gone if d.kind is DocumentKind.COMMENT}
        return {
            document_id: cells
            for source in sorted(asked)
            for document_id, cells in self._sources.cells(source)
        }

    def _cells(self, document: Document) -> Sequence[str]:
        return self._survey_cells.get(document.id, ())

    def _others_cells(self) -> list[str]:
        return [
            cell
            for document_id, cells in self._survey_cells.items()
            if document_id not in self.document_ids
            for cell in cells
        ]

    def _segments(self) -> list[Segment]:
        gone = {document.id for document in self.gone}
        cut = {document.id: document for document in self.cut}
        return [
            s
            for s in self._sources.segments([*self.gone, *self.cut])
            if s.document_id in gone
            or cut[s.document_id].turns[s.turn_index].speaker in self._labels(cut[s.document_id])
        ]

    def _placeholders(self, said: Sequence[str], others: Sequence[str]) -> set[str]:
        own = {self.id} if _PLACEHOLDER.fullmatch(self.id) else set()
        for document in self._theirs:
            labels = self._labels(document)
            own |= {label for label in labels if label and _PLACEHOLDER.fullmatch(label)}
        used, left = (
            {hit for text in texts for hit in _PLACEHOLDER.findall(text)}
            for texts in (said, others)
        )
        return own | (used - left)

    def _namesakes(self, live: Sequence[Document], own: set[str]) -> set[str]:
        return {
            str(voice.participant_id)
            for document in live
            for voice in document.speakers
            if voice.label in own
            and _PLACEHOLDER.fullmatch(voice.label or "")
            and _counts(voice)
            and voice.participant_id != self.id
        }

    def _full_names(self, own: set[str], values: Sequence[str]) -> set[str]:
        """Return names that mean the person wherever they stand: no first names, no numbers."""
        names = {value for value in values if " " in value} or set(values)
        names |= {normal_name(name) for name in names}  # "Nair, Priya" is Priya Nair
        names |= {label for label in own if is_personal_label(label)}
        if len(self.id) > 2 and any(char.isalpha() for char in self.id):
            names.add(self.id)
        return {name for name in names if not _PLACEHOLDER.search(name)}

    def _names(self, names: set[str]) -> tuple[set[str], Names]:
        """Return names that are nothing else, and how the others are told from ordinary words."""
        ordinary = {name for name in names if is_ordinary(name)}
        titled = tuple(sorted(name.title() for name in ordinary))
        return names - ordinary, known_names(titled, frozenset(self._key.certain))


def _counts(speaker: Speaker) -> bool:
    return speaker.role is Role.PARTICIPANT and speaker.participant_id is not None


def _turns(document: Document) -> list[str]:
    return [turn.span.of(document.text) for turn in document.turns if turn.is_speech]
