"""What the coder knows of the default codebook's codes beside their definitions."""

from dataclasses import replace

import numpy as np
import pytest

from qualcode.codebook import Codebook, load_codebook
from qualcode.coders.local.known import KNOWN_FAMILIES, known_codes
from qualcode.resources import default_codebook_path


@pytest.fixture(scope="module")
def book() -> Codebook:
    return load_codebook(default_codebook_path())


@pytest.mark.parametrize("family", KNOWN_FAMILIES)
def test_every_code_of_the_default_book_is_known_as_it_stands(book: Codebook, family: str) -> None:
    known = known_codes(family, book.family(family))
    assert known is not None and (known.weights != 0).any(axis=0).all()


def test_a_code_whose_definition_was_changed_goes_by_its_definition_alone(book: Codebook) -> None:
    first, *others = book.family("emotion")
    changed = replace(first, definition=f"{first.definition} And more.")
    known = known_codes("emotion", [changed, *others])
    assert known is not None
    evidence, vectors = np.full((2, len(known.bias)), -1.5), np.ones((2, 384)) / 384**0.5
    assert known(evidence, vectors)[:, 0].tolist() == [-1.5, -1.5]
    assert (known(evidence, vectors)[:, 1:] != -1.5).all()


def test_a_renamed_code_stays_known(book: Codebook) -> None:
    codes = [replace(code, name=f"Our {code.name}") for code in book.family("stage")]
    assert known_codes("stage", codes) is not None


def test_a_family_of_mostly_other_codes_is_not_known(book: Codebook) -> None:
    own = [replace(code, definition="Something else.") for code in book.family("pain_point")]
    assert known_codes("pain_point", [*own, book.family("pain_point")[0]]) is None


def test_other_families_are_not_known(book: Codebook) -> None:
    assert known_codes("touchpoint", book.family("touchpoint")) is None


def test_one_changed_stage_lets_all_stages_go_by_their_definitions(book: Codebook) -> None:
    first, *others = book.family("stage")
    assert known_codes("stage", [replace(first, definition="Or so."), *others]) is None
