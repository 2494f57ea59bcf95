"""Words that state how many are found in several languages; ordinary ones are let pass."""

from __future__ import annotations

import pytest

from qualcode.coders.llm.words_numbers import states_a_number


@pytest.mark.parametrize(
    "text",
    [
        "3 of 5 people waited",
        "Three of five people waited",
        "Most customers wait",
        "Half of them gave up",
        "A third of them gave up",
        "40 % gave up",
        "A large percentage gave up",
        "Forty per cent gave up",
        "They waited twice",
        "Everyone waited",
        "All customers waited",
        "They all waited",
        "One of them rang",
        "Only one rang",
        "None of them rang",
        "Many rang, few were called back",
        "The majority rang",
        "٣ rang",
        "Ⅳ rang",
        "Die meisten warten",
        "Zwei von ihnen warten",
        "Alle Kunden warten",
        "La plupart attendent",
        "La moitié attend",
        "La mayoría espera",
        "La maggior parte aspetta",
        "A maioria espera",
        "De meeste klanten wachten",
        "Fu\u0308nf warten",
    ],
)
def test_a_word_for_how_many_is_found(text: str) -> None:
    assert states_a_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "They wait, and no answer comes.",
        "Nobody tells them when it comes.",
        "What matters most is a firm date.",
        "The most annoying part is the form.",
        "They do not mind at all once it has come.",
        "Someone has to be at home.",
        "They want one price that stays.",
        "Often the van does not come.",
        "Sie sei einmal abgewiesen worden, sagt sie.",
        "Die Rechnung ist schwer zu lesen.",
        "Ils attendent sans nouvelles.",
        "The bill is due before it works.",
        "Alle persone serve chiarezza.",
    ],
)
def test_a_sentence_that_counts_nothing_passes(text: str) -> None:
    assert not states_a_number(text)
