"""Whose profile is whose: two files of one name share none, the next wave has the one before."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from qualcode.settings import SurveyProfile
from qualcode.workflow.edit_log import undo
from qualcode.workflow.ingest import IngestOptions, Outcome, ingest
from qualcode.workflow.source_life import remove_source
from qualcode.workflow.study import Study
from qualcode.workflow.survey_profiles import unconfirmed
from tests.unit.workflow.conftest import Write

NAME = "Priya Nair"
ASKED = f"What did {NAME} do well?"


def rows(titles: str, words: str = "they") -> str:
    """Return a survey with two open columns that look alike."""
    answers = (
        f"{n},{words} were kind to me {n} times,{words} kept me waiting {n} days\n"
        for n in range(2, 14)
    )
    return f"{titles}\n" + "".join(answers)


def two_of_one_name(write: Write) -> tuple[Path, Path]:
    """Return the surveys of two folders; both have columns of the names in the first."""
    one = write("x/survey.csv", rows("id,good,bad"))
    other = write("y/survey.csv", rows("id,good,bad,why,a,b,c", "we").replace("days", "days,,,,"))
    return one, other


def kept(study: Study) -> dict[str, dict[str, object]]:
    text = (study.path / "study.toml").read_text(encoding="utf-8")
    surveys: dict[str, dict[str, object]] = tomllib.loads(text).get("surveys", {})
    return surveys


def read(study: Study, *paths: Path, **options: object) -> list[Outcome]:
    given = IngestOptions(**options)  # type: ignore[arg-type]
    with Study(study.path) as opened:
        return list(ingest(opened, paths, given).outcomes)


# --- two files of one name ---------------------------------------------------------------------


def test_what_was_confirmed_of_one_file_is_not_said_of_another_of_its_name(
    study: Study, write: Write
) -> None:
    one, other = two_of_one_name(write)
    wanted = SurveyProfile(id_col="id", text_cols=("bad",))
    outcomes = read(study, one, other, profiles={one: wanted})
    texts = [outcome.profile.text_cols for outcome in outcomes if outcome.profile]
    assert texts == [("bad",), ("good", "bad")]


def test_a_file_left_out_leaves_another_of_its_name_in(study: Study, write: Write) -> None:
    one, other = two_of_one_name(write)
    outcomes = read(study, one, other, leave_out=frozenset({one}))
    assert [outcome.status for outcome in outcomes] == ["skipped", "read"]


def test_files_of_one_name_in_one_command_are_kept_apart(study: Study, write: Write) -> None:
    read(study, *two_of_one_name(write))
    assert list(kept(study)) == ["survey.csv", "y/survey.csv"]


def test_another_file_of_a_kept_name_is_to_be_confirmed(study: Study, write: Write) -> None:
    one, other = two_of_one_name(write)
    read(study, one, text_cols=("bad",))
    with Study(study.path) as again:
        assert [found.path for found in unconfirmed(again, [one, other], IngestOptions())] == [
            other
        ]


def test_another_file_of_a_kept_name_is_looked_at_anew(study: Study, write: Write) -> None:
    one, other = two_of_one_name(write)
    read(study, one, text_cols=("bad",))
    (outcome,) = read(study, other)
    assert outcome.profile is not None and outcome.profile.text_cols == ("good", "bad")


def test_another_file_of_a_removed_ones_name_is_looked_at_anew(study: Study, write: Write) -> None:
    one, other = two_of_one_name(write)
    read(study, one, text_cols=("bad",))
    with Study(study.path) as again:
        gone = remove_source(again, "survey.csv", by="Ada")
    (outcome,) = read(study, other)
    assert outcome.profile is not None and outcome.profile.text_cols == ("good", "bad")
    with Study(study.path) as again:
        undo(again, gone.id, by="Ada")
        paths = sorted(source.path for source in again.repository.sources.all())
    assert paths == ["survey.csv", "y/survey.csv"]


# --- the next wave -----------------------------------------------------------------------------


def test_the_next_wave_in_the_place_of_the_last_is_read_like_it(study: Study, write: Write) -> None:
    read(study, write("x/survey.csv", rows("id,good,bad")), text_cols=("bad",))
    path = write("x/survey.csv", rows("id,good,bad,why,a,b,c", "we").replace("days", "days,,,,"))
    (outcome,) = read(study, path, replaced=True)
    assert outcome.profile is not None and outcome.profile.text_cols == ("bad",)


def test_the_next_wave_in_another_folder_is_known_by_its_columns(
    study: Study, write: Write
) -> None:
    read(study, write("x/survey.csv", rows("id,good,bad")), text_cols=("bad",))
    (outcome,) = read(study, write("y/survey.csv", rows("id,good,bad", "we")))
    assert outcome.profile is not None and outcome.profile.text_cols == ("bad",)


def test_a_profile_that_an_older_version_kept_by_name_counts(study: Study, write: Write) -> None:
    with (study.path / "study.toml").open("a", encoding="utf-8", newline="\n") as settings:
        settings.write('\n[surveys."survey.csv"]\nid_col = "id"\ntext_cols = ["bad"]\n')
    (outcome,) = read(study, write("x/survey.csv", rows("id,good,bad")))
    assert outcome.profile is not None and outcome.profile.text_cols == ("bad",)


# --- names in titles ---------------------------------------------------------------------------


@pytest.fixture
def named(study: Study, write: Write) -> Path:
    """Return a survey that was read with a name in the title of its open column."""
    path = write("s.csv", rows(f"id,{ASKED},bad"))
    read(study, path, text_cols=(ASKED,), names=(NAME,), drop_unfinished=True)
    return path


@pytest.mark.parametrize("said", [ASKED, ASKED.upper(), "#2", "What did [PERSON_1] do well?"])
def test_a_column_whose_title_names_somebody_is_the_same_the_second_time(
    study: Study, named: Path, said: str
) -> None:
    (outcome,) = read(study, named, text_cols=(said,), drop_unfinished=True)
    assert (outcome.status, outcome.reason) == ("unchanged", "")


def test_another_column_than_the_one_that_names_somebody_is_a_change(
    study: Study, named: Path
) -> None:
    (outcome,) = read(study, named, text_cols=("bad",))
    told = "is in the study, read with --text-col What did [PERSON_1] do well?"
    assert (outcome.status, outcome.reason) == ("changed", told)


@pytest.mark.parametrize("said", [ASKED, "what did [PERSON_1] do well?"])
def test_a_column_is_chosen_by_its_title_in_the_file_or_in_the_study(
    study: Study, write: Write, named: Path, said: str
) -> None:
    path = write("other.csv", rows(f"id,{ASKED},bad,new", "we").replace("days", "days,so"))
    (outcome,) = read(study, path, text_cols=(said,))
    assert outcome.profile is not None and outcome.profile.text_cols == (ASKED,)


def test_a_title_that_names_somebody_finds_its_column_in_the_next_wave(
    study: Study, write: Write, named: Path
) -> None:
    (outcome,) = read(study, write("t.csv", rows(f"id,{ASKED},bad", "we")))
    assert outcome.profile is not None
    assert (outcome.profile.text_cols, outcome.profile.drop_unfinished) == ((ASKED,), True)


def test_no_name_in_a_title_is_kept_in_the_study(study: Study, named: Path) -> None:
    assert list(kept(study)) == ["s.csv"]
    assert "Priya" not in (study.path / "study.toml").read_text(encoding="utf-8")


def test_two_titles_that_become_one_are_told_apart_by_the_file_alone(
    study: Study, write: Write, named: Path
) -> None:
    other = ASKED.replace(NAME, NAME.upper())
    path = write("t.csv", rows(f"id,{ASKED},{other}", "we"))
    (outcome,) = read(study, path, text_cols=(other,))
    assert outcome.profile is not None and outcome.profile.text_cols == (other,)
    (outcome,) = read(study, path, text_cols=(other,))
    assert outcome.status == "unchanged"
