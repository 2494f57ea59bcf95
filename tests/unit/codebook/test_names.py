"""Which code a person means."""

import pytest

from qualcode.codebook.codes import Code
from qualcode.codebook.edits import added, renamed, retired
from qualcode.codebook.names import codes_called, find_code
from qualcode.errors import UsageError
from tests.codebook_sample import BOOK

RENAMED = renamed(BOOK, "wait", "It takes ages")


@pytest.mark.parametrize("asked", ["wait", "WAIT", "it takes AGES", " Waiting ", "waiting"])
def test_a_code_is_found_by_id_name_and_former_name_in_any_case(asked: str) -> None:
    assert find_code(RENAMED, asked).id == "wait"


def test_a_name_in_use_goes_before_a_former_one() -> None:
    book = added(RENAMED, Code("new", "Waiting", "pain_point"))
    assert find_code(book, "waiting").id == "new"


def test_a_code_in_use_goes_before_a_retired_one() -> None:
    book = added(retired(BOOK, "sign"), Code("signs", "Clear signs", "stage"))
    assert find_code(book, "Clear signs").id == "signs"
    assert find_code(book, "sign").status == "retired"


def test_a_name_of_two_families_asks_for_the_id() -> None:
    book = added(BOOK, Code("waiting_2", "Waiting", "need"))
    with pytest.raises(UsageError, match="several codes") as caught:
        find_code(book, "Waiting")
    assert caught.value.hint == "use the id: wait (pain_point), waiting_2 (need)"
    assert find_code(book, "Waiting", families=["need"]).id == "waiting_2"
    assert len(codes_called(book, "Waiting")) == 2


def test_what_no_code_is_called_is_told_with_what_is_near() -> None:
    with pytest.raises(UsageError, match="no code is called 'Wating'") as caught:
        find_code(BOOK, "Wating")
    assert "Waiting" in (caught.value.hint or "")
