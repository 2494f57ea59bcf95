"""Mask names in what models were asked and in what they wrote.

What was sent is kept for people to look up, so names in it are replaced there, or the whole is
taken away where that is not certain to do. Replies are taken away, and asked for again when needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from qualcode.ingest.names import known_names
from qualcode.ingest.pseudonyms import Key
from qualcode.store.revisions import Remark
from qualcode.workflow.escapes import unescaped
from qualcode.workflow.study import Study

__all__ = ["ModelTexts"]

_BODIES_A_TRANSACTION = 200
_REMARKS_A_TRANSACTION = 1_000


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    end: int
    placeholder: str


class ModelTexts:
    """Mask one list of names in all that has to do with models.

    Args:
        study: Its key is saved before anything is changed.
        key: Grows by names that are met here for the first time.
        names: As `find_edits` takes them.
        spellings: Words that stood for names in the texts themselves, to their placeholders: a
            text in small letters has names in small letters, which a whole request does not show.
    """

    def __init__(
        self,
        study: Study,
        key: Key,
        names: Sequence[str],
        spellings: Mapping[str, str],
    ) -> None:
        self._study = study
        self._repository = study.repository
        self._key = key
        self._names = known_names(tuple(names), frozenset(key.certain))
        self._spellings = dict(spellings)
        longest_first = sorted(map(re.escape, spellings), key=lambda word: (-len(word), word))
        pattern = rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)"
        self._pattern = re.compile(pattern) if spellings else None
        # The same instructions stand in every request of a run.
        self._masked = lru_cache(maxsize=256)(self._mask)

    def everywhere(self) -> Mapping[str, int]:
        """Mask requests, replies, proposed codes, drafted words, and remarks of coders.

        Returns:
            How many of each were changed or taken away, where any were.
        """
        counts = {
            "requests masked": self._requests(),
            "replies dropped": self._replies(),
            "proposed codes": self._candidates(),
            "drafted words": self._narratives(),
            "remarks": self._remarks(),
        }
        return {what: count for what, count in counts.items() if count}

    def _requests(self) -> int:
        ledger = self._repository.ledger
        changes: dict[str, bytes | None] = {}
        n_changed = 0
        for sha256, body in ledger.bodies():
            newer = self._body(body)
            if newer != body:
                changes[sha256] = newer
                n_changed += 1
            if len(changes) >= _BODIES_A_TRANSACTION:
                self._study.save_key(self._key)
                ledger.rewrite_bodies(changes)
                changes = {}
        if changes:
            self._study.save_key(self._key)
            ledger.rewrite_bodies(changes)
        return n_changed

    def _body(self, body: bytes) -> bytes | None:
        """Return the bytes of a request without the names, None where they cannot be taken out."""
        try:
            value = json.loads(body)
            masked, is_left = self._walk(value)
        except (ValueError, RecursionError):  # such as the beginning of one that was cut
            value = body.decode("utf-8", "replace")
            masked, is_left = self._masked(value)
        if is_left:
            return None
        if masked == value:
            return body
        text = masked if isinstance(masked, str) else json.dumps(masked, ensure_ascii=False)
        return text.encode("utf-8", "backslashreplace")

    def _walk(self, value: Any) -> tuple[Any, bool]:
        """Return a JSON value without the names, and whether one is left in it."""
        if isinstance(value, str):
            return self._masked(value)
        if isinstance(value, list):
            walked = [self._walk(entry) for entry in value]
            return [entry for entry, _ in walked], any(is_left for _, is_left in walked)
        if isinstance(value, dict):
            entries = {key: self._walk(entry) for key, entry in value.items()}
            is_left = any(left for _, left in entries.values()) or any(map(self._is_in, value))
            return {key: entry for key, (entry, _) in entries.items()}, is_left
        return value, False

    def _mask(self, text: str) -> tuple[str, bool]:
        """Return a text without the names, and whether one is left in its escapes."""
        masked = text
        for place in reversed(self._places(text)):
            masked = masked[: place.start] + place.placeholder + masked[place.end :]
        return masked, self._is_in(masked)

    def _places(self, text: str) -> list[_Place]:
        """Return where names stand, without overlaps, in order."""
        places = [
            _Place(found.start, found.end, self._key.placeholder(found.kind, found.value))
            for found in self._names.find(text, whole=False)
        ]
        if self._pattern is not None:
            places += (
                _Place(m.start(), m.end(), self._spellings[m.group()])
                for m in self._pattern.finditer(text)
            )
        places.sort(key=lambda place: (place.start, -place.end))
        kept: list[_Place] = []
        for place in places:
            if not kept or place.start >= kept[-1].end:
                kept.append(place)
        return kept

    def _is_in(self, text: str) -> bool:
        """Tell whether a name stands in a text, also behind JSON's escapes, and twice escaped."""
        once = unescaped(text)
        return any(map(self._places, dict.fromkeys([text, once, unescaped(once)])))

    def _replies(self) -> int:
        replies = self._repository.replies
        gone = []
        for reply in replies.all():
            texts = [reply.reason, reply.raw_text]
            if reply.answer is not None:
                texts.append(json.dumps(reply.answer, ensure_ascii=False))
            if any(map(self._is_in, texts)):
                gone.append(reply.id)
        if gone:
            replies.remove(gone)
        return len(gone)

    def _candidates(self) -> int:
        candidates = self._repository.candidates
        changes = []
        for candidate in candidates.all():
            masked = replace(
                candidate,
                name=self._masked(candidate.name)[0],
                definition=self._masked(candidate.definition)[0],
            )
            if masked != candidate:
                changes.append(masked)
        if changes:
            self._study.save_key(self._key)
            candidates.rewrite_texts(changes)
        return len(changes)

    def _narratives(self) -> int:
        narratives = self._repository.narratives
        changes = []
        for narrative in narratives.all():
            masked = replace(
                narrative,
                sentences=tuple(
                    replace(sentence, text=self._masked(sentence.text)[0])
                    for sentence in narrative.sentences
                ),
            )
            if masked != narrative:
                changes.append(masked)
        if changes:
            self._study.save_key(self._key)
            narratives.rewrite_texts(changes)
        return len(changes)

    def _remarks(self) -> int:
        revisions = self._repository.revisions
        changes: list[Remark] = []
        for remark in revisions.remarks():
            text = self._masked(remark.text)[0]
            if text != remark.text:
                changes.append(replace(remark, text=text))
        if changes:
            self._study.save_key(self._key)
        for first in range(0, len(changes), _REMARKS_A_TRANSACTION):
            revisions.rewrite_remarks(changes[first : first + _REMARKS_A_TRANSACTION])
        return len(changes)
