"""The sentence in which a customer says what a criterion is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from criteria_sample import BOOK, Said, by_about, study, talk

from qualcode.analysis.criteria import draft_criteria
from qualcode.analysis.own_words import sentences
from qualcode.codebook import Codebook


def embedding(near: Mapping[str, float]) -> Any:
    """Return vectors along the first axis as far as `near` says, by words that a text holds."""

    def embed(texts: Sequence[str]) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
        found = {}
        for text in texts:
            along = max((v for words, v in near.items() if words in text), default=0.0)
            row = np.zeros(384, dtype=np.float32)
            row[0], row[1] = along, np.sqrt(1 - along**2)
            found[text] = row
        return found

    return embed


def own_words(said: list[Said], embed: Any = None, about: int = 0) -> str | None:
    corpus, vectors = study(said)
    made = draft_criteria(
        corpus,
        BOOK,
        vectors,
        seed=1,
        code_vectors={"speed": np.eye(384, dtype=np.float32)[0]},
        embed=embed,
        n_draws=3,
    )
    quote = by_about(made, said)[about].in_their_words
    return None if quote is None else corpus.documents[0].text[quote.start_char : quote.end_char]


LONG = "and then we went on and on and on and on and on and on and on and on and on and on and on."


def with_texts(*texts: str) -> list[Said]:
    said = talk(6)
    for person, text in enumerate(texts):
        said[3 * person] = replace(said[3 * person], text=text)
    return said


def test_the_customers_words_are_the_sentence_nearest_to_what_the_group_said() -> None:
    said = with_texts(
        *["Other words that nobody will choose."] * 5, "Hm. It took four weeks to come. Really."
    )
    assert own_words(said, embedding({"four weeks": 0.9})) == "It took four weeks to come."


def test_the_customers_words_have_four_to_twenty_five_words() -> None:
    said = with_texts("Too slow.", f"Waiting {LONG}", *["This is the one that fits here."] * 4)
    found = own_words(said, embedding({"slow": 1.0, "Waiting": 1.0, "fits": 0.1}))
    assert found == "This is the one that fits here."


def test_words_that_praise_as_well_are_not_taken() -> None:
    said = with_texts("It was quick as a flash, really.", *["We had to wait for all of it."] * 5)
    said[0] = replace(said[0], codes=("wait", "quick"))
    assert own_words(said, embedding({"flash": 1.0})) == "We had to wait for all of it."


def test_words_that_sound_like_what_works_come_after_all_others() -> None:
    examples = {"wait": ("I had to wait all day.",), "quick": ("They came at once.",)}
    codes = [replace(c, examples=examples.get(c.id, ())) for c in BOOK.codes]
    texts = ["Nobody waits with these people here.", *["Hours went by for us there."] * 5]
    corpus, vectors = study(with_texts(*texts))
    # The first sentence lies nearest to the need by far, and a little nearer to what works than to
    # what is missing.
    near = {"Nobody waits": 0.95, "at once": 0.96, "all day": 0.93, "Hours": 0.2}
    made = draft_criteria(
        corpus, Codebook("test", tuple(codes)), vectors, seed=1, embed=embedding(near), n_draws=3
    )
    quote = by_about(made, talk(6))[0].in_their_words
    assert quote is not None
    text = corpus.documents[0].text[quote.start_char : quote.end_char]
    assert text == "Hours went by for us there."


def test_without_an_encoder_the_most_telling_segment_speaks() -> None:
    said = with_texts(
        *["Short words here, no more."] * 5, "Somebody has to tell us how long this will take."
    )
    assert own_words(said) == "Somebody has to tell us how long this will take."


def test_where_no_sentence_fits_there_are_no_words() -> None:
    assert own_words(with_texts(*["Slow!"] * 6)) is None


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("One. Two two!  Three?", ["One.", "Two two!", "Three?"]),
        ("Mrs. Kaur rang. She waited.", ["Mrs. Kaur rang.", "She waited."]),
        ("no end\n\n  next line ", ["no end", "next line"]),
        ("", []),
        ("\n \n", []),
        ("good.Bad as one", ["good.Bad as one"]),
    ],
)
def test_sentences_are_cut_without_the_space_around_them(text: str, cut: list[str]) -> None:
    assert [span.of(text) for span in sentences(text)] == cut
