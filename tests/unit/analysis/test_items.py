"""Which segments criteria are made of, and which speak against them."""

from __future__ import annotations

import pytest
from criteria_sample import BOOK, Said, study

from qualcode.analysis.items import Item, gather_items, telling
from qualcode.records import Role


def items(*said: Said) -> list[Item]:
    return gather_items(study(said)[0], BOOK)


def scored(codes: dict[str, float]) -> Item:
    """Return one segment with codes of these scores."""
    (item,) = items(Said("P0", 0, tuple(codes), scores=tuple(codes.values())))
    return item


@pytest.mark.parametrize(
    ("codes", "is_item"),
    [
        (("wait",), True),
        (("speed",), True),
        (("quick",), True),
        (("hurt",), False),
        (("join",), False),
    ],
)
def test_needs_pains_and_praise_make_items_emotions_and_stages_alone_do_not(
    codes: tuple[str, ...], is_item: bool
) -> None:
    assert bool(items(Said("P0", 0, codes))) is is_item


@pytest.mark.parametrize("role", [Role.INTERVIEWER, Role.UNKNOWN])
def test_only_participants_words_are_items(role: Role) -> None:
    assert items(Said("P0", 0, role=role)) == []


def test_an_item_holds_its_codings_by_what_they_say() -> None:
    (item,) = items(Said("P0", 0, ("join", "hurt", "quick", "wait", "trust")))
    assert {c.code for c in item.codings} == {"wait", "trust"}
    assert [e.coding.code for e in item.felt] == ["hurt"]
    assert [e.coding.code for e in item.praise] == ["quick"]
    assert (item.stage, item.valence, item.person) == ("join", -1.0, "P0")


def test_praise_that_is_stronger_than_the_pain_beside_it_is_content() -> None:
    assert scored({"wait": 0.5, "quick": 0.9}).is_content


@pytest.mark.parametrize(
    "codes",
    [
        {"wait": 0.9, "quick": 0.5},
        {"wait": 0.9, "quick": 0.9},
        {"quick": 0.9, "hurt": 0.5},
        {"wait": 0.9},
    ],
)
def test_other_segments_are_not_content(codes: dict[str, float]) -> None:
    assert not scored(codes).is_content


@pytest.mark.parametrize(
    ("codes", "is_mixed"),
    [
        (("wait",), False),
        (("wait", "hurt"), False),
        (("wait", "glad"), True),
        (("wait", "quick"), True),
    ],
)
def test_a_pain_beside_praise_or_a_good_feeling_is_mixed(
    codes: tuple[str, ...], is_mixed: bool
) -> None:
    (item,) = items(Said("P0", 0, codes))
    assert item.is_mixed is is_mixed


def test_a_quote_tells_by_its_score_and_its_length_up_to_fifty_characters() -> None:
    assert (telling(25), telling(50), telling(400)) == (0.5, 1.0, 1.0)
    (item,) = items(Said("P0", 0, text="x" * 25, score=0.8))
    assert item.weight == pytest.approx(0.4)
