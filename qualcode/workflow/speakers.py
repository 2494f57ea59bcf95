"""Show the voices of the interviews and set their roles once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.errors import UsageError
from qualcode.records import Document, DocumentKind, Role
from qualcode.workflow.study import Study

__all__ = ["Voice", "set_role", "voices"]


@dataclass(frozen=True, slots=True)
class Voice:
    """Hold one voice of one interview with how much it says."""

    document_id: str
    path: str
    label: str | None
    role: Role
    guessed: bool
    participant_id: str | None
    n_turns: int
    n_words: int
    first_words: str


def voices(study: Study) -> tuple[Voice, ...]:
    """List the voices of all interviews, in the order of their files and first words."""
    return tuple(
        voice
        for document in study.repository.sources.documents()
        if document.kind is DocumentKind.INTERVIEW
        for voice in _voices_of(document)
    )


def _voices_of(document: Document) -> list[Voice]:
    found = []
    for speaker in document.speakers:
        spoken = [
            turn.span.of(document.text)
            for turn in document.turns
            if turn.is_speech and turn.speaker == speaker.label
        ]
        found.append(
            Voice(
                document_id=document.id,
                path=document.path,
                label=speaker.label,
                role=speaker.role,
                guessed=speaker.guessed,
                participant_id=speaker.participant_id,
                n_turns=len(spoken),
                n_words=sum(len(words.split()) for words in spoken),
                first_words=spoken[0] if spoken else "",
            )
        )
    return found


def set_role(
    study: Study, label: str, role: Role, *, sources: Sequence[str] = ()
) -> tuple[Voice, ...]:
    """Give every voice with this label, or those of some sources only, a role.

    A voice that becomes a participant gets a participant id; one that stops being one keeps it
    unused, so that nothing is renumbered.

    Args:
        study: The study.
        label: As `qualcode speakers` shows it, or the name that the pseudonym key knows;
            "(no name)" for the unlabelled voice.
        role: The new role.
        sources: Paths as in `qualcode speakers`; all when empty.

    Raises:
        UsageError: No voice matches.
    """
    people = study.repository.people
    wanted = None if label == "(no name)" else label
    if wanted is not None and wanted not in {voice.label for voice in voices(study)}:
        wanted = study.private.load_key().known("PERSON", wanted) or wanted
    chosen = [
        voice
        for voice in voices(study)
        if voice.label == wanted and (not sources or voice.path in sources)
    ]
    if not chosen:
        known = sorted({voice.label or "(no name)" for voice in voices(study)})
        raise UsageError(
            f"no voice is called {label!r}" + (f" in {', '.join(sources)}" if sources else ""),
            hint=f"there are: {', '.join(known)}" if known else "qualcode ingest PATH first",
        )
    taken = people.participant_ids()
    for voice in chosen:
        participant_id = voice.participant_id
        if role is Role.PARTICIPANT and participant_id is None:
            participant_id = next_participant_id(taken)
            people.set_participant(participant_id, {})
        people.set_speaker(voice.document_id, voice.label, role, participant_id)
    return tuple(
        voice
        for voice in voices(study)
        if voice.label == wanted and (not sources or voice.path in sources)
    )


def next_participant_id(taken: set[str]) -> str:
    """Return the first of P01, P02, … that is free, and take it."""
    number = 1
    while f"P{number:02d}" in taken:
        number += 1
    taken.add(f"P{number:02d}")
    return f"P{number:02d}"
