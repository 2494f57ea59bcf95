"""Names: masked whichever file they were met in first, and found nowhere afterwards."""

import os
import sqlite3
from pathlib import Path

import pytest

from qualcode.records import Role
from qualcode.store.vectors import text_key
from qualcode.workflow.code import code, local_coder
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.mask import MaskReport, mask
from qualcode.workflow.replace_source import replace_source
from qualcode.workflow.source_life import remove_source
from qualcode.workflow.speakers import set_role, voices
from qualcode.workflow.study import Study
from tests.unit.workflow.conftest import Write, talk


def holding(folder: Path, word: str) -> list[str]:
    return sorted(
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if word.casefold() in p.name.casefold() or (p.is_file() and word.encode() in p.read_bytes())
    )


def test_a_name_is_masked_in_files_read_before_its_owners(study: Study, write: Write) -> None:
    write("1.txt", talk("Colm", "My neighbour Priya Nair told me, and Priya loves it."))
    write("2.txt", talk("Priya Nair"))
    ingest(study, [write("1.txt", talk("Colm", "My neighbour Priya Nair told me.")).parent])
    study.close()
    assert holding(study.path, "Priya") == []


def test_a_name_met_in_a_later_run_is_masked_in_earlier_texts(study: Study, write: Write) -> None:
    ingest(study, [write("1.txt", talk("Colm", "My neighbour Priya Nair told me."))])
    ingest(study, [write("2.txt", talk("Priya Nair"))])
    first = study.repository.sources.documents()[0]
    assert "My neighbour [PERSON_" in first.text
    assert first.version == 2
    study.close()
    assert holding(study.path, "Priya") == []


def with_priya_and_colm(study: Study, write: Write) -> None:
    """Read talks of a Priya and a Colm, of whom somebody else says the full name."""
    texts = ("Priya Nair told me.", "The Nairs and Nair himself were kind.")
    ingest(study, [write("1.txt", talk("Interviewee", " ".join(texts)))])
    ingest(study, [write("2.txt", talk("Priya")), write("3.txt", talk("Colm"))])


def test_a_full_name_that_joins_an_earlier_entry_is_masked_in_earlier_texts(
    study: Study, write: Write
) -> None:
    with_priya_and_colm(study, write)
    ingest(study, [write("4.txt", talk("Priya Nair"))])
    study.close()
    assert holding(study.path, "Nair") == []


def test_a_full_name_that_joins_an_earlier_entry_keeps_its_placeholder(
    study: Study, write: Write
) -> None:
    with_priya_and_colm(study, write)
    ingest(study, [write("4.txt", talk("Priya Nair"))])
    labels = {v.path: v.label for v in voices(study) if v.role is Role.PARTICIPANT}
    assert labels["2.txt"] == labels["4.txt"]


def test_without_the_key_a_name_met_later_is_masked_in_earlier_texts_all_the_same(
    study: Study, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_priya_and_colm(study, write)
    study.close()
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "elsewhere"))
    with Study(study.path) as handed_on:
        ingest(handed_on, [write("4.txt", talk("Nair"))])
    assert holding(study.path, "Nair") == []


def test_a_study_that_an_older_version_masked_is_gone_through_anew(
    study: Study, write: Write
) -> None:
    with_priya_and_colm(study, write)
    study.repository.set_meta("persons_masked_everywhere", "2")  # as it was counted then
    ingest(study, [write("4.txt", talk("Priya Nair"))])
    study.close()
    assert holding(study.path, "Nair") == []


def test_nothing_is_gone_through_where_nobody_is_new(study: Study, write: Write) -> None:
    with_priya_and_colm(study, write)
    assert ingest(study, [write("5.txt", talk("Priya"))]).masked == MaskReport()


def test_an_ingest_tells_what_it_masked_in_earlier_texts(study: Study, write: Write) -> None:
    with_priya_and_colm(study, write)
    masked = ingest(study, [write("4.txt", talk("Priya Nair"))]).masked
    assert (masked.n_documents, masked.paths) == (1, ("1.txt",))


def test_an_ingest_tells_which_removed_copies_it_erased(study: Study, write: Write) -> None:
    with_priya_and_colm(study, write)
    remove_source(study, "1.txt", by="Jo")
    masked = ingest(study, [write("4.txt", talk("Priya Nair"))]).masked
    assert masked.erased_copies == ("1.txt",)


