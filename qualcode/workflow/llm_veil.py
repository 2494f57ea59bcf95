"""Mask what leaves the machine, also where a study's texts were taken in unmasked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from qualcode.ingest.pseudonyms import Key, find_edits, names_of
from qualcode.records import Document
from qualcode.spans import Edit, apply_edits
from qualcode.workflow.study import Study

__all__ = ["veil_of"]

_PERSON = "[PERSON_"


def veil_of(
    study: Study, documents: Sequence[Document]
) -> Callable[[str], tuple[str, tuple[Edit, ...]]]:
    """Return what masks any text of the study for sending, with the edits that it makes.

    Contact details lose their numbers, so that equal texts stay equal whichever is sent first:
    "[EMAIL]". Names are those that the study's key holds, that its settings list or that label
    a voice; nothing guesses others. In a masked study this finds what a listed name added since.

    Args:
        study: The study; its key is read and not changed.
        documents: Whose speakers are named; all of the study, so that numbers of persons do not
            depend on what is sent.
    """
    key = Key.from_json(study.load_key().to_json())
    listed = [*key.persons, *study.settings.pseudonyms.names]
    labels = [name for document in documents for name in names_of(document)]
    names = tuple(dict.fromkeys([*listed, *labels]))
    for name in names:
        key.placeholder("PERSON", name)

    def veil(text: str) -> tuple[str, tuple[Edit, ...]]:
        found = find_edits(text, key, names)
        edits = tuple(
            edit if edit.replacement.startswith(_PERSON) else _plain(edit) for edit in found
        )
        return apply_edits(text, edits), edits

    return veil


def _plain(edit: Edit) -> Edit:
    kind = edit.replacement.strip("[]").rpartition("_")[0]
    return replace(edit, replacement=f"[{kind}]")
