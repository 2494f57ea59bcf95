"""Take a person's words out of what models and people wrote about them, and out of the codebook."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from qualcode.codebook import Code, Codebook, dump_codebook, parse_codebook
from qualcode.codebook.files import read_text
from qualcode.errors import CodebookError
from qualcode.resources import default_codebook_path
from qualcode.store.candidates import CandidateStatus
from qualcode.workflow.codebook_apply import SUBJECT as BOOK
from qualcode.workflow.files import write_atomically
from qualcode.workflow.study import Study
from qualcode.workflow.their_words import FORGOTTEN, TheirWords, plain

__all__ = ["Traces"]

_OF_MODELS = 3
"""Words in a row by which a model's text counts as holding the person's."""
_CUT = 4
"""The same for what is cut and not deleted, where ordinary phrases should stay."""
_OF_BOOK = 6
"""The same for definitions; an example goes if all of it is the person's."""

_FREE_TEXTS = ("definition", "goal", "statement")
_LISTS = ("include", "exclude", "examples", "counter_examples")
_BODIES_A_TRANSACTION = 200


class Traces:
    """Take one person's words away wherever others repeated them.

    Each step may be done again: a run that was killed is gone through anew.

    Args:
        study: The study.
        words: The person's.
        nearby: The same with all that was said in the same talks: requests hold neighbours.
        document_ids: The documents that the person speaks in.
        segment_ids: The person's segments.
    """

    def __init__(
        self,
        study: Study,
        words: TheirWords,
        nearby: TheirWords,
        document_ids: Collection[str],
        segment_ids: Collection[str],
    ) -> None:
        self._study = study
        self._repository = study.repository
        self._words = words
        self._nearby = nearby
        self._document_ids = document_ids
        self._segment_ids = frozenset(segment_ids)

    def everywhere(self) -> Mapping[str, int]:
        """Do all of it; return how many of each were changed or deleted, where any were."""
        counts = {
            "requests emptied": self._requests(),
            "replies": self._replies(),
            "drafted words": self._narratives(),
            "proposed codes": self._candidates(),
            "remarks of coders": self._remarks(),
            "decisions": self._decisions(),
            "review events": self._events(),
            "notes": self._notes(),
            "codebook": self._codebook(),
        }
        return {what: count for what, count in counts.items() if count}

    def _requests(self) -> int:
        ledger = self._repository.ledger
        changes: dict[str, bytes | None] = {}
        n_changed = 0
        for sha256, body in ledger.bodies():
            if self._nearby.are_in(plain(plain(body.decode("utf-8", "replace")))):
                changes[sha256] = None
                n_changed += 1
            if len(changes) >= _BODIES_A_TRANSACTION:
                ledger.rewrite_bodies(changes)
                changes = {}
        ledger.rewrite_bodies(changes)
        return n_changed

    def _replies(self) -> int:
        replies = self._repository.replies
        n_gone = replies.forget(self._document_ids)
        gone = [
            reply.id
            for reply in replies.all()
            if any(
                self._nearby.are_in(plain(text))
                for text in (reply.reason, reply.raw_text, json.dumps(reply.answer))
            )
        ]
        replies.remove(gone)
        return n_gone + len(gone)

    def _narratives(self) -> int:
        codings = self._repository.erasure.codings_on(self._segment_ids)
        gone = [
            narrative.id
            for narrative in self._repository.narratives.all()
            if self._words.are_in(narrative.text)
            or any(not codings.isdisjoint(s.coding_ids) for s in narrative.sentences)
        ]
        self._repository.narratives.remove(gone)
        return len(gone)

    def _candidates(self) -> int:
        candidates = self._repository.candidates
        gone, quotes, texts = [], {}, []
        for one in candidates.all():
            left = tuple(q for q in one.quotes if q.segment_id not in self._segment_ids)
            is_theirs = self._words.are_in(f"{one.name}\n{one.definition}", run=_OF_MODELS)
            if one.status is CandidateStatus.OPEN and (is_theirs or (one.quotes and not left)):
                gone.append(one.id)
                continue
            if left != one.quotes:
                quotes[one.id] = left
            if is_theirs:
                name, definition = self._scrubbed(one.name), self._scrubbed(one.definition)
                texts.append(replace(one, name=name, definition=definition))
        candidates.remove(gone)
        candidates.set_quotes(quotes)
        candidates.rewrite_texts(texts)
        return len({*gone, *quotes, *(one.id for one in texts)})

    def _scrubbed(self, text: str) -> str:
        return self._words.scrubbed(text, run=_CUT)

    def _remarks(self) -> int:
        revisions, erasure = self._repository.revisions, self._repository.erasure
        changes = []
        for remark in revisions.remarks():
            text = self._scrubbed(remark.text)
            if text != remark.text:
                changes.append(replace(remark, text=text))
        revisions.rewrite_remarks(changes)
        references = {
            text: FORGOTTEN for text in erasure.references() if self._is_theirs_in_book(text)
        }
        erasure.rewrite_references(references)
        return len(changes) + len(references)

    def _decisions(self) -> int:
        decisions = self._repository.decisions
        changes = []
        for decision in decisions.all():
            said = self._said_in_book if decision.subject == BOOK else self._scrubbed
            scrubbed = replace(
                decision,
                value=self._value(dict(decision.value), said),
                replaced=self._value(dict(decision.replaced), said),
                reason=self._scrubbed(decision.reason),
            )
            if scrubbed != decision:
                changes.append(scrubbed)
        decisions.rewrite_texts(changes)
        return len(changes)

    def _events(self) -> int:
        events = self._repository.review_events
        changes = []
        for event in events.all():
            if event.segment_id in self._segment_ids:
                continue  # goes as a whole
            scrubbed = replace(
                event,
                value=self._value(dict(event.value), self._scrubbed),
                reason=self._scrubbed(event.reason),
            )
            if scrubbed != event:
                changes.append(scrubbed)
        events.rewrite_texts(changes)
        return len(changes)

    def _notes(self) -> int:
        notes = self._repository.notes
        scrubbed = [(note, replace(note, text=self._scrubbed(note.text))) for note in notes.all()]
        changes = [newer for older, newer in scrubbed if newer != older]
        notes.rewrite(changes)
        return len(changes)

    def _said_in_book(self, text: str) -> str:
        if not self._is_theirs_in_book(text):
            return text
        return self._words.scrubbed(text, run=_OF_BOOK)

    def _value(self, value: Any, said: Callable[[str], str]) -> Any:
        if isinstance(value, Mapping):
            return {name: self._value(entry, said) for name, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(entry, said) for entry in value]
        return said(value) if isinstance(value, str) and " " in value else value

    # --- the codebook -------------------------------------------------------------------------

    def _codebook(self) -> int:
        """Take examples out that are the person's words, in the file and in stored versions."""
        versions = self._repository.codebook_versions
        n_changed = 0
        for version in versions.all():
            text = versions.text(version.id) or ""
            try:
                book = parse_codebook(text, Path(f"version {version.id} of the codebook"))
            except CodebookError:
                continue
            newer = self._book(book)
            if newer != book or self._words.are_in(text, run=_OF_BOOK):
                versions.rewrite_text(version.id, dump_codebook(newer))
                n_changed += 1
        book = self._book(self._study.codebook)
        if book != self._study.codebook:
            self._study.save_codebook(book)
            n_changed += 1
        if self._words.are_in(self._study.codebook_text, run=_OF_BOOK):  # in a comment
            write_atomically(self._study.path / "codebook.yaml", dump_codebook(book))
            self._study.codebook_text = dump_codebook(book)
            n_changed += 1
        return n_changed

    def _book(self, book: Codebook) -> Codebook:
        return replace(book, codes=tuple(map(self._code, book.codes)))

    def _code(self, code: Code) -> Code:
        changes: dict[str, Any] = {}
        for field in _LISTS:
            held = getattr(code, field)
            left = tuple(text for text in held if not self._is_theirs_in_book(text))
            if left != held:
                changes[field] = left
        for field in _FREE_TEXTS:
            held = getattr(code, field)
            if held and self._is_theirs_in_book(held):
                changes[field] = self._words.scrubbed(held, run=_OF_BOOK)
        return replace(code, **changes) if changes else code

    def _is_theirs_in_book(self, text: str) -> bool:
        if text in _default_texts():
            return False  # chance: it was there before anybody said it
        return self._words.is_quote(text) or self._words.scrubbed(text, run=_OF_BOOK) != text


@cache
def _default_texts() -> frozenset[str]:
    path = default_codebook_path()
    book = parse_codebook(read_text(path), path)
    texts = [text for code in book.codes for f in _LISTS for text in getattr(code, f)]
    return frozenset([*texts, *(getattr(code, f) for code in book.codes for f in _FREE_TEXTS)])
