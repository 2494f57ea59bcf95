"""Tables with all their rows."""

from pathlib import Path

import openpyxl
import pytest

from qualcode.errors import SourceError
from qualcode.workflow.eval_table import read_sheet, unguarded


def rows_of(folder: Path, text: str) -> list[tuple[int, tuple[str, ...]]]:
    path = folder / "gold.csv"
    path.write_bytes(text.encode("utf-8"))
    return [(row.number, row.cells) for row in read_sheet(path, ("text", "label")).rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_row_without_a_filled_cell_stays_and_a_blank_line_is_no_row(
    tmp_path: Path, delimiter: str
) -> None:
    text = "text,label\r\nlate,a\r\n,\r\n\r\nfine,b\r\n,\r\n".replace(",", delimiter)
    empty = ("", "")
    expected = [(2, ("late", "a")), (3, empty), (5, ("fine", "b")), (6, empty)]
    assert rows_of(tmp_path, text) == expected


def test_rows_after_excels_separator_line_stay_too(tmp_path: Path) -> None:
    found = rows_of(tmp_path, "sep=;\ntext;label\nlate;a\n;\n")
    assert [cells for _, cells in found] == [("late", "a"), ("", "")]


def test_blank_rows_between_those_of_a_workbook_stay(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["text", "label"], ["late", "a"], [None, None], ["fine", 1]):
        book.active.append(row)
    book.save(tmp_path / "gold.xlsx")
    rows = read_sheet(tmp_path / "gold.xlsx", ("text", "label")).rows
    assert [row.cells for row in rows] == [("late", "a"), ("", ""), ("fine", "1")]


def test_ragged_rows_are_told(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text("text,label\nx,b\nlate\nfine,a,more\ny,b\n", encoding="utf-8", newline="\n")
    sheet = read_sheet(path, ("text", "label"))
    assert [row.cells[:2] for row in sheet.rows] == [
        *(("x", "b"), ("late", ""), ("fine", "a"), ("y", "b"))
    ]
    assert len(sheet.notes) == 2


def test_columns_are_found_in_any_case_and_by_number(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text("Text,The  Label\nlate,a\n", encoding="utf-8", newline="\n")
    sheet = read_sheet(path, ())
    assert [sheet.column(name, "--x") for name in ("text", "the label", "#2")] == [0, 1, 1]
    with pytest.raises(SourceError, match="--x: there is no column 'labels'") as caught:
        sheet.column("labels", "--x")
    assert "The  Label" in str(caught.value.hint)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_sheet(tmp_path / "nowhere.csv", ())


@pytest.mark.parametrize(("cell", "expected"), [("'=1", "=1"), ("'tis", "'tis"), ("a", "a")])
def test_only_the_mark_before_a_formula_is_taken_away(cell: str, expected: str) -> None:
    assert unguarded(cell) == expected
