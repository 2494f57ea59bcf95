"""CSV and XLSX files: nothing runs, nothing is lost unseen, nothing varies."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from qualcode.errors import UsageError
from qualcode.report.export_sheets import with_numbers
from qualcode.report.export_tables import count_neutralised, write_csv, write_xlsx

CELLS = st.text(
    st.one_of(st.sampled_from("=+-@'\",;\t\r\n 😀ש"), st.characters(exclude_categories=("Cs",))),
    max_size=12,
)


def read_back(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheet_of(data, name="Codings"):
    return load_workbook(io.BytesIO(data))[name]


def one_cell(text):
    return sheet_of(write_xlsx([("Codings", ["quote"], [[text]])]))["A2"]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=6))
def test_a_raw_csv_reads_back_exactly(rows):
    assert read_back(write_csv(["a", "b"], rows, raw=True)) == [["a", "b"], *rows]


@given(st.lists(CELLS, max_size=8))
def test_a_neutralised_csv_differs_by_leading_apostrophes_only(cells):
    back = [row[0] for row in read_back(write_csv(["a"], [[cell, "x"] for cell in cells]))[1:]]
    for cell, shown in zip(cells, back, strict=True):
        assert shown in (cell, f"'{cell}")
        assert not shown.lstrip().startswith(("=", "@"))
    assert count_neutralised(["a"], [[c] for c in cells]) == sum(
        cell != shown for cell, shown in zip(cells, back, strict=True)
    )


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", " =cmd|'/C calc'!A0", "@SUM(A1)", "+44 20 7946", "- fine", "-", "-2+3+cmd"),
        *("\t=1", "\ttext", "\rtext", "\n=1", "\ufeff=1", "\u200b=1", "＝1+1", "+1 2"),
    ],
)
def test_what_a_spreadsheet_may_run_gets_an_apostrophe(text):
    assert read_back(write_csv(["a"], [[text]]))[1] == [f"'{text}"]


@pytest.mark.parametrize(
    "text", ["-5", "+3.5", "-0,25", " -7 ", "1e-3", "-1E5", "-.5", "a=b", "it's", "", "x-y"]
)
def test_plain_numbers_and_harmless_words_stay(text):
    assert read_back(write_csv(["a", "b"], [[text, "x"]]))[1][0] == text


def test_a_header_that_looks_like_a_formula_is_neutralised():
    assert read_back(write_csv(["=A1"], []))[0] == ["'=A1"]


def test_a_negative_figure_of_ours_stays_a_number():
    assert read_back(write_csv(["valence"], [[-1.5]]))[1] == ["-1.5"]


def test_a_csv_begins_with_a_bom_and_ends_lines_with_crlf():
    assert write_csv(["é"], [["1"]]) == b"\xef\xbb\xbf\xc3\xa9\r\n1\r\n"


def test_a_lone_surrogate_does_not_stop_a_csv_or_a_workbook():
    assert read_back(write_csv(["a"], [["x\ud800"]], raw=True))[1] == ["x\ufffd"]
    assert one_cell("x\ud800").value == "x\ufffd"


@pytest.mark.parametrize("text", ["=1+1", "#N/A", "@x", "-5", "007", "2024-01-01", "TRUE", "="])
def test_a_text_is_a_string_whatever_it_looks_like(text):
    cell = one_cell(text)
    assert (cell.data_type, cell.value) == ("s", text)


def test_figures_are_numbers_and_empty_cells_are_empty():
    sheet = sheet_of(write_xlsx([("Codings", ["a", "b", "c"], [[1, -0.5, ""]])]))
    assert [cell.value for cell in sheet[2]] == [1, -0.5, None]


def test_control_characters_are_left_out_and_line_ends_become_lf():
    assert one_cell("a\x00b\x1b[31m\r\nc\rd\ufffe").value == "ab[31m\nc\nd"


def test_what_looks_like_an_escape_is_shown_as_it_is():
    member = zipfile.ZipFile(io.BytesIO(write_xlsx([("S", ["a"], [["_x0041_"]])])))
    # ECMA-376 part 1, 22.9.2.19: a literal _xHHHH_ has its first underscore written as _x005F_.
    assert b"_x005F_x0041_" in member.read("xl/worksheets/sheet1.xml")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=4))
def test_the_same_sheets_give_the_same_bytes(rows):
    sheets = [("Read me", ["What"], [["x"]]), ("Codings", ["a", "b"], rows)]
    assert write_xlsx(sheets) == write_xlsx(sheets)


def test_a_workbook_carries_no_time_of_its_making():
    data = write_xlsx([("Codings", ["a"], [["x"]])])
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = load_workbook(io.BytesIO(data)).properties
    assert properties.created.year == properties.modified.year == 2000


@pytest.mark.parametrize("char", ["x", "😀", "_x0041_"])
def test_a_text_too_long_for_a_cell_is_cut_with_a_mark_and_noted(char):
    long = char * 40_000
    data = write_xlsx([("Codings", ["id", "quote"], [["1", "short"], ["2", long]])])
    shown = sheet_of(data)["B3"].value
    assert shown.endswith("[…cut: a spreadsheet cell holds no more]")
    assert 32_700 <= len(shown.encode("utf-16-le")) // 2 <= 32_767
    notes = [[cell.value for cell in row] for row in sheet_of(data, "Notes")]
    assert notes[1][0].endswith("in the JSON export: 1")
    assert notes[2] == ["Codings", 3, "B (quote)", len(long)]


def test_a_text_that_just_fits_is_whole_and_needs_no_notes():
    data = write_xlsx([("Codings", ["quote"], [["x" * 32_767]])])
    assert sheet_of(data)["A2"].value == "x" * 32_767
    assert load_workbook(io.BytesIO(data)).sheetnames == ["Codings"]


def test_sheet_names_are_made_acceptable_and_unique():
    names = ["a/b:c*d?e[f]", "survey " * 9, "survey " * 9, "Notes", "notes", "", "History", "'x'"]
    book = load_workbook(io.BytesIO(write_xlsx([(name, ["a"], []) for name in names])))
    assert book.sheetnames == [
        *("a b c d e f", "survey survey survey survey sur", "survey survey survey survey s 2"),
        *("Notes", "notes 2", "Sheet", "History 2", "x"),
    ]


def test_the_header_is_frozen_and_filters():
    sheet = sheet_of(write_xlsx([("Codings", ["a", "b"], [["1", "2"], ["3", "4"]])]))
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert sheet["A1"].font.bold


def test_columns_are_as_wide_as_their_words_within_reason():
    widths = sheet_of(write_xlsx([("Codings", ["a", "quote"], [["1", "x" * 500]])]))
    dimensions = widths.column_dimensions
    assert (dimensions["A"].width, dimensions["B"].width) == (8, 60)


def test_more_columns_than_excel_takes_are_refused_with_the_way_out():
    with pytest.raises(UsageError) as error:
        write_xlsx([("Codings", ["a"] * 16_385, [])])
    assert "csv" in error.value.hint


def test_a_column_of_plain_numbers_becomes_numbers_and_any_other_stays_text():
    rows = [
        ("7", "1.5", "007", "1e3", "", "1234567890123456", "a"),
        ("", "-2", "1", "2", "", "3", "1"),
    ]
    assert with_numbers(rows) == (
        (7, 1.5, "007", "1e3", "", "1234567890123456", "a"),
        ("", -2, "1", "2", "", "3", "1"),
    )
    assert with_numbers([]) == ()
