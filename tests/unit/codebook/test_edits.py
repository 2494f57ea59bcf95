"""Changes of a codebook, each from book to book."""

from collections.abc import Callable

import pytest

from qualcode.codebook import Codebook
from qualcode.codebook.codes import Code
from qualcode.codebook.edits import (
    added,
    free_id,
    merged,
    moved,
    refamilied,
    renamed,
    retired,
    split,
)
from qualcode.errors import CodebookError, QualcodeError, UsageError
from tests.codebook_sample import BOOK


def ids(book: Codebook, family: str) -> list[str]:
    return [code.id for code in book.codes if code.family == family]


def test_a_renamed_code_keeps_its_id_and_its_former_names_oldest_first() -> None:
    book = renamed(renamed(BOOK, "wait", "I wait"), "wait", "It takes ages")
    assert book.code("wait").name == "It takes ages"
    assert book.code("wait").former_names == ("Waiting", "I wait")


def test_a_code_that_gets_its_old_name_back_still_began_with_it() -> None:
    book = renamed(renamed(BOOK, "wait", "I wait"), "wait", "Waiting")
    assert book.code("wait").first_name == "Waiting"
    assert book.code("wait").name == "Waiting"


def test_a_rename_changes_no_meaning() -> None:
    assert renamed(BOOK, "wait", "I wait").meaning("pain_point") == BOOK.meaning("pain_point")


def test_merged_codes_are_retired_and_those_beneath_move_to_the_survivor() -> None:
    book = merged(BOOK, ["wait", "broken"], "dear")
    assert {code.id for code in book.codes if code.merged_into == "dear"} == {"wait", "broken"}
    assert [code.id for code in book.family("pain_point")] == ["wait_exit", "dear"]
    assert book.code("wait_exit").parent == "dear"


def test_a_code_merged_into_one_beneath_it_leaves_no_circle() -> None:
    book = merged(BOOK, ["wait"], "wait_exit")
    assert book.code("wait_exit").parent is None
    assert book.standing("wait") == "wait_exit"


def test_codings_follow_a_chain_of_merges() -> None:
    book = merged(merged(BOOK, ["wait"], "broken"), ["broken"], "dear")
    assert book.standing("wait") == "dear"


def test_the_parts_of_a_split_code_stand_where_it_stood_and_say_where_they_are_from() -> None:
    book = split(BOOK, "wait_exit", ["At the barrier", "In the ramp"])
    assert ids(book, "pain_point")[1:4] == ["wait_exit", "at_the_barrier", "in_the_ramp"]
    parts = [code for code in book.codes if code.split_from == "wait_exit"]
    assert [(code.name, code.parent) for code in parts] == [
        ("At the barrier", "wait"),
        ("In the ramp", "wait"),
    ]
    assert book.code("wait_exit").status == "retired"


def test_codes_beneath_a_retired_code_move_up() -> None:
    assert retired(BOOK, "wait").code("wait_exit").parent is None


def test_a_code_moves_before_and_after_others_of_its_family() -> None:
    assert ids(moved(BOOK, "return", before="find"), "stage") == ["return", "find", "pay"]
    assert ids(moved(BOOK, "find", after="pay"), "stage") == ["pay", "find", "return"]


def test_a_code_moves_under_another_and_to_the_top() -> None:
    book = moved(BOOK, "broken", parent="wait")
    assert book.code("broken").parent == "wait"
    assert moved(book, "broken", parent="").code("broken").parent is None


def test_a_new_code_stands_at_the_end_of_its_family_or_where_it_is_put() -> None:
    code = Code("lost", "Getting lost", "pain_point")
    assert ids(added(BOOK, code), "pain_point")[-1] == "lost"
    assert ids(added(BOOK, code, before="wait"), "pain_point")[0] == "lost"


def test_a_code_of_another_family_stands_at_that_familys_end() -> None:
    book = refamilied(BOOK, "dear", "need")
    assert ids(book, "need") == ["sign", "dear"]
    assert "dear" not in ids(book, "pain_point")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Late again!", "late_again"),
        ("Waiting", "waiting"),
        ("Wait", "wait_2"),
        ("3 weeks", "pain_point_3_weeks"),
        ("Ожидание", "pain_point"),
    ],
)
def test_an_id_comes_from_the_name_and_is_free(name: str, expected: str) -> None:
    assert free_id(BOOK, name, "pain_point") == expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b: renamed(b, "wait", " "), "empty"),
        (lambda b: renamed(b, "wait", "Waiting"), "already"),
        (lambda b: renamed(b, "wait", "broken machine"), "used twice"),
        (lambda b: renamed(b, "gone", "X"), "no code 'gone'"),
        (lambda b: merged(b, ["wait"], "wait"), "into itself"),
        (lambda b: merged(b, ["wait"], "sign"), "of family"),
        (lambda b: merged(b, ["wait"], "gone"), "no code 'gone'"),
        (lambda b: merged(merged(b, ["wait"], "dear"), ["wait"], "broken"), "already"),
        (lambda b: merged(retired(b, "dear"), ["wait"], "dear"), "is retired"),
        (lambda b: split(b, "wait", ["One"]), "two or more"),
        (lambda b: split(b, "wait", ["One", "Broken machine"]), "used twice"),
        (lambda b: split(retired(b, "wait"), "wait", ["One", "Two"]), "is retired"),
        (lambda b: retired(retired(b, "wait"), "wait"), "is retired"),
        (lambda b: moved(b, "wait"), "where to"),
        (lambda b: moved(b, "wait", before="dear", after="dear"), "where to"),
        (lambda b: moved(b, "wait", before="wait"), "beside itself"),
        (lambda b: moved(b, "wait", before="sign"), "of family need"),
        (lambda b: moved(b, "wait", parent="wait_exit"), "ancestor"),
        (lambda b: moved(b, "wait", parent="sign"), "another family"),
        (lambda b: refamilied(b, "wait", "need"), "wait_exit hang on it"),
        (lambda b: refamilied(b, "dear", "pain_point"), "already"),
        (lambda b: added(b, Code("wait", "New", "need")), "used 2 times"),
        (lambda b: added(b, Code("New One", "New", "need")), "lower-case"),
        (lambda b: added(b, Code("new", "New", "pain_point", parent="gone")), "not a code"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(
    change: Callable[[Codebook], Codebook], words: str
) -> None:
    with pytest.raises(QualcodeError, match=words) as caught:
        change(BOOK)
    assert isinstance(caught.value, UsageError | CodebookError)
