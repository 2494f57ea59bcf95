"""Titles of columns and sheets without the names of people: as the study keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from qualcode.ingest.pseudonyms import Key, find_edits, mask_path
from qualcode.settings import SurveyProfile
from qualcode.spans import apply_edits
from qualcode.store.sources import SourceRecord
from qualcode.workflow.study import Study

__all__ = ["mask_titles", "masked_profile", "with_masked_titles"]


def mask_titles(study: Study, key: Key, names: Sequence[str], moved: Mapping[str, str]) -> None:
    """Mask names in the titles and notes of what was read, and in how `study.toml` keeps it.

    Args:
        study: The study.
        key: Grows by what is found, and is saved before the study changes.
        names: As `find_edits` takes them.
        moved: New paths of sources by the paths that they had.
    """

    def masked(text: str) -> str:
        return apply_edits(text, find_edits(text, key, names))

    records = study.repository.sources.all()
    newer = [with_masked_titles(_pointing(record, moved), masked) for record in records]
    changes = [new for new, old in zip(newer, records, strict=True) if new != old]
    if changes:
        study.save_key(key)
        study.repository.revisions.retitle(changes)
    live = {record.path for record in records}

    def changed(name: str, profile: SurveyProfile) -> tuple[str, SurveyProfile]:
        if name not in live:  # else its source would not be found by it any more
            name = moved.get(name) or mask_path(name, key, names)
        return name, masked_profile(profile, masked)

    study.change_profiles(changed)
    study.save_key(key)


def _pointing(record: SourceRecord, moved: Mapping[str, str]) -> SourceRecord:
    """Return a record whose notes call other surveys, such as earlier waves, by their new paths."""
    notes = record.notes
    for old, new in moved.items():
        notes = tuple(note.replace(old, new) for note in notes)
    return replace(record, notes=notes)


def with_masked_titles(record: SourceRecord, masked: Callable[[str], str]) -> SourceRecord:
    """Return a survey's record with placeholders for the names in titles and notes.

    Args:
        record: The survey.
        masked: Puts placeholders for the names in a text.
    """
    header = record.table_header or ()
    names = {title: masked(title) for title in header}
    # Notes may name sheets: a table whose titles name nobody has some all the same.
    record = replace(record, notes=tuple(map(masked, record.notes)))
    if all(title == name for title, name in names.items()):
        return record
    return replace(
        record,
        table_header=tuple(names[title] for title in header),
        text_columns=tuple(names[title] for title in record.text_columns),
        attribute_columns=tuple(names[title] for title in record.attribute_columns),
        id_column=record.id_column and names[record.id_column],
        participant_column=record.participant_column and names[record.participant_column],
    )


def masked_profile(profile: SurveyProfile, masked: Callable[[str], str]) -> SurveyProfile:
    """Return a profile without names of people, which finds the same columns in the next wave."""
    titles = (*profile.text_cols, *profile.attr_cols, profile.id_col, profile.participant_col)
    names = {title: masked(title) for title in titles if title is not None}
    sheet = profile.sheet and masked(profile.sheet)
    return profile.renamed(names).model_copy(update={"sheet": sheet})
