"""A participant who is forgotten has said nothing: no file of the study holds a word of it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from qualcode.errors import StoreError, UsageError
from qualcode.records import Role
from qualcode.settings import Charter
from qualcode.store.database import Database
from qualcode.store.ledger import BodyState
from qualcode.store.notes import NoteKind
from qualcode.workflow.draft import draft
from qualcode.workflow.export import render_json
from qualcode.workflow.forget import find_participant, forget
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.notes import add_note
from qualcode.workflow.source_life import remove_source
from qualcode.workflow.speakers import set_role, voices
from qualcode.workflow.study import Study, create_study
from tests.forgotten_study import MORE, NAME, OTHERS, PERSON, WORDS, holding, in_survey
from tests.unit.workflow.conftest import Write

# --- nothing is left --------------------------------------------------------------------------


def test_the_words_stand_everywhere_before(home: Path, known: Study) -> None:
    known.close()
    found = holding(home / "made" / "study", WORDS)
    assert {"qualcode.db", "backups/qualcode-1.db", "codebook.yaml", "all.xlsx"} <= set(found)


def test_no_file_of_the_study_holds_the_words_afterwards(home: Path, known: Study) -> None:
    forget(known, PERSON)
    known.close()
    assert holding(home / "made" / "study", WORDS, MORE, "haunted", NAME) == []


def test_no_file_holds_the_words_while_the_study_is_still_open(home: Path, known: Study) -> None:
    forget(known, PERSON)
    assert holding(home / "made" / "study", WORDS, MORE, "haunted", NAME) == []


def test_the_private_folder_holds_neither_words_nor_name(home: Path, known: Study) -> None:
    forget(known, PERSON)
    known.close()
    assert holding(home / "data", WORDS, MORE, NAME, "Zebedee", "Quux") == []


def test_what_others_said_stays(known: Study) -> None:
    forget(known, PERSON)
    (document,) = known.repository.sources.documents()
    assert OTHERS in document.text


def test_what_models_were_sent_and_answered_of_others_stays(known: Study) -> None:
    forget(known, PERSON)
    states = [request.body_state for request in known.repository.ledger.all()]
    kept = [reply.key for reply in known.repository.replies.all()]
    assert (states, kept) == ([BodyState.ERASED, BodyState.EXACT], ["k2"])


def test_the_codebook_keeps_its_other_examples(known: Study) -> None:
    forget(known, PERSON)
    assert known.codebook.code("pain_way").examples == ("the stairs were steep and slippery",)


def test_what_people_wrote_keeps_its_other_words(known: Study) -> None:
    forget(known, PERSON)
    (event,) = known.repository.review_events.all()
    (note,) = known.repository.notes.all()
    assert (event.value["text"], note.text) == ("Unlike (forgotten)", "Compare: (forgotten)")


def test_the_study_can_be_exported_afterwards(known: Study) -> None:
    forget(known, PERSON)
    whole = json.loads(render_json(known, draft(known)))
    assert [person["id"] for person in whole["participants"]] == ["P02"]


def test_a_name_that_comes_again_gets_another_placeholder(known: Study, write: Write) -> None:
    before = {v.label for v in voices(known) if v.participant_id == PERSON}
    forget(known, PERSON)
    ingest(known, [write("new.txt", f"Interviewer: So?\n{NAME}: It was fine by me, really.\n")])
    after = {v.label for v in voices(known) if v.path == "new.txt" and v.role is Role.PARTICIPANT}
    assert before.isdisjoint(after)


def test_nobody_else_gets_the_persons_number(known: Study, write: Write) -> None:
    forget(known, PERSON)
    ingest(known, [write("new.txt", "Interviewer: So?\nVera Moss: It was fine by me, really.\n")])
    assert PERSON not in known.repository.people.participants()


def test_what_remains_outside_is_told(home: Path, known: Study) -> None:
    told = "\n".join(forget(known, PERSON).remains)
    for outside in ("talk.txt", "elsewhere.json", "api.example.org", "recordings", "backups"):
        assert outside in told


def test_an_export_elsewhere_is_told_and_left(home: Path, known: Study) -> None:
    forget(known, PERSON)
    assert (home / "made" / "elsewhere.json").is_file()


# --- whom -------------------------------------------------------------------------------------


def test_a_person_can_be_called_by_the_name_that_the_key_knows(known: Study) -> None:
    assert find_participant(known, NAME) == PERSON


def test_somebody_who_is_not_there_cannot_be_forgotten(known: Study) -> None:
    with pytest.raises(UsageError, match="no participant"):
        forget(known, "P99")


def test_of_a_survey_only_the_persons_row_goes(tmp_path: Path, write: Write) -> None:
    rows = f"a,Planner,{WORDS}\nb,Planner,{OTHERS}\nc,Planner,too dear\n"
    with in_survey(tmp_path, write, rows) as asked:
        forget(asked, "a")
        texts = [d.text for d in asked.repository.sources.documents()]
        assert texts == [OTHERS, "too dear"]


def test_the_same_survey_again_does_not_bring_the_row_back(tmp_path: Path, write: Write) -> None:
    with in_survey(tmp_path, write, f"a,Planner,{WORDS}\nb,Planner,{OTHERS}\n") as asked:
        forget(asked, "a")
        report = ingest(asked, [tmp_path / "in" / "s.csv"])
        assert [outcome.status for outcome in report.outcomes] == ["unchanged"]


def test_in_a_group_the_persons_turns_are_cut_and_others_stay(study: Study, write: Write) -> None:
    group = (
        f"Moderator: Welcome.\nZebedee Quux: Well, {WORDS}.\nMabel Ash: {OTHERS}\n"
        "Moderator: And then?\nZebedee Quux: Nothing to add to that.\nMabel Ash: Me neither, no.\n"
    )
    ingest(study, [write("group.txt", group)])
    for voice in voices(study):
        if voice.role is Role.UNKNOWN:
            set_role(study, voice.label or "", Role.PARTICIPANT)
    person = find_participant(study, "Zebedee Quux")
    assert forget(study, person).n_cut == 1
    (document,) = study.repository.sources.documents()
    spoken = [t.span.of(document.text) for t in document.turns if t.is_speech]
    assert spoken == ["Welcome.", OTHERS, "And then?", "Me neither, no."]
    study.close()
    assert holding(study.path, WORDS, "Nothing to add") == []


def test_segments_of_others_still_cover_their_words(study: Study, write: Write) -> None:
    group = f"Zebedee Quux: Well, {WORDS}.\nMabel Ash: {OTHERS}\n"
    ingest(study, [write("group.txt", group)])
    for voice in voices(study):
        set_role(study, voice.label or "", Role.PARTICIPANT)
    forget(study, find_participant(study, "Zebedee Quux"))
    texts = [text.text for text in study.repository.segment_texts.all()]
    assert texts == [OTHERS]


def test_a_voice_that_is_no_participant_any_more_is_forgotten_too(
    study: Study, write: Write
) -> None:
    ingest(study, [write("a.txt", f"Interviewer: So?\nZebedee Quux: Well, {WORDS}.\n")])
    (label,) = {v.label for v in voices(study) if v.participant_id == PERSON}
    set_role(study, label or "", Role.INTERVIEWER)
    assert forget(study, PERSON).n_documents == 1


def test_notes_on_the_person_go_with_the_person(tmp_path: Path, write: Write) -> None:
    with in_survey(tmp_path, write, f"a,Planner,{WORDS}\nb,Planner,{OTHERS}\n") as asked:
        add_note(asked, "Rang me back.", NoteKind.PARTICIPANT, "a", by="Ada")
        add_note(asked, "Friendly.", NoteKind.PARTICIPANT, "b", by="Ada")
        forget(asked, "a")
        assert [note.text for note in asked.repository.notes.all()] == ["Friendly."]


def test_a_name_in_the_settings_is_taken_out(known: Study) -> None:
    path = known.path / "study.toml"
    text = path.read_text(encoding="utf-8")
    listed = text.replace("# names = []", f'names = ["{NAME}", "Hanna Berg"]')
    path.write_text(listed, encoding="utf-8")
    forget(known, PERSON)
    assert 'names = ["Hanna Berg"]' in path.read_text(encoding="utf-8")


def test_copies_that_a_killed_ingest_left_unmasked_are_told(study: Study, write: Write) -> None:
    ingest(study, [write("a.txt", f"Interviewer: So?\n{NAME}: Well, {WORDS}.\n")])
    ingest(study, [write("b.txt", f"Interviewer: So?\nMabel: {OTHERS} Ask Bo Quill.\n")])
    remove_source(study, "b.txt", by="Ada")
    key = study.load_key()
    key.placeholder("PERSON", "Bo Quill")
    study.save_key(key)
    assert forget(study, PERSON).counts["removed copies that named others"] == 1


# --- stopped ----------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for a process that ends before a write."""


