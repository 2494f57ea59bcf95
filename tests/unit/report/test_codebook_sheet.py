"""A codebook leaves as a table that reads back, and as a page to read."""

from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.codebook import Codebook, load_codebook
from qualcode.codebook.codes import Code
from qualcode.codebook.edits import merged, renamed
from qualcode.errors import UsageError
from qualcode.report.codebook_sheet import codebook_csv, codebook_xlsx, glossary
from tests.codebook_sample import BOOK

AWKWARD = Codebook(
    "Awkward",
    (
        Code(
            "a",
            "=1+1",
            "need",
            definition='-dash, "quoted"; and\ntwo lines',
            include=("a | b", "back\\slash", "@handle", "two\nlines"),
            examples=("'=quoted", "x_x0041_"),
            former_names=("Old | older",),
            valence=-1.5,
            owner="+49 desk",
        ),
        Code("b", "'-B", "need", status="retired", merged_into="a", split_from=None),
    ),
)


@pytest.mark.parametrize("book", [BOOK, AWKWARD])
@pytest.mark.parametrize(("suffix", "write"), [("csv", codebook_csv), ("xlsx", codebook_xlsx)])
def test_a_table_reads_back_to_the_same_codes(
    tmp_path: Path, book: Codebook, suffix: str, write: object
) -> None:
    path = tmp_path / f"book.{suffix}"
    path.write_bytes(write(book))  # type: ignore[operator]
    assert load_codebook(path).codes == book.codes


def test_no_cell_of_the_csv_runs_as_a_formula() -> None:
    text = codebook_csv(AWKWARD).decode("utf-8-sig")
    assert "'=1+1" in text
    assert not any(cell.startswith(("=", "+", "@")) for cell in text.split(","))


def test_a_text_that_no_cell_holds_is_refused_with_the_code() -> None:
    long = replace(BOOK, codes=(replace(BOOK.codes[0], definition="x" * 40_000), *BOOK.codes[1:]))
    with pytest.raises(UsageError, match="code find: its definition"):
        codebook_xlsx(long)


def test_the_page_numbers_stages_and_says_what_codes_are_and_were() -> None:
    page = glossary(merged(renamed(BOOK, "wait", "It takes ages"), ["broken"], "dear"))
    assert "1. **Find a place** – *Where can I leave the car?*" in page
    assert "- **It takes ages**" in page
    assert "Was called: Waiting." in page
    assert "- Broken machine, now part of “Too dear”" in page


def test_the_page_shows_texts_as_they_are() -> None:
    code = Code("a", "*A* <b>", "need", definition="x | y [z](http://e)")
    page = glossary(Codebook("T", (code,)))
    assert "**\\*A\\* \\<b\\>**" in page
    assert "x \\| y \\[z\\](http://e)" in page
