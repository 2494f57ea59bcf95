"""Titles of columns and sheets without the names of people: as the study keeps them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qualcode.settings import SurveyProfile
from qualcode.store.sources import SourceRecord

__all__ = ["masked_profile", "with_masked_titles"]


def with_masked_titles(record: SourceRecord, masked: Callable[[str], str]) -> SourceRecord:
    """Return a survey's record with placeholders for the names in its columns' titles.

    Args:
        record: The survey.
        masked: Puts placeholders for the names in a text.
    """
    header = record.table_header or ()
    names = {title: masked(title) for title in header}
    if all(title == name for title, name in names.items()):
        return record
    return replace(
        record,
        table_header=tuple(names[title] for title in header),
        text_columns=tuple(names[title] for title in record.text_columns),
        attribute_columns=tuple(names[title] for title in record.attribute_columns),
        id_column=record.id_column and names[record.id_column],
        participant_column=record.participant_column and names[record.participant_column],
        notes=tuple(map(masked, record.notes)),
    )


def masked_profile(profile: SurveyProfile, masked: Callable[[str], str]) -> SurveyProfile:
    """Return a profile without names of people, which finds the same columns in the next wave."""
    titles = (*profile.text_cols, *profile.attr_cols, profile.id_col, profile.participant_col)
    names = {title: masked(title) for title in titles if title is not None}
    sheet = profile.sheet and masked(profile.sheet)
    return profile.renamed(names).model_copy(update={"sheet": sheet})