def test_a_replacement_tells_which_removed_copies_it_erased(study: Study, write: Write) -> None:
    with_priya_and_colm(study, write)
    remove_source(study, "1.txt", by="Jo")
    outcome, _ = replace_source(study, "3.txt", write("new.txt", talk("Priya Nair")), by="Jo")
    assert any("1.txt was taken out" in note for note in outcome.notes)


def test_a_survey_column_of_names_is_masked_everywhere(study: Study, write: Write) -> None:
    rows = "id,Full name,comment\n1,Priya Nair,Priya here: it was late\n2,Bo Li,fine by Bo\n"
    ingest(study, [write("s.csv", rows)], IngestOptions(text_cols=("comment",), id_col="id"))
    study.close()
    assert holding(study.path, "Priya") == holding(study.path, "Bo Li") == []


def test_a_participant_column_of_names_is_masked(study: Study, write: Write) -> None:
    path = write("s.csv", "id,who,comment\n1,Priya Nair,it was late\n2,Bo Li,fine by me\n")
    options = IngestOptions(text_cols=("comment",), id_col="id", participant_col="who")
    ingest(study, [path], options)
    ids = [d.participant_id for d in study.repository.sources.documents()]
    assert ids == ["[PERSON_1]", "[PERSON_2]"]


def test_masking_reaches_paths_attributes_and_vectors(study: Study, write: Write) -> None:
    words = "Then Zebedee Quux rang me back."
    path = write("zebedee-quux.txt", talk("Interviewee", words))
    ingest(study, [path], IngestOptions(attributes={"contact": "Zebedee Quux"}))
    code(study, local_coder(study))
    mask(study, ["Zebedee Quux"])
    rows = sqlite3.connect(study.path / "qualcode.db")
    keys = {row[0] for row in rows.execute("SELECT text_sha256 FROM embedding")}
    rows.close()
    study.close()
    assert keys
    assert text_key(words) not in keys
    assert holding(study.path, "Zebedee") == []
    assert holding(study.path, "quux") == []


def test_a_study_without_its_key_gives_no_number_twice(
    study: Study, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ingest(study, [write("1.txt", talk("Priya Nair"))])
    study.close()
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "elsewhere"))
    with Study(study.path) as handed_on:
        ingest(handed_on, [write("2.txt", talk("Carl Berg"))])
        labels = [v.label for v in voices(handed_on) if v.role is Role.PARTICIPANT]
    assert labels == ["[PERSON_1]", "[PERSON_2]"]


def test_names_kept_in_one_run_and_masked_in_the_next_are_not_mixed(
    study: Study, write: Write
) -> None:
    rows = "id,comment\n" + "".join(f"{n},write to a{n}@example.org please\n" for n in range(5))
    path = write("s.csv", rows)
    options = IngestOptions(text_cols=("comment",), id_col="id")
    ingest(study, [path], options)
    connection = sqlite3.connect(study.path / "qualcode.db")
    connection.execute("UPDATE source SET is_complete = 0")
    connection.commit()
    connection.close()
    ingest(study, [path], IngestOptions(text_cols=("comment",), id_col="id", masked=False))
    texts = [d.text for d in study.repository.sources.documents()]
    assert all("@example.org" in text for text in texts)
    assert [source.masked for source in study.repository.sources.all()] == [False]


def test_a_role_can_be_set_by_the_name_that_the_key_knows(study: Study, write: Write) -> None:
    ingest(study, [write("1.txt", talk("Priya Nair"))])
    changed = set_role(study, "Priya Nair", Role.INTERVIEWER)
    assert [(v.label, v.role) for v in changed] == [("[PERSON_1]", Role.INTERVIEWER)]


def test_half_a_line_of_a_killed_run_does_not_spoil_the_originals(study: Study) -> None:
    entry = {"document": "doc_1", "version": 1, "text": "Priya"}
    study.private.keep_originals("src_1", [entry])
    path = study.private.path / "originals-src_1.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    with Study(study.path) as again:
        again.private.keep_originals("src_1", [entry, {**entry, "version": 2}])
    assert path.read_bytes().count(b'"version": 1') == 1
    assert path.read_bytes().splitlines()[-1].count(b'"version": 2') == 1


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_private_folder_is_its_owners_alone(study: Study, write: Write) -> None:
    ingest(study, [write("1.txt", talk("Priya Nair"))])
    assert study.private.path.stat().st_mode & 0o077 == 0


