"""Keep the writers of one survey apart from people of other sources with the same id."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import PurePath

from qualcode.records import Document
from qualcode.store.people import People
from qualcode.store.sources import SourceRecord

__all__ = ["told_apart"]


def told_apart(
    people: People,
    documents: tuple[Document, ...],
    record: SourceRecord,
    before: Collection[str],
    masked: Callable[[str], str],
) -> tuple[tuple[Document, ...], tuple[str, ...]]:
    """Return a survey's rows with ids that are nobody else's, and what a person should know.

    Ids such as 1, 2, 3 say nothing across files; a column named as participant does. Sources that
    were taken out count too, since they may come back. Who was in an earlier reading of the file
    stays who he or she was.

    Args:
        people: Of the study.
        documents: The rows.
        record: The survey.
        before: Ids under which people wrote in the source that this one replaces.
        masked: Returns an id as it is saved. The study holds no other, so these are compared.
    """
    ids = {d.participant_id for d in documents if d.participant_id is not None}
    if not ids or record.participant_column is not None:
        return documents, ()
    as_saved = {i: masked(i) for i in sorted(ids)}
    others, own = people.ids_beside(record.id, record.path)
    others, own = others.difference(before), own.union(before)
    prefix = _free_prefix(record, ids, others, masked)
    shared = others.intersection(as_saved.values())
    if not shared and not any(masked(f"{prefix}:{i}") in own for i in ids):
        return documents, ()
    apart = []
    for d in documents:
        person = d.participant_id
        if person is not None and as_saved[person] not in before:
            person = f"{prefix}:{person}"
        voices = tuple(replace(voice, participant_id=person) for voice in d.speakers)
        apart.append(replace(d, participant_id=person, speakers=voices))
    note = (
        f"ids that other sources use too, such as those of {len(shared)} rows, are taken for other "
        f"people ({prefix}:…); --participant-col ID takes them for the same"
    )
    return tuple(apart), (note,) if shared else ()


def _free_prefix(
    record: SourceRecord,
    ids: Collection[str],
    others: Collection[str],
    masked: Callable[[str], str],
) -> str:
    """Return what is put before a survey's ids so that they are nobody else's."""
    path = PurePath(record.path).with_suffix("")
    for prefix in (path.name, path.as_posix()):
        if not any(masked(f"{prefix}:{i}") in others for i in ids):
            return prefix
    return f"{path.name} {record.id[-6:]}"
