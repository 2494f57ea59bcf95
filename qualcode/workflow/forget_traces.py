"""Take a person's words out of what models and people wrote about them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from qualcode.store.candidates import CandidateStatus
from qualcode.workflow.codebook_apply import SUBJECT as BOOK
from qualcode.workflow.escapes import plain
from qualcode.workflow.forget_codebook import BookTraces
from qualcode.workflow.study import Study
from qualcode.workflow.their_words import FORGOTTEN, TheirWords

__all__ = ["Traces"]

_OF_MODELS = 3
"""Words in a row by which a model's text counts as holding the person's."""
_CUT = 4
"""The same for what is cut and not deleted, where ordinary phrases should stay."""
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
        self._book = BookTraces(study, words)

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
            "codebook": self._book.erase(),
        }
        return {what: count for what, count in counts.items() if count}

    def _requests(self) -> int:
        ledger = self._repository.ledger
        changes: dict[str, bytes | None] = {}
        n_changed = 0
        for sha256, body in ledger.bodies():
            text = plain(plain(body.decode("utf-8", "replace")))
            if self._nearby.are_in(text) or self._nearby.stand_alone_in(text):
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
            or self._nearby.stand_alone_in(plain(reply.raw_text))  # it answered for others as well
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
            text: FORGOTTEN for text in erasure.references() if self._book.is_theirs(text)
        }
        erasure.rewrite_references(references)
        return len(changes) + len(references)

    def _decisions(self) -> int:
        decisions = self._repository.decisions
        changes = []
        for decision in decisions.all():
            said = self._book.scrubbed if decision.subject == BOOK else self._scrubbed
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

    def _value(self, value: Any, said: Callable[[str], str]) -> Any:
        if isinstance(value, Mapping):
            return {name: self._value(entry, said) for name, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(entry, said) for entry in value]
        return said(value) if isinstance(value, str) and " " in value else value
