"""How likely codes apply: definitions, examples, sisters, and the rule that was fitted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from qualcode.codebook import Code
from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import Heads
from qualcode.coders.local.odds import FEATURES, CodeOdds, Read, Rule, load_rules
from qualcode.coders.local.readings import answers, read_answers

PARKING = Code("c_1", "Parking", "theme", definition="Finding or paying for a place for the car.")
FOOD = Code("c_2", "Food", "theme", definition="What there is to eat and drink, and how it tastes.")
WAIT = Code("c_3", "Waiting", "theme", definition="How long it took until one was served.")
TEXTS = (
    "we drove round for half an hour before we found a space",
    "the soup was cold and the bread was stale",
    "it took them ages to get to us",
    "My sister works in an office.",
)


@pytest.fixture(scope="module")
def read() -> Read:
    encoder, heads = Encoder(threads=1), Heads()

    def both(texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        encoded = encoder.read(texts)
        return encoded.vectors.astype(np.float64), answers(heads, encoded)

    return both


def _odds(codes: Sequence[Code], read: Read, texts: Sequence[str] = TEXTS) -> NDArray[np.float64]:
    units, given = read(texts)
    return CodeOdds(codes, read, load_rules())(units, read_answers(given))[0]


def test_a_text_is_likeliest_what_its_definition_says(read: Read) -> None:
    odds = _odds((PARKING, FOOD, WAIT), read)
    assert odds[:3].argmax(axis=1).tolist() == [0, 1, 2]


def test_what_is_about_nothing_of_the_family_is_unlikely_for_every_code(read: Read) -> None:
    odds = _odds((PARKING, FOOD, WAIT), read)
    assert odds[3].max() < min(odds[row, row] for row in range(3))


def test_a_family_of_one_code_can_say_no(read: Read) -> None:
    odds = _odds((FOOD,), read)
    assert odds[1, 0] > odds[3, 0] + 1


def test_examples_draw_texts_like_them_to_their_code(read: Read) -> None:
    def with_examples(code: Code, *examples: str) -> Code:
        return Code(code.id, code.name, code.family, code.definition, examples=examples)

    vague = Code("c_4", "Theme four", "theme", definition="Coded by the second team.")
    before = _odds((PARKING, vague), read, ["The lift was out of order again."])
    after = _odds(
        (
            with_examples(PARKING, "No space left in the garage."),
            with_examples(vague, "The lift does not work.", "Again no lift, we took the stairs."),
        ),
        read,
        ["The lift was out of order again."],
    )
    assert after[0, 1] - after[0, 0] > before[0, 1] - before[0, 0]
    assert after[0, 1] > after[0, 0] + 1


def test_a_nearer_counter_example_speaks_against_a_code(read: Read) -> None:
    text = "the soup was cold and the bread was stale"
    against = Code(
        FOOD.id, FOOD.name, FOOD.family, FOOD.definition, counter_examples=("The soup was cold.",)
    )
    (plain,) = _odds((FOOD, PARKING), read, [text])
    (warned,) = _odds((against, PARKING), read, [text])
    assert warned[0] < plain[0]


def test_a_text_has_the_same_odds_whatever_stands_beside_it(read: Read) -> None:
    together = _odds((PARKING, FOOD, WAIT), read)
    alone = np.concatenate([_odds((PARKING, FOOD, WAIT), read, [text]) for text in TEXTS])
    assert together.tobytes() == alone.tobytes()


def test_a_rule_adds_up_its_features() -> None:
    rule = Rule(("a", "b"), np.array([2.0, -1.0]), 0.5)
    assert rule.odds(np.array([[1.0, 1.0], [0.0, 3.0]])).tolist() == [1.5, -2.5]


def test_the_rules_that_ship_know_the_features_of_their_judges() -> None:
    from qualcode.coders.local import difficulty, emotion, need

    rules = load_rules()
    assert rules["definitions"].features == rules["examples"].features == FEATURES
    assert rules["pain_point"].features == rules["strength"].features == difficulty.FEATURES
    for family in ("pain_point", "strength"):
        assert rules[f"{family}:code"].features == difficulty.CODE_FEATURES
    assert rules["emotion"].features == emotion.FEATURES
    assert rules["need"].features == need.FEATURES
    assert all(0 < rule.cut < 1 for rule in rules.values())
