"""Guess who asks and who answers, so that an interviewer's word never becomes evidence.

A wrong "participant" makes a false quote, a wrong "unknown" only costs a question to the
researcher. So every rule here needs a clear difference, and doubt ends in `Role.UNKNOWN`.
Every guess is marked `guessed=True`; a role that a person has set is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qualcode.ingest.labels import ANSWERS, ASKS
from qualcode.ingest.voices import may_be_several
from qualcode.records import Document, DocumentKind, Role, Speaker

__all__ = ["assign_participants", "guess_roles"]

MIN_QUESTIONS = 3
"""Of two voices, the interviewer asks at least so many questions."""
MIN_QUESTION_SHARE = 0.6
"""Of two voices, the interviewer asks at least this share of all questions."""
MAX_WORD_SHARE = 0.45
"""Of two voices, the interviewer says at most this share of all words."""
MIN_RATE_RATIO = 1.5
"""Of two voices, the interviewer asks so many times more questions a sentence than the other."""
MIN_PANEL_SHARE = 0.10
"""Among several voices, a participant says at least this share of all words."""
MAX_PANEL_RATE = 0.15
"""Among several voices, at most this share of a participant's sentences are questions."""
MAX_PANEL_QUESTION_SHARE = 0.25
"""Among several voices, a participant asks less than this share of all questions."""

_ANYBODY = """unknown audience unidentified inaudible various all both observer observers translator
    interpreter taker note-taker notetaker transcriber transcriptionist technician"""
NEVER_GUESSED = frozenset(_ANYBODY.split())
"""Labels that may stand for anybody or for nobody asked, so no pattern of talk settles them."""

