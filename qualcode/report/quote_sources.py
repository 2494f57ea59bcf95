"""Cut quotes from their documents, each with its place in the conversation.

A quote's words are cut here and nowhere else; pages only show them. A browser gets no offsets: they
count code points, JavaScript counts UTF-16 units.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from qualcode.draft import Quote
from qualcode.errors import QualcodeError
from qualcode.records import CHECKED, Coding, Corpus, Document, DocumentKind, Role, Turn
from qualcode.spans import Span

__all__ = ["Sources", "clock", "excerpt", "persona_of"]

_OWN_TURN = 420  # characters of the quote's own turn shown on either side of it
_NEIGHBOUR = 320  # characters of the turn before and after
_STATES = {
    "draft": "not checked yet",
    "accepted": "checked by a person",
    "adjudicated": "checked by a person",
    "contested": "contested: people disagree",
    "bulk": "accepted in bulk, not looked at",
}
_NO_CODING = "A person pinned it; no coding stands here any more."


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
        people: Participant ids in the order in which the map's tally numbers them.
        kept: Ids of codings whose quotes people pinned: these stand also when a later run of the
            coder no longer makes the coding.
    """

    def __init__(
        self,
        corpus: Corpus,
        participants: Mapping[str, Mapping[str, str]],
        people: Sequence[str] = (),
        kept: Collection[str] = (),
    ) -> None:
        self._kept = frozenset(kept)
        self._records: dict[Quote, dict[str, Any]] = {}
        self._documents = {document.id: document for document in corpus.documents}
        self._codings: dict[str, Coding] = {coding.id: coding for coding in corpus.codings()}
        self._participants = participants
        self._number = {person: number for number, person in enumerate(people)}

    def words(self, quote: Quote) -> str:
        """Cut the quote's words from its document.

        Raises:
            QualcodeError: The study has no such document or coding, the quote reaches beyond the
                coding's span, or the span ends beyond the text.
        """
        document = self._documents.get(quote.document_id)
        coding = self._codings.get(quote.coding_id)
        span = Span(quote.start_char, quote.end_char)
        if coding is None:
            is_known = quote.coding_id in self._kept
        else:
            is_known = coding.document_id == quote.document_id and coding.span.contains(span)
        if document is None or not is_known or span.end_char > len(document.text):
            raise QualcodeError(
                f"draft and study disagree about the quote of coding {quote.coding_id}",
                hint="make the draft again: qualcode map",
            )
        return span.of(document.text)

    def is_checked(self, quote: Quote) -> bool:
        """Say whether people let the coding stand; whoever pinned a quote without one has."""
        coding = self._codings.get(quote.coding_id)
        return coding is None or coding.status in CHECKED

    def state(self, quote: Quote) -> str:
        """Return in words what people made of the coding."""
        coding = self._codings.get(quote.coding_id)
        return _STATES["accepted" if coding is None else coding.status]

    @property
    def n_contested(self) -> int:
        """Return on how many codings the people who judged them disagree."""
        return sum(coding.status == "contested" for coding in self._codings.values())

    def record(self, quote: Quote) -> dict[str, Any]:
        """Return what the panel shows of a quote: words, speaker, place and reason.

        Made once: a page that grows too large is packed again with fewer quotes.
        """
        if quote not in self._records:
            self._records[quote] = self._made(quote)
        return self._records[quote]

    def _made(self, quote: Quote) -> dict[str, Any]:
        words = self.words(quote)
        document = self._documents[quote.document_id]
        coding = self._codings.get(quote.coding_id)
        at = _turn_at(document, quote.start_char)
        own = document.turns[at] if at is not None else None
        persona = persona_of(self._participants.get(quote.participant_id or "", {}))
        seconds = _seconds(own, quote.start_char)
        return {
            "id": quote.coding_id,
            "text": words,
            "who": quote.participant_id or "unassigned voice",
            "person": self._number.get(quote.participant_id or "", -1),
            "persona": persona,
            "place": _place(document),
            "time": "" if seconds is None else clock(seconds),
            "score": round(quote.score, 2),
            "valence": quote.valence,
            "checked": self.is_checked(quote),
            "state": self.state(quote),
            "why": _NO_CODING if coding is None else _why(coding),
            "because": [] if coding is None else _because(coding, document),
            "context": self._context(document, quote, at),
        }

    def brief(self, quote: Quote) -> dict[str, str]:
        """Return words, speaker and place of a quote, for lists."""
        document = self._documents[quote.document_id]
        at = _turn_at(document, quote.start_char)
        seconds = _seconds(document.turns[at] if at is not None else None, quote.start_char)
        return {
            "text": self.words(quote),
            "who": quote.participant_id or "unassigned voice",
            "persona": persona_of(self._participants.get(quote.participant_id or "", {})),
            "place": _place(document),
            "time": "" if seconds is None else clock(seconds),
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


def _place(document: Document) -> str:
    return document.path if document.row is None else f"{document.path}, row {document.row}"


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


def _because(coding: Coding, document: Document) -> list[str]:
    """Cut the words that carried a coding, unless they are all of it."""
    return [
        word.of(document.text)
        for word in coding.rationale.words[:4]
        if len(word) and word.end_char <= len(document.text) and not word.contains(coding.span)
    ]


_MODEL_ALONE = "A language model proposed it without a reason"


def _why(coding: Coding) -> str:
    """Say in one sentence why a coder proposed a coding."""
    rationale = coding.rationale
    reference = rationale.reference.strip()
    sentence = rationale.note.strip()
    if rationale.basis == "model":
        sentence = f"A language model’s reason: {sentence}" if sentence else _MODEL_ALONE
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
