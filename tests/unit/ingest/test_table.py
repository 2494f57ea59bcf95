"""Tables: what the bytes hold comes out as text cells, and what does not fit is reported."""

from __future__ import annotations

import csv
import io
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import SourceError
from qualcode.ingest.table import Table, read_table


def from_text(text: str, name: str = "survey.csv") -> Table:
    return read_table(text.encode(), PurePath(name))


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    lines = [["id", "comment"], ["1", "good"], ["2", "bad, slow; and | dear"]]
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(lines)
    table = from_text(stream.getvalue())
    assert [list(table.header), *map(list, cells(table))] == lines


def test_commas_in_unquoted_comments_do_not_make_the_comma_the_delimiter() -> None:
    table = from_text("id;why, or why not?\n1;well, fine\n2;no, not, really\n3;yes\n")
    assert cells(table) == [("1", "well, fine"), ("2", "no, not, really"), ("3", "yes")]


def test_a_lone_column_with_commas_stays_one_column() -> None:
    assert cells(from_text("comment\nfine, really\nno\nslow, dear, rude\n")) == [
        ("fine, really",),
        ("no",),
        ("slow, dear, rude",),
    ]


def test_excels_sep_line_names_the_delimiter_and_is_no_row() -> None:
    table = from_text("sep=;\nid;comment\n1;a,b\n")
    assert (table.header, table.rows[0].number) == (("id", "comment"), 2)


def test_a_quoted_cell_keeps_line_breaks_and_doubled_marks() -> None:
    assert cells(from_text('id,c\n1,"a\r\nb ""c"""\n2,d\n')) == [("1", 'a\nb "c"'), ("2", "d")]


def test_rows_are_numbered_as_records_and_problems_name_the_line() -> None:
    table = from_text('id,a,b\n1,"two\nlines",x\n2,y\n')
    assert table.rows[1].number == 3
    assert table.problems == (
        "row 3 (line 4): 2 cells under 3 columns; the missing ones were read as empty",
    )


def test_a_short_row_is_padded() -> None:
    assert cells(from_text("id,a,b\n1,x,y\n2,y\n"))[1] == ("2", "y", "")


def test_filled_cells_beyond_the_header_are_kept_and_reported() -> None:
    table = from_text("id,a\n1,x\n2,good, but, slow\n3,y\n4,z\n")
    assert table.header == ("id", "a", "(extra)")
    assert cells(table)[:2] == [("1", "x", ""), ("2", "good", " but, slow")]
    assert any(problem.startswith("row 3 (line 3): 4 cells") for problem in table.problems)


def test_empty_cells_beyond_the_header_go_without_a_word() -> None:
    table = from_text("id,a\n1,x,,\n2,y\n")
    assert (table.header, table.problems) == (("id", "a"), ())


def test_many_problems_of_one_kind_are_counted_and_not_all_listed() -> None:
    table = from_text("id,a,b\n" + "1,x\n" * 50)
    assert len(table.problems) == 21
    assert table.problems[-1] == "and 30 more row(s) with fewer cells"


def test_nameless_and_equal_headers_become_unique_and_are_reported() -> None:
    table = from_text("id,Comment,,Comment,Comment (2)\n1,a,b,c,d\n")
    assert table.header == ("id", "Comment", "column 3", "Comment (3)", "Comment (2)")
    assert len(table.problems) == 2


def test_a_nameless_last_column_without_a_cell_is_no_column() -> None:
    assert from_text("id,a,\n1,x,\n2,y,\n").header == ("id", "a")


def test_blank_rows_are_left_out_but_counted_in_the_numbers() -> None:
    table = from_text("id,a\n1,x\n\n,\n2,y\n\n\n")
    assert [row.number for row in table.rows] == [2, 5]
    assert table.problems == ("row 3 (line 3): empty, left out", "row 4 (line 4): empty, left out")


def test_an_open_quotation_mark_is_an_error_that_names_its_row() -> None:
    with pytest.raises(SourceError, match=r"row 3 \(line 3\).*never closed"):
        from_text('id,a\n1,x\n2,"never closed\n3,y\n4,z,z\n')


def test_marks_that_do_not_quote_are_read_as_words_where_all_rows_fit() -> None:
    table = from_text('id\ta\n1\t"Fine he said\n2\tok\n')
    assert cells(table) == [("1", '"Fine he said'), ("2", "ok")]
    assert table.problems == ("quotation marks are not in pairs; read as part of the words",)


def test_windows_1252_is_read() -> None:
    table = read_table("id;c\n1;schön – 5 €\n".encode("cp1252"), PurePath("a.csv"))
    assert (cells(table), table.encoding) == ([("1", "schön – 5 €")], "cp1252")


def test_a_field_larger_than_the_csv_modules_default_is_read() -> None:
    before = csv.field_size_limit()
    table = from_text(f"id,c\n1,{'x' * 200_000}\n")
    assert len(table.rows[0].cells[1]) == 200_000
    assert csv.field_size_limit() == before


def test_a_cell_above_a_million_characters_is_an_error() -> None:
    with pytest.raises(SourceError, match="1,000,000"):
        from_text(f"id,c\n1,{'x' * 1_000_001}\n")


def test_more_than_two_thousand_columns_are_an_error() -> None:
    with pytest.raises(SourceError, match="2,001 columns"):
        from_text(",".join(f"c{i}" for i in range(2001)) + "\n" + "x," * 2000 + "x\n")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \n\n ", "empty"),
        (b",,\n,,\n", "empty"),
        (b"id,comment\n", "header and no rows"),
        (b"id,a\x00\x00\x00\x01\x02\n1,2\n", "binary"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b'{"rows": []}', "JSON"),
    ],
)
def test_what_is_no_table_is_called_what_it_seems_to_be(data: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        read_table(data, PurePath("a.csv"))
    assert caught.value.message.startswith("a.csv: ")
    assert caught.value.hint


def test_text_called_xlsx_is_read_as_text_and_reported() -> None:
    table = from_text("id,c\n1,x\n", "a.xlsx")
    assert (table.format, len(table.problems)) == ("csv", 1)


cell_text = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n,;\t|"'))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(cell_text, cell_text), min_size=1, max_size=8))
def test_every_cell_of_a_quoted_csv_comes_back_verbatim(rows: list[tuple[str, str]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([("n", "one", "two"), *((str(i), *row) for i, row in enumerate(rows))])
    assert [row[1:] for row in cells(from_text(stream.getvalue()))] == rows