_NOTE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_PLACEHOLDER = re.compile(r"\[([A-Z]+_\d+)\]")
_NUMBERED = re.compile(r"(?<=[a-z])[\s#._-]*\d+$")
_COUNTED = re.compile(r"(?:speaker|spk|sprecher|voice|channel|ch)[\s_#-]*\w{1,3}", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
_OPENER = re.compile(
    r"\W*(?:(?:and|so|but|okay|ok|right|um|er|well|then)\W+){0,3}"
    r"(?:how|what|why|when|where|who|which|whose|"
    r"(?:do|did|does|are|were|have|has|had|can|could|would|will|is|was)\s+"
    r"(?:you|your|there|it|they|that|we)|tell\s+me|wie|warum|wann|welche\w?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Voice:
    words: int = 0
    sentences: int = 0
    questions: int = 0

    @property
    def rate(self) -> float:
        return self.questions / self.sentences if self.sentences else 0.0


def guess_roles(
    document: Document,
    *,
    interviewers: Sequence[str] = (),
    participants: Sequence[str] = (),
) -> tuple[Speaker, ...]:
    """Return the document's voices, each with the best role that the evidence allows.

    In this order: roles set by a person stay; listed names win; labels that name a role
    (`INT`, `Tom (research)`, `P7`); a lone voice is a participant, unless it is without label
    and anything in it looks like a second voice: questions, `>>`, role words or one word at the
    beginning of several lines (labels in a layout that was not recognised); the only voice beside
    known interviewers is the participant; of two voices the one that asks the questions is the
    interviewer; on a panel with a known interviewer, voices that say much and ask little are
    participants. The thresholds are the constants of this module. All else is unknown.

    Args:
        document: A comment's speakers are returned as they are.
        interviewers: Names as they stand in the labels (masked, when the document is); a first
            name is enough where one label alone begins with it. An interviewer in both lists
            is an interviewer.
        participants: The same for participants.

    Returns:
        One speaker a label: those of `document.speakers`, then labels found only in turns.
    """
    if document.kind is DocumentKind.COMMENT:
        return document.speakers
    speakers = _all_speakers(document)
    labels = [speaker.label for speaker in speakers]
    listed: dict[str | None, Role] = {
        label: Role.PARTICIPANT for label in _matching(labels, participants)
    }
    listed |= {label: Role.INTERVIEWER for label in _matching(labels, interviewers)}
    fixed = {s.label for s in speakers if not s.guessed and s.role is not Role.UNKNOWN}
    roles = {s.label: s.role for s in speakers if s.label in fixed}
    for label in labels:
        if label in fixed:
            continue
        role = listed.get(label) or _named_role(label, labels)
        if role is not None:
            roles[label] = role
    _guess_by_talk(document, labels, roles)
    return tuple(
        speaker
        if speaker.label in fixed
        else replace(
            speaker,
            role=roles.get(speaker.label, Role.UNKNOWN),
            guessed=speaker.label not in listed,
        )
        for speaker in speakers
    )


def assign_participants(
    speakers: Iterable[Speaker], allocate: Callable[[str | None], str]
) -> tuple[Speaker, ...]:
    """Give every participant an id; one that a voice has already stays with it.

    Args:
        speakers: Voices with their roles.
        allocate: Returns the id for a label; called in the order of the speakers.
    """
    return tuple(
        replace(speaker, participant_id=allocate(speaker.label))
        if speaker.role is Role.PARTICIPANT and speaker.participant_id is None
        else speaker
        for speaker in speakers
    )


def _all_speakers(document: Document) -> list[Speaker]:
    known = {speaker.label: speaker for speaker in document.speakers}
    for turn in document.turns:
        if turn.is_speech and turn.speaker not in known:
            known[turn.speaker] = Speaker(turn.speaker, Role.UNKNOWN)
    return list(known.values())


def _plain(label: str) -> str:
    """Return a label in lower case without its notes, such as `(she/her)`."""
    unmasked = _PLACEHOLDER.sub(r"\1", label)
    return " ".join(_NOTE.sub(" ", unmasked).casefold().split())


def _matching(labels: Sequence[str | None], names: Sequence[str]) -> set[str]:
    """Return the labels that one of the names means."""
    plain = {label: _plain(label) for label in labels if label is not None}
    found: set[str] = set()
    for name in map(_plain, names):
        exact = {label for label, text in plain.items() if text == name}
        begins = {label for label, text in plain.items() if text.split()[:1] == [name]}
        found |= exact or (begins if len(begins) == 1 else set())
    return found


def _named_role(label: str | None, labels: Sequence[str | None]) -> Role | None:
    """Return the role that a label says by itself."""
    if label is None:
        return None
    # Meeting tools call everybody a guest who is from another organisation, interviewers too; so
    # a guest is asked only where somebody is the host.
    guests = set() if any(map(_hosts, labels)) else {"guest"}
    for words in _notes(label):
        if words & ASKS - {"i", "q"}:
            return Role.INTERVIEWER
        if words & ANSWERS - {"p", "r"} - guests:
            return Role.PARTICIPANT
    plain = _plain(label)
    word = _NUMBERED.sub("", plain)
    if plain in {"a", "r"}:
        # "A" answers a "Q", without one it is the first of A, B, C; "R" beside "I" is the
        # respondent, beside "P" the researcher.
        others = {_NUMBERED.sub("", _plain(other)) for other in labels if other is not None}
        return Role.PARTICIPANT if others & ASKS else None
    if word in ASKS:
        return Role.INTERVIEWER
    return Role.PARTICIPANT if word in ANSWERS - guests else None


def _notes(label: str) -> list[set[str]]:
    """Return the words of each note in parentheses or brackets."""
    found = _NOTE.findall(_PLACEHOLDER.sub("", label))
    return [set(re.split(r"[\s,/]+", note.casefold())) for note in found]


def _hosts(label: str | None) -> bool:
    if label is None:
        return False
    in_notes = any(words & ASKS - {"i", "q"} for words in _notes(label))
    return in_notes or _NUMBERED.sub("", _plain(label)) in ASKS


def _guess_by_talk(
    document: Document, labels: Sequence[str | None], roles: dict[str | None, Role]
) -> None:
    """Add to `roles` what the pattern of talk makes clear."""
    voices = _voices(document)
    speaking = [label for label in labels if label in voices]
    open_labels = [label for label in speaking if label not in roles and not _may_be_anybody(label)]
    if len(speaking) == 1:
        if speaking[0] not in roles and open_labels and not _several(document, speaking[0]):
            roles[speaking[0]] = Role.PARTICIPANT
        return
    # Words without a label may be anybody's in a file that labels others.
    open_labels = [label for label in open_labels if label is not None]
    interviewer_known = any(roles.get(label) is Role.INTERVIEWER for label in speaking)
    if interviewer_known and len(open_labels) == 1 and _only_asked(speaking, roles, open_labels[0]):
        roles[open_labels[0]] = Role.PARTICIPANT
    elif interviewer_known:
        for label in open_labels:
            if _answers_on_panel(voices, label):
                roles[label] = Role.PARTICIPANT
    elif len(labelled := [label for label in speaking if label is not None]) == 2:
        first, second = labelled
        for asker, other in ((first, second), (second, first)):
            if asker in open_labels and _clearly_asks(voices[asker], voices[other]):
                roles[asker] = Role.INTERVIEWER
                if not _may_be_anybody(other):
                    roles.setdefault(other, Role.PARTICIPANT)
                return


def _may_be_anybody(label: str | None) -> bool:
    words = _plain(label or "").split()
    return any(_NUMBERED.sub("", word) in NEVER_GUESSED for word in words)


def _several(document: Document, label: str | None) -> bool:
    texts = [turn.span.of(document.text) for turn in document.turns]
    said = [turn.span.of(document.text) for turn in document.turns if turn.is_speech]
    # A recorder that hears one voice may have heard two.
    is_named = label is not None and not _COUNTED.fullmatch(label)
    return may_be_several(texts, said, is_labelled=is_named)


def _only_asked(
    speaking: Sequence[str | None], roles: Mapping[str | None, Role], label: str | None
) -> bool:
    return all(roles.get(other) is Role.INTERVIEWER for other in speaking if other != label)


def _clearly_asks(asker: _Voice, other: _Voice) -> bool:
    return (
        asker.questions >= MIN_QUESTIONS
        and asker.questions >= MIN_QUESTION_SHARE * (asker.questions + other.questions)
        and asker.words <= MAX_WORD_SHARE * (asker.words + other.words)
        and asker.rate >= MIN_RATE_RATIO * other.rate
    )


def _answers_on_panel(voices: Mapping[str | None, _Voice], label: str | None) -> bool:
    voice = voices[label]
    words = sum(other.words for other in voices.values())
    questions = sum(other.questions for other in voices.values())
    return (
        voice.words >= MIN_PANEL_SHARE * words
        and voice.rate <= MAX_PANEL_RATE
        and (questions == 0 or voice.questions < MAX_PANEL_QUESTION_SHARE * questions)
    )


def _voices(document: Document) -> dict[str | None, _Voice]:
    """Count words, sentences and questions of each label that speaks.

    Where no turn has a question mark (raw captions), a stretch that opens like a question
    counts as one.
    """
    turns = [turn for turn in document.turns if turn.is_speech]
    marked = any("?" in turn.span.of(document.text) for turn in turns)
    voices: dict[str | None, _Voice] = {}
    for turn in turns:
        words = turn.span.of(document.text)
        sentences = [s for s in _SENTENCE.findall(words) if s.strip()]
        asked = sum("?" in s if marked else bool(_OPENER.match(s)) for s in sentences)
        voice = voices.get(turn.speaker, _Voice())
        voices[turn.speaker] = _Voice(
            voice.words + len(words.split()),
            voice.sentences + len(sentences),
            voice.questions + asked,
        )
    return voices
