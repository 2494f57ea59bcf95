"""qualcode ingest of surveys: a terminal is asked whether the columns are right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from qualcode.cli import common, survey_profile
from qualcode.settings import Charter
from qualcode.workflow.ingest import IngestOptions
from qualcode.workflow.study import Study, create_study
from tests.conftest import Run
from tests.survey_samples import QUALTRICS, WHY, as_bytes

Asked = Callable[..., IngestOptions]


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    path = tmp_path / "s.csv"
    path.write_bytes(as_bytes(QUALTRICS))
    return path


@pytest.fixture
def asked(tmp_path: Path, survey: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Return what answers the questions of a terminal and returns what came of it."""

    def answered(*answers: str, yes: bool = False, terminal: bool = True) -> IngestOptions:
        left = list(answers)
        monkeypatch.setattr(common, "can_ask", lambda: terminal)
        monkeypatch.setattr(survey_profile, "ask", lambda *_, **__: left.pop(0))
        with create_study(tmp_path / "study", name="Test", charter=Charter()) as study:
            options = survey_profile.confirmed(study, [survey], IngestOptions(), yes=yes)
        assert not left
        return options

    return answered


def test_yes_takes_what_was_found(asked: Asked, survey: Path) -> None:
    assert asked("y").profiles[survey].text_cols == (WHY,)


def test_no_leaves_the_file_out(asked: Asked, survey: Path) -> None:
    options = asked("n")
    assert (options.leave_out, options.profiles) == (frozenset({survey}), {})


def test_numbers_name_the_open_columns(asked: Asked, survey: Path) -> None:
    profile = asked("19, 21").profiles[survey]
    assert profile.text_cols == (WHY, "Which parts did you order? (select all that apply) - "
                                 "Other: - Text")  # fmt: skip


def test_a_column_named_open_is_no_attribute_any_more(asked: Asked, survey: Path) -> None:
    profile = asked("3").profiles[survey]
    assert profile.text_cols == ("Status",)
    assert "Status" not in profile.attr_cols


def test_the_id_named_open_is_no_id_any_more(asked: Asked, survey: Path) -> None:
    assert asked("9").profiles[survey].id_col is None


def test_what_is_no_answer_is_asked_again(asked: Asked, survey: Path) -> None:
    assert asked("perhaps", "99", "yes").profiles[survey].text_cols == (WHY,)


@pytest.mark.parametrize(("yes", "terminal"), [(True, True), (False, False)])
def test_nobody_is_asked_with_yes_or_without_a_terminal(
    asked: Asked, yes: bool, terminal: bool
) -> None:
    assert asked(yes=yes, terminal=terminal) == IngestOptions()


def test_columns_are_shown_with_their_numbers_and_what_is_left_out(
    asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    asked("y")
    shown = capsys.readouterr().err
    assert "s.csv: csv · qualtrics, 4 rows, 21 columns" in shown
    assert f"open text   #19 {WHY}" in shown
    assert "1 preview row(s): row 4; left out" in shown


def test_a_title_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from qualcode.settings import SurveyProfile

    survey_profile.show_profile(SurveyProfile(text_cols=("why\x1b[2J\nnot?",)))
    assert "\x1b" not in capsys.readouterr().err


def test_the_flags_for_rows_reach_the_reader(qualcode: Run, survey: Path, tmp_path: Path) -> None:
    qualcode("init", "study", "--yes")
    told = qualcode("ingest", "--study", "study", "--drop-unfinished", "--keep-previews", survey)
    assert "1 unfinished row(s): row 6; left out" in told.stderr
    assert "1 preview row(s): row 4; kept" in told.stderr
    with Study(tmp_path / "study") as study:
        assert [d.row for d in study.repository.sources.documents()] == [4, 5, 7, 8]


def test_the_sheet_that_is_named_reaches_the_reader(qualcode: Run, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["only a cover"])
    sheet = book.create_sheet("Answers")
    for cells in QUALTRICS:
        sheet.append(cells)
    book.save(tmp_path / "s.xlsx")
    qualcode("init", "study", "--yes")
    done = qualcode("ingest", "--study", "study", "--sheet", "Nope", "s.xlsx", expect=None)
    assert "there are: 'Sheet', 'Answers'" in done.stderr
    told = qualcode("ingest", "--study", "study", "--sheet", "answers", "s.xlsx")
    assert "sheet       Answers" in told.stderr
    with Study(tmp_path / "study") as study:
        assert [d.row for d in study.repository.sources.documents()] == [5, 6, 7, 8]
