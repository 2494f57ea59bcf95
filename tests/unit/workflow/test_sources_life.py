"""Files that come again: the same, changed, moved, of one name, read otherwise."""

import json
from pathlib import Path

import pytest

from qualcode.ingest.pseudonyms import PathNames
from qualcode.records import Role
from qualcode.workflow.code import code, local_coder
from qualcode.workflow.draft import draft
from qualcode.workflow.export import render_json
from qualcode.workflow.ingest import IngestOptions, IngestReport, ingest
from qualcode.workflow.speakers import set_role, voices
from qualcode.workflow.study import Study
from tests.unit.workflow.conftest import Write, talk

SURVEY = "id,good,bad\n1,the staff were kind,the wait was long\n2,quick,too dear for me\n"


def statuses(report: IngestReport) -> list[str]:
    return [outcome.status for outcome in report.outcomes]


def paths(study: Study) -> list[str]:
    return [source.path for source in study.repository.sources.all()]


def export(study: Study) -> str:
    return render_json(study, draft(study))


def test_a_file_found_in_a_folder_is_known_when_it_is_named_itself(
    study: Study, write: Write
) -> None:
    path = write("w1/int.txt", talk("P1"))
    ingest(study, [path.parents[1]])
    write("w1/int.txt", talk("P1", "Now I say something else about the app."))
    assert statuses(ingest(study, [path])) == ["changed"]
    assert statuses(ingest(study, [path], IngestOptions(replaced=True))) == ["replaced"]
    assert paths(study) == ["w1/int.txt"]
    assert "something else" in study.repository.sources.documents()[0].text


def test_two_files_of_one_name_are_two_sources(study: Study, write: Write) -> None:
    one = write("w1/int.txt", talk("P1"))
    two = write("w2/int.txt", talk("P2", "The app logs me out every Monday."))
    options = IngestOptions(replaced=True)
    assert statuses(ingest(study, [one, two], options)) == ["read", "read"]
    assert statuses(ingest(study, [one, two], options)) == ["unchanged", "unchanged"]
    assert paths(study)[0] == "int.txt"
    assert paths(study)[1].endswith("/int.txt")
    assert len(study.repository.sources.documents()) == 2


def test_names_that_mask_to_the_same_path_are_two_sources(study: Study, write: Write) -> None:
    folder = write("priya.txt", talk("Priya Nair")).parent
    write("nair.txt", talk("Priya Nair", "The second talk was about the bill."))
    assert statuses(ingest(study, [folder])) == ["read", "read"]
    assert len(set(paths(study))) == 2


def test_a_copy_of_a_file_is_not_read_twice(study: Study, write: Write) -> None:
    ingest(study, [write("a.txt", talk("P1"))])
    report = ingest(study, [write("b.txt", talk("P1"))])
    assert statuses(report) == ["unchanged"]
    assert report.outcomes[0].reason == "the same content as a.txt"


def test_a_file_that_became_a_copy_of_another_is_reported_as_changed(
    study: Study, write: Write
) -> None:
    ingest(study, [write("a.txt", talk("P1")), write("b.txt", talk("P2", "It was quick."))])
    assert statuses(ingest(study, [write("b.txt", talk("P1"))])) == ["changed"]


def test_other_columns_than_before_are_told_and_read_on_replace(study: Study, write: Write) -> None:
    path = write("s.csv", SURVEY)
    good, bad = IngestOptions(text_cols=("good",)), IngestOptions(text_cols=("bad",))
    assert statuses(ingest(study, [path], good)) == ["read"]
    assert statuses(ingest(study, [path], good)) == ["unchanged"]
    assert statuses(ingest(study, [path], IngestOptions(text_cols=("#2",)))) == ["unchanged"]
    report = ingest(study, [path], bad)
    assert statuses(report) == ["changed"]
    assert "--text-col good" in report.outcomes[0].reason
    again = IngestOptions(text_cols=("bad",), replaced=True)
    assert statuses(ingest(study, [path], again)) == ["replaced"]
    texts = [d.text for d in study.repository.sources.documents()]
    assert texts == ["the wait was long", "too dear for me"]


def test_the_next_wave_is_read_by_the_kept_columns(study: Study, write: Write) -> None:
    ingest(study, [write("s.csv", SURVEY)], IngestOptions(text_cols=("bad",), id_col="id"))
    with Study(study.path) as later:
        path = write("s.csv", SURVEY + "3,nothing,the bill was wrong\n")
        ingest(later, [path], IngestOptions(replaced=True))
        assert later.repository.sources.documents()[-1].text == "the bill was wrong"


def test_a_kept_profile_that_no_longer_fits_is_left_aside(study: Study, write: Write) -> None:
    ingest(study, [write("s.csv", SURVEY)], IngestOptions(text_cols=("bad",), id_col="id"))
    with Study(study.path) as later:
        rows = "nr,comment\n" + "".join(f"{n},the wait was {n} days long\n" for n in range(9))
        report = ingest(later, [write("s.csv", rows)], IngestOptions(replaced=True))
        assert statuses(report) == ["replaced"]


def test_roles_that_a_person_set_survive_a_replaced_file(study: Study, write: Write) -> None:
    text = talk("P1").replace("Interviewer", "Speaker 1").replace("P1", "Speaker 2")
    ingest(study, [write("a.txt", text)])
    set_role(study, "Speaker 1", Role.PARTICIPANT)
    set_role(study, "Speaker 2", Role.INTERVIEWER)
    path = write("a.txt", text + "Speaker 2: One line more.\n")
    ingest(study, [path], IngestOptions(replaced=True))
    assert {v.label: v.role for v in voices(study)} == {
        "Speaker 1": Role.PARTICIPANT,
        "Speaker 2": Role.INTERVIEWER,
    }


