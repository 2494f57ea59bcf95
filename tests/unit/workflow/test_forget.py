"""A participant who is forgotten has said nothing: no file of the study holds a word of it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualcode.errors import StoreError, UsageError
from qualcode.records import Role
from qualcode.settings import Charter
from qualcode.store.candidates import Proposal
from qualcode.store.database import Database
from qualcode.store.ledger import BodyState, Ending, Outgoing
from qualcode.store.narratives import DraftedSentence, Wording
from qualcode.store.notes import NoteKind
from qualcode.store.replies import KeptReply
from qualcode.workflow.draft import draft
from qualcode.workflow.export import export, render_json
from qualcode.workflow.forget import find_participant, forget
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.notes import add_note
from qualcode.workflow.outputs import note_output
from qualcode.workflow.pack import pack
from qualcode.workflow.source_life import remove_source
from qualcode.workflow.speakers import set_role, voices
from qualcode.workflow.study import Study, create_study
from qualcode.workflow.their_words import FORGOTTEN
from tests.forgotten_study import MORE, NAME, OTHERS, PERSON, WORDS, holding, make_study
from tests.unit.workflow.conftest import Write


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forget")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        make_study(folder / "made").close()
    return folder


@pytest.fixture
def home(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a copy of study and private folder."""
    shutil.copytree(template, tmp_path / "all")
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "all" / "data"))
    return tmp_path / "all"


@pytest.fixture
def known(home: Path) -> Iterator[Study]:
    with Study(home / "made" / "study") as opened:
        yield opened


def in_survey(folder: Path, write: Write, rows: str) -> Study:
    made = create_study(folder / "asked", name="Asked", charter=Charter())
    path = write("s.csv", f"id,persona,comment\n{rows}")
    ingest(made, [path], IngestOptions(text_cols=("comment",), id_col="id"))
    return made


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


# --- packs and large files ----------------------------------------------------------------------


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


def test_a_pack_with_an_answer_of_one_word_is_told(of_one_word: Study, tmp_path: Path) -> None:
    made = pack(of_one_word, tmp_path / "handed.qcpack").path
    assert any(str(made) in line for line in forget(of_one_word, "a").remains)


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


# --- what anybody might say --------------------------------------------------------------------


NOTE = "A velvet curtain is no velvet glove."


@pytest.fixture
def of_one_word(tmp_path: Path, write: Write) -> Iterator[Study]:
    """Yield a survey in which `a` answered with an ordinary word that others wrote elsewhere."""
    with in_survey(tmp_path, write, f"a,Planner,Velvet.\nb,Planner,{OTHERS}\n") as asked:
        book = asked.path / "codebook.yaml"
        text = book.read_text(encoding="utf-8")
        book.write_text(f"# Velvet is a fabric.\n{text}", encoding="utf-8", newline="\n")
        yield asked


def asked_about(study: Study, *lines: str) -> int:
    """Keep a request that showed these lines, and return its number."""
    repository = study.repository
    run = repository.judgements.begin_run("code", coder="llm:x:m", code_version="1")
    content = "\n".join([*lines, "Answer."])
    body = json.dumps({"messages": [{"content": content}]}).encode("utf-8")
    out = Outgoing("code", "ask", "llm:x:m", "api.example.org", 1)
    return repository.ledger.add(run, out, Ending("ok", sent=body))


def state_of(study: Study, number: int) -> BodyState:
    held = study.repository.ledger.get(number)
    assert held is not None
    return held.body_state


def test_an_answer_of_one_word_leaves_that_word_in_the_codebooks_comments(
    of_one_word: Study,
) -> None:
    before = (of_one_word.path / "codebook.yaml").read_bytes()
    forget(of_one_word, "a")
    assert (of_one_word.path / "codebook.yaml").read_bytes() == before


def test_an_answer_of_one_word_leaves_that_word_in_notes(of_one_word: Study) -> None:
    add_note(of_one_word, NOTE, NoteKind.STUDY, by="Ada")
    forget(of_one_word, "a")
    assert [note.text for note in of_one_word.repository.notes.all()] == [NOTE]


def test_an_answer_of_one_word_leaves_what_models_wrote_of_others(of_one_word: Study) -> None:
    repository = of_one_word.repository
    run = repository.judgements.begin_run("code", coder="llm:x:m", code_version="1")
    other = repository.sources.documents()[1].id
    why = {"why": "as soft as velvet is"}
    repository.replies.keep(run, [KeptReply("k", "c", "s", "code", "llm:x:m", why, other)])
    repository.candidates.add(run, [Proposal("pain_point", "Velvet", "Too much velvet.", ())])
    sentence = DraftedSentence("All is velvet.", ())
    repository.narratives.add(run, [Wording("cell", "pain_point/stage_come", (sentence,))])
    forget(of_one_word, "a")
    left = (repository.replies.all(), repository.candidates.all(), repository.narratives.all())
    assert [len(list(some)) for some in left] == [1, 1, 1]


