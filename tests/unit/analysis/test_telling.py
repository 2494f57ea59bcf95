"""Sentences that tell what people did and thought are cut from their words, a few a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.analysis.evidence import Evidence
from qualcode.analysis.telling import doing, thinking
from qualcode.records import Coding, Rationale


def marks(*texts: str, score: float = 0.5) -> tuple[list[Evidence], dict[str, str]]:
    """Give one stage coding a text, each of a person of its own."""
    found = []
    for n, text in enumerate(texts):
        coding = Coding(
            *(f"c{n}", f"d{n}", f"s{n}", 3, 3 + len(text), "stage", "use", "local:x", score),
            Rationale("head", ""),
        )
        found.append(Evidence(coding, n, f"P{n}", "use", None))
    return found, {f"d{n}": f"P: {text}" for n, text in enumerate(texts)}


def words(quotes: object, texts: dict[str, str]) -> list[str]:
    return [texts[q.document_id][q.start_char : q.end_char] for q in quotes]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "sentence",
    [
        "I rang them twice about the bill.",
        "So we ended up buying another one at the market.",
        "I'd already booked the whole day off for it.",
        "And then I just went and got the bus home again.",
        "I rang them about the £103.61 and cancelled it.",
    ],
)
def test_an_action_told_in_the_first_person_is_doing(sentence: str) -> None:
    found, texts = marks(f"It was cold. {sentence} Never mind.")
    assert words(doing(found, texts), texts) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "I thought, who do I believe now?",
        "We weren't sure whether it was us or the line.",
        "I had no idea that it would take so long.",
        "It made me wonder whether they had read it.",
    ],
)
def test_a_thought_told_in_the_first_person_is_thinking(sentence: str) -> None:
    found, texts = marks(f"It was cold. {sentence} Never mind.")
    assert words(thinking(found, texts), texts) == [sentence]
    assert doing(found, texts) == ()


@pytest.mark.parametrize(
    "text",
    [
        "They rang me twice about the bill.",
        "The van came on Tuesday, I think.",
        "You know what I mean, that sort of thing, I suppose.",
        "I rang.",
        "Ich habe dort zweimal angerufen, und niemand wusste etwas.",
    ],
)
def test_others_actions_fillers_scraps_and_other_languages_are_neither(text: str) -> None:
    found, texts = marks(text)
    assert (doing(found, texts), thinking(found, texts)) == ((), ())


def test_nobody_has_more_than_two_sentences() -> None:
    found, texts = marks(" ".join(f"I rang them about bill number {n} again." for n in range(5)))
    assert len(doing(found, texts)) == 2


def test_a_sentence_of_a_readable_length_that_begins_with_it_comes_first() -> None:
    late = "After all of that, with the rain and the two dogs and everything else, I rang them."
    found, texts = marks(late, "I rang them twice about the very same bill.")
    assert words(doing(found, texts), texts)[0].startswith("I rang them twice")


@given(st.lists(st.text(alphabet="I rang thought. ?!…\n\u202e🤬we", max_size=80), max_size=4))
def test_every_quote_lies_inside_its_coding_and_begins_and_ends_with_a_word(
    lines: list[str],
) -> None:
    found, texts = marks(*lines)
    for quote in (*doing(found, texts), *thinking(found, texts)):
        number = int(quote.document_id[1:])
        assert 3 <= quote.start_char < quote.end_char <= 3 + len(lines[number])
        text = texts[quote.document_id][quote.start_char : quote.end_char]
        assert text == text.strip()