def test_a_name_that_a_person_lists_is_masked_also_where_a_word_could_be_meant(
    study: Study, write: Write
) -> None:
    words = "Thanks to Ms. Baker. Mark was kind. Grace: rude. I saw Dr. Rose."
    ingest(study, [write("1.txt", talk("Interviewee", words))])
    mask(study, ["Baker", "Mark", "Grace", "Rose"])
    text = study.repository.sources.documents()[0].text
    assert not [name for name in ("Baker", "Mark", "Grace", "Rose") if name in text]
    ingest(study, [write("2.txt", talk("Respondent", "Mark came again."))])
    assert "Mark" not in study.repository.sources.documents()[1].text


def test_a_title_that_names_somebody_is_kept_nowhere(study: Study, write: Write) -> None:
    title = "How do you rate Priya Nair?"
    path = write("s.csv", f"id,who,{title},comment\n1,Priya Nair,very good,it was late\n")
    options = IngestOptions(
        text_cols=("comment",), id_col="id", participant_col="who", attr_cols=(title,)
    )
    ingest(study, [path], options)
    study.close()
    assert holding(study.path, "Priya") == []


def test_a_name_masked_later_is_in_no_reason_and_no_copy_of_a_removed_source(
    study: Study, write: Write
) -> None:
    ingest(study, [write("a.txt", talk("Colm")), write("Ada Lovelace.txt", talk("Bo", "Fine."))])
    remove_source(study, "Ada Lovelace.txt", by="Jo", reason="Ada Lovelace withdrew")
    mask(study, ["Ada Lovelace"])
    study.close()
    assert holding(study.path, "Lovelace") == []


def test_a_copy_that_names_nobody_outlives_a_new_name(study: Study, write: Write) -> None:
    said = talk("Interviewee", "I wrote to help@shop.example and heard nothing.")
    ingest(study, [write("1.txt", said)], IngestOptions(masked=False))
    remove_source(study, "1.txt", by="me")
    masked = ingest(study, [write("2.txt", talk("Priya Nair"))]).masked
    assert (masked.erased_copies, "EMAIL" in study.load_key().highest()) == ((), False)


def test_a_name_masked_later_is_in_no_title_and_in_no_profile(study: Study, write: Write) -> None:
    title = "What did Zelda Quirk do well?"
    path = write("zelda-quirk.csv", f"id,{title},comment\n1,all of it,it was late\n")
    ingest(study, [path], IngestOptions(text_cols=(title, "comment"), id_col="id"))
    study.close()
    with Study(study.path) as again:
        mask(again, ["Zelda Quirk"])
    assert (holding(study.path, "Zelda"), holding(study.path, "quirk")) == ([], [])


def test_a_survey_whose_path_is_masked_later_keeps_its_profile(study: Study, write: Write) -> None:
    path = write("zelda-quirk.csv", "id,why,comment\n1,all of it,it was late\n")
    ingest(study, [path], IngestOptions(text_cols=("why",), id_col="id"))
    mask(study, ["Zelda Quirk"])
    with Study(study.path) as again:
        (record,) = again.repository.sources.all()
        assert again.settings.surveys[record.path].text_cols == ("why",)


def test_a_path_masked_later_is_in_no_note_of_the_next_wave(study: Study, write: Write) -> None:
    rows = "id,why,comment\n1,all of it,it was late\n"
    first = write("Zelda_Quirk.csv", rows)
    ingest(study, [first], IngestOptions(text_cols=("why",), id_col="id"))
    study.close()
    with Study(study.path) as again:
        ingest(again, [write("june.csv", rows.replace("all", "none"))])
    with Study(study.path) as again:
        mask(again, ["Zelda Quirk"])
        notes = str([record.notes for record in again.repository.sources.all()])
    assert ("Zelda" in notes, "those of [PERSON_1]" in notes) == (False, True)
