"""Notes are only added, stand on one thing, and are in every export."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from qualcode.errors import UsageError
from qualcode.store.notes import NoteKind
from qualcode.workflow.export import export
from qualcode.workflow.mask import mask
from qualcode.workflow.notes import add_note, notes_on
from qualcode.workflow.study import Study


def targets(study: Study) -> dict[NoteKind, str]:
    """Return the name of something of each kind."""
    coding = next(study.corpus().codings())
    return {
        NoteKind.STUDY: "",
        NoteKind.SOURCE: "survey.csv",
        NoteKind.PARTICIPANT: "c1",
        NoteKind.CODE: "Left alone",
        NoteKind.SEGMENT: coding.segment_id[:12],
        NoteKind.CODING: coding.id[:12],
    }


@pytest.mark.parametrize("kind", NoteKind)
def test_a_note_can_stand_on_anything(grouped: Study, kind: NoteKind) -> None:
    add_note(grouped, "Look again.", kind, targets(grouped)[kind], by="Ada")
    found = notes_on(grouped, kind, targets(grouped)[kind])
    assert [(note.text, note.author) for note in found] == [("Look again.", "Ada")]


@pytest.mark.parametrize("kind", [kind for kind in NoteKind if kind is not NoteKind.STUDY])
def test_a_note_on_something_that_is_not_there_is_refused(grouped: Study, kind: NoteKind) -> None:
    with pytest.raises(UsageError):
        add_note(grouped, "Look again.", kind, "nothing of this name", by="Ada")


def test_an_empty_note_is_refused(grouped: Study) -> None:
    with pytest.raises(UsageError, match="what is to be noted"):
        add_note(grouped, "  \n", NoteKind.STUDY, by="Ada")


def test_a_note_on_a_coding_keeps_its_segment(grouped: Study) -> None:
    coding = next(grouped.corpus().codings())
    made = add_note(grouped, "Doubtful.", NoteKind.CODING, coding.id, by="Ada")
    assert made.segment_id == coding.segment_id


def test_the_json_holds_notes_in_their_order(grouped: Study, tmp_path: Path) -> None:
    for text in ("First.", "Second."):
        add_note(grouped, text, NoteKind.STUDY, by="Ada")
    export(grouped, "json", tmp_path / "all.json")
    whole = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [note["text"] for note in whole["notes"]] == ["First.", "Second."]


def test_a_csv_of_notes_has_a_row_for_each(grouped: Study, tmp_path: Path) -> None:
    add_note(grouped, "On the code.", NoteKind.CODE, "pain_slow", by="Ada")
    export(grouped, "csv", tmp_path / "notes.csv", what="notes")
    with (tmp_path / "notes.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["kind"], row["target"], row["text"]) == ("code", "pain_slow", "On the code.")


def test_a_workbook_has_a_sheet_of_notes(grouped: Study, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    add_note(grouped, "On it all.", NoteKind.STUDY, by="Ada")
    export(grouped, "xlsx", tmp_path / "all.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "all.xlsx"))
    rows = book.get_sheet_by_name("people's notes").to_python()
    assert rows[1][-1] == "On it all."


def test_a_name_that_is_masked_later_is_masked_in_notes(grouped: Study) -> None:
    add_note(grouped, "Ask Zebedee Quux about it.", NoteKind.STUDY, by="Ada")
    mask(grouped, ["Zebedee Quux"])
    (note,) = grouped.repository.notes.all()
    assert note.text == "Ask [PERSON_1] about it."
