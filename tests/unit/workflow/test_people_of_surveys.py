"""Who answered: equal ids of different surveys are different people, whatever goes and comes."""

from pathlib import Path

import pytest

from qualcode.workflow.edit_log import undo
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.source_life import remove_source
from qualcode.workflow.study import Study
from tests.unit.workflow.conftest import Write, talk

OPTIONS = IngestOptions(text_cols=("why",), id_col="id")
ANEW = IngestOptions(text_cols=("why",), id_col="id", replaced=True)


def survey(words: str, *ids: int) -> str:
    rows = (f"{n},the {words} took {n} weeks\n" for n in ids or (17, 18))
    return "id,why\n" + "".join(rows)


def read(study: Study, path: Path, options: IngestOptions = OPTIONS) -> None:
    (outcome,) = ingest(study, [path], options).outcomes
    assert outcome.status in ("read", "replaced"), outcome


def people(study: Study) -> dict[str, list[str]]:
    """Return by path who answered, in the order of the rows."""
    found: dict[str, list[str]] = {}
    for document in study.repository.sources.documents():
        found.setdefault(document.path, []).append(str(document.participant_id))
    return found


def test_people_of_a_removed_survey_are_nobody_elses_when_it_comes_back(
    study: Study, write: Write
) -> None:
    read(study, write("a.csv", survey("wait")))
    gone = remove_source(study, "a.csv", by="Ada")
    read(study, write("b.csv", survey("bill")))
    undo(study, gone.id, by="Ada")
    assert people(study) == {"a.csv": ["17", "18"], "b.csv": ["b:17", "b:18"]}


def test_a_removed_survey_that_is_read_anew_gets_its_own_people_back(
    study: Study, write: Write
) -> None:
    path = write("a.csv", survey("wait"))
    read(study, path)
    remove_source(study, "a.csv", by="Ada")
    read(study, write("b.csv", survey("bill")))
    read(study, path, ANEW)
    assert people(study)["a.csv"] == ["17", "18"]


def test_a_survey_told_apart_before_it_was_removed_is_so_when_it_is_read_anew(
    study: Study, write: Write
) -> None:
    read(study, write("a.csv", survey("wait")))
    path = write("b.csv", survey("bill"))
    read(study, path)
    remove_source(study, "b.csv", by="Ada")
    study.repository.sources.remove(study.repository.sources.all()[0].id)
    read(study, path, ANEW)
    assert people(study) == {"b.csv": ["b:17", "b:18"]}


def test_people_with_attributes_stay_who_they_are_in_the_next_wave(
    study: Study, write: Write
) -> None:
    path = write("a.csv", survey("wait"))
    read(study, path)
    ingest(study, [path], IngestOptions(attributes={"persona": "Parent"}))
    read(study, write("a.csv", survey("wait", 17, 18, 19)), ANEW)
    assert people(study) == {"a.csv": ["17", "18", "19"]}


def test_people_stay_who_they_are_where_only_new_ones_have_ids_of_others(
    study: Study, write: Write
) -> None:
    read(study, write("a.csv", survey("wait", 17)))
    read(study, write("b.csv", survey("bill", 18)))
    read(study, write("a.csv", survey("wait", 17, 18)), ANEW)
    assert people(study) == {"b.csv": ["18"], "a.csv": ["17", "a:18"]}


def answers(*ids: str) -> str:
    return "id,why\n" + "".join(f"{who},the wait took {n} weeks\n" for n, who in enumerate(ids))


def test_people_with_masked_ids_stay_who_they_are_in_the_next_wave(
    study: Study, write: Write
) -> None:
    ann, bo, cy = "ann@example.org", "bo@example.org", "cy@example.org"
    read(study, write("a.csv", answers(ann, bo)))
    before = people(study)["a.csv"]
    read(study, write("b.csv", survey("bill", 17)))
    read(study, write("a.csv", answers(ann, bo, cy, "17")), ANEW)
    after = people(study)["a.csv"]
    assert (after[:2], after[3]) == (before, "a:17")


def test_masked_ids_that_two_surveys_share_are_of_different_people(
    study: Study, write: Write
) -> None:
    read(study, write("a.csv", answers("ann@example.org")))
    read(study, write("b.csv", answers("ann@example.org", "bo@example.org")))
    found = people(study)
    assert found["b.csv"][0] == f"b:{found['a.csv'][0]}"


def test_people_with_long_numbers_stay_who_they_are_when_the_others_are_gone(
    study: Study, write: Write
) -> None:
    read(study, write("a.csv", survey("wait", 4915112345678)))
    read(study, write("b.csv", survey("bill", 4915112345678)))
    before = people(study)["b.csv"]
    study.repository.sources.remove(study.repository.sources.all()[0].id)
    read(study, write("b.csv", survey("bills", 4915112345678)), ANEW)
    assert people(study) == {"b.csv": before}


def test_surveys_of_one_name_in_three_folders_are_of_three_peoples(
    study: Study, write: Write
) -> None:
    for folder in ("x", "y", "z"):
        read(study, write(f"{folder}/survey.csv", survey(f"wait of {folder}")))
    found = [person for some in people(study).values() for person in some]
    assert len(set(found)) == 6


def test_a_survey_of_another_folder_leaves_a_removed_one_of_its_name_its_place(
    study: Study, write: Write
) -> None:
    read(study, write("x/survey.csv", survey("wait")))
    gone = remove_source(study, "survey.csv", by="Ada")
    read(study, write("y/survey.csv", survey("bill")))
    undo(study, gone.id, by="Ada")
    assert people(study) == {"survey.csv": ["17", "18"], "y/survey.csv": ["survey:17", "survey:18"]}


def test_voices_of_a_removed_interview_keep_their_numbers(study: Study, write: Write) -> None:
    ingest(study, [write("a.txt", talk("Ann"))])
    gone = remove_source(study, "a.txt", by="Ada")
    ingest(study, [write("b.txt", talk("Bo", "It was quick."))])
    undo(study, gone.id, by="Ada")
    voices = {
        document.path: [v.participant_id for v in document.speakers if v.participant_id]
        for document in study.repository.sources.documents()
    }
    assert voices == {"a.txt": ["P01"], "b.txt": ["P02"]}


def test_a_column_of_people_still_means_the_same_people_when_a_survey_comes_back(
    study: Study, write: Write
) -> None:
    same = IngestOptions(text_cols=("why",), id_col="id", participant_col="id")
    read(study, write("a.csv", survey("wait")), same)
    gone = remove_source(study, "a.csv", by="Ada")
    read(study, write("b.csv", survey("bill")), same)
    undo(study, gone.id, by="Ada")
    assert people(study) == {"a.csv": ["17", "18"], "b.csv": ["17", "18"]}


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_ids_of_a_copy_count_as_long_as_the_copy_holds_them(
    study: Study, write: Write, is_forgotten: bool
) -> None:
    read(study, write("a.csv", survey("wait")))
    remove_source(study, "a.csv", by="Ada")
    (out,) = study.repository.removals.all()
    documents = [d.id for d in study.repository.removals.copy(out.id).documents]
    if is_forgotten:
        study.repository.removals.erase_documents(out.id, documents[:1], "17")
    assert ("17" in study.repository.people.participant_ids()) is not is_forgotten