def test_nobody_gets_the_id_of_a_voice_that_was_a_participant(study: Study, write: Write) -> None:
    ingest(study, [write("a.txt", talk("Ann"))], IngestOptions(attributes={"persona": "Old"}))
    set_role(study, "Ann", Role.INTERVIEWER)
    ingest(study, [write("b.txt", talk("Carl", "It was quick."))])
    set_role(study, "Ann", Role.PARTICIPANT)
    ids = {v.path: v.participant_id for v in voices(study) if v.role is Role.PARTICIPANT}
    assert ids == {"a.txt": "P01", "b.txt": "P02"}
    assert study.repository.people.participants()["P02"] == {}


def test_equal_ids_of_two_surveys_are_two_people_unless_told_otherwise(
    study: Study, write: Write
) -> None:
    options = IngestOptions(text_cols=("bad",), id_col="id")
    ingest(study, [write("one.csv", SURVEY)], options)
    report = ingest(study, [write("two.csv", SURVEY.replace("wait", "queue"))], options)
    assert len(study.repository.people.participants()) == 4
    assert "taken for other people" in report.outcomes[0].notes[-1]
    same = IngestOptions(text_cols=("bad",), id_col="id", participant_col="id")
    ingest(study, [write("three.csv", SURVEY.replace("wait", "delay"))], same)
    assert len(study.repository.people.participants()) == 4


def test_a_role_set_after_coding_ends_like_one_set_before(
    tmp_path: Path, study: Study, write: Write
) -> None:
    from qualcode.settings import Charter
    from qualcode.workflow.study import create_study

    text = talk("P1").replace("Interviewer", "Sam") + talk("P1", "The bill was wrong, twice.")
    path = write("a.txt", text)
    ingest(study, [path])
    set_role(study, "Interviewer", Role.PARTICIPANT)
    code(study, local_coder(study))
    with create_study(tmp_path / "other", name="Test", charter=Charter()) as other:
        ingest(other, [path])
        code(other, local_coder(other))
        set_role(other, "Interviewer", Role.PARTICIPANT)
        code(other, local_coder(other))
        assert export(other) == export(study)


def test_codings_of_a_code_that_the_book_lost_leave_report_and_export(
    study: Study, write: Write
) -> None:
    ingest(study, [write("a.txt", talk("P1"))])
    code(study, local_coder(study))
    study.close()
    book = study.path / "codebook.yaml"
    text = book.read_text(encoding="utf-8")
    lost = text.replace("id: touch_", "id: gone_").replace("family: touchpoint", "family: gone")
    book.write_text(lost.replace("family: strength", "family: other"), encoding="utf-8")
    with Study(study.path) as later:
        report = code(later, local_coder(later))
        data = json.loads(export(later))
    families = {coding["family"] for coding in data["codings"]}
    assert "strength" not in families
    assert report.n_codings == len(data["codings"])


def test_a_replaced_file_keeps_who_its_people_are(study: Study, write: Write) -> None:
    ingest(study, [write("a.txt", talk("Ann"))], IngestOptions(attributes={"persona": "Old"}))
    ingest(study, [write("b.txt", talk("Bo", "It was quick."))])
    path = write("a.txt", talk("Ann", "One typo less."))
    ingest(study, [path], IngestOptions(replaced=True))
    ids = {v.path: v.participant_id for v in voices(study) if v.role is Role.PARTICIPANT}
    assert ids == {"a.txt": "P01", "b.txt": "P02"}
    assert study.repository.people.participants()["P01"] == {"persona": "Old"}


def test_an_attribute_is_given_to_people_of_an_unchanged_file(study: Study, write: Write) -> None:
    path = write("a.txt", talk("Ann"))
    ingest(study, [path])
    report = ingest(study, [path], IngestOptions(attributes={"persona": "Parent"}))
    assert report.outcomes[0].reason == "gave persona to 1 of its people"
    assert study.repository.people.participants()["P01"] == {"persona": "Parent"}


def test_a_column_can_be_taken_as_a_named_attribute(study: Study, write: Write) -> None:
    rows = "id,Customer type,bad\n1,Business,the wait was long\n2,Private,too dear for me\n"
    options = IngestOptions(
        text_cols=("bad",), id_col="id", attributes={"persona": "customer type"}
    )
    ingest(study, [write("s.csv", rows)], options)
    people = study.repository.people.participants()
    assert {key: value["persona"] for key, value in people.items()} == {
        "1": "Business",
        "2": "Private",
    }


def test_a_roster_tells_what_it_found_and_what_not(study: Study, write: Write) -> None:
    write("a.txt", talk("Ann"))
    folder = write("participants.csv", "source,persona\na,Parent\ntypo.txt,Parent\n").parent
    report = ingest(study, [folder])
    told = [o.reason for o in report.outcomes if o.status == "roster"]
    assert told == ["attributes for 1 voices; no such file in the study: typo.txt"]


def test_a_path_is_masked_a_few_times_however_many_sources_there_are(
    study: Study, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write(f"{n}.txt", talk("P1", f"I waited {n} weeks for it.")) for n in range(2, 22)]
    ingest(study, files)
    n_calls = 0
    masked = PathNames.masked

    def counted(names: PathNames, path: str) -> str:
        nonlocal n_calls
        n_calls += 1
        return masked(names, path)

    monkeypatch.setattr(PathNames, "masked", counted)
    moved = [path.rename(path.with_name(f"new {path.name}")) for path in files]
    assert set(statuses(ingest(study, moved))) == {"unchanged"}
    assert n_calls <= 2 * len(files)