def writes(study: Study, monkeypatch: pytest.MonkeyPatch) -> int:
    """Count the transactions that forgetting takes."""
    n_writes = [0]
    real = Database.write

    def counted(self: Database, **how: bool) -> object:
        n_writes[0] += 1
        return real(self, **how)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", counted)
        forget(study, PERSON)
    return n_writes[0]


def test_forgetting_that_was_killed_before_any_write_is_finished_by_the_same_command(
    home: Path, said_much: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Study(home / "made" / "study") as counted:
        total = writes(counted, monkeypatch)
    left = []
    for at in range(total):
        shutil.rmtree(home)
        shutil.copytree(said_much, home)
        n_writes = iter(range(total))
        real = Database.write

        def stopping(self: Database, real=real, n_writes=n_writes, at=at, **how: bool) -> object:
            if next(n_writes) == at:
                raise Killed
            return real(self, **how)

        with monkeypatch.context() as patch, Study(home / "made" / "study") as stopped:
            patch.setattr(Database, "write", stopping)
            with pytest.raises(Killed):
                forget(stopped, PERSON)
            patch.undo()
        with Study(home / "made" / "study") as again:
            forget(again, PERSON)
        if holding(home / "made" / "study", WORDS, MORE, "haunted", NAME):
            left.append(at)
        if holding(home / "data", WORDS, NAME):
            left.append(at)
    assert left == []


def test_a_reader_that_keeps_the_log_alive_is_told_and_the_next_call_finishes(
    home: Path, known: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.store.database._BUSY_MS", 100)
    reader = sqlite3.connect(known.path / "qualcode.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM document").fetchall()
    with pytest.raises(StoreError, match="another qualcode has the study open"):
        forget(known, PERSON)
    reader.execute("COMMIT")
    reader.close()
    forget(known, PERSON)
    assert holding(home / "made" / "study", WORDS) == []


def test_a_name_in_a_title_that_stayed_unmasked_is_taken_out(tmp_path: Path, write: Write) -> None:
    study = create_study(tmp_path / "titled", name="T", charter=Charter())
    title = f"What did {NAME} do?"
    rows = f"id,{title}\nr1,it was quite late\nr2,nothing at all\n"
    survey = write("survey.csv", rows)
    ingest(study, [survey], IngestOptions(text_cols=(title,), id_col="id", masked=False))
    study.close()
    with Study(study.path) as again:
        ingest(again, [write("t.txt", f"Interviewer: So?\n{NAME}: It was late.\n")])
    # An older version went through the texts alone.
    settings = study.path / "study.toml"
    text = settings.read_text(encoding="utf-8").replace("[PERSON_1]", NAME)
    settings.write_text(text, encoding="utf-8", newline="\n")
    with Study(study.path) as again:
        forget(again, NAME)
    assert NAME not in settings.read_text(encoding="utf-8")
