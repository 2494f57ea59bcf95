"""Workbooks: values come out as a person would type them, and no file ends the process."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePath

import openpyxl
import openpyxl.styles
import pytest

from qualcode.errors import SourceError
from qualcode.ingest.table import Table, read_table
from tests.hostile_files import xlsx


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    book = openpyxl.Workbook()
    del book["Sheet"]
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04garbage", "damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "old Excel"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
    ],
)
def test_what_is_no_readable_workbook_is_called_what_it_seems_to_be(data: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        read_table(data, PurePath("a.csv"))
    assert caught.value.message.startswith("a.csv: ")
    assert caught.value.hint


def test_a_word_document_is_called_so() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    with pytest.raises(SourceError, match="Word document"):
        read_table(stream.getvalue(), PurePath("a.xlsx"))


def test_a_workbooks_values_are_written_as_a_person_would() -> None:
    when = datetime.datetime(2026, 2, 3, 14, 5)
    data = workbook(
        (
            "S",
            [
                ["id", "n", "half", "yes", "day", "when", "time", "text"],
                [1, 3.0, 2.5, True, when.date(), when, when.time(), "a\nb"],
            ],
        )
    )
    table = read_table(data, PurePath("a.xlsx"))
    assert cells(table) == [
        ("1", "3", "2.5", "TRUE", "2026-02-03", "2026-02-03T14:05:00", "14:05:00", "a\nb")
    ]
    assert (table.format, table.encoding) == ("xlsx", "binary")


def test_a_workbook_called_csv_is_read_as_a_workbook() -> None:
    table = read_table(workbook(("S", [["id"], ["x"]])), PurePath("a.csv"))
    assert (table.format, cells(table)) == ("xlsx", [("x",)])


def test_the_first_sheet_that_is_not_empty_is_read_and_others_are_named() -> None:
    data = workbook(("Cover", []), ("Data", [["id"], ["x"]]), ("More", [["id"], ["y"]]))
    table = read_table(data, PurePath("a.xlsx"))
    assert cells(table) == [("x",)]
    assert table.problems == ("only sheet 'Data' was read; --sheet NAME reads another: 'More'",)


def test_a_named_sheet_is_read() -> None:
    data = workbook(("Data", [["id"], ["x"]]), ("More", [["id"], ["y"]]))
    assert cells(read_table(data, PurePath("a.xlsx"), sheet="More")) == [("y",)]


@pytest.mark.parametrize("asked", ["more", " MORE "])
def test_a_sheet_is_named_in_any_case(asked: str) -> None:
    data = workbook(("Data", [["id"], ["x"]]), ("More", [["id"], ["y"]]))
    table = read_table(data, PurePath("a.xlsx"), sheet=asked)
    assert (table.sheet, table.sheets) == ("More", ("Data", "More"))


def test_a_named_sheet_that_is_empty_is_an_error() -> None:
    data = workbook(("Data", [["id"], ["x"]]), ("More", []))
    with pytest.raises(SourceError, match="sheet 'More' is empty"):
        read_table(data, PurePath("a.xlsx"), sheet="More")


def test_what_is_no_workbook_has_no_sheet_of_a_name() -> None:
    with pytest.raises(SourceError, match="no workbook and has no sheet 'More'"):
        read_table(b"id,c\n1,so\n", PurePath("a.csv"), sheet="More")


def test_an_unknown_sheet_is_an_error_that_lists_the_sheets() -> None:
    with pytest.raises(SourceError, match="no sheet 'Nope'") as caught:
        read_table(workbook(("Data", [["id"], ["x"]])), PurePath("a.xlsx"), sheet="Nope")
    assert "Data" in str(caught.value.hint)


def test_a_workbooks_rows_keep_their_spreadsheet_numbers() -> None:
    data = workbook(("S", [[None], ["id", "c"], ["1", "x"], [None], ["2", "y"]]))
    assert [row.number for row in read_table(data, PurePath("a.xlsx")).rows] == [3, 5]


def test_a_truncated_workbook_is_an_error_wherever_it_is_cut() -> None:
    data = workbook(("S", [["id"], ["x"]]))
    for end in range(4, len(data) - 1, 97):
        with pytest.raises(SourceError, match="damaged"):
            read_table(data[:end], PurePath("a.xlsx"))


def test_a_workbook_with_a_cell_at_the_end_of_the_sheet_is_an_error_not_a_crash() -> None:
    book = openpyxl.Workbook()
    sheet = book["Sheet"]
    sheet["A1"], sheet["XFD1048576"] = "id", "x"
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(SourceError, match="reaches to row 1,048,576"):
        read_table(stream.getvalue(), PurePath("a.xlsx"))


def test_formats_far_from_the_table_are_no_cells() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "comment"])
    sheet.append([1, "so"])
    sheet["ZZZ900000"].font = openpyxl.styles.Font(bold=True)
    stream = io.BytesIO()
    book.save(stream)
    assert cells(read_table(stream.getvalue(), PurePath("a.xlsx"))) == [("1", "so")]


def test_cells_without_places_are_counted_along_their_rows() -> None:
    rows = "<row>" + "<c><v>1</v></c>" * 3 + "</row>"
    assert cells(read_table(xlsx(rows * 300), PurePath("a.xlsx")))[-1] == ("1", "1", "1")
