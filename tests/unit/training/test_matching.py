"""What the matcher learns from, as far as it lies in the project."""

from __future__ import annotations

import csv
import random
from collections import Counter
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook
from qualcode.resources import default_codebook_path
from training.matching import (
    DEFAULT_BOOK,
    DEFINITIONS_DIR,
    HELD_BACK_BOOKS,
    WRITTEN_DIR,
    Wording,
    own_books,
    written,
)

KINDS = {"name", "definition", "short", "exclude", "said"}


@pytest.mark.parametrize("path", sorted(WRITTEN_DIR.glob("?.tsv")), ids=lambda path: path.name)
def test_a_written_codebook_has_every_part_of_every_code(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    parts = {(row["codebook"], row["code"], row["kind"]) for row in rows}
    assert {kind for *_, kind in parts} <= KINDS
    for row in rows:
        assert row["text"] == row["text"].strip() != ""
        for code in filter(None, row["code"].split("+")):
            for kind in ("name", "definition", "short"):
                assert (row["codebook"], code, kind) in parts
    said = Counter((r["codebook"], r["text"]) for r in rows if r["kind"] == "said")
    assert [text for text, n in said.items() if n > 1] == []


def test_codebooks_that_chances_are_fitted_on_are_there() -> None:
    assert set(HELD_BACK_BOOKS) < {group.name for group in written()}


def test_what_is_kept_from_the_encoder_is_not_among_what_it_sees() -> None:
    seen = {text for group in written() for text, _ in group.said}
    aside = {text for group in written(aside=True) for text, _ in group.said}
    assert 300 < len(aside) < len(seen)
    assert not aside & seen


def test_written_families_have_the_codes_of_the_default_codebook() -> None:
    book = load_codebook(default_codebook_path())
    for group in written():
        name = group.name.removeprefix("written:")
        if name.startswith(DEFAULT_BOOK):
            codes = {code.id for code in book.family(name.removeprefix(DEFAULT_BOOK))}
            assert set(group.wordings) == codes


def test_own_examples_belong_to_codes_that_have_a_wording() -> None:
    for group in own_books():
        assert {code for _, codes in group.said for code in codes} <= set(group.wordings)


@pytest.mark.parametrize(
    "name", ["clinc150", "nlupp", "multidogo", "goemotions", "jupyter", "tone"]
)
def test_definitions_are_whole(name: str) -> None:
    with (DEFINITIONS_DIR / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert all(row[part] for row in rows for part in ("intent", "name", "definition", "short"))


def test_a_code_is_shown_in_every_way_that_codebooks_have() -> None:
    wording = Wording("Late", "It came late.", "after the promised day", "delays")
    rng = random.Random(1)
    shown = {wording.shown(rng, "late_delivery") for _ in range(200)}
    assert {"Late", "It came late.", "late_delivery", "Late. It came late."} < shown
