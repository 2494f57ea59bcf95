"""Forget a participant: what he or she said leaves the study for good, wherever it stands.

Everything that needs the person's words to be found goes first, the words themselves in one
transaction behind it, so a run that was killed is finished by the same command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qualcode.errors import StoreError, UsageError
from qualcode.ingest.pseudonyms import Key
from qualcode.store.ledger import BodyState
from qualcode.store.notes import NoteKind
from qualcode.workflow.escapes import plain
from qualcode.workflow.forget_files import FilesTold, erase_backups, erase_names, erase_outputs
from qualcode.workflow.forget_person import Person
from qualcode.workflow.forget_traces import Traces
from qualcode.workflow.index import discard_index
from qualcode.workflow.mask import caught_up, note_all_masked
from qualcode.workflow.masked_titles import mask_titles
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study

__all__ = ["Forgotten", "find_participant", "forget"]

_META = "forgetting"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Say what was deleted, and what nobody but a person can delete.

    Attributes:
        n_documents: Interviews and survey rows that are gone.
        n_cut: Talks with other participants, from which the person's turns were cut.
        counts: What else was changed or deleted, with counts.
        erased: Files that were deleted.
        remains: What lies outside, a sentence each.
    """

    n_documents: int
    n_cut: int
    counts: Mapping[str, int]
    erased: tuple[Path, ...]
    remains: tuple[str, ...]


def find_participant(study: Study, named: str) -> str:
    """Return the id of a participant: as given, or of the voice that has this label or name.

    Also one whose forgetting was begun and not finished.

    Raises:
        UsageError: There is none, or several.
    """
    people = study.repository.people.participants()
    if named in people or study.repository.meta(_META) == named:
        return named
    for out in study.repository.removals.all():
        documents = study.repository.removals.copy(out.id).documents
        ids = {s.participant_id for document in documents for s in document.speakers}
        if named in ids:
            return named
    label = study.private.load_key().known("PERSON", named) or named
    found = {
        voice.participant_id
        for document in study.repository.sources.documents()
        for voice in document.speakers
        if label in (voice.label, voice.participant_id) and voice.participant_id in people
    }
    if len(found) == 1:
        return str(found.pop())
    if found:
        raise UsageError(
            f"{len(found)} participants are called {named!r}",
            hint=f"name one by id: {', '.join(sorted(map(str, found)))}",
        )
    raise UsageError(
        f"the study has no participant {named!r}",
        hint="qualcode speakers and qualcode export json show their ids",
    )


def forget(study: Study, named: str) -> Forgotten:
    """Delete what a participant said, with all that was made of it; nothing can be taken back.

    Raises:
        UsageError: There is no such participant.
        StudyError: Another process is reading files or masking names here.
        StoreError: Another process has the study open: the log still holds what was deleted. The
            same command again, once it is closed, finishes that.
    """
    with study.exclusive(), recorded(study, "forget") as run:
        person = find_participant(study, named)
        study.repository.set_meta(_META, person)
        key, masked = caught_up(study)
        told = _everywhere(study, Person(study, person, key), key)
        n_vectors = _clean_up(study)
        run.counts.update(documents=told.n_documents, cut=told.n_cut, vectors=n_vectors)
        n_copies = len(masked.erased_copies)
        counts = {**told.counts, "vectors": n_vectors, "removed copies that named others": n_copies}
    # The end of the run is a write as well, so the log is emptied once more behind it.
    if not study.repository.erase_leftovers():
        raise StoreError(
            f"{study.path}: another qualcode has the study open, so its log still holds what was "
            "deleted",
            hint=f"close it (a review server too), then run again: qualcode forget {person}",
        )
    study.repository.drop_meta(_META)
    study.repository.erase_leftovers()
    return replace(told, counts={what: n for what, n in counts.items() if n})


def _clean_up(study: Study) -> int:
    """Delete the caches that may hold what is gone; return how many vectors."""
    repository = study.repository
    n_vectors = repository.vectors.keep_only({t.key for t in repository.segment_texts.all()})
    repository.erasure.learnt()
    discard_index(study)
    known = {record.id for record in repository.sources.all()}
    known |= {out.source_id for out in repository.removals.all()}
    for source_id in study.private.origins().keys() - known:
        study.private.forget_origin(source_id)
    return n_vectors


