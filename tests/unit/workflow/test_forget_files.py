"""Packs, exports and large files when somebody is forgotten: deleted, told, or left alone."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from qualcode.records import Role
from qualcode.workflow.export import export
from qualcode.workflow.forget import forget
from qualcode.workflow.ingest import ingest
from qualcode.workflow.outputs import note_output
from qualcode.workflow.pack import pack
from qualcode.workflow.speakers import set_role, voices
from qualcode.workflow.study import Study
from tests.forgotten_study import NAME, OTHERS, PERSON, WORDS
from tests.unit.workflow.conftest import Write


def told_of(study: Study, name: str) -> list[str]:
    return [line for line in forget(study, PERSON).remains if name in line]


def test_a_pack_that_lies_elsewhere_is_told(home: Path, known: Study) -> None:
    made = pack(known, home / "handed.qcpack").path
    assert told_of(known, "handed") == [f"{made} holds what they said: delete it there"]


def test_a_pack_in_the_studys_folder_is_deleted(known: Study) -> None:
    made = pack(known, known.path / "own.qcpack").path
    assert made in forget(known, PERSON).erased


def test_a_pack_in_the_folder_of_which_no_note_was_kept_is_told(known: Study) -> None:
    pack(known, known.path / "old.qcpack")
    (known.private.path / "outputs.json").unlink()
    assert len(told_of(known, "old.qcpack")) == 1


def test_a_pack_from_before_the_person_came_is_not_told(study: Study, write: Write) -> None:
    ingest(study, [write("b.txt", f"Interviewer: So?\nMabel Ash: {OTHERS}\n")])
    pack(study, study.path / "before.qcpack")
    ingest(study, [write("a.txt", f"Interviewer: So?\n{NAME}: Well, {WORDS}.\n")])
    assert not any("before.qcpack" in line for line in forget(study, "P02").remains)


@pytest.fixture
def group(study: Study, write: Write) -> Study:
    """Return a study of one talk in which the person and somebody else take part."""
    ingest(study, [write("group.txt", f"{NAME}: Well, {WORDS}.\nMabel Ash: {OTHERS}\n")])
    for voice in voices(study):
        set_role(study, voice.label or "", Role.PARTICIPANT)
    return study


def test_a_file_of_ones_own_that_names_a_talk_is_not_told(group: Study) -> None:
    (talk,) = group.repository.sources.documents()
    mine = group.path / "mine.csv"
    mine.write_text(f"talk,remark\n{talk.id},Mabel was tired\n", encoding="utf-8")
    assert not any("mine.csv" in line for line in forget(group, PERSON).remains)


def test_a_file_of_ones_own_that_names_an_interview_is_not_told(known: Study) -> None:
    mine = known.path / "mine.csv"
    (talk, _) = known.repository.sources.documents()
    mine.write_text(f"talk,length\n{talk.id},40 minutes\n", encoding="utf-8")
    assert told_of(known, "mine.csv") == []


def test_an_export_of_another_speaker_of_the_same_talk_stays(group: Study) -> None:
    (talk,) = group.repository.sources.documents()
    made = group.path / "mabel.csv"
    made.write_text(f"document,text\n{talk.id},{OTHERS}\n", encoding="utf-8")
    note_output(group, made)
    assert forget(group, PERSON).erased == ()


def test_an_export_that_names_a_document_of_the_person_alone_is_deleted(known: Study) -> None:
    (talk, _) = known.repository.sources.documents()
    made = known.path / "ids.csv"
    made.write_text(f"document,code\n{talk.id},pain_way\n", encoding="utf-8")
    note_output(known, made)
    assert made in forget(known, PERSON).erased


def test_a_pack_with_a_talk_in_which_the_person_said_one_word_is_deleted(
    study: Study, write: Write
) -> None:
    ingest(study, [write("group.txt", f"{NAME}: Yes.\nMabel Ash: {OTHERS}\n")])
    for voice in voices(study):
        set_role(study, voice.label or "", Role.PARTICIPANT)
    made = pack(study, study.path / "own.qcpack").path
    assert forget(study, PERSON).erased == (made,)


def test_a_file_too_large_to_be_searched_is_told(known: Study) -> None:
    with (known.path / "talk.wav").open("wb") as file:
        file.truncate((256 << 20) + 1)
    assert told_of(known, "talk.wav") == [
        f"{known.path / 'talk.wav'} could not be searched, as it is too large, damaged or locked: "
        "look whether it holds what they said"
    ]


def test_an_export_too_large_to_be_searched_is_told_and_left(home: Path, known: Study) -> None:
    export(known, "json", home / "large.json")
    with (home / "large.json").open("r+b") as file:
        file.truncate((256 << 20) + 1)
    assert len(told_of(known, "large.json could not be searched")) == 1


def test_an_archive_that_unpacks_to_too_much_is_told(
    known: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(known.path / "old.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("long.txt", "a " * 10_000)
    monkeypatch.setattr("qualcode.workflow.forget_files._MOST_BYTES", 10_000)
    assert len(told_of(known, "old.zip could not be searched")) == 1


def test_an_archive_that_is_damaged_is_told(known: Study) -> None:
    (known.path / "old.zip").write_bytes(b"PK\x03\x04 and nothing more")
    assert len(told_of(known, "old.zip could not be searched")) == 1
