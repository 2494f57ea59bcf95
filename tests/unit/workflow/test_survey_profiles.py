"""Surveys in a study: what a person says of columns and rows is kept, and read the next wave by."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from qualcode.errors import UsageError
from qualcode.settings import SurveyProfile
from qualcode.workflow.ingest import IngestOptions, IngestReport, Outcome, ingest
from qualcode.workflow.kept_profiles import KeptProfiles
from qualcode.workflow.study import Study
from qualcode.workflow.survey_profiles import unconfirmed
from tests.survey_samples import (
    ANSWERS,
    GOOGLE_FORMS,
    QUALTRICS,
    SURVEYMONKEY,
    WHY,
    Lines,
    as_bytes,
)
from tests.unit.workflow.conftest import Write, talk

CLOSED = "id,score,plan\n" + "".join(f"{n},{n % 5},Solo\n" for n in range(1, 20))


def saved(study: Study, name: str, lines: Lines) -> Path:
    path = study.path.parent / name
    path.write_bytes(as_bytes(lines))
    return path


def read(study: Study, path: Path, **options: object) -> Outcome:
    (outcome,) = ingest(study, [path], IngestOptions(**options)).outcomes  # type: ignore[arg-type]
    return outcome


def kept(study: Study) -> dict[str, dict[str, object]]:
    text = (study.path / "study.toml").read_text(encoding="utf-8")
    surveys: dict[str, dict[str, object]] = tomllib.loads(text).get("surveys", {})
    return surveys


def rows(study: Study) -> list[int | None]:
    return [document.row for document in study.repository.sources.documents()]


def reopened(study: Study) -> Study:
    return Study(study.path)


# --- rows --------------------------------------------------------------------------------------


def test_previews_are_left_out_and_unfinished_rows_kept_and_both_told(study: Study) -> None:
    outcome = read(study, saved(study, "s.csv", QUALTRICS))
    assert (rows(study), outcome.format) == ([5, 6, 7, 8], "csv/qualtrics")
    assert outcome.notes[:2] == (
        "1 preview row(s): row 4; left out",
        "1 unfinished row(s): row 6; kept",
    )


def test_unfinished_rows_go_and_previews_stay_where_a_person_says_so(study: Study) -> None:
    path = saved(study, "s.csv", QUALTRICS)
    read(study, path, drop_unfinished=True, keep_previews=True)
    assert rows(study) == [4, 5, 7, 8]


def test_what_a_person_said_of_rows_is_kept_with_the_columns(study: Study) -> None:
    read(study, saved(study, "s.csv", QUALTRICS), drop_unfinished=True)
    assert kept(study)["s.csv"]["drop_unfinished"] is True


def test_rows_are_read_anew_only_where_they_are_to_be_read_otherwise(study: Study) -> None:
    path = saved(study, "s.csv", QUALTRICS)
    read(study, path)
    with reopened(study) as again:
        assert read(again, path, drop_unfinished=False).status == "unchanged"
        assert read(again, path, drop_unfinished=True).status == "changed"
        assert read(again, path, keep_previews=True).status == "changed"


def test_a_code_of_the_tool_names_a_column_also_the_second_time(study: Study) -> None:
    path = saved(study, "s.csv", QUALTRICS)
    first = read(study, path, text_cols=("Q2",)).profile
    assert first is not None and first.text_cols == (WHY,)
    assert read(study, path, text_cols=("Q2",)).status == "unchanged"
    assert read(study, path, text_cols=("Q3_9_TEXT",)).status == "changed"


def test_names_in_the_tools_columns_are_masked_in_answers(study: Study) -> None:
    lines = [list(cells) for cells in QUALTRICS]
    lines[5][18] = "Ottoline Quill from the shop rang me. Anonymous callers annoy me."
    read(study, saved(study, "s.csv", lines))
    text = study.repository.sources.documents()[1].text
    assert "Quill" not in text and "Anonymous callers" in text


def test_anonymous_is_nobodys_name(study: Study) -> None:
    lines = [list(cells) for cells in QUALTRICS]
    lines[4][9] = "Anonymous"
    lines[5][18] = "An Anonymous caller annoyed me."
    read(study, saved(study, "s.csv", lines))
    assert study.repository.sources.documents()[1].text == "An Anonymous caller annoyed me."


# --- no open answers ---------------------------------------------------------------------------


def test_a_survey_of_closed_questions_is_passed_over_with_what_to_do(
    study: Study, write: Write
) -> None:
    outcome = read(study, write("closed.csv", CLOSED))
    assert (outcome.status, outcome.reason) == ("skipped", "no column of open answers was found")
    assert "--text-col" in outcome.hint


def test_a_column_that_is_named_and_not_there_is_a_failure(study: Study, write: Write) -> None:
    assert read(study, write("closed.csv", CLOSED), text_cols=("why",)).status == "failed"


# --- the next wave -----------------------------------------------------------------------------


def spring_and_autumn(study: Study, autumn: Lines) -> Outcome:
    read(study, saved(study, "spring.csv", SURVEYMONKEY), text_cols=(WHY,), drop_unfinished=True)
    with reopened(study) as again:
        return read(again, saved(study, "autumn.csv", autumn))


def test_the_next_wave_is_read_like_the_one_before(study: Study) -> None:
    outcome = spring_and_autumn(study, [*SURVEYMONKEY[:2], *SURVEYMONKEY[3:]])
    assert outcome.profile is not None
    assert outcome.profile.text_cols == (WHY,)
    assert outcome.profile.drop_unfinished
    assert "columns read like those of spring.csv, an earlier wave" in outcome.notes


def test_questions_that_the_next_wave_has_anew_are_told(study: Study) -> None:
    first, second, *answers = SURVEYMONKEY
    new = [[*first, "Anything else?"], [*second, "Open-Ended Response"]]
    outcome = spring_and_autumn(study, [*new, *([*row, "no"] for row in answers)])
    assert "1 column(s) that spring.csv did not have: 'Anything else?'" in outcome.notes


def test_a_survey_with_other_questions_is_no_wave_of_it(study: Study) -> None:
    lines = [[*GOOGLE_FORMS[0][:-1], WHY], *GOOGLE_FORMS[1:]]
    outcome = spring_and_autumn(study, lines)
    assert not [note for note in outcome.notes if "earlier wave" in note]


HEADER = ("id", "why", "plan", "wave", "nps")
PROFILE = SurveyProfile(id_col="id", text_cols=("why",), attr_cols=("plan", "nps"))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER, PROFILE),
        (HEADER[:4], PROFILE.model_copy(update={"attr_cols": ("plan",)})),
        (HEADER[2:], None),
        (("id", "why", "x", "y", "z"), None),
    ],
)
def test_a_wave_has_nearly_the_same_columns_and_all_that_matter(
    header: tuple[str, ...], expected: SurveyProfile | None
) -> None:
    found = KeptProfiles({"spring.csv": PROFILE}, {"spring.csv": HEADER}).of("autumn.csv", header)
    assert (found and found[0]) == expected


def test_a_profile_of_the_same_name_goes_before_a_wave_of_more_alike_columns() -> None:
    own = PROFILE.model_copy(update={"id_col": None})
    profiles = {"a.csv": PROFILE, "b.csv": own}
    found = KeptProfiles(profiles, {"a.csv": HEADER, "b.csv": HEADER[:3]}).of("b.csv", HEADER)
    assert found == (own, "b.csv")


def test_a_profile_that_study_toml_has_no_room_for_is_told_and_leaves_the_study_usable(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.workflow.study.MAX_BYTES", 500)
    outcome = read(study, saved(study, "s.csv", QUALTRICS))
    assert "study.toml is full" in outcome.notes[-1]
    assert (outcome.status, kept(study)) == ("read", {})


def test_a_title_of_many_dotted_parts_leaves_the_study_usable(study: Study) -> None:
    title = ", ".join([".".join("q" * 40), "[" + ".".join("r" * 40) + " = 1"])
    lines = [["id", title], *([str(n), f"I waited for {n} days here"] for n in range(2, 12))]
    read(study, saved(study, "s.csv", lines), text_cols=(title,))
    with reopened(study) as again:
        assert again.settings.surveys["s.csv"].text_cols == (title,)


# --- confirmed before anything is read -----------------------------------------------------------


def names(study: Study, paths: list[Path], **options: object) -> list[str]:
    given = IngestOptions(**options)  # type: ignore[arg-type]
    return [found.name for found in unconfirmed(study, paths, given)]


def test_only_new_surveys_of_found_columns_are_to_be_confirmed(study: Study, write: Write) -> None:
    survey = saved(study, "s.csv", QUALTRICS)
    paths = [survey, write("talk.txt", talk("P1")), write("closed.csv", CLOSED)]
    assert names(study, paths) == ["s.csv"]
    assert names(study, paths, text_cols=("Q2",)) == []
    ingest(study, [survey])
    with reopened(study) as again:
        assert names(again, paths) == []


def test_a_wave_of_a_survey_that_was_read_needs_no_confirming(study: Study) -> None:
    read(study, saved(study, "spring.csv", QUALTRICS))
    with reopened(study) as again:
        assert names(again, [saved(study, "autumn.csv", [*QUALTRICS[:3], *QUALTRICS[4:]])]) == []


def test_what_was_confirmed_is_read_and_kept(study: Study) -> None:
    path = saved(study, "s.csv", QUALTRICS)
    (found,) = unconfirmed(study, [path], IngestOptions())
    profile = found.profile.model_copy(update={"text_cols": (WHY,), "attr_cols": ("Status",)})
    assert read(study, path, profiles={path: profile}).profile == profile
    assert kept(study)["s.csv"]["attr_cols"] == ["Status"]


def test_a_file_that_a_person_does_not_want_is_passed_over(study: Study) -> None:
    path = saved(study, "s.csv", QUALTRICS)
    outcome = read(study, path, leave_out=frozenset({path}))
    assert (outcome.status, outcome.reason) == ("skipped", "left out, as you said")


# --- format ------------------------------------------------------------------------------------


def statuses(report: IngestReport) -> list[tuple[str, str]]:
    return [(outcome.status, outcome.format) for outcome in report.outcomes]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("googleforms", "csv/googleforms"),
        ("csv/googleforms", "csv/googleforms"),
        ("csv", "csv"),
        ("GoogleForms", "csv/googleforms"),
    ],
)
def test_a_survey_is_read_by_the_dialect_that_is_named(
    study: Study, write: Write, named: str, expected: str
) -> None:
    path = write("s.csv", "Timestamp,why\n" + "".join(f"spring,{a}\n" for a in ANSWERS))
    assert read(study, path, format=named).format == expected


def test_a_surveys_format_leaves_the_interviews_beside_it_alone(study: Study, write: Write) -> None:
    paths = [write("talk.txt", talk("P1")), saved(study, "s.csv", QUALTRICS)]
    options = IngestOptions(format="qualtrics")
    assert statuses(ingest(study, paths, options)) == [("read", "txt"), ("read", "csv/qualtrics")]
    with reopened(study) as again:
        assert [status for status, _ in statuses(ingest(again, paths, options))] == [
            "unchanged",
            "unchanged",
        ]


def test_a_survey_read_otherwise_than_named_is_changed(study: Study) -> None:
    path = saved(study, "s.csv", QUALTRICS)
    read(study, path)
    assert read(study, path, format="typeform").status == "changed"


def test_a_format_that_is_none_lists_those_of_surveys_too(study: Study) -> None:
    with pytest.raises(UsageError) as caught:
        ingest(study, [], IngestOptions(format="surveymonk"))
    assert "surveymonkey" in str(caught.value.hint)
