"""Note something on the study or a thing in it, and read what was noted."""

from __future__ import annotations

from collections.abc import Mapping

from qualcode.errors import UsageError
from qualcode.store.notes import Note, NoteKind
from qualcode.workflow.author import author_of
from qualcode.workflow.naming import live_code
from qualcode.workflow.source_life import find_source
from qualcode.workflow.study import Study

__all__ = ["add_note", "found_target", "note_records", "notes_on"]


def add_note(
    study: Study, text: str, kind: NoteKind, named: str = "", *, by: str | None = None
) -> Note:
    """Save a note; notes are only ever added.

    Args:
        study: The study.
        text: In the author's words; lines are kept.
        kind: What it is on.
        named: Path of a source, id of a participant, id or name of a code, id of a segment or a
            coding, each as far as it takes to tell it from others; empty for the study.
        by: Who notes it.

    Raises:
        UsageError: The text is empty, or there is no such thing.
    """
    said = text.strip()
    if not said:
        raise UsageError("write what is to be noted", hint='qualcode note "…"')
    target, segment_id = found_target(study, kind, named)
    return study.repository.notes.add(
        author=author_of(study, by), kind=kind, target=target, segment_id=segment_id, text=said
    )


def notes_on(study: Study, kind: NoteKind | None = None, named: str = "") -> tuple[Note, ...]:
    """Return notes, oldest first: all of them, or those on one thing.

    Raises:
        UsageError: There is no such thing.
    """
    notes = study.repository.notes.all()
    if kind is None:
        return notes
    target, _ = found_target(study, kind, named)
    return tuple(note for note in notes if (note.kind, note.target) == (kind, target))


def found_target(study: Study, kind: NoteKind, named: str) -> tuple[str, str | None]:
    """Return the id of what a note is on, and the segment of a segment or coding.

    Raises:
        UsageError: There is no such thing.
    """
    match kind:
        case NoteKind.STUDY:
            return "", None
        case NoteKind.SOURCE:
            return find_source(study, named).id, None
        case NoteKind.CODE:
            return live_code(study.codebook, named).id, None
        case NoteKind.PARTICIPANT:
            return _participant(study, named), None
        case NoteKind.SEGMENT:
            segments = [text.segment.id for text in study.repository.segment_texts.all()]
            found = _one(named, segments, "segment")
            return found, found
        case NoteKind.CODING:
            codings = {c.id: c.segment_id for c in study.corpus(of_all_machines=True).codings()}
            found = _one(named, list(codings), "coding")
            return found, codings[found]


def note_records(study: Study) -> tuple[Mapping[str, object], ...]:
    """Return every note as plain values, oldest first, as an export holds it."""
    return tuple(
        {
            "id": note.id,
            "at": note.at,
            "author": note.author,
            "kind": note.kind.value,
            "target": note.target,
            "segment_id": note.segment_id,
            "text": note.text,
        }
        for note in study.repository.notes.all()
    )


def _participant(study: Study, named: str) -> str:
    people = study.repository.people.participants()
    if named in people:
        return named
    near = ", ".join(list(people)[:8])
    raise UsageError(
        f"the study has no participant {named!r}",
        hint=f"there are: {near}" if near else "qualcode ingest PATH first",
    )


def _one(named: str, ids: list[str], what: str) -> str:
    found = [i for i in ids if i == named] or [i for i in ids if named and i.startswith(named)]
    if len(found) != 1:
        how_many = "no" if not found else "more than one"
        raise UsageError(
            f"{how_many} {what} has an id that begins with {named!r}",
            hint="qualcode export json and qualcode search --json show ids",
        )
    return found[0]
