"""Taking the codes of a file over."""

from dataclasses import replace

import pytest

from qualcode.codebook import Codebook
from qualcode.codebook.codes import Code
from qualcode.codebook.edits import moved, renamed, retired
from qualcode.codebook.importing import imported
from qualcode.errors import CodebookError
from tests.codebook_sample import BOOK


def ids(book: Codebook) -> list[str]:
    return [code.id for code in book.codes]


def test_its_own_codes_leave_a_book_as_it_is() -> None:
    assert imported(BOOK, BOOK.codes) == BOOK


def test_codes_that_the_file_lacks_are_retired_where_they_stand() -> None:
    book = imported(BOOK, [c for c in BOOK.codes if c.id not in ("pay", "dear")])
    assert ids(book) == ids(BOOK)
    assert {c.id for c in book.codes if c.status == "retired"} == {"pay", "dear"}


def test_codes_that_the_file_lacks_stay_when_that_is_wanted() -> None:
    new = Code("lost", "Getting lost", "pain_point")
    book = imported(BOOK, [new], keep_missing=True)
    assert book.codes == (*BOOK.codes, new)


def test_the_order_is_the_files() -> None:
    other = moved(BOOK, "return", before="find")
    assert imported(BOOK, other.codes) == other


def test_a_code_is_known_by_its_name_or_a_former_one_where_the_id_is_another() -> None:
    book = renamed(BOOK, "wait", "It takes ages")
    for name in ("IT TAKES AGES", "Waiting"):
        row = Code("some_id", name, "pain_point", definition="New.")
        made = imported(book, [row], keep_missing=True)
        assert "some_id" not in ids(made)
        assert made.code("wait").definition == "New."


def test_references_inside_the_file_follow_the_codes_that_it_knows_otherwise() -> None:
    rows = [
        Code("waiting", "Waiting", "pain_point"),
        Code("waiting_paper", "Waiting for paper", "pain_point", parent="waiting"),
    ]
    assert imported(BOOK, rows, keep_missing=True).code("waiting_paper").parent == "wait"


def test_another_name_in_the_file_is_a_rename_and_changes_no_meaning() -> None:
    codes = [replace(c, name="I wait") if c.id == "wait" else c for c in BOOK.codes]
    book = imported(BOOK, codes)
    assert book == renamed(BOOK, "wait", "I wait")
    assert book.meaning("pain_point") == BOOK.meaning("pain_point")


def test_columns_that_a_table_lacks_keep_their_values() -> None:
    rows = [Code("wait", "wait", "theme", definition="New.")]
    book = imported(BOOK, rows, columns=("id", "definition"), keep_missing=True)
    assert book.code("wait") == replace(BOOK.code("wait"), definition="New.")


def test_a_cell_that_a_table_leaves_empty_empties_the_value() -> None:
    rows = [Code("wait", "Waiting", "pain_point")]
    book = imported(BOOK, rows, columns=("id", "name", "definition"), keep_missing=True)
    assert book.code("wait").definition == ""
    assert book.code("wait").include == BOOK.code("wait").include


def test_a_table_of_names_alone_finds_its_codes_in_any_family() -> None:
    rows = [Code("clear_signs", "Clear signs", "theme", owner="Ada")]
    book = imported(BOOK, rows, columns=("name", "owner"), keep_missing=True)
    assert book.code("sign") == replace(BOOK.code("sign"), owner="Ada")


def test_a_retired_code_comes_back_when_the_file_has_it_in_use() -> None:
    assert imported(retired(BOOK, "dear"), BOOK.codes) == BOOK


def test_two_rows_for_one_code_are_refused() -> None:
    rows = [Code("wait", "Waiting", "pain_point"), Code("waiting", "waiting", "pain_point")]
    with pytest.raises(CodebookError, match="two codes of the file are 'wait'"):
        imported(BOOK, rows, keep_missing=True)


def test_an_outcome_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(CodebookError, match="'nobody' is not a code"):
        imported(BOOK, [Code("x", "X", "need", parent="nobody")], keep_missing=True)
