"""Take what a person did at the page, check it and store it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from qualcode.errors import UsageError
from qualcode.review_events import Action, Part, ReviewEvent
from qualcode.spans import Span
from qualcode.workflow.codebook_versions import known_book
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_queue import LEASE_MINUTES
from qualcode.workflow.review_work import Recorded

__all__ = ["record"]

_LONGEST_ID = 100
_LONGEST_TEXT = 10_000
_PROLONGED_SECONDS = 300.0
_OWN_UIDS = ("reveal/", "bulk/", "bulk-undo/")  # of events that are written here alone
_WITH_SPAN = (Action.ACCEPT, Action.CHANGE, Action.ADD, Action.SPAN)
_WITH_CODE = (*_WITH_SPAN, Action.REJECT, Action.CLEAR)


class _Refusal(Exception):
    """Say why one event is not stored; never with participants' words."""


def record(
    index: ReviewIndex, reviewer: str, part: Part, sent: Sequence[Mapping[str, Any]]
) -> tuple[Recorded, ...]:
    """Store events as a page sends them; each one that is not valid is refused with the reason.

    An event that is there already is left, whatever it says now, so that a page may send until it
    gets an answer. Blindness, part and author are set here.

    Args:
        index: The study's.
        reviewer: Who sends them.
        part: In which that person decides.
        sent: JSON objects with uid, segment_id, action and what the action needs
            (`qualcode.review_events.Action`); anything else in them is left out.

    Returns:
        One record for each of `sent`, in their order.
    """
    index.renew()
    desk = _Desk(index, reviewer, part, sent)
    answers: dict[int, Recorded] = {}
    events: list[tuple[int, ReviewEvent]] = []
    for number, one in enumerate(sent):
        try:
            events.append((number, desk.event(one)))
        except _Refusal as refusal:
            answers[number] = Recorded(desk.uid_of(one), 0, False, str(refusal))
    receipts = index.study.repository.review_events.add([event for _, event in events])
    for (number, event), receipt in zip(events, receipts, strict=True):
        answers[number] = Recorded(event.uid, receipt.event.id, receipt.is_new, receipt.refused)
    _prolong(index, reviewer)
    index.renew()
    return tuple(answers[number] for number in range(len(sent)))


def _prolong(index: ReviewIndex, reviewer: str) -> None:
    """Now and then let a person who is at work keep his or her segments for longer."""
    now = time.monotonic()
    if now - index.prolonged.get(reviewer, -math.inf) > _PROLONGED_SECONDS:
        index.prolonged[reviewer] = now
        index.study.repository.leases.prolong(reviewer, minutes=LEASE_MINUTES)


