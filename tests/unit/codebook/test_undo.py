"""Taking a change back restores what it touched, and refuses where something else did since."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from qualcode.codebook import Codebook
from qualcode.codebook.codes import Code
from qualcode.codebook.edits import added, merged, moved, refamilied, renamed, retired, split
from qualcode.codebook.undo import footprint, restored
from qualcode.errors import UsageError
from tests.codebook_sample import BOOK

Change = Callable[[Codebook], Codebook]
CHANGES: list[Change] = [
    lambda book: renamed(book, "wait", "I wait"),
    lambda book: merged(book, ["wait", "broken"], "dear"),
    lambda book: split(book, "wait", ["One", "Two", "Three"]),
    lambda book: moved(book, "return", before="find"),
    lambda book: moved(book, "broken", parent="wait"),
    lambda book: retired(book, "wait"),
    lambda book: refamilied(book, "dear", "need"),
    lambda book: added(book, Code("lost", "Lost", "stage"), before="find"),
]


def logged(before: Codebook, after: Codebook) -> tuple[dict[str, object], dict[str, object]]:
    """Return the footprint as it comes back from the log."""
    value, replaced = footprint(before, after)
    return tuple(json.loads(json.dumps(v, sort_keys=True)) for v in (value, replaced))  # type: ignore[return-value]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_taken_back_leaves_the_book_as_it_was(change: Change) -> None:
    after = change(BOOK)
    assert after != BOOK
    assert restored(after, *logged(BOOK, after)) == BOOK


@pytest.mark.parametrize("change", CHANGES)
def test_taking_back_can_be_taken_back(change: Change) -> None:
    after = change(BOOK)
    back = restored(after, *logged(BOOK, after))
    assert restored(back, *logged(after, back)) == after


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_elsewhere_since_stays(change: Change) -> None:
    after = change(BOOK)
    later = renamed(after, "sign", "Signs that I see")
    assert restored(later, *logged(BOOK, after)) == renamed(BOOK, "sign", "Signs that I see")


def test_a_code_that_changed_since_in_another_way_is_refused() -> None:
    after = renamed(BOOK, "wait", "I wait")
    later = replace(after, codes=tuple(replace(c, owner="Ada") for c in after.codes))
    with pytest.raises(UsageError, match="wait was changed since"):
        restored(later, *logged(BOOK, after))


def test_an_order_that_changed_since_is_refused() -> None:
    after = moved(BOOK, "return", before="find")
    later = moved(after, "return", after="pay")
    with pytest.raises(UsageError, match="order of .* was changed since"):
        restored(later, *logged(BOOK, after))


def test_a_code_that_others_have_come_to_stand_under_is_refused() -> None:
    after = added(BOOK, Code("lost", "Lost", "pain_point"))
    later = moved(after, "dear", parent="lost")
    with pytest.raises(Exception, match="'lost' is not a code"):
        restored(later, *logged(BOOK, after))


def test_a_footprint_holds_the_touched_codes_only() -> None:
    value, replaced = footprint(BOOK, renamed(BOOK, "wait", "I wait"))
    assert list(value["codes"]) == list(replaced["codes"]) == ["wait"]
    assert "order" not in value


def test_the_footprint_of_a_move_is_the_run_of_codes_that_stand_otherwise() -> None:
    value, replaced = footprint(BOOK, moved(BOOK, "return", before="pay"))
    assert (value["order"], replaced["order"]) == (["return", "pay"], ["pay", "return"])
    assert value["codes"] == {}
