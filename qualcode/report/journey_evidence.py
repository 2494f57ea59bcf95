"""Embed the quotes behind a journey map in its page, each with its place in the document.

A quote's words are cut from the document here and nowhere else; the browser only shows them. It
gets no offsets: they count code points, JavaScript counts UTF-16 units.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from qualcode.draft import Quote
from qualcode.errors import QualcodeError
from qualcode.records import Coding, Corpus, Document, DocumentKind, Role, Turn
from qualcode.spans import Span

__all__ = ["Evidence", "Sources", "clock", "embeddable_json", "excerpt", "persona_of"]

_OWN_TURN = 420  # characters of the quote's own turn shown on either side of it
_NEIGHBOUR = 320  # characters of the turn before and after
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def embeddable_json(value: Any) -> str:
    """Return JSON that cannot end or open an element when it stands inside `<script>`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def clock(seconds: float) -> str:
    """Return mm:ss, or h:mm:ss from an hour on."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def excerpt(text: str, longest: int = 130) -> str:
    """Shorten a quote for a cell at a word's end, marked by […]."""
    flat = " ".join(text.split())
    if len(flat) <= longest:
        return flat
    return flat[: longest + 1].rsplit(" ", 1)[0][:longest].rstrip(" ,;:.–—-") + " […]"


def persona_of(attributes: Mapping[str, str]) -> str:
    """Return the attribute `persona`, whatever its case, empty when there is none."""
    return next((v.strip() for k, v in attributes.items() if k.casefold() == "persona"), "")


class Sources:
    """Find documents, codings and turns by id, and cut quotes.

    Args:
        corpus: The study that the draft was made from.
        participants: Participant id to attributes.
    """

    def __init__(self, corpus: Corpus, participants: Mapping[str, Mapping[str, str]]) -> None:
        self._documents = {document.id: document for document in corpus.documents}
        self._codings: dict[str, Coding] = {coding.id: coding for coding in corpus.codings()}
        self._participants = participants

    def words(self, quote: Quote) -> str:
        """Cut the quote's words from its document.

        Raises:
            QualcodeError: The study has no such document or coding, the coding has another span,
                or the span ends beyond the text.
        """
        document = self._documents.get(quote.document_id)
        coding = self._codings.get(quote.coding_id)
        span = Span(quote.start_char, quote.end_char)
        if (
            document is None
            or coding is None
            or (coding.document_id, coding.span) != (document.id, span)
            or span.end_char > len(document.text)
        ):
            raise QualcodeError(
                f"draft and study disagree about the quote of coding {quote.coding_id}",
                hint="make the draft again: qualcode map",
            )
        return span.of(document.text)

    def is_checked(self, quote: Quote) -> bool:
        return self._codings[quote.coding_id].status != "draft"

    def record(self, quote: Quote) -> dict[str, Any]:
        """Return what the panel shows of a quote: words, speaker, place and reason."""
        words = self.words(quote)
        document = self._documents[quote.document_id]
        coding = self._codings[quote.coding_id]
        at = _turn_at(document, quote.start_char)
        own = document.turns[at] if at is not None else None
        persona = persona_of(self._participants.get(quote.participant_id or "", {}))
        place = document.path
        if document.row is not None:
            place += f", row {document.row}"
        seconds = _seconds(own, quote.start_char)
        return {
            "id": quote.coding_id,
            "text": words,
            "who": quote.participant_id or "unassigned voice",
            "persona": persona,
            "place": place,
            "time": "" if seconds is None else clock(seconds),
            "score": round(quote.score, 2),
            "valence": quote.valence,
            "checked": self.is_checked(quote),
            "why": _why(coding),
            "because": [
                word.of(document.text)
                for word in coding.rationale.words[:4]
                if len(word)
                and word.end_char <= len(document.text)
                and not word.contains(coding.span)
            ],
            "context": self._context(document, quote, at),
        }

    def _context(self, document: Document, quote: Quote, at: int | None) -> list[dict[str, Any]]:
        """Return the turn before, the quote's own turn in three pieces, and the turn after."""
        turns, text = document.turns, document.text
        own = turns[at].span if at is not None else Span(0, len(text))
        start = min(own.start_char, quote.start_char)
        end = max(own.end_char, quote.end_char)
        before = _tail(text[start : quote.start_char], _OWN_TURN)
        words = text[quote.start_char : quote.end_char]
        after = _head(text[quote.end_char : end], _OWN_TURN)
        middle: dict[str, Any] = {"before": before, "quote": words, "after": after}
        if at is None:
            return [{**middle, "who": quote.participant_id or "", "role": "participant"}]
        around = [{**middle, **_voice(document, turns[at])}]
        if at > 0:
            previous = turns[at - 1]
            cut = _tail(previous.span.of(text), _NEIGHBOUR)
            around.insert(0, {"text": cut, **_voice(document, previous)})
        if at + 1 < len(turns):
            following = turns[at + 1]
            cut = _head(following.span.of(text), _NEIGHBOUR)
            around.append({"text": cut, **_voice(document, following)})
        return around