def _everywhere(study: Study, person: Person, key: Key) -> Forgotten:
    """Delete all of it: first what is found by the person's words, at last these themselves."""
    if not person.document_ids and person.id not in study.repository.people.participants():
        return Forgotten(0, 0, {}, (), _remains(study, person, (), 0))  # a killed run came so far
    origins = _origins(study, person)
    traces = Traces(
        study,
        person.words,
        person.nearby,
        person.document_ids,
        [segment.id for segment in person.segments],
    )
    counts = dict(traces.everywhere())
    files = erase_outputs(study, person.words, person.whole_ids, person.document_ids)
    counts["names in study.toml"] = erase_names(study, person.is_called)
    if person.names:
        mask_titles(study, key, person.names, {})
    counts["originals"] = study.private.forget_originals(person.is_original)
    key.forget(person.mentioned)
    study.save_key(key)
    note_all_masked(study, key)
    counts["backups"] = erase_backups(study)
    _erase(study, person)
    return Forgotten(
        len(person.gone),
        len(person.cut),
        counts,
        files.erased,
        _remains(study, person, _files(origins, files), counts.get("requests emptied", 0)),
    )


def _erase(study: Study, person: Person) -> None:
    """Delete the words themselves, in one transaction."""
    repository = study.repository
    cut = {document.id for document in person.cut}
    segment_ids = {segment.id for segment in person.segments}
    notes = [
        note.id
        for note in repository.notes.all()
        if (note.kind is NoteKind.PARTICIPANT and note.target == person.id)
        or note.segment_id in segment_ids
    ]
    erased, dropped = _erased_copies(study, person)
    with repository.writing():
        repository.notes.remove(notes)
        repository.erasure.segments([s.id for s in person.segments if s.document_id in cut])
        repository.revisions.rewrite(
            [person.without(document) for document in person.cut],
            reason="a participant was forgotten",
        )
        repository.erasure.documents([document.id for document in person.gone])
        for number, ids in dropped.items():
            repository.removals.erase_documents(number, ids, person.id)
        repository.removals.erase(erased)
        repository.erasure.participant(person.id)
        repository.people.retire(person.id)


def _erased_copies(study: Study, person: Person) -> tuple[list[int], dict[int, list[str]]]:
    """Return which copies of removed sources go, and of others which documents."""
    erased, dropped = [], {}
    for number, documents in person.copies.items():
        theirs = [document for document in documents if person.is_in(document)]
        ids = {document.id for document in theirs}
        is_quoted = any(
            person.words.are_in(plain(text), run=4)
            for document_id, text in study.repository.removals.texts(number)
            if document_id not in ids
        )
        if is_quoted or any(map(person.others_in, theirs)) or len(theirs) == len(documents):
            erased.append(number)
        elif ids:
            dropped[number] = sorted(ids)
    return erased, dropped


def _origins(study: Study, person: Person) -> list[Path]:
    origins = study.private.origins()
    documents = [*person.gone, *person.cut]
    documents += [d for some in person.copies.values() for d in some if person.is_in(d)]
    sources = {document.source_id for document in documents}
    return [Path(origins[source]) for source in sorted(sources) if source in origins]


def _files(origins: Sequence[Path], files: FilesTold) -> tuple[str, ...]:
    held = dict.fromkeys([*origins, *files.left])
    return (
        *(f"{path} holds what they said: delete it there" for path in held),
        *(
            f"{path} could not be searched, as it is too large, damaged or locked: look whether it "
            "holds what they said"
            for path in files.unsearched
            if path not in held
        ),
    )


def _remains(
    study: Study, person: Person, files: Sequence[str], n_requests: int
) -> tuple[str, ...]:
    told = [*files]
    if person.namesakes:
        told.append(
            f"{', '.join(sorted(person.namesakes))} have the same name in other talks: forget them "
            "too if they are the same person"
        )
    if n_requests:
        sent = study.repository.ledger.all()
        hosts = sorted({r.host for r in sent if r.body_state is BodyState.ERASED})
        told.append(f"{', '.join(hosts)} received {n_requests} requests with their words")
    return (
        *told,
        "recordings, transcripts, rosters and model recordings (--record) that lie elsewhere",
        "exports, maps and packs that somebody was given, and backups of this computer",
        "shorter stretches than three words that models or people repeated",
        "a page of the review that is open in a browser shows them until it is loaded again",
    )
