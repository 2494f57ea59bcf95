"""Words that anybody might say stay when somebody is forgotten who said them too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualcode.settings import Charter
from qualcode.store.candidates import Proposal
from qualcode.store.ledger import BodyState, Ending, Outgoing
from qualcode.store.narratives import DraftedSentence, Wording
from qualcode.store.notes import NoteKind
from qualcode.store.replies import KeptReply
from qualcode.workflow.export import export
from qualcode.workflow.forget import forget
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.notes import add_note
from qualcode.workflow.pack import pack
from qualcode.workflow.source_life import remove_source
from qualcode.workflow.study import Study, create_study
from qualcode.workflow.their_words import FORGOTTEN
from tests.forgotten_study import OTHERS, PERSON, WORDS, in_survey
from tests.unit.workflow.conftest import Write

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


def test_a_pack_with_an_answer_of_one_word_is_told(of_one_word: Study, tmp_path: Path) -> None:
    made = pack(of_one_word, tmp_path / "handed.qcpack").path
    assert any(str(made) in line for line in forget(of_one_word, "a").remains)