class _Desk:
    """Turn what one person sends into events."""

    def __init__(
        self, index: ReviewIndex, reviewer: str, part: Part, sent: Sequence[Mapping[str, Any]]
    ) -> None:
        self._index = index
        self._reviewer = reviewer
        self._part = part
        events = index.study.repository.review_events
        undone = [uid for one in sent if isinstance(uid := one.get("undoes"), str)]
        self._known = events.called(undone)

    def uid_of(self, one: Mapping[str, Any]) -> str:
        uid = one.get("uid")
        return uid if isinstance(uid, str) else ""

    def event(self, one: Mapping[str, Any]) -> ReviewEvent:
        """Return the event that is meant.

        Raises:
            _Refusal: It is not valid.
        """
        uid = _text(one, "uid", _LONGEST_ID)
        if not uid or uid.startswith(_OWN_UIDS):
            raise _Refusal("its uid is empty or reserved")
        try:
            action = Action(_text(one, "action", _LONGEST_ID))
        except ValueError:
            raise _Refusal("there is no such action") from None
        if action is Action.REVEAL:
            raise _Refusal("only the server reveals")
        if action is Action.UNDO:
            event = self._undoing(uid, one)
        else:
            event = self._deciding(uid, action, one)
        self._known[uid] = event
        return event

    def _undoing(self, uid: str, one: Mapping[str, Any]) -> ReviewEvent:
        undoes = _text(one, "undoes", _LONGEST_ID)
        target = self._known.get(undoes)
        if target is None:
            raise _Refusal("what it takes back is not there")
        if target.action is Action.REVEAL:
            raise _Refusal("what was revealed stays seen")
        if target.batch:
            raise _Refusal("a bulk acceptance is taken back as a whole")
        at = self._segment(target.segment_id)
        return ReviewEvent(
            uid=uid,
            author=self._reviewer,
            segment_id=target.segment_id,
            action=Action.UNDO,
            is_blind=self._index.is_blind(self._reviewer, self._part, at),
            part=target.part,
            undoes=undoes,
        )

    def _deciding(self, uid: str, action: Action, one: Mapping[str, Any]) -> ReviewEvent:
        segment_id = _text(one, "segment_id", _LONGEST_ID)
        at = self._segment(segment_id)
        family = code = ""
        start = end = None
        if action in _WITH_CODE:
            family = _text(one, "family", _LONGEST_ID)
            code = _text(one, "code", _LONGEST_ID)
            self._check_code(family, code)
        if action in _WITH_SPAN:
            start, end = self._span(at, one)
        return ReviewEvent(
            uid=uid,
            author=self._reviewer,
            segment_id=segment_id,
            action=action,
            family=family,
            code=code,
            start_char=start,
            end_char=end,
            value=self._value(action, at, family, code, one),
            reason=_text(one, "reason", _LONGEST_TEXT),
            is_blind=self._is_blind(at, one),
            part=self._part,
        )

    def _is_blind(self, at: int, one: Mapping[str, Any]) -> bool:
        """Say whether suggestions were hidden: now, and when the page showed the segment.

        A page may have shown them before the place was kept for judging blind.
        """
        is_kept_back = self._index.is_blind(self._reviewer, self._part, at)
        return is_kept_back and one.get("is_blind") is not False

    def _segment(self, segment_id: str) -> int:
        try:
            return self._index.number(segment_id)
        except UsageError as error:
            raise _Refusal(error.message) from None

    def _check_code(self, family: str, code: str) -> None:
        if not any(c.id == code and c.family == family for c in self._index.book.codes):
            raise _Refusal("the codebook has no such code in that family")

    def _span(self, at: int, one: Mapping[str, Any]) -> tuple[int, int]:
        """Return a span of the segment's turn that is about the segment."""
        segment = self._index.texts[at].segment
        document = self._index.conversation(at)
        start, end = one.get("start_char"), one.get("end_char")
        if not _is_whole(start) or not _is_whole(end) or not 0 <= start < end:
            raise _Refusal("it names no words")
        span = Span(start, end)
        turn = next(turn for turn in document.turns if turn.index == segment.turn_index)
        if not turn.span.contains(span):
            raise _Refusal("its words lie outside the segment's turn")
        if not span.overlaps(segment.span):
            raise _Refusal("its words are those of another segment")
        if not span.of(document.text).strip():
            raise _Refusal("it names no words")
        return start, end

    def _value(
        self, action: Action, at: int, family: str, code: str, one: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what the action needs of `value`, checked, and nothing else."""
        value = one.get("value") or {}
        if not isinstance(value, Mapping):
            raise _Refusal("its value is no object")
        kept: dict[str, Any] = {}
        if action in _WITH_CODE and value.get("coding_id") is not None:
            kept["coding_id"] = _text(value, "coding_id", _LONGEST_ID)
        if action is Action.CHANGE:
            kept["instead_of"] = _text(value, "instead_of", _LONGEST_ID)
            self._check_code(family, kept["instead_of"])
        if "coding_id" in kept:
            # A coder that learns says something else tomorrow: what the person saw is kept.
            proposed = kept.get("instead_of", code)
            score = self._index.suggestions.score_of(at, family, proposed)
            kept |= {} if score is None else {"score": score}
        if action is Action.NOTE:
            kept["text"] = _text(value, "text", _LONGEST_TEXT).strip()
            if not kept["text"]:
                raise _Refusal("the note is empty")
        if action is Action.DONE:
            kept |= self._done(value)
        return kept

    def _done(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return families and fingerprint: which codes were absent follows from the two."""
        index = self._index
        fingerprint = _text(value, "codebook", _LONGEST_ID) or index.fingerprint
        is_own = fingerprint == index.fingerprint
        book = index.book if is_own else known_book(index.study, fingerprint)
        if book is None:
            raise _Refusal("the study never had that codebook: load the page again")
        families = value.get("families")
        if not isinstance(families, list) or not families:
            raise _Refusal("it names no families")
        if not all(isinstance(f, str) and book.family(f) for f in families):
            raise _Refusal("the codebook has no such family")
        return {"codebook": fingerprint, "families": list(dict.fromkeys(families))}


def _text(one: Mapping[str, Any], key: str, longest: int) -> str:
    """Return a text of a JSON object, empty where there is none.

    Raises:
        _Refusal: It is something else, or too long.
    """
    value = one.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Refusal(f"its {key} is no text")
    if len(value) > longest:
        raise _Refusal(f"its {key} is longer than {longest:,} characters")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise _Refusal(f"its {key} holds half a character")  # no database takes it
    return value


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