def test_an_answer_of_one_word_leaves_requests_that_only_use_the_word(of_one_word: Study) -> None:
    number = asked_about(of_one_word, "Velvet means soft.", f"1: {OTHERS}", "Code a velvet glove.")
    forget(of_one_word, "a")
    assert state_of(of_one_word, number) is BodyState.EXACT


def test_an_answer_of_one_word_leaves_copies_of_removed_sources_of_others(
    of_one_word: Study, write: Write
) -> None:
    ingest(of_one_word, [write("t.txt", f"Interviewer: So?\nMabel Ash: {NOTE} Really.\n")])
    remove_source(of_one_word, "t.txt", by="Ada")
    # Nobody else in the study says it now.
    forget(of_one_word, "a")
    assert [out.path for out in of_one_word.repository.removals.all()] == ["t.txt"]


@pytest.mark.parametrize(
    "line", ["1: Velvet.", "before, Mabel: velvet", "aa11 [3] Velvet!", "yes: “Velvet”"]
)
def test_a_request_that_showed_an_answer_of_one_word_is_emptied(
    of_one_word: Study, line: str
) -> None:
    number = asked_about(of_one_word, "Code this.", line, f"2: {OTHERS}")
    forget(of_one_word, "a")
    assert state_of(of_one_word, number) is BodyState.ERASED


def test_a_request_that_showed_short_sentences_in_lines_of_their_own_is_emptied(
    tmp_path: Path, write: Write
) -> None:
    rows = f"a,Planner,Soft velvet. Blue turnips! Squeaks.\nb,Planner,{OTHERS}\n"
    with in_survey(tmp_path, write, rows) as asked:
        number = asked_about(asked, "1: Soft velvet.", "2: Blue turnips!", "3: Squeaks.")
        forget(asked, "a")
        assert state_of(asked, number) is BodyState.ERASED


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx"])
def test_an_export_that_holds_an_answer_of_one_word_is_deleted(
    of_one_word: Study, kind: str
) -> None:
    made = of_one_word.path / f"all.{kind}"
    export(of_one_word, kind, made)
    assert forget(of_one_word, "a").erased == (made,)


def test_a_file_of_somebody_else_that_uses_the_word_is_not_told(of_one_word: Study) -> None:
    (of_one_word.path / "mine.csv").write_text("fabric\nVelvet\n", encoding="utf-8")
    assert not any("mine.csv" in told for told in forget(of_one_word, "a").remains)


def test_a_comment_that_quotes_the_person_is_cut_and_the_others_stay(known: Study) -> None:
    path = known.path / "codebook.yaml"
    text = path.read_text(encoding="utf-8")
    said = WORDS.replace(" like ", "\n#   like ")
    path.write_text(f"# Mind the stairs.\n# Said:\n#   {said}\n{text}", encoding="utf-8")
    with Study(known.path) as again:
        forget(again, PERSON)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[:4] == ["# Mind the stairs.", "# Said:", f"#   {FORGOTTEN}", "schema: 1"]


@pytest.mark.parametrize("named", ["Hope", "Mark"])
def test_a_name_that_is_an_ordinary_word_leaves_the_word(
    study: Study, write: Write, named: str
) -> None:
    ingest(study, [write("a.txt", f"Interviewer: So?\n{named}: Well, {WORDS}.\n")])
    note = f"We {named.casefold()} it. {named} so? {named} my words."
    add_note(study, note, NoteKind.STUDY, by="Ada")
    forget(study, PERSON)
    assert [one.text for one in study.repository.notes.all()] == [note]


@pytest.mark.parametrize("note", ["People will often wait.", "Will it hold?"])
def test_an_id_that_is_an_ordinary_word_leaves_the_word(
    tmp_path: Path, write: Write, note: str
) -> None:
    with create_study(tmp_path / "named", name="Named", charter=Charter()) as named:
        path = write("s.csv", f"who,comment\nWill,{WORDS}\nHanna,{OTHERS}\n")
        options = IngestOptions(text_cols=("comment",), participant_col="who", masked=False)
        ingest(named, [path], options)
        add_note(named, note, NoteKind.STUDY, by="Ada")
        forget(named, "Will")
        assert [one.text for one in named.repository.notes.all()] == [note]


def test_an_id_that_is_an_ordinary_word_is_found_where_it_is_a_name(
    tmp_path: Path, write: Write
) -> None:
    with create_study(tmp_path / "named", name="Named", charter=Charter()) as named:
        path = write("s.csv", f"who,comment\nWill,{WORDS}\nHanna,{OTHERS}\n")
        options = IngestOptions(text_cols=("comment",), participant_col="who", masked=False)
        ingest(named, [path], options)
        add_note(named, "Ask what Will thinks.", NoteKind.STUDY, by="Ada")
        forget(named, "Will")
        (note,) = named.repository.notes.all()
        assert note.text == f"Ask what {FORGOTTEN} thinks."


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
    home: Path, template: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Study(home / "made" / "study") as counted:
        total = writes(counted, monkeypatch)
    left = []
    for at in range(total):
        shutil.rmtree(home)
        shutil.copytree(template, home)
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
