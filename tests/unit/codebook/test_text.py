"""Changing a codebook's file leaves what did not change to the letter."""

import difflib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.codebook import Codebook, parse_codebook
from qualcode.codebook.codes import Code
from qualcode.codebook.edits import added, merged, moved, renamed, retired, split
from qualcode.codebook.text import rewritten
from qualcode.resources import default_codebook_path
from tests.codebook_sample import BOOK, TEXT


def parsed(text: str) -> Codebook:
    return parse_codebook(text, Path("codebook.yaml"))


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_an_unchanged_book_is_the_same_text() -> None:
    assert rewritten(TEXT, BOOK, BOOK) == TEXT


def test_a_rename_changes_the_line_of_the_name_and_keeps_its_remark() -> None:
    made = rewritten(TEXT, BOOK, renamed(BOOK, "wait", "I wait"))
    assert changed_lines(TEXT, made) == [
        '-     name: "Waiting"  # agreed in May',
        "+     name: I wait  # agreed in May",
        "+     former_names:",
        "+       - Waiting",
    ]


def test_a_merge_changes_only_the_codes_that_it_touches() -> None:
    made = rewritten(TEXT, BOOK, merged(BOOK, ["broken"], "dear"))
    assert changed_lines(TEXT, made) == [
        "-     status: active",
        "+     status: retired",
        "+     merged_into: dear",
    ]


def test_a_code_that_moves_takes_its_comment_along() -> None:
    made = rewritten(TEXT, BOOK, moved(BOOK, "dear", before="wait"))
    lines = made.splitlines()
    at = lines.index("  # The last one is on trial.")
    assert lines[at + 1] == "  - id: dear"
    assert at < lines.index("  - id: wait")
    assert sorted(lines) == sorted(TEXT.splitlines())


def test_a_new_code_stands_between_the_others_in_their_layout() -> None:
    code = Code("lost", "Getting lost", "pain_point", include=("lost",), valence=-1.0)
    made = rewritten(TEXT, BOOK, added(BOOK, code))
    assert changed_lines(TEXT, made) == [
        "+   - id: lost",
        "+     name: Getting lost",
        "+     family: pain_point",
        "+     include:",
        "+       - lost",
        "+     status: active",
        "+     valence: -1.0",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda book: renamed(book, "find", "Look for a place"),
        lambda book: merged(book, ["wait", "broken"], "dear"),
        lambda book: split(book, "wait", ["Waiting to enter", "Waiting to pay"]),
        lambda book: moved(book, "return", before="find"),
        lambda book: moved(book, "wait_exit", parent=""),
        lambda book: retired(book, "sign"),
    ],
)
def test_what_is_taken_back_leaves_every_comment_where_it_was(
    change: Callable[[Codebook], Codebook],
) -> None:
    there = change(BOOK)
    made = rewritten(TEXT, BOOK, there)
    assert parsed(made) == there
    back = rewritten(made, there, BOOK)
    assert parsed(back) == BOOK
    comments = [line for line in TEXT.splitlines() if "#" in line]
    assert [line.replace('"', "") for line in back.splitlines() if "#" in line] == [
        line.replace('"', "") for line in comments
    ]


def test_windows_line_ends_stay() -> None:
    made = rewritten(TEXT.replace("\n", "\r\n"), BOOK, renamed(BOOK, "sign", "Signs"))
    assert made.count("\r\n") == made.count("\n")
    assert parsed(made) == renamed(BOOK, "sign", "Signs")


@pytest.mark.parametrize(
    "text",
    [
        "codes: [{id: a, name: A, family: need}, {id: b, name: B, family: need}]\n",
        "codes:\n- {id: a, name: A, family: need}\n# about b\n- {id: b, name: B, family: need}\n",
        "codes:\n  -\n    id: a\n    name: A\n    family: need\n  -\n    id: b\n    family: need\n",
        "codes:\n- definition: |\n    Two\n    # lines\n\n  id: a\n  family: need\n"
        "- id: b\n  family: need\n",
        '{"codes": [{"id": "a", "name": "A", "family": "need"}, {"id": "b", "family": "need"}]}',
        "codes:\n- &one\n  id: a\n  family: need\n  examples: &e [x]\n"
        "- id: b\n  family: need\n  examples: *e\n",
    ],
)
def test_whatever_the_layout_the_text_reads_as_the_book_that_was_asked_for(text: str) -> None:
    book = parsed(text)
    codes = (
        replace(book.codes[1], name="Bee", examples=("One: “two”", "# three", "four\nlines")),
        replace(book.codes[0], definition="Not: this", status="retired", merged_into="b"),
        Code("c", "Ünïcode: yes", "need", valence=-1.5),
    )
    asked = replace(book, codes=codes)
    assert parsed(rewritten(text, book, asked)) == asked


def test_the_default_book_changes_by_the_lines_that_it_must() -> None:
    text = default_codebook_path().read_text(encoding="utf-8")
    book = parsed(text)
    made = rewritten(text, book, retired(book, "pain_waiting"))
    assert changed_lines(text, made) == ["-     status: active", "+     status: retired"]