class Evidence:
    """Collect what the panel shows for each cell; each quote is embedded once.

    Args:
        sources: Where quotes are cut.
        limit: Quotes a cell embeds at most; the others are counted.
    """

    def __init__(self, sources: Sources, limit: int) -> None:
        self._sources = sources
        self._limit = limit
        self._index: dict[str, int] = {}
        self._quotes: list[dict[str, Any]] = []
        self._cells: dict[str, dict[str, Any]] = {}

    def add(
        self,
        key: str,
        title: str,
        *,
        lines: Sequence[str],
        quotes: Sequence[Quote],
        rest: str,
        total: int | None = None,
    ) -> str:
        """Embed the strongest quotes of a cell and return its key.

        Args:
            key: Names the cell in links: family/stage/code.
            title: Head of the panel.
            lines: Sentences under it: stage, counts, interval, definition.
            quotes: Strongest first.
            rest: Command that lists every quote.
            total: All quotes of the cell where `quotes` is already a choice.
        """
        shown = [self._embed(quote) for quote in quotes[: self._limit]]
        more = max(total or 0, len(quotes)) - len(shown)
        self._cells[key] = {
            "title": title,
            "lines": list(lines),
            "quotes": shown,
            "more": f"and {more} more, in {rest}" if more else "",
        }
        return key

    def _embed(self, quote: Quote) -> int:
        if quote.coding_id not in self._index:
            self._index[quote.coding_id] = len(self._quotes)
            self._quotes.append(self._sources.record(quote))
        return self._index[quote.coding_id]

    def as_json(self) -> str:
        """Return the cells and quotes; every text stands once, in `texts`."""
        texts: dict[str, int] = {}

        def placed(value: Any) -> Any:
            return texts.setdefault(value, len(texts)) if isinstance(value, str) else value

        quotes = []
        for quote in self._quotes:
            context = [{k: placed(v) for k, v in piece.items()} for piece in quote["context"]]
            because = [placed(word) for word in quote["because"]]
            packed = {
                k: placed(v) for k, v in quote.items() if k not in ("id", "context", "because")
            }
            quotes.append({**packed, "id": quote["id"], "context": context, "because": because})
        return embeddable_json({"texts": list(texts), "quotes": quotes, "cells": self._cells})


def _turn_at(document: Document, char: int) -> int | None:
    """Return the position in `document.turns` of the turn that covers an offset."""
    for position, turn in enumerate(document.turns):
        if turn.start_char <= char < turn.end_char:
            return position
    return None


def _seconds(turn: Turn | None, char: int) -> float | None:
    """Return when the words at `char` begin: the last time mark at or before them."""
    if turn is None or not turn.marks:
        return None
    passed = [mark for mark in turn.marks if mark.start_char <= char]
    return (passed[-1] if passed else turn.marks[0]).start_seconds


def _voice(document: Document, turn: Turn) -> dict[str, str]:
    seconds = turn.start_seconds
    time = "" if seconds is None else clock(seconds)
    if not turn.is_speech:
        who = "Question" if document.kind is DocumentKind.COMMENT else "In the document"
        return {"who": who, "role": "note", "time": time}
    speaker = document.speaker(turn.speaker)
    if speaker.role is Role.INTERVIEWER:
        who = "Interviewer"
    elif speaker.role is Role.PARTICIPANT or document.participant_id:
        who = speaker.participant_id or document.participant_id or speaker.label or "Participant"
    else:
        who = f"{speaker.label or 'Voice'} (not assigned)"
    return {"who": who, "role": speaker.role.value, "time": time}


def _head(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0] + " […]"


def _tail(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return "[…] " + text[-longest:].split(" ", 1)[-1]


def _why(coding: Coding) -> str:
    """Say in one sentence why a coder proposed a coding."""
    rationale = coding.rationale
    reference = rationale.reference.strip()
    sentence = rationale.note.strip()
    if not sentence:
        begins = {
            "definition": "It resembles the definition",
            "example": "It resembles the example",
            "cue": "It holds the codebook's words",
            "pattern": "It matches the pattern",
        }.get(rationale.basis, "The trained model proposed it; nearest to it is")
        sentence = f"{begins} “{reference}”" if reference else "The trained model proposed it"
    elif reference and reference not in sentence:
        sentence = f"{sentence.rstrip('.')}: “{reference}”"
    if rationale.similarity is not None and "similarity" not in sentence:
        sentence = f"{sentence.rstrip('.')} (similarity {rationale.similarity:.2f})"
    return sentence if sentence.endswith((".", "!", "?", ".”")) else sentence + "."
