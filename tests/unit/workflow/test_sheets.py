"""Sheets of a workbook: one is chosen by its name, and the next wave is read from that one too."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from qualcode.workflow.ingest import IngestOptions, Outcome, ingest
from qualcode.workflow.replace_source import replace_source
from qualcode.workflow.source_views import source_details
from qualcode.workflow.study import Study

HEADER = ("id", "why")


def rows(words: str, header: Sequence[str] = HEADER) -> list[Sequence[object]]:
    return [header, *((n, f"{words} kept me waiting for {n} days") for n in range(2, 12))]


def workbook(study: Study, name: str, **sheets: list[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    del book["Sheet"]
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(list(line))
    stream = io.BytesIO()
    book.save(stream)
    path = study.path.parent / name
    path.write_bytes(stream.getvalue())
    return path


def read(study: Study, path: Path, **options: object) -> Outcome:
    given = IngestOptions(**options)  # type: ignore[arg-type]
    with Study(study.path) as opened:
        (outcome,) = ingest(opened, [path], given).outcomes
    return outcome


def said(study: Study) -> set[str]:
    """Return the first words of all answers."""
    with Study(study.path) as opened:
        return {d.text.split()[0] for d in opened.repository.sources.documents()}


def kept(study: Study) -> dict[str, dict[str, object]]:
    text = (study.path / "study.toml").read_text(encoding="utf-8")
    surveys: dict[str, dict[str, object]] = tomllib.loads(text)["surveys"]
    return surveys


@pytest.fixture
def two_sheets(study: Study) -> Path:
    return workbook(study, "s.xlsx", Staff=rows("they"), Visitors=rows("you"))


def test_the_sheet_that_is_named_is_read_and_kept(study: Study, two_sheets: Path) -> None:
    read(study, two_sheets, sheet="visitors")
    assert (said(study), kept(study)["s.xlsx"]["sheet"]) == ({"you"}, "Visitors")


def test_the_first_sheet_is_kept_by_no_name(study: Study, two_sheets: Path) -> None:
    read(study, two_sheets)
    assert (said(study), "sheet" in kept(study)["s.xlsx"]) == ({"they"}, False)


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(
    study: Study, two_sheets: Path
) -> None:
    outcome = read(study, two_sheets, sheet="Guests")
    assert outcome.status == "failed"
    assert outcome.reason == "s.xlsx: there is no sheet 'Guests'"
    assert outcome.hint == "there are: 'Staff', 'Visitors'"


@pytest.mark.parametrize("asked", [None, "Visitors", "VISITORS"])
def test_the_same_sheet_again_changes_nothing(
    study: Study, two_sheets: Path, asked: str | None
) -> None:
    read(study, two_sheets, sheet="Visitors")
    assert read(study, two_sheets, sheet=asked).status == "unchanged"


def test_the_first_sheet_by_its_name_is_the_one_that_was_read(
    study: Study, two_sheets: Path
) -> None:
    read(study, two_sheets)
    assert read(study, two_sheets, sheet="Staff").status == "unchanged"


def test_another_sheet_is_a_change_and_read_on_replace(study: Study, two_sheets: Path) -> None:
    read(study, two_sheets)
    outcome = read(study, two_sheets, sheet="Visitors")
    told = "is in the study, read from sheet 'Staff'"
    assert (outcome.status, outcome.reason) == ("changed", told)
    read(study, two_sheets, sheet="Visitors", replaced=True)
    assert said(study) == {"you"}


def test_the_next_wave_of_the_name_is_read_from_the_same_sheet(
    study: Study, two_sheets: Path
) -> None:
    read(study, two_sheets, sheet="Visitors")
    path = workbook(study, "s.xlsx", Staff=rows("some"), Visitors=rows("everybody"))
    outcome = read(study, path, replaced=True)
    assert (outcome.status, said(study)) == ("replaced", {"everybody"})
    assert kept(study)["s.xlsx"]["sheet"] == "Visitors"


def test_what_takes_the_place_of_a_source_is_read_from_the_same_sheet(
    study: Study, two_sheets: Path
) -> None:
    read(study, two_sheets, sheet="Visitors")
    path = workbook(study, "t.xlsx", Staff=rows("some"), Visitors=rows("everybody"))
    with Study(study.path) as again:
        replace_source(again, "s.xlsx", path, by="Ada")
    assert said(study) == {"everybody"}


@pytest.mark.parametrize("cover", [[], [("About this survey",)], [("id", "score"), (1, 2)]])
def test_the_next_wave_of_the_columns_is_read_from_the_sheet_that_has_them(
    study: Study, cover: list[Sequence[object]]
) -> None:
    read(study, workbook(study, "s.xlsx", Cover=cover, Visitors=rows("you")), sheet="Visitors")
    path = workbook(study, "t.xlsx", Cover=cover, Visitors=rows("everybody"))
    assert read(study, path).status == "read"
    assert said(study) == {"you", "everybody"}


def test_a_sheet_that_the_columns_told_is_kept_too(study: Study, two_sheets: Path) -> None:
    read(study, two_sheets, sheet="Visitors")
    others = rows("some", ("a", "b"))
    read(study, workbook(study, "t.xlsx", Staff=others, Visitors=rows("everybody")))
    assert kept(study)["t.xlsx"]["sheet"] == "Visitors"


def test_a_sheet_of_the_name_with_other_columns_is_no_wave(study: Study, two_sheets: Path) -> None:
    read(study, two_sheets, sheet="Visitors")
    others = rows("nobody", ("nr", "what"))
    path = workbook(study, "t.xlsx", Cover=rows("all", ("a", "b")), Visitors=others)
    assert read(study, path).status == "read"
    assert said(study) == {"you", "all"}


def test_a_wave_without_the_sheet_is_read_from_its_first_one(
    study: Study, two_sheets: Path
) -> None:
    read(study, two_sheets, sheet="Visitors")
    path = workbook(study, "s.xlsx", Everybody=rows("everybody"))
    assert read(study, path, replaced=True).status == "replaced"
    assert (said(study), "sheet" in kept(study)["s.xlsx"]) == ({"everybody"}, False)


def test_the_sheet_of_the_wave_goes_before_a_first_one_of_the_same_columns(study: Study) -> None:
    first = workbook(study, "may.xlsx", **{"2023": rows("they"), "2024": rows("you")})
    read(study, first, sheet="2024")
    read(study, workbook(study, "june.xlsx", **{"2023": rows("some"), "2024": rows("everybody")}))
    assert said(study) == {"you", "everybody"}


def test_the_sheet_of_the_wave_is_found_among_many_that_other_surveys_were_read_from(
    study: Study,
) -> None:
    for title in "abcd":
        others = rows("they", (title, "what"))
        read(study, workbook(study, f"{title}.xlsx", One=[], **{title: others}), sheet=title)
    read(study, workbook(study, "may.xlsx", One=[], Visitors=rows("you")), sheet="Visitors")
    sheets = {title: rows("nobody") for title in ("One", *"abcd")}
    read(study, workbook(study, "june.xlsx", **sheets, Visitors=rows("everybody")))
    assert said(study) == {"they", "you", "everybody"}


def test_a_sheet_that_is_called_by_a_persons_name_is_kept_without_it(study: Study) -> None:
    sheets = {"Staff": rows("they"), "Priya Nair": rows("you")}
    path = workbook(study, "s.xlsx", **sheets)
    read(study, path, sheet="Priya Nair", names=("Priya Nair",))
    assert kept(study)["s.xlsx"]["sheet"] == "[PERSON_1]"
    assert read(study, path, sheet="Priya Nair").status == "unchanged"
    again = workbook(study, "s.xlsx", **{**sheets, "Priya Nair": rows("everybody")})
    read(study, again, replaced=True)
    assert said(study) == {"everybody"}


def test_a_persons_name_on_another_sheet_is_not_kept_in_a_note(study: Study) -> None:
    path = workbook(study, "s.xlsx", **{"Staff": rows("they"), "Priya Nair": rows("you")})
    outcome = read(study, path, names=("Priya Nair",))
    assert outcome.notes == (
        "only sheet 'Staff' was read; --sheet NAME reads another: '[PERSON_1]'",
    )


def test_a_source_tells_the_sheet_that_was_chosen(study: Study, two_sheets: Path) -> None:
    read(study, two_sheets, sheet="Visitors")
    with Study(study.path) as again:
        assert source_details(again, "s.xlsx")["sheet"] == "Visitors"


def test_a_sheet_that_is_called_like_somebody_of_the_file_is_told_without_the_name(
    study: Study,
) -> None:
    answers = [("Name", "why"), *(("Priya Nair", line[1]) for line in rows("they")[1:])]
    sheets = {"Answers": answers, "Priya Nair": rows("you")}
    outcome = read(study, workbook(study, "s.xlsx", **sheets))
    kept_notes = Path(study.path / "qualcode.db").read_bytes()
    assert ("Priya" in str(outcome.notes), b"Priya" in kept_notes) == (False, False)
